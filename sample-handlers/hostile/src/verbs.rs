//! The table of verbs: what each is called, what it tries, and what does it.

use serde_json::{Map, Value};

use crate::handler::{Failure, Handler, Parameters};
use crate::{After, disk, ending, environment, memory, names, output, resources, spin, status};

/// One attack.
pub(crate) struct Verb {
    /// Its name, as the settings give it.
    pub(crate) name: &'static str,
    /// What it tries, with its parameters and their defaults.
    pub(crate) tries: &'static str,
    /// What does it.
    pub(crate) run: fn(&Handler, &Parameters) -> Result<After, Failure>,
}

/// A verb that is there on WASI only.
#[cfg(all(target_os = "wasi", target_env = "p2"))]
macro_rules! wasi {
    ($module:ident :: $function:ident) => {
        crate::$module::$function
    };
}

/// A verb that is there on WASI only: elsewhere it says so.
#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
macro_rules! wasi {
    ($module:ident :: $function:ident) => {
        needs_wasi
    };
}

#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
fn needs_wasi(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    Err(Failure::new(
        "this verb calls WASI itself, which a native program does not have",
    ))
}

macro_rules! verbs {
    ($($name:literal $run:expr, $tries:literal;)*) => {
        /// Every verb, by family.
        pub(crate) const VERBS: &[Verb] = &[$(Verb { name: $name, tries: $tries, run: $run }),*];
    };
}

