//! `Operation`: how far an asynchronous request is.

use super::{RequestId, ServiceError, read, refused, text_or_empty};
use crate::{
    Refused, Source, escape_bounded,
    xml::{Element, write::Writer},
};

/// The state of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// `ID`: that of the request which began it.
    pub id: RequestId,
    /// `Status`, with what belongs to it.
    pub outcome: OperationOutcome,
}

/// What became of an operation; clients know no other words than these three.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationOutcome {
    /// `InProgress`
    InProgress,
    /// `Succeeded`
    Succeeded {
        /// `HttpStatusCode`, 200.
        http_status: u16,
    },
    /// `Failed`
    Failed {
        /// `HttpStatusCode`: what a synchronous answer would have had.
        http_status: u16,
        /// `Error`
        error: ServiceError,
    },
}

impl OperationOutcome {
    /// The word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Succeeded { .. } => "Succeeded",
            Self::Failed { .. } => "Failed",
        }
    }
}

impl Operation {
    /// The document.
    pub fn to_xml(&self) -> String {
        Writer::document("Operation", |writer| self.write(writer))
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.text("ID", &self.id.dashed());
        writer.text("Status", self.outcome.name());
        match &self.outcome {
            OperationOutcome::InProgress => {}
            OperationOutcome::Succeeded { http_status } => writer.number("HttpStatusCode", *http_status),
            OperationOutcome::Failed { http_status, error } => {
                writer.number("HttpStatusCode", *http_status);
                writer.element("Error", |writer| error.write(writer));
            }
        }
    }

    /// Reads the document.
    ///
    /// # Errors
    /// What is not XML or not an `Operation`, an id that is none, and a fourth word.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        Self::of(source, &read(source, "Operation")?)
    }

    pub(super) fn of(source: Source<'_>, element: &Element) -> Result<Self, Refused> {
        let id = text_or_empty(element, "ID");
        let id = RequestId::parse(&id).ok_or_else(|| {
            let what = format!("its `ID` is `{}`", escape_bounded(&id, 80));
            refused(source, element, what)
        })?;
        let number = text_or_empty(element, "HttpStatusCode").parse().ok();
        let outcome = match &*text_or_empty(element, "Status") {
            "InProgress" => OperationOutcome::InProgress,
            "Succeeded" => OperationOutcome::Succeeded {
                http_status: number.unwrap_or(200),
            },
            "Failed" => OperationOutcome::Failed {
                http_status: number.unwrap_or(500),
                error: element.child("Error").map_or_else(
                    || ServiceError::new(super::ErrorCode::InternalError, "The repository does not say why."),
                    ServiceError::of,
                ),
            },
            other => {
                let what = format!("its `Status` is `{}`", escape_bounded(other, 80));
                return Err(refused(source, element, what));
            }
        };
        Ok(Self { id, outcome })
    }
}
