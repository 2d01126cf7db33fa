//! The built `hostler`, run from a test: bounded in time, in an empty environment, and measured.
//!
//! Tests that start the real binary do not build it: `cargo xtask test` does, and makes the packages of the sample
//! handlers. A test that finds neither fails and says so, since skipping would look like success.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// How often memory is looked at and the end waited for.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Most that is read of one stream, in bytes. What comes beyond it is read and thrown away.
const MAX_STREAM: u64 = 64 << 20;

/// What a test is told when something is not built.
const BUILD_HINT: &str = "run `cargo xtask test`, which builds it";

/// What came of a run of `hostler`.
#[derive(Debug)]
pub struct Ran {
    /// How the process ended.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// From start to end.
    pub wall: Duration,
    /// The most memory that the process itself had at one time (`VmHWM`), in bytes.
    pub peak_rss: u64,
    /// The most descriptors that it was seen to have open at one time.
    pub peak_descriptors: u64,
    /// The most threads that it was seen to have at one time.
    pub peak_threads: u64,
    /// Its arguments and environment, as everybody on the machine may see them.
    pub visible: Vec<u8>,
    /// How long before its end nobody had looked at it.
    unseen: Duration,
}

impl Ran {
    /// Whether it was looked at until shortly before its end. On a busy machine it may not have been: what it had at most is
    /// more then than was seen.
    pub fn was_seen(&self) -> bool {
        self.peak_rss > 0 && self.peak_descriptors > 0 && self.unseen * 2 <= self.wall
    }

    /// Standard error as text, for messages of tests.
    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// When it is not.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| {
            let text = String::from_utf8_lossy(&self.stdout);
            panic!(
                "standard output is not JSON ({error}): {text}\nstandard error: {}",
                self.stderr_text()
            )
        })
    }
}

/// The path of the built `hostler`: the variable `HOSTLER_BIN`, else `hostler` in the target folder of this test.
///
/// # Panics
/// When there is none.
pub fn hostler() -> PathBuf {
    let named = env::var_os("HOSTLER_BIN").map(PathBuf::from);
    let found = named
        .or_else(|| beside_this_test("hostler"))
        .filter(|path| path.is_file());
    found.unwrap_or_else(|| panic!("there is no `hostler` to test; {BUILD_HINT}"))
}

