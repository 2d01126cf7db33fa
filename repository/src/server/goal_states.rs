//! Goal states for machines: `GET /goal-states/{name}`, made of the operator's `goal-states/{name}.toml`.
//!
//! Whoever reaches the server may read it, as machines have no certificate here: what is secret in it is encrypted for
//! them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use hostler_contract::registration::ErrorCode;
use sha2::{Digest as _, Sha256};

use super::Server;
use super::answer::{self, Failure};
use super::service::RouteName;
use crate::goal_state::{GoalStateError, renew};

/// The folder in the data folder that the operator's files lie in.
const FOLDER: &str = "goal-states";

/// The document of this name, with the versions that are to be had now.
pub(super) async fn answer(
    State(server): State<Arc<Server>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let mut response = match document(&server, &name).await {
        Ok(text) => {
            let tag = format!("\"{}\"", hex::encode(Sha256::digest(&text)));
            let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
            let mut response = match known == Some(&*tag) {
                true => {
                    let mut response = Response::new(Body::empty());
                    *response.status_mut() = StatusCode::NOT_MODIFIED;
                    response
                }
                false => {
                    let mut response = Response::new(Body::from(text));
                    let json = HeaderValue::from_static("application/json");
                    response.headers_mut().insert(header::CONTENT_TYPE, json);
                    response
                }
            };
            if let Ok(tag) = HeaderValue::from_str(&tag) {
                response.headers_mut().insert(header::ETAG, tag);
            }
            response
        }
        Err(failure) => answer::failure(&failure),
    };
    response.extensions_mut().insert(RouteName("goal-state"));
    response
}

async fn document(server: &Server, name: &str) -> Result<String, Failure> {
    let missing = || Failure::new(ErrorCode::ResourceNotFound, "there is no goal state of this name");
    // It becomes the name of a file. Where hosts fetch from stands in that file: what a client calls this server is not
    // for the others to follow.
    let fits = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !fits || name.is_empty() || name.len() > 64 {
        return Err(missing());
    }
    let folder = server.context.settings.data.join(FOLDER);
    let wanted = folder.join(format!("{name}.toml"));
    if !wanted.is_file() {
        return Err(missing());
    }
    let out = folder.join(format!("{name}.json"));
    let made = renew(&server.context.records, &wanted, &out, None).await;
    made.map(|(text, _)| text).map_err(|error| {
        // What is wrong with the operator's file is for the operator, and not for whoever asks.
        tracing::error!(%error, name, "there is no goal state");
        let code = match error {
            GoalStateError::Records(_) => ErrorCode::ServerBusy,
            _ => ErrorCode::InternalError,
        };
        Failure::new(code, "the goal state cannot be made; the server's log says why")
    })
}
