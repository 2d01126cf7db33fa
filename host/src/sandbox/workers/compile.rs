//! Compiling in a worker.

use std::process::ExitStatus;
use std::time::Instant;

use hostler_contract::{Finding, Place, Refused, Source, codes};

use super::process::{Process, describe};
use super::{Workers, trust};
use crate::sandbox::PrepareQuota;
use crate::sandbox::channel::{ChannelError, CompileReply, Component, FrameLimits, Job};
use crate::sandbox::prescan::EntryPoints;
use crate::sandbox::sealed::{Sealed, Unsealed};
use crate::sandbox::worker::Role;

/// The largest answer, in bytes.
const REPLY: FrameLimits = FrameLimits {
    message: 1 << 20,
    run: 0,
};

impl Workers {
    /// Compiles the component in `source`, which nobody in this process looks at.
    ///
    /// # Errors
    ///
    /// What the worker refuses; `compile.quota` where it takes too long or too much memory; `compile.worker` where it
    /// gives no answer that can be used.
    pub(in crate::sandbox) fn compile(&self, source: Source<'_>) -> Result<(EntryPoints, Sealed), Refused> {
        let _slot = self.slots.take();
        let failed = |what: &str| refusal(source.file, what);
        let input = Sealed::of("hostler-component", source.bytes).map_err(|error| failed(&error.to_string()))?;
        let output = Unsealed::new("hostler-code").map_err(|error| failed(&error.to_string()))?;
        let mut process = self.needed(Role::Compile).map_err(|error| failed(&error.to_string()))?;
        let job = Job::Compile(Component {
            file: source.file.to_owned(),
            quota: self.quota,
            required: self.required,
        });
        let deadline = Instant::now() + self.quota.wall;
        let reply = process
            .send(&job, &[input.as_fd(), output.as_fd()], deadline)
            .and_then(|()| process.receive(REPLY, deadline))
            .and_then(|frame| frame.message::<CompileReply>());
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => return Err(no_answer(source.file, &mut process, &error, self.quota)),
        };
        // Until it is gone it could write to what it handed over.
        process.end();
        match reply {
            CompileReply::Compiled(points) if trust::are_entry_points(&points) => {
                let code = output.seal().map_err(|error| failed(&error.to_string()))?;
                if code.length() == 0 {
                    return Err(failed("it handed over no code"));
                }
                Ok((points, code))
            }
            CompileReply::Refused(findings) if trust::are_findings(&findings) => {
                Err(Refused::unless_only_warnings(findings)
                    .err()
                    .unwrap_or_else(|| failed("it refused without a reason")))
            }
            CompileReply::Failed(what) => Err(failed(&hostler_contract::escape_bounded(&what, 1024))),
            CompileReply::Compiled(_) | CompileReply::Refused(_) => Err(failed("its answer is none")),
        }
    }
}

fn refusal(file: &str, what: &str) -> Refused {
    let what = format!("the worker that compiles it failed: {what}");
    Finding::refusal(
        codes::COMPILE_WORKER,
        file,
        Place::Whole,
        what,
        "try again; if it comes back, report it",
    )
    .into()
}

/// The refusal of a component whose worker gave no answer.
fn no_answer(file: &str, process: &mut Process, error: &ChannelError, quota: PrepareQuota) -> Refused {
    let what = match error {
        ChannelError::Late => {
            process.end();
            format!("compiling it takes longer than {} s", quota.wall.as_secs())
        }
        ChannelError::Malformed => {
            process.end();
            return refusal(file, "its answer is none");
        }
        ChannelError::Closed | ChannelError::Io(_) => {
            let status = process.ended();
            match over(status, quota) {
                Some(what) => what,
                None => return refusal(file, &describe(status)),
            }
        }
    };
    let hint = "a smaller component, or one with smaller functions";
    Finding::refusal(codes::COMPILE_QUOTA, file, Place::Whole, what, hint).into()
}

/// Which bound a worker ran into that ended so.
fn over(status: Option<ExitStatus>, quota: PrepareQuota) -> Option<String> {
    use std::os::unix::process::ExitStatusExt;
    match status?.signal()? {
        libc::SIGXCPU => Some(format!(
            "compiling it takes more than {} s of processor time",
            quota.cpu_seconds
        )),
        // What the allocator does when there is no more.
        libc::SIGABRT => Some(format!(
            "compiling it takes more than {} MiB of memory",
            quota.data_bytes >> 20
        )),
        _ => None,
    }
}
