//! What a package asks for, command by command: what it asks for every command, with what it asks for one on top.

use std::collections::BTreeMap;

use hostler_contract::manifest::{Capabilities, DirectoryRequest, Precision, SandboxRequest};
use hostler_contract::{Command, Place};

/// Something that is asked for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked<T> {
    pub(super) what: T,
    /// The path in the manifest, behind `$[0].sandbox.`.
    at: String,
}

impl<T> Asked<T> {
    /// Where, for a finding.
    pub(super) fn place(&self) -> Place {
        Place::Json(format!("$[0].sandbox.{}", self.at))
    }
}

/// All that is asked for one command.
#[derive(Debug, Default)]
pub(super) struct AskedOfCommand {
    /// By their paths.
    pub(super) directories: Vec<Asked<DirectoryRequest>>,
    /// By their names.
    pub(super) environment: Vec<Asked<String>>,
    pub(super) clock: Option<Asked<Precision>>,
    pub(super) random: Option<Asked<Precision>>,
    /// To run on after it; only of `enable`, which is what starts it.
    pub(super) service: Option<Asked<()>>,
}

/// What `request` asks for `command`.
pub(super) fn asked_of(request: &SandboxRequest, command: Command) -> AskedOfCommand {
    let own = request
        .commands
        .get(&command)
        .map(|asked| (format!("commands.{}.capabilities", command.name()), &asked.capabilities));
    let all = ("capabilities".to_owned(), &request.all.capabilities);
    let mut directories: BTreeMap<_, Asked<DirectoryRequest>> = BTreeMap::new();
    let mut environment: BTreeMap<_, Asked<String>> = BTreeMap::new();
    let (mut clock, mut random) = (None, None);
    for (at, asked) in std::iter::once(all).chain(own) {
        let Capabilities {
            directories: folders,
            environment: names,
            ..
        } = asked;
        for (index, one) in folders.iter().enumerate() {
            let at = format!("{at}.directories[{index}]");
            let what = match directories.get(&one.path) {
                Some(before) => both(&before.what, one),
                None => one.clone(),
            };
            directories.insert(one.path.clone(), Asked { what, at });
        }
        for (index, name) in names.iter().enumerate() {
            let at = format!("{at}.environment[{index}]");
            let what = name.clone();
            environment.entry(name.clone()).or_insert(Asked { what, at });
        }
        finer(&mut clock, asked.clock, || format!("{at}.clock"));
        finer(&mut random, asked.random, || format!("{at}.random"));
    }
    AskedOfCommand {
        directories: directories.into_values().collect(),
        environment: environment.into_values().collect(),
        clock,
        random,
        service: service(request).filter(|_| command == Command::Enable),
    }
}

/// Where `request` asks to run on after `enable`.
fn service(request: &SandboxRequest) -> Option<Asked<()>> {
    let at = match (request.all.capabilities.service, &request.service_command) {
        (true, _) => "capabilities.service",
        (false, Some(_)) => "serviceCommand",
        (false, None) => return None,
    };
    Some(Asked {
        what: (),
        at: at.to_owned(),
    })
}

/// One folder that is asked for twice: once for every command, and once more for this one.
fn both(first: &DirectoryRequest, second: &DirectoryRequest) -> DirectoryRequest {
    DirectoryRequest {
        path: first.path.clone(),
        access: first.access.max(second.access),
        bytes: first.bytes.max(second.bytes),
        files: first.files.max(second.files),
    }
}

fn finer(have: &mut Option<Asked<Precision>>, asked: Option<Precision>, at: impl FnOnce() -> String) {
    if let Some(what) = asked
        && have.as_ref().is_none_or(|have| have.what < what)
    {
        *have = Some(Asked { what, at: at() });
    }
}
