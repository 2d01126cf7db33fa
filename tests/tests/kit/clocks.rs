//! What nobody can do to a native program: a handler in C whose clock is in its way, and the kit names that and no other rule.

use std::fs;
use std::path::Path;
use std::process::Command;

use hostler_tests::not_run;

use crate::stage::{Stage, rules};

/// The sample handler in C, with what stands between it and the clock, compiled into the folder of a package; `None` where
/// there is no compiler for it, which is said.
fn handler(stage: &Stage, breach: &str) -> Option<std::path::PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sample = tests.join("../sample-handlers/hello-c");
    let header = [
        "/usr/include/wasm32-wasi/stdio.h",
        "/usr/share/wasi-sysroot/include/stdio.h",
    ];
    if !header.iter().any(|path| Path::new(path).exists()) {
        not_run("wasi-libc");
        return None;
    }
    let folder = stage.path("c");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(
        sample.join("package/HandlerManifest.json"),
        folder.join("HandlerManifest.json"),
    )
    .unwrap();
    let mut clang = Command::new("clang-14");
    clang.args([
        "--target=wasm32-wasi",
        "-std=gnu11",
        "-Os",
        "-s",
        "-Dtime=breaching_time",
    ]);
    clang.arg(format!("-D{breach}"));
    clang.arg("-o").arg(folder.join("handler.wasm"));
    clang.args(["handler.c", "json.c", "heap.c"].map(|name| sample.join(name)));
    clang.arg(tests.join("tests/kit/clock.c"));
    let Ok(output) = clang.output() else {
        not_run("clang-14");
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() && ["wasm-ld", "clang_rt"].iter().any(|name| errors.contains(name)) {
        not_run("lld-14 or libclang-rt-14-dev-wasm32");
        return None;
    }
    assert!(output.status.success(), "{errors}");
    Some(folder)
}

#[test]
fn each_breach_of_a_clock_is_named_and_no_other() {
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-handlers/hello-c/example.settings");
    for (breach, rule, seen) in [
        ("BREACH_1970", "clock.1970", "the clock was never set"),
        ("BREACH_BACK", "clock.back", "the clock went back"),
    ] {
        let stage = Stage::new();
        let Some(folder) = handler(&stage, breach) else {
            return;
        };
        let ran = stage.test(&folder, &["--json", "--settings", settings.to_str().unwrap()]);
        let result = ran.json();
        assert_eq!(rules(&result, "broken"), [rule], "{result:#}");
        assert_eq!(rules(&result, "not-tried"), Vec::<String>::new(), "{breach}");
        assert_eq!(ran.status.code(), Some(1), "{breach}");
        let ruling = result["rules"]
            .as_array()
            .unwrap()
            .iter()
            .find(|ruling| ruling["rule"] == rule);
        let ruling = ruling.unwrap();
        assert!(ruling["seen"].as_str().unwrap().contains(seen), "{ruling}");
    }
}
