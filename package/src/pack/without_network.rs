//! Takes the network out of a component.
//!
//! Some languages bring a library that imports `wasi:sockets` whether a handler uses them or not, and a component that
//! imports what the sandbox does not have is refused. So such a component is put into another one that has none of these
//! imports, beside a [stand-in](stand_in) that answers every wish for a socket with `access-denied`:
//!
//! ```text
//! packed component
//!  ├─ imports: those of the given one, without wasi:sockets
//!  ├─ the stand-in, which exports wasi:sockets
//!  ├─ the given component, byte for byte
//!  └─ exports: those of the given one
//! ```
//!
//! What the sandbox allows stays as it is: it never sees sockets.

mod stand_in;
mod surface;

use std::collections::BTreeMap;

use wasm_encoder::{
    Alias, Component, ComponentAliasSection, ComponentExportKind, ComponentExportSection, ComponentInstanceSection,
    ComponentSectionId, RawSection,
};
use wasmparser::Validator;
use wit_component::DecodedWasm;

use self::surface::{Item, Surface};
use super::adapt_error::AdaptError;

/// What an interface of the network is called at its beginning.
const NETWORK: &str = "wasi:sockets/";

/// A component without the network, and what it did import of it.
#[derive(Debug)]
pub(super) struct Offline {
    /// The component.
    pub(super) component: Vec<u8>,
    /// The interfaces that are no longer imported, in order.
    pub(super) interfaces: Vec<String>,
}

/// Makes a component of `component` that imports nothing of `wasi:sockets` and is the same otherwise; `None` where it
/// imports nothing of it already, or is none.
///
/// The same component gives the same bytes.
///
/// # Errors
/// [`AdaptError::Encode`] for one that cannot be taken apart: it is not valid, or its interfaces are not those of WIT.
pub(super) fn without_network(component: &[u8]) -> Result<Option<Offline>, AdaptError> {
    // What cannot be read is not for here: whoever checks the package says what is wrong with it.
    let Ok(given) = Surface::of(component) else {
        return Ok(None);
    };
    let interfaces: Vec<String> = given
        .imports
        .iter()
        .map(Item::name)
        .filter(|name| is_network(name))
        .collect();
    if interfaces.is_empty() {
        return Ok(None);
    }
    let wrong = |error: &dyn std::fmt::Display| AdaptError::Encode(format!("{error:#}"));
    let DecodedWasm::Component(mut resolve, world) = wit_component::decode(component).map_err(|error| wrong(&error))?
    else {
        return Ok(None);
    };
    let parts = stand_in::parts(&mut resolve, world, is_network)?;
    let made = assemble(component, &given, &parts)?;
    Validator::new().validate_all(&made).map_err(|error| wrong(&error))?;
    Ok(Some(Offline {
        component: made,
        interfaces,
    }))
}

fn is_network(name: &str) -> bool {
    name.starts_with(NETWORK)
}

/// Puts the component together: what it imports, the two inside it, and what it exports.
fn assemble(component: &[u8], given: &Surface, parts: &stand_in::Parts) -> Result<Vec<u8>, AdaptError> {
    let stand_in = Surface::of(&parts.stand_in)?;
    let mut outer = Component::new();
    let (prologue, imports) = surface::prologue(&parts.hull)?;
    for (id, data) in &prologue {
        outer.section(&RawSection { id: *id, data });
    }
    for inner in [&parts.stand_in[..], component] {
        let id = ComponentSectionId::Component as u8;
        outer.section(&RawSection { id, data: inner });
    }
    let mut instances = Instances {
        count: u32::try_from(imports.len()).unwrap_or(u32::MAX),
        named: imports,
    };
    let provider = instances.instantiate(&mut outer, 0, &stand_in)?;
    let mut aliases = ComponentAliasSection::new();
    for item in stand_in.exports.iter().filter(|item| is_network(&item.name())) {
        let name = item.name();
        aliases.alias(exported(provider, ComponentExportKind::Instance, &name));
        let index = instances.add();
        instances.named.insert(name, index);
    }
    outer.section(&aliases);
    let inside = instances.instantiate(&mut outer, 1, given)?;
    let (mut aliases, mut exports, mut functions) = (ComponentAliasSection::new(), ComponentExportSection::new(), 0);
    for item in &given.exports {
        let (kind, index) = match item {
            Item::Instance(_) => (ComponentExportKind::Instance, instances.add()),
            Item::Function(_) => {
                functions += 1;
                (ComponentExportKind::Func, functions - 1)
            }
            Item::Other(name) => return Err(unsupported("exports", name)),
        };
        let name = item.name();
        aliases.alias(exported(inside, kind, &name));
        exports.export(&*name, kind, index, None);
    }
    outer.section(&aliases);
    outer.section(&exports);
    Ok(outer.finish())
}

fn exported(instance: u32, kind: ComponentExportKind, name: &str) -> Alias<'_> {
    Alias::InstanceExport { instance, kind, name }
}

fn unsupported(does: &str, name: &str) -> AdaptError {
    AdaptError::Encode(format!(
        "it imports {NETWORK}*, and {does} `{name}`, which is neither an interface nor a function, so that the network cannot be taken out"
    ))
}

/// The instances of the component that is made.
struct Instances {
    /// How many there are.
    count: u32,
    /// Those that have an interface's name.
    named: BTreeMap<String, u32>,
}

impl Instances {
    /// Counts one more; its index.
    fn add(&mut self) -> u32 {
        self.count += 1;
        self.count - 1
    }

    /// Instantiates the inner component `index` with what there is by the names of its imports; the instance.
    fn instantiate(&mut self, outer: &mut Component, index: u32, surface: &Surface) -> Result<u32, AdaptError> {
        let mut with = Vec::new();
        for import in &surface.imports {
            let name = import.name();
            let Some(instance) = self.named.get(&name) else {
                return Err(unsupported("imports", &name));
            };
            with.push((name, ComponentExportKind::Instance, *instance));
        }
        let mut section = ComponentInstanceSection::new();
        section.instantiate(index, with.iter().map(|(name, kind, index)| (&**name, *kind, *index)));
        outer.section(&section);
        Ok(self.add())
    }
}
