//! Uploads: `PUT /blob/extensions/{name}`, for publishers, and what they put there.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use hostler_contract::registration::ErrorCode;
use hostler_package::PackageDigest;

use super::Server;
use super::answer::{self, Failure};
use super::body::too_large;
use super::management::parameter;
use super::service::{Asked, RouteName};
use crate::operations::{HoldError, give_back, hold_package};
use crate::records::{Blob, By, RecordsError, Subscription, SubscriptionStatus};
use crate::stores::{Bounds, ReceiveError, Received, StoreError, UploadName};

/// The header by which a publisher says beforehand what the bytes are: SHA-256 in hexadecimal.
const DIGEST: &str = "x-hostler-sha256";
/// Uploads on a page of the list.
const PAGE: u32 = 1000;

/// `PUT`: takes in an upload.
pub(super) async fn put(
    State(server): State<Arc<Server>>,
    Extension(asked): Extension<Asked>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    named(take_in(&server, &asked, &name, &headers, body).await)
}

/// `GET` of one upload, by who put it there.
pub(super) async fn read(
    State(server): State<Arc<Server>>,
    Extension(asked): Extension<Asked>,
    Path(name): Path<String>,
) -> Response<Body> {
    named(give(&server, &asked, &name).await)
}

/// `GET` of the list, in the form of the storage service that came before.
pub(super) async fn list(
    State(server): State<Arc<Server>>,
    Extension(asked): Extension<Asked>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    named(listed(&server, &asked, query.as_deref()).await)
}

async fn take_in(
    server: &Server,
    asked: &Asked,
    name: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response<Body>, Failure> {
    let (subscription, by) = of_certificate(server, asked).await?;
    if !subscription.approved {
        let line = by.line("blob put", name, "refused: not approved as a publisher");
        server.context.records.audit(&line).await?;
        let what = "This operation is not allowed for this subscription.";
        return Err(Failure::new(ErrorCode::ForbiddenError, what));
    }
    let name: UploadName = upload_name(name)?;
    let digest = announced(headers)?;
    let size = headers.get(header::CONTENT_LENGTH);
    let size = size.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let limits = &server.limits;
    if size.is_some_and(|size| size > limits.upload_bytes) {
        return Err(too_large(limits.upload_bytes));
    }
    let bounds = Bounds {
        max_bytes: limits.upload_bytes,
        idle: limits.idle,
        total: limits.request,
    };
    let context = &server.context;
    let received = Received::take_in(&context.incoming(), body.into_data_stream(), bounds).await;
    let received = received.and_then(|received| received.was_announced(size, digest));
    let received = received.map_err(|error| not_received(&error))?;
    let written = context.packages.keep(&received).await.map_err(|error| busy(&error))?;
    server
        .metrics
        .received(usize::try_from(written.size).unwrap_or(usize::MAX));
    let blob = Blob {
        name: name.to_string(),
        sha256: written.digest.to_string(),
        size: written.size,
        subscription: subscription.id,
        created_ms: 0,
    };
    let held = hold_package(context, &received, &by.request_id)
        .await
        .map_err(|error| match error {
            HoldError::Records(error) => error.into(),
            HoldError::Store(error) => busy(&error),
            HoldError::Busy(_) => Failure::new(ErrorCode::ServerBusy, format!("{error}; try again in a few seconds")),
        })?;
    let put = context.records.put_blob(&blob, &by).await;
    give_back(&context.records, &held).await;
    match put {
        Err(RecordsError::Exists { what }) => {
            let what = format!("{what} is there already, with other bytes or of another publisher; take another name");
            return Err(Failure::new(ErrorCode::ConflictError, what));
        }
        other => other?,
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::CREATED;
    tag(&mut response, &blob);
    Ok(response)
}

async fn give(server: &Server, asked: &Asked, name: &str) -> Result<Response<Body>, Failure> {
    let (subscription, _) = of_certificate(server, asked).await?;
    let missing = || Failure::new(ErrorCode::ResourceNotFound, "there is no upload of this name");
    let name = upload_name(name)?;
    let blob = server.context.records.blob(name.as_str()).await?;
    let blob = blob
        .filter(|blob| blob.subscription == subscription.id)
        .ok_or_else(missing)?;
    let digest: PackageDigest = blob.sha256.parse().map_err(|_| missing())?;
    let pieces = server.context.packages.pieces(digest).await;
    let pieces = pieces.map_err(|error| busy(&error))?.ok_or_else(missing)?;
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(blob.size));
    let bytes = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, bytes);
    tag(&mut response, &blob);
    Ok(response)
}

