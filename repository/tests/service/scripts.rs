//! 15.1: what the old scripts send, by the curl that they use, from adding an extension to deleting it.
//!
//! The lines are theirs: a definition whose line feeds are gone (`-d@file`), a certificate and its key in one file (`-E`),
//! `-v` and only the tail of what it says, a body on a GET that comes from a file which is not there.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use hostler_tests::not_run;

use crate::databases::{Database, over_each};
use crate::registration::{definition, package};
use crate::server::{Repository, SUBSCRIPTION, certificate, wait};

/// What the scripts pose as where they look at operations.
const AGENT: &str =
    " Microsoft.WindowsAzure.Management.Compute.ComputeManagementClient/0.9.0.0 WindowsAzurePowershell/v0.8.0";

/// A publisher with nothing but curl.
struct Scripts<'a> {
    repository: &'a Repository,
    endpoint: String,
}

impl Scripts<'_> {
    /// One call of curl, with the server's certificate as the only one that is trusted, as the scripts are told to.
    fn curl(&self, arguments: &[&str]) -> Output {
        let pem = self.repository.path("publisher.pem");
        Command::new("curl")
            .args(["-v", "-E", pem.to_str().unwrap(), "-H", "x-ms-version: 2014-06-01"])
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("CURL_CA_BUNDLE", self.repository.path("data/tls/cert.pem"))
            .current_dir(self.repository.path("."))
            .output()
            .unwrap()
    }

    /// The call of `add.sh`, `update.sh` or `del.sh`: the request id, as its user finds it in the last ten lines.
    #[track_caller]
    fn write(&self, method: &str, path: &str, file: Option<&Path>) -> String {
        let url = format!("{}/{SUBSCRIPTION}/{path}", self.endpoint);
        let data = file.map(|file| format!("-d@{}", file.display()));
        let mut arguments = vec!["-X", method, "-H", "Content-Type: application/xml"];
        arguments.extend(data.as_deref());
        arguments.push(&url);
        let done = self.curl(&arguments);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(
            said.contains("HTTP/1.1 202 Accepted"),
            "{said}{}",
            String::from_utf8_lossy(&done.stdout)
        );
        assert!(done.stdout.is_empty());
        let lines: Vec<&str> = said.lines().collect();
        let tail = &lines[lines.len().saturating_sub(10)..];
        let id = tail
            .iter()
            .find_map(|line| line.trim().strip_prefix("< x-ms-request-id: "));
        id.unwrap_or_else(|| panic!("no request id in the tail:\n{}", tail.join("\n")))
            .to_owned()
    }

    /// The call of `list.sh` and `get.sh`.
    #[track_caller]
    fn read(&self, path: &str) -> String {
        let url = format!("{}/{SUBSCRIPTION}/{path}", self.endpoint);
        let done = self.curl(&["-X", "GET", "-H", "Content-Type: application/xml", &url]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(
            said.contains("HTTP/1.1 200 OK"),
            "{said}{}",
            String::from_utf8_lossy(&done.stdout)
        );
        String::from_utf8(done.stdout).unwrap()
    }

    /// The call of `check.sh`, again and again: its last document.
    fn check(&self, id: &str) -> String {
        let url = format!("{}/{SUBSCRIPTION}/operations/{id}", self.endpoint);
        wait("the end of the operation", || {
            let done = self.curl(&[
                "--insecure",
                "-X",
                "GET",
                "-A",
                AGENT,
                "-H",
                "Content-Type: application/xml",
                "-H",
                "Content-Length: 0",
                "--keepalive-time",
                "30",
                &url,
            ]);
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(said.contains("HTTP/1.1 200 OK"), "{said}");
            let text = String::from_utf8(done.stdout).unwrap();
            (!text.contains("<Status>InProgress</Status>")).then_some(text)
        })
    }
}

#[test]
fn check_15_1_the_old_scripts_add_check_list_get_update_and_delete() {
    if Command::new("curl").arg("--version").output().is_err() {
        return not_run("curl");
    }
    over_each(whole_life);
}

