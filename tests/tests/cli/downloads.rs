//! Version manifests and packages from a server that does what it should not: the handler says what happened, nothing of
//! it is installed, and the other handler of the goal state is.

use std::fs;

use hostler_tests::{goal_state_entry, recorder_package, version_manifest};
use serde_json::{Value, json};

use crate::offered::DEMO;
use crate::server::{Answer, Server};
use crate::workbench::{Said, Workbench};

/// The handler that comes from the server.
const FAR: &str = "Contoso.Far";

/// A good package.
pub(crate) fn package() -> Vec<u8> {
    recorder_package(FAR, &json!({}))
}

/// A version manifest that names `uris`, with `attributes`.
pub(crate) fn manifest(uris: &[&str], attributes: &str) -> Answer {
    let uris: Vec<String> = uris.iter().map(|uri| (*uri).to_owned()).collect();
    Answer::Whole(version_manifest(&[("1.0.0", &uris, attributes)]).into_bytes())
}

/// An entry of [`FAR`] whose version manifest is at `location`.
pub(crate) fn far(location: &str) -> Value {
    let mut entry = goal_state_entry(FAR, "1.0.0", "enabled", 0, &json!({}));
    entry["location"] = json!(location);
    entry
}

/// Applies a goal state with the handler of `server`, whose version manifest is at `/m`, and a good one behind it; what is
/// said of the first.
#[track_caller]
fn fails(server: &Server) -> String {
    let bench = Workbench::new();
    let entries = [far(&server.url("/m")), bench.offer(DEMO, &json!({}))];
    let said = bench.apply(&entries, &[]);
    assert_eq!(said.exit, 1, "{}", said.all());
    assert_eq!(
        fs::read_dir(bench.path("root/staging")).into_iter().flatten().count(),
        0
    );
    let handlers: Vec<String> = bench
        .kept()
        .into_iter()
        .filter(|name| name.starts_with("handlers/"))
        .collect();
    assert!(!handlers.iter().any(|name| name.contains(FAR)), "{handlers:?}");
    assert!(
        said.stdout()
            .contains("Contoso.Demo 1.0.0\n  ran       install 1.0.0, enable 1.0.0\n"),
        "{}",
        said.all()
    );
    of_far(server, &said)
}

/// The lines about [`FAR`].
fn of_far(server: &Server, said: &Said) -> String {
    let all = plain(server, said);
    let from = all.find(FAR).unwrap_or_default();
    let length = all[from..].find(DEMO).unwrap_or(all.len() - from);
    all[from..from + length].to_owned()
}

/// All that was said, without the port, and without how much of something endless had come before it was enough.
pub(crate) fn plain(server: &Server, said: &Said) -> String {
    let all = server.plain(&said.all());
    let mut words: Vec<&str> = all.split(' ').collect();
    for at in 1..words.len().saturating_sub(2) {
        if words[at..].starts_with(&["bytes", "or", "more,"]) {
            words[at - 1] = "[N]";
        }
    }
    words.join(" ")
}

