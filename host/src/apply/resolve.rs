//! Which version of a handler is meant, and where its package lies (contract 8.1).

use std::time::Duration;

use hostler_contract::version_manifest::{MAX_VERSION_MANIFEST_BYTES, VersionManifest};
use hostler_contract::vm_settings::HandlerGoalState;
use hostler_contract::{Checked, Finding, Place, Source, Version, codes};
use hostler_fetch::{AllFailed, Expected, FetchLimits, Fetcher, Location, Why};

use super::fault::Fault;

/// How long getting a version manifest may take, over all its locations.
const BUDGET: Duration = Duration::from_secs(60);

/// Most locations of one version manifest or one package that are tried.
const MAX_LOCATIONS: usize = 16;

/// A version that is offered, and where its package lies.
#[derive(Debug)]
pub(super) struct ResolvedVersion {
    /// The version that was chosen.
    pub(super) version: Version,
    /// Where its package lies, in the order of the version manifest.
    pub(super) locations: Vec<Location>,
    /// What its bytes have to be, where the version manifest says so.
    pub(super) expected: Expected,
    /// The signature of its package, in base64, where the goal state has one.
    pub(super) signature: Option<String>,
    /// What is odd about the version manifest, or about a location in it.
    pub(super) findings: Vec<Finding>,
}

/// Gets the version manifest of `entry` and chooses the version that answers it. What the entry names is relative to
/// `base`, the goal state.
pub(super) fn resolve(fetcher: &Fetcher, base: &Location, entry: &HandlerGoalState) -> Result<ResolvedVersion, Fault> {
    let (locations, mut findings) = locations(&entry.locations, base);
    let limits = FetchLimits {
        budget: BUDGET,
        ..FetchLimits::of(MAX_VERSION_MANIFEST_BYTES as u64)
    };
    let fetched = fetcher.fetch_any(&locations, limits, &Expected::default(), |_, fetched| {
        let name = fetched.location.file_name();
        let manifest = VersionManifest::parse(Source::new(&name, &fetched.bytes))?;
        Ok((fetched.location, manifest))
    });
    let (source, manifest) = fetched.map_err(|failed| {
        findings.extend(attempts(&failed));
        let said = match locations.is_empty() {
            true => "the goal state gives no location that can be used".to_owned(),
            false => failed.to_string(),
        };
        Fault::no_version_manifest(&said, std::mem::take(&mut findings))
    })?;
    let Checked { value, warnings } = manifest;
    findings.extend(warnings);
    let file = source.file_name();
    let Some(offered) = value.resolve(&entry.version) else {
        let said = format!(
            "Unable to find version {} in manifest for extension {}",
            entry.version, entry.name
        );
        let listed: Vec<&str> = value
            .versions
            .iter()
            .map(|offered| offered.version.as_str())
            .take(20)
            .collect();
        let hint = format!("ask for one of those that are listed: {}", listed.join(", "));
        findings.insert(
            0,
            Finding::refusal(codes::VERSION_UNLISTED, &file, Place::Whole, &said, hint),
        );
        return Err(Fault::not_offered(&said, findings));
    };
    let (package_locations, unusable) = self::locations(&offered.uris, &source);
    findings.extend(unusable);
    if package_locations.is_empty() {
        let said = format!("No package uri found for {}-{}", entry.name, offered.version);
        let hint = "give the version a `Uri` in the version manifest";
        findings.insert(
            0,
            Finding::refusal(codes::VERSION_NO_URI, &file, Place::Whole, &said, hint),
        );
        return Err(Fault::not_offered(&said, findings));
    }
    Ok(ResolvedVersion {
        version: offered.version.clone(),
        locations: package_locations,
        expected: Expected {
            sha256: offered.sha256,
            size: offered.size,
        },
        signature: entry.encoded_signature.clone(),
        findings,
    })
}

/// Why each location was not used; of one that was tried several times, the last time.
pub(super) fn attempts(failed: &AllFailed) -> Vec<Finding> {
    let last = failed.attempts().last().map_or(0, |last| last.round);
    failed
        .attempts()
        .iter()
        .enumerate()
        .filter(|(index, attempt)| {
            let later = failed.attempts().iter().skip(index + 1);
            attempt.round == last || !later.into_iter().any(|later| later.location == attempt.location)
        })
        .map(|(_, attempt)| match &attempt.why {
            Why::Failed(error) => error.finding(),
            Why::Refused { refused, .. } => refused.first().clone(),
        })
        .collect()
}

/// The locations in `texts` that can be used from `base`, and what is wrong with the others.
fn locations(texts: &[String], base: &Location) -> (Vec<Location>, Vec<Finding>) {
    let mut good = Vec::new();
    let mut bad = Vec::new();
    if texts.len() > MAX_LOCATIONS {
        let what = format!(
            "{} locations are named, and the first {MAX_LOCATIONS} are looked at",
            texts.len()
        );
        let hint = "name fewer";
        bad.push(Finding::warning(
            codes::DOWNLOAD_LOCATION,
            &base.file_name(),
            Place::Whole,
            what,
            hint,
        ));
    }
    for text in texts.iter().take(MAX_LOCATIONS) {
        match Location::parse(text, Some(base)) {
            Ok(location) => good.push(location),
            Err(error) => bad.push(error.finding(&base.file_name(), Place::Whole)),
        }
    }
    (good, bad)
}
