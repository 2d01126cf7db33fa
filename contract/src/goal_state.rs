//! The goal state of the Azure fabric: a small XML document that says where the machine's documents lie.
//!
//! Only what leads to the extensions is read: the incarnation, and the location of the [`ExtensionsConfig`]. Which kind
//! of document a goal state is, is told by its content.
//!
//! [`ExtensionsConfig`]: crate::ExtensionsConfig

use crate::{
    Checked, DocumentKind, Refused, Source, codes,
    xml::{self, MAX_PARTS, XmlRules},
};

/// Most bytes of a goal state that are read.
pub const MAX_GOAL_STATE_BYTES: usize = 1024 * 1024;

const RULES: XmlRules = XmlRules {
    max_bytes: MAX_GOAL_STATE_BYTES,
    max_parts: MAX_PARTS,
    root: "GoalState",
    xml: codes::GOAL_STATE_XML,
    size: codes::GOAL_STATE_SIZE,
    schema: codes::GOAL_STATE_SCHEMA,
    hint: "write GoalState/Container/RoleInstanceList/RoleInstance/Configuration/ExtensionsConfig, without a DOCTYPE",
};

/// A goal state of the fabric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FabricGoalState {
    /// `Incarnation`, unless it is empty.
    pub incarnation: Option<String>,
    /// `Container/RoleInstanceList/RoleInstance/Configuration/ExtensionsConfig` of the first role instance, unless it is
    /// empty: a location, as it stands there.
    pub extensions_config: Option<String>,
}

impl FabricGoalState {
    /// Reads a goal state of the fabric. One that names no `ExtensionsConfig` is a goal state too: the fabric sends it
    /// for a machine that has nothing to do yet.
    ///
    /// # Errors
    /// More than 1 MiB, bytes that are not UTF-8, XML that is not well-formed or has a document type, another root
    /// element, and more elements than are read.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let root = xml::read(source, &RULES)?;
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let path = [
            "Container",
            "RoleInstanceList",
            "RoleInstance",
            "Configuration",
            "ExtensionsConfig",
        ];
        let config = path.iter().try_fold(&root, |element, name| element.child(name));
        Ok(Checked {
            value: Self {
                incarnation: root.child("Incarnation").and_then(|element| some(element.text())),
                extensions_config: config.and_then(|element| some(element.text())),
            },
            warnings: vec![],
        })
    }
}

impl DocumentKind {
    /// Which kind of goal state `bytes` are, by their content: XML by its outermost element, everything else is taken for
    /// the vmSettings form. XML of another kind is taken for an `ExtensionsConfig`, whose parser says what it lacks.
    pub fn of_goal_state(bytes: &[u8]) -> Self {
        match xml::root_name(bytes).as_deref() {
            None => Self::VmSettings,
            Some("GoalState") => Self::GoalState,
            Some(_) => Self::ExtensionsConfig,
        }
    }
}
