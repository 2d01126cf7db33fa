//! What hosts fetch: manifests, packages and indexes, as they lie in the stores of the regions.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use hostler_contract::registration::ErrorCode;

use super::Server;
use super::answer::{self, Failure};
use super::service::RouteName;
use crate::published;

/// `GET /published/{region}/{name}`, for everybody: hosts have no certificate.
pub(super) async fn answer(
    State(server): State<Arc<Server>>,
    Path((region, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response<Body> {
    let mut response = match published::find(server.context.regions(), &region, &name).await {
        Ok(Some(served)) => {
            let tag = served.object.tag.as_deref().map(quoted);
            let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
            let unchanged = tag
                .as_deref()
                .is_some_and(|tag| known.is_some_and(|known| matches(known, tag)));
            let mut response = match unchanged {
                true => {
                    let mut response = Response::new(Body::empty());
                    *response.status_mut() = StatusCode::NOT_MODIFIED;
                    response
                }
                false => {
                    let size = served.object.size;
                    let mut response = Response::new(Body::from_stream(served.object.pieces));
                    let headers = response.headers_mut();
                    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
                    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(served.content_type));
                    response
                }
            };
            if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
                response.headers_mut().insert(header::ETAG, tag);
            }
            response
        }
        Ok(None) => answer::failure(&Failure::new(
            ErrorCode::ResourceNotFound,
            "there is nothing of this name",
        )),
        Err(error) => {
            tracing::warn!(%error, region, "what hosts fetch cannot be read");
            let what = "the store of this region cannot be read; try again in a few seconds";
            answer::failure(&Failure::new(ErrorCode::ServerBusy, what))
        }
    };
    response.extensions_mut().insert(RouteName("published"));
    response
}

/// A store's tag as a header has it.
fn quoted(tag: &str) -> String {
    match tag.starts_with('"') || tag.starts_with("W/") {
        true => tag.to_owned(),
        false => format!("\"{tag}\""),
    }
}

/// Whether a list of tags has this one.
fn matches(known: &str, tag: &str) -> bool {
    known
        .split(',')
        .map(str::trim)
        .any(|known| known == tag || known == "*")
}
