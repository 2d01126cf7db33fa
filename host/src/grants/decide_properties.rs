//! What holds for every decision.

use hostler_contract::manifest::{DirectoryAccess, FolderPath, MANIFEST_FILE};
use proptest::prelude::*;

use super::decide_tests::{demo, manifest};
use super::*;

const PATHS: [&str; 7] = [
    "/a",
    "/a/b",
    "/a/b/c",
    "/b",
    "/b/c",
    "/var/lib/hostler/data",
    "/dev/shm",
];
const NAMES: [&str; 4] = ["A", "B", "C", "LD_A"];

/// A folder: which path, whether it may be written in, and a quota.
type Folder = (usize, bool, Option<u64>);

/// What is asked for or allowed: folders, variables, clock, to run on.
#[derive(Debug, Clone)]
struct Wish {
    folders: Vec<Folder>,
    names: Vec<usize>,
    clock: Option<bool>,
    service: bool,
}

fn some() -> impl Strategy<Value = Wish> {
    let folder = (0..PATHS.len(), any::<bool>(), proptest::option::of(0..3u64));
    let folders = proptest::collection::vec(folder, 0..4).prop_map(|mut folders| {
        let mut seen = std::collections::BTreeSet::new();
        folders.retain(|(path, ..)| seen.insert(*path));
        folders
    });
    let names = proptest::sample::subsequence((0..NAMES.len()).collect::<Vec<_>>(), 0..=NAMES.len());
    (folders, names, any::<Option<bool>>(), any::<bool>()).prop_map(|(folders, names, clock, service)| Wish {
        folders,
        names,
        clock,
        service,
    })
}

fn word(full: bool) -> &'static str {
    if full { "full" } else { "coarse" }
}