#[test]
fn a_version_manifest_that_is_not_there() {
    let server = Server::start([]);
    insta::assert_snapshot!(fails(&server), @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code -1: [ExtensionError] Failed to get ext handler pkgs: http://127.0.0.1:[PORT]/m: the server answered with status 404
      refused: the server answered with status 404 [download.status]
        at http://127.0.0.1:[PORT]/m
        only status 200 counts
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

#[test]
fn a_version_manifest_without_end() {
    let server = Server::start([("/m", Answer::Endless)]);
    insta::assert_snapshot!(fails(&server), @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code -1: [ExtensionError] Failed to get ext handler pkgs: http://127.0.0.1:[PORT]/m: it has [N] bytes or more, and at most 4194304 are read
      refused: it has [N] bytes or more, and at most 4194304 are read [download.size]
        at http://127.0.0.1:[PORT]/m
        make it smaller, or check what lies there
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

#[test]
fn a_version_manifest_that_is_a_web_page() {
    let server = Server::start([(
        "/m",
        Answer::Whole(b"<html><body>Please log in.</body></html>".to_vec()),
    )]);
    insta::assert_snapshot!(fails(&server), @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code -1: [ExtensionError] Failed to get ext handler pkgs: http://127.0.0.1:[PORT]/m: m:1:7: the outermost element is `html`, or there is a second one [version_manifest.schema]; write PluginVersionManifest/Plugins/Plugin with Version and Uris/Uri, without a DOCTYPE
      refused: the outermost element is `html`, or there is a second one [version_manifest.schema]
        at m:1:7
        write PluginVersionManifest/Plugins/Plugin with Version and Uris/Uri, without a DOCTYPE
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

#[test]
fn a_package_that_is_not_there() {
    let server = Server::start([("/m", manifest(&["p.zip"], ""))]);
    insta::assert_snapshot!(fails(&server), @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code 1001: Failed to download artifacts: [ExtensionDownloadError] Failed to download Contoso.Far-1.0.0 from all URIs. Last error: http://127.0.0.1:[PORT]/p.zip: the server answered with status 404
      refused: the server answered with status 404 [download.status]
        at http://127.0.0.1:[PORT]/p.zip
        only status 200 counts
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

#[test]
fn a_package_without_end() {
    let server = Server::start([("/m", manifest(&["p.zip"], "")), ("/p.zip", Answer::Endless)]);
    insta::assert_snapshot!(fails(&server), @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code 1001: Failed to download artifacts: [ExtensionDownloadError] Failed to download Contoso.Far-1.0.0 from all URIs. Last error: http://127.0.0.1:[PORT]/p.zip: it has [N] bytes or more, and at most 67108864 are read
      refused: it has [N] bytes or more, and at most 67108864 are read [download.size]
        at http://127.0.0.1:[PORT]/p.zip
        make it smaller, or check what lies there
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

/// The only test that waits for a server that says nothing more: 10 s in each of three rounds.
#[test]
fn a_package_of_which_only_one_byte_comes() {
    let server = Server::start([("/m", manifest(&["p.zip"], "")), ("/p.zip", Answer::Silent)]);
    insta::assert_snapshot!(fails(&server), @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code 1001: Failed to download artifacts: [ExtensionDownloadError] Failed to download Contoso.Far-1.0.0 from all URIs. Last error: http://127.0.0.1:[PORT]/p.zip: nothing came for 10 s
      refused: nothing came for 10 s [download.timeout]
        at http://127.0.0.1:[PORT]/p.zip
        try again, or name a location that is nearer
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

#[test]
fn a_package_that_ends_early() {
    let package = package();
    let answer = Answer::Announced(package.len() + 1, package);
    let server = Server::start([("/m", manifest(&["p.zip"], "")), ("/p.zip", answer)]);
    let said = fails(&server);
    let said = said.replace(&format!("after {} bytes", self::package().len()), "after [N] bytes");
    insta::assert_snapshot!(said, @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code 1001: Failed to download artifacts: [ExtensionDownloadError] Failed to download Contoso.Far-1.0.0 from all URIs. Last error: http://127.0.0.1:[PORT]/p.zip: the connection ended early, after [N] bytes: end of file before message length reached
      refused: the connection ended early, after [N] bytes: end of file before message length reached [download.incomplete]
        at http://127.0.0.1:[PORT]/p.zip
        try again, and look at the server's log
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

/// As many bytes as were announced, and then the archive ends in its middle.
#[test]
fn a_package_that_is_longer_than_announced() {
    let server = Server::start([
        ("/m", manifest(&["p.zip"], "")),
        ("/p.zip", Answer::Announced(1000, package())),
    ]);
    insta::assert_snapshot!(fails(&server), @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code 1001: Failed to download artifacts: [ExtensionDownloadError] Failed to download Contoso.Far-1.0.0 from all URIs. Last error: http://127.0.0.1:[PORT]/p.zip: p.zip: the file does not end with a zip end record without a comment: it is cut off, followed by other bytes, or not a zip archive [pkg.format]; make the package with `hostler pack`
      refused: the file does not end with a zip end record without a comment: it is cut off, followed by other bytes, or not a zip archive [pkg.format]
        at p.zip
        make the package with `hostler pack`
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

#[test]
fn a_package_with_another_digest() {
    let manifest = manifest(&["p.zip"], &format!("sha256=\"{}\"", "ab".repeat(32)));
    let server = Server::start([("/m", manifest), ("/p.zip", Answer::Whole(package()))]);
    insta::assert_snapshot!(fails(&server), @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code 1001: Failed to download artifacts: [ExtensionDownloadError] Failed to download Contoso.Far-1.0.0 from all URIs. Last error: http://127.0.0.1:[PORT]/p.zip: its SHA-256 is [DIGEST], and [DIGEST] was declared
      refused: its SHA-256 is [DIGEST], and [DIGEST] was declared [download.digest]
        at http://127.0.0.1:[PORT]/p.zip
        declare what lies there, or put there what was declared
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

#[test]
fn a_package_of_another_size() {
    let manifest = manifest(&["p.zip"], "size=\"12\"");
    let server = Server::start([("/m", manifest), ("/p.zip", Answer::Whole(package()))]);
    let said = fails(&server);
    let said = said.replace(&format!("it has {} bytes", package().len()), "it has [N] bytes");
    insta::assert_snapshot!(said, @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code 1001: Failed to download artifacts: [ExtensionDownloadError] Failed to download Contoso.Far-1.0.0 from all URIs. Last error: http://127.0.0.1:[PORT]/p.zip: it has [N] bytes, and 12 were declared
      refused: it has [N] bytes, and 12 were declared [download.size]
        at http://127.0.0.1:[PORT]/p.zip
        declare what lies there, or put there what was declared
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

#[test]
fn a_package_behind_redirects_that_go_round() {
    let server = Server::start([
        ("/m", manifest(&["p.zip"], "")),
        ("/p.zip", Answer::Redirect("/q.zip".to_owned())),
        ("/q.zip", Answer::Redirect("/p.zip".to_owned())),
    ]);
    insta::assert_snapshot!(fails(&server), @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code 1001: Failed to download artifacts: [ExtensionDownloadError] Failed to download Contoso.Far-1.0.0 from all URIs. Last error: http://127.0.0.1:[PORT]/p.zip: more than 5 redirects
      refused: more than 5 redirects [download.redirect]
        at http://127.0.0.1:[PORT]/p.zip
        name the place itself
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

#[test]
fn a_package_behind_a_redirect_to_a_file() {
    let server = Server::start([
        ("/m", manifest(&["p.zip"], "")),
        ("/p.zip", Answer::Redirect("file:///etc/passwd".to_owned())),
    ]);
    insta::assert_snapshot!(fails(&server), @"
    Contoso.Far 1.0.0
      ran       nothing
      handler   NotReady, code 1001: Failed to download artifacts: [ExtensionDownloadError] Failed to download Contoso.Far-1.0.0 from all URIs. Last error: http://127.0.0.1:[PORT]/p.zip: redirect refused: a document that came over the network may not name a file of this machine
      refused: redirect refused: a document that came over the network may not name a file of this machine [download.redirect]
        at http://127.0.0.1:[PORT]/p.zip
        name the place itself
    2 handlers, 0 removed; not well: Contoso.Far.
    ");
}

/// A document from a server may not name a file of this machine.
#[test]
fn a_package_that_is_a_file_of_this_machine() {
    let server = Server::start([("/m", manifest(&["file:///etc/passwd"], ""))]);
    let said = fails(&server);
    assert!(
        said.contains("[download.location]"),
        "it says why the one that is there is not used: {said}"
    );
}
