//! Components written out as text, and how they are run.

use std::path::Path;

use hostler_contract::manifest::Precision;
use hostler_contract::{Command, Source};
use hostler_host::limits::{LimitName, Limits, Quota, Rule};
use hostler_host::sandbox::{
    Access, Code, Entry, Invocation, OpenFolder, Outcome, Preopen, PrepareQuota, RequiredIsolation, Sandbox,
    WorkerOptions,
};

/// What a component does, as the body of `run`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Does {
    Nothing,
    LoopsForEver,
    Traps,
    GrowsMemory,
    OverflowsItsStack,
}

impl Does {
    pub(crate) const HOSTILE: [Self; 4] = [
        Self::LoopsForEver,
        Self::Traps,
        Self::GrowsMemory,
        Self::OverflowsItsStack,
    ];

    fn body(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::LoopsForEver => "(loop br 0)",
            Self::Traps => "unreachable",
            Self::GrowsMemory => "(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable",
            Self::OverflowsItsStack => "(drop (call $run))",
        }
    }

    /// The component's bytes.
    pub(crate) fn bytes(self) -> Vec<u8> {
        wat::parse_str(format!(
            r#"(component
                 (core module $m (memory (export "memory") 1)
                   (func $run (export "run") (result i32) {} i32.const 0))
                 (core instance $i (instantiate $m))
                 (func $run (result (result)) (canon lift (core func $i "run")))
                 (instance $r (export "run" (func $run)))
                 (export "wasi:cli/run@0.2.0" (instance $r)))"#,
            self.body()
        ))
        .unwrap()
    }

    pub(crate) fn code(self, sandbox: &Sandbox) -> Code {
        sandbox.code(Source::new("test.wasm", &self.bytes()), None).unwrap()
    }
}

/// A sandbox whose workers are the real program.
pub(crate) fn sandbox() -> Sandbox {
    sandbox_of(Path::new(env!("CARGO_BIN_EXE_hostler")))
}

/// A sandbox whose workers are `program`.
pub(crate) fn sandbox_of(program: &Path) -> Sandbox {
    let options = WorkerOptions::of_program(program, RequiredIsolation::Process);
    Sandbox::with_workers(&options).unwrap()
}

/// A sandbox whose package and compile workers may take only so much.
pub(crate) fn sandbox_within(prepare: PrepareQuota) -> Sandbox {
    let options = WorkerOptions {
        prepare,
        ..WorkerOptions::of_program(env!("CARGO_BIN_EXE_hostler").as_ref(), RequiredIsolation::Process)
    };
    Sandbox::with_workers(&options).unwrap()
}

/// A command with a deadline in milliseconds and no folder.
pub(crate) fn invocation(deadline: u64) -> Invocation {
    let mut limits = Limits::of_command(Command::Enable);
    limits.lower(LimitName::Deadline, deadline, Rule::CommandLine).unwrap();
    Invocation {
        handler: "Test.Handler-1.0".to_owned(),
        entry: Entry::Run(vec!["test.wasm".to_owned()]),
        is_service: false,
        environment: vec![("SECRET_OF_THE_HANDLER".to_owned(), "canary".to_owned())],
        preopens: vec![],
        may_link: true,
        limits,
        clock: Precision::Full,
        clock_shift: 0,
        random: Precision::Full,
    }
}

/// The same with one folder that it may write in.
pub(crate) fn with_folder(invocation: Invocation, folder: &Path) -> (Invocation, Vec<OpenFolder>) {
    let preopens = vec![Preopen {
        name: "/data".to_owned(),
        access: Access::ReadWrite(Quota::Data),
        granted: false,
    }];
    let open = std::fs::File::open(folder).unwrap();
    (Invocation { preopens, ..invocation }, vec![open.into()])
}

pub(crate) fn run(sandbox: &Sandbox, code: &Code, deadline: u64) -> Outcome {
    sandbox.run(code, &invocation(deadline), vec![])
}
