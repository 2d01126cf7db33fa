//! Having a package checked by a process of its own.

use std::io::{Seek as _, SeekFrom};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::admitted::Answer;
use super::{Admitted, PackageRefused, Registered, rules};
use crate::stores::Received;

/// Most bytes of an answer: findings are bounded, and so are the manifest and the number of entries.
const MAX_ANSWER: u64 = 4 << 20;
/// Longest time for one package, waiting for its turn not counted.
const TIME: Duration = Duration::from_secs(120);
/// Most packages that are checked at once.
const AT_ONCE: usize = 2;

/// Why nothing is known of a package.
#[derive(Debug, thiserror::Error)]
pub enum CheckerError {
    /// The package is refused.
    #[error(transparent)]
    Refused(#[from] PackageRefused),
    /// The process could not be started or talked to; the package may be good.
    #[error("the process that checks packages could not be run")]
    Process(#[from] std::io::Error),
    /// The process ended without an answer: it ran into a limit, or was killed. The package is not admitted.
    #[error("the package could not be checked within 120 s and 384 MiB of memory ({why})")]
    NoAnswer {
        /// How the process ended.
        why: String,
    },
}

impl CheckerError {
    fn no_answer(why: &str) -> Self {
        Self::NoAnswer { why: why.to_owned() }
    }

    /// Whether the same may go well later.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Process(_))
    }
}

/// Has packages checked, a few at a time.
#[derive(Debug, Clone)]
pub struct Checker {
    program: PathBuf,
    turns: Arc<Semaphore>,
}

impl Checker {
    /// Starts `program` for each package: `hostler-repository` itself, as `hostler-repository check-package`.
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// As [`Self::new`], with the program that this process runs.
    ///
    /// # Errors
    /// What the system says when asked for it.
    pub fn of_this_process() -> std::io::Result<Self> {
        // By this name the program is still itself when its file was replaced while it runs.
        std::fs::metadata("/proc/self/exe").map(|_| Self::new(PathBuf::from("/proc/self/exe")))
    }

    /// Checks `package`, which is to become what `registered` says.
    ///
    /// # Errors
    /// Each [`CheckerError`].
    pub async fn check(&self, package: &Received, registered: &Registered) -> Result<Admitted, CheckerError> {
        let _turn = self.turns.acquire().await.map_err(std::io::Error::other)?;
        match tokio::time::timeout(TIME, self.ask(package, registered)).await {
            Ok(answered) => answered,
            // The process is killed with what holds it.
            Err(_) => Err(CheckerError::no_answer("it took too long")),
        }
    }

    async fn ask(&self, package: &Received, registered: &Registered) -> Result<Admitted, CheckerError> {
        let mut input = package.file().try_clone()?;
        input.seek(SeekFrom::Start(0))?;
        let mut child = Command::new(&self.program)
            .arg("check-package")
            .arg(serde_json::to_string(registered).map_err(std::io::Error::other)?)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(input))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let mut bytes = Vec::new();
        if let Some(out) = child.stdout.take() {
            out.take(MAX_ANSWER + 1).read_to_end(&mut bytes).await?;
        }
        if bytes.len() as u64 > MAX_ANSWER {
            return Err(CheckerError::no_answer("its answer is too long"));
        }
        let ended = child.wait().await?;
        if !ended.success() {
            return Err(CheckerError::no_answer(&ended.to_string()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Answer::Admitted(admitted)) if !rules::refuses(&admitted.warnings) => Ok(admitted),
            Ok(Answer::Refused(findings)) if rules::refuses(&findings) => Err(PackageRefused { findings }.into()),
            _ => Err(CheckerError::no_answer("its answer is none")),
        }
    }
}
