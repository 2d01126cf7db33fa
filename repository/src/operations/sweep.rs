//! Uploads that no version ever had are forgotten after a while, and their packages taken away.
//!
//! Between the moment at which a package is kept and the one at which an upload or a version of it is on record nobody can
//! see that it is needed. So who puts one on record has it [held](hold_package), and so has who takes one away.

use std::time::Duration;

use hostler_package::PackageDigest;
use tokio::time::{Instant, sleep};

use crate::context::Context;
use crate::records::{Lock, Need, Records, RecordsError};
use crate::stores::{Received, StoreError};

/// Uploads that are forgotten in one transaction.
const PART: u32 = 100;
/// How long somebody else is waited for who holds the same package.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often is looked whether it is free.
const EVERY: Duration = Duration::from_millis(20);

/// Why a package could not be held, or taken away.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The store of packages.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody else has held it for too long.
    #[error("the package {0} is in the hands of others")]
    Busy(String),
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads that were forgotten.
    pub uploads: u64,
    /// Packages that were taken away.
    pub packages: u64,
}

/// Holds the package `received`, which was kept, for `owner`, whom nobody else is called: it is there, and stays, until
/// the lock is given back or its time is over.
///
/// # Errors
/// [`HoldError`].
pub async fn hold_package(context: &Context, received: &Received, owner: &str) -> Result<Lock, HoldError> {
    let written = received.written();
    let lock = hold(&context.records, &written.digest.to_string(), owner).await?;
    // It may have been taken away since it was kept.
    let there = async {
        if !context.packages.has(written).await? {
            context.packages.keep(received).await?;
        }
        Ok::<_, StoreError>(())
    };
    if let Err(error) = there.await {
        give_back(&context.records, &lock).await;
        return Err(error.into());
    }
    Ok(lock)
}

/// Gives a package back that was held.
pub async fn give_back(records: &Records, lock: &Lock) {
    // It ends by itself where this does not work.
    if let Err(error) = records.unlock(lock).await {
        tracing::warn!(%error, name = lock.name, "a package is not given back");
    }
}

async fn hold(records: &Records, sha256: &str, owner: &str) -> Result<Lock, HoldError> {
    let name = format!("package {sha256}");
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(lock) = records.lock(&name, owner).await? {
            return Ok(lock);
        }
        if Instant::now() > end {
            return Err(HoldError::Busy(sha256.to_owned()));
        }
        sleep(EVERY).await;
    }
}

/// Forgets uploads older than `age` that no version has, and takes away what is left of them.
///
/// # Errors
/// The first [`HoldError`], after all was tried; what was not done is done the next time.
pub async fn sweep(context: &Context, age: Duration) -> Result<Swept, HoldError> {
    let records = &context.records;
    let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    let before = context.surroundings.now_ms().saturating_sub(age);
    let mut swept = Swept::default();
    loop {
        let forgotten = records.forget_unused_blobs(before, PART).await?;
        swept.uploads += u64::from(forgotten);
        if forgotten < PART {
            break;
        }
    }
    let mut first = Ok(());
    for sha256 in records.leftovers().await? {
        match take_away(context, &sha256).await {
            Ok(was_taken) => swept.packages += u64::from(was_taken),
            Err(error) => first = first.and(Err(error)),
        }
    }
    first.map(|()| swept)
}

/// Takes a leftover away, unless it is needed; whether it was taken.
async fn take_away(context: &Context, sha256: &str) -> Result<bool, HoldError> {
    let records = &context.records;
    let lock = hold(records, sha256, &context.surroundings.id()).await?;
    let taken = async {
        let need = records.need_of_package(sha256).await?;
        if need == Need::Perhaps {
            return Ok(false);
        }
        if let (Need::Unneeded, Ok(digest)) = (need, sha256.parse::<PackageDigest>()) {
            context.packages.remove(digest).await?;
        }
        records.settle_leftover(sha256).await?;
        Ok::<_, HoldError>(need == Need::Unneeded)
    };
    let taken = taken.await;
    give_back(records, &lock).await;
    taken
}
