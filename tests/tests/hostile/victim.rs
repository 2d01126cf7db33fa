//! A handler that minds its own business in the same root as an attacker: nothing of it may change or be found
//! elsewhere, and it works on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use hostler_tests::{Isolation, Ran, Secret, Snapshot, make_canary, package, run_hostler};
use serde_json::json;

use crate::seen::cache;

/// The victim, as handler folders are called after it.
const NAME: &str = "Hostler.Samples.FileConfig";

/// How long a run of the victim may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Folders of the root that have a folder for each handler in them.
const OF_HANDLERS: [&str; 3] = ["handlers", "data", "logs"];

/// A victim in a root, as it was before anybody else came.
#[derive(Debug)]
pub(crate) struct Victim {
    root: PathBuf,
    before: Snapshot,
}

impl Victim {
    /// Makes `root`, with the victim enabled in it.
    pub(crate) fn in_root(root: &Path) -> Self {
        static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-victim");
            // What an earlier test run left; the root in it is made below.
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).expect("a folder can be made");
            let root = folder.join("root");
            let ran = enable(&root, &[]);
            assert!(ran.status.success(), "the victim is not enabled: {}", ran.json());
            make_canary(&root.join("data").join(NAME));
            root
        });
        copy(template, root);
        Self {
            root: root.to_owned(),
            before: of_the_rest(root),
        }
    }

    /// What an attacker is told to attack: a folder among the victim's data.
    pub(crate) fn folder(root: &Path) -> PathBuf {
        root.join("data").join(NAME).join("outside")
    }

    /// The secret that is in the victim's settings and among its data.
    pub(crate) fn secret() -> &'static Secret {
        static SECRET: OnceLock<Secret> = OnceLock::new();
        SECRET.get_or_init(|| Secret::of("victim"))
    }

    /// What in the root is not as it was, but for what the host and an attacker have of their own there (O2).
    pub(crate) fn changes(&self) -> Vec<String> {
        self.before.differences(&of_the_rest(&self.root))
    }

    /// Where in the root the victim's secret is though it is not the victim's folder (O3).
    pub(crate) fn leaks(&self) -> Vec<String> {
        Self::secret().found_below(&self.root, &own_folders(&self.root, true))
    }

    /// What keeps the victim from working, now that somebody else was in its root (O8).
    pub(crate) fn problems(&self, isolation: Isolation) -> Vec<String> {
        let mut problems = Vec::new();
        let ran = enable(&self.root, isolation.arguments());
        if !ran.status.success() || ran.json()["aggregateStatus"]["handlerAggregateStatus"][0]["status"] != "Ready" {
            let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &ran.stderr_text();
            problems.push(format!("the victim beside it does not work any more: {said}"));
        }
        let left = fs::read_dir(self.root.join("staging")).into_iter().flatten().flatten();
        problems.extend(left.map(|left| format!("{} was left behind", left.path().display())));
        problems
    }
}

/// The victim's folders in `root`, and all that no handler and no command has a reason to touch.
fn of_the_rest(root: &Path) -> Snapshot {
    // Each changes, with all that is in it or as a folder of folders, when any handler is run.
    const HOSTS: [&str; 4] = ["audit", "state", "lock", "staging"];
    let attackers = own_folders(root, false);
    let hosts: Vec<PathBuf> = HOSTS.iter().map(|name| root.join(name)).collect();
    let everything = Snapshot::of_all_but(root, &|path| attackers.iter().chain(&hosts).any(|own| own == path));
    let folders = OF_HANDLERS.iter().map(|name| root.join(name));
    everything.without(folders.chain([root.to_owned()]))
}

/// Whether a handler's folder is the victim's.
pub(crate) fn is_victims(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(NAME))
}

/// The folders of handlers in `root`: of the victim, or of all others.
pub(crate) fn own_folders(root: &Path, of_victim: bool) -> Vec<PathBuf> {
    let all = OF_HANDLERS
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).into_iter().flatten());
    let paths = all.flatten().map(|entry| entry.path());
    paths.filter(|path| is_victims(path) == of_victim).collect()
}

/// Runs the victim in `root`.
pub(crate) fn enable(root: &Path, options: &[&str]) -> Ran {
    let home = root.parent().expect("a root lies in a folder");
    let settings = home.join("victim.settings");
    let secret = Victim::secret().text();
    let public = json!({ "files": [{ "path": "secret.conf", "content": secret }] });
    let document = json!({ "runtimeSettings": [{ "handlerSettings": { "publicSettings": public } }] });
    fs::write(&settings, document.to_string()).expect("settings can be written");
    let package = package(NAME);
    let mut arguments = vec!["run".into(), package.into_os_string(), "--json".into()];
    arguments.extend(["--handler".into(), format!("{NAME}-1.0.0").into()]);
    arguments.extend(["--settings".into(), settings.into_os_string()]);
    arguments.extend(["--cache".into(), cache().into_os_string()]);
    arguments.extend(["--keep".into(), root.as_os_str().to_owned()]);
    arguments.extend(options.iter().map(Into::into));
    run_hostler(&arguments, home, PATIENCE)
}

/// Copies a folder with everything in it, modes included.
fn copy(from: &Path, to: &Path) {
    let mode = fs::metadata(from).expect("a folder").permissions().mode();
    fs::create_dir(to).expect("a folder can be made");
    fs::set_permissions(to, fs::Permissions::from_mode(mode)).expect("a mode can be set");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().expect("a type");
        if kind.is_dir() {
            copy(&path, &copied);
        } else if kind.is_symlink() {
            let target = fs::read_link(&path).expect("a link");
            std::os::unix::fs::symlink(target, &copied).expect("a link can be made");
        } else {
            fs::copy(&path, &copied).expect("a file can be copied");
        }
    }
}
