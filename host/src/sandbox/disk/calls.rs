//! The file calls that can make something come, grow, move or go, and the one that reads, linked in the place of
//! wasmtime-wasi's own.

use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorFlags, ErrorCode, OpenFlags, PathFlags};

use crate::sandbox::listing::INTERFACE;
use crate::sandbox::refused_calls::FileCall;
use crate::sandbox::store::State;

/// A handle of a file or folder.
type Handle = Resource<Descriptor>;

/// Puts these in the place of wasmtime's.
pub(in crate::sandbox) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(INTERFACE)?;
    types.func_wrap_async(
        "[method]descriptor.read",
        |mut store, (file, length, offset): (Handle, u64, u64)| {
            Box::new(async move {
                Ok((match store.data_mut().files().read(file, length, offset).await {
                    Ok(read) => Ok(read),
                    Err(error) => Err(error.downcast()?),
                },))
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.write",
        |mut store, (file, bytes, offset): (Handle, Vec<u8>, u64)| {
            Box::new(async move {
                let result = store.data_mut().files().write(file, bytes, offset).await;
                told(store.data_mut(), FileCall::Write, result)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.set-size",
        |mut store, (file, size): (Handle, u64)| {
            Box::new(async move {
                let result = store.data_mut().files().set_size(file, size).await;
                told(store.data_mut(), FileCall::SetSize, result)
            })
        },
    )?;
    types.func_wrap(
        "[method]descriptor.write-via-stream",
        |mut store, (file, offset): (Handle, u64)| {
            let result = store.data_mut().files().stream(file, Some(offset));
            told(store.data_mut(), FileCall::OpenStream, result)
        },
    )?;
    types.func_wrap(
        "[method]descriptor.append-via-stream",
        |mut store, (file,): (Handle,)| {
            let result = store.data_mut().files().stream(file, None);
            told(store.data_mut(), FileCall::OpenStream, result)
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.open-at",
        |mut store, (folder, path_flags, path, open_flags, flags): (Handle, PathFlags, String, OpenFlags, DescriptorFlags)| {
            Box::new(async move {
                let result = store.data_mut().files().open_at(folder, path_flags, path, open_flags, flags).await;
                told(store.data_mut(), FileCall::OpenAt, result)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.create-directory-at",
        |mut store, (folder, path): (Handle, String)| {
            Box::new(async move {
                let result = store.data_mut().files().create_directory_at(folder, path).await;
                told(store.data_mut(), FileCall::CreateDirectoryAt, result)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.symlink-at",
        |mut store, (folder, target, path): (Handle, String, String)| {
            Box::new(async move {
                let result = store.data_mut().files().symlink_at(folder, target, path).await;
                told(store.data_mut(), FileCall::SymlinkAt, result)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.link-at",
        |mut store, (folder, flags, path, new_folder, new_path): (Handle, PathFlags, String, Handle, String)| {
            Box::new(async move {
                let result = store
                    .data_mut()
                    .files()
                    .link_at(folder, flags, path, new_folder, new_path)
                    .await;
                told(store.data_mut(), FileCall::LinkAt, result)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.rename-at",
        |mut store, (folder, path, new_folder, new_path): (Handle, String, Handle, String)| {
            Box::new(async move {
                let result = store
                    .data_mut()
                    .files()
                    .rename_at(folder, path, new_folder, new_path)
                    .await;
                told(store.data_mut(), FileCall::RenameAt, result)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.unlink-file-at",
        |mut store, (folder, path): (Handle, String)| {
            Box::new(async move {
                let result = store.data_mut().files().unlink_file_at(folder, path).await;
                told(store.data_mut(), FileCall::UnlinkFileAt, result)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.remove-directory-at",
        |mut store, (folder, path): (Handle, String)| {
            Box::new(async move {
                let result = store.data_mut().files().remove_directory_at(folder, path).await;
                told(store.data_mut(), FileCall::RemoveDirectoryAt, result)
            })
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

/// What the component is told; what is no error code ends the command.
fn told<T>(state: &mut State, call: FileCall, result: FsResult<T>) -> wasmtime::Result<(Result<T, ErrorCode>,)> {
    match result {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => {
            let code = error.downcast()?;
            state.refused().count(call, code);
            Ok((Err(code),))
        }
    }
}
