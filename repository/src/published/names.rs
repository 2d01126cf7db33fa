//! The names of files that hosts fetch.

/// The file name of the version manifest of an extension in a region, which is given in its short form.
///
/// Agents take it apart at the underscores, so none may be in the name of a namespace or type.
pub fn manifest_name(namespace: &str, type_name: &str, region: &str) -> String {
    format!("{namespace}_{type_name}_{region}_manifest.xml")
}

/// The file name of a package: a zip, without an extension.
pub fn package_name(namespace: &str, type_name: &str, version: &str) -> String {
    format!("{namespace}__{type_name}__{version}")
}

/// Longest name of a file, in bytes: that of the file systems which a store may be.
const MAX_NAME: usize = 255;

/// Whether the files of a version have names that every store can take; if not, why, for its publisher.
pub fn names_fit<'a>(
    namespace: &str,
    type_name: &str,
    version: &str,
    regions: impl Iterator<Item = &'a str>,
) -> Result<(), String> {
    let manifests = regions.map(|region| manifest_name(namespace, type_name, region));
    match manifests
        .chain([package_name(namespace, type_name, version)])
        .find(|name| name.len() > MAX_NAME)
    {
        Some(name) => Err(format!(
            "the file {}... would have a name of {} bytes, and {MAX_NAME} are possible; take a shorter ProviderNameSpace or Type",
            name.get(..40).unwrap_or_default(),
            name.len()
        )),
        None => Ok(()),
    }
}

/// Whether `text` can be the name of something that hosts fetch. What is asked for by another name is not looked for, in
/// whichever store (REP-19).
pub fn is_published_name(text: &str) -> bool {
    let fits = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    let starts = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    fits && starts && text.len() <= 700
}

#[cfg(test)]
mod tests {
    use super::{is_published_name, manifest_name, package_name};

    #[test]
    fn names_are_those_that_agents_know() {
        assert_eq!(
            manifest_name("Microsoft.OSTCExtensions", "VMAccessForLinux", "uscentral"),
            "Microsoft.OSTCExtensions_VMAccessForLinux_uscentral_manifest.xml"
        );
        assert_eq!(
            package_name("Contoso.Linux", "Hello", "1.0.0.1"),
            "Contoso.Linux__Hello__1.0.0.1"
        );
    }

    #[test]
    fn names_that_no_file_can_have_are_known_before() {
        let fit = |namespace: &str, type_name: &str| {
            super::names_fit(namespace, type_name, "1.0.0.0", ["westus"].into_iter())
        };
        assert!(fit("Contoso.Linux", "Demo").is_ok());
        let said = fit(&"a".repeat(200), &"b".repeat(60)).unwrap_err();
        assert!(said.contains("bytes, and 255 are possible"), "{said}");
    }

    #[test]
    fn rep_19_names_that_lead_elsewhere_are_none() {
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "%2e",
            "a\0",
            "a b",
            ".hidden",
            &"x".repeat(701),
        ] {
            assert!(!is_published_name(bad), "{bad:?}");
        }
        assert!(is_published_name("hostler-index.json"));
    }
}
