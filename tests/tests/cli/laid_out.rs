//! What a handler finds: HandlerEnvironment.json and settings files byte for byte, and the modes of everything
//! (contract 2, 3 and 4.1).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use hostler_tests::ZipEntry;

use crate::made::{COMPONENT, IDENTITY, with};
use crate::workbench::Workbench;

/// Runs a package with a few files in it, and settings of that text in a file of that name.
fn laid_out(name: &str, settings: &str) -> Workbench {
    let bench = Workbench::new();
    let package = bench.package(&with([
        ZipEntry::stored("lib/data.txt", b"data").mode(0o10_4777),
        ZipEntry::folder("lib/empty/").mode(0o04_0777),
    ]));
    let settings = bench.write(name, settings);
    let said = bench.run(&package, &["--json", "--settings", settings.to_str().unwrap()]);
    assert!(said.exit <= 1, "{}", said.all());
    bench
}

/// Contract 3, with `dataFolder` as the one key of ours.
#[test]
fn the_environment_file() {
    let bench = laid_out("0.settings", "");
    let text = fs::read_to_string(bench.handler(IDENTITY).join("HandlerEnvironment.json")).unwrap();
    let root = fs::canonicalize(bench.path("root")).unwrap();
    let (name, root) = ("Hostler.Tests.Made", root.display());
    let (base, logs) = (format!("{root}/handlers/{IDENTITY}"), format!("{root}/logs/{name}"));
    let expected = format!(
        "[{{\"name\": \"{name}\", \"version\": 1.0, \"handlerEnvironment\": {{\"logFolder\": \"{logs}\", \
         \"configFolder\": \"{base}/config\", \"statusFolder\": \"{base}/status\", \
         \"heartbeatFile\": \"{base}/heartbeat/heartbeat.log\", \"eventsFolder\": \"{logs}/events\", \
         \"eventsFolder_preview\": \"{logs}/events\", \"dataFolder\": \"{root}/data/{name}\"}}}}]"
    );
    assert_eq!(text, expected);
}

/// Contract 4.1: written again, not copied.
#[test]
fn settings_files() {
    let table = [
        ("0.settings", "", "0.settings", ""),
        (
            "3.settings",
            "{\"runtimeSettings\":[{\"handlerSettings\":{\"unknown\":1,\"publicSettings\":{\"z\":1.0,\"a\":\"é\\u0001\"}}}]}",
            "3.settings",
            "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": {\"z\": 1.0, \"a\": \"\\u00e9\\u0001\"}, \
             \"protectedSettings\": null, \"protectedSettingsCertThumbprint\": null}}]}",
        ),
        (
            "My_Ext-1.12.settings",
            "{\"runtimeSettings\": [{\"handlerSettings\": {\"protectedSettings\": \"\", \
             \"protectedSettingsCertThumbprint\": \"B3364F39E3086E9AD0C67767348D7392D35BC176\"}}]}",
            "My_Ext-1.12.settings",
            "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": null, \"protectedSettings\": \"\", \
             \"protectedSettingsCertThumbprint\": \"B3364F39E3086E9AD0C67767348D7392D35BC176\"}}]}",
        ),
        (
            "public.json",
            "{\"name\": \"Ada\"}",
            "0.settings",
            "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": {\"name\": \"Ada\"}, \
             \"protectedSettings\": null, \"protectedSettingsCertThumbprint\": null}}]}",
        ),
    ];
    for (given, text, written, expected) in table {
        let bench = laid_out(given, text);
        let config = bench.handler(IDENTITY).join("config");
        assert_eq!(fs::read_to_string(config.join(written)).unwrap(), expected, "{given}");
        assert_eq!(fs::read_dir(config).unwrap().count(), 1, "{given}");
    }
}

/// PKG-10 for what comes from the package, whatever it says itself; contract 2 for what the host makes.
#[test]
fn modes() {
    let bench = laid_out("0.settings", "{}");
    let base = bench.handler(IDENTITY);
    let root = bench.path("root");
    let name = "Hostler.Tests.Made";
    let table = [
        (base.clone(), 0o750),
        (base.join("HandlerManifest.json"), 0o640),
        (base.join(COMPONENT), 0o640),
        (base.join("lib"), 0o750),
        (base.join("lib/data.txt"), 0o640),
        (base.join("lib/empty"), 0o750),
        (base.join("HandlerEnvironment.json"), 0o644),
        (base.join("config"), 0o700),
        (base.join("config/0.settings"), 0o644),
        (base.join("status"), 0o700),
        (base.join("heartbeat"), 0o700),
        (root.clone(), 0o700),
        (root.join("staging"), 0o700),
        (root.join("logs").join(name), 0o755),
        (root.join("logs").join(name).join("events"), 0o700),
        (root.join("data").join(name), 0o700),
    ];
    for (path, mode) in table {
        let found = fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(found, mode, "{} has mode {found:o}, not {mode:o}", path.display());
    }
}
