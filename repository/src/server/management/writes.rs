//! Register, update and unregister: judged as far as body and records tell, put on record, and answered with 202.

use axum::body::Body;
use axum::http::Response;
use hostler_contract::registration::{ErrorCode, ServiceError};
use hostler_contract::{ExtensionImage, Source};
use sha2::{Digest as _, Sha256};

use super::super::answer::{self, Failure};
use super::super::body;
use super::Call;
use super::decide::{self, Decided};
use super::query::parameter;
use super::route::Named;
use crate::records::{NewOperation, OperationKind, Standing, Submitted};

/// By this header a client says that it may be sending a request again: then it is answered with the operation that
/// runs because of the first one, and not with a conflict.
const AGAIN: &str = "x-hostler-retry";

/// What findings call the body.
const BODY: &str = "the body";

impl Call<'_> {
    pub(super) async fn register(&self, body: Body) -> Result<Response<Body>, Failure> {
        let kind = OperationKind::Register;
        self.may_publish(kind.as_str()).await?;
        let (image, digest) = self.image(body).await?;
        let new = self.new_operation(kind, &image, digest);
        self.submit(new, |standing, quota| {
            decide::register(&image, standing, &self.subscription.id, quota)
        })
        .await
    }

    pub(super) async fn update(&self, body: Body) -> Result<Response<Body>, Failure> {
        let action = parameter(self.query.as_deref(), "action");
        if !action
            .as_deref()
            .is_some_and(|action| action.eq_ignore_ascii_case("update"))
        {
            let what = "PUT needs `?action=update`";
            return Err(Failure::new(ErrorCode::MissingOrInvalidRequiredQueryParameter, what));
        }
        let kind = OperationKind::AddVersion;
        self.may_publish(kind.as_str()).await?;
        let (image, digest) = self.image(body).await?;
        let new = self.new_operation(kind, &image, digest);
        self.submit(new, |standing, quota| {
            decide::update(&image, standing, &self.subscription.id, quota)
        })
        .await
    }

    pub(super) async fn unregister(&self, named: &Named) -> Result<Response<Body>, Failure> {
        let kind = OperationKind::Unregister;
        self.may_publish(kind.as_str()).await?;
        // What is not there is told so before anything else, whoever else is at work on the extension.
        let version = self.own_version(named).await?;
        let new = NewOperation {
            by: self.by.clone(),
            kind,
            namespace: version.namespace,
            extension_type: version.extension_type,
            version: version.version,
            request_sha256: String::new(),
        };
        let handler_name = format!("{}.{}", new.namespace, new.extension_type);
        let number = new.version.clone();
        self.submit(new, |standing, _| decide::unregister(&handler_name, &number, standing))
            .await
    }

    /// The definition in a body, and the body's digest.
    async fn image(&self, body: Body) -> Result<(ExtensionImage, String), Failure> {
        let bytes = body::whole(&self.headers, body, &self.server.limits, &self.server.metrics).await?;
        if bytes.is_empty() {
            let what = "the body is empty; send the definition file";
            return Err(Failure::new(ErrorCode::InvalidXmlRequest, what));
        }
        let checked = ExtensionImage::parse(Source::new(BODY, &bytes)).map_err(|refused| {
            let error = ServiceError::of_refused(&refused);
            Failure::new(error.known().unwrap_or(ErrorCode::BadRequest), error.message)
        })?;
        Ok((checked.value, hex::encode(Sha256::digest(&bytes))))
    }

    fn new_operation(&self, kind: OperationKind, image: &ExtensionImage, request_sha256: String) -> NewOperation {
        NewOperation {
            by: self.by.clone(),
            kind,
            namespace: image.provider_namespace.as_str().to_owned(),
            extension_type: image.type_name.as_str().to_owned(),
            version: image.version.as_str().to_owned(),
            request_sha256,
        }
    }

    /// Puts an operation on record if nothing is against it, and answers.
    async fn submit(
        &self,
        new: NewOperation,
        decide: impl FnOnce(&Standing, i64) -> Decided + Send,
    ) -> Result<Response<Body>, Failure> {
        let context = &self.server.context;
        let default_quota = context.settings.version_quota;
        let submitted = context
            .records
            .submit(&new, |standing| {
                decide(standing, standing.version_quota.unwrap_or(default_quota))
            })
            .await?;
        let subject = format!("{}.{} {}", new.namespace, new.extension_type, new.version);
        match submitted {
            Submitted::Accepted => {
                context.accepted.notify_one();
                Ok(answer::accepted())
            }
            Submitted::Conflict { running, same_request } => {
                if same_request && !new.request_sha256.is_empty() && self.headers.contains_key(AGAIN) {
                    let mut response = answer::accepted();
                    answer::name_operation(&mut response, &running);
                    return Ok(response);
                }
                let what = format!(
                    "an operation on {}.{} is running; try again when it has ended",
                    new.namespace, new.extension_type
                );
                Err(Failure::new(ErrorCode::ConflictError, what))
            }
            Submitted::Refused(failure) => {
                // Who reaches for what is another's is on record.
                if failure.code == ErrorCode::ForbiddenError {
                    self.refused(new.kind.as_str(), &subject, &failure.message).await?;
                }
                Err(failure)
            }
        }
    }
}
