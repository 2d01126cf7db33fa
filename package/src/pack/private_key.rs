//! Private keys have no place in a package, which anybody may download.

/// Endings of names under which private keys are kept: the agent's own and PKCS #12.
const ENDINGS: [&str; 3] = [".prv", ".pfx", ".p12"];

/// Whether a file looks like a private key, and by what.
///
/// A PEM header counts at the start of a line only, and not in WebAssembly, where libraries that read keys have it
/// among their texts.
pub(super) fn found(name: &str, content: &[u8]) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    if ENDINGS.iter().any(|ending| lower.ends_with(ending)) {
        return Some("its name is that of a file with a private key");
    }
    if content.starts_with(b"\0asm") {
        return None;
    }
    content
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .any(|line| {
            let line = line.trim_ascii();
            line.starts_with(b"-----BEGIN ") && line.ends_with(b"PRIVATE KEY-----")
        })
        .then_some("it has the header of a private key in it")
}

#[cfg(test)]
mod tests {
    use super::found;

    #[test]
    fn keys_are_found_by_name_and_by_header() {
        assert!(found("keys/A1B2.PRV", b"").is_some());
        assert!(found("a.pfx", b"").is_some());
        assert!(found("a", b"text\r\n-----BEGIN RSA PRIVATE KEY-----\nMII").is_some());
        assert!(found("a", b"-----BEGIN PRIVATE KEY-----").is_some());
        assert!(found("a", b"-----BEGIN CERTIFICATE-----\n").is_none());
        assert!(found("a.sh", b"grep -e '-----BEGIN PRIVATE KEY-----' x").is_none());
        assert!(found("a.wasm", b"\0asm\n-----BEGIN PRIVATE KEY-----\n").is_none());
    }
}
