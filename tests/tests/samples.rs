//! The sample packages as they are shipped: how their components can be entered, and that nothing in them says on which
//! machine they were built.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use hostler_tests::{package, run_hostler};

const SAMPLES: [&str; 4] = [
    "Hostler.Samples.Hello",
    "Hostler.Samples.FileConfig",
    "Hostler.Samples.FileWatch",
    "Hostler.Samples.Hostile",
];

/// Design D2: what `export!` makes can be entered both ways, and the two ways are the ones that `inspect` names.
#[test]
fn components_of_the_sdk_have_both_ways_in() {
    let home = tempfile::tempdir().expect("a folder");
    for (name, lifecycle) in SAMPLES.map(|name| (name, name != "Hostler.Samples.Hostile")) {
        let path = package(name);
        let ran = run_hostler(
            &["inspect".as_ref(), path.as_os_str(), "--json".as_ref()],
            home.path(),
            Duration::from_secs(300),
        );
        let inspection = ran.json();
        let entries: Vec<_> = inspection["components"][0]["entries"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.as_str())
            .collect();
        let has = |start: &str| entries.iter().any(|entry| entry.starts_with(start));
        assert!(has("wasi:cli/run@0.2."), "{name}: {entries:?}");
        assert_eq!(has("hostler:handler/lifecycle@0.1."), lifecycle, "{name}: {entries:?}");
    }
}

#[test]
fn nothing_in_a_package_names_the_machine_that_built_it() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the project's folder");
    let home = || Some(Path::new(&std::env::var_os("HOME")?).join(".cargo").into_os_string());
    let cargo = std::env::var_os("CARGO_HOME").or_else(home).expect("a home folder");
    let cargo = cargo.to_str().expect("a path in UTF-8");
    for name in SAMPLES {
        let path = package(name);
        let mut archive = zip::ZipArchive::new(File::open(&path).expect("a package")).expect("a zip");
        for index in 0..archive.len() {
            let mut bytes = Vec::new();
            archive
                .by_index(index)
                .expect("an entry")
                .read_to_end(&mut bytes)
                .expect("its content");
            for place in [project.to_str().expect("a path in UTF-8"), cargo] {
                let found = bytes.windows(place.len()).any(|window| window == place.as_bytes());
                assert!(!found, "entry {index} of {name} holds {place}");
            }
        }
    }
}
