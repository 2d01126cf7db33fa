//! The kernels come to the same in a component as natively, and the component is fit for hostler.

use hostler_contract::manifest::Precision;
use hostler_contract::{Command, Source};
use hostler_host::limits::Limits;
use hostler_host::sandbox::{Entry, Invocation, Sandbox};
use hostler_tests::kernels;

#[test]
fn components_compute_what_native_programs_do() {
    let bytes = std::fs::read(kernels()).unwrap();
    let sandbox = Sandbox::in_process().unwrap();
    let code = sandbox.code(Source::new("bench-kernels.wasm", &bytes), None).unwrap();
    for name in bench_kernels::names() {
        let invocation = Invocation {
            handler: "Hostler.Benchmark-1.0.0".to_owned(),
            entry: Entry::Run(vec!["bench-kernels".to_owned(), name.to_owned()]),
            is_service: false,
            environment: vec![],
            preopens: vec![],
            may_link: true,
            limits: Limits::of_command(Command::Enable),
            clock: Precision::Full,
            clock_shift: 0,
            random: Precision::Full,
        };
        let outcome = sandbox.run(&code, &invocation, vec![]);
        let said = String::from_utf8_lossy(&outcome.stdout.bytes).into_owned();
        assert!(outcome.end.is_success(), "{name}: {:?}", outcome.end);
        let natively = bench_kernels::run(name).unwrap();
        let checksum = said.split_whitespace().nth(1);
        assert_eq!(checksum, Some(&*format!("{:016x}", natively.checksum)), "{name}");
    }
}
