//! The files beside the source that go into the package, or show how to use it, are right.

use hostler_contract::{DocumentKind, Source, check};

#[test]
fn manifest_and_example_settings_are_the_contracts() {
    for (kind, name, text) in [
        (
            DocumentKind::HandlerManifest,
            "HandlerManifest.json",
            include_bytes!("../package/HandlerManifest.json").as_slice(),
        ),
        (
            DocumentKind::Settings,
            "example.settings",
            include_bytes!("../example.settings"),
        ),
    ] {
        assert_eq!(check(kind, Source::new(name, text)), []);
    }
}
