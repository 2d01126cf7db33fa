//! `GET /blob/extensions/{name}`: an upload, for who put it there.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use hostler_contract::registration::ErrorCode;

use super::super::Server;
use super::super::answer::Failure;
use super::Known;
use crate::stores::UploadName;

pub(super) async fn get(server: &Arc<Server>, client: &Known, name: &UploadName) -> Result<Response<Body>, Failure> {
    let missing = || Failure::new(ErrorCode::ResourceNotFound, format!("there is no upload named {name}"));
    let blob = server.context.records.blob(name.as_str()).await?;
    let blob = blob.filter(|blob| blob.subscription == client.subscription.id).ok_or_else(missing)?;
    let digest = blob.sha256.parse().map_err(|_| missing())?;
    let pieces = server.context.packages.pieces(digest).await.map_err(|error| {
        tracing::error!(%error, "an upload could not be read");
        Failure::new(ErrorCode::ServerBusy, "the store of packages does not answer; try again later")
    })?;
    let mut response = Response::new(Body::from_stream(pieces.ok_or_else(missing)?));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(blob.size));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", blob.sha256)) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}
