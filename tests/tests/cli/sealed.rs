//! A bench with keys, and settings that were encrypted for them by `openssl`.

use std::fs;

use hostler_tests::{Identity, OpenSsl, Secret};
use serde_json::{Value, json};

use crate::workbench::{Said, Workbench};

/// A bench with a key in `keys`, and how its settings are encrypted.
pub(crate) struct Sealed {
    pub(crate) bench: Workbench,
    pub(crate) ssl: OpenSsl,
    pub(crate) identity: Identity,
    pub(crate) thumbprint: String,
}

impl Sealed {
    /// One; `None` where there is no `openssl`.
    pub(crate) fn new() -> Option<Self> {
        let ssl = OpenSsl::find()?;
        let bench = Workbench::new();
        let keyid = bench.write("keyid.ext", "subjectKeyIdentifier = hash\n");
        let options = ["-days", "2", "-extfile", keyid.to_str().unwrap()];
        let identity = ssl.identity(&bench.path("."), "transport", None, &options);
        let thumbprint = ssl.put_in(&identity, &bench.path("keys"));
        Some(Self {
            bench,
            ssl,
            identity,
            thumbprint,
        })
    }

    /// The folder of keys, as an option has it.
    pub(crate) fn keys(&self) -> String {
        self.bench.path("keys").display().to_string()
    }

    /// `plain`, encrypted for the key.
    pub(crate) fn seal(&self, plain: &[u8]) -> String {
        self.ssl.encrypt("cms", &["-aes256"], &self.identity, plain)
    }

    /// A goal state's entry for the recorder `name`, with protected settings.
    pub(crate) fn entry(&self, name: &str, public: &Value, protected: &str) -> Value {
        let mut entry = self.bench.offer(name, public);
        entry["settings"][0]["protectedSettings"] = json!(protected);
        entry["settings"][0]["protectedSettingsCertThumbprint"] = json!(self.thumbprint);
        entry
    }

    /// Applies a goal state of `entries` with the keys.
    pub(crate) fn apply(&self, entries: &[Value]) -> Said {
        self.bench.apply(entries, &["--json", "--keys", &self.keys()])
    }

    /// The file of that name in the data folder of the handler.
    pub(crate) fn data(&self, name: &str, file: &str) -> String {
        fs::read_to_string(self.bench.path("root/data").join(name).join(file)).unwrap_or_default()
    }
}

/// Protected settings of the recorder.
pub(crate) fn password(secret: &Secret) -> Vec<u8> {
    json!({"password": secret.text()}).to_string().into_bytes()
}
