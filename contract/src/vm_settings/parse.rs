//! Reading a goal state in the vmSettings form.

use std::collections::HashMap;

use super::{
    BadEntry, HandlerGoalState, MAX_VM_SETTINGS_BYTES, MAX_VM_SETTINGS_ENTRIES, VmSettings,
    entry::{self, Twins},
    fields::{Reader, scalar_text},
};
use crate::{
    Checked, Refused, Source, codes,
    json::{ByteOrderMark, Duplicates, JsonPath, JsonRules, Node, Object, Read},
    notes::{MAX_FINDINGS, Notes},
};

const RULES: JsonRules = JsonRules {
    max_bytes: MAX_VM_SETTINGS_BYTES,
    max_depth: 64,
    byte_order_mark: ByteOrderMark::Strip,
    duplicates: Duplicates::Refuse,
    refuse_negative_zero: false,
    json: codes::VM_SETTINGS_JSON,
    encoding: codes::VM_SETTINGS_ENCODING,
    size: codes::VM_SETTINGS_SIZE,
    depth: codes::VM_SETTINGS_DEPTH,
    duplicate_key: codes::VM_SETTINGS_DUPLICATE_KEY,
};

impl VmSettings {
    /// Reads a goal state. What is wrong inside one element of `extensionGoalStates` makes that element a [`BadEntry`]
    /// and stops no other (design 6).
    ///
    /// # Errors
    /// What is not JSON or out of bounds, repeated keys, and what is wrong outside of the entries: a top level that is
    /// no object, texts, flags and lists that are none, more than [`MAX_VM_SETTINGS_ENTRIES`] entries. The findings
    /// about entries come after those about the document.
    pub fn parse(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let Read { root, warnings } = Read::document(source, &RULES)?;
        let notes = Notes::new(source.file, warnings);
        let path = JsonPath::root();
        let Some(top) = root.as_object() else {
            let what = format!("it is {}", root.kind());
            return Err(notes.give_up(codes::VM_SETTINGS_SCHEMA, &path, what, "write an object"));
        };
        let mut reader = Reader {
            file: source.file,
            notes,
        };
        let settings = Self {
            in_svd_seq_no: top.get_ignore_case("inSvdSeqNo").and_then(scalar_text),
            activity_id: reader.text(top, "activityId", &path),
            correlation_id: reader.text(top, "correlationId", &path),
            source: reader.text(top, "extensionGoalStatesSource", &path),
            on_hold: reader.flag(top, "onHold", &path),
            required_features: reader.required_features(top, &path),
            handlers: reader.handlers(top, &path),
        };
        if reader.notes.is_refused() {
            for finding in settings.bad_entries().flat_map(|bad| bad.refused.findings()) {
                reader.notes.take(finding.clone());
            }
        }
        Ok(Checked {
            value: settings,
            warnings: reader.notes.finish()?,
        })
    }
}

impl Reader<'_> {
    fn handlers(&mut self, top: &Object, at: &JsonPath) -> Vec<Result<HandlerGoalState, BadEntry>> {
        let list = at.key("extensionGoalStates");
        if top.get_ignore_case("extensionGoalStates").is_none_or(Node::is_null) {
            // An empty list removes every handler; that is not to happen because a document is cut or is another one.
            let what = "there is no `extensionGoalStates`".to_owned();
            self.refuse(&list, what, "write a list; an empty one says that no handler is wanted");
            return Vec::new();
        }
        let nodes = self.array(top, "extensionGoalStates", at);
        if nodes.len() > MAX_VM_SETTINGS_ENTRIES {
            let what = format!("it has {} elements", nodes.len());
            let hint = format!("at most {MAX_VM_SETTINGS_ENTRIES} are read");
            self.notes.refuse(codes::VM_SETTINGS_SIZE, &list, what, hint);
            return Vec::new();
        }
        let namesakes = Namesakes::of(nodes);
        let mut findings = 0;
        let mut handlers = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let mut handler = entry::read(self.file, node, &list.index(index), namesakes.twins(index, node, &list));
            if let Err(bad) = &mut handler {
                findings += bad.refused.findings().len();
                // One finding must be there to say why; a document full of faults shall not fill the memory.
                if findings > MAX_FINDINGS {
                    bad.refused = Refused::new(bad.refused.first().clone());
                }
            }
            handlers.push(handler);
        }
        handlers
    }

    fn required_features(&mut self, top: &Object, at: &JsonPath) -> Vec<String> {
        let entries = self.objects(top, "requiredFeatures", at);
        entries
            .into_iter()
            .filter_map(|(entry, path)| self.parsed(entry, "name", &path, |t| Ok(t.to_owned())))
            .collect()
    }
}

/// Which entries name the same handler, by its name in lower case.
///
/// Case does not count, since names are those of folders and of what a policy lists, and two spellings that were two
/// handlers for one reader and one for another would be a way around it.
struct Namesakes(HashMap<String, Vec<usize>>);

impl Namesakes {
    fn of(nodes: &[Node]) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, node) in nodes.iter().enumerate() {
            if let Some(name) = entry::name(node) {
                places
                    .entry(name.as_str().to_ascii_lowercase())
                    .or_default()
                    .push(index);
            }
        }
        Self(places)
    }

    /// What there is to say about the others that have the name of the entry at `index`, if there are any.
    fn twins(&self, index: usize, node: &Node, list: &JsonPath) -> Option<Twins> {
        let name = entry::name(node)?;
        let places = self.0.get(&name.as_str().to_ascii_lowercase())?;
        let other = places.iter().find(|place| **place != index)?;
        Some(Twins {
            name,
            count: places.len(),
            other: list.index(*other),
        })
    }
}
