//! The decision itself: pure, from what is asked for and the one rule that decides.

use std::collections::BTreeMap;

use hostler_contract::manifest::{DirectoryAccess, DirectoryRequest, FolderPath, Precision};
use hostler_contract::{Code, Command, Finding, HandlerIdentity, Manifest, Place, codes};

use super::asked::{Asked, asked_of};
use super::effective::{
    CommandGrants, DEFAULT_FOLDER_BYTES, DEFAULT_FOLDER_FILES, Effective, FolderQuota, GrantedDirectory,
};
use super::never::is_never_variable;
use super::policy::AllowedDirectory;
use super::{Claimant, Decided, DecidedBy, Grants, Policy, PolicyRule, Weighed, lowered, package_limits};
use crate::limits::{Limits, Rule};

/// As [`Grants::weigh`].
pub(super) fn weigh(
    manifest: &Manifest,
    file: &str,
    policy: &Policy,
    claimant: Claimant<'_>,
) -> (Decided, Vec<Finding>) {
    let request = manifest.sandbox();
    let rule = policy.rule_for(claimant);
    let handler = claimant.identity();
    let mut bench = Bench {
        file,
        policy,
        handler,
        rule: rule.filter(|rule| !rule.refuse),
        is_refused: rule.is_some_and(|rule| rule.refuse),
        given: BTreeMap::new(),
        weighed: vec![],
        findings: vec![],
    };
    if let Some(rule) = rule.filter(|rule| rule.refuse) {
        let what = format!(
            "rule `{}` of {} refuses {handler}",
            rule.name,
            policy.file().unwrap_or_default()
        );
        let hint = "take `refuse` out of the rule, or put one before it that this handler matches";
        bench.refuse(codes::GRANT_HANDLER, Place::Whole, what, hint);
    }
    let mut limits = BTreeMap::new();
    for command in Command::ALL {
        let mut of_command = Limits::of_command(command);
        package_limits::lower_for(&mut of_command, command, request, file, &mut bench.findings);
        limits.insert(command, of_command);
    }
    package_limits::resource_limits(manifest, file, &mut limits, &mut bench.findings);
    for (name, value) in rule.iter().flat_map(|rule| &rule.limits) {
        for of_command in limits.values_mut() {
            of_command.cap(*name, *value, Rule::Policy);
        }
    }
    let mut effective = BTreeMap::new();
    for command in Command::ALL {
        let mut grants = bench.command(manifest, command);
        grants.limits = limits.get(&command).map(lowered).unwrap_or_default();
        effective.insert(command, grants);
    }
    let by = match (rule, policy.file()) {
        (Some(rule), _) => DecidedBy::Rule(rule.name.clone()),
        (None, Some(_)) => DecidedBy::NoRule,
        (None, None) => DecidedBy::NoPolicy,
    };
    let grants = Grants {
        limits,
        effective: Effective(effective),
        protected: policy.protected().clone(),
    };
    let decided = Decided {
        grants,
        by,
        weighed: bench.weighed,
        warnings: vec![],
    };
    (decided, bench.findings)
}

/// Where one package is weighed.
struct Bench<'a> {
    file: &'a str,
    policy: &'a Policy,
    handler: &'a HandlerIdentity,
    /// The rule that decides, unless it refuses the handler.
    rule: Option<&'a PolicyRule>,
    is_refused: bool,
    /// What was given of each entry of the rule to a command: bytes and files.
    given: BTreeMap<(Command, FolderPath), (u64, u64)>,
    weighed: Vec<Weighed>,
    findings: Vec<Finding>,
}

