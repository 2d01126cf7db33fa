//! Bodies of requests: bounded in bytes and in time, whatever they claim to be.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use hostler_contract::registration::ErrorCode;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use super::answer::Failure;
use super::limits::ServerLimits;
use super::metrics::Metrics;

/// A body that is read piece by piece.
#[derive(Debug)]
struct Pieces {
    body: Body,
    most: u64,
    read: u64,
    idle: std::time::Duration,
    end: Instant,
}

impl Pieces {
    /// A body of at most `most` bytes; one that says itself that it is larger is refused before any of it is read.
    fn new(headers: &HeaderMap, body: Body, most: u64, limits: &ServerLimits) -> Result<Self, Failure> {
        let declared = headers.get(header::CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if declared.is_some_and(|declared| declared > most) {
            return Err(too_large(most));
        }
        Ok(Self {
            body,
            most,
            read: 0,
            idle: limits.idle,
            end: Instant::now() + limits.request,
        })
    }

    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            let deadline = self.end.min(Instant::now() + self.idle);
            let frame = match timeout_at(deadline, self.body.frame()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => {
                    let what = "the body ended early: fewer bytes came than were announced";
                    return Err(Failure::new(ErrorCode::BadRequest, what));
                }
                Err(_) => {
                    let what = format!(
                        "the body did not come in time: {} s may pass without a byte of it",
                        self.idle.as_secs()
                    );
                    return Err(Failure::new(ErrorCode::BadRequest, what));
                }
            };
            // Trailers say nothing here.
            let Ok(bytes) = frame.into_data() else { continue };
            self.read = self.read.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            if self.read > self.most {
                return Err(too_large(self.most));
            }
            return Ok(Some(bytes));
        }
    }
}

/// The whole of a small body.
pub(super) async fn whole(
    headers: &HeaderMap,
    body: Body,
    limits: &ServerLimits,
    metrics: &Metrics,
) -> Result<Vec<u8>, Failure> {
    let most = u64::try_from(limits.definition_bytes).unwrap_or(u64::MAX);
    let mut pieces = Pieces::new(headers, body, most, limits)?;
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await? {
        bytes.extend_from_slice(&piece);
    }
    metrics.received(bytes.len());
    Ok(bytes)
}

pub(super) fn too_large(most: u64) -> Failure {
    Failure::new(
        ErrorCode::RequestBodyTooLarge,
        format!("the body is larger than {most} bytes, the most that is taken here"),
    )
}
