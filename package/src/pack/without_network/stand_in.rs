//! The two components that are made by rule: the stand-in for the network, and the hull, whose imports are those that stay.
//!
//! Both are made of the interfaces that the given component itself has, so that they fit it whatever version of WASI it was
//! built for and whatever part of it it uses. The stand-in's functions do nothing: whoever wants a socket or an address gets
//! the error `access-denied`, and without one there is nothing that the other functions could be called on.

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection, Function as Body, FunctionSection,
    ImportSection, MemorySection, MemoryType, Module, TypeSection, ValType,
};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::abi::WasmType;
use wit_parser::{
    Function, Handle, LiftLowerAbi, ManglingAndAbi, Resolve, ResourceIntrinsic, SizeAlign, Type, TypeDefKind, TypeId,
    TypeOwner, WasmExport, WasmExportKind, WasmImport, World, WorldId, WorldItem, WorldKey,
};

use crate::pack::adapt_error::AdaptError;

/// How names and types of functions are written in a core module.
const MANGLING: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);

/// The error that every wish gets.
const DENIED: &str = "access-denied";

/// Where the answers lie in memory, one after another; and where what a caller hands over is put, behind them.
const ANSWERS: u32 = 16;
const HANDED_OVER: u32 = 65_536;

/// The bytes of an answer: what is left of the longest one lies behind its error and is not read.
const ANSWER_BYTES: u32 = 64;

/// Both components.
pub(super) struct Parts {
    /// Exports what is denied.
    pub(super) stand_in: Vec<u8>,
    /// Imports what is not.
    pub(super) hull: Vec<u8>,
}

/// Makes both for the component whose interfaces are `world`'s; `is_denied` says by its name whether an interface is.
pub(super) fn parts(resolve: &mut Resolve, world: WorldId, is_denied: fn(&str) -> bool) -> Result<Parts, AdaptError> {
    let given = resolve.worlds[world].clone();
    let (mut outside, mut denied) = (given.clone(), given);
    let denies = |key: &WorldKey| is_denied(&resolve.name_world_key(key));
    outside.exports.clear();
    outside.imports.retain(|key, _| !denies(key));
    denied.exports = denied.imports.clone();
    denied.exports.retain(|key, _| denies(key));
    denied.imports = outside.imports.clone();
    Ok(Parts {
        hull: component(resolve, outside, hull)?,
        stand_in: component(resolve, denied, stand_in)?,
    })
}

fn component(resolve: &mut Resolve, world: World, make: fn(&Resolve, &World) -> Core) -> Result<Vec<u8>, AdaptError> {
    let mut module = make(resolve, &world).finish();
    let world = resolve.worlds.alloc(world);
    wit_component::embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8)
        .and_then(|()| ComponentEncoder::default().module(&module))
        // As the given component has them: two versions of an interface stay two.
        .and_then(|encoder| encoder.merge_imports_based_on_semver(false).encode())
        .map_err(|error| AdaptError::Encode(format!("{error:#}")))
}

/// A module that imports every function and type of the world, so that its component imports all of it.
fn hull(resolve: &Resolve, world: &World) -> Core {
    let mut core = Core::default();
    for (key, item) in &world.imports {
        let (interface, functions, types) = match item {
            WorldItem::Interface { id, .. } => {
                let interface = &resolve.interfaces[*id];
                let functions: Vec<_> = interface.functions.values().collect();
                (Some(key), functions, interface.types.values().copied().collect())
            }
            WorldItem::Function(function) => (None, vec![function], vec![]),
            WorldItem::Type { id, .. } => (None, vec![], vec![*id]),
        };
        for func in functions {
            let (module, name) = resolve.wasm_import_name(MANGLING, WasmImport::Func { interface, func });
            let signature = resolve.wasm_signature(MANGLING.import_variant(), func);
            core.import(&module, &name, values(&signature.params), values(&signature.results));
        }
        for resource in types.into_iter().filter(|id| is_resource(resolve, *id)) {
            let intrinsic = ResourceIntrinsic::ImportedDrop;
            let dropped = WasmImport::ResourceIntrinsic {
                interface,
                resource,
                intrinsic,
            };
            let (module, name) = resolve.wasm_import_name(MANGLING, dropped);
            core.import(&module, &name, vec![ValType::I32], vec![]);
        }
    }
    core.export_memory(resolve);
    core
}

