//! What a component has on its outside, read from its bytes.

use std::collections::BTreeMap;

use wasmparser::{ComponentExternalKind, ComponentTypeRef, Encoding, Parser, Payload};

use crate::pack::adapt_error::AdaptError;

/// Something that a component imports or exports, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// An interface.
    Instance(String),
    /// A function of its own.
    Function(String),
    /// Anything else.
    Other(String),
}

impl Item {
    /// Its name.
    pub(super) fn name(&self) -> String {
        let (Self::Instance(name) | Self::Function(name) | Self::Other(name)) = self;
        name.clone()
    }
}

/// What a component imports and exports, in order.
#[derive(Debug, Default)]
pub(super) struct Surface {
    pub(super) imports: Vec<Item>,
    pub(super) exports: Vec<Item>,
}

impl Surface {
    /// The surface of `component`, not of what lies in it.
    ///
    /// # Errors
    /// [`AdaptError::Encode`] for bytes that are no component.
    pub(super) fn of(component: &[u8]) -> Result<Self, AdaptError> {
        let mut surface = Self::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(unreadable)? {
                Payload::Version { encoding, .. } if depth == 0 && encoding != Encoding::Component => {
                    return Err(AdaptError::Encode("it is no component".to_owned()));
                }
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        let import = import.map_err(unreadable)?;
                        surface.imports.push(imported(import.name.name.to_owned(), import.ty));
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        let export = export.map_err(unreadable)?;
                        let name = export.name.name.to_owned();
                        surface.exports.push(match export.kind {
                            ComponentExternalKind::Instance => Item::Instance(name),
                            ComponentExternalKind::Func => Item::Function(name),
                            _ => Item::Other(name),
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(surface)
    }
}

fn imported(name: String, ty: ComponentTypeRef) -> Item {
    match ty {
        ComponentTypeRef::Instance(_) => Item::Instance(name),
        ComponentTypeRef::Func(_) => Item::Function(name),
        _ => Item::Other(name),
    }
}

/// A section: its number, and its bytes.
type Section = (u8, Vec<u8>);

/// The sections with which `hull` says what it imports, and the number of each imported interface.
///
/// # Errors
/// [`AdaptError::Encode`] for what is no component.
pub(super) fn prologue(hull: &[u8]) -> Result<(Vec<Section>, BTreeMap<String, u32>), AdaptError> {
    let (mut sections, mut instances) = (Vec::new(), BTreeMap::new());
    for payload in Parser::new(0).parse_all(hull) {
        let payload = payload.map_err(unreadable)?;
        match &payload {
            Payload::Version { .. } => continue,
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let import = import.map_err(unreadable)?;
                    if let Item::Instance(name) = imported(import.name.name.to_owned(), import.ty) {
                        let index = u32::try_from(instances.len()).unwrap_or(u32::MAX);
                        instances.insert(name, index);
                    }
                }
            }
            Payload::ComponentTypeSection(_) | Payload::ComponentAliasSection(_) => {}
            _ => break,
        }
        if let Some((id, range)) = payload.as_section() {
            sections.push((id, hull.get(range).unwrap_or_default().to_vec()));
        }
    }
    Ok((sections, instances))
}

fn unreadable(error: wasmparser::BinaryReaderError) -> AdaptError {
    AdaptError::Encode(error.to_string())
}
