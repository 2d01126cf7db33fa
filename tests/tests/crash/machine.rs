//! A root, a publisher beside it, and `hostler` run on both, to its end or not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hostler_tests::{Ran, goal_state, hostler, publish, run_hostler};
use serde_json::Value;
use tempfile::TempDir;

use crate::tree::replace;

/// The handler that everything happens to.
pub(crate) const HANDLER: &str = "Contoso.Demo";

/// How long anything may take before a test gives up on it: far beyond everything that is run here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// How often a test looks whether what it waits for is there.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// A folder that goes away with the test.
pub(crate) struct Machine {
    folder: TempDir,
    /// Where compiled code is kept; nothing is the root's own.
    cache: Option<PathBuf>,
}

impl Machine {
    /// A machine on which nothing is installed; [`HANDLER`] is offered in versions 1.0.0 and 1.1.0, which do what
    /// `behaviour` says.
    pub(crate) fn new(behaviour: &Value) -> Self {
        let machine = Self {
            folder: tempfile::tempdir().unwrap(),
            cache: Some(shared_cache()),
        };
        fs::create_dir(machine.source()).unwrap();
        let versions = ["1.0.0", "1.1.0"].map(|version| (version, behaviour.clone()));
        publish(&machine.source(), HANDLER, &versions);
        machine
    }

    /// The same machine, which keeps compiled code in the root and nowhere else.
    pub(crate) fn with_its_own_cache(self) -> Self {
        Self { cache: None, ..self }
    }

    /// Where everything of it lies.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// The folder of the publisher.
    pub(crate) fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    /// The root.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// The file with the host's state.
    pub(crate) fn database(&self) -> PathBuf {
        self.root().join("state/hostler.sqlite")
    }

    /// Keeps a copy of the root as it is now.
    pub(crate) fn keep(&self) {
        self.keep_as("");
    }

    /// Puts back the root as it was kept last.
    pub(crate) fn put_back(&self) {
        self.put_back_from("");
    }

    /// Keeps a copy of the root under a name.
    pub(crate) fn keep_as(&self, name: &str) {
        replace(&self.folder.path().join(format!("kept{name}")), &self.root());
    }

    /// Puts back the root as it was kept under that name.
    pub(crate) fn put_back_from(&self, name: &str) {
        replace(&self.root(), &self.folder.path().join(format!("kept{name}")));
    }

    /// Applies a goal state of `entries` to its end.
    pub(crate) fn apply(&self, entries: &[Value]) -> Ran {
        self.hostler(&self.apply_arguments(entries))
    }

    /// Applies a goal state of `entries` until all of the host's state lies in one file: what SQLite has not yet moved into
    /// it would hide what happens to that.
    pub(crate) fn settle(&self, entries: &[Value]) {
        let journal = self.database().with_extension("sqlite-wal");
        let settled = (0..50).any(|_| {
            assert_eq!(self.apply(entries).status.code(), Some(0));
            !journal.exists()
        });
        assert!(settled, "the database was never in one file");
    }

    /// Begins to apply a goal state of `entries`.
    pub(crate) fn begin(&self, entries: &[Value]) -> Running {
        let mut command = Command::new(hostler());
        command.args(self.apply_arguments(entries)).env_clear();
        let log = fs::File::create(self.folder.path().join("stderr")).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Running(command.spawn().unwrap())
    }

    /// What `hostler apply` is told.
    pub(crate) fn apply_arguments(&self, entries: &[Value]) -> Vec<String> {
        let file = self.source().join("goal-state.json");
        fs::write(&file, goal_state(entries)).unwrap();
        let mut arguments = vec!["apply".into(), file, "--json".into(), "--root".into(), self.root()];
        arguments.extend(self.cache.iter().flat_map(|cache| ["--cache".into(), cache.clone()]));
        let text = |path: PathBuf| path.into_os_string().into_string().unwrap();
        arguments.into_iter().map(text).collect()
    }

    /// `hostler status`.
    pub(crate) fn status(&self) -> Ran {
        self.hostler(&["status", "--json", "--root", self.root().to_str().unwrap()].map(str::to_owned))
    }

