//! An opened secret, which nothing prints, copies or keeps longer than it is needed.

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use zeroize::Zeroizing;

use super::SecretFailure;

/// Most bytes of opened protected settings (SET-17).
pub const MAX_PROTECTED_BYTES: usize = 64 << 10;

/// Opened protected settings: the bytes of a JSON object. Wiped from memory when dropped.
///
/// It cannot be printed, copied or written by serde:
///
/// ```compile_fail
/// fn print(secret: hostler_host::secrets::Secret) {
///     println!("{secret:?}");
/// }
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes `bytes`, which have to be a JSON object in UTF-8 of at most [`MAX_PROTECTED_BYTES`].
    ///
    /// # Errors
    ///
    /// [`SecretFailure::Size`] and [`SecretFailure::Json`], which show nothing of the bytes.
    pub fn new(bytes: Vec<u8>) -> Result<Self, SecretFailure> {
        let bytes = Zeroizing::new(bytes);
        if bytes.len() > MAX_PROTECTED_BYTES {
            return Err(SecretFailure::Size(bytes.len()));
        }
        let text =
            std::str::from_utf8(&bytes).map_err(|_| SecretFailure::Json("they are not UTF-8 text".to_owned()))?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = reader.deserialize_any(Object).and_then(|()| reader.end());
        // Where, and never what: the words of the parser could quote the text.
        read.map_err(|error| {
            SecretFailure::Json(match error.classify() {
                serde_json::error::Category::Data => "they are JSON, but not an object".to_owned(),
                _ => format!("they are not JSON, at line {} column {}", error.line(), error.column()),
            })
        })?;
        Ok(Self(bytes))
    }

    /// Takes bytes that came from a place where [`Secret::new`] has looked at them.
    pub(crate) fn trusted(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes. Whoever takes them sees to it that they go nowhere else.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// An object with anything in it, of which nothing is kept.
struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SET-05, SET-17.
    #[test]
    fn only_an_object_of_bounded_size_is_one_and_nothing_of_it_is_shown() {
        for (bytes, said) in [
            (&b"{\"password\": \"hunter2!\"}"[..], None),
            (b"\xff{}", Some("not UTF-8 text")),
            (b"hunter2!", Some("not JSON, at line 1 column 1")),
            (b"{\"a\": hunter2!}", Some("not JSON, at line 1 column")),
            (b"[\"hunter2!\"]", Some("not an object")),
            (b"\"hunter2!\"", Some("not an object")),
            (b"{} hunter2!", Some("not JSON, at line 1 column 4")),
            (b"", Some("not JSON")),
            (&[b' '; MAX_PROTECTED_BYTES + 1], Some("65537 bytes")),
        ] {
            let told = Secret::new(bytes.to_vec()).err().map(|failure| failure.to_string());
            match (said, told) {
                (None, None) => {}
                (Some(said), Some(told)) => {
                    assert!(told.contains(said), "{told}");
                    assert!(!told.contains("hunter2!"), "{told}");
                }
                (said, told) => panic!("{said:?} and {told:?}"),
            }
        }
    }
}
