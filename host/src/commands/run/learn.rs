//! `hostler run --learn`: what of all that a package asks for its commands really need.
//!
//! It is not watched but tried: everything is granted, and then one thing after another is taken away. What changes nothing
//! in how the commands end and what the status says was not needed. So the answer is by its making enough, for these commands
//! with these settings.

use hostler_contract::manifest::{Capabilities, DirectoryAccess, DirectoryRequest, Precision, SandboxRequest};
use hostler_contract::{HandlerIdentity, StatusKind, escape};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::commands::failure::Failure;
use crate::grants::{
    AllowedDirectory, DEFAULT_FOLDER_BYTES, DEFAULT_FOLDER_FILES, FolderQuota, Match, OnUpdateFailure, Policy,
    PolicyRule, RequireSignature,
};
use crate::report::HandlerEntry;

/// What was learned, as `--json` prints it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Learned {
    /// The smallest `sandbox` object that was enough.
    pub(super) sandbox: Value,
    /// What was asked for and is not in it, in words.
    pub(super) unused: Vec<String>,
}

impl Learned {
    /// For people, in lines that end with a line feed.
    pub(super) fn text(&self) -> String {
        let mut text = "  learned   enough for these commands with these settings:\n".to_owned();
        let sandbox = serde_json::to_string_pretty(&json!({ "sandbox": self.sandbox })).unwrap_or_default();
        for line in sandbox.lines() {
            text += &format!("            {line}\n");
        }
        for unused in &self.unused {
            text += &format!("            asked for and not needed: {}\n", escape(unused));
        }
        text
    }
}

/// Something that a package asks for, for whichever command.
#[derive(Debug, Clone, PartialEq)]
enum Thing {
    Directory(DirectoryRequest),
    Variable(String),
    Clock,
    Random,
    Service,
}

impl Thing {
    fn describe(&self) -> String {
        match self {
            Self::Directory(directory) => directory.describe(),
            Self::Variable(name) => format!("the variable {name}"),
            Self::Clock => "full clocks".to_owned(),
            Self::Random => "full random numbers".to_owned(),
            Self::Service => "to run on after enable".to_owned(),
        }
    }

    /// What is less than this and still something.
    fn narrower(&self) -> Option<Self> {
        match self {
            Self::Directory(directory) if directory.access == DirectoryAccess::ReadWrite => {
                Some(Self::Directory(DirectoryRequest {
                    path: directory.path.clone(),
                    access: DirectoryAccess::Read,
                    bytes: None,
                    files: None,
                }))
            }
            _ => None,
        }
    }
}

/// What can be seen of a run from outside: how each command ended, and what the status says.
#[derive(Debug, PartialEq)]
struct Course {
    ends: Vec<(String, i32)>,
    status: Option<StatusKind>,
    verdict: (String, i32),
}

impl Course {
    fn of(entry: &HandlerEntry) -> Self {
        let commands = entry.addition.commands.iter();
        let status = entry.extension.as_ref().and_then(|(_, status)| status.as_ref());
        Self {
            ends: commands
                .map(|command| (command.command.name().to_owned(), command.end.exit_code()))
                .collect(),
            status: status.map(|status| status.kind),
            verdict: (entry.verdict.status.clone(), entry.verdict.code),
        }
    }
}

/// Learns what of `request` is needed by `run`, which runs the package's commands under a policy, in a root of their own.
/// Gives what came of the run with everything granted, too.
///
/// # Errors
/// Those of `run`.
pub(super) fn learn(
    request: &SandboxRequest,
    identity: &HandlerIdentity,
    mut run: impl FnMut(Policy) -> Result<HandlerEntry, Failure>,
) -> Result<(HandlerEntry, Learned), Failure> {
    let mut kept = things(request);
    let entry = run(policy(&kept, identity))?;
    let whole = Course::of(&entry);
    let mut unused = Vec::new();
    // A service is not run here, so nothing can be learned of it.
    for thing in kept.clone().into_iter().filter(|thing| *thing != Thing::Service) {
        let without: Vec<Thing> = kept.iter().filter(|other| **other != thing).cloned().collect();
        if Course::of(&run(policy(&without, identity))?) == whole {
            unused.push(thing.describe());
            kept = without;
            continue;
        }
        let Some(less) = thing.narrower() else { continue };
        let narrower: Vec<Thing> = kept
            .iter()
            .map(|other| if *other == thing { less.clone() } else { other.clone() })
            .collect();
        if Course::of(&run(policy(&narrower, identity))?) == whole {
            unused.push(format!("to write in {}", less.describe().trim_start_matches("read ")));
            kept = narrower;
        }
    }
    let sandbox = sandbox(request, &kept, &entry);
    Ok((entry, Learned { sandbox, unused }))
}

