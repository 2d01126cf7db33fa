//! A handler that is a native program: a plain process of this machine, started as an agent would, and in no sandbox.

use std::fs;
use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use hostler_contract::{HandlerIdentity, Manifest, SettingsName};
use hostler_package::Staged;
use rustix::process::{Pid, Signal, kill_process_group};

use super::case::{Fault, Whose};
use super::folders::Folders;
use super::handler::{Asked, HandlerUnderTest, PutInPlace, Ran, UnderTestError, next_version};
use super::seen::Ended;
use crate::handler_dir::HandlerDir;
use crate::lifecycle::Variables;
use crate::root::Root;

/// Where its programs find others.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How often a process is looked at that is to be stopped as soon as it has done something.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Most bytes of standard error that are kept.
const STDERR_BYTES: u64 = 64 * 1024;

/// How long the end of standard error is waited for, which what a command left running may hold open.
const STDERR_PATIENCE: Duration = Duration::from_secs(2);

/// Signals that mean that a program fell: ILL, ABRT, BUS, FPE, KILL, SEGV.
const FATAL: [i32; 6] = [4, 6, 7, 8, 9, 11];

/// A file of the package: its path from the root, and its bytes.
pub type NativeFiles = Vec<(PathBuf, Vec<u8>)>;

/// A package whose commands are native programs.
#[derive(Debug)]
pub struct NativePrograms {
    /// What is in it.
    pub files: NativeFiles,
    /// Its manifest.
    pub manifest: Manifest,
    /// Who it is.
    pub identity: HandlerIdentity,
    /// A time limit that is lower than the contract's.
    pub deadline: Option<Duration>,
}

/// The package in a root.
struct InPlace<'a> {
    tested: &'a NativePrograms,
    root: Root,
    old: Folders,
    new: Option<Folders>,
    /// What takes the place of a status file.
    blocked: Option<PathBuf>,
    /// Process groups of commands that were run.
    groups: Vec<Pid>,
}

impl HandlerUnderTest for NativePrograms {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn put_in_place(&self, root: &Path) -> Result<Box<dyn PutInPlace + '_>, UnderTestError> {
        let root = Root::open(root)?;
        Ok(Box::new(InPlace {
            old: self.place(&root, &self.identity)?,
            new: None,
            tested: self,
            root,
            blocked: None,
            groups: vec![],
        }))
    }
}

impl NativePrograms {
    /// Writes the files out, all executable as the agent makes them, with the folders of the contract.
    fn place(&self, root: &Root, identity: &HandlerIdentity) -> Result<Folders, UnderTestError> {
        let staging = HandlerDir::staging(root)?;
        let staged =
            Staged::create(staging.as_fd(), root.durability()).map_err(crate::handler_dir::HandlerDirError::from)?;
        HandlerDir::place(root, identity, staged)?;
        let folders = Folders::of(root, identity);
        for (name, bytes) in &self.files {
            let path = folders.base.join(name);
            let write = || -> std::io::Result<()> {
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)?;
                }
                fs::write(&path, bytes)?;
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            };
            write().map_err(UnderTestError::io(&path))?;
        }
        Ok(folders)
    }
}

