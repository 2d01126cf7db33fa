//! The known name that a mistyped one was probably meant to be.

/// The name in `known` that is nearest to `name`, when one is near enough to be worth offering.
///
/// Near enough is at most half of the name's characters away, swaps counted as one.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let longest = 64;
    let name: String = name.chars().take(longest).collect();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().div_ceil(2))
        .map(|(_, candidate)| candidate)
}
