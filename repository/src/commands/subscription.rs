//! `hostler-repository subscription`: who may read and publish.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::database_option::DatabaseOption;
use super::failure::Failure;
use crate::records::{By, Records, Subscription, SubscriptionStatus};
use crate::server::certificate_in;
use crate::surroundings::Surroundings;

/// Longest id of a subscription, in characters.
const MAX_ID: usize = 64;
/// The first part of paths that are no subscription's.
const RESERVED: [&str; 8] = [
    "blob",
    "files",
    "goal-state",
    "healthz",
    "metrics",
    "page",
    "readyz",
    "regions",
];

/// Manage who may read and publish
#[derive(Debug, Args)]
pub(super) struct SubscriptionArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a subscription, with a certificate that its publisher has the key of
    Add {
        /// Its id, usually a GUID: the first part of every address
        id: String,
        /// File in PEM form with the certificate; a key in it is not looked at
        #[arg(long, value_name = "PEM")]
        certificate: Option<PathBuf>,
        /// Let it publish; without this it may only read
        #[arg(long)]
        approve_publisher: bool,
        /// Name for people [default: the id]
        #[arg(long)]
        name: Option<String>,
        /// Versions that it may have at one time [default: that of the server]
        #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(0..))]
        versions: Option<i64>,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// List all subscriptions with their certificates
    List {
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Remove a subscription and its certificates; what it published stays
    Remove {
        /// Its id
        id: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Let a subscription publish
    Approve {
        /// Its id
        id: String,
        /// Let it only read from now on
        #[arg(long)]
        revoke: bool,
        /// Versions that it may have at one time
        #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(0..))]
        versions: Option<i64>,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Switch a subscription off: it may do nothing at all
    Disable {
        /// Its id
        id: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Switch a subscription on again
    Enable {
        /// Its id
        id: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Manage the certificates of a subscription
    Certificate {
        #[command(subcommand)]
        action: CertificateAction,
    },
}

#[derive(Debug, Subcommand)]
enum CertificateAction {
    /// Add a certificate
    Add {
        /// The subscription's id
        id: String,
        /// File in PEM form with the certificate; a key in it is not looked at
        #[arg(long, value_name = "PEM")]
        certificate: PathBuf,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Remove a certificate
    Remove {
        /// The subscription's id
        id: String,
        /// Its thumbprint, as `list` shows it
        #[arg(long, value_name = "HEX")]
        thumbprint: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
}

pub(super) async fn subscription(args: SubscriptionArgs) -> Result<String, Failure> {
    let by = By::operator();
    match args.action {
        Action::Add {
            id,
            certificate,
            approve_publisher,
            name,
            versions,
            database,
        } => {
            check_id(&id)?;
            // Before anything is made: a file that cannot be read leaves no half of a subscription.
            let der = certificate.as_deref().map(certificate_in).transpose()?;
            let records = open(&database).await?;
            let new = Subscription {
                name: name.unwrap_or_else(|| id.clone()),
                id,
                status: SubscriptionStatus::Active,
                approved: approve_publisher,
                version_quota: versions,
            };
            records.add_subscription(&new, der.as_deref(), &by).await?;
            described(&records, &new).await
        }
        Action::List { database } => {
            let records = open(&database).await?;
            let mut text = String::new();
            for found in records.subscriptions().await? {
                text += &described(&records, &found).await?;
            }
            Ok(text)
        }
        Action::Remove { id, database } => {
            open(&database).await?.remove_subscription(&id, &by).await?;
            Ok(format!("removed {id}\n"))
        }
        Action::Approve {
            id,
            revoke,
            versions,
            database,
        } => {
            let records = open(&database).await?;
            records.approve_subscription(&id, !revoke, versions, &by).await?;
            shown(&records, &id).await
        }
        Action::Disable { id, database } => set_status(&database, &id, SubscriptionStatus::Disabled).await,
        Action::Enable { id, database } => set_status(&database, &id, SubscriptionStatus::Active).await,
        Action::Certificate { action } => certificate_action(action, &by).await,
    }
}

async fn certificate_action(action: CertificateAction, by: &By) -> Result<String, Failure> {
    match action {
        CertificateAction::Add {
            id,
            certificate,
            database,
        } => {
            let der = certificate_in(&certificate)?;
            let records = open(&database).await?;
            records.add_certificate(&id, &der, by).await?;
            shown(&records, &id).await
        }
        CertificateAction::Remove {
            id,
            thumbprint,
            database,
        } => {
            let records = open(&database).await?;
            records.remove_certificate(&id, &thumbprint, by).await?;
            shown(&records, &id).await
        }
    }
}

async fn open(database: &DatabaseOption) -> Result<Records, Failure> {
    database.open(Surroundings::default()).await
}

async fn set_status(database: &DatabaseOption, id: &str, status: SubscriptionStatus) -> Result<String, Failure> {
    let records = open(database).await?;
    records.set_subscription_status(id, status, &By::operator()).await?;
    shown(&records, id).await
}

async fn shown(records: &Records, id: &str) -> Result<String, Failure> {
    match records.subscription(id).await? {
        Some(found) => described(records, &found).await,
        None => Ok(String::new()),
    }
}

/// A line for a subscription, and one for each certificate of it.
async fn described(records: &Records, subscription: &Subscription) -> Result<String, Failure> {
    let approved = if subscription.approved { "publisher" } else { "reader" };
    let quota = subscription
        .version_quota
        .map(|quota| format!(", {quota} versions at most"));
    let mut text = format!(
        "{}  {}  {approved}{}  {}\n",
        subscription.id,
        subscription.status,
        quota.unwrap_or_default(),
        hostler_contract::escape_bounded(&subscription.name, 200)
    );
    for certificate in records.certificates(&subscription.id).await? {
        let _ = writeln!(
            text,
            "  certificate {}  sha256 {}",
            certificate.sha1, certificate.sha256
        );
    }
    Ok(text)
}

/// An id is a part of addresses: nothing in it that would have to be escaped there.
fn check_id(id: &str) -> Result<(), Failure> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if id.is_empty() || id.len() > MAX_ID || !id.chars().all(fits) || RESERVED.contains(&id) {
        let shown = hostler_contract::escape_bounded(id, 80);
        let hint = "use a GUID, or letters, digits and dashes";
        return Err(Failure::usage(
            &format!("`{shown}` cannot be the id of a subscription"),
            hint,
        ));
    }
    Ok(())
}