async fn listed(server: &Server, asked: &Asked, query: Option<&str>) -> Result<Response<Body>, Failure> {
    let (subscription, _) = of_certificate(server, asked).await?;
    let given = |name: &str| parameter(query, name).unwrap_or_default();
    let most = given("maxresults").parse().unwrap_or(PAGE).clamp(1, PAGE);
    let (prefix, after) = (given("prefix"), given("marker"));
    // Names hold nothing that a database could not take; what is none finds nothing.
    if prefix.contains('\0') || after.contains('\0') {
        return Err(Failure::new(
            ErrorCode::BadRequest,
            "prefix and marker are parts of names of uploads",
        ));
    }
    let records = &server.context.records;
    let mut blobs = records.blobs(&subscription.id, &prefix, &after, most + 1).await?;
    let more = blobs.len() > usize::try_from(most).unwrap_or(usize::MAX);
    if more {
        blobs.pop();
    }
    let mut uses: HashMap<String, Vec<String>> = HashMap::new();
    for (sha256, version) in records.package_uses(&subscription.id).await? {
        uses.entry(sha256).or_default().push(version);
    }
    let marker = blobs.last().filter(|_| more).map(|blob| blob.name.as_str());
    Ok(answer::document(enumeration(&blobs, &uses, marker.unwrap_or_default())))
}

/// The list. Names of uploads, digests and versions hold nothing that XML would have to escape.
fn enumeration(blobs: &[Blob], uses: &HashMap<String, Vec<String>>, marker: &str) -> String {
    let mut xml = String::from("<EnumerationResults ContainerName=\"extensions\"><Blobs>");
    for blob in blobs {
        let (name, sha256, size) = (&blob.name, &blob.sha256, blob.size);
        let used = uses.get(sha256).map(|versions| versions.join(";")).unwrap_or_default();
        let _ = write!(
            xml,
            "<Blob><Name>{name}</Name><Properties><Etag>{sha256}</Etag><Content-Length>{size}</Content-Length>\
             <Content-Type>application/octet-stream</Content-Type><BlobType>BlockBlob</BlobType></Properties>\
             <Metadata><sha256>{sha256}</sha256><versions>{used}</versions></Metadata></Blob>"
        );
    }
    let _ = write!(xml, "</Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>");
    xml
}

/// The subscription that the client's certificate belongs to: the first that may publish, else the first at all.
pub(super) async fn of_certificate(server: &Server, asked: &Asked) -> Result<(Subscription, By), Failure> {
    let unknown = || {
        let what = "The server failed to authenticate the request. Verify that the certificate is valid and is \
                    associated with a subscription.";
        Failure::new(ErrorCode::AuthenticationFailed, what)
    };
    let records = &server.context.records;
    let certificate = asked.client.certificate.as_ref().ok_or_else(unknown)?;
    let mut found = Vec::new();
    for id in records.certificate_subscriptions(&certificate.sha256).await? {
        let subscription = records.subscription(&id).await?;
        found.extend(subscription.filter(|subscription| subscription.status == SubscriptionStatus::Active));
    }
    found.sort_by_key(|subscription| !subscription.approved);
    let subscription = found.into_iter().next().ok_or_else(unknown)?;
    let by = By {
        subscription: subscription.id.clone(),
        actor: certificate.sha1.clone(),
        caller_ip: asked.client.address.to_string(),
        request_id: asked.id.to_string(),
    };
    Ok((subscription, by))
}

fn upload_name(name: &str) -> Result<UploadName, Failure> {
    name.parse()
        .map_err(|error: crate::stores::UploadNameError| Failure::new(ErrorCode::BadRequest, error.to_string()))
}

/// The digest that was announced.
fn announced(headers: &HeaderMap) -> Result<Option<PackageDigest>, Failure> {
    let Some(value) = headers.get(DIGEST) else {
        return Ok(None);
    };
    let digest = value.to_str().ok().and_then(|text| text.parse().ok());
    digest.map(Some).ok_or_else(|| {
        let what = format!("the header {DIGEST} is no SHA-256; write 64 hexadecimal digits");
        Failure::new(ErrorCode::BadRequest, what)
    })
}

fn not_received(error: &ReceiveError) -> Failure {
    let what = format!("the upload was not taken: {error}");
    match error {
        ReceiveError::TooLarge(most) => too_large(*most),
        ReceiveError::Idle(_) | ReceiveError::Total(_) | ReceiveError::Broken { .. } => {
            Failure::new(ErrorCode::BadRequest, what)
        }
        ReceiveError::Announced { .. } => Failure::new(ErrorCode::BadRequest, what).with_status(422),
        ReceiveError::File(_) => {
            tracing::error!(%error, "an upload could not be kept");
            Failure::new(ErrorCode::InternalError, "the server could not keep the upload")
        }
    }
}

fn busy(error: &StoreError) -> Failure {
    tracing::error!(%error, "the store of packages failed");
    let what = "the store of packages cannot be written or read; try again in a few seconds";
    Failure::new(ErrorCode::ServerBusy, what)
}

fn tag(response: &mut Response<Body>, blob: &Blob) {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", blob.sha256)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
}

fn named(answered: Result<Response<Body>, Failure>) -> Response<Body> {
    let mut response = answered.unwrap_or_else(|failure| answer::failure(&failure));
    response.extensions_mut().insert(RouteName("blob"));
    response
}
