//! Growing files by the calls of WASI that the standard library does not make.

use serde_json::json;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};
use crate::wasi::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, OutputStream, PathFlags, folder};

/// A new file in the data folder.
fn file(handler: &Handler, name: &str) -> Result<Descriptor, Failure> {
    let data = folder(&handler.data)?;
    let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
    data.descriptor
        .open_at(PathFlags::empty(), name, OpenFlags::CREATE, flags)
        .map_err(|error| Failure::new(format!("{name}: {error:?}")))
}

/// FSX-13: sizes that cost nothing to ask for.
pub(crate) fn sparse(handler: &Handler, _: &Parameters) -> Result<After, Failure> {
    let file = file(handler, "sparse")?;
    let mut told = Vec::new();
    for size in [1 << 62, u64::MAX, (16 << 20) + 1] {
        told.push(file.set_size(size).err());
        told.push(file.write(b"x", size).err());
        told.push(file.write(b"x", size - 1).err());
        let stream = file
            .write_via_stream(size)
            .map_err(|error| Failure::new(format!("{error:?}")))?;
        told.push(
            stream
                .blocking_write_and_flush(b"x")
                .err()
                .map(|_| ErrorCode::FileTooLarge),
        );
    }
    let refused = told
        .iter()
        .filter(|told| **told == Some(ErrorCode::FileTooLarge))
        .count();
    println!(
        "{}",
        json!({ "tried": told.len(), "refused": refused, "told": format!("{told:?}") })
    );
    Ok(After::Success(format!(
        "{refused} of {} refused as too large",
        told.len()
    )))
}

/// Streams of every kind, two at a time, without waiting for either; the file is unlinked on the way.
pub(crate) fn streams(handler: &Handler, _: &Parameters) -> Result<After, Failure> {
    let data = folder(&handler.data)?;
    let mut sum = 0;
    for (number, name) in ["first", "second", "third", "fourth", "fifth", "sixth"]
        .into_iter()
        .enumerate()
    {
        let file = file(handler, name)?;
        let fail = |error: ErrorCode| Failure::new(format!("{error:?}"));
        let (append, write) = (
            file.append_via_stream().map_err(fail)?,
            file.write_via_stream(0).map_err(fail)?,
        );
        if number % 2 == 0 {
            data.descriptor.unlink_file_at(name).map_err(fail)?;
        }
        let mut streams = vec![append, write];
        while !streams.is_empty() {
            streams.retain(|stream| pour(stream, &mut sum));
        }
    }
    Ok(After::Success(format!("{} MiB at least", sum >> 20)))
}

/// Writes what is allowed now, or waits until something is; whether the stream goes on.
fn pour(stream: &OutputStream, sum: &mut usize) -> bool {
    let block = [b's'; 32 << 10];
    match stream.check_write() {
        Ok(0) => {
            stream.subscribe().block();
            true
        }
        Ok(allowed) => {
            let length = block.len().min(usize::try_from(allowed).unwrap_or(usize::MAX));
            *sum += length;
            stream.write(block.get(..length).unwrap_or_default()).is_ok()
        }
        Err(_) => false,
    }
}
