//! The version manifest of an extension in one region, as text.

use std::fmt::Write as _;

use super::{Offered, package_name};
use crate::stores::Written;

/// The manifest that offers `versions`, in their order. `url` is where hosts find the region's folder, if that is known.
///
/// The same versions make the same text, byte for byte. Each has its location with `url` first, which every agent can
/// follow, and relative to the manifest, which goes on working wherever the folder is copied to.
pub fn manifest(namespace: &str, type_name: &str, versions: &[Offered], url: Option<&str>) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    text += "<PluginVersionManifest xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\">\n";
    for (list, public) in [("Plugins", true), ("InternalPlugins", false)] {
        let mut listed = versions.iter().filter(|version| version.public == public).peekable();
        if listed.peek().is_none() {
            // An agent looks for the element, and does without versions in it.
            let _ = writeln!(text, "  <{list} />");
            continue;
        }
        let _ = writeln!(text, "  <{list}>");
        for version in listed {
            plugin(&mut text, namespace, type_name, version, url);
        }
        let _ = writeln!(text, "  </{list}>");
    }
    text + "</PluginVersionManifest>\n"
}

fn plugin(text: &mut String, namespace: &str, type_name: &str, offered: &Offered, url: Option<&str>) {
    let name = package_name(namespace, type_name, &offered.version);
    let Written { size, digest } = offered.package;
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "    <Plugin>\n      <Version>{}</Version>\n      <Uris>",
        escaped(&offered.version)
    );
    for base in url.into_iter().chain([""]) {
        let uri = escaped(&format!("{base}{name}"));
        let _ = writeln!(text, "        <Uri sha256=\"{digest}\" size=\"{size}\">{uri}</Uri>");
    }
    *text += "      </Uris>\n";
    if offered.disallow_major_version_upgrade {
        *text += "      <DisallowMajorVersionUpgrade>True</DisallowMajorVersionUpgrade>\n";
    }
    *text += "    </Plugin>\n";
}

/// Names hold nothing of the kind, but what an operator gives as a URL may hold `&`.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use hostler_contract::version_manifest::VersionList;
    use hostler_contract::{Source, VersionManifest};
    use hostler_package::PackageDigest;

    use super::super::Offered;
    use super::manifest;
    use crate::stores::Written;

    fn offered(version: &str, public: bool) -> Offered {
        let package = Written {
            size: 5,
            digest: PackageDigest::of(b"bytes"),
        };
        Offered {
            version: version.to_owned(),
            public,
            disallow_major_version_upgrade: version.starts_with('2'),
            package,
        }
    }

    #[test]
    fn a_host_reads_what_is_offered() {
        let versions = [offered("1.0.0", true), offered("1.0.1", false), offered("2.0", true)];
        let text = manifest("Contoso", "Demo", &versions, Some("https://cdn.example/a&b/"));
        let read = VersionManifest::parse(Source::new("m", text.as_bytes())).unwrap();
        assert_eq!(read.warnings, []);
        let read = read.value.versions;
        let seen: Vec<_> = read
            .iter()
            .map(|v| (v.version.as_str(), v.list, v.disallow_major_version_upgrade))
            .collect();
        let (public, internal) = (VersionList::Public, VersionList::Internal);
        assert_eq!(
            seen,
            [
                ("1.0.0", public, false),
                ("2.0", public, true),
                ("1.0.1", internal, false)
            ]
        );
        assert_eq!(
            read.first().unwrap().uris,
            ["https://cdn.example/a&b/Contoso__Demo__1.0.0", "Contoso__Demo__1.0.0"]
        );
        assert_eq!(read.first().unwrap().size, Some(5));
        assert_eq!(
            read.first().unwrap().sha256,
            Some(*PackageDigest::of(b"bytes").as_bytes())
        );
    }

    #[test]
    fn the_text_is_the_one_that_agents_know() {
        insta::assert_snapshot!(manifest("Contoso", "Demo", &[offered("1.0.0", true)], None), @r#"
        <?xml version="1.0" encoding="utf-8"?>
        <PluginVersionManifest xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
          <Plugins>
            <Plugin>
              <Version>1.0.0</Version>
              <Uris>
                <Uri sha256="277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9" size="5">Contoso__Demo__1.0.0</Uri>
              </Uris>
            </Plugin>
          </Plugins>
          <InternalPlugins />
        </PluginVersionManifest>
        "#);
    }
}
