//! The interfaces that a component can import: those of the contract's folders, output and clocks, and nothing more.

use wasmtime::Engine;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random};
use wasmtime_wasi_io::bindings::wasi::io;

use super::disk;
use super::listing;
use super::monotonic::Monotonic;
use super::preopens;
use super::protected;
use super::random::Random;
use super::store::State;

/// A linker with the interfaces of [`GRANTED`](super::prescan::GRANTED), and no other.
pub(super) fn new_linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    let l = &mut linker;
    cli::environment::add_to_linker::<_, WasiCli>(l, State::cli)?;
    cli::exit::add_to_linker::<_, WasiCli>(l, State::cli)?;
    cli::stdin::add_to_linker::<_, WasiCli>(l, State::cli)?;
    cli::stdout::add_to_linker::<_, WasiCli>(l, State::cli)?;
    cli::stderr::add_to_linker::<_, WasiCli>(l, State::cli)?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(l, State::cli)?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(l, State::cli)?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(l, State::cli)?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(l, State::cli)?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(l, State::cli)?;
    clocks::wall_clock::add_to_linker::<_, WasiClocks>(l, State::clocks)?;
    clocks::monotonic_clock::add_to_linker::<_, HasMonotonic>(l, State::monotonic)?;
    filesystem::types::add_to_linker::<_, WasiFilesystem>(l, State::filesystem)?;
    filesystem::preopens::add_to_linker::<_, WasiFilesystem>(l, State::filesystem)?;
    io::error::add_to_linker::<_, HasTable>(l, State::table)?;
    io::poll::add_to_linker::<_, HasTable>(l, State::table)?;
    io::streams::add_to_linker::<_, HasTable>(l, State::table)?;
    random::random::add_to_linker::<_, HasRandom>(l, State::random)?;
    random::insecure::add_to_linker::<_, HasRandom>(l, State::random)?;
    random::insecure_seed::add_to_linker::<_, HasRandom>(l, State::random)?;
    preopens::add_to_linker(l)?;
    listing::add_to_linker(l)?;
    disk::add_to_linker(l)?;
    protected::add_to_linker(l)?;
    Ok(linker)
}

struct HasTable;

impl HasData for HasTable {
    type Data<'a> = &'a mut ResourceTable;
}

struct HasMonotonic;

impl HasData for HasMonotonic {
    type Data<'a> = Monotonic<'a>;
}

struct HasRandom;

impl HasData for HasRandom {
    type Data<'a> = Random<'a>;
}