/// The package of the sample handler `name` (`Publisher.Type`) in the folder that the variable `HOSTLER_PACKAGES`
/// names, else in `target/packages`.
///
/// # Panics
/// When there is none, or more than one.
pub fn package(name: &str) -> PathBuf {
    let folder = env::var_os("HOSTLER_PACKAGES")
        .map(PathBuf::from)
        .or_else(|| beside_this_test("../packages"));
    let entries = folder
        .as_deref()
        .and_then(|folder| fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .flatten();
    let prefix = format!("{name}-");
    let matches = |path: &PathBuf| {
        let file = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        file.starts_with(&prefix) && file.ends_with(".zip")
    };
    let mut found: Vec<_> = entries.map(|entry| entry.path()).filter(matches).collect();
    match (found.pop(), found.is_empty()) {
        (Some(package), true) => package,
        (Some(_), false) => panic!("there is more than one package of {name}; remove the older ones"),
        (None, _) => panic!("there is no package of {name}; {BUILD_HINT}"),
    }
}

/// The component of the recorder, which conformance cases make packages of: the file that the variable
/// `HOSTLER_RECORDER` names, else the one in `target/guests`.
///
/// # Panics
/// When there is none.
pub fn recorder() -> PathBuf {
    let named = env::var_os("HOSTLER_RECORDER").map(PathBuf::from);
    let found = named
        .or_else(|| beside_this_test("../guests/wasm32-wasip2/guest/recorder.wasm"))
        .filter(|path| path.is_file());
    found.unwrap_or_else(|| panic!("there is no recorder to make packages of; {BUILD_HINT}"))
}

/// The component of the benchmark's kernels: the file that the variable `HOSTLER_KERNELS` names, else the one in
/// `target/guests`.
///
/// # Panics
/// When it is not built.
pub fn kernels() -> PathBuf {
    let named = env::var_os("HOSTLER_KERNELS").map(PathBuf::from);
    let found = named
        .or_else(|| beside_this_test("../guests/wasm32-wasip2/guest/bench-kernels.wasm"))
        .filter(|path| path.is_file());
    found.unwrap_or_else(|| panic!("there is no component of kernels; {BUILD_HINT}"))
}

/// The native program `name` that is built from the sources of a sample handler or of the benchmark: in the folder that the
/// variable `HOSTLER_PROGRAMS` names, else in the target folder of this test.
///
/// # Panics
/// When it is not built.
pub fn native_program(name: &str) -> PathBuf {
    let named = env::var_os("HOSTLER_PROGRAMS").map(|folder| Path::new(&folder).join(name));
    let found = named.or_else(|| beside_this_test(name)).filter(|path| path.is_file());
    found.unwrap_or_else(|| panic!("there is no native program `{name}`; {BUILD_HINT}"))
}

/// `name` in the nearest folder above this test's executable that has it.
fn beside_this_test(name: &str) -> Option<PathBuf> {
    let test = env::current_exe().ok()?;
    test.ancestors()
        .skip(1)
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
}

/// Runs `hostler` with `arguments` and waits for its end, for at most `patience`.
///
/// Its environment is empty but for `HOME` (`home`) and `TMPDIR`, and its standard input is closed.
///
/// # Panics
/// When it cannot be started, or has not ended by then (it is killed first).
pub fn run_hostler<A: AsRef<OsStr>>(arguments: &[A], home: &Path, patience: Duration) -> Ran {
    run_hostler_in(arguments, home, patience, |_| {})
}

/// As [`run_hostler`], in a process that `set_up` has changed: its environment, its standard input.
///
/// # Panics
/// As [`run_hostler`].
pub fn run_hostler_in<A: AsRef<OsStr>>(
    arguments: &[A],
    home: &Path,
    patience: Duration,
    set_up: impl FnOnce(&mut Command),
) -> Ran {
    let mut command = Command::new(hostler());
    command.args(arguments).env_clear().env("HOME", home);
    if let Some(folder) = env::var_os("TMPDIR") {
        command.env("TMPDIR", folder);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    set_up(&mut command);
    let started = Instant::now();
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("hostler does not start: {error}"));
    let (stdout, stderr) = (drain(child.stdout.take()), drain(child.stderr.take()));
    let (status, peak) = wait(&mut child, started, patience);
    let wall = started.elapsed();
    let unseen = peak.last_look.map_or(wall, |look| look.elapsed());
    Ran {
        status,
        stdout: join(stdout),
        stderr: join(stderr),
        wall,
        peak_rss: peak.memory,
        peak_descriptors: peak.descriptors,
        peak_threads: peak.threads,
        visible: peak.visible,
        unseen,
    }
}

/// The most that was seen of a process.
#[derive(Debug, Default)]
struct Peak {
    memory: u64,
    descriptors: u64,
    threads: u64,
    visible: Vec<u8>,
    /// When it was still there.
    last_look: Option<Instant>,
}

impl Peak {
    /// Looks at a process; one that has ended has nothing.
    fn look(&mut self, process: u32) {
        let folder = PathBuf::from(format!("/proc/{process}"));
        let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
        let number = |key: &str| {
            let value = status
                .lines()
                .find_map(|line| line.strip_prefix(key))
                .unwrap_or_default();
            value.trim().trim_end_matches("kB").trim().parse().unwrap_or(0u64)
        };
        let memory = number("VmHWM:") << 10;
        if memory > 0 {
            self.last_look = Some(Instant::now());
        }
        self.memory = self.memory.max(memory);
        self.threads = self.threads.max(number("Threads:"));
        let open = fs::read_dir(folder.join("fd")).map_or(0, Iterator::count);
        self.descriptors = self.descriptors.max(open as u64);
        if self.visible.is_empty() {
            let mut read = |file| self.visible.extend(fs::read(folder.join(file)).unwrap_or_default());
            read("cmdline");
            read("environ");
        }
    }
}

fn wait(child: &mut Child, started: Instant, patience: Duration) -> (ExitStatus, Peak) {
    let mut peak = Peak::default();
    loop {
        peak.look(child.id());
        match child.try_wait() {
            Ok(Some(status)) => return (status, peak),
            Ok(None) if started.elapsed() < patience => thread::sleep(LOOK_EVERY),
            Ok(None) => {
                // It may have ended meanwhile; either way the test fails here.
                let _ = child.kill();
                let _ = child.wait();
                panic!("hostler had not ended after {patience:?}");
            }
            Err(error) => panic!("hostler cannot be waited for: {error}"),
        }
    }
}

type Drain = thread::JoinHandle<Vec<u8>>;

/// Reads a stream to its end beside the test, so that the process never waits for a reader.
fn drain(stream: Option<impl Read + Send + 'static>) -> Option<Drain> {
    let mut stream = stream?;
    Some(thread::spawn(move || {
        let mut kept = Vec::new();
        // A stream that breaks has ended.
        let _ = (&mut stream).take(MAX_STREAM).read_to_end(&mut kept);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
        kept
    }))
}

fn join(drain: Option<Drain>) -> Vec<u8> {
    drain.and_then(|drain| drain.join().ok()).unwrap_or_default()
}
