//! `Subscription`: a publisher's account. Scripts ask for it to see whether address, account and certificate fit.

use super::{read, text_or_empty};
use crate::{Refused, Source, xml::write::Writer};

/// A subscription. The amounts of machines that the old service counted are written as it would for an account
/// without any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// `SubscriptionID`
    pub id: String,
    /// `SubscriptionName`
    pub name: String,
    /// `SubscriptionStatus`: `Active`, or `Disabled`.
    pub status: String,
}

const ROOT: &str = "Subscription";

/// What the old service says of every account, with the values that its documentation shows.
const AMOUNTS: [(&str, u32); 9] = [
    ("MaxCoreCount", 20),
    ("MaxStorageAccounts", 20),
    ("MaxHostedServices", 20),
    ("CurrentCoreCount", 0),
    ("CurrentHostedServices", 0),
    ("CurrentStorageAccounts", 0),
    ("MaxVirtualNetworkSites", 10),
    ("MaxLocalNetworkSites", 10),
    ("MaxDnsServers", 9),
];

impl Subscription {
    /// The document.
    pub fn to_xml(&self) -> String {
        Writer::document(ROOT, |writer| {
            writer.text("SubscriptionID", &self.id);
            writer.text("SubscriptionName", &self.name);
            writer.text("SubscriptionStatus", &self.status);
            writer.text("AccountAdminLiveEmailId", "");
            writer.text("ServiceAdminLiveEmailId", "");
            for (name, amount) in AMOUNTS {
                writer.number(name, amount);
            }
        })
    }

    /// Reads the document.
    ///
    /// # Errors
    /// What is not XML, or not a subscription.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        let root = read(source, ROOT)?;
        Ok(Self {
            id: text_or_empty(&root, "SubscriptionID"),
            name: text_or_empty(&root, "SubscriptionName"),
            status: text_or_empty(&root, "SubscriptionStatus"),
        })
    }
}
