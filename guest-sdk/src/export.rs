//! The one line that makes a program and a component of a handler.

/// Makes `main`, and on WASI 0.2 the export `hostler:handler/lifecycle`, of a type with the trait
/// [`Handler`](crate::Handler).
///
/// Stands once, at the top level of `src/main.rs`. Built for `wasm32-wasip2` the result is a component that can be
/// called either way; for `wasm32-wasip1` and natively, a program whose first argument is the command.
#[macro_export]
macro_rules! export {
    ($handler:ty) => {
        $crate::__export_component!($handler);

        fn main() -> ::std::process::ExitCode {
            $crate::program::main::<$handler>()
        }
    };
}

/// The component half of [`export!`]: nothing where there are no components.
#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_component {
    ($handler:ty) => {};
}

/// The component half of [`export!`].
#[cfg(all(target_os = "wasi", target_env = "p2"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_component {
    ($handler:ty) => {
        const _: () = {
            use bindings::exports::hostler::handler::lifecycle::{Failure, Guest};
            use $crate::component::bindings;

            struct Exported;

            impl Guest for Exported {
                fn install() -> Result<(), Failure> {
                    $crate::component::call::<$handler>($crate::Command::Install)
                }
                fn enable() -> Result<(), Failure> {
                    $crate::component::call::<$handler>($crate::Command::Enable)
                }
                fn update() -> Result<(), Failure> {
                    $crate::component::call::<$handler>($crate::Command::Update)
                }
                fn disable() -> Result<(), Failure> {
                    $crate::component::call::<$handler>($crate::Command::Disable)
                }
                fn uninstall() -> Result<(), Failure> {
                    $crate::component::call::<$handler>($crate::Command::Uninstall)
                }
            }

    $crate::component::bindings::export_lifecycle!(Exported with_types_in $crate::component::bindings);
        };
    };
}
