//! A handler in C, built by Debian's clang and wasi-libc for WASI preview 1: packed, adapted, and run unchanged, with
//! its exit code intact.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hostler_tests::not_run;
use serde_json::json;

use crate::made::COMPONENT;
use crate::workbench::{Said, Workbench};

/// Compiles the handler to `module`; the reason why not, where the tools are missing.
fn compile(module: &Path) -> Result<(), &'static str> {
    let header = [
        "/usr/include/wasm32-wasi/stdio.h",
        "/usr/share/wasi-sysroot/include/stdio.h",
    ];
    if !header.iter().any(|path| Path::new(path).exists()) {
        return Err("wasi-libc");
    }
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/c");
    let mut clang = Command::new("clang-14");
    clang
        .args(["--target=wasm32-wasi", "-Os", "-s", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(module);
    // The heap is the one of the sample handler in C.
    let heap = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-handlers/hello-c/heap.c");
    clang.args([sources.join("handler.c"), heap]);
    let Ok(output) = clang.output() else {
        return Err("clang-14");
    };
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let linker = ["wasm-ld", "clang_rt"];
    if !output.status.success()
        && linker.iter().any(|name| errors.contains(name))
        && !errors.contains("undefined symbol")
    {
        return Err("lld-14 or libclang-rt-14-dev-wasm32");
    }
    assert!(output.status.success(), "{errors}");
    Ok(())
}

/// The packed handler, or nothing where it cannot be built.
fn packed(bench: &Workbench) -> Option<PathBuf> {
    let folder = bench.folder("c-handler", &crate::made::manifest());
    if let Err(missing) = compile(&folder.join(COMPONENT)) {
        not_run(missing);
        return None;
    }
    let out = bench.path("out");
    let arguments = [
        "pack".as_ref(),
        folder.as_os_str(),
        "1.0".as_ref(),
        "--out".as_ref(),
        out.as_os_str(),
    ];
    let named: [&OsStr; 3] = ["--json".as_ref(), "--name".as_ref(), "Hostler.Tests.C".as_ref()];
    let said = bench.hostler(&[&arguments[..], &named].concat());
    assert_eq!(said.exit, 0, "{}", said.all());
    assert_eq!(said.json()["adapted"], json!([COMPONENT]));
    Some(out.join("Hostler.Tests.C-1.0.zip"))
}

fn run(bench: &Workbench, package: &Path, number: u32, exit_code: u8) -> Said {
    let public = json!({ "exitCode": exit_code });
    let settings = json!({ "runtimeSettings": [{ "handlerSettings": { "publicSettings": public } }] });
    let settings = bench.write(&format!("{number}.settings"), settings.to_string());
    bench.run(package, &["--json", "--settings", settings.to_str().unwrap()])
}

#[test]
fn exit_code_and_status_arrive() {
    let bench = Workbench::new();
    let Some(package) = packed(&bench) else { return };
    let said = run(&bench, &package, 0, 51);
    assert_eq!(said.exit, 1, "{}", said.all());
    let handler = said.handler();
    let commands = handler["hostler"]["commands"].as_array().unwrap();
    let ends: Vec<_> = commands
        .iter()
        .map(|command| (&command["command"], &command["exitCode"]))
        .collect();
    assert_eq!(ends, [(&json!("install"), &json!(0)), (&json!("enable"), &json!(51))]);
    assert_eq!(
        (&handler["status"], &handler["code"]),
        (&json!("NotReady"), &json!(1009))
    );
    assert_eq!(commands[1]["stdout"]["text"], "enable with sequence number 0\n");
    // The handler said success and ended with 51: reported is a failure, with the handler's words after the host's.
    let (status, written) = (
        said.status(),
        bench.handler("Hostler.Tests.C-1.0").join("status/0.status"),
    );
    assert_eq!(status["status"], "error");
    let message = status["formattedMessage"]["message"].as_str().unwrap();
    assert!(message.contains("Non-zero exit code: 51"), "{message}");
    assert!(message.contains("C was here with exit code 51"), "{message}");
    assert!(fs::read_to_string(written).unwrap().contains("\"status\": \"success\""));

    let said = run(&bench, &package, 1, 0);
    let handler = said.handler();
    assert_eq!(
        (said.exit, &handler["status"], &handler["code"]),
        (0, &json!("Ready"), &json!(0)),
        "{}",
        said.all()
    );
    assert_eq!(
        said.status()["formattedMessage"]["message"],
        "C was here with exit code 0"
    );
    assert_eq!(handler["runtimeSettingsStatus"]["sequenceNumber"], 1);
}

/// GST-14: every exit code arrives as it is.
#[test]
fn other_exit_codes() {
    let bench = Workbench::new();
    let Some(package) = packed(&bench) else { return };
    for code in [1, 2, 126, 127, 128, 254, 255] {
        let said = run(&bench, &package, 0, code);
        let commands = said.handler()["hostler"]["commands"].clone();
        assert_eq!(commands.as_array().unwrap().last().unwrap()["exitCode"], code);
    }
}
