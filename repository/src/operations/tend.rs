//! What a server does beside operations: files that hosts fetch are kept as the records say, regions that came later get
//! their copies, and operations that ended long ago are forgotten.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::context::Context;

/// How often a server looks.
const EVERY: Duration = Duration::from_secs(30);
/// Every so many times it also reads what is published, and forgets old operations.
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
