//! What watches the server asks for: whether it lives, whether it can work, and its figures.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, header};

use super::service::RouteName;
use super::{Server, answer};
use crate::records::RecordsError;

/// `/healthz`: the program runs and answers.
pub(super) async fn healthy() -> Response<Body> {
    named("healthz", answer::text(StatusCode::OK, "ok\n"))
}

/// `/readyz`: it can do its work: the database answers, and it was not told to stop.
pub(super) async fn ready(State(server): State<Arc<Server>>) -> Response<Body> {
    let response = if *server.stop.borrow() {
        answer::text(StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else if let Err(error) = server.context.records.check().await {
        tracing::warn!(%error, "the database does not answer");
        answer::text(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
    } else {
        answer::text(StatusCode::OK, "ready\n")
    };
    named("readyz", response)
}

/// `/metrics`: the figures, for Prometheus.
pub(super) async fn metrics(State(server): State<Arc<Server>>) -> Response<Body> {
    let response = match figures(&server).await {
        Ok(text) => {
            let mut response = answer::text(StatusCode::OK, text);
            let form = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, form);
            response
        }
        Err(error) => answer::failure(&error.into()),
    };
    named("metrics", response)
}

async fn figures(server: &Server) -> Result<String, RecordsError> {
    let records = &server.context.records;
    let (versions, operations) = (records.version_counts().await?, records.operation_counts().await?);
    Ok(server.metrics.to_text(&versions, &operations))
}

fn named(name: &'static str, mut response: Response<Body>) -> Response<Body> {
    response.extensions_mut().insert(RouteName(name));
    response
}
