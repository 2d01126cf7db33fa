//! The real server, in a folder of its own, started, killed and started again.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{fs, thread};

use tempfile::TempDir;

use crate::client::{Answer, Client};

/// How long anything may take on a machine that has much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);
/// The subscription of the publisher.
pub(crate) const SUBSCRIPTION: &str = "6b1f5e3c-0000-4000-8000-000000000001";

/// A repository with one publisher.
pub(crate) struct Repository {
    folder: TempDir,
    /// What `serve` is told beside its folder.
    arguments: Vec<String>,
    /// Variables of its environment.
    variables: Vec<(String, String)>,
    /// Its process, and where it listens.
    pub(crate) running: Option<(Child, String)>,
    pub(crate) publisher: (String, String),
}

impl Repository {
    /// A repository whose server runs with `arguments`.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    pub(crate) fn start_with(arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let mut this = Self::prepared(arguments, variables, certificate());
        this.add_subscription(SUBSCRIPTION, &this.publisher.0.clone(), true);
        this.run();
        this
    }

    /// Tells the server more, from its next start on.
    pub(crate) fn add_arguments(&mut self, arguments: &[&str]) {
        self.arguments.extend(arguments.iter().map(|text| (*text).to_owned()));
    }

    /// Something in the folder of the test.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Adds a subscription that may publish, or not.
    pub(crate) fn add_subscription(&self, id: &str, certificate: &str, approved: bool) {
        let pem = self.path(&format!("{id}.pem"));
        fs::write(&pem, certificate).unwrap();
        let mut arguments = vec!["subscription", "add", id, "--certificate", pem.to_str().unwrap()];
        if approved {
            arguments.push("--approve-publisher");
        }
        self.command(&arguments);
    }

    /// A command of the operator, which has to go well; what it prints.
    #[track_caller]
    pub(crate) fn command(&self, arguments: &[&str]) -> String {
        self.command_in(arguments, "data")
    }

    /// The same with another data folder.
    #[track_caller]
    pub(crate) fn command_in(&self, arguments: &[&str], data: &str) -> String {
        let done = self.run_command(arguments, data);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{arguments:?}: {said}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// A command, with what came of it.
    pub(crate) fn run_command(&self, arguments: &[&str], data: &str) -> Output {
        let data = self.path(data);
        Command::new(env!("CARGO_BIN_EXE_hostler-repository"))
            .args(arguments)
            .args(["--data", data.to_str().unwrap()])
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap()
    }

    /// A repository whose server does not run, and which knows nobody.
    pub(crate) fn prepared(arguments: &[&str], variables: &[(&str, String)], publisher: (String, String)) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            running: None,
            publisher,
        }
    }

    /// Starts the server, and waits until it says where it listens.
    pub(crate) fn run(&mut self) {
        let log = fs::File::options()
            .append(true)
            .create(true)
            .open(self.path("log"))
            .unwrap();
        let data = self.path("data");
        let mut child = Command::new(env!("CARGO_BIN_EXE_hostler-repository"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--tls-self-signed",
                "--data",
                data.to_str().unwrap(),
            ])
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || tell.send(lines.next()));
        let line = told.recv_timeout(PATIENCE).ok().flatten().map(Result::unwrap);
        let address = line
            .as_deref()
            .and_then(|line| line.strip_prefix("listening on https://"));
        let address = address.map(str::to_owned);
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        self.running = Some((
            child,
            address.unwrap_or_else(|| panic!("it does not listen: {line:?}\n{log}")),
        ));
    }

    /// Kills the server, as a power failure would but for the disk.
    pub(crate) fn kill(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Where it listens: address and port.
    pub(crate) fn authority(&self) -> &str {
        &self.running.as_ref().unwrap().1
    }

    /// The publisher's certificate and its key.
    pub(crate) fn certificate(&self) -> &(String, String) {
        &self.publisher
    }

    /// A client with the publisher's certificate.
    pub(crate) fn publisher(&self) -> Client {
        Client::new(self.authority(), &self.path("data/tls/cert.pem"), Some(&self.publisher))
    }

    /// A client without a certificate.
    pub(crate) fn anyone(&self) -> Client {
        Client::new(self.authority(), &self.path("data/tls/cert.pem"), None)
    }

    /// A client with another certificate.
    pub(crate) fn client(&self, certificate: &(String, String)) -> Client {
        Client::new(self.authority(), &self.path("data/tls/cert.pem"), Some(certificate))
    }

    /// What hosts of a region fetch as `name`.
    pub(crate) fn published(&self, region: &str, name: &str) -> Answer {
        self.anyone().get(&format!("/published/{region}/{name}"))
    }

    /// What the log says.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
    }
}

/// A certificate that nobody signed, and its key, in PEM form.
pub(crate) fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["publisher".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// Waits until `look` gives something.
#[track_caller]
pub(crate) fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what} did not come");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The files below `folder`, relative to it.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path().strip_prefix(folder).unwrap().display().to_string()),
            }
        }
    }
    found.sort();
    found
}
