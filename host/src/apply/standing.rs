//! Where a handler stands before anything is done about it.

use hostler_contract::Version;

use super::desired::DesiredHandler;
use super::{ApplyError, Host};
use crate::handler_dir::{HandlerDir, drop_kept, present};
use crate::lifecycle::{HandlerState, Wanted};
use crate::state::{HandlerRecord, UpdateProgress};

/// Forgets the versions whose folders are gone (contract 11: they are installed anew), but for one that an update was
/// about to take away.
///
/// # Errors
///
/// [`ApplyError`]: what was kept for going back to one that is gone cannot be taken away.
pub(super) fn forget_what_is_gone(
    host: &Host<'_>,
    desired: &DesiredHandler<'_>,
    record: &mut HandlerRecord,
) -> Result<(), ApplyError> {
    let leaving = record
        .update
        .as_ref()
        .filter(|update| update.done.old_uninstall.is_some())
        .filter(|update| {
            desired
                .offered
                .as_ref()
                .is_some_and(|offered| offered.version == update.to)
        })
        .map(|update| update.from.clone());
    let gone: Vec<Version> = record
        .identities(&desired.name)
        .into_iter()
        .filter(|identity| Some(&identity.version) != leaving.as_ref() && !HandlerDir::is_there(host.root, identity))
        .map(|identity| identity.version)
        .collect();
    for version in &gone {
        record.forget(version);
    }
    let lost = |update: &UpdateProgress| gone.contains(&update.to) || gone.contains(&update.from);
    if let Some(update) = record.update.take_if(|update| lost(update))
        && update.roll_back.is_some()
    {
        drop_kept(host.root, &desired.name).map_err(ApplyError::Folders)?;
    }
    Ok(())
}

/// The version that `desired` is about; `None` where there is nothing to do about the handler.
pub(super) fn target(
    host: &Host<'_>,
    desired: &DesiredHandler<'_>,
    record: &HandlerRecord,
) -> Result<Option<Version>, ApplyError> {
    if let (Wanted::RolledBack, Some(update)) = (desired.wanted, &record.update) {
        return Ok(Some(update.from.clone()));
    }
    if let Some(offered) = &desired.offered {
        // As its folder is called: `1.0` and `1.0.0` are one version.
        let known = record.version(&offered.version).map(|version| version.version.clone());
        return Ok(Some(known.unwrap_or_else(|| offered.version.clone())));
    }
    let installed = record.installed().map(|installed| installed.version.clone());
    let failed = |state| record.versions.iter().rev().find(move |version| version.state == state);
    let other = failed(HandlerState::FailedUpgrade)
        .or_else(|| failed(HandlerState::NotInstalled))
        .map(|version| version.version.clone());
    if let Some(version) = installed.or(other) {
        return Ok(Some(version));
    }
    let there = present(host.root).map_err(ApplyError::Folders)?;
    Ok(there
        .into_iter()
        .find(|identity| identity.name == desired.name)
        .map(|identity| identity.version))
}