/// A module that exports every function of what the world exports, with nothing behind it.
fn stand_in(resolve: &Resolve, world: &World) -> Core {
    let mut sizes = SizeAlign::default();
    sizes.fill(resolve);
    let mut core = Core::default();
    let functions: Vec<(&WorldKey, &Function)> = world
        .exports
        .iter()
        .filter_map(|(key, item)| match item {
            WorldItem::Interface { id, .. } => Some((key, &resolve.interfaces[*id])),
            _ => None,
        })
        .flat_map(|(key, interface)| interface.functions.values().map(move |function| (key, function)))
        .collect();
    // Imported functions have the first numbers, so they come before all others.
    let answers: Vec<Answer> = functions
        .iter()
        .map(|(_, function)| Answer::of(resolve, &sizes, function, &mut core))
        .collect();
    for ((key, func), answer) in functions.into_iter().zip(answers) {
        let signature = resolve.wasm_signature(MANGLING.export_variant(), func);
        let export = WasmExport::Func {
            interface: Some(key),
            func,
            kind: WasmExportKind::Normal,
        };
        let name = resolve.wasm_export_name(MANGLING, export);
        let body = answer.body(&mut core);
        core.function(&name, values(&signature.params), values(&signature.results), &body);
    }
    core.export_memory(resolve);
    core
}

/// What a function of the stand-in answers.
enum Answer {
    /// Nothing: it is a method of something that nobody has.
    Never,
    /// A new resource, made by the imported function of this number.
    Resource(u32),
    /// An error: its number among the errors, and where it lies in the answer.
    Error { case: u8, offset: u32 },
}

impl Answer {
    fn of(resolve: &Resolve, sizes: &SizeAlign, function: &Function, core: &mut Core) -> Self {
        let Some(Type::Id(id)) = function.result.filter(|_| function.kind.resource().is_none()) else {
            return Self::Never;
        };
        match &resolve.types[original(resolve, id)].kind {
            TypeDefKind::Handle(Handle::Own(resource)) => {
                let resource = original(resolve, *resource);
                // It may be another interface's than the function.
                let TypeOwner::Interface(owner) = resolve.types[resource].owner else {
                    return Self::Never;
                };
                let new = WasmImport::ResourceIntrinsic {
                    interface: Some(&WorldKey::Interface(owner)),
                    resource,
                    intrinsic: ResourceIntrinsic::ExportedNew,
                };
                let (module, name) = resolve.wasm_import_name(MANGLING, new);
                Self::Resource(core.import(&module, &name, vec![ValType::I32], vec![ValType::I32]))
            }
            TypeDefKind::Result(result) => {
                let Some(case) = result.err.and_then(|error| denial(resolve, error)) else {
                    return Self::Never;
                };
                let payloads = [result.ok.as_ref(), result.err.as_ref()];
                let offset = sizes.payload_offset(wit_parser::Int::U8, payloads).size_wasm32();
                Self::Error {
                    case,
                    offset: u32::try_from(offset).unwrap_or_default(),
                }
            }
            _ => Self::Never,
        }
    }

    fn body(&self, core: &mut Core) -> Body {
        let mut body = Body::new([]);
        let mut code = body.instructions();
        match self {
            Self::Never => code.unreachable(),
            Self::Resource(new) => code.i32_const(0).call(*new),
            Self::Error { case, offset } => {
                let address = core.answer(*case, *offset);
                code.i32_const(address.cast_signed())
            }
        };
        code.end();
        body
    }
}