verbs! {
    "list" list, "prints this table to standard output as JSON";

    "loop" spin::forever, "computes for ever";
    "recursion" spin::recursion, "calls itself for ever";
    "frames" spin::frames, "calls itself for ever with a large frame each time";

    "memory" memory::grow, "grows its memory until it is refused, then succeeds or does what `then` says (`panic`)";
    "memory-fill" memory::fill, "takes memory until it is refused or has `bytes` (4 GiB), and writes to all of it";

    "hostcalls" wasi!(hostcall::clock), "reads the clock `calls` times (for ever)";
    "hostcall-path" wasi!(hostcall::path), "opens a path of `bytes` (64 MiB)";
    "hostcall-list" wasi!(hostcall::list), "polls a list of `bytes` (64 MiB) that names one pollable again and again";
    "hostcall-write" wasi!(hostcall::write), "writes `bytes` (64 MiB) to standard output in one call";
    "random-large" wasi!(hostcall::random_large), "asks for `bytes` (2^63) random bytes in one call";
    "random-forever" wasi!(hostcall::random_forever), "asks for 64 KiB of random bytes for ever";
    "poll-ready" wasi!(hostcall::poll_ready), "waits for ever for moments that have passed";

    "pollables" wasi!(hostcall::pollables), "makes pollables for ever and drops none";
    "open-files" resources::open_files, "opens its own manifest `count` times (100000) and closes nothing";
    "listings" resources::listings, "makes `files` (1,000) with long names and lists them `listings` (400) times at once";
    "sleep" wasi!(hostcall::sleep), "waits for a timer of 2^64 - 1 nanoseconds";
    "sleep-many" wasi!(hostcall::sleep_many), "waits for `count` (200) such timers at once";
    "read" resources::read, "reads the file `name` (pipe) in `folder` (data), which somebody else may have made a pipe or a link";
    "sleep-short" resources::sleep, "sleeps for `milliseconds` (50), then succeeds";

    "stdout" output::stdout, "writes `bytes` (10 GB) to standard output";
    "stderr" output::stderr, "writes `bytes` (10 GB) to standard error";
    "zeroes" wasi!(hostcall::zeroes), "has the host write `bytes` (2^63) zeroes to standard output in one call";
    "forge-log" output::forge_log, "writes lines that look like the host's, and control characters, to both streams";

    "exit" ending::exit, "ends with exit code `code` (7), no status";
    "return-error" ending::return_error, "returns an error from `run`";
    "unreachable" ending::unreachable, "executes `unreachable`";
    "divide" ending::divide, "divides by zero";
    "bounds" ending::bounds, "reads beyond its memory";
    "panic" ending::panic, "panics with control characters in the message";
    "abort" ending::abort, "aborts";

    "environment" environment::variables, "prints all of its environment to standard output as JSON";
    "arguments" environment::arguments, "prints its arguments to standard output as JSON";
    "stdin" environment::stdin, "reads standard input to its end and prints how much there was";

    "escape" wasi!(escape::matrix), "every operation that takes a path, with every path out of its folders that it can think of, `outside` among them";
    "write-readonly" wasi!(readonly::matrix), "every way to change something in a folder that is read-only, in the granted `folder` too, which has a `file`";
    "between" wasi!(files::between), "links and renames files from one of its folders to another";
    "names" names::awkward, "makes files with names that are awkward for whoever lists them";

    "fill" disk::fill, "fills `folder` (data) with files of `bytes` (8 MiB) until one is refused or there are `count`";
    "fill-deep" disk::deep, "makes folders in one another in `folder` (data) until one is refused or there are `depth` (5,000)";
    "fill-rename" disk::rename, "makes files of `bytes` (1 MiB) in its data folder and moves them to its log folder until that is refused";
    "fill-link" disk::link, "gives one file of `bytes` (1 MiB) names in its data folder until that is refused";
    "fill-unlinked" disk::unlinked, "writes to files that it has unlinked, and holds them open, until that is refused";
    "fill-sparse" wasi!(sparse::sparse), "makes files far larger than the disk, of nothing";
    "fill-streams" wasi!(sparse::streams), "writes to files by two streams at once until each is refused";
    "fill-status" disk::full_status, "fills its status folder with files of `bytes` (1 MiB), and writes a status before and after it makes room";
    "heartbeat-rewrite" disk::rewrite, "writes the same heartbeat `count` (10,000) times";
    "churn" disk::churn, "makes and removes a file `count` (5,000) times";
    "rewind" disk::rewind, "writes `count` (20,000) pieces of 4 KiB to one file, from its beginning again at each MiB";

    "wreck" wasi!(wreck::everything), "removes everything in its folders, and tries to remove the folders too";
    "hosts-log" wasi!(wreck::hosts_log), "replaces the host's log in its log folder by what `as` says (link): a `link` to `outside`, a `second-name`, a `folder`, or nothing while it writes on to the one it `held`";

    "status-write" status::write, "writes `text` or `hex` as its status, to the file `name` in its status folder if given";
    "status-none" status::none, "succeeds without a status";
    "status-large" status::large, "writes a valid status with a message of `bytes` (100 MB)";
    "status-deep" status::deep, "writes `depth` (1000000) nested arrays as its status";
    "status-many" status::many, "writes a valid status with `count` (10000) substatus entries and a message of `bytes` (1 MB)";
    "status-late" status::late, "writes half a status and completes it after `milliseconds` (200)";
    "symlink-status" wasi!(files::status_link), "makes its status a symbolic link to `target`";
    "directory-status" status::directory, "makes its status a folder";
    "success-then-loop" status::success_then_loop, "writes a success status, then computes for ever";
    "success-then-panic" status::success_then_panic, "writes a success status, then panics";
    "success-then-exit" status::success_then_exit, "writes a success status, then ends with exit code `code` (3)";
    "heartbeat" status::heartbeat, "writes `text` or `hex` as its heartbeat, then succeeds";
    "directory-heartbeat" status::directory_heartbeat, "makes its heartbeat a folder, then succeeds";
}

/// The verb of that name.
pub(crate) fn find(name: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.name == name)
}

fn list(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    let table: Map<_, _> = VERBS
        .iter()
        .map(|verb| (verb.name.to_owned(), Value::from(verb.tries)))
        .collect();
    println!("{}", Value::from(table));
    Ok(After::Success(format!("{} verbs", VERBS.len())))
}
