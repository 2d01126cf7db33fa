//! The rules of versions as tables: what is resolved, what may change, what may go.

use hostler_contract::registration::ErrorCode;
use hostler_contract::{ExtensionImage, Source, Version, VersionManifest, version_manifest::VersionList};
use hostler_repository::versions::{
    AbsentVisibility, Candidate, Decision, Known, Rules, Shrinking, VersionClass, Wish, register, remove, resolve,
    update,
};

fn version(text: &str) -> Version {
    match Version::parse(text) {
        Ok(version) => version,
        Err(error) => panic!("{error}"),
    }
}

/// What the published manifest of the agent's own tests offers.
fn golden() -> Vec<Candidate> {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/corpus/Azure+WALinuxAgent/tests/data/wire/manifest.xml"
    );
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let read = VersionManifest::parse(Source::new("manifest.xml", &bytes));
    let manifest = read.unwrap_or_else(|refused| panic!("{refused}")).value;
    let candidates = manifest.versions.into_iter().map(|offered| Candidate {
        version: offered.version,
        internal: offered.list == VersionList::Internal,
        disallow_major_version_upgrade: offered.disallow_major_version_upgrade,
    });
    candidates.collect()
}

fn answer(candidates: &[Candidate], installed: &str, requested: &str, auto_upgrade: bool) -> String {
    let wish = Wish {
        requested: version(requested),
        installed: (installed != "-").then(|| version(installed)),
        auto_upgrade,
        uninstall: false,
    };
    resolve(candidates, &wish).map_or("none".to_owned(), |candidate| candidate.version.to_string())
}

#[test]
fn check_15_5_the_golden_table_of_resolution() {
    let candidates = golden();
    for (installed, requested, manual, auto) in [
        ("-", "2.0", "2.0.0", "2.2.0"),
        ("-", "2.0.0", "2.0.0", "2.2.0"),
        ("1.0", "1.0.0", "1.0.0", "1.2.0"),
        ("-", "2.1.0", "2.1.1", "2.2.0"),
        ("-", "2.2.0", "2.2.0", "2.2.0"),
        ("-", "2.3.0", "2.3.0", "2.3.0"),
        ("-", "2.4.0", "2.4.0", "2.4.0"),
        ("-", "3.0", "3.0", "3.1"),
        ("-", "4.0", "4.0.0.1", "4.1.0.0"),
    ] {
        assert_eq!(
            answer(&candidates, installed, requested, false),
            manual,
            "{requested}, manual"
        );
        assert_eq!(
            answer(&candidates, installed, requested, true),
            auto,
            "{requested}, auto"
        );
    }
}

#[test]
fn check_15_5_the_list_of_todays_agent() {
    let candidates = golden();
    for (requested, expected) in [
        ("2.0", "2.0.0"),
        ("2.1.0", "2.1.0"),
        ("3.0", "3.0"),
        ("3.0.0", "3.0"),
        ("4.0", "4.0.0.1"),
        ("4.1", "4.1.0.0"),
    ] {
        let requested = version(requested);
        let answers = candidates
            .iter()
            .filter(|candidate| requested.is_prefix_of(&candidate.version));
        let greatest = answers.map(|candidate| &candidate.version).max();
        assert_eq!(greatest.map(Version::as_str), Some(expected), "{requested}");
    }
}

fn candidate(text: &str) -> Candidate {
    let (text, disallow) = text.strip_suffix('!').map_or((text, false), |text| (text, true));
    let (text, internal) = text.strip_suffix('i').map_or((text, false), |text| (text, true));
    Candidate {
        version: version(text),
        internal,
        disallow_major_version_upgrade: disallow,
    }
}

