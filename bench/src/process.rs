//! Processes that are timed, or looked at while they run.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// How often a process is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// Runs a process, from its start to its end. One that fails has no time.
pub(crate) fn timed(process: &mut Command) -> anyhow::Result<(Duration, Output)> {
    process.stdin(Stdio::null());
    let started = Instant::now();
    let output = process.output();
    let took = started.elapsed();
    let output = output.with_context(|| name(process))?;
    succeeded(process, &output)?;
    Ok((took, output))
}

/// As [`timed`], and the most memory that was seen of it, in kB.
pub(crate) fn watched(process: &mut Command) -> anyhow::Result<(Duration, Output, u64)> {
    process
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let started = Instant::now();
    let child = process.spawn().with_context(|| name(process))?;
    let id = child.id();
    let (done, told) = std::sync::mpsc::channel::<()>();
    // It ends with the sender.
    let watch = std::thread::spawn(move || {
        let mut most = 0;
        loop {
            most = most.max(peak(id));
            if told.recv_timeout(LOOK) != Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                return most;
            }
        }
    });
    let output = child.wait_with_output();
    let took = started.elapsed();
    drop(done);
    let most = watch.join().unwrap_or(0);
    let output = output.with_context(|| name(process))?;
    succeeded(process, &output)?;
    Ok((took, output, most))
}

fn succeeded(process: &Command, output: &Output) -> anyhow::Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(
        output.status.success(),
        "{}: {}: {}",
        name(process),
        output.status,
        said.trim()
    );
    Ok(())
}

fn name(process: &Command) -> String {
    Path::new(process.get_program()).display().to_string()
}

/// The most memory that a process had so far, in kB; 0 for one that has ended.
fn peak(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    kilobytes(&status, "VmHWM").unwrap_or(0)
}

/// What a file of /proc says of `name`, in kB: `Rss:   1234 kB`.
pub(crate) fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// The memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Memory {
    /// All that it has mapped and that is there, in kB.
    pub(crate) resident: u64,
    /// The same, where it shares pages only its share of them, in kB.
    pub(crate) proportional: u64,
}

impl Memory {
    /// Of the process `id`.
    pub(crate) fn of(id: u32) -> anyhow::Result<Self> {
        let path = format!("/proc/{id}/smaps_rollup");
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        Self::parse(&text).with_context(|| format!("{path} says no Rss and Pss"))
    }

    fn parse(text: &str) -> Option<Self> {
        Some(Self {
            resident: kilobytes(text, "Rss")?,
            proportional: kilobytes(text, "Pss")?,
        })
    }
}

/// Memory that new processes can have without anything being put aside, in kB.
pub(crate) fn available() -> anyhow::Result<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").context("/proc/meminfo")?;
    kilobytes(&text, "MemAvailable").context("/proc/meminfo says no MemAvailable")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Memory, available, kilobytes, timed, watched};

    #[test]
    fn proc_is_read() {
        let text = "563c11000000-7ffd [rollup]\nRss:                1234 kB\nPss:  \t 99 kB\nPss_Dirty: 7 kB\nTHPeligible: 0\n";
        let memory = Memory {
            resident: 1234,
            proportional: 99,
        };
        assert_eq!(Memory::parse(text), Some(memory));
        for (name, expected) in [
            ("Pss_Dirty", Some(7)),
            ("Pss_", None),
            ("Swap", None),
            ("THPeligible", None),
        ] {
            assert_eq!(kilobytes(text, name), expected, "{name}");
        }
        assert_eq!(Memory::parse("Rss: 1 kB\n"), None);
        let own = Memory::of(std::process::id()).unwrap();
        assert!(own.resident >= own.proportional && own.proportional > 100, "{own:?}");
        assert!(available().unwrap() > own.proportional);
    }

    #[test]
    fn whoever_fails_has_no_time() {
        let sh = |script: &str| {
            let mut sh = Command::new("sh");
            sh.args(["-c", script]);
            sh
        };
        let (_, output) = timed(&mut sh("echo out")).unwrap();
        assert_eq!(output.stdout, b"out\n");
        let error = timed(&mut sh("echo why >&2; exit 3")).unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.ends_with("why"), "{error}");
        let (_, output, _) = watched(&mut sh("cat; echo done")).unwrap();
        assert_eq!(output.stdout, b"done\n");
        assert!(watched(&mut sh("exit 1")).is_err());
        assert!(timed(&mut Command::new("/no/such/program")).is_err());
    }
}
