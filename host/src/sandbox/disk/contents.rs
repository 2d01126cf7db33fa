//! File calls about what is in a file.

use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::HostDescriptor;
use wasmtime_wasi_io::streams::DynOutputStream;

use super::Files;
use super::files::again;
use super::found::Found;
use super::stream::Metered;

impl Files<'_> {
    /// Reads, and says whether that was the end.
    ///
    /// wasmtime-wasi says so only of a read that finds nothing more, so that each file is read once more than there is
    /// anything in it, by a component that makes room for it. What comes short of what was asked for was all of a plain file
    /// that is no longer.
    pub(super) async fn read(
        &mut self,
        file: Resource<Descriptor>,
        length: u64,
        offset: u64,
    ) -> FsResult<(Vec<u8>, bool)> {
        let handle = again(&file);
        let (bytes, mut is_end) = self.view.read(file, length, offset).await?;
        let read = bytes.len() as u64;
        if (1..length).contains(&read)
            && let Descriptor::File(open) = self.view.table.get(&handle)?
        {
            let found = Found::of(&open.file)?;
            is_end = found.is_plain && found.size <= offset.saturating_add(read);
        }
        Ok((bytes, is_end))
    }

    pub(super) async fn write(&mut self, file: Resource<Descriptor>, bytes: Vec<u8>, offset: u64) -> FsResult<u64> {
        let Some(open) = self.writable_file(&file)? else {
            return self.view.write(file, bytes, offset).await;
        };
        let key = self.disk.key(&open)?;
        let length = bytes.len() as u64;
        let end = match length {
            0 => 0,
            length => offset.saturating_add(length),
        };
        self.disk.begin(key, end)?;
        let written = self.view.write(file, bytes, offset).await;
        match &written {
            Ok(written) if *written == length => self.disk.settle_whole(key),
            _ => self.disk.settle(key, &open),
        }
        written
    }

    pub(super) async fn set_size(&mut self, file: Resource<Descriptor>, size: u64) -> FsResult<()> {
        let Some(open) = self.writable_file(&file)? else {
            return self.view.set_size(file, size).await;
        };
        let key = self.disk.key(&open)?;
        self.disk.begin(key, size)?;
        let set = self.view.set_size(file, size).await;
        self.disk.settle(key, &open);
        set
    }

    /// A stream that writes from `offset` on, or at the end where there is none.
    pub(super) fn stream(
        &mut self,
        file: Resource<Descriptor>,
        offset: Option<u64>,
    ) -> FsResult<Resource<DynOutputStream>> {
        let handle = again(&file);
        let stream = match offset {
            Some(offset) => self.view.write_via_stream(file, offset)?,
            None => self.view.append_via_stream(file)?,
        };
        let Some(open) = self.writable_file(&handle)? else {
            return Ok(stream);
        };
        let key = self.disk.key(&open)?;
        let is_here = self.own_thread.takes_opened(&*open)?;
        let inner = self.view.table.delete(stream)?;
        let metered: DynOutputStream = Box::new(Metered::new(inner, open, key, offset, self.disk.clone(), is_here));
        Ok(self.view.table.push(metered)?)
    }
}