impl Bench<'_> {
    /// Says something once: what is asked for every command is the same for each.
    fn refuse(&mut self, code: Code, place: Place, what: impl AsRef<str>, hint: impl AsRef<str>) {
        let finding = Finding::refusal(code, self.file, place, what, hint);
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn command(&mut self, manifest: &Manifest, command: Command) -> CommandGrants {
        let asked = asked_of(manifest.sandbox(), command);
        let mut grants = CommandGrants::default();
        for (index, one) in asked.directories.iter().enumerate() {
            let before = asked.directories[..index].iter();
            let outer = before
                .map(|other| &other.what.path)
                .find(|other| other.overlaps(&one.what.path));
            if let Some(outer) = outer {
                let what = format!("{} lies in {outer}, which is asked for too", one.what.path);
                let hint = "ask for the outer folder only, or for folders that lie beside each other";
                self.refuse(codes::MANIFEST_VALUE, one.place(), what, hint);
            } else {
                grants.directories.extend(self.directory(one, command));
            }
        }
        for one in &asked.environment {
            grants.environment.extend(self.variable(one, command));
        }
        let allowed = self
            .rule
            .map_or((Precision::Full, Precision::Full), |rule| (rule.clock, rule.random));
        grants.clock = self.precision("clock", asked.clock, allowed.0, command);
        grants.random = self.precision("random", asked.random, allowed.1, command);
        grants.service = asked.service.is_some_and(|asked| self.service(&asked, command));
        grants
    }

    fn directory(&mut self, asked: &Asked<DirectoryRequest>, command: Command) -> Option<GrantedDirectory> {
        let request = &asked.what;
        let never = self.policy.protected().why_never(&request.path);
        let entry = self.rule.filter(|_| never.is_none()).and_then(|rule| {
            let mut allowed = rule.directories.iter();
            allowed.find(|allowed| allowed.path.contains(&request.path))
        });
        let granted = entry.map(|entry| within(request, entry));
        let is_shared_out = entry
            .zip(granted.as_ref())
            .is_some_and(|(entry, granted)| !self.share(command, entry, granted));
        let granted = granted.filter(|_| !is_shared_out);
        self.weighed.push(Weighed {
            command,
            capability: "directories",
            asked: Some(request.describe()),
            allowed: entry.map(|entry| show(entry.path.as_str(), entry.access, entry.quota)),
            effective: granted
                .as_ref()
                .map(|granted| format!("{}: {}", granted.path, granted.describe())),
        });
        if let Some(why) = never {
            let what = format!("{} is never granted: {why}", request.path);
            let hint = "ask for another folder; what a handler keeps belongs into its data folder";
            self.refuse(codes::GRANT_NEVER, asked.place(), what, hint);
            return None;
        }
        if let Some(entry) = entry.filter(|_| is_shared_out) {
            let what = format!(
                "with {} more is asked for below {} than `{}` allows all folders there together",
                request.path,
                entry.path,
                show(entry.path.as_str(), entry.access, entry.quota)
            );
            let hint = "ask for smaller quotas with `bytes` and `files`, or for the outer folder";
            self.refuse(codes::MANIFEST_CAPABILITY, asked.place(), what, hint);
            return None;
        }
        if !entry.is_some_and(|entry| is_enough(request, entry)) {
            let ours = match entry {
                Some(entry) => format!(" beyond `{}`", show(entry.path.as_str(), entry.access, entry.quota)),
                None => String::new(),
            };
            let what = format!(
                "the package asks for `{}`, {}{ours}",
                request.describe(),
                self.why_not()
            );
            let item = directory_item(request);
            let has_some = self.rule.is_some_and(|rule| !rule.directories.is_empty());
            let line = match entry {
                Some(entry) if entry.path == request.path => {
                    format!("{item} in the place of what `directories` has for it")
                }
                Some(entry) => format!("{item} before {} in `directories`", quoted(entry.path.as_str())),
                None if has_some => format!("{item} in `directories`"),
                None => format!("directories = [{item}]"),
            };
            self.refuse_capability(asked.place(), what, &line);
        }
        granted
    }

    /// Takes the quota of `granted` out of what `entry` allows `command`: all folders below it share that. False where it is
    /// not enough.
    fn share(&mut self, command: Command, entry: &AllowedDirectory, granted: &GrantedDirectory) -> bool {
        let Some(quota) = granted.quota else { return true };
        let given = self.given.entry((command, entry.path.clone())).or_default();
        let (bytes, files) = (given.0.saturating_add(quota.bytes), given.1.saturating_add(quota.files));
        let is_enough = bytes <= entry.quota.bytes && files <= entry.quota.files;
        if is_enough {
            *given = (bytes, files);
        }
        is_enough
    }

    fn variable(&mut self, asked: &Asked<String>, command: Command) -> Option<String> {
        let name = &asked.what;
        let never = is_never_variable(name);
        let is_allowed = !never && self.rule.is_some_and(|rule| rule.environment.contains(name));
        let granted = is_allowed.then(|| name.clone());
        self.weighed.push(Weighed {
            command,
            capability: "environment",
            asked: Some(name.clone()),
            allowed: granted.clone(),
            effective: granted.clone(),
        });
        if never {
            let what = format!("the variable {name} is never granted: it is the contract's or the host's own");
            self.refuse(codes::GRANT_NEVER, asked.place(), what, "take it out of `environment`");
        } else if !is_allowed {
            let what = format!("the package asks for the variable {name}, {}", self.why_not());
            let line = match self.rule {
                Some(rule) if !rule.environment.is_empty() => format!("{} in `environment`", quoted(name)),
                _ => format!("environment = [{}]", quoted(name)),
            };
            self.refuse_capability(asked.place(), what, &line);
        }
        granted
    }

    fn precision(
        &mut self,
        capability: &'static str,
        asked: Option<Asked<Precision>>,
        allowed: Precision,
        command: Command,
    ) -> Precision {
        let wanted = asked.as_ref().map(|asked| asked.what);
        let granted = wanted.unwrap_or(Precision::Full).min(allowed);
        if asked.is_some() || granted != Precision::Full {
            self.weighed.push(Weighed {
                command,
                capability,
                asked: wanted.map(|wanted| wanted.name().to_owned()),
                allowed: Some(allowed.name().to_owned()),
                effective: Some(granted.name().to_owned()),
            });
        }
        if let Some(asked) = asked.filter(|asked| asked.what > allowed) {
            let what = format!("the package asks for `{capability}` in full, {}", self.why_not());
            self.refuse_capability(asked.place(), what, &format!("{capability} = \"full\""));
        }
        granted
    }

    /// Whether it may run on; what is granted is `true` or nothing, as manifest and policy have it.
    fn service(&mut self, asked: &Asked<()>, command: Command) -> bool {
        let is_allowed = self.rule.is_some_and(|rule| rule.service);
        let granted = is_allowed.then(|| "true".to_owned());
        self.weighed.push(Weighed {
            command,
            capability: "service",
            asked: Some("true".to_owned()),
            allowed: granted.clone(),
            effective: granted,
        });
        if !is_allowed {
            let what = format!("the package asks to run on after enable, {}", self.why_not());
            self.refuse_capability(asked.place(), what, "service = true");
        }
        is_allowed
    }

    /// Why something is not allowed, as the end of a sentence.
    fn why_not(&self) -> String {
        match (self.rule, self.policy.file()) {
            (Some(rule), Some(file)) => format!("and rule `{}` of {file} does not allow it", rule.name),
            (None, Some(file)) => format!("and no rule of {file} matches {}", self.handler),
            (_, None) => "and without a policy nothing but the contract's folders is granted".to_owned(),
        }
    }

    /// Refuses what is asked for at `place`; the rule would allow it with `line` in it.
    fn refuse_capability(&mut self, place: Place, what: String, line: &str) {
        if self.is_refused {
            // That was said, of all of it.
            return;
        }
        let how = match self.rule {
            Some(rule) => format!("write in the rule `{}`: {line}", rule.name),
            None => {
                let name = &self.handler.name;
                let how = match self.policy.file() {
                    Some(_) => "add a rule",
                    None => "give `--policy FILE` with a rule",
                };
                let (publisher, type_name) = (quoted(name.publisher()), quoted(name.type_name()));
                format!(
                    "{how}, one line for each `|`: [[rule]] | publisher = {publisher} | type = {type_name} | {line}"
                )
            }
        };
        let hint = format!("take it out of `sandbox`, or {how}");
        self.refuse(codes::MANIFEST_CAPABILITY, place, what, hint);
    }
}

