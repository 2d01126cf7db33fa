//! Components of any size, made of functions that look like compiled ones: loops, arithmetic, memory, calls. Each is
//! different, so that nothing is compiled once for many.

use wasm_encoder::{
    Alias, BlockType, CanonicalFunctionSection, CodeSection, Component, ComponentAliasSection, ComponentExportKind,
    ComponentExportSection, ComponentInstanceSection, ComponentTypeSection, ComponentValType, ExportKind,
    ExportSection, Function, FunctionSection, InstanceSection, MemArg, MemorySection, MemoryType, Module, ModuleArg,
    ModuleSection, TypeSection, ValType,
};

/// Under which name a component is run.
const RUN: &str = "wasi:cli/run@0.2.0";

/// Pages of memory: what the functions can reach.
const PAGES: u64 = 2;

/// Steps in one function.
const STEPS: u32 = 24;

/// A component of about `bytes` that does nothing when it is run, though it has much that it could do.
pub(crate) fn component(bytes: usize) -> Vec<u8> {
    // The size of one function, from a component with a few.
    const PROBE: u32 = 64;
    let each = wrapped(&module(PROBE)).len() / PROBE as usize;
    let functions = u32::try_from(bytes / each.max(1)).unwrap_or(u32::MAX).max(1);
    wrapped(&module(functions))
}

/// A module with `functions` of them, and `run`, which reaches them all and calls none.
fn module(functions: u32) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32; 2], [ValType::I32]);
    types.ty().function([], [ValType::I32]);
    let mut declared = FunctionSection::new();
    let mut code = CodeSection::new();
    let mut numbers = Numbers(0x2545_f491);
    for index in 0..functions {
        declared.function(0);
        code.function(&body(index, &mut numbers));
    }
    declared.function(1);
    let mut run = Function::new([]);
    run.instructions().i32_const(0).end();
    code.function(&run);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: PAGES,
        maximum: Some(PAGES),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("run", ExportKind::Func, functions);
    exports.export("last", ExportKind::Func, functions - 1);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&declared)
        .section(&memories)
        .section(&exports)
        .section(&code);
    module
}

/// The function at `index`: mixes what it was given with memory in a loop, and calls the function before it now and then.
fn body(index: u32, numbers: &mut Numbers) -> Function {
    const SUM: u32 = 2;
    const COUNTER: u32 = 3;
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    code.local_get(1).i32_const(15).i32_and().local_set(COUNTER);
    code.loop_(BlockType::Empty);
    for _ in 0..STEPS {
        let constant = numbers.next().cast_signed();
        code.local_get(0).i32_const(constant);
        match numbers.next() % 4 {
            0 => code.i32_add(),
            1 => code.i32_xor(),
            2 => code.i32_mul(),
            _ => code.i32_rotl(),
        };
        code.local_tee(0).i32_const(0xfffc).i32_and();
        let place = MemArg {
            offset: u64::from(numbers.next() % 0xffff),
            align: 0,
            memory_index: 0,
        };
        code.i32_load(place).local_get(SUM).i32_add().local_set(SUM);
    }
    if index > 0 {
        code.local_get(SUM).i32_const(1).i32_and().if_(BlockType::Empty);
        code.local_get(SUM).local_get(COUNTER).call(index - 1).local_set(SUM);
        code.end();
    }
    code.local_get(COUNTER).i32_const(1).i32_sub().local_tee(COUNTER);
    code.i32_const(0).i32_gt_s().br_if(0);
    code.end();
    code.local_get(SUM).end();
    function
}

/// `module` as a component that a host can run as a program.
fn wrapped(module: &Module) -> Vec<u8> {
    let mut instances = InstanceSection::new();
    instances.instantiate(0, Vec::<(&str, ModuleArg)>::new());
    let mut aliases = ComponentAliasSection::new();
    aliases.alias(Alias::CoreInstanceExport {
        instance: 0,
        kind: ExportKind::Func,
        name: "run",
    });
    let mut types = ComponentTypeSection::new();
    types.defined_type().result(None, None);
    types
        .function()
        .params(Vec::<(&str, ComponentValType)>::new())
        .result(Some(ComponentValType::Type(0)));
    let mut lifted = CanonicalFunctionSection::new();
    lifted.lift(0, 1, []);
    let mut exported = ComponentInstanceSection::new();
    exported.export_items([("run", ComponentExportKind::Func, 0)]);
    let mut exports = ComponentExportSection::new();
    exports.export(RUN, ComponentExportKind::Instance, 0, None);
    let mut component = Component::new();
    component
        .section(&ModuleSection(module))
        .section(&instances)
        .section(&aliases)
        .section(&types)
        .section(&lifted)
        .section(&exported)
        .section(&exports);
    component.finish()
}

/// Numbers that look random (xorshift32), the same in every run.
struct Numbers(u32);

impl Numbers {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use hostler_contract::Source;
    use hostler_host::sandbox::Sandbox;

    use super::component;
    use crate::guest::{job, succeeded};

    #[test]
    fn sizes_are_as_asked_for() {
        for bytes in [10_000, 70_000, 1_000_000, 5_000_000] {
            let made = component(bytes).len();
            assert!(made.abs_diff(bytes) < bytes / 20, "{made} for {bytes}");
        }
    }

    #[test]
    fn they_are_fit_to_be_run() {
        let bytes = component(70_000);
        let sandbox = Sandbox::in_process().unwrap();
        let code = sandbox.code(Source::new("generated.wasm", &bytes), None).unwrap();
        let (invocation, folders) = job(&[], None, &[]).unwrap();
        succeeded(&sandbox.run(&code, &invocation, folders)).unwrap();
    }
}
