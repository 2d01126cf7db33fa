//! What became of operations, one by one and as a list.

use axum::body::Body;
use axum::http::Response;
use hostler_contract::registration::{
    self, ErrorCode, OperationCaller, OperationHistory, OperationOutcome, RecordedOperation, RequestId, ServiceError,
};
use time::format_description::well_known::Iso8601;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use super::super::answer::{self, Failure};
use super::query::parameter;
use super::{Call, not_found};
use crate::records::{Operation, OperationStatus, OperationsAsked};

/// Operations on a page.
const PAGE: u32 = 100;

impl Call<'_> {
    pub(super) async fn operation(&self, id: &str) -> Result<Response<Body>, Failure> {
        let missing = || not_found(&format!("operation {id}"));
        let id = RequestId::parse(id).ok_or_else(missing)?;
        let records = &self.server.context.records;
        let found = records.operation(&self.subscription.id, &id.to_string()).await?;
        let found = found.ok_or_else(missing)?;
        Ok(answer::document(shown(id, &found).to_xml()))
    }

    pub(super) async fn operation_list(&self) -> Result<Response<Body>, Failure> {
        let time = |name: &str| {
            let text = parameter(self.query.as_deref(), name).ok_or_else(|| {
                let what = format!("the parameter {name} is missing; write a time as 2015-07-11T17:22:38Z");
                Failure::new(ErrorCode::MissingOrInvalidRequiredQueryParameter, what)
            })?;
            milliseconds(&text).ok_or_else(|| {
                let shown = hostler_contract::escape_bounded(&text, 60);
                let what = format!("{name} is `{shown}`, which is no time; write one as 2015-07-11T17:22:38Z");
                Failure::new(ErrorCode::MissingOrInvalidRequiredQueryParameter, what)
            })
        };
        let (from_ms, to_ms) = (time("StartTime")?, time("EndTime")?);
        let after = match parameter(self.query.as_deref(), "ContinuationToken") {
            None => None,
            Some(token) if token.is_empty() => None,
            Some(token) => Some(place(&token).ok_or_else(|| {
                let what = "ContinuationToken is none that was given out; leave it away for the first page";
                Failure::new(ErrorCode::MissingOrInvalidRequiredQueryParameter, what)
            })?),
        };
        let asked = OperationsAsked {
            subscription: self.subscription.id.clone(),
            from_ms,
            // The end is a whole second where it says nothing finer, and all of it is meant.
            to_ms: to_ms.saturating_add(999),
            after,
            count: PAGE,
        };
        let page = self.server.context.records.operations(&asked).await?;
        let operations = page.operations.iter().filter_map(|operation| self.recorded(operation));
        let history = OperationHistory {
            operations: operations.collect(),
            continuation_token: page.next.map(|(ms, id)| format!("{ms}.{id}")),
        };
        Ok(answer::document(history.to_xml()))
    }

    fn recorded(&self, operation: &Operation) -> Option<RecordedOperation> {
        let Operation {
            namespace,
            extension_type,
            version,
            ..
        } = operation;
        let parameters = [
            ("ProviderNameSpace", namespace),
            ("Type", extension_type),
            ("Version", version),
        ];
        Some(RecordedOperation {
            object: format!(
                "/{}/services/extensions/{namespace}/{extension_type}/{version}",
                self.subscription.id
            ),
            name: operation.kind.as_str().to_owned(),
            parameters: parameters
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .to_vec(),
            caller: OperationCaller {
                certificate_thumbprint: operation.thumbprint.clone(),
                client_ip: operation.caller_ip.clone(),
            },
            operation: shown(RequestId::parse(&operation.id)?, operation),
            started: timestamp(operation.created_ms),
            completed: operation.ended_ms.map(timestamp),
        })
    }
}

/// A time of the records as the API writes it.
pub(super) fn timestamp(ms: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000);
    registration::timestamp(time.unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

fn shown(id: RequestId, operation: &Operation) -> registration::Operation {
    let http_status = operation.http_status.unwrap_or(500);
    let outcome = match operation.status {
        OperationStatus::InProgress => OperationOutcome::InProgress,
        OperationStatus::Succeeded => OperationOutcome::Succeeded { http_status },
        OperationStatus::Failed => {
            let failure = operation.failure.as_ref();
            OperationOutcome::Failed {
                http_status,
                error: ServiceError {
                    code: failure.map_or_else(|| "InternalError".to_owned(), |failure| failure.code.clone()),
                    message: failure.map_or_else(String::new, |failure| failure.message.clone()),
                },
            }
        }
    };
    registration::Operation { id, outcome }
}

/// A time of a query, in milliseconds since 1970: with a zone, without one for UTC, or a date for its beginning.
fn milliseconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let time = OffsetDateTime::parse(text, &Iso8601::DEFAULT)
        .or_else(|_| PrimitiveDateTime::parse(text, &Iso8601::DEFAULT).map(PrimitiveDateTime::assume_utc))
        .or_else(|_| {
            let form = format_description!("[year]-[month]-[day]");
            Date::parse(text, form).map(|date| date.midnight().assume_utc())
        });
    i64::try_from(time.ok()?.unix_timestamp_nanos() / 1_000_000).ok()
}

fn place(token: &str) -> Option<(i64, String)> {
    let (ms, id) = token.split_once('.')?;
    let id = RequestId::parse(id)?;
    Some((ms.parse().ok()?, id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{milliseconds, place};

    #[test]
    fn times_are_read_as_clients_write_them() {
        for (text, ms) in [
            ("1970-01-01T00:00:01Z", Some(1000)),
            ("1970-01-01T00:00:01.5Z", Some(1500)),
            ("1970-01-01T00:00:01.5000000Z", Some(1500)),
            ("1970-01-01T01:00:01+01:00", Some(1000)),
            ("1970-01-01T00:00:01", Some(1000)),
            ("1970-01-02", Some(86_400_000)),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(milliseconds(text), ms, "{text}");
        }
    }

    #[test]
    fn a_token_is_a_place() {
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(place(&format!("12.{id}")), Some((12, id.to_owned())));
        for token in ["", "12", "x.0123456789abcdef0123456789abcdef", "12.x"] {
            assert_eq!(place(token), None, "{token}");
        }
    }
}
