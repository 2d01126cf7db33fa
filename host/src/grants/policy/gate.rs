//! Which handlers are worked on at all (contract 8.5). What the gate keeps out is neither run nor touched, be it to be
//! enabled or to go; it is reported.

use hostler_contract::{Code, Finding, HandlerName, Place, codes, escape_bounded};

use super::Policy;
use super::read::{Reader, Value};

/// Most handlers of the list.
const MAX_ALLOWED: usize = 1024;

/// Which handlers are worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gate {
    /// Whether any is.
    pub(super) extensions_enabled: bool,
    /// The only ones that are; `None` where all are.
    pub(super) allowed_handlers: Option<Vec<HandlerName>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            extensions_enabled: true,
            allowed_handlers: None,
        }
    }
}

impl Gate {
    /// Why the handler `name` is not worked on, if it is not. Names are compared without case, as the agent does here.
    fn keeps_out(&self, name: &HandlerName) -> Option<Code> {
        if !self.extensions_enabled {
            return Some(codes::POLICY_EXTENSIONS_DISABLED);
        }
        let allowed = self.allowed_handlers.as_ref()?;
        let is_listed = allowed
            .iter()
            .any(|other| other.as_str().eq_ignore_ascii_case(name.as_str()));
        (!is_listed).then_some(codes::POLICY_NOT_ALLOWED)
    }
}

impl Policy {
    /// Whether something is done about handlers, if only about some of them.
    pub fn extensions_enabled(&self) -> bool {
        self.gate.extensions_enabled
    }

    /// Why nothing is done about `name`, of which `full_name` is wanted to be run, or, with `goes`, to be taken away; in the
    /// agent's words as far as they fit. `None` where something may be done.
    pub fn keeps_out(&self, name: &HandlerName, full_name: &str, goes: bool) -> Option<Finding> {
        let code = self.gate.keeps_out(name)?;
        let file = self.file().unwrap_or("the policy");
        let (what, hint) = if code == codes::POLICY_EXTENSIONS_DISABLED {
            (
                format!("Extension '{full_name}' will not be processed since extension processing is disabled"),
                format!("To enable extension processing, set extensions-enabled = true in '{file}'"),
            )
        } else {
            let done = if goes { "uninstall" } else { "run" };
            (
                format!(
                    "Extension will not be processed: failed to {done} extension '{name}' because it is not specified as \
                     an allowed extension"
                ),
                format!("To {done}, add the extension to allowed-handlers in the policy file ('{file}')"),
            )
        };
        Some(Finding::refusal(code, file, Place::Whole, what, hint))
    }
}

impl Reader<'_> {
    /// The handlers of `allowed-handlers`.
    pub(super) fn allowed_handlers(&mut self, value: &Value<'_>) -> Vec<HandlerName> {
        let mut allowed: Vec<HandlerName> = Vec::new();
        for item in self.items(value, MAX_ALLOWED) {
            let Some(text) = self.string(item) else { continue };
            let shown = escape_bounded(text, 80);
            let wrong = match HandlerName::parse(text) {
                Ok(name) if allowed.contains(&name) => {
                    (format!("`{shown}` stands twice"), "name each handler once".to_owned())
                }
                Ok(name) => {
                    allowed.push(name);
                    continue;
                }
                Err(_) => (
                    format!("`{shown}` is not the name of a handler"),
                    "write Publisher.Type, without a version; there are no patterns".to_owned(),
                ),
            };
            self.refuse(codes::POLICY_VALUE, &item.span(), wrong.0, wrong.1);
        }
        allowed
    }
}