/// Everything that `request` asks for, each once.
fn things(request: &SandboxRequest) -> Vec<Thing> {
    let mut things: Vec<Thing> = Vec::new();
    let mut add = |thing: Thing| {
        let same = things.iter_mut().find(|other| match (&**other, &thing) {
            (Thing::Directory(one), Thing::Directory(other)) => one.path == other.path,
            (one, other) => one == other,
        });
        match (same, thing) {
            (Some(Thing::Directory(one)), Thing::Directory(other)) => {
                one.access = one.access.max(other.access);
                one.bytes = one.bytes.max(other.bytes);
                one.files = one.files.max(other.files);
            }
            (Some(_), _) => {}
            (None, thing) => things.push(thing),
        }
    };
    for asked in std::iter::once(&request.all).chain(request.commands.values()) {
        let Capabilities {
            directories,
            environment,
            clock,
            random,
            service: _,
        } = &asked.capabilities;
        directories.iter().cloned().map(Thing::Directory).for_each(&mut add);
        environment.iter().cloned().map(Thing::Variable).for_each(&mut add);
        clock
            .iter()
            .filter(|clock| **clock == Precision::Full)
            .for_each(|_| add(Thing::Clock));
        random
            .iter()
            .filter(|random| **random == Precision::Full)
            .for_each(|_| add(Thing::Random));
    }
    if request.asks_for_service() {
        add(Thing::Service);
    }
    things
}

/// A policy that allows `kept` to `identity`, and nothing else.
fn policy(kept: &[Thing], identity: &HandlerIdentity) -> Policy {
    let has = |thing: &Thing| kept.contains(thing);
    let precision = |full| if full { Precision::Full } else { Precision::Coarse };
    let directories = kept.iter().filter_map(|thing| match thing {
        Thing::Directory(directory) => Some(AllowedDirectory {
            path: directory.path.clone(),
            access: directory.access,
            quota: FolderQuota {
                bytes: directory.bytes.unwrap_or(DEFAULT_FOLDER_BYTES),
                files: directory.files.unwrap_or(DEFAULT_FOLDER_FILES),
            },
        }),
        _ => None,
    });
    let variables = kept.iter().filter_map(|thing| match thing {
        Thing::Variable(name) => Some(name.clone()),
        _ => None,
    });
    let rule = PolicyRule {
        name: "learning".to_owned(),
        matches: Match {
            publisher: Some(identity.name.publisher().to_owned()),
            type_name: Some(identity.name.type_name().to_owned()),
            ..Match::default()
        },
        refuse: false,
        directories: directories.collect(),
        environment: variables.collect(),
        clock: precision(has(&Thing::Clock)),
        random: precision(has(&Thing::Random)),
        service: has(&Thing::Service),
        limits: vec![],
        on_update_failure: OnUpdateFailure::default(),
        // What a signature allows is not what a handler needs.
        require_signature: RequireSignature::Never,
        unsigned_digests: vec![],
        accept_bad_signature: false,
    };
    Policy::new("--learn", vec![rule])
}

/// `sandbox` with `kept` in it, each where `request` has it, with the most that a command of `entry` added to a folder.
fn sandbox(request: &SandboxRequest, kept: &[Thing], entry: &HandlerEntry) -> Value {
    let mut sandbox = Map::new();
    if let Some(component) = &request.component {
        sandbox.insert("component".to_owned(), json!(component));
    }
    let serves = kept.contains(&Thing::Service);
    if let Some(line) = request.service_command.as_ref().filter(|_| serves) {
        let words: Vec<&str> = std::iter::once(line.component())
            .chain(line.arguments().iter().map(String::as_str))
            .collect();
        sandbox.insert("serviceCommand".to_owned(), json!(words.join(" ")));
    }
    let mut all = capabilities(&request.all.capabilities, kept, entry);
    if serves && request.service_command.is_none() {
        all.insert("service".to_owned(), json!(true));
    }
    if !all.is_empty() {
        sandbox.insert("capabilities".to_owned(), Value::Object(all));
    }
    let mut commands = Map::new();
    for (command, asked) in &request.commands {
        let own = capabilities(&asked.capabilities, kept, entry);
        if !own.is_empty() {
            commands.insert(command.name().to_owned(), json!({ "capabilities": own }));
        }
    }
    if !commands.is_empty() {
        sandbox.insert("commands".to_owned(), Value::Object(commands));
    }
    Value::Object(sandbox)
}

fn capabilities(asked: &Capabilities, kept: &[Thing], entry: &HandlerEntry) -> Map<String, Value> {
    let mut found = Map::new();
    let directories: Vec<Value> = asked
        .directories
        .iter()
        .filter_map(|asked| {
            let same = kept.iter().find_map(|thing| match thing {
                Thing::Directory(kept) if kept.path == asked.path => Some(kept),
                _ => None,
            })?;
            let access = asked.access.min(same.access);
            let mut directory = json!({ "path": asked.path, "access": access.name() });
            if access == DirectoryAccess::ReadWrite {
                let granted = entry.addition.commands.iter().flat_map(|command| &command.granted);
                let added = granted.filter(|folder| folder.folder == asked.path.as_str());
                let (bytes, files) = added.fold((0, 0), |most, folder| {
                    (most.0.max(folder.bytes.used), most.1.max(folder.files.used))
                });
                directory["bytes"] = json!(bytes.max(1));
                directory["files"] = json!(files.max(1));
            }
            Some(directory)
        })
        .collect();
    if !directories.is_empty() {
        found.insert("directories".to_owned(), json!(directories));
    }
    let environment: Vec<&String> = asked
        .environment
        .iter()
        .filter(|name| kept.contains(&Thing::Variable((*name).clone())))
        .collect();
    if !environment.is_empty() {
        found.insert("environment".to_owned(), json!(environment));
    }
    for (name, asked, thing) in [
        ("clock", asked.clock, Thing::Clock),
        ("random", asked.random, Thing::Random),
    ] {
        if asked == Some(Precision::Full) && kept.contains(&thing) {
            found.insert(name.to_owned(), json!("full"));
        }
    }
    found
}
