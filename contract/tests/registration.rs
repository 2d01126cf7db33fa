//! The API's documents: those that were recorded are read, and ours have the same shape (REGISTRATION 15.3).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use hostler_contract::{
    ExtensionImage, Source,
    registration::{
        ErrorCode, ExtensionImages, ListedImage, ListedUpload, ListedUploads, Operation, OperationCaller,
        OperationHistory, OperationOutcome, RecordedOperation, RegionReplication, ReplicationState,
        ReplicationStatusList, RequestId, ResourceExtension, ResourceExtensions, ServiceError, Subscription,
    },
};

fn recorded(name: &str) -> Vec<u8> {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/corpus");
    std::fs::read(format!("{corpus}/{name}")).unwrap()
}

fn source(bytes: &[u8]) -> Source<'_> {
    Source::new("answer", bytes)
}

/// The text without what is blank between its elements.
fn squeezed(xml: &[u8]) -> String {
    let text = std::str::from_utf8(xml).unwrap().trim_start_matches('\u{feff}');
    text.lines().map(str::trim).collect()
}

const RECORDING: &str = "Azure+azure-sdk-for-net.recording/wire";

#[test]
fn check_15_3_recorded_operations_are_read_and_written_as_they_were() {
    let id = RequestId::parse("8543b1195e9bcff895ef086fed12746d").unwrap();
    for (name, outcome) in [
        ("01", OperationOutcome::InProgress),
        ("02", OperationOutcome::Succeeded { http_status: 200 }),
    ] {
        let name = format!("{RECORDING}/{name}-get-operations_8543b1195e9bcff895ef086fed127.response.xml");
        let bytes = recorded(&name);
        let operation = Operation::parse(source(&bytes)).unwrap();
        assert_eq!(operation, Operation { id, outcome });
        assert_eq!(operation.to_xml(), squeezed(&bytes));
    }
}

#[test]
fn check_15_3_recorded_errors_are_read_and_written_as_they_were() {
    for name in [
        "03-post-services_extensions",
        "05-delete-services_extensions_testprovider258_test",
    ] {
        let bytes = recorded(&format!("{RECORDING}/{name}.response.xml"));
        let error = ServiceError::parse(source(&bytes)).unwrap();
        assert_eq!(error.known(), Some(ErrorCode::ForbiddenError));
        assert_eq!(error.message, "This operation is not allowed for this subscription.");
        assert_eq!(error.to_xml(), squeezed(&bytes));
    }
}

#[test]
fn check_15_3_what_was_recorded_of_a_publisher_s_writes_is_a_definition() {
    for name in ["03-post-services_extensions", "04-put-services_extensions"] {
        let bytes = recorded(&format!("{RECORDING}/{name}.request.xml"));
        let image = ExtensionImage::parse(source(&bytes)).unwrap().value;
        assert!(image.check_new("answer").is_empty());
        let declared = " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"";
        assert_eq!(image.to_xml().replacen(declared, "", 1), squeezed(&bytes));
    }
}

#[test]
fn check_15_3_the_recorded_list_is_read_and_written_as_it_was() {
    let bytes = recorded("Azure+azure-xplat-cli.recording/wire/resourceextensions-list-all.response.xml");
    let list = ResourceExtensions::parse(source(&bytes)).unwrap();
    assert_eq!(list.extensions.len(), 48);
    assert_eq!(list.extensions[0].publisher, "Microsoft.VisualStudio.Azure.RemoteDebug");
    // Some texts have blanks at their ends, which are not kept.
    assert_eq!(list.to_xml(), squeezed(&bytes).replace(" </", "</").replace("> ", ">"));
}

fn image(version: &str, rest: &str) -> ExtensionImage {
    let text = format!(
        "<ExtensionImage xmlns=\"http://schemas.microsoft.com/windowsazure\"><ProviderNameSpace>Contoso</ProviderNameSpace>\
         <Type>Web</Type><Version>{version}</Version>{rest}</ExtensionImage>"
    );
    ExtensionImage::parse(source(text.as_bytes())).unwrap().value
}

#[test]
fn every_document_is_read_as_it_was_written() {
    let id = RequestId::from_bytes([7; 16]);
    let failed = Operation {
        id,
        outcome: OperationOutcome::Failed {
            http_status: 404,
            error: ServiceError::new(ErrorCode::ResourceNotFound, "no <such> & \"thing\""),
        },
    };
    assert_eq!(Operation::parse(source(failed.to_xml().as_bytes())).unwrap(), failed);
    let images = ExtensionImages {
        images: vec![
            ListedImage {
                image: image("1.0", "<Regions/><Odd>x</Odd>"),
                package_sha256: Some("ab".repeat(32)),
                package_size: Some(1234),
            },
            ListedImage {
                image: image("1.1.0.0", "<IsInternalExtension>true</IsInternalExtension>"),
                package_sha256: None,
                package_size: None,
            },
        ],
    };
    let read = ExtensionImages::parse(source(images.to_xml().as_bytes())).unwrap();
    assert_eq!(read.value, images);
    let replication = ReplicationStatusList {
        regions: ReplicationState::ALL
            .map(|state| RegionReplication {
                location: format!("Region {}", state.name()),
                state,
            })
            .to_vec(),
    };
    let text = replication.to_xml();
    assert_eq!(
        ReplicationStatusList::parse(source(text.as_bytes())).unwrap(),
        replication
    );
    assert!(!replication.is_completed());
    let subscription = Subscription {
        id: "24fb23e3-6ba3-41f0-9b6e-e41131d5d61e".to_owned(),
        name: "A & B".to_owned(),
        status: "Active".to_owned(),
    };
    let text = subscription.to_xml();
    assert_eq!(Subscription::parse(source(text.as_bytes())).unwrap(), subscription);
    let history = OperationHistory {
        operations: vec![RecordedOperation {
            object: "/s/services/extensions/Contoso/Web".to_owned(),
            name: "RegisterExtension".to_owned(),
            parameters: vec![("Version".to_owned(), "1.0".to_owned())],
            caller: OperationCaller {
                certificate_thumbprint: "AB".repeat(20),
                client_ip: "127.0.0.1".to_owned(),
            },
            operation: failed,
            started: "2026-01-31T12:00:00.0000000Z".to_owned(),
            completed: None,
        }],
        continuation_token: Some("next".to_owned()),
    };
    let text = history.to_xml();
    assert_eq!(OperationHistory::parse(source(text.as_bytes())).unwrap(), history);
}

