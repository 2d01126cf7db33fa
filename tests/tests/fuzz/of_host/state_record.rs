//! What the host remembers of a handler, as it lies in its database.

use hostler_contract::HandlerName;
use hostler_host::state::HandlerRecord;

/// A record: what can be read is read the same after it was written, and every question to it has an answer.
pub(crate) fn state_record(bytes: &[u8]) {
    let Ok(record) = serde_json::from_slice::<HandlerRecord>(bytes) else {
        return;
    };
    let written = serde_json::to_vec(&record).expect("a record can be written");
    let again: HandlerRecord = serde_json::from_slice(&written).expect("what was written can be read");
    assert_eq!(again, record);
    if let Some(installed) = record.installed() {
        assert!(installed.state.is_installed());
    }
    let name = HandlerName::parse("Fuzz.Target").expect("a name");
    let identities = record.identities(&name);
    assert_eq!(identities.len(), record.versions.len());
    for identity in identities {
        // A version becomes a part of a path.
        let text = identity.to_string();
        assert!(
            !text.contains('/') && !text.contains('\0') && text.starts_with("Fuzz.Target-"),
            "{text:?}"
        );
        let mut changed = record.clone();
        changed.version_mut(&identity.version);
        changed.forget(&identity.version);
        assert!(changed.version(&identity.version).is_none(), "{text}");
    }
}
