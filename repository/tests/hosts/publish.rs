//! The publisher's commands of `hostler` against the real server, and `hostler apply` of what was published.

use std::fs;
use std::path::{Path, PathBuf};

use hostler_tests::{Ran, recorder, run_hostler_in};
use serde_json::{Value, json};

use crate::server::{PATIENCE, Repository, SUBSCRIPTION};

const MANIFEST: &str = r#"[{"name": "Web", "version": 1.0, "handlerManifest": {
    "installCommand": "web.wasm install", "enableCommand": "web.wasm enable", "updateCommand": "web.wasm update",
    "disableCommand": "web.wasm disable", "uninstallCommand": "web.wasm uninstall",
    "rebootAfterInstall": false, "reportHeartbeat": false}}]"#;

/// A publisher with a repository of its own, and a machine.
struct Team {
    repository: Repository,
}

impl Team {
    fn new(arguments: &[&str]) -> Self {
        let repository = Repository::start(arguments);
        let (certificate, key) = repository.certificate();
        fs::write(repository.path("publisher.pem"), format!("{certificate}{key}")).unwrap();
        Self { repository }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.repository.path(name)
    }

    /// `hostler`, told of the repository by the variables of the old scripts.
    fn hostler(&self, arguments: &[&str]) -> Ran {
        let endpoint = format!("https://{}", self.repository.authority());
        run_hostler_in(arguments, &self.path(""), PATIENCE, |command| {
            command
                .env("ENDPOINT", &endpoint)
                .env("SUBSCRIPTION", SUBSCRIPTION)
                .env("CERT", self.path("publisher.pem"))
                .env("CURL_CA_BUNDLE", self.path("data/tls/cert.pem"))
                .env("SSL_CERT_FILE", self.path("data/tls/cert.pem"))
                .current_dir(self.path(""));
        })
    }

    /// A command that has to go well; what it prints.
    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        let ran = self.hostler(arguments);
        assert!(
            ran.status.success(),
            "{arguments:?}: {}\n{}",
            ran.stderr_text(),
            self.repository.log()
        );
        String::from_utf8(ran.stdout).unwrap()
    }

    /// A command that has to end with `code`; what it says on standard error.
    #[track_caller]
    fn refused(&self, arguments: &[&str], code: i32) -> String {
        let ran = self.hostler(arguments);
        assert_eq!(ran.status.code(), Some(code), "{arguments:?}: {}", ran.stderr_text());
        ran.stderr_text()
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// The handler's folder as of `version`, public or internal.
    fn folder(&self, version: &str, internal: bool) -> PathBuf {
        let folder = self.path("Web");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("HandlerManifest.json"), MANIFEST).unwrap();
        fs::copy(recorder(), folder.join("web.wasm")).unwrap();
        fs::write(folder.join("version.txt"), version).unwrap();
        fs::write(folder.join("definition.xml"), definition(version, internal)).unwrap();
        folder
    }

    #[track_caller]
    fn publish(&self, version: &str, internal: bool) {
        let folder = self.folder(version, internal);
        self.done(&["extension", "publish", folder.to_str().unwrap(), version]);
    }

    /// Brings the machine to what the operator wants, and gives the version of the handler that is there.
    #[track_caller]
    fn apply(&self, wanted: &Path) -> String {
        let goal = self.path("goal.json");
        let location = format!("https://{}", self.repository.authority());
        let goal_path = goal.to_str().unwrap();
        let arguments = [
            "goal-state",
            wanted.to_str().unwrap(),
            "--out",
            goal_path,
            "--location",
            &location,
        ];
        self.repository.command(&arguments);
        let root = self.path("root");
        self.done(&["apply", goal_path, "--root", root.to_str().unwrap()]);
        let status = self.json(&["status", "--root", root.to_str().unwrap()]);
        let text = status.to_string();
        let document: Value = serde_json::from_slice(&fs::read(&goal).unwrap()).unwrap();
        let version = document["extensionGoalStates"][0]["version"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(text.contains(&version), "{version} is not there: {text}");
        version
    }
}