/// What of `request` is within `entry`.
fn within(request: &DirectoryRequest, entry: &AllowedDirectory) -> GrantedDirectory {
    let access = request.access.min(entry.access);
    let quota = FolderQuota {
        bytes: request.bytes.unwrap_or(DEFAULT_FOLDER_BYTES).min(entry.quota.bytes),
        files: request.files.unwrap_or(DEFAULT_FOLDER_FILES).min(entry.quota.files),
    };
    GrantedDirectory {
        path: request.path.clone(),
        access,
        quota: (access == DirectoryAccess::ReadWrite).then_some(quota),
    }
}

/// Whether all that `request` says is within `entry`; what it does not say is as `entry` has it.
fn is_enough(request: &DirectoryRequest, entry: &AllowedDirectory) -> bool {
    let fits = |asked: Option<u64>, allowed| asked.is_none_or(|asked| asked <= allowed);
    request.access <= entry.access
        && (request.access == DirectoryAccess::Read
            || fits(request.bytes, entry.quota.bytes) && fits(request.files, entry.quota.files))
}

fn show(path: &str, access: DirectoryAccess, quota: FolderQuota) -> String {
    match access {
        DirectoryAccess::Read => format!("{} {path}", access.name()),
        DirectoryAccess::ReadWrite => {
            format!("{} {path}, bytes {}, files {}", access.name(), quota.bytes, quota.files)
        }
    }
}

/// The element of `directories` that allows `request`.
fn directory_item(request: &DirectoryRequest) -> String {
    let (path, access) = (quoted(request.path.as_str()), quoted(request.access.name()));
    let mut item = format!("{{ path = {path}, access = {access}");
    for (key, value) in [("bytes", request.bytes), ("files", request.files)] {
        if let Some(value) = value {
            item += &format!(", {key} = {value}");
        }
    }
    item + " }"
}

/// A text as TOML has it; there are no control characters in it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
