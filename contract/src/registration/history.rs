//! `SubscriptionOperationCollection`: who did what, page by page.

use super::{Operation, read, text, text_or_empty};
use crate::{
    Refused, Source,
    xml::{Element, write::Writer},
};

/// Who asked for an operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperationCaller {
    /// `SubscriptionCertificateThumbprint`: SHA-1 of the certificate, as the old service shows it.
    pub certificate_thumbprint: String,
    /// `ClientIP`
    pub client_ip: String,
}

/// An operation of the past, or one that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedOperation {
    /// `OperationObjectId`: the path of what it was about.
    pub object: String,
    /// `OperationName`
    pub name: String,
    /// `OperationParameters`: names and values.
    pub parameters: Vec<(String, String)>,
    /// `OperationCaller`
    pub caller: OperationCaller,
    /// `OperationStatus`; its id is `OperationId` too.
    pub operation: Operation,
    /// `OperationStartedTime`
    pub started: String,
    /// `OperationCompletedTime`, once it has ended.
    pub completed: Option<String>,
}

/// A page of operations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperationHistory {
    /// The operations.
    pub operations: Vec<RecordedOperation>,
    /// `ContinuationToken`: what to ask for the next page with, unless this is the last one.
    pub continuation_token: Option<String>,
}

const ROOT: &str = "SubscriptionOperationCollection";

impl OperationHistory {
    /// The document.
    pub fn to_xml(&self) -> String {
        Writer::document(ROOT, |writer| {
            writer.element("SubscriptionOperations", |writer| {
                for operation in &self.operations {
                    writer.element("SubscriptionOperation", |writer| write(writer, operation));
                }
            });
            writer.optional("ContinuationToken", self.continuation_token.as_deref());
        })
    }

    /// Reads the document.
    ///
    /// # Errors
    /// What is not XML or not such a page, and an operation whose status is none.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        let root = read(source, ROOT)?;
        let rows = root.children("SubscriptionOperations");
        let rows = rows.flat_map(|list| list.children("SubscriptionOperation"));
        Ok(Self {
            operations: rows.map(|row| recorded(source, row)).collect::<Result<_, _>>()?,
            continuation_token: text(&root, "ContinuationToken").filter(|token| !token.is_empty()),
        })
    }
}

fn write(writer: &mut Writer, recorded: &RecordedOperation) {
    writer.text("OperationId", &recorded.operation.id.dashed());
    writer.text("OperationObjectId", &recorded.object);
    writer.text("OperationName", &recorded.name);
    writer.element("OperationParameters", |writer| {
        for (name, value) in &recorded.parameters {
            writer.element("OperationParameter", |writer| {
                writer.text("Name", name);
                writer.text("Value", value);
            });
        }
    });
    writer.element("OperationCaller", |writer| {
        writer.flag("UsedServiceManagementApi", Some(true));
        writer.text(
            "SubscriptionCertificateThumbprint",
            &recorded.caller.certificate_thumbprint,
        );
        writer.text("ClientIP", &recorded.caller.client_ip);
    });
    writer.element("OperationStatus", |writer| recorded.operation.write(writer));
    writer.text("OperationStartedTime", &recorded.started);
    writer.optional("OperationCompletedTime", recorded.completed.as_deref());
}

fn recorded(source: Source<'_>, row: &Element) -> Result<RecordedOperation, Refused> {
    let parameters = row.children("OperationParameters");
    let parameters = parameters.flat_map(|list| list.children("OperationParameter"));
    let caller = row.child("OperationCaller");
    let caller = |name| caller.map(|caller| text_or_empty(caller, name)).unwrap_or_default();
    let status = row
        .child("OperationStatus")
        .ok_or_else(|| super::refused(source, row, "there is no `OperationStatus`"))?;
    Ok(RecordedOperation {
        object: text_or_empty(row, "OperationObjectId"),
        name: text_or_empty(row, "OperationName"),
        parameters: parameters
            .map(|parameter| (text_or_empty(parameter, "Name"), text_or_empty(parameter, "Value")))
            .collect(),
        caller: OperationCaller {
            certificate_thumbprint: caller("SubscriptionCertificateThumbprint"),
            client_ip: caller("ClientIP"),
        },
        operation: Operation::of(source, status)?,
        started: text_or_empty(row, "OperationStartedTime"),
        completed: text(row, "OperationCompletedTime"),
    })
}