fn definition(version: &str, internal: bool) -> String {
    format!(
        "<?xml version='1.0' encoding='utf-8' ?>\n<ExtensionImage xmlns=\"http://schemas.microsoft.com/windowsazure\">\n\
         <ProviderNameSpace>Contoso</ProviderNameSpace>\n<Type>Web</Type>\n<Version>{version}</Version>\n\
         <Label>Web</Label>\n<HostingResources>VmRole</HostingResources>\n<MediaLink></MediaLink>\n\
         <Description>d</Description>\n<IsInternalExtension>{internal}</IsInternalExtension>\n\
         <IsJsonExtension>true</IsJsonExtension>\n<SupportedOS>Linux</SupportedOS>\n</ExtensionImage>\n"
    )
}

#[test]
fn what_is_published_runs_and_a_hotfix_reaches_machines_by_itself() {
    let team = Team::new(&[]);
    let wanted = team.path("wanted.toml");
    let handler = "[[handler]]\nnamespace = \"Contoso\"\ntype = \"Web\"\nversion = \"1.0\"\n";
    fs::write(&wanted, handler).unwrap();
    team.publish("1.0.0.0", false);
    assert_eq!(team.apply(&wanted), "1.0.0.0");
    // The same folder again is nothing new.
    let again = team.done(&["extension", "publish", team.path("Web").to_str().unwrap(), "1.0.0.0"]);
    assert!(again.contains("published already"), "{again}");
    team.publish("1.0.0.1", false);
    assert_eq!(team.apply(&wanted), "1.0.0.1", "a hotfix always arrives");
    team.publish("1.1.0.0", false);
    assert_eq!(
        team.apply(&wanted),
        "1.0.0.1",
        "a minor version only where it is welcome"
    );
    fs::write(&wanted, format!("{handler}auto_upgrade = true\n")).unwrap();
    assert_eq!(team.apply(&wanted), "1.1.0.0");
    // What machines have does not go back while it is offered.
    team.done(&["extension", "unpublish", "Contoso", "Web", "1.1.0.0", "--wait"]);
    assert_eq!(team.apply(&wanted), "1.1.0.0");
}

#[test]
fn the_server_offers_a_goal_state_that_a_hotfix_changes_by_itself() {
    let team = Team::new(&[]);
    let folder = team.path("data/goal-states");
    fs::create_dir_all(&folder).unwrap();
    let authority = team.repository.authority().to_owned();
    let wanted = format!(
        "locations = [\"https://{authority}/published/local\"]\n[[handler]]\nnamespace = \"Contoso\"\ntype = \"Web\"\n\
         version = \"1.0\"\n"
    );
    fs::write(folder.join("fleet.toml"), wanted).unwrap();
    let ask = || team.repository.anyone().get("/goal-states/fleet");
    // Nothing of it is there yet; why is for the operator's log.
    assert_eq!(ask().status, 500);
    assert!(
        team.repository.log().contains("wanted.unresolved"),
        "{}",
        team.repository.log()
    );
    let root = team.path("root");
    let url = format!("https://{authority}/goal-states/fleet");
    let apply = || {
        team.done(&["apply", &url, "--root", root.to_str().unwrap()]);
        team.json(&["status", "--root", root.to_str().unwrap()]).to_string()
    };
    for version in ["1.0.0.0", "1.0.0.1"] {
        team.publish(version, false);
        let document = ask();
        assert_eq!(document.status, 200, "{}", document.text());
        assert!(document.text().contains(version), "{}", document.text());
        assert_eq!(ask().header("ETag"), document.header("ETag"));
        let status = apply();
        assert!(status.contains(version), "{status}");
    }
    for name in ["other", "..%2ffleet", "fleet.toml", "%00"] {
        let answer = team.repository.anyone().get(&format!("/goal-states/{name}"));
        assert!(matches!(answer.status, 400 | 404), "{name}: {}", answer.status);
    }
}

