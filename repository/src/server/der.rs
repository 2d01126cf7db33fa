//! Just enough of DER to find the public key of a certificate.
//!
//! Certificates of publishers are self-signed, some of them by tools that wrote X.509 version 1, which libraries for
//! chains of trust refuse to read. Nothing in such a certificate is trusted here: it counts by its bytes, and its key by
//! the client's proof that it has the other half.

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const VERSION: u8 = 0xa0;

/// A public key, as a certificate has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PublicKey<'a> {
    /// The whole `SubjectPublicKeyInfo`.
    pub(super) info: &'a [u8],
    /// What is in its `AlgorithmIdentifier`, without tag and length.
    pub(super) algorithm: &'a [u8],
    /// The bits of the key, without the count of unused ones.
    pub(super) bits: &'a [u8],
}

/// The public key of a certificate in DER form; `None` if it is none.
pub(super) fn public_key(certificate: &[u8]) -> Option<PublicKey<'_>> {
    let (certificate, rest) = of_tag(certificate, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    let (mut fields, _) = of_tag(certificate.content, SEQUENCE)?;
    // The version stands in front unless it is the first one.
    if let Some((_, rest)) = of_tag(fields.content, VERSION) {
        fields.content = rest;
    }
    // Serial number, signature algorithm, issuer, validity and subject.
    let mut rest = fields.content;
    for _ in 0..5 {
        (_, rest) = element(rest)?;
    }
    let (info, _) = of_tag(rest, SEQUENCE)?;
    let (algorithm, key) = of_tag(info.content, SEQUENCE)?;
    let (key, after) = of_tag(key, BIT_STRING)?;
    let bits = key.content.strip_prefix(&[0])?;
    after.is_empty().then_some(PublicKey {
        info: info.whole,
        algorithm: algorithm.content,
        bits,
    })
}

struct Element<'a> {
    tag: u8,
    whole: &'a [u8],
    content: &'a [u8],
}

/// The first element of `bytes`, and what comes after it.
fn element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short @ 0..=0x7f => (usize::from(short), rest),
        // Up to three bytes of length: 16 MiB, and no certificate is a hundredth of it.
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    let whole = bytes.get(..bytes.len() - after.len())?;
    Some((Element { tag, whole, content }, after))
}

fn of_tag(bytes: &[u8], tag: u8) -> Option<(Element<'_>, &[u8])> {
    element(bytes).filter(|(element, _)| element.tag == tag)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::public_key;

    #[test]
    fn the_key_of_a_certificate_is_found() {
        let made = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
        let found = public_key(made.cert.der()).unwrap();
        use rcgen::PublicKeyData as _;
        assert_eq!(found.bits, made.signing_key.der_bytes());
        assert_eq!(found.info, made.signing_key.subject_public_key_info());
    }

    #[test]
    fn a_certificate_that_is_cut_off_or_goes_on_is_none() {
        let made = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
        let der = made.cert.der().to_vec();
        for length in 0..der.len() {
            assert_eq!(public_key(&der[..length]), None, "{length}");
        }
        assert_eq!(public_key(&[der, vec![0]].concat()), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = public_key(&bytes);
        }
    }
}
