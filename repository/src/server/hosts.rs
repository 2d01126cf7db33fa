//! What hosts fetch: `GET /published/{region}/{name}`, for everybody, as it lies in the region's store.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hostler_contract::registration::ErrorCode;

use super::Server;
use super::answer::{self, Failure};
use super::service::RouteName;
use crate::published;

/// Answers everything below `/published/`.
pub(super) async fn answer(State(server): State<Arc<Server>>, request: Request<Body>) -> Response<Body> {
    let answered = call(&server, &request).await;
    let mut response = answered.unwrap_or_else(|failure| answer::failure(&failure));
    response.extensions_mut().insert(RouteName("published"));
    response
}

async fn call(server: &Server, request: &Request<Body>) -> Result<Response<Body>, Failure> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let what = "what hosts fetch takes GET and HEAD";
        return Err(Failure::new(ErrorCode::InvalidHttpVerb, what));
    }
    let missing = || Failure::new(ErrorCode::ResourceNotFound, "there is no such file for hosts");
    // Not decoded: no name of anything that is published needs an escape, so what has one is not there (REP-19).
    let path = request.uri().path().strip_prefix("/published/");
    let (region, name) = path.and_then(|path| path.split_once('/')).ok_or_else(missing)?;
    let found = published::find(server.context.regions(), region, name).await.map_err(|error| {
        tracing::error!(%error, "what hosts fetch could not be read");
        Failure::new(ErrorCode::ServerBusy, "the store of the region does not answer; try again later")
    })?;
    let found = found.ok_or_else(missing)?;
    let tag = found.object.tag.as_deref().map(quoted);
    let tag = tag.and_then(|tag| HeaderValue::from_str(&tag).ok());
    if tag.is_some() && tag.as_ref() == request.headers().get(header::IF_NONE_MATCH) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        put_tag(response.headers_mut(), tag);
        return Ok(response);
    }
    let size = found.object.size;
    let mut response = Response::new(Body::from_stream(found.object.pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(found.content_type));
    put_tag(headers, tag);
    Ok(response)
}

fn put_tag(headers: &mut HeaderMap, tag: Option<HeaderValue>) {
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
}

/// A store's tag as HTTP writes it; some stores quote theirs.
fn quoted(tag: &str) -> String {
    match tag.starts_with('"') || tag.starts_with("W/") {
        true => tag.to_owned(),
        false => format!("\"{tag}\""),
    }
}
