//! The handle of a request, and of the operation that it began.

use std::fmt;

/// 128 bits, written as 32 lower-case hexadecimal digits in headers and addresses, and with dashes in documents.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId([u8; 16]);

impl RequestId {
    /// The id of these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Reads either form, in any case; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = match text.len() {
            32 => text.bytes().collect(),
            36 => {
                let dashes = [8, 13, 18, 23];
                let at = |(index, byte): (usize, u8)| (byte == b'-') == dashes.contains(&index);
                text.bytes().enumerate().all(at).then_some(())?;
                text.bytes().filter(|byte| *byte != b'-').collect()
            }
            _ => return None,
        };
        let nibble = |digit: u8| {
            char::from(digit)
                .to_digit(16)
                .and_then(|value| u8::try_from(value).ok())
        };
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// With dashes: 8, 4, 4, 4 and 12 digits.
    pub fn dashed(self) -> String {
        let digits = self.to_string();
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]);
        parts.join("-")
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::RequestId;

    #[test]
    fn both_forms_are_read_in_any_case() {
        let plain = "8543b1195e9bcff895ef086fed12746d";
        let dashed = "8543b119-5e9b-cff8-95ef-086fed12746d";
        let id = RequestId::parse(plain).unwrap();
        assert_eq!(id.to_string(), plain);
        assert_eq!(id.dashed(), dashed);
        assert_eq!(RequestId::parse(dashed), Some(id));
        assert_eq!(RequestId::parse(&dashed.to_uppercase()), Some(id));
        for text in [
            "",
            "8543b1195e9bcff895ef086fed12746",
            "8543b1195e9bcff895ef086fed12746g",
            "8543b119-5e9b-cff8-95ef086fed12746d-",
            "8543b119x5e9bxcff8x95efx086fed12746d",
            "+543b1195e9bcff895ef086fed12746d",
        ] {
            assert_eq!(RequestId::parse(text), None, "{text}");
        }
    }
}
