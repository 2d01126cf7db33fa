//! The order of names in a folder of goal states: as people count.

use std::cmp::Ordering;

/// Compares names part by part: digits as the number that they are, everything else as bytes. Names that are equal by
/// that, as `7` and `07`, are told apart as bytes, so that no two different names are the same.
pub(super) fn by_count(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left.as_bytes(), right.as_bytes());
    while let (Some(first), Some(second)) = (a.first(), b.first()) {
        if first.is_ascii_digit() && second.is_ascii_digit() {
            let (number, after_a) = number(a);
            let (other, after_b) = self::number(b);
            match number.len().cmp(&other.len()).then_with(|| number.cmp(other)) {
                Ordering::Equal => (a, b) = (after_a, after_b),
                unequal => return unequal,
            }
            continue;
        }
        match first.cmp(second) {
            Ordering::Equal => (a, b) = (a.split_at(1).1, b.split_at(1).1),
            unequal => return unequal,
        }
    }
    a.len().cmp(&b.len()).then_with(|| left.cmp(right))
}

/// The digits at the beginning without leading zeros, and what follows them.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    (digits.split_at(zeros).1, rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_count() {
        let sorted = [
            "",
            "a",
            "a.0.json",
            "a.7.json",
            "a.07.json",
            "a.10.json",
            "a.010.x",
            "b",
            "b10",
            "b99999999999999999999999",
        ];
        for (index, left) in sorted.iter().enumerate() {
            for (other, right) in sorted.iter().enumerate() {
                let expected = match (*left, *right) {
                    // As bytes, the zero goes first.
                    ("a.7.json", "a.07.json") => Ordering::Greater,
                    ("a.07.json", "a.7.json") => Ordering::Less,
                    _ => index.cmp(&other),
                };
                assert_eq!(by_count(left, right), expected, "{left} {right}");
            }
        }
    }

    proptest! {
        /// It is an order: the other way round it is the other way round, and what is below is below.
        #[test]
        fn it_is_an_order(a in "[0-9a.]{0,6}", b in "[0-9a.]{0,6}", c in "[0-9a.]{0,6}") {
            prop_assert_eq!(by_count(&a, &b), by_count(&b, &a).reverse());
            prop_assert_eq!(by_count(&a, &b) == Ordering::Equal, a == b);
            if by_count(&a, &b).is_le() && by_count(&b, &c).is_le() {
                prop_assert!(by_count(&a, &c).is_le());
            }
        }
    }
}
