//! A root, a publisher beside it, and an agent.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use hostler_tests::{Ran, goal_state, goal_state_entry, hostler, publish, run_hostler};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The handler that everything happens to.
pub(crate) const HANDLER: &str = "Contoso.Demo";

/// How long anything may take before a test gives up on it: far beyond everything that is run here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// How often a test looks whether what it waits for is there.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A folder that goes away with the test.
pub(crate) struct Machine {
    folder: TempDir,
}

impl Machine {
    /// A machine on which nothing is installed; [`HANDLER`] is offered in version 1.0.0, which does what `behaviour` says.
    pub(crate) fn new(behaviour: &Value) -> Self {
        let machine = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(machine.source()).unwrap();
        publish(&machine.source(), HANDLER, &[("1.0.0", behaviour.clone())]);
        machine
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of the publisher.
    pub(crate) fn source(&self) -> PathBuf {
        self.path("source")
    }

    /// The goal state of the publisher.
    pub(crate) fn file(&self) -> PathBuf {
        self.source().join("goal.json")
    }

    /// Puts a whole text in the place of the goal state.
    pub(crate) fn put(&self, text: &str) {
        let aside = self.source().join(".aside");
        fs::write(&aside, text).unwrap();
        fs::rename(aside, self.file()).unwrap();
    }

    /// Starts an agent of `source` with a short period and `options`, set up by `set_up`.
    pub(crate) fn start_in(&self, source: &str, options: &[&str], set_up: impl FnOnce(&mut Command)) -> Agent {
        let mut command = Command::new(hostler());
        command.env_clear().args(["agent", "--goal-state", source]);
        command.args(["--period", "50ms", "--root"]).arg(self.path("root"));
        command.arg("--cache").arg(shared_cache()).args(options);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(fs::File::create(self.path("stderr")).unwrap());
        set_up(&mut command);
        Agent(command.spawn().unwrap())
    }

    pub(crate) fn start(&self, source: &str, options: &[&str]) -> Agent {
        self.start_in(source, options, |_| {})
    }

    /// Starts an agent of [`Self::file`].
    pub(crate) fn follow(&self, options: &[&str]) -> Agent {
        self.start(self.file().to_str().unwrap(), options)
    }

    /// Runs `hostler` with `arguments` and the root to its end.
    pub(crate) fn hostler(&self, arguments: &[&str]) -> Ran {
        let root = self.path("root");
        let arguments: Vec<&str> = arguments
            .iter()
            .copied()
            .chain(["--root", root.to_str().unwrap()])
            .collect();
        run_hostler(&arguments, self.folder.path(), PATIENCE)
    }

    /// Waits until the report is written once more.
    #[track_caller]
    pub(crate) fn wait_for_a_report(&self) {
        let written = || {
            let found = fs::metadata(self.path("root/report/status.json"));
            found.and_then(|found| found.modified()).ok()
        };
        let before = written();
        until("another report", || written() != before);
    }

    /// The report as it is written; null where there is none yet.
    pub(crate) fn report(&self) -> Value {
        let text = fs::read(self.path("root/report/status.json")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// What the agent says of itself in it.
    pub(crate) fn agent(&self) -> Value {
        self.report()["hostler"]["agent"].clone()
    }

    /// The commands that ran, by their first letters, with the numbers of their settings.
    pub(crate) fn ran(&self) -> String {
        let text = fs::read_to_string(self.path("root/logs").join(HANDLER).join("record.jsonl"));
        let text = text.unwrap_or_default();
        // One that is just being written has not begun yet.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let commands = whole.lines().map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let number = &line["variables"]["ConfigSequenceNumber"];
            let letter = line["command"].as_str().unwrap().get(..1).unwrap().to_owned();
            letter + number.as_str().unwrap_or("-")
        });
        commands.collect::<Vec<_>>().join(" ")
    }

    /// Lets a command go on that waits for the word.
    pub(crate) fn let_go(&self) {
        fs::write(self.path("root/logs").join(HANDLER).join("go"), "").unwrap();
    }

    /// Waits until so many goal states were carried out in all, and that is what is reported.
    #[track_caller]
    pub(crate) fn wait_until_carried_out(&self, count: usize) {
        until("all of the goal state", || {
            let ended = |line: &&String| line.starts_with("apply-ended");
            self.audit().iter().filter(ended).count() >= count
        });
        // One may have been begun before.
        self.wait_for_a_report();
        self.wait_for_a_report();
    }

    /// Lines of the audit log: their events, and their codes.
    pub(crate) fn audit(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut files: Vec<PathBuf> = fs::read_dir(self.path("root/audit"))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            for line in fs::read_to_string(file).unwrap().lines() {
                // One that is just being written has not happened yet.
                let Ok(line) = serde_json::from_str::<Value>(line) else {
                    continue;
                };
                let codes = line["codes"].as_array().into_iter().flatten();
                let codes: Vec<&str> = codes.filter_map(Value::as_str).collect();
                lines.push(
                    format!("{} {}", line["event"].as_str().unwrap(), codes.join(","))
                        .trim()
                        .to_owned(),
                );
            }
        }
        lines
    }

    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(self.path("stderr")).unwrap()
    }
}

/// A goal state that enables [`HANDLER`] with settings of that number.
pub(crate) fn enable(number: i64) -> String {
    goal_state(&[goal_state_entry(HANDLER, "1.0.0", "enabled", number, &json!({}))])
}

/// Waits until `there`.
#[track_caller]
pub(crate) fn until(what: &str, mut there: impl FnMut() -> bool) {
    let started = Instant::now();
    while !there() {
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Whether that process is at its end, whether or not anybody has taken note of that.
pub(crate) fn is_gone(process: u64) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.is_empty() || status.contains("State:\tZ")
}

/// A process that goes away with the test.
pub(crate) struct Agent(Child);

impl Agent {
    pub(crate) fn of(child: Child) -> Self {
        Self(child)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn tell(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.0.id().cast_signed()).unwrap(), signal).unwrap();
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn end(&mut self) -> ExitStatus {
        let mut ended = None;
        until("the end", || {
            ended = self.0.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap()
    }

    /// Has it stop in order.
    #[track_caller]
    pub(crate) fn stop(mut self) {
        self.tell(Signal::TERM);
        assert_eq!(self.end().code(), Some(0));
    }

    /// Closes the other ends of its outputs.
    pub(crate) fn deafen(&mut self) {
        drop((self.0.stdout.take(), self.0.stderr.take()));
    }

    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Its output, line by line.
    pub(crate) fn lines(&mut self) -> std::io::Lines<BufReader<ChildStdout>> {
        BufReader::new(self.0.stdout.take().unwrap()).lines()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where compiled code is kept between tests: the recorder is compiled once.
fn shared_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("agent-cache")
}