#[test]
fn check_15_8_a_public_version_stays_and_an_internal_one_goes() {
    let team = Team::new(&[]);
    team.publish("1.0", false);
    let said = team.refused(&["extension", "delete", "Contoso", "Web", "1.0"], 3);
    assert!(said.contains("repo.refused") && said.contains("public"), "{said}");
    assert_eq!(
        team.json(&["extension", "get", "Contoso", "Web"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
    team.done(&["extension", "unpublish", "Contoso", "Web", "1.0", "--wait"]);
    let said = team.refused(&["extension", "get", "Contoso", "Web"], 3);
    assert!(said.contains("404"), "{said}");
    assert_eq!(team.json(&["extension", "list"])[0]["internal"], json!(true));
    team.done(&["extension", "delete", "Contoso", "Web", "1.0.0.0", "--wait"]);
    assert_eq!(team.json(&["extension", "list"]), json!([]));
    let said = team.refused(&["extension", "delete", "Contoso", "Web", "1.0"], 3);
    assert!(said.contains("404"), "{said}");
}

#[test]
fn check_15_9_a_version_is_promoted_from_nothing_to_a_slice_to_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let region = |name: &str, at: &str| format!("{name}={}", folder.path().join(at).display());
    let (west, east) = (region("West US", "west"), region("East US", "east"));
    let team = Team::new(&["--region", &west, "--region", &east]);
    team.publish("1.0", true);
    let public = |region: &str| {
        let name = format!("Contoso_Web_{region}_manifest.xml");
        let text = team.repository.published(region, &name).text();
        let public = text.split("<InternalPlugins").next().unwrap_or_default().to_owned();
        public.contains("<Version>1.0</Version>")
    };
    assert_eq!((public("westus"), public("eastus")), (false, false));
    let of = ["Contoso", "Web", "1.0", "--wait"];
    let promote = |more: &[&str]| team.done(&[&["extension", "promote"], &of[..], more].concat());
    promote(&["--region", "West US"]);
    assert_eq!((public("westus"), public("eastus")), (true, false));
    // What is added comes beside what is there.
    promote(&["--region", "eastus"]);
    assert_eq!((public("westus"), public("eastus")), (true, true));
    promote(&["--all-regions"]);
    let regions = team.json(&["extension", "replication", "Contoso", "Web", "1.0"]);
    let states: Vec<&Value> = regions.as_array().unwrap().iter().map(|row| &row["state"]).collect();
    assert_eq!(states, [&json!("Completed"), &json!("Completed")]);
    assert_eq!(team.json(&["extension", "list"])[0]["regions"], json!([]));
}

#[test]
fn check_15_2_calls_as_other_tools_make_them_have_the_answers_that_they_read() {
    let team = Team::new(&[]);
    let folder = team.folder("1.0.0.0", true);
    let folder = folder.to_str().unwrap();
    // Step by step, as the old scripts: pack, put, add, check, list, update, delete.
    let address = format!("https://{}/blob/extensions", team.repository.authority());
    let definition = format!("{folder}/definition.xml");
    let pack = [
        "pack",
        folder,
        "1.0.0.0",
        "--definition",
        &definition,
        "--media-base",
        &address,
    ];
    team.done(&pack);
    let zip = "build/Contoso.Web-1.0.0.0.zip";
    let link = team.done(&["blob", "put", zip]);
    assert_eq!(link.trim(), format!("{address}/Contoso.Web-1.0.0.0.zip"));
    let id = team.done(&["extension", "add", "build/Contoso.Web-1.0.0.0.xml", "-q"]);
    let checked = team.json(&["extension", "check", id.trim(), "--wait"]);
    assert_eq!(checked["status"], json!("Succeeded"), "{checked}");
    let uploads = team.json(&["blob", "list"]);
    assert_eq!(uploads[0]["name"], json!("Contoso.Web-1.0.0.0.zip"));
    let list = team.json(&["extension", "list"]);
    assert_eq!(list[0]["replicated"], json!(true));
    assert_eq!(list[0]["sha256"], uploads[0]["sha256"]);
    let said = team.refused(&["extension", "add", "build/Contoso.Web-1.0.0.0.xml", "-q"], 3);
    assert!(said.contains("409"), "{said}");
    let said = team.refused(&["extension", "update", "nowhere.xml"], 3);
    assert!(said.contains("input.open"), "{said}");
    assert!(team.done(&["subscription"]).contains("Active"));
}

#[test]
fn check_15_12_two_packs_are_one_and_no_defect_of_the_old_script_comes_back() {
    let team = Team::new(&[]);
    let folder = team.folder("1.0.0.0", true);
    fs::create_dir_all(folder.join("test")).unwrap();
    fs::write(folder.join("test/left_out.txt"), "x").unwrap();
    let pack = |out: &str| {
        let folder = folder.to_str().unwrap();
        let definition = format!("{folder}/definition.xml");
        team.json(&["pack", folder, "1.0.0.0", "--definition", &definition, "--out", out])["digest"].clone()
    };
    // An absolute path, no `references`, and twice: nothing outside is touched, and the bytes are the same.
    assert_eq!(pack("one"), pack("two"));
    assert!(folder.join("test/left_out.txt").exists());
    // A file that goes from the folder goes from the package too.
    let before = pack("one");
    fs::remove_file(folder.join("version.txt")).unwrap();
    assert_ne!(pack("one"), before);
    // A version that the definition does not have, and a manifest that is missing, are errors.
    let folder = folder.to_str().unwrap();
    let definition = format!("{folder}/definition.xml");
    let said = team.refused(&["pack", folder, "1.0.0.1", "--definition", &definition], 3);
    assert!(said.contains("publish.definition"), "{said}");
    fs::remove_file(format!("{folder}/HandlerManifest.json")).unwrap();
    let said = team.refused(&["pack", folder, "1.0.0.0"], 3);
    assert!(said.contains("manifest.missing"), "{said}");
}

#[test]
fn what_stands_in_the_way_of_a_publisher_is_said_with_an_exit_code() {
    let team = Team::new(&[]);
    let list = ["extension", "list"];
    let stranger = crate::server::certificate();
    fs::write(team.path("stranger.pem"), format!("{}{}", stranger.0, stranger.1)).unwrap();
    let said = team.refused(&[&list[..], &["--cert", "stranger.pem"]].concat(), 3);
    assert!(said.contains("AuthenticationFailed"), "{said}");
    fs::write(team.path("stranger.pem"), "no certificate").unwrap();
    let said = team.refused(&[&list[..], &["--cert", "stranger.pem"]].concat(), 3);
    assert!(said.contains("publish.settings"), "{said}");
    let said = team.refused(&[&list[..], &["--endpoint", "http://repo"]].concat(), 3);
    assert!(said.contains("https://"), "{said}");
    let said = team.refused(&["extension", "check", "123"], 2);
    assert!(said.contains("32 hexadecimal digits"), "{said}");
    let conditions = "if [ $AZURE_PRODUCTION -eq 1 ]; then\nexport ENDPOINT=https://x\nfi\n";
    fs::write(team.path("params"), conditions).unwrap();
    let said = team.refused(&[&list[..], &["--params", "params"]].concat(), 3);
    assert!(said.contains("params:1:1") && said.contains("params:3:1"), "{said}");
}

#[test]
fn a_repository_that_is_not_there_is_not_reachable() {
    // A port that was free a moment ago; whoever takes it since does not speak TLS for us.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let team = Team::new(&[]);
    let endpoint = format!("https://127.0.0.1:{port}");
    let ran = team.hostler(&["subscription", "--endpoint", &endpoint]);
    assert_eq!(ran.status.code(), Some(5), "{}", ran.stderr_text());
    assert!(ran.stderr_text().contains("repo.unreachable"), "{}", ran.stderr_text());
}
