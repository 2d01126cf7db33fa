//! The folders of a rule.

use hostler_contract::codes;
use hostler_contract::manifest::{DirectoryAccess, FolderPath, MAX_DIRECTORIES};

use super::AllowedDirectory;
use super::read::{Reader, Table, Value, in_order};
use crate::grants::effective::{DEFAULT_FOLDER_BYTES, DEFAULT_FOLDER_FILES, FolderQuota};
use crate::grants::never::why_never_by_system;
use crate::limits::Unit;

const FOLDER_KEYS: [&str; 4] = ["path", "access", "bytes", "files"];

impl Reader<'_> {
    pub(super) fn directories(&mut self, value: &Value<'_>) -> Vec<AllowedDirectory> {
        let mut allowed: Vec<AllowedDirectory> = Vec::new();
        for item in self.items(value, MAX_DIRECTORIES) {
            let Some(table) = item.get_ref().as_table() else {
                let hint = "write { path = \"/srv/app\", access = \"read\" }";
                self.wrong_type(item, "a table", hint);
                continue;
            };
            let Some(one) = self.directory(table, item) else {
                continue;
            };
            if allowed.iter().any(|other| other.path == one.path) {
                let what = format!("{} stands twice", one.path);
                self.refuse(codes::POLICY_VALUE, &item.span(), what, "name each folder once");
                continue;
            }
            allowed.push(one);
        }
        allowed
    }

    fn directory(&mut self, table: &Table<'_>, item: &Value<'_>) -> Option<AllowedDirectory> {
        let (mut path, mut access, mut bytes, mut files) = (None, None, None, None);
        let mut is_whole = true;
        for (key, value) in in_order(table) {
            match key.get_ref().as_ref() {
                "path" => {
                    path = self.path(value);
                    is_whole &= path.is_some();
                }
                "access" => {
                    access = self.string(value).and_then(DirectoryAccess::from_name);
                    if access.is_none() {
                        self.refuse(
                            codes::POLICY_VALUE,
                            &value.span(),
                            "it is no access",
                            "write \"read\" or \"read-write\"",
                        );
                        is_whole = false;
                    }
                }
                "bytes" => bytes = self.amount(value, Unit::Bytes).map(|amount| (amount, key.span())),
                "files" => files = self.amount(value, Unit::Count).map(|amount| (amount, key.span())),
                _ => self.unknown(key, &FOLDER_KEYS),
            }
        }
        if is_whole && (path.is_none() || access.is_none()) {
            let missing = if path.is_none() { "path" } else { "access" };
            let what = format!("the folder has no `{missing}`");
            self.refuse(codes::POLICY_TYPE, &item.span(), what, "give it a path and an access");
        }
        if access == Some(DirectoryAccess::Read) {
            for (_, at) in bytes.iter().chain(&files) {
                let what = "a quota means nothing for a folder that is only read";
                self.refuse(codes::POLICY_VALUE, at, what, "leave it out, or allow \"read-write\"");
            }
        }
        Some(AllowedDirectory {
            path: path?,
            access: access?,
            quota: FolderQuota {
                bytes: bytes.map_or(DEFAULT_FOLDER_BYTES, |(bytes, _)| bytes),
                files: files.map_or(DEFAULT_FOLDER_FILES, |(files, _)| files),
            },
        })
    }

    fn path(&mut self, value: &Value<'_>) -> Option<FolderPath> {
        let text = self.string(value)?;
        match FolderPath::parse(text) {
            Ok(path) => match why_never_by_system(&path) {
                None => Some(path),
                Some(why) => {
                    let what = format!("{path} is never granted: {why}");
                    self.refuse(
                        codes::GRANT_NEVER,
                        &value.span(),
                        what,
                        "allow the folders that are meant",
                    );
                    None
                }
            },
            Err(error) => {
                self.refuse(codes::POLICY_VALUE, &value.span(), error.what(), error.hint());
                None
            }
        }
    }
}