/// The number of [`DENIED`] among the cases of `error`, where it is an enum that has it.
fn denial(resolve: &Resolve, error: Type) -> Option<u8> {
    let Type::Id(id) = error else { return None };
    let TypeDefKind::Enum(cases) = &resolve.types[original(resolve, id)].kind else {
        return None;
    };
    let position = cases.cases.iter().position(|case| case.name == DENIED)?;
    u8::try_from(position).ok()
}

/// The type that `id` is another name of.
fn original(resolve: &Resolve, mut id: TypeId) -> TypeId {
    while let TypeDefKind::Type(Type::Id(next)) = resolve.types[id].kind {
        id = next;
    }
    id
}

fn is_resource(resolve: &Resolve, id: TypeId) -> bool {
    matches!(resolve.types[id].kind, TypeDefKind::Resource)
}

fn values(types: &[WasmType]) -> Vec<ValType> {
    let value = |ty: &WasmType| match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => ValType::I32,
        WasmType::I64 | WasmType::PointerOrI64 => ValType::I64,
        WasmType::F32 => ValType::F32,
        WasmType::F64 => ValType::F64,
    };
    types.iter().map(value).collect()
}

/// Room for what a caller hands over, always the same: nobody reads it, and no call has two parts.
fn room() -> Body {
    const SIZE: u32 = 3;
    let mut body = Body::new([]);
    let mut code = body.instructions();
    // Pages that the size takes, of which there may be none left.
    code.local_get(SIZE).i32_const(16).i32_shr_u().i32_const(1).i32_add();
    code.memory_size(0).i32_const(1).i32_sub().i32_gt_u();
    code.if_(wasm_encoder::BlockType::Empty);
    code.local_get(SIZE).i32_const(16).i32_shr_u().i32_const(1).i32_add();
    code.memory_grow(0).i32_const(-1).i32_eq();
    code.if_(wasm_encoder::BlockType::Empty).unreachable().end();
    code.end();
    code.i32_const(HANDED_OVER.cast_signed()).end();
    body
}

/// A core module in the making.
#[derive(Default)]
struct Core {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    exports: ExportSection,
    code: CodeSection,
    data: DataSection,
}

impl Core {
    /// Imports a function; its number.
    fn import(&mut self, module: &str, name: &str, params: Vec<ValType>, results: Vec<ValType>) -> u32 {
        let ty = self.types.len();
        self.types.ty().function(params, results);
        self.imports.import(module, name, EntityType::Function(ty));
        self.imports.len() - 1
    }

    fn function(&mut self, name: &str, params: Vec<ValType>, results: Vec<ValType>, body: &Body) {
        let ty = self.types.len();
        self.types.ty().function(params, results);
        let index = self.imports.len() + self.functions.len();
        self.functions.function(ty);
        self.code.function(body);
        self.exports.export(name, ExportKind::Func, index);
    }

    /// Puts an answer into memory: the error `case`, at `offset`; where it is.
    fn answer(&mut self, case: u8, offset: u32) -> u32 {
        let address = ANSWERS + self.data.len() * ANSWER_BYTES;
        let mut bytes = vec![0; ANSWER_BYTES as usize];
        // That it is an error, and which.
        for (at, value) in [(0, 1), (offset as usize, case)] {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        self.data.active(0, &ConstExpr::i32_const(address.cast_signed()), bytes);
        address
    }

    fn export_memory(&mut self, resolve: &Resolve) {
        let name = |export| resolve.wasm_export_name(MANGLING, export);
        self.function(
            &name(WasmExport::Realloc),
            vec![ValType::I32; 4],
            vec![ValType::I32],
            &room(),
        );
        self.exports.export(&name(WasmExport::Memory), ExportKind::Memory, 0);
    }

    fn finish(self) -> Vec<u8> {
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut module = Module::new();
        module
            .section(&self.types)
            .section(&self.imports)
            .section(&self.functions);
        module
            .section(&memories)
            .section(&self.exports)
            .section(&self.code)
            .section(&self.data);
        module.finish()
    }
}
