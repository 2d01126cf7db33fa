//! The way in by typed commands: the export `hostler:handler/lifecycle`, and the WASI calls made directly.
//!
//! The WIT files lie in this crate's own folder `wit/`, since a crate can be packaged only with files of its own;
//! a test compares `handler.wit` with the one at the root of the repository.

use hostler_contract::Command;

use crate::{Handler, protected::Source, run::run, variables::Variables};

#[expect(missing_docs, reason = "generated from the WIT files")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "hostler:sdk/sdk",
        pub_export_macro: true,
        export_macro_name: "export_lifecycle",
        default_bindings_module: "hostler_sdk::component::bindings",
        generate_all,
    });
}

/// Ends the program with this exit code.
pub(crate) fn exit(exit_code: u8) {
    bindings::wasi::cli::exit::exit_with_code(exit_code);
}

/// What an exported function does.
pub fn call<H: Handler>(command: Command) -> Result<(), bindings::exports::hostler::handler::lifecycle::Failure> {
    run::<H>(command, Variables::of_process(), Source::Host).map_err(|failure| {
        bindings::exports::hostler::handler::lifecycle::Failure {
            exit_code: failure.exit_code(),
            message: failure.message().to_owned(),
        }
    })
}