fn asking(some: &Wish) -> Manifest {
    let folders = some.folders.iter().map(|(path, write, bytes)| {
        let quota = bytes
            .filter(|_| *write)
            .map(|bytes| format!(r#", "bytes": {bytes}"#))
            .unwrap_or_default();
        let access = if *write { "read-write" } else { "read" };
        format!(r#"{{"path": "{}", "access": "{access}"{quota}}}"#, PATHS[*path])
    });
    let names = some.names.iter().map(|name| format!("\"{}\"", NAMES[*name]));
    let clock = some
        .clock
        .map(|clock| format!(r#", "clock": "{}""#, word(clock)))
        .unwrap_or_default();
    manifest(&format!(
        r#""sandbox": {{"capabilities": {{"directories": [{}], "environment": [{}]{clock}, "service": {}}}}}"#,
        folders.collect::<Vec<_>>().join(","),
        names.collect::<Vec<_>>().join(","),
        some.service,
    ))
}

fn allowing(some: &Wish) -> Policy {
    let directories = some.folders.iter().map(|(path, write, bytes)| AllowedDirectory {
        path: FolderPath::parse(PATHS[*path]).unwrap(),
        access: if *write {
            DirectoryAccess::ReadWrite
        } else {
            DirectoryAccess::Read
        },
        quota: FolderQuota {
            bytes: bytes.unwrap_or(3),
            files: 7,
        },
    });
    let rule = PolicyRule {
        name: "all".to_owned(),
        matches: Match::default(),
        refuse: false,
        require_signature: RequireSignature::Never,
        unsigned_digests: vec![],
        accept_bad_signature: false,
        directories: directories.collect(),
        environment: some.names.iter().map(|name| NAMES[*name].to_owned()).collect(),
        clock: if some.clock == Some(false) {
            Precision::Coarse
        } else {
            Precision::Full
        },
        random: Precision::Full,
        service: some.service,
        limits: vec![],
        on_update_failure: OnUpdateFailure::Contract,
    };
    let protected = Protected::new(["/var/lib/hostler".into()]);
    Policy::new("policy.toml", vec![rule]).protecting(protected)
}

fn weighed(asked: &Wish, policy: &Policy) -> (Effective, bool) {
    let manifest = asking(asked);
    let (decided, _) = Grants::weigh(&manifest, MANIFEST_FILE, policy, &demo());
    let is_granted = Grants::decide(&manifest, MANIFEST_FILE, policy, &demo()).is_ok();
    (decided.grants.effective().clone(), is_granted)
}

proptest! {
    /// Never more than asked, never more than allowed, nothing of what is never granted; and what is decided without a
    /// refusal is all that was asked for.
    #[test]
    fn what_is_granted_is_asked_for_and_allowed(asked in some(), allowed in some()) {
        let policy = allowing(&allowed);
        let (effective, is_granted) = weighed(&asked, &policy);
        let of = effective.of(Command::Enable);
        for one in &of.directories {
            let request = asked.folders.iter().find(|(path, ..)| PATHS[*path] == one.path.as_str()).unwrap();
            prop_assert!(request.1 || one.access == DirectoryAccess::Read);
            let entry = policy.rules()[0].directories.iter().find(|entry| entry.path.contains(&one.path)).unwrap();
            prop_assert!(one.access <= entry.access);
            if let Some(quota) = one.quota {
                prop_assert!(quota.bytes <= entry.quota.bytes && quota.files <= entry.quota.files);
                prop_assert!(request.2.is_none_or(|bytes| quota.bytes <= bytes));
            }
            prop_assert!(policy.protected().why_never(&one.path).is_none());
        }
        for name in &of.environment {
            prop_assert!(asked.names.iter().any(|asked| NAMES[*asked] == name));
            prop_assert!(policy.rules()[0].environment.contains(name) && !name.starts_with("LD_"));
        }
        prop_assert!(of.clock <= policy.rules()[0].clock);
        prop_assert!(asked.clock != Some(false) || of.clock == Precision::Coarse);
        prop_assert_eq!(of.service, asked.service && allowed.service);
        prop_assert!(Command::ALL.into_iter().all(|one| one == Command::Enable || !effective.of(one).service));
        if is_granted {
            prop_assert_eq!(of.directories.len(), asked.folders.len());
            prop_assert_eq!(of.environment.len(), asked.names.len());
            prop_assert_eq!(of.service, asked.service);
            for one in &of.directories {
                let request = asked.folders.iter().find(|(path, ..)| PATHS[*path] == one.path.as_str()).unwrap();
                prop_assert_eq!(request.1, one.access == DirectoryAccess::ReadWrite);
            }
        }
    }

    /// Who allows more gives no less, and refuses nothing that was granted.
    #[test]
    fn a_wider_policy_grants_no_less(asked in some(), allowed in some(), more in some()) {
        let narrow = allowing(&allowed);
        let mut wide = allowed.clone();
        for folder in &mut wide.folders {
            folder.1 = true;
            folder.2 = Some(folder.2.unwrap_or(3) + 1);
        }
        for folder in &more.folders {
            if wide.folders.iter().all(|(path, ..)| path != &folder.0) {
                wide.folders.push(*folder);
            }
        }
        wide.names.extend(more.names.iter().filter(|name| !allowed.names.contains(name)));
        wide.clock = None;
        wide.service |= more.service;
        let (before, was_granted) = weighed(&asked, &narrow);
        let (after, is_granted) = weighed(&asked, &allowing(&wide));
        if was_granted {
            prop_assert!(is_granted);
            prop_assert_eq!(before.wider_than(&after), vec![]);
        }
    }

    /// Who asks for less is granted it where more was granted, and gets no more than that.
    #[test]
    fn asking_for_less_gives_no_more(asked in some(), allowed in some(), keep in any::<[bool; 8]>()) {
        let policy = allowing(&allowed);
        let mut less = asked.clone();
        let mut kept = keep.into_iter();
        less.folders.retain(|_| kept.next().unwrap_or(true));
        less.names.retain(|_| kept.next().unwrap_or(true));
        less.service &= keep[7];
        let (more, was_granted) = weighed(&asked, &policy);
        let (fewer, is_granted) = weighed(&less, &policy);
        if was_granted {
            prop_assert!(is_granted);
            prop_assert_eq!(fewer.wider_than(&more), vec![]);
        }
    }

    /// What is kept is what was decided, and nothing is wider than itself.
    #[test]
    fn grants_are_kept_as_they_were(asked in some(), allowed in some()) {
        let (effective, _) = weighed(&asked, &allowing(&allowed));
        let kept: Effective = serde_json::from_str(&serde_json::to_string(&effective).unwrap()).unwrap();
        prop_assert_eq!(&kept, &effective);
        prop_assert_eq!(kept.wider_than(&effective), vec![]);
    }
}
