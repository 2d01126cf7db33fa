//! Fetching in a process of its own, where the environment can be another.

use std::{env, process::Command};

use hostler_fetch::Fetcher;

use crate::{LIMITS, location, refusal, without_ports};

/// Names the location that a child fetches.
const URL: &str = "HOSTLER_FETCH_TEST_URL";
/// Starts the line of the child's output that counts.
const MARK: &str = "outcome: ";
/// What decides about proxies and trust.
const DECIDING: [&str; 10] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Runs the test `name` once more, as a child that has `environment` and nothing else that decides about proxies and trust,
/// and gives what [`fetch_if_child`] wrote there.
pub(crate) fn outcome_in_child(name: &str, url: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]).env(URL, url);
    for deciding in DECIDING {
        command.env_remove(deciding);
    }
    // Of a CGI program, the client takes no proxy.
    command.env_remove("REQUEST_METHOD");
    let output = command.envs(environment.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, outcome) = text
        .split_once(MARK)
        .unwrap_or_else(|| panic!("the child said nothing: {text}"));
    outcome.lines().next().unwrap().to_owned()
}

/// In a child: fetches, writes what came of it, and returns true.
pub(crate) fn fetch_if_child() -> bool {
    let Ok(url) = env::var(URL) else { return false };
    let outcome = match Fetcher::new().fetch(&location(&url), LIMITS) {
        Ok(fetched) => format!(
            "{} bytes from {}",
            fetched.bytes.len(),
            without_ports(&fetched.location.display())
        ),
        Err(error) => refusal(&error),
    };
    println!("{MARK}{outcome}");
    true
}
