//! Answers: documents, acceptances and errors, with the headers that every one of them has.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use hostler_contract::registration::{ErrorCode, RequestId, ServiceError};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::records::RecordsError;

const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const REGION: HeaderName = HeaderName::from_static("x-ms-servedbyregion");

/// An answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", code.name(), message)]
pub(super) struct Failure {
    pub(super) code: ErrorCode,
    pub(super) message: String,
    /// The HTTP status, where it is not the one that the code usually has.
    pub(super) status: Option<u16>,
}

impl Failure {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            status: None,
        }
    }

    /// The same with another HTTP status.
    pub(super) fn with_status(self, status: u16) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }
}

impl From<RecordsError> for Failure {
    fn from(error: RecordsError) -> Self {
        let busy = matches!(&error, RecordsError::Database(sqlx::Error::PoolTimedOut));
        // What the database says may hold anything: it goes to the operator's log and not to the client.
        let cause = std::error::Error::source(&error)
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(%error, cause, "a request failed");
        match busy {
            true => Self::new(
                ErrorCode::ServerBusy,
                "too much is going on; try again in a few seconds",
            ),
            false => Self::new(
                ErrorCode::InternalError,
                "the server failed; its operator finds the reason in its log by the request id",
            ),
        }
    }
}

/// `200` with a document.
pub(super) fn document(xml: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(xml.into());
    response.headers_mut().insert(header::CONTENT_TYPE, XML);
    response
}

/// `202` without a body. Its request id is that of the operation.
pub(super) fn accepted() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

/// Text for machines that read no XML.
pub(super) fn text(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// An error.
pub(super) fn failure(failure: &Failure) -> Response<Body> {
    let xml = ServiceError::new(failure.code, &failure.message).to_xml();
    let mut response = document(xml);
    let status = failure.status.unwrap_or_else(|| failure.code.http_status());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if failure.code == ErrorCode::ServerBusy {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    let strict = HeaderValue::from_static("max-age=31536000; includeSubDomains");
    headers.insert(header::STRICT_TRANSPORT_SECURITY, strict);
    response
}

/// Puts the headers in their order, those that every answer has among them.
///
/// The request id comes last: old scripts show only the tail of what they get.
pub(super) fn finish(response: &mut Response<Body>, id: RequestId, region: &str, now: OffsetDateTime) {
    use hyper::body::Body as _;
    let length = response.body().size_hint().exact().map(HeaderValue::from);
    let mut given = std::mem::take(response.headers_mut());
    let mut headers = HeaderMap::with_capacity(given.len() + 6);
    // An answer to HEAD has the length of what it leaves out.
    let has_body = response.status() != StatusCode::NOT_MODIFIED;
    if let Some(length) = given.remove(header::CONTENT_LENGTH).or(length).filter(|_| has_body) {
        headers.insert(header::CONTENT_LENGTH, length);
    }
    let id = given
        .remove(&REQUEST_ID)
        .or_else(|| HeaderValue::from_str(&id.to_string()).ok());
    headers.extend(given);
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache"));
    if let Ok(region) = HeaderValue::from_str(region) {
        headers.insert(REGION, region);
    }
    if let Some(date) = http_date(now) {
        headers.insert(header::DATE, date);
    }
    if let Some(id) = id {
        headers.insert(REQUEST_ID, id);
    }
    *response.headers_mut() = headers;
}

/// Lets an answer carry the number of another request: the one whose operation it is about.
pub(super) fn name_operation(response: &mut Response<Body>, operation: &str) {
    if let Ok(id) = HeaderValue::from_str(operation) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
}

fn http_date(now: OffsetDateTime) -> Option<HeaderValue> {
    let form =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    HeaderValue::from_str(&now.format(form).ok()?).ok()
}
