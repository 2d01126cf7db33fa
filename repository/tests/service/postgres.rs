//! A real PostgreSQL, for as long as a test needs it: in a folder of its own, reached by a socket in that folder.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::{fs, thread};

use hostler_tests::not_run;
use tempfile::TempDir;

use crate::server::wait;

/// Where Debian puts the programs of each version.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// Who runs it where the tests are run by root, whom it refuses to serve.
const USER: &str = "postgres";

/// The one that runs, shared by the tests that need it at the same time.
static RUNNING: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());

/// A server with no database that anybody needs.
pub(crate) struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    child: Child,
    databases: AtomicU32,
    /// Dropped when it is to end: what waits for that is the thread that started it, without which it would be killed.
    _keep: mpsc::Sender<()>,
}

impl Postgres {
    /// The one that runs, or a new one; `None` where it is not installed, which is said.
    pub(crate) fn shared() -> Option<Arc<Self>> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(postgres) = running.upgrade() {
            return Some(postgres);
        }
        let Some(programs) = programs() else {
            not_run("PostgreSQL (apt-get install postgresql)");
            return None;
        };
        let postgres = Arc::new(Self::start(programs));
        *running = Arc::downgrade(&postgres);
        Some(postgres)
    }

    fn start(programs: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Its user has to get in.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let data = folder.path().join("data");
        let made = as_user(&programs.join("initdb"))
            .args([
                "--auth=trust",
                "--username=postgres",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ])
            .arg("--pgdata")
            .arg(&data)
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let (keep, kept) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let (server, socket) = (programs.join("postgres"), folder.path().to_owned());
        // It ends with the thread that started it, so that none is left behind by tests that are killed; a test's own
        // thread may end before the last test that uses it.
        thread::spawn(move || {
            let log = fs::File::create(socket.join("log")).unwrap();
            let child = as_user(&server)
                .arg("-D")
                .arg(&data)
                .arg("-k")
                .arg(&socket)
                .args([
                    "-c",
                    "listen_addresses=",
                    "-c",
                    "fsync=off",
                    "-c",
                    "max_connections=200",
                ])
                .stdin(Stdio::null())
                .stdout(log.try_clone().unwrap())
                .stderr(log)
                .spawn();
            tell.send(child).unwrap();
            let _ = kept.recv();
        });
        let child = told.recv().unwrap().unwrap();
        let this = Self {
            folder,
            programs,
            child,
            databases: AtomicU32::new(0),
            _keep: keep,
        };
        wait("PostgreSQL", || this.query("SELECT 1").ok());
        this
    }

    /// A new database; its URL.
    pub(crate) fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test{number}");
        self.query(&format!("CREATE DATABASE {name}")).unwrap();
        // Left alone, the socket is looked for in the system's place.
        format!(
            "postgres://postgres@localhost/{name}?host={}",
            self.folder.path().display()
        )
    }

    /// Takes a database away, whoever uses it.
    pub(crate) fn drop_database(&self, url: &str) {
        let name = url.split('?').next().unwrap().rsplit('/').next().unwrap();
        self.query(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }

    fn query(&self, sql: &str) -> Result<String, String> {
        let done = Command::new(self.programs.join("psql"))
            .arg("-h")
            .arg(self.folder.path())
            .args(["-U", "postgres", "-d", "postgres", "-At", "-c", sql])
            .output()
            .unwrap();
        match done.status.success() {
            true => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
            false => Err(String::from_utf8_lossy(&done.stderr).into_owned()),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let id = self.child.id().to_string();
        // At once: nothing of it is needed any more.
        let _ = Command::new("kill").args(["-QUIT", &id]).status();
        let _ = self.child.wait();
        if thread::panicking() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(40).collect();
            eprintln!("the database's log, the last line first:\n{}", tail.join("\n"));
        }
    }
}

/// The folder with its programs, those of the latest version.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(PROGRAMS).ok()?.flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            let all = ["initdb", "postgres", "psql"]
                .iter()
                .all(|name| programs.join(name).is_file());
            all.then_some((number, programs))
        })
        .collect();
    found.sort();
    Some(found.pop()?.1)
}

/// A command as somebody whom PostgreSQL serves, which ends when this process does.
fn as_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if is_root() {
        command.args(["--reuid", USER, "--regid", USER, "--init-groups"]);
    }
    command.arg(program);
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
