//! A component that imports sockets is packed without them, which is said, and is told that it may not use any.

use std::fs;

use serde_json::json;

use crate::made::{COMPONENT, manifest};
use crate::workbench::Workbench;

/// Asks for the network, an address of a name and a socket; it succeeds where both are denied, and traps where not.
const ASKS: &str = r#"(component
  (import "wasi:sockets/network@0.2.0" (instance $network
    (export "network" (type (sub resource)))
    (type $codes (enum "unknown" "access-denied" "not-supported"))
    (export "error-code" (type (eq $codes)))))
  (alias export $network "network" (type $network-type))
  (alias export $network "error-code" (type $error))
  (import "wasi:sockets/instance-network@0.2.0" (instance $default
    (alias outer 1 $network-type (type $outer))
    (export "network" (type $own (eq $outer)))
    (export "instance-network" (func (result (own $own))))))
  (import "wasi:sockets/ip-name-lookup@0.2.0" (instance $lookup
    (alias outer 1 $network-type (type $outer))
    (export "network" (type $network (eq $outer)))
    (alias outer 1 $error (type $outer-error))
    (export "error-code" (type $error (eq $outer-error)))
    (export "resolve-address-stream" (type $stream (sub resource)))
    (export "resolve-addresses" (func (param "network" (borrow $network)) (param "name" string)
      (result (result (own $stream) (error $error)))))))
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp
    (alias outer 1 $error (type $outer-error))
    (export "error-code" (type $error (eq $outer-error)))
    (export "tcp-socket" (type $socket (sub resource)))
    (export "[method]tcp-socket.hop-limit" (func (param "self" (borrow $socket)) (result (result u8 (error $error)))))
    (export "create-tcp-socket" (func (result (result (own $socket) (error $error)))))))
  (core module $room (memory (export "memory") 1) (data (i32.const 0) "localhost"))
  (core instance $room (instantiate $room))
  (alias core export $room "memory" (core memory $memory))
  (core func $default (canon lower (func $default "instance-network")))
  (core func $resolve (canon lower (func $lookup "resolve-addresses") (memory $memory)))
  (core func $create (canon lower (func $tcp "create-tcp-socket") (memory $memory)))
  (core func $hops (canon lower (func $tcp "[method]tcp-socket.hop-limit") (memory $memory)))
  (core module $main
    (import "" "memory" (memory 1))
    (import "" "default" (func $default (result i32)))
    (import "" "resolve" (func $resolve (param i32 i32 i32 i32)))
    (import "" "create" (func $create (param i32)))
    (import "" "hops" (func $hops (param i32 i32)))
    (func $denied (param $answer i32)
      (if (i32.ne (i32.load8_u (local.get $answer)) (i32.const 1)) (then unreachable))
      (if (i32.ne (i32.load8_u offset=4 (local.get $answer)) (i32.const 1)) (then unreachable)))
    (func (export "run") (result i32)
      (call $resolve (call $default) (i32.const 0) (i32.const 9) (i32.const 16))
      (call $denied (i32.const 16))
      (call $create (i32.const 32))
      (call $denied (i32.const 32))
      (i32.const 0)))
  (core instance $main (instantiate $main (with "" (instance
    (export "memory" (memory $memory))
    (export "default" (func $default))
    (export "resolve" (func $resolve))
    (export "create" (func $create))
    (export "hops" (func $hops))))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))"#;

#[test]
fn sockets_are_taken_out_with_a_word_and_denied() {
    let bench = Workbench::new();
    let folder = bench.folder("asks", &manifest());
    let component = wat::parse_str(ASKS).unwrap();
    fs::write(folder.join(COMPONENT), component).unwrap();
    let out = bench.path("out");
    let pack = || {
        let named = [
            "1.0",
            "--name",
            "Hostler.Tests.Asks",
            "--json",
            "--out",
            out.to_str().unwrap(),
        ];
        bench.hostler(&[&["pack", folder.to_str().unwrap()], &named[..]].concat())
    };
    let said = pack();
    assert_eq!(said.exit, 0, "{}", said.all());
    let finding = said.json()["findings"][0].clone();
    assert_eq!(
        (&finding["code"], &finding["severity"]),
        (&json!("pack.network"), &json!("warning"))
    );
    let what = finding["what"].as_str().unwrap();
    assert!(
        what.contains("wasi:sockets/instance-network@0.2.0, wasi:sockets/ip-name-lookup@0.2.0"),
        "{what}"
    );
    // The same every time.
    assert_eq!(said.json()["digest"], pack().json()["digest"]);

    let ran = bench.run(&out.join("Hostler.Tests.Asks-1.0.zip"), &["--json"]);
    let commands = ran.handler()["hostler"]["commands"].clone();
    let ends: Vec<_> = commands
        .as_array()
        .unwrap()
        .iter()
        .map(|command| &command["exitCode"])
        .collect();
    assert_eq!(ends, [&json!(0), &json!(0)], "{}", ran.all());
}
