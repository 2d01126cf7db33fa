//! Links: from one of its own folders to another, and in the place of a file that the host reads.

use serde_json::json;

use crate::After;
use crate::handler::{Failure, Handler, Parameters};
use crate::wasi::{PathFlags, folder};

/// FSX-09: both sides are the handler's own, so the host may let it; it must come to nothing else.
pub(crate) fn between(handler: &Handler, _: &Parameters) -> Result<After, Failure> {
    let (data, status, log) = (folder(&handler.data)?, folder(&handler.status)?, folder(&handler.log)?);
    let own = handler.data.join("own");
    let fresh = || std::fs::write(&own, "own").map_err(Failure::from);
    let mut table = Vec::new();
    for (to, name) in [(&status, "status"), (&log, "log")] {
        fresh()?;
        let linked = data
            .descriptor
            .link_at(PathFlags::empty(), "own", &to.descriptor, "linked");
        table.push(json!({ "operation": "link", "to": name, "gave": format!("{linked:?}") }));
        let renamed = data.descriptor.rename_at("own", &to.descriptor, "renamed");
        table.push(json!({ "operation": "rename", "to": name, "gave": format!("{renamed:?}") }));
    }
    println!("{}", json!(table));
    Ok(After::Success("links and renames tried".to_owned()))
}

/// STA-08: made by the call itself, since the standard library would check the target.
pub(crate) fn status_link(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let target = parameters
        .text("target")
        .unwrap_or("../../../../../../../../etc/passwd");
    let made = folder(&handler.status)?
        .descriptor
        .symlink_at(target, &format!("{}.status", handler.sequence));
    match made {
        Ok(()) => Ok(After::Quiet),
        Err(error) => Ok(After::Success(format!("the link was refused: {error:?}"))),
    }
}
