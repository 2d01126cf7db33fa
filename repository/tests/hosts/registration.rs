//! What a publisher does: packages, definitions, requests, waiting for operations.

use hostler_contract::Source;
use hostler_contract::VersionManifest;
use hostler_contract::version_manifest::VersionList;
use hostler_tests::{ZipEntry, ZipForge};

use crate::client::Answer;
use crate::server::{Repository, SUBSCRIPTION, wait};

/// The extension of these tests.
pub(crate) const EXTENSION: (&str, &str) = ("Contoso.Linux", "Demo");

/// A package: a manifest, and a component that is one by its first bytes. `what` makes it another package.
pub(crate) fn package(what: &str) -> Vec<u8> {
    let manifest = r#"[{"name": "Demo", "version": 1.0, "handlerManifest": {
        "installCommand": "demo.wasm install", "enableCommand": "demo.wasm enable", "updateCommand": "demo.wasm update",
        "disableCommand": "demo.wasm disable", "uninstallCommand": "demo.wasm uninstall",
        "rebootAfterInstall": false, "reportHeartbeat": false}, "sandbox": {"limits": {"guest.memory_total": 1048576}}}]"#;
    let forge = ZipForge {
        entries: vec![
            ZipEntry::stored("HandlerManifest.json", manifest.as_bytes()),
            ZipEntry::stored("demo.wasm", b"\0asm\x0d\0\x01\0"),
            ZipEntry::stored("what.txt", what.as_bytes()),
        ],
        ..ZipForge::default()
    };
    forge.build()
}

/// A definition of a version. `rest` are further elements.
pub(crate) fn definition(version: &str, media: &str, rest: &str) -> String {
    let (namespace, type_name) = EXTENSION;
    format!(
        "<ExtensionImage xmlns=\"http://schemas.microsoft.com/windowsazure\"><ProviderNameSpace>{namespace}</ProviderNameSpace>\
         <Type>{type_name}</Type><Version>{version}</Version><Label>Demo</Label><HostingResources>VmRole</HostingResources>\
         <MediaLink>{media}</MediaLink><Description>A handler for tests</Description><IsJsonExtension>true</IsJsonExtension>\
         <SupportedOS>Linux</SupportedOS><CompanyName>Contoso</CompanyName>{rest}</ExtensionImage>"
    )
}

impl Repository {
    /// Uploads a package.
    pub(crate) fn upload(&self, name: &str, package: &[u8]) -> Answer {
        self.publisher()
            .send("PUT", &format!("/blob/extensions/{name}"), &[], package)
    }

    /// Where an upload is.
    pub(crate) fn media(&self, name: &str) -> String {
        format!("https://{}/blob/extensions/{name}", self.authority())
    }

    /// A call of the management API.
    pub(crate) fn call(&self, method: &str, path: &str, body: &str) -> Answer {
        let headers = [("x-ms-version", "2014-06-01"), ("Content-Type", "application/xml")];
        let path = format!("/{SUBSCRIPTION}{path}");
        self.publisher().send(method, &path, &headers, body.as_bytes())
    }

    /// Uploads and registers a version, without waiting; the number of the operation.
    #[track_caller]
    pub(crate) fn accept(&self, version: &str, package: &[u8], rest: &str) -> String {
        let name = format!("demo-{version}.zip");
        let uploaded = self.upload(&name, package);
        assert_eq!(uploaded.status, 201, "{}", uploaded.text());
        let body = definition(version, &self.media(&name), rest);
        let first = self.call("POST", "/services/extensions", &body);
        let answer = match first.status {
            202 => first,
            _ => self.call("PUT", "/services/extensions?action=update", &body),
        };
        assert_eq!(answer.status, 202, "{}", answer.text());
        answer.header("x-ms-request-id").unwrap().to_owned()
    }

    /// The same, until it is done; the status of the operation and what it says.
    #[track_caller]
    pub(crate) fn register(&self, version: &str, package: &[u8], rest: &str) {
        let operation = self.accept(version, package, rest);
        let ended = self.ended(&operation);
        assert!(ended.contains("<Status>Succeeded</Status>"), "{ended}");
    }

    /// Changes what may be changed of a version.
    #[track_caller]
    pub(crate) fn change(&self, version: &str, rest: &str) {
        let body = definition(version, "", rest);
        let answer = self.call("PUT", "/services/extensions?action=update", &body);
        assert_eq!(answer.status, 202, "{}", answer.text());
        let ended = self.ended(answer.header("x-ms-request-id").unwrap());
        assert!(ended.contains("<Status>Succeeded</Status>"), "{ended}");
    }

    /// The document of an operation once it is at its end.
    #[track_caller]
    pub(crate) fn ended(&self, operation: &str) -> String {
        wait("the end of the operation", || {
            let answer = self.call("GET", &format!("/operations/{operation}"), "");
            assert_eq!(answer.status, 200, "{}", answer.text());
            let text = answer.text();
            (!text.contains("<Status>InProgress</Status>")).then_some(text)
        })
    }

    /// The version manifest of a region, which has to be there: versions, and whether they are public.
    #[track_caller]
    pub(crate) fn offered(&self, region: &str) -> Vec<(String, bool)> {
        let versions = self.manifest(region).versions;
        let listed = versions
            .iter()
            .map(|version| (version.version.to_string(), version.list == VersionList::Public));
        listed.collect()
    }

    #[track_caller]
    pub(crate) fn manifest(&self, region: &str) -> VersionManifest {
        let answer = self.published(region, &manifest_name(region));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let read = VersionManifest::parse(Source::new("manifest", &answer.body)).unwrap();
        assert_eq!(read.warnings, []);
        read.value
    }
}

/// The file name of the extension's version manifest.
pub(crate) fn manifest_name(region: &str) -> String {
    format!("{}_{}_{region}_manifest.xml", EXTENSION.0, EXTENSION.1)
}
