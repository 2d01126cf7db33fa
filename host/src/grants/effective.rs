//! What a handler may do in effect: data that can be kept, compared and named by a digest.

use std::collections::BTreeMap;

use hostler_contract::manifest::{DirectoryAccess, FolderPath, Precision};
use hostler_contract::{Command, HandlerName};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::limits::{LimitName, Unit, show_amount};

/// Bytes that a command may add to a granted folder where neither package nor policy says how many.
pub const DEFAULT_FOLDER_BYTES: u64 = 16 << 20;

/// Files, folders and links that it may add there, likewise.
pub const DEFAULT_FOLDER_FILES: u64 = 256;

/// How deep the folders may lie that it makes there.
pub const FOLDER_DEPTH: u64 = 8;

/// What a command may add to a granted folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderQuota {
    /// Bytes of files and links.
    pub bytes: u64,
    /// Files, folders and links.
    pub files: u64,
}

/// A folder of the machine that a command gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedDirectory {
    /// Which; the handler sees it under the same path.
    pub path: FolderPath,
    /// What it may do there.
    pub access: DirectoryAccess,
    /// What it may add; only with [`DirectoryAccess::ReadWrite`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<FolderQuota>,
}

/// What one command may do beyond what the contract gives every handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandGrants {
    /// Folders, by their paths; none lies in another.
    pub directories: Vec<GrantedDirectory>,
    /// Names of variables of the host, sorted.
    pub environment: Vec<String>,
    /// How exact its clocks are.
    pub clock: Precision,
    /// Where its random numbers come from.
    pub random: Precision,
    /// Limits that package or policy lowered, by name.
    pub limits: BTreeMap<String, u64>,
    /// Whether the handler may run on after it; only of `enable`. Not written where it may not, so that grants of before
    /// there were services keep their digests.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub service: bool,
}

impl Default for CommandGrants {
    /// What the contract gives every handler.
    fn default() -> Self {
        Self {
            directories: vec![],
            environment: vec![],
            clock: Precision::Full,
            random: Precision::Full,
            limits: BTreeMap::new(),
            service: false,
        }
    }
}

/// What a handler's commands may do, each for itself; a command that is not there may do what the contract gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effective(pub BTreeMap<Command, CommandGrants>);

/// Something that a handler would get on top of what it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// For which command.
    pub command: Command,
    /// Of what: a path, the name of a variable or of a limit, `clock`, `random` or `service`.
    pub of: String,
    /// What it has; `None` for nothing.
    pub before: Option<String>,
    /// What it would get.
    pub now: String,
}

/// `differences` for people: each once, with the commands that it is for.
pub fn summary(differences: &[Difference]) -> Vec<String> {
    let mut grouped: Vec<(&Difference, Vec<&str>)> = Vec::new();
    for one in differences {
        let same = |other: &&mut (&Difference, Vec<&str>)| {
            (&other.0.of, &other.0.before, &other.0.now) == (&one.of, &one.before, &one.now)
        };
        match grouped.iter_mut().find(same) {
            Some((_, commands)) => commands.push(one.command.name()),
            None => grouped.push((one, vec![one.command.name()])),
        }
    }
    let line = |(one, commands): (&Difference, Vec<&str>)| {
        let of_whom = if commands.len() == Command::ALL.len() {
            "every command".to_owned()
        } else {
            commands.join(", ")
        };
        let before = one
            .before
            .as_ref()
            .map(|before| format!("; before: {before}"))
            .unwrap_or_default();
        format!("{} {} ({of_whom}{before})", one.now, one.of)
    };
    grouped.into_iter().map(line).collect()
}

impl GrantedDirectory {
    /// Whether this gives all that `other` gives.
    fn covers(&self, other: &Self) -> bool {
        let enough = match (self.quota, other.quota) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => own.bytes >= other.bytes && own.files >= other.files,
        };
        // Several folders with quotas below one that had one would add up to more than it had.
        let is_where = match other.quota {
            None => self.path.contains(&other.path),
            Some(_) => self.path == other.path,
        };
        is_where && self.access >= other.access && enough
    }

    /// Access and quota, for people.
    pub fn describe(&self) -> String {
        match self.quota {
            None => self.access.name().to_owned(),
            Some(quota) => format!(
                "{} (to add {}, {} files)",
                self.access.name(),
                show_amount(quota.bytes, Unit::Bytes),
                quota.files
            ),
        }
    }
}

impl Effective {
    /// What `command` may do.
    pub fn of(&self, command: Command) -> CommandGrants {
        self.0.get(&command).cloned().unwrap_or_default()
    }

