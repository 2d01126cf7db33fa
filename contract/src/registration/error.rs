//! `Error`: what every answer that is no success says.

use std::fmt;

use super::{read, text_or_empty};
use crate::{Refused, Severity, Source, codes, escape_bounded, xml::write::Writer};

/// Longest message that is written, in bytes.
const MAX_MESSAGE: usize = 3500;

/// The codes of errors that a repository answers with (REGISTRATION 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// `x-ms-version` is missing, malformed or too old.
    MissingOrIncorrectVersionHeader,
    /// The body is empty, not well-formed, or has another outermost element or namespace.
    InvalidXmlRequest,
    /// A parameter of the query that is needed is missing or wrong.
    MissingOrInvalidRequiredQueryParameter,
    /// The method is not known for the path.
    InvalidHttpVerb,
    /// A field breaks a rule.
    BadRequest,
    /// No certificate, or one that does not belong to the subscription.
    AuthenticationFailed,
    /// The subscription may not publish, or the namespace belongs to another one.
    ForbiddenError,
    /// The subscription is switched off.
    SubscriptionDisabled,
    /// No such subscription, extension, version or operation.
    ResourceNotFound,
    /// Another operation runs, or what is to be made is there already.
    ConflictError,
    /// The body is larger than its limit.
    RequestBodyTooLarge,
    /// The server is at fault.
    InternalError,
    /// An operation took too long.
    OperationTimedOut,
    /// Too much is going on; to be tried again later.
    ServerBusy,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 14] = [
        Self::MissingOrIncorrectVersionHeader,
        Self::InvalidXmlRequest,
        Self::MissingOrInvalidRequiredQueryParameter,
        Self::InvalidHttpVerb,
        Self::BadRequest,
        Self::AuthenticationFailed,
        Self::ForbiddenError,
        Self::SubscriptionDisabled,
        Self::ResourceNotFound,
        Self::ConflictError,
        Self::RequestBodyTooLarge,
        Self::InternalError,
        Self::OperationTimedOut,
        Self::ServerBusy,
    ];

    /// The word in the document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingOrIncorrectVersionHeader => "MissingOrIncorrectVersionHeader",
            Self::InvalidXmlRequest => "InvalidXmlRequest",
            Self::MissingOrInvalidRequiredQueryParameter => "MissingOrInvalidRequiredQueryParameter",
            Self::InvalidHttpVerb => "InvalidHttpVerb",
            Self::BadRequest => "BadRequest",
            Self::AuthenticationFailed => "AuthenticationFailed",
            Self::ForbiddenError => "ForbiddenError",
            Self::SubscriptionDisabled => "SubscriptionDisabled",
            Self::ResourceNotFound => "ResourceNotFound",
            Self::ConflictError => "ConflictError",
            Self::RequestBodyTooLarge => "RequestBodyTooLarge",
            Self::InternalError => "InternalError",
            Self::OperationTimedOut => "OperationTimedOut",
            Self::ServerBusy => "ServerBusy",
        }
    }

    /// The HTTP status that it comes with.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::MissingOrIncorrectVersionHeader
            | Self::InvalidXmlRequest
            | Self::MissingOrInvalidRequiredQueryParameter
            | Self::InvalidHttpVerb
            | Self::BadRequest => 400,
            Self::AuthenticationFailed | Self::ForbiddenError | Self::SubscriptionDisabled => 403,
            Self::ResourceNotFound => 404,
            Self::ConflictError => 409,
            Self::RequestBodyTooLarge => 413,
            Self::InternalError | Self::OperationTimedOut => 500,
            Self::ServerBusy => 503,
        }
    }

    /// The code of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

/// An error of a repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ServiceError {
    /// `Code`; usually the name of an [`ErrorCode`].
    pub code: String,
    /// `Message`: what, where, and how to put it right.
    pub message: String,
}

impl ServiceError {
    /// An error with one of the known codes.
    pub fn new(code: ErrorCode, message: impl fmt::Display) -> Self {
        Self {
            code: code.name().to_owned(),
            message: message.to_string(),
        }
    }

    /// What a body was refused for: everything that was wrong with it, with places and hints. A body that is no
    /// definition at all is an `InvalidXmlRequest`, one that breaks a rule a `BadRequest`.
    pub fn of_refused(refused: &Refused) -> Self {
        let code = match refused.first().code() {
            codes::DEFINITION_XML | codes::DEFINITION_SIZE | codes::DEFINITION_SCHEMA => ErrorCode::InvalidXmlRequest,
            _ => ErrorCode::BadRequest,
        };
        let refusals = refused
            .findings()
            .iter()
            .filter(|finding| finding.severity() == Severity::Refusal);
        let lines: Vec<String> = refusals.map(ToString::to_string).collect();
        Self::new(code, escape_bounded(&lines.join(". "), MAX_MESSAGE))
    }

    /// The known code, if it is one.
    pub fn known(&self) -> Option<ErrorCode> {
        ErrorCode::parse(&self.code)
    }

    /// The document.
    pub fn to_xml(&self) -> String {
        Writer::document("Error", |writer| self.write(writer))
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.text("Code", &self.code);
        writer.text("Message", &self.message);
    }

    /// Reads the document.
    ///
    /// # Errors
    /// What is not XML, or not an `Error`.
    pub fn parse(source: Source<'_>) -> Result<Self, Refused> {
        read(source, "Error").map(|root| Self::of(&root))
    }

    pub(super) fn of(element: &crate::xml::Element) -> Self {
        Self {
            code: text_or_empty(element, "Code"),
            message: text_or_empty(element, "Message"),
        }
    }
}
