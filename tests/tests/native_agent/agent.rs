//! The native agent's part, by folder: what contract 1 to 4 and 7.6 have of unpacking, files, variables and commands.

use std::fs::{self, File, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hostler_tests::{hostler, recorder};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The handler of all tests but those that say otherwise.
pub(crate) const HANDLER: &str = "Contoso.Demo";

/// A machine on which the agent runs, as far as its folders go.
pub(crate) struct Agent {
    folder: TempDir,
    handler: &'static str,
}

/// What the agent finds of a command.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Agent {
    pub(crate) fn new() -> Self {
        Self::of(HANDLER)
    }

    /// The same for the handler of that name.
    pub(crate) fn of(handler: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in [("lib", 0o700), ("log", 0o755)] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::set_permissions(folder.path().join(name), Permissions::from_mode(mode)).unwrap();
        }
        Self { folder, handler }
    }

    /// The agent's library folder.
    pub(crate) fn library(&self) -> PathBuf {
        self.folder.path().join("lib")
    }

    /// The handler's log folder.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.path().join("log").join(self.handler)
    }

    /// A folder of the test's own, beside the agent's.
    pub(crate) fn beside(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of `version`.
    pub(crate) fn base(&self, version: &str) -> PathBuf {
        self.library().join(format!("{}-{version}", self.handler))
    }

    /// Unpacks `package` as `version` and writes what the agent writes then (contract 1.1 and 3), with the built `hostler`
    /// in the place of the program in it: packing that one each time would take far longer than all the rest.
    pub(crate) fn unpack(&self, version: &str, package: &Path) {
        let base = self.base(version);
        let mut archive = zip::ZipArchive::new(File::open(package).unwrap()).unwrap();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).unwrap();
            let path = base.join(entry.name().unwrap().as_ref());
            if entry.is_dir() {
                fs::create_dir_all(&path).unwrap();
                continue;
            }
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o744)).unwrap();
        }
        let program = base.join("bin/hostler-launcher");
        fs::remove_file(&program).unwrap();
        if fs::hard_link(hostler(), &program).is_err() {
            fs::copy(hostler(), &program).unwrap();
        }
        for (folder, mode) in [
            (base.join("config"), 0o700),
            (base.join("status"), 0o700),
            (self.log(), 0o755),
            (self.log().join("events"), 0o700),
        ] {
            fs::create_dir_all(&folder).unwrap();
            fs::set_permissions(&folder, Permissions::from_mode(mode)).unwrap();
        }
        let (log, base_text) = (self.log().display().to_string(), base.display().to_string());
        let environment = json!([{"name": self.handler, "version": 1.0, "handlerEnvironment": {
            "logFolder": log, "configFolder": format!("{base_text}/config"),
            "statusFolder": format!("{base_text}/status"), "heartbeatFile": format!("{base_text}/heartbeat.log"),
            "eventsFolder": format!("{log}/events"), "eventsFolder_preview": format!("{log}/events")}}]);
        fs::write(base.join("HandlerEnvironment.json"), environment.to_string()).unwrap();
    }

    /// Makes a launcher package of the recorder and unpacks it as `version`.
    pub(crate) fn install_files(&self, version: &str, manifest: &Value) {
        let package = pack_recorder(self.beside(), version, manifest);
        self.unpack(version, &package);
    }

    /// Writes the settings that a goal state brings (contract 4.1).
    pub(crate) fn settings(&self, version: &str, number: u32, own: &Value) {
        let text = json!({"runtimeSettings": [{"handlerSettings": {
            "publicSettings": own["public"], "protectedSettings": own["protected"],
            "protectedSettingsCertThumbprint": own["thumbprint"]}}]});
        let file = self.base(version).join(format!("config/{number}.settings"));
        fs::write(file, text.to_string()).unwrap();
    }

    /// Runs `command` of `version` for the settings `number`, as the agent does (contract 7.6).
    pub(crate) fn run(&self, version: &str, command: &str, number: u32) -> Found {
        self.run_in(version, command, &[("ConfigSequenceNumber", &number.to_string())], "")
    }

    /// The same with these variables and no others of the agent's, and more at the end of the command line.
    pub(crate) fn run_in(&self, version: &str, command: &str, variables: &[(&str, &str)], more: &str) -> Found {
        let base = self.base(version);
        let manifest: Value = serde_json::from_slice(&fs::read(base.join("HandlerManifest.json")).unwrap()).unwrap();
        let line = manifest[0]["handlerManifest"][format!("{command}Command")]
            .as_str()
            .unwrap();
        let mut shell = Command::new("/bin/sh");
        shell
            .arg("-c")
            .arg(format!("{}/{line}{more}", base.display()))
            .current_dir(&base)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("AGENTS_OWN", "nothing of the handler's business")
            .env("AZURE_GUEST_AGENT_EXTENSION_PATH", &base)
            .env("AZURE_GUEST_AGENT_EXTENSION_VERSION", version)
            .env("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS", "168.63.129.16")
            .envs(variables.iter().copied())
            .stdin(Stdio::null());
        let output = shell.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Found {
            exit: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// The status file for the settings `number`, as JSON; nothing where there is none.
    pub(crate) fn status(&self, version: &str, number: u32) -> Option<Value> {
        let text = fs::read(self.base(version).join(format!("status/{number}.status"))).ok()?;
        Some(serde_json::from_slice(&text).unwrap())
    }

    /// Word, code and message of that status.
    #[track_caller]
    pub(crate) fn said(&self, version: &str, number: u32) -> (String, i64, String) {
        let status = self.status(version, number).expect("there is a status file");
        let status = &status[0]["status"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let message = text(&status["formattedMessage"]["message"]);
        (text(&status["status"]), status["code"].as_i64().unwrap_or(-2), message)
    }

    /// The lines that the recorder left.
    pub(crate) fn record(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.log().join("record.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A manifest of the recorder, with these members in the place of its own.
pub(crate) fn manifest(members: &Value) -> Value {
    let mut own = json!({"rebootAfterInstall": false, "reportHeartbeat": false});
    for command in ["install", "enable", "update", "disable", "uninstall"] {
        own[format!("{command}Command")] = json!(format!("recorder.wasm {command}"));
    }
    for (key, value) in members.as_object().into_iter().flatten() {
        own[key] = value.clone();
    }
    json!([{"name": HANDLER, "version": 1.0, "handlerManifest": own}])
}

/// Packs the recorder with a launcher, and gives the package.
pub(crate) fn pack_recorder(folder: &Path, version: &str, manifest: &Value) -> PathBuf {
    let source = folder.join(format!("source-{version}"));
    fs::create_dir_all(&source).unwrap();
    fs::copy(recorder(), source.join("recorder.wasm")).unwrap();
    fs::write(source.join("HandlerManifest.json"), manifest.to_string()).unwrap();
    let packed = pack(&source, version, HANDLER, folder, &[]);
    assert_eq!(packed.exit, 0, "{packed:?}");
    folder.join(format!("{HANDLER}-{version}.launcher.zip"))
}

/// `hostler pack --launcher`, with a program in the launcher's place that is small, unless `options` name another.
pub(crate) fn pack(source: &Path, version: &str, name: &str, out: &Path, options: &[&str]) -> Found {
    let mut pack = Command::new(hostler());
    pack.arg("pack")
        .arg(source)
        .arg(version)
        .args(["--name", name, "--launcher", "--out"])
        .arg(out);
    if options.is_empty() {
        pack.arg("--launcher-binary").arg(small_program(out));
    }
    let output = pack.args(options).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Found {
        exit: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

/// The head of a program, which is all that is looked at.
pub(crate) fn small_program(folder: &Path) -> PathBuf {
    let path = folder.join("small-program");
    let mut head = [0; 64];
    File::open(hostler()).unwrap().read_exact(&mut head).unwrap();
    File::create(&path).unwrap().write_all(&head).unwrap();
    path
}