    /// All that this gives and `earlier` did not, command by command; empty when it gives nothing more.
    pub fn wider_than(&self, earlier: &Self) -> Vec<Difference> {
        let all = Command::ALL.into_iter();
        all.flat_map(|command| self.of(command).wider_than(&earlier.of(command), command))
            .collect()
    }

    /// What of this `earlier` gave as well, command by command.
    pub fn within(&self, earlier: &Self) -> Self {
        let commands = self.0.iter();
        Self(
            commands
                .map(|(command, grants)| (*command, grants.within(&earlier.of(*command))))
                .collect(),
        )
    }

    /// Each granted folder of any command once, with the widest access that one of them has.
    pub fn directories(&self) -> Vec<(FolderPath, DirectoryAccess)> {
        let mut widest: BTreeMap<FolderPath, DirectoryAccess> = BTreeMap::new();
        for directory in self.0.values().flat_map(|grants| &grants.directories) {
            let access = widest.entry(directory.path.clone()).or_insert(directory.access);
            *access = (*access).max(directory.access);
        }
        widest.into_iter().collect()
    }

    /// The name of these grants for the handler `name` in the package with the SHA-256 `package`: a SHA-256, in
    /// hexadecimal, of all three.
    pub fn digest(&self, name: &HandlerName, package: &str) -> String {
        #[derive(Serialize)]
        struct Named<'a> {
            handler: &'a str,
            package: &'a str,
            grants: &'a Effective,
        }
        let named = Named {
            handler: name.as_str(),
            package,
            grants: self,
        };
        // One text for one value: fields in their order, maps sorted by key, no spaces. Text and numbers can always be
        // written.
        let text = serde_json::to_string(&named).unwrap_or_default();
        hex::encode(Sha256::digest(text))
    }
}

impl CommandGrants {
    /// What of this `earlier` gave as well. Limits are not among that: they are as they are now.
    fn within(&self, earlier: &Self) -> Self {
        let is_covered = |one: &&GrantedDirectory| earlier.directories.iter().any(|other| other.covers(one));
        let had = |name: &&String| earlier.environment.contains(name);
        Self {
            directories: self.directories.iter().filter(is_covered).cloned().collect(),
            environment: self.environment.iter().filter(had).cloned().collect(),
            clock: self.clock.min(earlier.clock),
            random: self.random.min(earlier.random),
            limits: self.limits.clone(),
            service: self.service && earlier.service,
        }
    }

    fn wider_than(&self, earlier: &Self, command: Command) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut note = |of: &str, before: Option<String>, now: String| {
            differences.push(Difference {
                command,
                of: of.to_owned(),
                before,
                now,
            });
        };
        for directory in &self.directories {
            if !earlier.directories.iter().any(|other| other.covers(directory)) {
                let before = earlier
                    .directories
                    .iter()
                    .find(|other| other.path.contains(&directory.path));
                let before = before.map(GrantedDirectory::describe);
                note(directory.path.as_str(), before, directory.describe());
            }
        }
        for name in self
            .environment
            .iter()
            .filter(|name| !earlier.environment.contains(name))
        {
            note(name, None, "variable".to_owned());
        }
        for (of, before, now) in [
            ("clock", earlier.clock, self.clock),
            ("random", earlier.random, self.random),
        ] {
            if now > before {
                note(of, Some(before.name().to_owned()), now.name().to_owned());
            }
        }
        if self.service && !earlier.service {
            note("service", None, "a running".to_owned());
        }
        // One that nobody had lowered is hostler's own, and another hostler may have another.
        for (name, before) in &earlier.limits {
            let Some(limit) = LimitName::from_name(name) else {
                continue;
            };
            let now = self.limits.get(name).copied().unwrap_or(limit.default_value());
            if now > *before {
                let show = |value| show_amount(value, limit.unit());
                note(name, Some(show(*before)), show(now));
            }
        }
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(directories: &[(&str, DirectoryAccess, u64)]) -> CommandGrants {
        let directories = directories.iter().map(|(path, access, bytes)| GrantedDirectory {
            path: FolderPath::parse(path).unwrap(),
            access: *access,
            quota: (*access == DirectoryAccess::ReadWrite).then_some(FolderQuota {
                bytes: *bytes,
                files: 9,
            }),
        });
        CommandGrants {
            directories: directories.collect(),
            ..CommandGrants::default()
        }
    }

    fn of_enable(grants: CommandGrants) -> Effective {
        Effective(BTreeMap::from([(Command::Enable, grants)]))
    }

    fn wider(now: CommandGrants, before: CommandGrants) -> Vec<String> {
        let differences = of_enable(now).wider_than(&of_enable(before));
        summary(&differences)
    }

