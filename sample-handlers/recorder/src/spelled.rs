//! A password in the spellings in which handlers let one slip.

use std::io::{self, Read};

use serde_json::Value;

use crate::instruction::{Instruction, Status};

/// The letters of base64.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Reads the protected settings and puts their password into the texts of `instruction`; gives it, with all its spellings.
///
/// # Errors
/// There are none, or they have no password.
pub(crate) fn spell(instruction: &mut Instruction) -> Result<String, String> {
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| format!("standard input: {error}"))?;
    let settings: Value = serde_json::from_str(&text).map_err(|_| "protected settings are not JSON")?;
    let password = settings["password"]
        .as_str()
        .ok_or("protected settings have no password")?;
    let fill = |text: &str| {
        let json = Value::from(password).to_string();
        text.replace("{plain}", password)
            .replace("{base64}", &base64(password.as_bytes()))
            .replace("{url}", &url(password))
            .replace("{json}", &json)
            .replace("{hex}", &hexadecimal(password))
    };
    let files = instruction.data.iter_mut().chain(&mut instruction.events);
    let texts = files.map(|(_, content)| content);
    let own = [&mut instruction.stdout, &mut instruction.stderr, &mut instruction.log];
    for text in texts.chain(own).chain(&mut instruction.heartbeat) {
        *text = fill(text);
    }
    if let Status::Text(text) = &mut instruction.status {
        // In a string of a document, where quotes and the like are escaped once more.
        let escaped = |spelled: String| Value::from(spelled).to_string().trim_matches('"').to_owned();
        let keys = ["{plain}", "{base64}", "{url}", "{json}", "{hex}"];
        for key in keys {
            *text = text.replace(key, &escaped(fill(key)));
        }
    }
    Ok(fill("{plain} {base64} {url} {json} {hex}"))
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = group
            .iter()
            .enumerate()
            .fold(0, |number, (at, byte)| number | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

fn url(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_everybody() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}