fn whole_life(database: &Database) {
    let repository = database.repository(&[]);
    // The scripts' own certificate: the key is in the same file, behind it.
    let (pem, key) = certificate();
    fs::write(repository.path("publisher.pem"), format!("{pem}{key}")).unwrap();
    let file = repository.path("publisher.pem");
    repository.command(&[
        "subscription",
        "certificate",
        "add",
        SUBSCRIPTION,
        "--certificate",
        file.to_str().unwrap(),
    ]);
    let scripts = Scripts {
        repository: &repository,
        endpoint: format!("https://{}", repository.authority()),
    };
    // subscription.sh
    let shown = scripts.read("");
    assert!(
        shown.contains(&format!("<SubscriptionID>{SUBSCRIPTION}</SubscriptionID>")),
        "{shown}"
    );

    let written = |version: &str, rest: &str| {
        let name = format!("demo-{version}.zip");
        assert_eq!(repository.upload(&name, &package(version)).status, 201);
        let text = definition(version, &repository.media(&name), rest).replace("><", ">\n<");
        let path = repository.path(&format!("definition-{version}.xml"));
        fs::write(&path, text).unwrap();
        path
    };
    // add.sh, check.sh
    let first = written("1.0.0.0", "<IsInternalExtension>true</IsInternalExtension>");
    let id = scripts.write("POST", "services/extensions", Some(&first));
    let ended = scripts.check(&id);
    assert!(
        ended.contains("<Status>Succeeded</Status><HttpStatusCode>200</HttpStatusCode>"),
        "{ended}"
    );
    // list.sh shows it; get.sh does not, since it is internal.
    let listed = scripts.read("services/publisherextensions");
    assert!(
        listed.contains("<Version>1.0.0.0</Version>") && listed.contains("<ReplicationCompleted>true<"),
        "{listed}"
    );
    // update.sh: a public version, then the first one as well.
    let second = written("1.1.0.0", "<IsInternalExtension>false</IsInternalExtension>");
    let id = scripts.write("PUT", "services/extensions?action=update", Some(&second));
    assert!(scripts.check(&id).contains("<Status>Succeeded</Status>"));
    let got = scripts.read("services/resourceextensions/Contoso.Linux/Demo");
    assert!(
        got.contains("<Version>1.1.0.0</Version>") && !got.contains("1.0.0.0"),
        "{got}"
    );
    // del.sh
    let id = scripts.write("DELETE", "services/extensions/Contoso.Linux/Demo/1.0.0.0", None);
    assert!(scripts.check(&id).contains("<Status>Succeeded</Status>"));
    let listed = scripts.read("services/publisherextensions");
    assert!(
        !listed.contains("<Version>1.0.0.0</Version>") && listed.contains("<Version>1.1.0.0</Version>"),
        "{listed}"
    );

    // A file that is not there: curl warns, and posts nothing.
    let url = format!("{}/{SUBSCRIPTION}/services/extensions", scripts.endpoint);
    let done = scripts.curl(&[
        "-X",
        "POST",
        "-H",
        "Content-Type: application/xml",
        "-d@nothing.xml",
        &url,
    ]);
    let answered = String::from_utf8_lossy(&done.stdout).into_owned();
    // Later releases of curl send nothing at all then.
    assert!(
        answered.is_empty() || answered.contains("<Code>InvalidXmlRequest</Code>"),
        "{answered}"
    );
    // Line feeds between attributes vanish on the way, so that this is no XML any more.
    let glued = repository.path("glued.xml");
    let text = definition("1.2", "https://media.example/x.zip", "");
    fs::write(
        &glued,
        text.replacen(
            " xmlns=",
            " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"\nxmlns=",
            1,
        ),
    )
    .unwrap();
    let data = format!("-d@{}", glued.display());
    let done = scripts.curl(&["-X", "POST", "-H", "Content-Type: application/xml", &data, &url]);
    let answered = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(answered.contains("<Code>InvalidXmlRequest</Code>"), "{answered}");
}
