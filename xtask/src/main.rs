//! What people and CI run on this project: `cargo xtask demo`, `test`, `check`, `crash`, `bench`, `soak`,
//! `native-agent`, `docs`, `fuzz`.
//!
//! It builds with the standard library and three small crates, so that it starts at once, and leaves everything that
//! knows handlers to the binary `hostler`, which it builds and calls.

mod bench;
mod book;
mod check;
mod crash;
mod demo;
mod docs;
mod fuzz;
mod guest;
mod host;
mod languages;
mod links;
mod markdown;
mod native_agent;
mod openssl;
mod packages;
mod soak;
mod step;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Builds, shows, tests and checks hostler
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Show the sample handlers at work: attacks stopped, and one handler's whole life
    Demo,
    /// Build everything and run every test; the last line is the sum
    Test(test::Options),
    /// Check format, lints, documentation, links, and the licences and sources of dependencies
    Check,
    /// Stop hostler at its system calls, let them fail, damage its files, and see it go on
    Crash(crash::Options),
    /// Compare hostler with native programs and Python, side by side; see docs/benchmarks.md
    Bench(bench::Options),
    /// Run an agent as hard as a day does, and see that nothing is lost and nothing grows; see docs/benchmarks.md
    Soak(soak::Options),
    /// Run a launcher package under the distribution's own native agent, which is fetched; see docs/native-agent.md
    NativeAgent,
    /// Write the generated tables in docs/ anew
    Docs,
    /// Give every fuzz target a minute, by cargo-fuzz and a nightly compiler, if they are there
    Fuzz(fuzz::Options),
    /// Make a book of docs/ with mdBook, installed into the target folder if it is missing
    Book,
    /// Make, build, test and run a handler in every language, with the times that it takes
    Languages(languages::Options),
    /// Build the sample handlers for WebAssembly and pack them into target/packages
    Packages,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find()?;
    if matches!(
        task,
        Task::Demo | Task::Test(_) | Task::Crash(_) | Task::Bench(_) | Task::Soak(_) | Task::Packages
    ) {
        // Before the build that takes minutes: what is missing is said at once.
        guest::ensure_target()?;
    }
    match task {
        Task::Demo => demo::run(&workspace),
        Task::Test(options) => test::run(&workspace, &options),
        Task::Check => check::run(&workspace),
        Task::Fuzz(options) => fuzz::run(&workspace, &options),
        Task::Crash(options) => crash::run(&workspace, &options),
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::Soak(options) => soak::run(&workspace, &options),
        Task::NativeAgent => native_agent::run(&workspace),
        Task::Book => book::run(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Languages(options) => languages::run(&workspace, &options),
        Task::Docs => docs::run(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Packages => {
            let hostler = host::build(&workspace)?;
            let packages = packages::build(&workspace, &hostler)?;
            for package in &packages.files {
                println!("{}", package.display());
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}
