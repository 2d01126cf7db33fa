//! Opening a package in a worker.

use std::os::fd::BorrowedFd;
use std::time::Instant;

use hostler_contract::{Command, Finding, Place, Refused, Severity, codes};
use hostler_package::Durability;

use super::process::describe;
use super::{Workers, trust};
use crate::sandbox::channel::{ChannelError, CheckReply, FrameLimits, Job, PackageJob};
use crate::sandbox::prepared::PrepareError;
use crate::sandbox::sealed::Sealed;

/// The largest answer, in bytes.
const REPLY: FrameLimits = FrameLimits {
    message: 2 << 20,
    run: 0,
};

impl Workers {
    /// Checks the package in `bytes`, which nobody in this process looks into, and has its files written into `folder`,
    /// an empty one. Components that are `known` to be fit to be compiled are not looked over for that. The result is what is odd
    /// about it. What there is to do `meanwhile` is done while the worker works.
    ///
    /// # Errors
    ///
    /// [`PrepareError`]; then nothing in `folder` counts.
    pub(in crate::sandbox) fn check(
        &self,
        file: &str,
        bytes: &[u8],
        (folder, durability): (BorrowedFd<'_>, Durability),
        commands: &[Command],
        known: &[[u8; 32]],
        meanwhile: impl FnOnce(),
    ) -> Result<Vec<Finding>, PrepareError> {
        let _slot = self.slots.take();
        let failed = |what: &str| PrepareError::Refused(refusal(file, what));
        // That it cannot be handed over is nothing of the package's.
        let input = Sealed::of("hostler-package", bytes).map_err(|error| PrepareError::Write(error.to_string()))?;
        let mut process = self.take_to_open().map_err(|error| failed(&error.to_string()))?;
        let job = Job::Package(PackageJob {
            file: file.to_owned(),
            commands: commands.to_vec(),
            known: known.to_vec(),
            durability,
            quota: self.quota,
            required: self.required,
        });
        let deadline = Instant::now() + self.quota.wall;
        let sent = process.send(&job, &[input.as_fd(), folder], deadline);
        // For the commands that follow, while it works.
        self.start_held_back();
        meanwhile();
        let reply = sent
            .and_then(|()| process.receive(REPLY, deadline))
            .and_then(|frame| frame.message::<CheckReply>());
        // Until it is gone it could write in the folder.
        let reply = match reply {
            Ok(reply) => {
                process.end();
                reply
            }
            Err(ChannelError::Closed | ChannelError::Io(_)) => return Err(failed(&describe(process.ended()))),
            Err(error) => {
                process.end();
                return Err(failed(&error.to_string()));
            }
        };
        match reply {
            CheckReply::Checked(checked)
                if trust::are_findings(&checked.warnings)
                    && checked
                        .warnings
                        .iter()
                        .all(|finding| finding.severity() == Severity::Warning) =>
            {
                Ok(checked.warnings)
            }
            CheckReply::Refused(findings) if trust::are_findings(&findings) => {
                let refused = Refused::unless_only_warnings(findings).err();
                Err(refused.map_or_else(|| failed("it refused without a reason"), PrepareError::Refused))
            }
            CheckReply::Staging(staging) => Err(PrepareError::Write(hostler_contract::escape_bounded(
                &staging.what,
                1024,
            ))),
            CheckReply::Failed(what) => Err(failed(&hostler_contract::escape_bounded(&what, 1024))),
            CheckReply::Checked(_) | CheckReply::Refused(_) => Err(failed("its answer is none")),
        }
    }
}

fn refusal(file: &str, what: &str) -> Refused {
    let what = format!("the worker that opens it failed: {what}");
    Finding::refusal(
        codes::PKG_WORKER,
        file,
        Place::Whole,
        what,
        "try again; if it comes back, do not trust the package",
    )
    .into()
}
