//! What the tests of packages share: a good package to make bad ones of, and a place to import them into.

use std::{
    fs::{self, File},
    os::fd::AsFd as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use hostler_contract::{Refused, Severity};
use hostler_package::{Package, PackageError, PackageLimits};
use hostler_tests::{ZipEntry, ZipForge};
use tempfile::TempDir;

/// The smallest component: nothing in it.
pub(crate) const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// A manifest whose five commands name `target`.
pub(crate) fn manifest(target: &str) -> String {
    let commands: Vec<String> = ["install", "uninstall", "update", "enable", "disable"]
        .iter()
        .map(|command| format!("\"{command}Command\": \"{target} {command}\""))
        .collect();
    format!(
        r#"[{{"version": 1.0, "handlerManifest": {{{}, "rebootAfterInstall": false, "reportHeartbeat": false}}}}]"#,
        commands.join(", ")
    )
}

/// The same, where a component runs on after `enable`, too.
pub(crate) fn manifest_with_service(target: &str, service: &str) -> String {
    let text = manifest(target);
    let sandbox = format!(r#"}}, "sandbox": {{"serviceCommand": "{service} run on"}}}}]"#);
    text.strip_suffix("}}]").map(|text| text.to_owned() + &sandbox).unwrap()
}

/// The entries that every good package has.
pub(crate) fn good_entries() -> Vec<ZipEntry> {
    vec![
        ZipEntry::deflated("HandlerManifest.json", manifest("handler.wasm").as_bytes()),
        ZipEntry::stored("handler.wasm", COMPONENT),
    ]
}

/// A good package with `more` entries after the ones it needs.
pub(crate) fn with(more: impl IntoIterator<Item = ZipEntry>) -> ZipForge {
    ZipForge::of(good_entries().into_iter().chain(more))
}

/// A host's folders, with a file beside them that nothing may touch.
pub(crate) struct Host {
    root: TempDir,
}

impl Host {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["staging", "handlers"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        fs::write(root.path().join("canary"), "alive").unwrap();
        Self { root }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Imports the package in `path` as a host does: opened, staged, published as `handler`.
    pub(crate) fn import(&self, path: &Path) -> Result<Package, PackageError> {
        let package = Package::open(path, &PackageLimits::default())?.value;
        let staging = File::open(self.path("staging")).unwrap();
        let handlers = File::open(self.path("handlers")).unwrap();
        let staged = package
            .stage(staging.as_fd(), hostler_package::Durability::OnDisk)
            .unwrap();
        assert_eq!(
            self.names("handlers"),
            [""; 0],
            "nothing may be visible before it is published"
        );
        staged.publish(handlers.as_fd(), "handler").unwrap();
        Ok(package)
    }

    pub(crate) fn import_bytes(&self, bytes: &[u8]) -> Result<Package, PackageError> {
        let path = self.path("package.zip");
        fs::write(&path, bytes).unwrap();
        self.import(&path)
    }

    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Checks that a refusal left nothing behind and can be shown to people, and that it comes again (O2, O6, O8, O9).
    pub(crate) fn assert_untouched(&self, refused: &Refused) {
        assert_eq!(self.names("staging"), [""; 0]);
        assert_eq!(self.names("handlers"), [""; 0]);
        assert_eq!(fs::read_to_string(self.path("canary")).unwrap(), "alive");
        for finding in refused.findings() {
            let text = finding.to_string();
            assert!(text.len() <= 4096, "{} bytes", text.len());
            assert!(!text.chars().any(char::is_control), "{text:?}");
            assert_eq!(hostler_contract::escape(&text), text);
        }
    }
}

/// Imports `bytes`, which must be refused, and gives the refusal.
#[track_caller]
pub(crate) fn refusal(bytes: &[u8]) -> Refused {
    let host = Host::new();
    let refuse = || match host.import_bytes(bytes) {
        Err(PackageError::Refused(refused)) => refused,
        Err(PackageError::Io { path, source }) => panic!("{}: {source}", path.display()),
        Ok(_) => panic!("the package was accepted"),
    };
    let refused = refuse();
    host.assert_untouched(&refused);
    assert_eq!(refused, refuse(), "the same bytes, another verdict");
    refused
}

/// The codes of what is refused, in order, each once.
pub(crate) fn codes_of(refused: &Refused) -> Vec<&'static str> {
    let mut codes: Vec<_> = refused
        .findings()
        .iter()
        .filter(|finding| finding.severity() == Severity::Refusal)
        .map(|finding| finding.code().name())
        .collect();
    codes.dedup();
    codes
}

/// Imports `forge`, which must be refused with exactly `code`.
#[track_caller]
pub(crate) fn assert_refused(case: &str, code: &str, forge: &ZipForge) -> Refused {
    let refused = refusal(&forge.build());
    assert_eq!(codes_of(&refused), [code], "{case}: {refused}");
    refused
}

/// Does what takes a moment and never two seconds. It is done anew where it took them: the machine may have had something
/// else to do, but not each time.
#[track_caller]
pub(crate) fn soon<T>(mut done: impl FnMut() -> T) -> T {
    const SOON: Duration = Duration::from_secs(2);
    const TRIES: usize = 20;
    let mut took = Vec::new();
    for _ in 0..TRIES {
        let start = Instant::now();
        let what = done();
        if start.elapsed() < SOON {
            return what;
        }
        took.push(start.elapsed());
    }
    panic!("it takes too long: {took:?}");
}
