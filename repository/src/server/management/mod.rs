//! The calls of the management API. The order of checks is part of it: the first that fails decides.
//!
//! Version header, certificate against subscription, state of the subscription, path and method, query, approval as a
//! publisher, body, fields, and at last what is on record.

mod access;
mod api_version;
mod decide;
mod list_cache;
mod lists;
mod operations;
mod publisher_list;
mod query;
mod resolve;
mod route;
mod writes;

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, Response};
use hostler_contract::registration::{self, ErrorCode, RegionReplication, ReplicationState, ReplicationStatusList};

pub(super) use list_cache::ListCache;
pub(super) use query::parameter;

use super::Server;
use super::answer::{self, Failure};
use super::service::{Asked, RouteName};
use crate::records::{By, RegionStatus, Subscription, Version, version_key};
use route::{Named, Route};

/// One call that was let in.
struct Call<'a> {
    server: &'a Arc<Server>,
    subscription: Subscription,
    by: By,
    query: Option<String>,
    headers: HeaderMap,
}

/// Answers what is none of the server's own words.
pub(super) async fn answer(
    State(server): State<Arc<Server>>,
    Extension(asked): Extension<Asked>,
    request: Request<Body>,
) -> Response<Body> {
    let (mut response, name) = match route::parse(request.uri().path()) {
        Err(what) => {
            let failure = Failure::new(ErrorCode::BadRequest, what);
            (answer::failure(&failure), "unknown")
        }
        Ok((subscription, route)) => {
            let answered = call(&server, &asked, &subscription, &route, request).await;
            (
                answered.unwrap_or_else(|failure| answer::failure(&failure)),
                route.name(),
            )
        }
    };
    response.extensions_mut().insert(RouteName(name));
    response
}

async fn call(
    server: &Arc<Server>,
    asked: &Asked,
    subscription: &str,
    route: &Route,
    request: Request<Body>,
) -> Result<Response<Body>, Failure> {
    let (head, body) = request.into_parts();
    let version = head.headers.get("x-ms-version").map(|value| value.as_bytes());
    api_version::check(version, route.earliest_version())
        .map_err(|what| Failure::new(ErrorCode::MissingOrIncorrectVersionHeader, what))?;
    let (subscription, by) = access::let_in(server, asked, subscription).await?;
    if *route == Route::Unknown {
        let what = "there is no such path in the management API";
        return Err(Failure::new(ErrorCode::ResourceNotFound, what));
    }
    if !route.methods().contains(&head.method.as_str()) {
        let what = format!(
            "{} is not known for this path; it takes {}",
            hostler_contract::escape_bounded(head.method.as_str(), 20),
            route.methods().join(" and ")
        );
        return Err(Failure::new(ErrorCode::InvalidHttpVerb, what));
    }
    let call = Call {
        server,
        subscription,
        by,
        query: head.uri.query().map(str::to_owned),
        headers: head.headers,
    };
    match route {
        Route::Subscription => Ok(call.show_subscription()),
        Route::Extensions if head.method == Method::POST => call.register(body).await,
        Route::Extensions => call.update(body).await,
        Route::Version(named) => call.unregister(named).await,
        Route::Replication(named) => call.replication(named).await,
        Route::PublisherExtensions => call.publisher_list().await,
        Route::ResourceExtensions => call.consumer_list().await,
        Route::ResourceExtension {
            namespace,
            extension_type,
        } => call.extension_list(namespace, extension_type).await,
        Route::Resolve {
            namespace,
            extension_type,
        } => call.resolve(namespace, extension_type).await,
        Route::Operations => call.operation_list().await,
        Route::Operation { id } => call.operation(id).await,
        Route::Unknown => Err(not_found("such a path")),
    }
}

impl Call<'_> {
    fn show_subscription(&self) -> Response<Body> {
        let shown = registration::Subscription {
            id: self.subscription.id.clone(),
            name: self.subscription.name.clone(),
            status: self.subscription.status.as_str().to_owned(),
        };
        answer::document(shown.to_xml())
    }

    async fn replication(&self, named: &Named) -> Result<Response<Body>, Failure> {
        let version = self.own_version(named).await?;
        let states = self.server.context.records.region_states(&version.id).await?;
        let regions = states.into_iter().map(|state| RegionReplication {
            location: state.region,
            state: match state.status {
                RegionStatus::Pending => ReplicationState::Pending,
                RegionStatus::InProgress => ReplicationState::InProgress,
                RegionStatus::Completed => ReplicationState::Completed,
                RegionStatus::Failed => ReplicationState::Failed,
            },
        });
        let list = ReplicationStatusList {
            regions: regions.collect(),
        };
        Ok(answer::document(list.to_xml()))
    }

    /// A version of this subscription by its name in a path. Somebody else's is not there.
    async fn own_version(&self, named: &Named) -> Result<Version, Failure> {
        let missing = || {
            not_found(&format!(
                "{}.{} {}",
                named.namespace, named.extension_type, named.version
            ))
        };
        let Ok(version) = hostler_contract::Version::parse(&named.version) else {
            return Err(missing());
        };
        let records = &self.server.context.records;
        let found = records
            .version_of(&named.namespace, &named.extension_type, &version_key(&version))
            .await?;
        found
            .filter(|version| version.subscription == self.subscription.id)
            .ok_or_else(missing)
    }
}

/// 404 for `what`.
fn not_found(what: &str) -> Failure {
    let what = hostler_contract::escape_bounded(what, 600);
    Failure::new(ErrorCode::ResourceNotFound, format!("there is no {what}"))
}