/// `i` marks an internal version, `!` one that cannot be reached from another major one.
#[test]
fn what_a_machine_gets() {
    for (offered, installed, requested, auto, expected) in [
        // A hotfix always arrives.
        (vec!["1.0.0.0", "1.0.0.1"], "1.0.0.0", "1.0", false, "1.0.0.1"),
        (vec!["1.0.0", "1.0.5", "1.1.0"], "1.0.0", "1.0.0", false, "1.0.5"),
        // A minor version only where it is welcome.
        (vec!["1.0.0", "1.1.0"], "1.0.0", "1.0.0", true, "1.1.0"),
        // A major one only on request, and not where it says no.
        (vec!["1.0", "2.0"], "1.0", "1.0", true, "1.0"),
        (vec!["1.0", "2.0"], "1.0", "2.0", false, "2.0"),
        (vec!["1.0", "2.0!"], "1.0", "2.0", true, "1.0"),
        (vec!["2.0!"], "-", "2.0", false, "2.0"),
        (vec!["2.0!", "2.0.1!"], "2.0", "2.0", false, "2.0.1"),
        // Nothing goes back while what is there is offered; once it is gone, the greatest of its line counts.
        (vec!["1.0", "1.1"], "1.1", "1.0", false, "1.1"),
        (vec!["1.0"], "1.1", "1.0", false, "1.0"),
        (vec!["1.0"], "1.1", "1.0", true, "1.0"),
        // Internal ones by their exact number, and a greater public one is better.
        (vec!["1.0", "1.1i"], "1.0", "1.1", false, "1.1"),
        (vec!["1.0", "1.1i", "1.1.1"], "1.0", "1.1", false, "1.1.1"),
        (vec!["1.0", "1.1.1i"], "1.0", "1.1", true, "1.0"),
        // Nothing at all.
        (vec![], "-", "1.0", true, "none"),
        (vec!["2.0"], "-", "1.0", true, "none"),
        (vec!["1.0i"], "1.0", "1.1", false, "1.0"),
    ] {
        let candidates: Vec<_> = offered.iter().map(|text| candidate(text)).collect();
        let found = answer(&candidates, installed, requested, auto);
        assert_eq!(
            found, expected,
            "{offered:?}, {installed} there, {requested} wanted, auto {auto}"
        );
    }
}

#[test]
fn what_is_to_go_is_what_is_there() {
    let candidates = golden();
    let mut wish = Wish {
        requested: version("2.2.0"),
        installed: Some(version("1.1")),
        auto_upgrade: true,
        uninstall: true,
    };
    let found = resolve(&candidates, &wish).map(|candidate| candidate.version.to_string());
    assert_eq!(found.as_deref(), Some("1.1.0"));
    wish.installed = Some(version("1.1.7"));
    assert_eq!(resolve(&candidates, &wish), None);
}

/// A definition of `Contoso.Web` with everything that a new version needs, and `rest`.
fn image(version: &str, rest: &str) -> ExtensionImage {
    bare(
        version,
        &format!(
            "<Label>Web</Label><HostingResources>VmRole</HostingResources><MediaLink>https://host/{version}.zip</MediaLink>\
             <Description>d</Description><IsJsonExtension>true</IsJsonExtension>{rest}"
        ),
    )
}

fn bare(version: &str, rest: &str) -> ExtensionImage {
    let text = format!(
        "<ExtensionImage xmlns=\"http://schemas.microsoft.com/windowsazure\"><ProviderNameSpace>Contoso</ProviderNameSpace>\
         <Type>Web</Type><Version>{version}</Version>{rest}</ExtensionImage>"
    );
    let read = ExtensionImage::parse(Source::new("d.xml", text.as_bytes()));
    read.unwrap_or_else(|refused| panic!("{refused}")).value
}

const INTERNAL: &str = "<IsInternalExtension>true</IsInternalExtension>";
const PUBLIC: &str = "<IsInternalExtension>false</IsInternalExtension>";

fn known(versions: &[ExtensionImage]) -> Known {
    Known {
        versions: versions.to_vec(),
        versions_of_subscription: versions.len() as u64,
        quota: 15,
    }
}

