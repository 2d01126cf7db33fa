//! What becomes of each block of commands.

/// A block: its page, how it begins, and what becomes of it.
pub(crate) struct Row {
    pub(crate) page: &'static str,
    pub(crate) begins: &'static str,
    pub(crate) fate: Fate,
}

/// What becomes of a block.
pub(crate) enum Fate {
    /// It is run here, and has to say this.
    Here { says: &'static str },
    /// Another test runs it, or the same commands: the file that it is in.
    RunBy(&'static str),
    /// Nobody runs it in a test: why.
    NotRun(&'static str),
}

use Fate::{Here, NotRun, RunBy};

const fn row(page: &'static str, begins: &'static str, fate: Fate) -> Row {
    Row { page, begins, fate }
}

const RUNNING: &str = "docs/running.md";
const OPERATORS: &str = "docs/operators.md";
const PUBLISHERS: &str = "docs/publishers.md";
const PORTING: &str = "docs/porting.md";
const BENCHMARKS: &str = "docs/benchmarks.md";
const NATIVE_AGENT: &str = "docs/native-agent.md";

/// One row for each block.
pub(crate) const TABLE: &[Row] = &[
    row(
        "README.md",
        "cargo xtask demo",
        NotRun("it is what runs these tests; the demo shows handlers that they run, too"),
    ),
    row(
        "README.md",
        "cd hostler",
        NotRun("it builds the `hostler` that these tests are given"),
    ),
    row("README.md", "cargo new motd", RunBy("tests/tests/readme.rs")),
    row("README.md", "cargo test", RunBy("tests/tests/readme.rs")),
    row("README.md", "root=$(mktemp -d)", RunBy("tests/tests/readme.rs")),
    row(
        "docs/authors.md",
        "hostler new greeter",
        RunBy("tests/tests/new/languages.rs"),
    ),
    row(RUNNING, "cp CLONE/", Here { says: "" }),
    row(
        RUNNING,
        "hostler apply goal.json",
        Here {
            says: "1 handler, 0 removed; all well.",
        },
    ),
    row(
        RUNNING,
        "hostler status",
        Here {
            says: "Ready (Enabled)",
        },
    ),
    row(RUNNING, "hostler logs", Here { says: "Hello, Ada" }),
    row(RUNNING, "hostler audit show", Here { says: "" }),
    row(
        RUNNING,
        "hostler audit verify --root root --anchor",
        RunBy("tests/tests/cli/audit.rs"),
    ),
    row(RUNNING, "hostler run Example.Motd", RunBy("tests/tests/readme.rs")),
    row(RUNNING, "hostler approve", RunBy("tests/tests/cli/policies.rs")),
    row(OPERATORS, "hostler self-test", RunBy("tests/tests/self_test.rs")),
    row(
        OPERATORS,
        "hostler agent",
        NotRun("goals.example is nobody's address; tests/tests/agent has servers of its own"),
    ),
    row(OPERATORS, "openssl req", Here { says: "" }),
    row(
        OPERATORS,
        "useradd",
        NotRun("it changes the machine; tests/tests/systemd.rs tries what the units allow"),
    ),
    row(
        OPERATORS,
        "install -m 644 docs/systemd/hostler-agent",
        NotRun("it changes the machine; systemd.rs tries the unit"),
    ),
    row(
        OPERATORS,
        "install -m 644 docs/systemd/hostler.service",
        NotRun("it changes the machine; systemd.rs tries the unit"),
    ),
    row(
        PUBLISHERS,
        "hostler pack",
        Here {
            says: "Example.Motd-1.0.0.zip",
        },
    ),
    row(
        PUBLISHERS,
        "openssl req",
        NotRun("repository.example is nobody's address; the repository's tests serve one"),
    ),
    row(
        PUBLISHERS,
        "hostler extension lint",
        NotRun("it needs the repository of the block before; the repository's tests serve one"),
    ),
    row(PUBLISHERS, "hostler check", Here { says: "accepted" }),
    row(
        PUBLISHERS,
        "hostler inspect",
        Here {
            says: "Example.Motd-1.0.0.zip",
        },
    ),
    row(PUBLISHERS, "hostler sign", Here { says: "" }),
    row(PORTING, "hostler test --native", RunBy("tests/tests/kit/breaches.rs")),
    row(PORTING, "hostler new app-health", Here { says: "app-health" }),
    row(
        PORTING,
        "./build.sh",
        NotRun("it builds what the reader wrote; tests/tests/new builds what a template has"),
    ),
    row(
        BENCHMARKS,
        "cargo xtask bench --quick",
        NotRun("it measures for many minutes, and the page has what came of it"),
    ),
    row(
        BENCHMARKS,
        "cargo xtask bench --json before.json",
        NotRun("it measures twice for many minutes; bench/tests/smoke.rs compares with an earlier run"),
    ),
    row(BENCHMARKS, "hostler bench", RunBy("tests/tests/cli/bench.rs")),
    row(
        BENCHMARKS,
        "cargo xtask soak",
        NotRun("it runs for ten minutes, and the page has what came of it"),
    ),
    row(
        "docs/repository-benchmarks.md",
        "cargo bench",
        NotRun("it measures for many minutes, and the page has what came of it"),
    ),
    row(
        NATIVE_AGENT,
        "hostler pack --launcher",
        RunBy("tests/tests/native_agent/agent.rs"),
    ),
    row(
        NATIVE_AGENT,
        "cargo xtask native-agent",
        RunBy("tests/tests/native_agent/real.rs"),
    ),
    row(
        NATIVE_AGENT,
        "cargo build --release",
        NotRun("it measures what was built in release mode, which takes many minutes"),
    ),
];
