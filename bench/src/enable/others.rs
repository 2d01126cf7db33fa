//! Other programs that run components: `wasmtime run`, where it is installed.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use hostler_contract::Command;
use hostler_host::sandbox::Code;

use crate::place::Place;
use crate::process::timed;
use crate::surroundings::version;

/// wasmtime's own command line.
pub(super) struct Wasmtime {
    program: PathBuf,
    version: String,
    /// The folders that the component gets, by the names under which it knows them.
    folders: Vec<String>,
}

impl Wasmtime {
    /// Finds it, and lets it run the component once, so that its cache has the code.
    ///
    /// # Errors
    /// Why it does not take part, for who reads the figures.
    pub(super) fn find(place: &Place, code: &Code) -> Result<Self, String> {
        let program = PathBuf::from("wasmtime");
        let Some(version) = version(&program) else {
            return Err("there is no wasmtime here".to_owned());
        };
        let (invocation, _) = place.invocation(code).map_err(|error| format!("{error:#}"))?;
        let folders = invocation.preopens.into_iter().map(|preopen| preopen.name).collect();
        let wasmtime = Self {
            program,
            version,
            folders,
        };
        match timed(&mut wasmtime.command(place)) {
            Ok(_) => Ok(wasmtime),
            Err(error) => Err(format!("{} does not run the component: {error:#}", wasmtime.version)),
        }
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// `enable` as it would run it.
    pub(super) fn command(&self, place: &Place) -> Process {
        let base = place.folders().base();
        let mut process = Process::new(&self.program);
        process
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            // Its cache lies there.
            .env("HOME", place.outside("home"))
            .current_dir(base)
            .arg("run");
        for folder in &self.folders {
            // `.` is the handler's own folder, which is where it is started.
            process.args(["--dir", &format!("{folder}::{folder}")]);
        }
        for (name, value) in place.variables() {
            process.args(["--env", &format!("{name}={value}")]);
        }
        process
            .arg(Path::new(base).join(&place.component.0))
            .arg(Command::Enable.name());
        process
    }
}
