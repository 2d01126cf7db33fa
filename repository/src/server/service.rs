//! One request: its number, who answers it, its headers, its line in the log.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hostler_contract::escape_bounded;
use hostler_contract::registration::{ErrorCode, RequestId};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::answer::{self, Failure};
use super::listener::Answer;
use super::{Client, Server, routes};

/// Longest path in a line of the log.
const MAX_LOGGED_PATH: usize = 300;

/// What a handler is told of a request beside the request itself.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The request's number.
    pub(super) id: RequestId,
    /// Who asks.
    pub(super) client: Arc<Client>,
}

/// What an answer is called in metrics and logs.
#[derive(Debug, Clone, Copy)]
pub(super) struct RouteName(pub(super) &'static str);

/// Answers requests.
#[derive(Debug, Clone)]
pub(super) struct Service {
    server: Arc<Server>,
    router: Router,
}

impl Service {
    pub(super) fn new(server: Arc<Server>) -> Self {
        let router = routes::router(Arc::clone(&server));
        Self { server, router }
    }

    async fn route(&self, asked: Asked, request: Request<Incoming>) -> Response<Body> {
        let uri = request.uri();
        let length = uri.path().len() + uri.query().map_or(0, str::len);
        if length > self.server.limits.uri_bytes {
            let what = format!("the address is longer than {} bytes", self.server.limits.uri_bytes);
            return answer::failure(&Failure::new(ErrorCode::BadRequest, what));
        }
        if uri.authority().is_some() {
            let what = "the request names a whole address, as one to a proxy; send its path only";
            return answer::failure(&Failure::new(ErrorCode::BadRequest, what));
        }
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(asked);
        let service = TowerToHyperService::new(self.router.clone());
        match service.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl Answer for Service {
    async fn answer(&self, client: Arc<Client>, request: Request<Incoming>) -> Response<Body> {
        let begun = Instant::now();
        let surroundings = &self.server.context.surroundings;
        let id = RequestId::from_bytes((surroundings.ids)());
        let method = request.method().clone();
        let path = escape_bounded(request.uri().path(), MAX_LOGGED_PATH);
        let asked = Asked {
            id,
            client: Arc::clone(&client),
        };
        let mut response = self.route(asked, request).await;
        let route = response
            .extensions_mut()
            .remove::<RouteName>()
            .map_or("other", |name| name.0);
        let region = self.server.context.regions().iter().next();
        let region = region.map_or("", |region| region.name.short());
        answer::finish(&mut response, id, region, (surroundings.clock)());
        let (status, took) = (response.status().as_u16(), begun.elapsed());
        self.server.metrics.request(route, status, took);
        let writes = !matches!(method.as_str(), "GET" | "HEAD");
        let (id, address) = (id.to_string(), client.address);
        let thumbprint = client.certificate.as_ref().map_or("", |certificate| &certificate.sha1);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if writes || status >= 400 {
            tracing::info!(%method, %path, status, took_ms, id, %address, thumbprint, "request");
        } else {
            tracing::debug!(%method, %path, status, took_ms, id, %address, thumbprint, "request");
        }
        response
    }
}