#[test]
fn an_extension_is_registered_once_and_grows_by_updates() {
    let rules = Rules::default();
    let first = image("1.0", INTERNAL);
    let decided = register(&rules, &first, &known(&[]));
    assert_eq!(decided, Ok(Decision::Register(first.clone())));
    let again = register(&rules, &image("1.1", INTERNAL), &known(std::slice::from_ref(&first)));
    assert_eq!(again.map_err(|rejected| rejected.code), Err(ErrorCode::ConflictError));
    let nothing = update(&rules, &first, &known(&[]));
    assert_eq!(
        nothing.map_err(|rejected| rejected.code),
        Err(ErrorCode::ResourceNotFound)
    );
    for (version, class) in [
        ("1.0.0.1", VersionClass::Fix),
        ("1.1", VersionClass::Minor),
        ("2", VersionClass::Major),
    ] {
        let next = image(version, INTERNAL);
        let decided = update(&rules, &next, &known(std::slice::from_ref(&first)));
        assert_eq!(decided, Ok(Decision::AddVersion(next, class)));
    }
    // A fix of an older line is legal.
    let older = update(
        &rules,
        &image("1.0.1", INTERNAL),
        &known(&[first, image("2.0", INTERNAL)]),
    );
    assert!(matches!(older, Ok(Decision::AddVersion(_, VersionClass::Fix))));
}

#[test]
fn a_new_version_is_complete_and_within_the_quota() {
    let rules = Rules::default();
    let lacking = register(&rules, &bare("1.0", INTERNAL), &known(&[])).map_err(|rejected| rejected.to_string());
    let message = lacking.expect_err("it lacks nearly everything");
    for name in ["Label", "HostingResources", "MediaLink", "Description"] {
        assert!(message.contains(name), "{message}");
    }
    let full = Known {
        versions: vec![image("1.0", INTERNAL)],
        versions_of_subscription: 15,
        quota: 15,
    };
    let rejected = update(&rules, &image("1.1", INTERNAL), &full).expect_err("the quota is used up");
    assert_eq!(rejected.code, ErrorCode::BadRequest);
    assert_eq!(rejected.to_string().matches("15").count(), 2, "{rejected}");
    // A change of a version that is there needs no room.
    assert!(update(&rules, &bare("1.0", PUBLIC), &full).is_ok());
}

#[test]
fn what_says_nothing_of_its_visibility_is_public_unless_the_rules_say_otherwise() {
    let mut rules = Rules::default();
    let decided = register(&rules, &image("1.0", ""), &known(&[]));
    assert_eq!(decided.map(|one| one.image().is_internal_extension), Ok(Some(false)));
    rules.absent_visibility = AbsentVisibility::Internal;
    let decided = register(&rules, &image("1.0", ""), &known(&[]));
    assert_eq!(decided.map(|one| one.image().is_internal_extension), Ok(Some(true)));
}

