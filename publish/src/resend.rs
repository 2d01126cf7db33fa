//! A request of which nobody knows whether it arrived: the connection was lost after it had been sent.
//!
//! Sent again blindly, a registration that did arrive would be refused as a conflict with itself. So the repository is
//! asked what it has first, and told that the request may be the same one (REGISTRATION 14).

use hostler_contract::ExtensionImage;
use hostler_contract::registration::ErrorCode;

use crate::client::{Answered, Client, Request};
use crate::error::PublishError;
use crate::pauses::Pauses;

impl Client {
    /// Sends a request that registers or updates `image`, and sends it again after a lost connection unless the
    /// repository has the version by then.
    ///
    /// # Errors
    /// As all calls. When the version is there already, and only the answer was lost, the error is still that of the
    /// connection: by which id its operation ran is not known.
    pub(crate) async fn call_once(
        &self,
        mut request: Request<'_>,
        image: &ExtensionImage,
    ) -> Result<Answered, PublishError> {
        let mut pauses = Pauses::between_attempts(self.second());
        loop {
            let lost = match self.call(&request).await {
                Err(error @ PublishError::Unreachable { sent: true, .. }) => error,
                other => return other,
            };
            let Some(pause) = pauses.next() else { return Err(lost) };
            tokio::time::sleep(pause).await;
            if request.method == reqwest::Method::POST && self.has_version(image).await? {
                return Err(lost);
            }
            request.again = true;
        }
    }

    /// Sends a request that may come twice without harm until an answer comes.
    pub(crate) async fn call_same(&self, request: &Request<'_>) -> Result<Answered, PublishError> {
        let mut pauses = Pauses::between_attempts(self.second());
        loop {
            let lost = match self.send(request).await {
                Ok(answered) => return Ok(answered),
                Err(error) => error,
            };
            let busy = |status: u16| status == 500 || status == ErrorCode::ServerBusy.http_status();
            let again = match &lost {
                PublishError::Unreachable { sent, .. } => *sent,
                PublishError::Service { status, .. } => busy(*status),
                _ => false,
            };
            match pauses.next().filter(|_| again) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(lost),
            }
        }
    }

    async fn has_version(&self, image: &ExtensionImage) -> Result<bool, PublishError> {
        let list = self.list().await?.value;
        let is_it =
            |other: &ExtensionImage| other.handler_name() == image.handler_name() && other.version == image.version;
        Ok(list.images.iter().any(|listed| is_it(&listed.image)))
    }
}
