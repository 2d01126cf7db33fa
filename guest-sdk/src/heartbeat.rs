//! The heartbeat: a handler's word that it is alive, for manifests with `reportHeartbeat` (contract 6).
//!
//! The agent looks at the file's age as well as at what it says, so a handler writes it before `enable` returns and
//! then at least every ten minutes.

use std::{io, path::Path};

use serde::Serialize;

use crate::{files::write_whole, status::Message};

/// How a handler says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Heartbeat {
    /// Doing its work.
    Ready,
    /// Alive, and not able to do its work.
    NotReady,
}

#[derive(Serialize)]
struct Document {
    version: f64,
    heartbeat: Beat,
}

#[derive(Serialize)]
struct Beat {
    status: Heartbeat,
    code: i32,
    #[serde(rename = "formattedMessage")]
    message: Message,
}

/// Writes a heartbeat to `file`, whole.
pub(crate) fn write(file: &Path, status: Heartbeat, message: &str) -> io::Result<()> {
    let document = Document {
        version: 1.0,
        heartbeat: Beat {
            status,
            code: 0,
            message: Message::english(message),
        },
    };
    write_whole(file, &serde_json::to_vec(&[document])?)
}

#[cfg(test)]
mod tests {
    use super::{Heartbeat, write};

    #[test]
    fn the_document_is_the_contracts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("heartbeat.log");
        write(&file, Heartbeat::NotReady, "waiting").unwrap();
        assert_eq!(
            std::fs::read_to_string(file).unwrap(),
            concat!(
                r#"[{"version":1.0,"heartbeat":{"status":"notready","code":0,"#,
                r#""formattedMessage":{"lang":"en-US","message":"waiting"}}}]"#
            )
        );
    }
}