#[test]
fn of_a_version_only_some_things_change_and_what_is_not_sent_stays() {
    let rules = Rules::default();
    let before = image("1.0", &format!("{INTERNAL}<Regions>West US</Regions><Eula>e</Eula>"));
    let update = |sent: &ExtensionImage| update(&rules, sent, &known(std::slice::from_ref(&before)));
    // The number may be written otherwise; the version keeps the text that it was registered with.
    let sent = bare(
        "1.0.0.0",
        "<Label>New</Label><IsJsonExtension>true</IsJsonExtension><MediaLink/>",
    );
    let Ok(Decision::ChangeVersion(after)) = update(&sent) else {
        panic!("{:?}", update(&sent));
    };
    assert_eq!(after.version.as_str(), "1.0");
    assert_eq!(after.label.as_deref(), Some("New"));
    assert_eq!(
        ExtensionImage {
            label: before.label.clone(),
            ..after
        },
        before
    );
    let table: &[(&str, Result<(), ErrorCode>)] = &[
        ("", Ok(())),
        ("<SampleConfig>YQ==</SampleConfig><CompanyName>C</CompanyName>", Ok(())),
        ("<MediaLink>https://host/1.0.zip?sig=new</MediaLink>", Ok(())),
        (
            "<MediaLink>https://host/other.zip</MediaLink>",
            Err(ErrorCode::ConflictError),
        ),
        ("<HostingResources>VmRole</HostingResources>", Ok(())),
        (
            "<HostingResources>WebRole</HostingResources>",
            Err(ErrorCode::BadRequest),
        ),
        ("<IsJsonExtension>false</IsJsonExtension>", Err(ErrorCode::BadRequest)),
        (
            "<DisallowMajorVersionUpgrade>false</DisallowMajorVersionUpgrade>",
            Ok(()),
        ),
        (
            "<DisallowMajorVersionUpgrade>true</DisallowMajorVersionUpgrade>",
            Err(ErrorCode::BadRequest),
        ),
        ("<SupportedOS>Windows</SupportedOS>", Err(ErrorCode::BadRequest)),
        (
            "<PublicConfigurationSchema>YQ==</PublicConfigurationSchema>",
            Err(ErrorCode::BadRequest),
        ),
        ("<Endpoints></Endpoints><LocalResources/><HostingResources/>", Ok(())),
    ];
    for (rest, expected) in table {
        let decided = update(&bare("1.0", rest));
        assert_eq!(
            decided.map(|_| ()).map_err(|rejected| rejected.code),
            *expected,
            "{rest}"
        );
    }
}

/// Promotion from nothing to a slice to everywhere, and what would take regions away (15.9).
#[test]
fn check_15_9_promotion_is_cumulative() {
    let regions = |text: &str| format!("<Regions>{text}</Regions>");
    let states = [
        ("internal", INTERNAL.to_owned()),
        ("internal in a slice", INTERNAL.to_owned() + &regions("West US")),
        ("one", PUBLIC.to_owned() + &regions("West US")),
        ("two", PUBLIC.to_owned() + &regions("West US;East US")),
        ("other", PUBLIC.to_owned() + &regions("East US")),
        ("all", PUBLIC.to_owned() + &regions("")),
    ];
    let allowed = |from: usize, to: usize| match (states[from].0, states[to].0) {
        ("internal" | "internal in a slice", _) | (_, "internal" | "internal in a slice" | "all") => true,
        ("one", to) => to != "other",
        ("other", to) => to != "one",
        ("two", to) => to == "two",
        (_, _) => false,
    };
    for from in 0..states.len() {
        for to in 0..states.len() {
            let before = known(&[image("1.0", &states[from].1)]);
            let sent = bare("1.0", &states[to].1);
            let strict = update(&Rules::default(), &sent, &before);
            assert_eq!(
                strict.is_ok(),
                allowed(from, to),
                "{} to {}",
                states[from].0,
                states[to].0
            );
            let rules = Rules {
                shrinking: Shrinking::Allowed,
                ..Rules::default()
            };
            assert!(update(&rules, &sent, &before).is_ok());
        }
    }
    // The same region in another spelling is not lost.
    let before = known(&[image("1.0", &(PUBLIC.to_owned() + &regions("South Central US")))]);
    let sent = bare("1.0", &regions("southcentralus;West US"));
    assert!(update(&Rules::default(), &sent, &before).is_ok());
}

#[test]
fn check_15_8_and_15_10_only_internal_versions_go_however_their_number_is_written() {
    let rules = Rules::default();
    let known = known(&[image("1.2", INTERNAL), image("1.3.0.0", INTERNAL), image("2.0", PUBLIC)]);
    for (text, expected) in [
        ("1.2", Ok("1.2")),
        ("1.2.0.0", Ok("1.2")),
        ("1.3", Ok("1.3.0.0")),
        ("2.0", Err(ErrorCode::BadRequest)),
        ("1.2.0.1", Err(ErrorCode::ResourceNotFound)),
    ] {
        let removed = remove(&rules, "Contoso.Web", &version(text), &known);
        let removed = removed
            .map(|image| image.version.as_str())
            .map_err(|rejected| rejected.code);
        assert_eq!(removed, expected, "{text}");
    }
}