    #[test]
    fn what_is_wider_is_named() {
        use DirectoryAccess::{Read, ReadWrite};
        let nothing = CommandGrants::default;
        assert!(wider(grants(&[("/a", Read, 0)]), grants(&[("/a", Read, 0)])).is_empty());
        assert!(
            wider(grants(&[("/a/b", Read, 0)]), grants(&[("/a", ReadWrite, 1)])).is_empty(),
            "narrower"
        );
        assert!(wider(nothing(), grants(&[("/a", Read, 0)])).is_empty(), "less");
        assert_eq!(wider(grants(&[("/a", Read, 0)]), nothing()), ["read /a (enable)"]);
        assert_eq!(
            wider(grants(&[("/a", Read, 0)]), grants(&[("/a/b", Read, 0)])),
            ["read /a (enable)"]
        );
        assert_eq!(
            wider(grants(&[("/a", ReadWrite, 1)]), grants(&[("/a", Read, 0)])),
            ["read-write (to add 1 B, 9 files) /a (enable; before: read)"]
        );
        assert_eq!(
            wider(grants(&[("/a", ReadWrite, 2)]), grants(&[("/a", ReadWrite, 1)])),
            ["read-write (to add 2 B, 9 files) /a (enable; before: read-write (to add 1 B, 9 files))"]
        );
        let variable = CommandGrants {
            environment: vec!["A".to_owned()],
            ..nothing()
        };
        assert_eq!(wider(variable, nothing()), ["variable A (enable)"]);
        let coarse = CommandGrants {
            clock: Precision::Coarse,
            ..nothing()
        };
        assert!(wider(coarse.clone(), nothing()).is_empty());
        assert_eq!(wider(nothing(), coarse), ["full clock (enable; before: coarse)"]);
        let service = CommandGrants {
            service: true,
            ..nothing()
        };
        assert!(wider(service.clone(), service.clone()).is_empty());
        assert!(wider(nothing(), service.clone()).is_empty());
        assert_eq!(wider(service.clone(), nothing()), ["a running service (enable)"]);
        assert_eq!(service.within(&nothing()), nothing());
        assert_eq!(service.within(&service), service);
    }

    /// Records and approvals of before there were services mean what they meant.
    #[test]
    fn what_has_no_service_is_written_as_before_there_were_any() {
        let text = r#"{"enable":{"directories":[],"environment":[],"clock":"full","random":"full","limits":{}}}"#;
        let kept: Effective = serde_json::from_str(text).unwrap();
        assert_eq!(kept, of_enable(CommandGrants::default()));
        assert_eq!(serde_json::to_string(&kept).unwrap(), text);
        let service = of_enable(CommandGrants {
            service: true,
            ..CommandGrants::default()
        });
        assert_eq!(
            serde_json::from_str::<Effective>(&serde_json::to_string(&service).unwrap()).unwrap(),
            service
        );
        let digest = |grants: &Effective| grants.digest(&HandlerName::parse("A.B").unwrap(), "00");
        assert_ne!(digest(&service), digest(&kept));
    }

    #[test]
    fn a_limit_that_somebody_had_lowered_is_wider_when_it_is_higher() {
        let lowered = |value| CommandGrants {
            limits: BTreeMap::from([("cmd.cpu".to_owned(), value)]),
            ..CommandGrants::default()
        };
        assert!(wider(lowered(1_000), lowered(1_000)).is_empty());
        assert!(wider(lowered(1_000), CommandGrants::default()).is_empty());
        assert_eq!(
            wider(lowered(2_000), lowered(1_000)),
            ["2 s cmd.cpu (enable; before: 1 s)"]
        );
        assert_eq!(
            wider(CommandGrants::default(), lowered(1_000)),
            ["1 min cmd.cpu (enable; before: 1 s)"]
        );
    }

    /// What is approved is one handler's grants in one package, and nothing else has that digest.
    #[test]
    fn the_digest_names_handler_package_and_grants() {
        let name = |text| HandlerName::parse(text).unwrap();
        let some = of_enable(grants(&[("/a", DirectoryAccess::Read, 0)]));
        let digest = some.digest(&name("A.B"), "00");
        assert_eq!(digest, some.clone().digest(&name("A.B"), "00"));
        assert_eq!(digest.len(), 64);
        for other in [
            some.digest(&name("A.C"), "00"),
            some.digest(&name("A.B"), "01"),
            Effective::default().digest(&name("A.B"), "00"),
        ] {
            assert_ne!(digest, other);
        }
        let kept: Effective = serde_json::from_str(&serde_json::to_string(&some).unwrap()).unwrap();
        assert_eq!(kept.digest(&name("A.B"), "00"), digest, "as it is read back");
    }
}
