//! Who is let in: the certificate against the subscription, and what the subscription may do.

use hostler_contract::registration::ErrorCode;

use super::super::Server;
use super::super::answer::Failure;
use super::super::service::Asked;
use super::Call;
use crate::records::{By, Subscription, SubscriptionStatus};

/// The subscription, if the client has a certificate of it and it is not switched off.
pub(super) async fn let_in(server: &Server, asked: &Asked, subscription: &str) -> Result<(Subscription, By), Failure> {
    let records = &server.context.records;
    let unknown = || {
        let what = "The server failed to authenticate the request. Verify that the certificate is valid and is \
                    associated with this subscription.";
        Failure::new(ErrorCode::AuthenticationFailed, what)
    };
    let certificate = asked.client.certificate.as_ref().ok_or_else(unknown)?;
    let of = records.certificate_subscriptions(&certificate.sha256).await?;
    let found = records.subscription(subscription).await?;
    let found = match found {
        Some(found) if of.contains(&found.id) => found,
        // Only who has a subscription here is told which ones there are not.
        None if !of.is_empty() => return Err(super::not_found("such subscription")),
        _ => return Err(unknown()),
    };
    if found.status != SubscriptionStatus::Active {
        let what = "this subscription is switched off; ask the operator of the repository";
        return Err(Failure::new(ErrorCode::SubscriptionDisabled, what));
    }
    let by = By {
        subscription: found.id.clone(),
        actor: certificate.sha1.clone(),
        caller_ip: asked.client.address.to_string(),
        request_id: asked.id.to_string(),
    };
    Ok((found, by))
}

impl Call<'_> {
    /// Fails unless the subscription may publish; that it wanted to is on record.
    pub(super) async fn may_publish(&self, action: &str) -> Result<(), Failure> {
        if self.subscription.approved {
            return Ok(());
        }
        self.refused(action, "", "not approved as a publisher").await?;
        let what = "This operation is not allowed for this subscription.";
        Err(Failure::new(ErrorCode::ForbiddenError, what))
    }

    /// Writes down that something was refused to somebody who is known here.
    pub(super) async fn refused(&self, action: &str, subject: &str, why: &str) -> Result<(), Failure> {
        let line = self.by.line(action, subject, &format!("refused: {why}"));
        Ok(self.server.context.records.audit(&line).await?)
    }
}
