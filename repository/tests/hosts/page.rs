//! The page for people, as a browser shows it.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use hostler_tests::not_run;

use crate::registration::package;
use crate::server::Repository;

/// A repository with a bit of everything in it.
fn repository() -> Repository {
    let repository = Repository::start(&[]);
    repository.register(
        "1.0.0",
        &package("one"),
        "<IsInternalExtension>false</IsInternalExtension>",
    );
    repository.register(
        "1.1.0",
        &package("two"),
        "<IsInternalExtension>true</IsInternalExtension>",
    );
    // An operation that fails.
    assert_eq!(repository.upload("bad.zip", b"this is not a zip").status, 201);
    let body = crate::registration::definition("1.2.0", &repository.media("bad.zip"), "");
    let answer = repository.call("PUT", "/services/extensions?action=update", &body);
    let ended = repository.ended(answer.header("x-ms-request-id").unwrap());
    assert!(ended.contains("<Status>Failed</Status>"), "{ended}");
    repository
}

fn chromium() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut programs =
        env::split_paths(&path).flat_map(|folder| [folder.join("chromium"), folder.join("chromium-browser")]);
    let found = programs.find(|program| program.is_file());
    if found.is_none() {
        not_run("chromium (Debian package chromium)");
    }
    found
}

/// What the browser makes of the page: the document after it was loaded. The page has no scripts, and may have none.
fn shown(chromium: &PathBuf, repository: &Repository, arguments: &[&str]) -> String {
    let profile = repository.path("browser");
    let done = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--ignore-certificate-errors",
        ])
        .args(["--no-first-run", "--hide-scrollbars", "--window-size=1400,1000"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .arg(format!("https://{}/", repository.authority()))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn a_browser_shows_what_is_published_and_who_did_it() {
    let Some(chromium) = chromium() else {
        return;
    };
    let repository = repository();
    let page = shown(&chromium, &repository, &["--dump-dom"]);
    for part in [
        "Contoso.Linux.Demo",
        ">1.0.0<",
        ">1.1.0<",
        "public",
        "internal",
        "Local: Completed",
        "guest.memory_total",
        "RegisterExtension",
        "Failed",
        "pkg.format",
        "Who did what",
        "blob put",
    ] {
        assert!(page.contains(part), "{part} is not on the page: {page}");
    }
    // The style sheet is loaded, although the page may load next to nothing.
    if let Some(picture) = env::var_os("HOSTLER_PICTURE") {
        let screenshot = format!("--screenshot={}", PathBuf::from(picture).display());
        shown(&chromium, &repository, &[&screenshot]);
    }
}

#[test]
fn the_page_may_load_nothing_but_its_style() {
    let repository = repository();
    let page = repository.anyone().get("/");
    assert_eq!(page.status, 200, "{}", page.text());
    let policy = page.header("Content-Security-Policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert_eq!(page.header("X-Content-Type-Options"), Some("nosniff"));
    assert!(!page.text().contains("<script"));
    let style = repository.anyone().get("/page.css");
    assert_eq!(style.header("Content-Type"), Some("text/css; charset=utf-8"));
}
