//! Opens one package, or compiles one component.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use hostler_contract::{Refused, Source};
use hostler_package::{Package, PackageLimits};

use super::lockdown::{Lockdown, Reach, ResourceLimits};
use super::{WorkerError, take_job};
use crate::sandbox::PrepareQuota;
use crate::sandbox::channel::{Channel, CheckReply, Checked, CompileReply, Component, Job, PackageJob, Staging};
use crate::sandbox::compile::compile;
use crate::sandbox::engine::compiling_engine;
use crate::sandbox::isolation::RequiredIsolation;
use crate::sandbox::scan_package::scan_commands;
use crate::sandbox::sealed::Sealed;

/// Descriptors that opening a package takes at one time.
const DESCRIPTORS: u64 = 64;

/// Opens the package of its job.
pub(super) fn open_package(channel: &Channel, lockdown: Lockdown) -> Result<(), WorkerError> {
    let (Job::Package(job), [input, folder], lockdown) = take(channel, lockdown)? else {
        return Err(WorkerError::WrongJob);
    };
    let reach = [(folder.as_fd(), Reach::Fill)];
    let file = PackageLimits::default().entry_unpacked;
    let reply = match lock_down(lockdown, job.quota, file, &reach, job.required) {
        Ok(()) => check(&job, input, folder.as_fd()),
        Err(error) => CheckReply::Failed(error.to_string()),
    };
    Ok(channel.send(&reply, [&[], &[]], &[], None)?)
}

/// Compiles the component of its job.
pub(super) fn compile_component(channel: &Channel, lockdown: Lockdown) -> Result<(), WorkerError> {
    let (Job::Compile(job), [input, output], lockdown) = take(channel, lockdown)? else {
        return Err(WorkerError::WrongJob);
    };
    let reply = match lock_down(lockdown, job.quota, job.quota.output_bytes, &[], job.required) {
        Ok(()) => compile_into(&job, input, File::from(output)),
        Err(error) => CompileReply::Failed(error.to_string()),
    };
    Ok(channel.send(&reply, [&[], &[]], &[], None)?)
}

fn take(channel: &Channel, lockdown: Lockdown) -> Result<(Job, [OwnedFd; 2], Lockdown), WorkerError> {
    let (job, frame) = take_job(channel, &lockdown)?;
    let descriptors = <[OwnedFd; 2]>::try_from(frame.descriptors).map_err(|_| WorkerError::WrongJob)?;
    Ok((job, descriptors, lockdown))
}

fn lock_down(
    lockdown: Lockdown,
    quota: PrepareQuota,
    file: u64,
    reaches: &[(BorrowedFd<'_>, Reach)],
    required: RequiredIsolation,
) -> Result<(), WorkerError> {
    let limits = ResourceLimits {
        data: quota.data_bytes,
        cpu: quota.cpu_seconds,
        file,
        descriptors: DESCRIPTORS,
    };
    Ok(lockdown.finish(limits, reaches, required)?)
}

/// Checks the package in `input` and writes its files into `folder`.
fn check(job: &PackageJob, input: OwnedFd, folder: BorrowedFd<'_>) -> CheckReply {
    let bytes = match Sealed::from_fd(input).and_then(|input| input.read()) {
        Ok(bytes) => bytes,
        Err(error) => return CheckReply::Failed(format!("the package cannot be read: {error}")),
    };
    let checked = Package::from_bytes(&job.file, bytes, &PackageLimits::default()).and_then(|checked| {
        scan_commands(&checked.value, &job.commands, &job.known)?;
        Ok(checked)
    });
    let package = match checked {
        Ok(package) => package,
        Err(refused) => return CheckReply::Refused(refused.findings().to_vec()),
    };
    match package.value.write_into(folder, job.durability) {
        Ok(()) => CheckReply::Checked(Checked {
            warnings: package.warnings,
        }),
        Err(error) => CheckReply::Staging(Staging {
            what: format!("{:#}", anyhow::Error::new(error)),
        }),
    }
}

/// Compiles the component in `input`, and writes its code to `output`.
fn compile_into(job: &Component, input: OwnedFd, mut output: File) -> CompileReply {
    let compiled = Sealed::from_fd(input)
        .and_then(|input| input.read())
        .map_err(|error| CompileReply::Failed(format!("the component cannot be read: {error}")))
        .and_then(|bytes| {
            let engine = compiling_engine().map_err(|error| CompileReply::Failed(error.to_string()))?;
            compile(&engine, Source::new(&job.file, &bytes))
                .map_err(|refused: Refused| CompileReply::Refused(refused.findings().to_vec()))
        });
    match compiled {
        Ok(compiled) => match output.write_all(&compiled.code) {
            Ok(()) => CompileReply::Compiled(compiled.entry_points),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                CompileReply::Failed("the compiled code is larger than is kept".to_owned())
            }
            Err(error) => CompileReply::Failed(format!("the code cannot be handed over: {error}")),
        },
        Err(reply) => reply,
    }
}
