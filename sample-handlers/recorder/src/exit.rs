//! Ending with any exit code, which the standard library cannot do on WASI 0.2.

/// What wit-bindgen makes of the one function that is needed.
mod bindings {
    wit_bindgen::generate!({
        inline: "
            package hostler-samples:recorder@1.0.0;

            world imports {
                import wasi:cli/exit@0.2.12;
            }

            package wasi:cli@0.2.12 {
                interface exit {
                    exit: func(status: result);
                    exit-with-code: func(status-code: u8);
                }
            }
        ",
        world: "hostler-samples:recorder/imports",
        generate_all,
    });
}

/// Ends the program with `code`, at once.
pub(crate) fn exit_with_code(code: u8) {
    bindings::wasi::cli::exit::exit_with_code(code);
}