    /// What is wrong with the audit log, as `hostler audit verify` says.
    pub(crate) fn audit_faults(&self) -> Vec<String> {
        let root = self.root();
        let ran = self.hostler(&["audit", "verify", "--json", "--root", root.to_str().unwrap()].map(str::to_owned));
        let verdict = ran.json();
        if ran.status.code() == Some(0) && verdict["whole"] == true {
            return vec![];
        }
        vec![format!("the audit log: {}, {verdict:#}", ran.status)]
    }

    /// What `hostler audit verify` says.
    pub(crate) fn audit(&self) -> Value {
        let root = self.root();
        self.hostler(&["audit", "verify", "--json", "--root", root.to_str().unwrap()].map(str::to_owned))
            .json()
    }

    /// The lines of the audit log that are whole; there is one file of it.
    pub(crate) fn audit_lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.root().join("audit/audit-000001.jsonl")).unwrap_or_default();
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// The sequence numbers that commands were told of, in the order in which they ran.
    pub(crate) fn sequence_numbers(&self) -> Vec<i64> {
        let number = |line: &Value| line["variables"]["ConfigSequenceNumber"].as_str()?.parse().ok();
        self.record().iter().filter_map(number).collect()
    }

    /// Runs `hostler` to its end. Whatever it meets, it does not crash.
    pub(crate) fn hostler(&self, arguments: &[String]) -> Ran {
        let ran = run_hostler(arguments, self.folder.path(), PATIENCE);
        let stderr = ran.stderr_text();
        assert!(
            !stderr.contains("internal error") && !stderr.contains("panicked at"),
            "{arguments:?}: {stderr}"
        );
        assert!(ran.status.code().is_some(), "{arguments:?}: {}, {stderr}", ran.status);
        ran
    }

    /// The commands that ran, in their order: `i@1.0.0` for an install, `x` for an uninstall. Logs outlive the handler.
    pub(crate) fn ran(&self) -> Vec<String> {
        self.record()
            .iter()
            .map(|line| {
                let letter = match line["command"].as_str().unwrap() {
                    "uninstall" => "x",
                    command => command.get(..1).unwrap(),
                };
                format!("{letter}@{}", line["version"].as_str().unwrap())
            })
            .collect()
    }

    /// What the recorder wrote down.
    fn record(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.root().join("logs").join(HANDLER).join("record.jsonl"));
        let text = text.unwrap_or_default();
        // A line that is just being written is none yet.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The word that commands wait for which are told to.
    fn word(&self) -> PathBuf {
        self.root().join("logs").join(HANDLER).join("go")
    }

    /// Lets a command go on that waits, and all after it.
    pub(crate) fn let_go(&self) {
        fs::write(self.word(), "").unwrap();
    }

    /// Lets none go on from now.
    pub(crate) fn hold_back(&self) {
        if let Err(error) = fs::remove_file(self.word()) {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}");
        }
    }

    /// Runs `hostler` to its end, and lets commands go on from when `commands` of them have begun in all.
    pub(crate) fn hostler_let_go(&self, arguments: &[String], commands: usize) -> Ran {
        std::thread::scope(|scope| {
            let ran = scope.spawn(|| self.hostler(arguments));
            while !ran.is_finished() && self.ran().len() < commands {
                std::thread::sleep(LOOK_EVERY);
            }
            if self.ran().len() >= commands {
                self.let_go();
            }
            ran.join().unwrap()
        })
    }
}

/// A run that has not ended, as far as is known.
pub(crate) struct Running(Child);

impl Running {
    /// Waits until `there` or the run has ended.
    pub(crate) fn wait_until(&mut self, mut there: impl FnMut() -> bool) {
        let started = Instant::now();
        while !there() && self.0.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < PATIENCE, "waited in vain");
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits for its end; its exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        self.wait_until(|| false);
        self.0.wait().unwrap().code()
    }

    /// Kills it, as `kill -9` does; whether it had not ended before.
    pub(crate) fn kill(mut self) -> bool {
        self.0.kill().unwrap();
        self.0.wait().unwrap().code().is_none()
    }
}

/// Where compiled code is kept between tests: the recorder is compiled once.
pub(crate) fn shared_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("crash-cache")
}
