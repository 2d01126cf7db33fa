//! Uploads: packages that a publisher puts here by name, and that a MediaLink then leads to.
//!
//! A name has the same bytes for ever. Only who put it there, with the certificate of a subscription that may publish, sees
//! it; hosts get packages by another way, once they are registered.

mod get;
mod list;
mod put;

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request, Response};
use hostler_contract::registration::ErrorCode;
use percent_encoding::percent_decode_str;

use super::answer::{self, Failure};
use super::service::{Asked, RouteName};
use super::{Server, management};
use crate::records::{By, Subscription};
use crate::stores::UploadName;

/// Where uploads are.
const CONTAINER: &str = "/blob/extensions";

/// Answers everything below `/blob/`.
pub(super) async fn answer(
    State(server): State<Arc<Server>>,
    Extension(asked): Extension<Asked>,
    request: Request<Body>,
) -> Response<Body> {
    let answered = call(&server, &asked, request).await;
    let mut response = answered.unwrap_or_else(|failure| answer::failure(&failure));
    response.extensions_mut().insert(RouteName("blob"));
    response
}

async fn call(server: &Arc<Server>, asked: &Asked, request: Request<Body>) -> Result<Response<Body>, Failure> {
    let client = management::known(server, asked).await?;
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    match (path.strip_prefix(CONTAINER), method) {
        (Some("" | "/"), Method::GET) => list::list(server, &client, request.uri().query()).await,
        (Some(rest), Method::PUT) => put::put(server, &client, &name(rest)?, request).await,
        (Some(rest), Method::GET | Method::HEAD) => get::get(server, &client, &name(rest)?).await,
        (Some(_), other) => {
            let what = format!(
                "{} is not known for an upload; it takes GET, HEAD and PUT",
                hostler_contract::escape_bounded(other.as_str(), 20)
            );
            Err(Failure::new(ErrorCode::InvalidHttpVerb, what))
        }
        (None, _) => Err(Failure::new(ErrorCode::ResourceNotFound, "uploads are in /blob/extensions")),
    }
}

/// The name of an upload, of what follows the container in a path.
fn name(rest: &str) -> Result<UploadName, Failure> {
    let refused = |what: String| Failure::new(ErrorCode::BadRequest, what);
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let decoded = percent_decode_str(rest).decode_utf8();
    let decoded = decoded.map_err(|_| refused("the name of the upload is not UTF-8".to_owned()))?;
    decoded.parse().map_err(|error| refused(format!("{error}")))
}

/// Someone whose certificate is that of a subscription which is active.
pub(super) struct Known {
    /// The subscription, one that may publish if the certificate is of several.
    pub(super) subscription: Subscription,
    /// Who that is, for the records.
    pub(super) by: By,
}