impl PutInPlace for InPlace<'_> {
    fn folders(&mut self, of: Whose) -> Result<Folders, UnderTestError> {
        match (of, &self.new) {
            (Whose::Old, _) => Ok(self.old.clone()),
            (Whose::New, Some(folders)) => Ok(folders.clone()),
            (Whose::New, None) => {
                let folders = self.tested.place(&self.root, &next_version(&self.tested.identity))?;
                Ok(self.new.insert(folders).clone())
            }
        }
    }

    fn run(&mut self, asked: &Asked<'_>) -> Result<Ran, UnderTestError> {
        let folders = self.folders(asked.of)?;
        self.unblock()?;
        let Some(line) = self.tested.manifest.command(asked.command) else {
            return Ok(Ran {
                ended: Ended::NotRun(format!("the manifest has no {}", asked.command.manifest_key())),
                duration: Duration::ZERO,
                stderr: vec![],
            });
        };
        if asked.fault == Some(Fault::NoWriteAccess) {
            self.block(&folders, asked.settings)?;
        }
        let identity = match asked.of {
            Whose::Old => self.tested.identity.clone(),
            Whose::New => next_version(&self.tested.identity),
        };
        let variables = Variables {
            identity: &identity,
            base: &folders.base,
            settings: asked.settings,
            change: asked.change,
        };
        let line = format!("./{}", line.trim_start_matches('/'));
        let script = match asked.fault {
            // Files can be made and not one byte written to them; the signal for it would be more than a full disk does.
            Some(Fault::FullDisk) => format!("trap '' XFSZ; ulimit -f 0; {line}"),
            _ => line,
        };
        let mut process = Process::new("/bin/sh");
        process
            .arg("-c")
            .arg(script)
            .current_dir(&folders.base)
            .env_clear()
            .env("PATH", PATH)
            .envs(variables.of(asked.command))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0);
        let limit = asked.command.time_limit();
        let limit = self.tested.deadline.map_or(limit, |deadline| deadline.min(limit));
        let trace = folders.trace();
        let started = Instant::now();
        let mut child = process.spawn().map_err(UnderTestError::io(&folders.base))?;
        let stderr = read_stderr(&mut child);
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        self.groups.extend(group);
        let ended = loop {
            if let Some(status) = child.try_wait().map_err(UnderTestError::io(&folders.base))? {
                break ended(status);
            }
            let ran = started.elapsed();
            let stop = match asked.fault {
                Some(Fault::StoppedEarly) if folders.trace() != trace => Some(Ended::Stopped),
                Some(Fault::StoppedLater) if ran >= asked.usual / 2 => Some(Ended::Stopped),
                _ if ran >= limit => Some(Ended::AtLimit(format!(
                    "it ran for more than {} s",
                    limit.as_secs_f32()
                ))),
                _ => None,
            };
            if let Some(stop) = stop {
                kill(group, &mut child).map_err(UnderTestError::io(&folders.base))?;
                break stop;
            }
            std::thread::sleep(LOOK_EVERY);
        };
        Ok(Ran {
            ended,
            duration: started.elapsed(),
            stderr: stderr.recv_timeout(STDERR_PATIENCE).unwrap_or_default(),
        })
    }

    fn serve(&mut self, _: &SettingsName, _: &mut dyn FnMut() -> bool) -> Result<Option<Ran>, UnderTestError> {
        // What a native handler leaves running it has started itself.
        Ok(None)
    }
}

impl InPlace<'_> {
    /// Takes the name of the status file of `settings`.
    fn block(&mut self, folders: &Folders, settings: &SettingsName) -> Result<(), UnderTestError> {
        let taken = folders.status.join(settings.status_file());
        fs::create_dir_all(taken.join("taken")).map_err(UnderTestError::io(&taken))?;
        self.blocked = Some(taken);
        Ok(())
    }

    fn unblock(&mut self) -> Result<(), UnderTestError> {
        let Some(taken) = self.blocked.take() else {
            return Ok(());
        };
        match fs::remove_dir_all(&taken) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(UnderTestError::io(&taken)(error)),
            _ => Ok(()),
        }
    }
}

impl Drop for InPlace<'_> {
    fn drop(&mut self) {
        for group in &self.groups {
            // Mostly there is nothing left in it.
            let _ = kill_process_group(*group, Signal::KILL);
        }
    }
}

fn kill(group: Option<Pid>, child: &mut Child) -> std::io::Result<()> {
    match group {
        Some(group) => kill_process_group(group, Signal::KILL)?,
        None => child.kill()?,
    }
    child.wait().map(drop)
}

fn ended(status: std::process::ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        // The shell that started it says so where a signal ended it.
        (Some(code), _) if FATAL.contains(&(code - 128)) => Ended::Fell(format!("signal {}", code - 128)),
        (Some(code), _) => Ended::Exit(u8::try_from(code).unwrap_or(u8::MAX)),
        (None, Some(signal)) => Ended::Fell(format!("signal {signal}")),
        (None, None) => Ended::Fell(status.to_string()),
    }
}

/// Reads standard error on a thread of its own, so that a command never waits for it.
fn read_stderr(child: &mut Child) -> mpsc::Receiver<Vec<u8>> {
    let (give, take) = mpsc::sync_channel(1);
    if let Some(mut stream) = child.stderr.take() {
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            // What cannot be read is not shown.
            let _ = (&mut stream).take(STDERR_BYTES).read_to_end(&mut kept);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
            let _ = give.send(kept);
        });
    }
    take
}
