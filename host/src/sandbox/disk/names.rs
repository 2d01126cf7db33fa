//! File calls by which something comes, goes or moves.

use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{ErrorCode, HostDescriptor, PathFlags};

use super::Files;
use super::files::{Place, again};
use super::found::{Found, Key, Kind};
use super::refusal::Refusal;
use crate::limits::Quota;

impl Files<'_> {
    pub(super) async fn create_directory_at(&mut self, folder: Resource<Descriptor>, path: String) -> FsResult<()> {
        let place = self.place(&folder, &path).await?;
        let new = self.room(place.as_ref(), true, 0)?;
        self.view.create_directory_at(folder, path.clone()).await?;
        self.charge(new)
    }

    pub(super) async fn symlink_at(
        &mut self,
        folder: Resource<Descriptor>,
        target: String,
        path: String,
    ) -> FsResult<()> {
        let place = self.place(&folder, &path).await?;
        if place
            .as_ref()
            .is_some_and(|place| !self.may_link || self.is_granted(place.key))
        {
            return Err(ErrorCode::NotPermitted.into());
        }
        let new = self.room(place.as_ref(), false, target.len() as u64)?;
        self.view.symlink_at(folder, target, path.clone()).await?;
        self.charge(new)
    }

    /// Whether `folder` lies in a folder of the machine that was granted. What else uses it may follow a link there to where
    /// the handler itself could not: there are none of its making.
    fn is_granted(&self, folder: Key) -> bool {
        self.disk.ledger().quota(folder).is_some_and(Quota::counts_growth_only)
    }

    /// Whether something new may come to `place`; `None` where something is there already, so that nothing will.
    fn room<'a, 'p>(
        &self,
        place: Option<&'a Place<'p>>,
        is_folder: bool,
        size: u64,
    ) -> FsResult<Option<&'a Place<'p>>> {
        let Some(place) = place else { return Ok(None) };
        if place.there()?.is_some() {
            return Ok(None);
        }
        self.disk.ledger().room(place.key, is_folder, size)?;
        Ok(Some(place))
    }

    /// Charges what has come to `place`.
    fn charge(&self, place: Option<&Place<'_>>) -> FsResult<()> {
        if let Some(place) = place
            && let Some(found) = place.there()?
        {
            self.disk.ledger().charge(place.key, &found);
        }
        Ok(())
    }

    pub(super) async fn link_at(
        &mut self,
        folder: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        new_folder: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        let mut linked = None;
        let both = self.both_places(&folder, &path, &new_folder, &new_path).await?;
        if let Some((from, to)) = both
            && let Some(found) = from.there()?
            && to.there()?.is_none()
        {
            if found.kind == Kind::Link && (!self.may_link || self.is_granted(to.key)) {
                return Err(ErrorCode::NotPermitted.into());
            }
            let mut ledger = self.disk.ledger();
            if !ledger.knows(found.key) || ledger.quota(from.key) != ledger.quota(to.key) {
                return Err(Refusal::OtherFolder.into());
            }
            ledger.room(to.key, false, 0)?;
            linked = Some(found.key);
        }
        self.view.link_at(folder, flags, path, new_folder, new_path).await?;
        if let Some(key) = linked {
            self.disk.ledger().charge_name(key);
        }
        Ok(())
    }

    pub(super) async fn rename_at(
        &mut self,
        folder: Resource<Descriptor>,
        path: String,
        new_folder: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        let both = self.both_places(&folder, &path, &new_folder, &new_path).await?;
        let Some((from, to)) = both else {
            return self
                .view
                .rename_at(folder, path.clone(), new_folder, new_path.clone())
                .await;
        };
        let (source, replaced) = (from.there()?, to.there()?);
        let moves_link = source.as_ref().is_some_and(|source| source.kind == Kind::Link);
        if moves_link && (!self.may_link || self.is_granted(to.key)) {
            return Err(ErrorCode::NotPermitted.into());
        }
        if let Some(source) = &source {
            self.disk
                .ledger()
                .room_to_move(source, from.key, to.key, replaced.as_ref())?;
        }
        self.view
            .rename_at(folder, path.clone(), new_folder, new_path.clone())
            .await?;
        let Some(source) = source else { return Ok(()) };
        // Between two names of one file nothing happens.
        if from.there()?.is_some_and(|still| still.key == source.key) {
            return Ok(());
        }
        let mut ledger = self.disk.ledger();
        if let Some(replaced) = replaced {
            ledger.remove(replaced.key, replaced.links <= 1);
        }
        ledger.move_to(source.key, to.key);
        Ok(())
    }

    async fn both_places<'p>(
        &mut self,
        folder: &Resource<Descriptor>,
        path: &'p str,
        new_folder: &Resource<Descriptor>,
        new_path: &'p str,
    ) -> FsResult<Option<(Place<'p>, Place<'p>)>> {
        if self.writable_folder(folder)?.is_none() || self.writable_folder(new_folder)?.is_none() {
            return Ok(None);
        }
        let from = self.place(folder, path).await?;
        let to = self.place(new_folder, new_path).await?;
        Ok(from.zip(to))
    }

    pub(super) async fn unlink_file_at(&mut self, folder: Resource<Descriptor>, path: String) -> FsResult<()> {
        let gone = self.there(&folder, &path).await?;
        self.view.unlink_file_at(folder, path).await?;
        self.remove(gone);
        Ok(())
    }

    pub(super) async fn remove_directory_at(&mut self, folder: Resource<Descriptor>, path: String) -> FsResult<()> {
        let gone = self.there(&folder, &path).await?;
        self.view.remove_directory_at(folder, path).await?;
        self.remove(gone);
        Ok(())
    }

    /// What is at `path` in a folder that can be written in.
    async fn there(&mut self, folder: &Resource<Descriptor>, path: &str) -> FsResult<Option<Found>> {
        match self.place(&again(folder), path).await? {
            Some(place) => place.there(),
            None => Ok(None),
        }
    }

    fn remove(&self, gone: Option<Found>) {
        if let Some(gone) = gone {
            self.disk.ledger().remove(gone.key, gone.links <= 1);
        }
    }
}
