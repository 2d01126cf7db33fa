//! The folder that a page's commands run in, with what the page takes for granted.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hostler_tests::{hostler, not_run, package};
use serde_json::json;
use tempfile::TempDir;

/// A component that ends well at once.
const DONE: &str = r#"(component
    (core module $main (func (export "run") (result i32) (i32.const 0)))
    (core instance $main (instantiate $main))
    (func $run (result (result)) (canon lift (core func $main "run")))
    (instance $exported (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $exported)))"#;

/// Folders of the machine that pages write to; here they are in the page's folder.
const MACHINE: [(&str, &str); 1] = [("/var/lib/hostler", "lib")];

pub(crate) struct Folder(TempDir);

impl Folder {
    /// The folder for `page`; none where a program is missing that its commands start, which is said.
    pub(crate) fn of(page: &str) -> Option<Self> {
        let folder = Self(tempfile::tempdir().unwrap());
        let needs_openssl = match page {
            "docs/running.md" => {
                let packages = folder.path("CLONE/target/packages");
                fs::create_dir_all(&packages).unwrap();
                let hello = package("Hostler.Samples.Hello");
                fs::copy(&hello, packages.join(hello.file_name().unwrap())).unwrap();
                false
            }
            "docs/operators.md" => {
                folder.write("secrets.json", &json!({ "password": "open sesame" }).to_string());
                true
            }
            "docs/publishers.md" => {
                folder.handler("Example.Motd");
                folder.write("0.status", &status().to_string());
                folder.write("public.json", &json!({ "text": "Good morning" }).to_string());
                true
            }
            _ => false,
        };
        if needs_openssl && Command::new("openssl").arg("version").output().is_err() {
            not_run("openssl");
            return None;
        }
        if page == "docs/publishers.md" {
            folder.run(
                "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=contoso -keyout publisher.key -out chain.pem 2>/dev/null",
            );
        }
        Some(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// A folder to pack.
    fn handler(&self, name: &str) {
        fs::create_dir(self.path(name)).unwrap();
        let commands = ["install", "enable", "update", "disable", "uninstall"];
        let mut handler: serde_json::Map<_, _> = commands
            .map(|command| (format!("{command}Command"), json!(format!("motd.wasm {command}"))))
            .into_iter()
            .collect();
        handler.insert("rebootAfterInstall".to_owned(), json!(false));
        handler.insert("reportHeartbeat".to_owned(), json!(false));
        let signing = json!({ "publisher": "Example", "type": "Motd", "version": "1.0.0" });
        let manifest = json!([{ "version": 1.0, "handlerManifest": handler, "signingInfo": signing }]);
        self.write(&format!("{name}/HandlerManifest.json"), &manifest.to_string());
        fs::write(self.path(name).join("motd.wasm"), wat::parse_str(DONE).unwrap()).unwrap();
    }

    /// Runs a block to its end; what it printed.
    pub(crate) fn run(&self, block: &str) -> String {
        let mut commands = block.to_owned();
        for (machine, here) in MACHINE {
            commands = commands.replace(machine, &self.path(here).to_string_lossy());
        }
        let mut path = hostler().parent().map(Path::as_os_str).unwrap().to_owned();
        path.push(":");
        path.push(env::var_os("PATH").unwrap());
        let output = Command::new("bash")
            .current_dir(self.0.path())
            .args(["-euo", "pipefail", "-c", &commands])
            .env("PATH", path)
            .env("HOME", self.0.path())
            .env_remove("XDG_STATE_HOME")
            .output()
            .unwrap();
        let [said, errors] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(output.status.success(), "{block}\n{said}\n{errors}");
        said + &errors
    }
}

/// A status file as a handler writes it.
fn status() -> serde_json::Value {
    let message = json!({ "lang": "en-US", "message": "Good morning" });
    let status = json!({ "operation": "enable", "status": "success", "code": 0, "formattedMessage": message });
    json!([{ "version": 1.0, "timestampUTC": "2026-01-01T00:00:00Z", "status": status }])
}
