//! `GET /`: the page for people, for those who are meant to see it.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Request, Response, header};
use hostler_contract::registration::ErrorCode;

use super::answer::{self, Failure};
use super::service::{Asked, RouteName};
use super::{Server, blobs};
use crate::page;

/// `/page.css`: how it looks.
pub(super) async fn style() -> Response<Body> {
    let mut response = Response::new(Body::from(page::STYLE));
    let css = HeaderValue::from_static("text/css; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, css);
    response.extensions_mut().insert(RouteName("page"));
    response
}

/// `/`: the page. It shows what is internal, and who did what: people at this machine see it, and those who have the
/// certificate of a subscription.
pub(super) async fn page(
    State(server): State<Arc<Server>>,
    Extension(asked): Extension<Asked>,
    request: Request<Body>,
) -> Response<Body> {
    let answered = show(&server, &asked, request.uri().query().unwrap_or_default()).await;
    let mut response = answered.unwrap_or_else(|failure| answer::failure(&failure));
    response.extensions_mut().insert(RouteName("page"));
    response
}

async fn show(server: &Arc<Server>, asked: &Asked, query: &str) -> Result<Response<Body>, Failure> {
    if !asked.client.address.to_canonical().is_loopback() && blobs::of_certificate(server, asked).await.is_err() {
        let what = "this page is for people at the machine of the repository, and for those with the certificate of a subscription";
        return Err(Failure::new(ErrorCode::AuthenticationFailed, what));
    }
    let after = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("after="))
        .unwrap_or_default();
    let context = &server.context;
    let html = page::page(&context.records, context.regions(), after).await?;
    let mut response = Response::new(Body::from(html));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(page::POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}
