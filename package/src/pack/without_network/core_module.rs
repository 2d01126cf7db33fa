//! A core module in the making: functions by their names, a memory, and answers that lie in it.

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection, Function as Body,
    FunctionSection, ImportSection, MemorySection, MemoryType, Module, TypeSection, ValType,
};

/// Where the answers lie in memory, one after another; and where what a caller hands over is put, behind them.
const ANSWERS: u32 = 16;
const HANDED_OVER: u32 = 65_536;

/// The bytes of an answer: what is left of the longest one lies behind its error and is not read.
const ANSWER_BYTES: u32 = 64;

/// Room for what a caller hands over, always the same: nobody reads it, and no call has two parts.
fn room() -> Body {
    const SIZE: u32 = 3;
    let mut body = Body::new([]);
    let mut code = body.instructions();
    // Pages that the size takes, of which there may be none left.
    code.local_get(SIZE).i32_const(16).i32_shr_u().i32_const(1).i32_add();
    code.memory_size(0).i32_const(1).i32_sub().i32_gt_u();
    code.if_(BlockType::Empty);
    code.local_get(SIZE).i32_const(16).i32_shr_u().i32_const(1).i32_add();
    code.memory_grow(0).i32_const(-1).i32_eq();
    code.if_(BlockType::Empty).unreachable().end();
    code.end();
    code.i32_const(HANDED_OVER.cast_signed()).end();
    body
}

/// A core module in the making.
#[derive(Default)]
pub(super) struct Core {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    exports: ExportSection,
    code: CodeSection,
    data: DataSection,
}

impl Core {
    /// Imports a function; its number.
    pub(super) fn import(&mut self, module: &str, name: &str, params: Vec<ValType>, results: Vec<ValType>) -> u32 {
        let ty = self.types.len();
        self.types.ty().function(params, results);
        self.imports.import(module, name, EntityType::Function(ty));
        self.imports.len() - 1
    }

    /// Exports a function with this body.
    pub(super) fn function(&mut self, name: &str, params: Vec<ValType>, results: Vec<ValType>, body: &Body) {
        let ty = self.types.len();
        self.types.ty().function(params, results);
        let index = self.imports.len() + self.functions.len();
        self.functions.function(ty);
        self.code.function(body);
        self.exports.export(name, ExportKind::Func, index);
    }

    /// Puts an answer into memory: the error `case`, at `offset`; where it is.
    pub(super) fn answer(&mut self, case: u8, offset: u32) -> u32 {
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

    /// Exports the memory, and the function that makes room in it.
    pub(super) fn export_memory(&mut self, realloc: &str, memory: &str) {
        self.function(realloc, vec![ValType::I32; 4], vec![ValType::I32], &room());
        self.exports.export(memory, ExportKind::Memory, 0);
    }

    /// The module.
    pub(super) fn finish(self) -> Vec<u8> {
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
