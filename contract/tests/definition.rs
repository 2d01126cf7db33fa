//! Definition files: what is read, kept, refused and remarked on.

use hostler_contract::{
    Code, DefinitionFile, ExtensionImage, Finding, Source, codes,
    definition::{Booleans, DefinitionRules, HostingResource, MAX_DEFINITION_BYTES, Regions, SupportedOs, lint},
};

const NAMESPACE: &str = "http://schemas.microsoft.com/windowsazure";

/// A definition with `rest` behind its identity.
fn definition(rest: &str) -> String {
    format!(
        "<ExtensionImage xmlns=\"{NAMESPACE}\">\n<ProviderNameSpace>Contoso</ProviderNameSpace>\n<Type>Web</Type>\n\
         <Version>1.2.3</Version>\n{rest}\n</ExtensionImage>"
    )
}

fn parse(text: &str) -> Result<ExtensionImage, Vec<Finding>> {
    ExtensionImage::parse(Source::new("d.xml", text.as_bytes()))
        .map(|checked| checked.value)
        .map_err(|refused| refused.findings().to_vec())
}

#[test]
fn every_element_is_read_in_any_order_and_written_in_one() {
    let text = definition(
        "<Regions>West US;East US</Regions><CompanyName>Contoso &amp; Co</CompanyName><SupportedOS>Linux</SupportedOS>\
         <IsGlobal>true</IsGlobal><IsInternalExtension>true</IsInternalExtension><SampleConfig>\n eyJh\n Ijox</SampleConfig>\
         <MediaLink>https://host/a.zip?sig=1&amp;x=2</MediaLink><HostingResources>WebRole|VmRole</HostingResources>\
         <Label>Web</Label><Description/><Endpoints></Endpoints><LocalResources/><Eula i:nil=\"true\" xmlns:i=\
         \"http://www.w3.org/2001/XMLSchema-instance\"/>",
    );
    let image = parse(&text).unwrap();
    assert_eq!(image.handler_name(), "Contoso.Web");
    assert_eq!(
        image.hosting_resources,
        [HostingResource::WebRole, HostingResource::VmRole]
    );
    assert_eq!(image.supported_os, Some(SupportedOs::Linux));
    assert_eq!(
        image.regions,
        Some(Regions::Listed(vec!["West US".to_owned(), "East US".to_owned()]))
    );
    assert_eq!(
        image.media_link.as_ref().unwrap().as_str(),
        "https://host/a.zip?sig=1&x=2"
    );
    assert_eq!(image.eula, None);
    assert_eq!(image.description.as_deref(), Some(""));
    insta::assert_snapshot!(image.to_xml(), @r#"<ExtensionImage xmlns="http://schemas.microsoft.com/windowsazure" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><ProviderNameSpace>Contoso</ProviderNameSpace><Type>Web</Type><Version>1.2.3</Version><Label>Web</Label><HostingResources>WebRole|VmRole</HostingResources><MediaLink>https://host/a.zip?sig=1&amp;x=2</MediaLink><Description/><IsInternalExtension>true</IsInternalExtension><SampleConfig>eyJhIjox</SampleConfig><SupportedOS>Linux</SupportedOS><CompanyName>Contoso &amp; Co</CompanyName><Regions>West US;East US</Regions><IsGlobal>true</IsGlobal></ExtensionImage>"#);
    assert_eq!(parse(&image.to_xml()).unwrap(), image);
}

#[test]
fn regions_have_three_states() {
    for (element, regions) in [
        ("", None),
        ("<!--%REGIONS%-->", None),
        ("<Regions/>", Some(Regions::All)),
        ("<Regions> </Regions>", Some(Regions::All)),
        (
            "<Regions>West US</Regions>",
            Some(Regions::Listed(vec!["West US".to_owned()])),
        ),
    ] {
        assert_eq!(parse(&definition(element)).unwrap().regions, regions, "{element}");
    }
}

/// One endpoint of each kind, with the given parts of the last.
fn endpoints(last: &str) -> String {
    format!(
        "<Endpoints><InputEndpoints><InputEndpoint><Name>a</Name><Protocol>tcp</Protocol><Port>80</Port>\
         <LocalPort>*</LocalPort></InputEndpoint></InputEndpoints><InstanceInputEndpoints><InstanceInputEndpoint>\
         <Name>b</Name>{last}</InstanceInputEndpoint></InstanceInputEndpoints></Endpoints>"
    )
}

#[test]
fn what_breaks_a_rule_is_refused_with_its_place_and_element() {
    let long = format!("<Label>{}</Label>", "a".repeat(4097));
    let twice = "<Label>a</Label>\n<Label>b</Label>";
    let certificate = "<Certificate><StoreName>My</StoreName></Certificate>";
    let no_port = endpoints("<Protocol>tcp</Protocol><LocalPort>1</LocalPort><FixedPortMax>2</FixedPortMax>");
    let ports = endpoints(
        "<Protocol>icmp</Protocol><LocalPort>0</LocalPort><FixedPortMin>9</FixedPortMin><FixedPortMax>2</FixedPortMax>",
    );
    let table: &[(&str, Code, &str)] = &[
        (twice, codes::DEFINITION_SCHEMA, "d.xml:6:1"),
        (
            "<IsInternalExtension>True</IsInternalExtension>",
            codes::DEFINITION_VALUE,
            "`IsInternalExtension`",
        ),
        (
            "<IsInternalExtension> true</IsInternalExtension>",
            codes::DEFINITION_VALUE,
            "`IsInternalExtension`",
        ),
        (
            "<IsInternalExtension/>",
            codes::DEFINITION_VALUE,
            "`IsInternalExtension`",
        ),
        (
            "<IsJsonExtension>1</IsJsonExtension>",
            codes::DEFINITION_VALUE,
            "`IsJsonExtension`",
        ),
        (
            "<HostingResources>vmrole</HostingResources>",
            codes::DEFINITION_VALUE,
            "`vmrole`",
        ),
        (
            "<HostingResources>VmRole|</HostingResources>",
            codes::DEFINITION_VALUE,
            "`HostingResources`",
        ),
        (
            "<SupportedOS>linux</SupportedOS>",
            codes::DEFINITION_VALUE,
            "`SupportedOS`",
        ),
        ("<Regions>a/b</Regions>", codes::DEFINITION_VALUE, "`Regions`"),
        (
            "<MediaLink>file:///etc/passwd</MediaLink>",
            codes::DEFINITION_VALUE,
            "`MediaLink`",
        ),
        (
            "<MediaLink>Storage blob location</MediaLink>",
            codes::DEFINITION_TEMPLATE,
            "`MediaLink`",
        ),
        ("<Label>%LABEL%</Label>", codes::DEFINITION_TEMPLATE, "`%LABEL%`"),
        ("<Label>&lt;%= x %&gt;</Label>", codes::DEFINITION_TEMPLATE, "`Label`"),
        (
            "<CompanyName>REPLACE-ME</CompanyName>",
            codes::DEFINITION_TEMPLATE,
            "`CompanyName`",
        ),
        ("<Label><b>x</b></Label>", codes::DEFINITION_SCHEMA, "`b`"),
        ("<Label>&#1;</Label>", codes::DEFINITION_VALUE, "control character"),
        (&long, codes::DEFINITION_VALUE, "4097 characters"),
        (certificate, codes::DEFINITION_FIELD, "`StoreLocation`"),
        (&no_port, codes::DEFINITION_FIELD, "`FixedPortMin`"),
        (&ports, codes::DEFINITION_VALUE, "`icmp`"),
        (
            "<LocalResources><LocalResource/></LocalResources>",
            codes::DEFINITION_FIELD,
            "`Name`",
        ),
    ];
    for (element, code, said) in table {
        let findings = parse(&definition(element)).unwrap_err();
        let right = findings
            .iter()
            .any(|finding| finding.code() == *code && finding.to_string().contains(said));
        assert!(right, "{element}: {findings:#?}");
    }
    let findings = parse(&definition(&ports)).unwrap_err();
    assert_eq!(findings.len(), 3, "all that is wrong is said at once: {findings:#?}");
}

#[test]
fn identities_that_are_none_name_their_element() {
    for (namespace, type_name, version, said) in [
        ("", "Web", "1.0", "`ProviderNameSpace`"),
        ("A_B", "Web", "1.0", "underscore"),
        ("../A", "Web", "1.0", "`ProviderNameSpace`"),
        ("%2e%2e%2f", "Web", "1.0", "`ProviderNameSpace`"),
        ("CON", "Web", "1.0", "device"),
        ("Contoso", "W\u{e9}b", "1.0", "`Type`"),
        ("Contoso", "Web", "0.7s", "`Version`"),
        ("Contoso", "Web", "1.0rc1", "`Version`"),
        ("Contoso", "Web", "1.2.3.4.5", "`Version`"),
        ("Contoso", "Web", "4294967296", "`Version`"),
        ("Contoso", "Web", "-1", "`Version`"),
        ("Contoso", "Web", "%VERSION%", "`%VERSION%`"),
    ] {
        let text = format!(
            "<ExtensionImage xmlns=\"{NAMESPACE}\"><ProviderNameSpace>{namespace}</ProviderNameSpace>\
             <Type>{type_name}</Type><Version>{version}</Version></ExtensionImage>"
        );
        let findings = parse(&text).unwrap_err();
        assert!(findings[0].what().contains(said), "{said}: {findings:?}");
        assert_eq!(findings.len(), 1, "{findings:?}");
    }
    let nothing = parse(&format!("<ExtensionImage xmlns=\"{NAMESPACE}\"/>")).unwrap_err();
    assert_eq!(nothing.len(), 3);
}

#[test]
fn documents_that_are_no_definition_are_refused() {
    let large = definition(&format!(
        "<SampleConfig>{}</SampleConfig>",
        "A".repeat(MAX_DEFINITION_BYTES)
    ));
    let bomb = format!(
        "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><ExtensionImage xmlns=\"{NAMESPACE}\">&b;</ExtensionImage>"
    );
    let outside = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><ExtensionImage/>";
    let glued = format!("<ExtensionImage xmlns=\"{NAMESPACE}\"xmlns:i=\"x\"><Type>a</Type></ExtensionImage>");
    for (text, code) in [
        ("", codes::DEFINITION_XML),
        ("hello", codes::DEFINITION_XML),
        ("<ExtensionImage", codes::DEFINITION_XML),
        ("<ExtensionImage><Type></ExtensionImage>", codes::DEFINITION_XML),
        ("<Extension/>", codes::DEFINITION_SCHEMA),
        ("<ExtensionImage/>", codes::DEFINITION_SCHEMA),
        ("<ExtensionImage xmlns=\"urn:other\"/>", codes::DEFINITION_SCHEMA),
        (
            "<ExtensionImage><Type><%= name %></Type></ExtensionImage>",
            codes::DEFINITION_TEMPLATE,
        ),
        (&glued, codes::DEFINITION_XML),
        (&bomb, codes::DEFINITION_XML),
        (outside, codes::DEFINITION_XML),
        (&large, codes::DEFINITION_SIZE),
    ] {
        let findings = parse(text).unwrap_err();
        assert_eq!(
            findings[0].code(),
            code,
            "{}",
            text.chars().take(100).collect::<String>()
        );
    }
}

#[test]
fn what_is_not_known_is_kept_with_a_warning() {
    let text =
        definition("<HostingResource>VmRole</HostingResource><a:Note xmlns:a=\"urn:a\" x=\"1&#10;\">t<b/></a:Note>");
    let read = ExtensionImage::parse(Source::new("d.xml", text.as_bytes())).unwrap();
    let said: Vec<String> = read.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    d.xml:5:1: `HostingResource`: it is not known; it is kept [definition.unknown]; `HostingResources` is known; nothing reads this one
    d.xml:5:42: `Note`: it is of another namespace; it is kept without it [definition.unknown]; take it out, or leave it: it is kept and handed on
    ");
    let again = parse(&read.value.to_xml()).unwrap();
    assert_eq!(again, read.value);
    assert!(
        again.to_xml().contains("<Note x=\"1&#10;\">t<b/></Note>"),
        "{}",
        again.to_xml()
    );
}

#[test]
fn booleans_of_other_spellings_are_read_where_the_rules_say_so() {
    let rules = DefinitionRules {
        booleans: Booleans::AnyCase,
    };
    for (text, value) in [("True", true), (" false ", false), ("1", true), ("", false)] {
        let text = definition(&format!("<IsInternalExtension>{text}</IsInternalExtension>"));
        let read = ExtensionImage::parse_with(Source::new("d.xml", text.as_bytes()), rules).unwrap();
        assert_eq!(read.value.is_internal_extension, Some(value), "{text}");
        assert_eq!(read.warnings.len(), 1);
    }
    let text = definition("<IsInternalExtension>yes</IsInternalExtension>");
    assert!(ExtensionImage::parse_with(Source::new("d.xml", text.as_bytes()), rules).is_err());
}

#[test]
fn a_wrapper_is_taken_off_and_a_definition_sent_as_it_stands() {
    let bare = definition("<Label>L</Label>\r\n");
    let file = |text: &str| DefinitionFile::parse(Source::new("d.xml", text.as_bytes())).map(|file| file.value);
    assert_eq!(file(&bare).unwrap().body, bare);
    let wrapped = format!("<ExtensionInfo>\n {bare}\n <CloudTypes><Public/></CloudTypes></ExtensionInfo>");
    assert_eq!(file(&wrapped).unwrap().body, bare);
    let leaning = wrapped
        .replace(&format!(" xmlns=\"{NAMESPACE}\""), "")
        .replace("<ExtensionInfo>", &format!("<ExtensionInfo xmlns=\"{NAMESPACE}\">"));
    let leaning = file(&leaning).unwrap();
    assert_eq!(parse(&leaning.body).unwrap(), leaning.image);
    for bad in [
        "<ExtensionInfo/>",
        &format!("<ExtensionInfo>{bare}{bare}</ExtensionInfo>"),
    ] {
        assert_eq!(file(bad).unwrap_err().first().code(), codes::DEFINITION_SCHEMA);
    }
}

#[test]
fn a_link_is_filled_in_and_all_else_stays_as_it_stands() {
    let link = hostler_contract::definition::MediaLink::parse("https://host/a.zip?x=1&y=2").unwrap();
    for element in [
        "<MediaLink></MediaLink>",
        "<MediaLink/>",
        "<MediaLink>http://old/a</MediaLink>",
    ] {
        let text = definition(&format!("<!-- kept -->\r\n{element}<Label>L</Label>"));
        for text in [text.clone(), format!("\u{feff}{text}")] {
            let file = DefinitionFile::parse(Source::new("d.xml", text.as_bytes()))
                .unwrap()
                .value;
            let filled = file.with_media_link(&link);
            let expected = "<MediaLink>https://host/a.zip?x=1&amp;y=2</MediaLink>";
            assert_eq!(filled, text.replace(element, expected));
        }
    }
    let text = definition("");
    let file = DefinitionFile::parse(Source::new("d.xml", text.as_bytes()))
        .unwrap()
        .value;
    assert_eq!(parse(&file.with_media_link(&link)).unwrap().media_link, Some(link));
}

#[test]
fn a_new_version_needs_more_than_a_change() {
    let bare = parse(&definition("")).unwrap();
    let said: Vec<String> = bare.check_new("d.xml").iter().map(Finding::location).collect();
    assert_eq!(
        said,
        ["Label", "HostingResources", "MediaLink", "Description"].map(|name| format!("d.xml: ExtensionImage/{name}"))
    );
    let whole = "<Label>a</Label><HostingResources>VmRole</HostingResources><MediaLink>http://h/a</MediaLink>\
                 <Description>d</Description>";
    assert!(parse(&definition(whole)).unwrap().check_new("d.xml").is_empty());
    let xml = format!("{whole}<IsJsonExtension>false</IsJsonExtension><SupportedOS>Linux</SupportedOS>");
    assert_eq!(parse(&definition(&xml)).unwrap().check_new("d.xml").len(), 1);
}

#[test]
fn a_lint_says_what_others_would_make_of_it() {
    let text = format!(
        "<ExtensionImage xmlns=\"{NAMESPACE}\"\nxmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\">\n\
         <Type>Web</Type>\n<ProviderNameSpace>Contoso</ProviderNameSpace><Version>1.0</Version>\n\
         <PublishedDate>yesterday</PublishedDate><SampleConfig>--no--</SampleConfig><PrivacyUri>We keep nothing</PrivacyUri>\n\
         </ExtensionImage>"
    );
    let said: Vec<String> = lint(Source::new("d.xml", text.as_bytes()))
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    d.xml:4:1: `ProviderNameSpace` stands behind `Type`; a reader that goes by order takes one of them as absent [definition.lint]; write the elements in the order of the documentation
    d.xml: ExtensionImage/Version: `Version` 1.0 has fewer than four numbers [definition.lint]; write four; those that are missing count as 0
    d.xml: ExtensionImage/IsInternalExtension: `IsInternalExtension` is missing, so a new version is public at once [definition.lint]; write `true`, and promote the version when it has been tried
    d.xml: ExtensionImage/SupportedOS: `SupportedOS` is missing [definition.lint]; write `Linux`
    d.xml: ExtensionImage/IsJsonExtension: `IsJsonExtension` is missing [definition.lint]; write `true`: handlers for Linux have settings in JSON
    d.xml: ExtensionImage/Eula: `Eula` is no link [definition.lint]; write the URL of a page
    d.xml: ExtensionImage/PrivacyUri: `PrivacyUri` is no link [definition.lint]; write the URL of a page
    d.xml: ExtensionImage/HomepageUri: `HomepageUri` is no link [definition.lint]; write the URL of a page
    d.xml: ExtensionImage/SampleConfig: `SampleConfig` is not base64 [definition.lint]; encode the document as base64
    d.xml: ExtensionImage/PublishedDate: `PublishedDate` is not a date of the form 2026-01-31T12:00:00Z [definition.lint]; leave it out: the repository knows when it came
    d.xml: ExtensionImage/Label: `Label` is missing or empty, and a new version needs it [definition.lint]; write what people know it by
    d.xml: ExtensionImage/HostingResources: `HostingResources` is missing or empty, and a new version needs it [definition.lint]; write `VmRole`
    d.xml: ExtensionImage/MediaLink: `MediaLink` is missing or empty, and a new version needs it [definition.lint]; write the URL of the package
    d.xml: ExtensionImage/Description: `Description` is missing or empty, and a new version needs it [definition.lint]; write what it is for
    d.xml: without its line ends it is not well-formed, and the old scripts send it without them [definition.lint]; put a blank between the attributes of an element
    ");
    let refused = lint(Source::new("d.xml", b"<ExtensionImage/>"));
    assert_eq!(refused[0].code(), codes::DEFINITION_SCHEMA);
}
