//! Extensions that hosts could not tell apart.

use crate::databases::over_each;
use crate::registration::{definition, package};
use crate::server::{SUBSCRIPTION, certificate};

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";
const HEADERS: [(&str, &str); 1] = [("x-ms-version", "2014-06-01")];
const OTHER: &str = "6b1f5e3c-0000-4000-8000-000000000002";

/// `Contoso.Linux` with type `Demo`, and `Contoso` with type `Linux.Demo`, are both `Contoso.Linux.Demo` on a host.
#[test]
fn an_extension_that_hosts_would_call_as_another_is_refused() {
    over_each(|database| {
        let repository = database.repository(&[]);
        repository.register("1.0", &package("a"), INTERNAL);
        let body = definition("1.0", &repository.media("demo-1.0.zip"), INTERNAL)
            .replace("<ProviderNameSpace>Contoso.Linux<", "<ProviderNameSpace>Contoso<")
            .replace("<Type>Demo<", "<Type>Linux.Demo<");
        // Within one subscription, and from another one.
        let stranger = certificate();
        repository.add_subscription(OTHER, &stranger.0, true);
        for (client, subscription) in [
            (repository.publisher(), SUBSCRIPTION),
            (repository.client(&stranger), OTHER),
        ] {
            let path = format!("/{subscription}/services/extensions");
            let refused = client.send("POST", &path, &HEADERS, body.as_bytes());
            let text = refused.text();
            assert_eq!(refused.status, 409, "{text}");
            for words in [
                "<Code>ConflictError</Code>",
                "hosts would know it as Contoso.Linux.Demo, which is the extension Demo of the namespace Contoso.Linux",
                "take another type",
            ] {
                assert!(text.contains(words), "{text}");
            }
        }
        // The namespace was not claimed with it, and another type of it is free.
        let body = body.replace("<Type>Linux.Demo<", "<Type>LinuxDemo<");
        let path = format!("/{SUBSCRIPTION}/services/extensions");
        let accepted = repository.publisher().send("POST", &path, &HEADERS, body.as_bytes());
        assert_eq!(accepted.status, 202, "{}", accepted.text());
        let ended = repository.ended(accepted.header("x-ms-request-id").unwrap());
        // Whatever comes of its package: its name was not in the way.
        assert!(!ended.contains("ConflictError"), "{ended}");
    });
}
