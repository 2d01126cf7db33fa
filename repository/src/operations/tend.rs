//! What a server does beside operations: files that hosts fetch are kept as the records say, regions that came later get
//! their copies, and what nobody needs any more is forgotten: operations that ended long ago, uploads that no version has.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::sweep::{Swept, sweep};
use crate::context::Context;

/// How often a server looks.
const EVERY: Duration = Duration::from_secs(30);
/// Every so many times it also reads what is published, and forgets what is not needed.
const THOROUGHLY: u32 = 120;
/// How long operations are kept after their end: 90 days, in milliseconds.
const KEPT_MS: i64 = 90 * 24 * 3600 * 1000;

/// Looks after things until `stop` becomes true.
pub async fn tend(context: Context, mut stop: watch::Receiver<bool>) {
    let mut round: u32 = 0;
    loop {
        tokio::select! {
            () = once(&context, round.is_multiple_of(THOROUGHLY)) => {}
            () = told(&mut stop) => return,
        }
        round = round.wrapping_add(1);
        tokio::select! {
            () = sleep(EVERY) => {}
            () = told(&mut stop) => return,
        }
    }
}

async fn once(context: &Context, thoroughly: bool) {
    match context.replicator.catch_up().await {
        Ok(0) => {}
        Ok(made) => tracing::info!(made, "packages were copied to regions that came later"),
        Err(error) => tracing::warn!(%error, "packages could not be copied to regions that came later"),
    }
    // A server may have died between the records and the files.
    if let Err(error) = context.publisher.tend(thoroughly).await {
        tracing::warn!(%error, "what hosts fetch is not all as the records say");
    }
    if thoroughly {
        if let Some(age) = context.settings.unused_uploads {
            match sweep(context, age).await {
                Ok(Swept {
                    uploads: 0,
                    packages: 0,
                }) => {}
                Ok(Swept { uploads, packages }) => {
                    tracing::info!(uploads, packages, "uploads that no version has were removed")
                }
                Err(error) => tracing::warn!(%error, "uploads that no version has could not all be removed"),
            }
        }
        let before = context.surroundings.now_ms().saturating_sub(KEPT_MS);
        match context.records.forget_operations(before).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "old operations were forgotten"),
            Err(error) => tracing::warn!(%error, "old operations could not be forgotten"),
        }
    }
}

async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
