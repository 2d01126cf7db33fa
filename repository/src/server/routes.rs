//! Who answers which path. What is none of the server's own words starts with a subscription.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use super::{Server, blobs, goal_states, management, people, published, watch};

/// All paths of a server.
pub(super) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/healthz", get(watch::healthy))
        .route("/readyz", get(watch::ready))
        .route("/metrics", get(watch::metrics))
        .route("/", get(people::page))
        .route("/page.css", get(people::style))
        .route("/published/{region}/{name}", get(published::answer))
        .route("/blob/extensions", get(blobs::list))
        .route("/blob/extensions/{name}", get(blobs::read).put(blobs::put))
        .route("/goal-states/{name}", get(goal_states::answer))
        .fallback(management::answer)
        .with_state(server)
}
