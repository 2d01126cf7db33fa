//! The process that checks: it reads one file, gives up what it could reach, and looks at what it read.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use hostler_package::PackageLimits;
use landlock::{ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _};
use rustix::process::{Resource, Rlimit, setrlimit};

use super::admitted::Answer;
use super::{Registered, rules};

/// Memory that may be written, in bytes: the package, its list of entries, and room for reading them.
const DATA: u64 = 384 << 20;
/// Processor time, in seconds.
const CPU: u64 = 60;
/// The newest version of Landlock whose rights are given up; a kernel with an older one takes those that it has.
const VERSION: ABI = ABI::V7;

/// Checks the package on standard input, which is to become what the JSON `registered` says, and writes the answer to
/// standard output. This is what the server starts itself as.
pub fn run(registered: &str) -> ExitCode {
    match check(registered) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn check(registered: &str) -> io::Result<()> {
    let registered: Registered = serde_json::from_str(registered)?;
    limit()?;
    let bytes = read()?;
    give_up()?;
    let answer = match rules::check(bytes, &registered) {
        Ok(admitted) => Answer::Admitted(admitted),
        Err(refused) => Answer::Refused(refused.findings().to_vec()),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &answer)?;
    out.flush()
}

/// One byte more than a package may have, so that the rules see that it is too large.
fn read() -> io::Result<Vec<u8>> {
    let max = PackageLimits::default().zip_bytes + 1;
    let input = File::from(rustix::io::dup(io::stdin())?);
    let size = input.metadata()?.len().min(max);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    input.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn limit() -> io::Result<()> {
    for (resource, most) in [
        (Resource::Data, DATA),
        (Resource::Cpu, CPU),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

/// No file can be opened any more, and nothing be connected to, where the kernel has Landlock. Descriptors that are open,
/// the two streams, stay.
fn give_up() -> io::Result<()> {
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(VERSION))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(VERSION)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self)
        .map(|_| ())
        .map_err(io::Error::other)
}
