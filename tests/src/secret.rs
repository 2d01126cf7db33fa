//! A secret that must not be found, in any of the forms that it could be found in (O3).

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, iter};

/// A text that stands nowhere by chance.
#[derive(Debug)]
pub struct Secret {
    text: String,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Secret {
    /// The secret of `owner`, letters and digits. It has characters in it that JSON and URLs write differently.
    pub fn of(owner: &str) -> Self {
        Self::new(format!("canary \"{owner}\" \\ 7f3e9ac1 / sings + loud"))
    }

    fn new(text: String) -> Self {
        let json = serde_json::Value::from(text.as_str()).to_string();
        let forms = vec![
            ("as it is", text.as_bytes().to_vec()),
            ("in JSON", json.trim_matches('"').as_bytes().to_vec()),
            (
                "in JSON in JSON",
                serde_json::Value::from(json.trim_matches('"'))
                    .to_string()
                    .trim_matches('"')
                    .into(),
            ),
            ("in a URL", url_escaped(&text, "%20").into_bytes()),
            ("in a form", url_escaped(&text, "+").into_bytes()),
            (
                "in hexadecimal",
                text.bytes()
                    .map(|b| format!("{b:02x}"))
                    .collect::<String>()
                    .into_bytes(),
            ),
            ("in UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ];
        let in_base64 = (0..3).map(|at| ("in base64", base64_within(text.as_bytes(), at)));
        let forms = forms.into_iter().chain(in_base64).collect();
        Self { text, forms }
    }

    /// The secret itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The form in which it stands in `bytes`, if it does.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let found = self.forms.iter().find(|(_, form)| contains(bytes, form));
        found.map(|(name, _)| *name)
    }

    /// The files below `folder` that have it in them or in their name, with the form; what is below one of `but` may.
    ///
    /// # Panics
    /// When a folder or file cannot be read.
    pub fn found_below(&self, folder: &Path, but: &[PathBuf]) -> Vec<String> {
        let mut found = Vec::new();
        self.look(folder, but, &mut HashSet::new(), &mut found);
        found
    }

    /// A file with many names is read once.
    fn look(&self, path: &Path, but: &[PathBuf], read: &mut HashSet<u64>, found: &mut Vec<String>) {
        if but.iter().any(|folder| folder == path) {
            return;
        }
        let name = path.file_name().unwrap_or_default().as_encoded_bytes().to_vec();
        let kind = fs::symlink_metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let content = if kind.is_file() && read.insert(kind.ino()) {
            fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        } else if kind.is_symlink() {
            fs::read_link(path)
                .unwrap_or_default()
                .into_os_string()
                .into_encoded_bytes()
        } else {
            Vec::new()
        };
        if let Some(form) = self.found_in(&name).or_else(|| self.found_in(&content)) {
            found.push(format!("{} has the secret, {form}", path.display()));
        }
        if kind.is_dir() {
            let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for entry in entries.flatten() {
                self.look(&entry.path(), but, read, found);
            }
        }
    }
}

/// Whether `form` stands in `bytes`: by Horspool's way, which passes over most bytes, since folders that are looked
/// through hold what attackers filled them with.
fn contains(bytes: &[u8], form: &[u8]) -> bool {
    let Some(last) = form.len().checked_sub(1) else {
        return false;
    };
    let mut steps = [form.len(); 256];
    for (at, byte) in form.iter().enumerate().take(last) {
        steps[usize::from(*byte)] = last - at;
    }
    let mut at = 0;
    while let Some(window) = bytes.get(at..=at + last) {
        if window == form {
            return true;
        }
        at += steps[usize::from(window[last])];
    }
    false
}

fn url_escaped(text: &str, blank: &str) -> String {
    let escaped = text.bytes().map(|b| match b {
        b' ' => blank.to_owned(),
        b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    });
    escaped.collect()
}

/// What is the same of `bytes` in base64 whatever stands before and after them, when `before` bytes stand before them.
fn base64_within(bytes: &[u8], before: usize) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded: Vec<u8> = iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
    let whole = padded.chunks_exact(3).skip(usize::from(before > 0));
    let digits = whole.flat_map(|three| {
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        [18, 12, 6, 0].map(|shift| DIGITS[(bits >> shift & 63) as usize])
    });
    digits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A search that finds nothing is worse than none.
    #[test]
    fn every_form_is_found() {
        let secret = Secret::of("somebody");
        let text = secret.text().to_owned();
        assert_eq!(secret.found_in(b"nothing to see here"), None);
        assert_eq!(secret.found_in(Secret::of("another").text().as_bytes()), None);
        assert_eq!(
            secret.found_in(format!("before {text} after").as_bytes()),
            Some("as it is")
        );
        assert_eq!(
            secret.found_in(serde_json::json!({ "a": text }).to_string().as_bytes()),
            Some("in JSON")
        );
        // Of what stands in base64, only whole groups of its own are the same wherever it stands.
        assert_eq!(base64_within(b"Man", 0), b"TWFu");
        assert_eq!(base64_within(b"xMan", 2), b"TWFu");
        assert_eq!(base64_within(b"xyMan", 1), b"TWFu");
    }

    #[test]
    fn a_form_is_found_wherever_it_stands() {
        for at in 0..20 {
            let text = format!("{}needle{}", "eedlen".repeat(at), "n".repeat(20 - at));
            assert!(contains(text.as_bytes(), b"needle"), "{text}");
            assert!(!contains(text.as_bytes(), b"nedle"), "{text}");
        }
        assert!(contains(b"needle", b"needle"));
        assert!(!contains(b"needl", b"needle") && !contains(b"", b"needle"));
    }

    #[test]
    fn names_files_and_links_are_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let secret = Secret::of("somebody");
        fs::create_dir(folder.path().join("own")).unwrap();
        for file in ["own/file", "file"] {
            fs::write(folder.path().join(file), secret.text()).unwrap();
        }
        std::os::unix::fs::symlink(secret.text(), folder.path().join("link")).unwrap();
        let found = secret.found_below(folder.path(), &[folder.path().join("own")]);
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