#[test]
fn consumers_see_an_extension_by_two_numbers_and_a_version_by_all() {
    let image = image("1.2.3", "<Label>W</Label><Eula/>");
    assert_eq!(ResourceExtension::of_extension(&image).version, "1.2");
    let list = ResourceExtensions {
        extensions: vec![ResourceExtension::of_version(&image)],
    };
    insta::assert_snapshot!(list.to_xml(), @r#"<ResourceExtensions xmlns="http://schemas.microsoft.com/windowsazure" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><ResourceExtension><Publisher>Contoso</Publisher><Name>Web</Name><Version>1.2.3</Version><Label>W</Label><ReplicationCompleted>false</ReplicationCompleted><Eula/></ResourceExtension></ResourceExtensions>"#);
}

#[test]
fn one_odd_row_does_not_hide_the_others() {
    let row = |name: &str, flag: &str| {
        format!(
            "<ExtensionImage><ProviderNameSpace>{name}</ProviderNameSpace><Type>Web</Type><Version>1.0</Version>\
             <IsInternalExtension>{flag}</IsInternalExtension></ExtensionImage>"
        )
    };
    let text = format!(
        "<ExtensionImages xmlns=\"http://schemas.microsoft.com/windowsazure\">{}{}{}</ExtensionImages>",
        row("Contoso", "True"),
        row("AlertLogic.", "true"),
        row("Fabrikam", "")
    );
    let read = ExtensionImages::parse(source(text.as_bytes())).unwrap();
    let names: Vec<_> = read
        .value
        .images
        .iter()
        .map(|listed| listed.image.handler_name())
        .collect();
    assert_eq!(names, ["Contoso.Web", "Fabrikam.Web"]);
    assert_eq!(read.warnings.len(), 1);
}

#[test]
fn a_list_of_uploads_is_read_with_what_uses_them() {
    let text = "<?xml version=\"1.0\"?><EnumerationResults ContainerName=\"extensions\"><Blobs><Blob><Name>a.zip</Name>\
                <Properties><Content-Length>12</Content-Length></Properties><Metadata><sha256>ab</sha256>\
                <versions>A.B 1.0;A.B 1.1</versions></Metadata></Blob><Blob><Name>b.zip</Name></Blob></Blobs>\
                <NextMarker>b.zip</NextMarker></EnumerationResults>";
    let list = ListedUploads::parse(source(text.as_bytes())).unwrap();
    let first = ListedUpload {
        name: "a.zip".to_owned(),
        size: Some(12),
        sha256: Some("ab".to_owned()),
        versions: vec!["A.B 1.0".to_owned(), "A.B 1.1".to_owned()],
    };
    let second = ListedUpload {
        name: "b.zip".to_owned(),
        ..ListedUpload::default()
    };
    assert_eq!(list.uploads, [first, second]);
    assert_eq!(list.next.as_deref(), Some("b.zip"));
}

#[test]
fn what_is_no_answer_is_refused() {
    let other_word = "<Operation><ID>8543b1195e9bcff895ef086fed12746d</ID><Status>Done</Status></Operation>";
    for text in ["", "<html/>", "<Operation><ID>1</ID></Operation>", other_word] {
        assert!(Operation::parse(source(text.as_bytes())).is_err(), "{text}");
    }
    let word =
        "<ReplicationStatusList><ReplicationStatus><Status>Gone</Status></ReplicationStatus></ReplicationStatusList>";
    assert!(ReplicationStatusList::parse(source(word.as_bytes())).is_err());
}

#[test]
fn a_refused_body_becomes_an_error_that_says_all() {
    let refused = |text: &str| ExtensionImage::parse(Source::new("body", text.as_bytes())).unwrap_err();
    let error = ServiceError::of_refused(&refused("<ExtensionImage>"));
    assert_eq!(error.known(), Some(ErrorCode::InvalidXmlRequest));
    let error = ServiceError::of_refused(&refused(
        "<ExtensionImage xmlns=\"http://schemas.microsoft.com/windowsazure\"><Type>A_B</Type></ExtensionImage>",
    ));
    assert_eq!(error.known(), Some(ErrorCode::BadRequest));
    for word in ["ProviderNameSpace", "Type", "Version", "underscore", "body:1:"] {
        assert!(error.message.contains(word), "{word}: {}", error.message);
    }
    assert_eq!(ErrorCode::BadRequest.http_status(), 400);
    for code in ErrorCode::ALL {
        assert_eq!(ErrorCode::parse(code.name()), Some(code));
    }
}
