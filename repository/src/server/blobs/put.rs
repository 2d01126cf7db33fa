//! `PUT /blob/extensions/{name}`: one request, one package.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use futures_util::stream;
use hostler_contract::registration::ErrorCode;
use hostler_package::PackageDigest;

use super::super::answer::{self, Failure};
use super::super::{Pieces, Server};
use super::Known;
use crate::records::{Blob, RecordsError};
use crate::stores::{Bounds, ReceiveError, Received, StoreError, UploadName};

/// Header by which a client announces the SHA-256 of what it sends, in hexadecimal.
const ANNOUNCED: &str = "x-ms-content-sha256";

/// Takes an upload in. Nothing of it is left unless all of it came, is what was announced, and is on record.
pub(super) async fn put(
    server: &Arc<Server>,
    client: &Known,
    name: &UploadName,
    request: Request<Body>,
) -> Result<Response<Body>, Failure> {
    let (head, body) = request.into_parts();
    let context = &server.context;
    if !client.subscription.approved {
        let line = client.by.line("blob put", name.as_str(), "refused: not approved as a publisher");
        context.records.audit(&line).await?;
        let what = "This operation is not allowed for this subscription.";
        return Err(Failure::new(ErrorCode::ForbiddenError, what));
    }
    if head.uri.query().is_some_and(|query| query.contains("comp=")) {
        let what = "an upload is one PUT of all its bytes; blocks are not known here";
        return Err(Failure::new(ErrorCode::BadRequest, what));
    }
    let announced = announced(&head.headers)?;
    // Each holds a file of up to the size of a package: so many at a time, and the others are told to come again.
    let Ok(_turn) = server.uploads.try_acquire() else {
        let what = "too many uploads at a time; try again in a few seconds";
        return Err(Failure::new(ErrorCode::ServerBusy, what));
    };
    let received = receive(server, &head.headers, body).await?;
    let size = received.written().size;
    let received = match received.was_announced(None, announced) {
        Ok(received) => received,
        Err(error) => {
            // The request is well-formed and its content is not what it says: that has a status of its own.
            let mut response = answer::failure(&Failure::new(ErrorCode::BadRequest, error.to_string()));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    server.metrics.received(usize::try_from(size).unwrap_or(usize::MAX));
    let written = context.packages.keep(&received).await.map_err(|error| stored(&error))?;
    let blob = Blob {
        name: name.to_string(),
        sha256: written.digest.to_string(),
        size,
        subscription: client.subscription.id.clone(),
        created_ms: 0,
    };
    match context.records.put_blob(&blob, &client.by).await {
        Ok(()) => {}
        Err(RecordsError::Exists { .. }) => {
            let what = format!("there is an upload named {name} with other bytes; an upload never changes, so take another name");
            return Err(Failure::new(ErrorCode::ConflictError, what));
        }
        Err(error) => return Err(error.into()),
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", blob.sha256)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// The body, in a file without a name.
async fn receive(server: &Server, headers: &HeaderMap, body: Body) -> Result<Received, Failure> {
    let limits = &server.limits;
    let pieces = Pieces::new(headers, body, limits.upload_bytes, limits)?;
    // What ends the stream early says more than that it ended.
    let why = Mutex::new(None);
    let stream = stream::try_unfold((pieces, &why), |(mut pieces, why)| async move {
        match pieces.next().await {
            Ok(piece) => Ok::<Option<(Bytes, _)>, String>(piece.map(|piece| (piece, (pieces, why)))),
            Err(failure) => {
                let said = failure.message.clone();
                *why.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                Err(said)
            }
        }
    });
    let bounds = Bounds {
        max_bytes: limits.upload_bytes,
        idle: limits.idle,
        total: limits.request,
    };
    let received = Received::take_in(&server.context.incoming(), stream, bounds).await;
    received.map_err(|error| {
        let why = why.into_inner().unwrap_or_else(PoisonError::into_inner);
        why.unwrap_or_else(|| match error {
            ReceiveError::File(error) => {
                tracing::error!(%error, "an upload could not be written down");
                Failure::new(ErrorCode::InternalError, "the server has no room for the upload; its operator finds more in its log")
            }
            other => Failure::new(ErrorCode::BadRequest, other.to_string()),
        })
    })
}

/// The digest that was announced, if one was.
fn announced(headers: &HeaderMap) -> Result<Option<PackageDigest>, Failure> {
    let Some(value) = headers.get(ANNOUNCED) else {
        return Ok(None);
    };
    let digest = value.to_str().ok().and_then(|text| text.parse().ok());
    let wrong = || Failure::new(ErrorCode::BadRequest, format!("{ANNOUNCED} is 64 hexadecimal digits, or is left out"));
    digest.map(Some).ok_or_else(wrong)
}

fn stored(error: &StoreError) -> Failure {
    tracing::error!(%error, "an upload could not be stored");
    Failure::new(ErrorCode::ServerBusy, "the store of packages does not take the upload; try again later")
}
