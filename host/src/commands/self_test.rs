//! `hostler self-test`: every promise that can be tried, tried here.

mod find;
mod ground;
mod snapshot;
mod stage;
mod text;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::failure::{Failure, Reply, to_json};
use super::isolation_option::{IsolationArgs, probed};
use super::place;
use super::progress::Progress;
use crate::sandbox::IsolationReport;
use crate::self_test::{Account, judge, table};
use stage::Stage;

/// Try on this machine what a hostile handler could, and show for each promise whether it was held or broken.
///
/// The hostile handler attacks in a throw-away root beside another handler, canaries and keys, all of which are looked at
/// before and after each attack. Where components run in workers, native code tries there what one could that broke out.
/// The exit code is 0 only if every promise that applies here was held, and 1 if one was broken. The hostile package comes
/// with hostler; `cargo xtask packages` makes it.
#[derive(Debug, Args)]
pub(super) struct SelfTestArgs {
    /// The hostile package [default: hostile.zip beside this program, else ../share/hostler/hostile.zip from there].
    #[arg(long, value_name = "FILE")]
    package: Option<PathBuf>,
    #[command(flatten)]
    isolation: IsolationArgs,
}

/// The result as `--json` prints it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SelfTest {
    /// Whether every promise that applies here was held.
    held: bool,
    isolation: IsolationReport,
    package: PackageLine,
    #[serde(flatten)]
    account: Account,
    /// How long all of it took, in milliseconds.
    duration_ms: u64,
}

/// What attacked.
#[derive(Debug, Serialize)]
struct PackageLine {
    file: String,
    /// SHA-256 of its bytes, in hexadecimal.
    digest: String,
}

pub(super) fn self_test(args: &SelfTestArgs, json: bool) -> Result<Reply, Failure> {
    let started = Instant::now();
    let sandbox = args.isolation.sandbox()?;
    let path = find::package(args.package.as_deref())?;
    let bytes = place::read_package(&path)?;
    let package = PackageLine {
        file: place::file_name(&path),
        digest: hostler_package::PackageDigest::of(&bytes).to_string(),
    };
    let isolation = probed(&sandbox)?;
    let stage = Stage::set(&args.isolation, sandbox, bytes, &package.file)?;
    let mut probes = Vec::new();
    for probe in table() {
        let _progress = Progress::start(probe.name.to_owned());
        let seen = stage.carry_out(&probe, probes.len())?;
        let judged = judge(&probe, &seen, &isolation);
        probes.push((probe, judged, milliseconds(seen.took)));
    }
    let account = Account::of(&probes);
    let result = SelfTest {
        held: account.holds(),
        isolation,
        package,
        account,
        duration_ms: milliseconds(started.elapsed()),
    };
    Ok(Reply {
        stdout: if json { to_json(&result) } else { text::text(&result) },
        exit_code: u8::from(!result.held),
        ..Reply::default()
    })
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
