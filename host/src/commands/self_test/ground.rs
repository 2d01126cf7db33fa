//! Where the attacks are made: a throw-away folder with a root in it, and beside the attackers what they must not reach.
//!
//! ```text
//! a throw-away root, which goes away with all of this, also after it was killed
//!   outside/         a canary outside of the root
//!   folders/         a folder to read and one to write in, for native code
//!   cache/           compiled code
//!   root/            the root that the attacks are made in
//!     keys/          a canary among the keys
//!     handlers/ ...  the other handler, with canaries in its settings and its data; then one attacker after another
//! ```

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use hostler_contract::{HandlerIdentity, escape};

use super::snapshot::Snapshot;
use crate::commands::failure::Failure;
use crate::commands::run::Workplace;
use crate::root::Root;
use crate::sandbox;
use crate::self_test::{RefusedSeen, Target};

/// The handler beside the attackers.
const OTHER: &str = "SelfTest.Other-1.0.0";

/// The parts of a root in which a handler has folders.
const PARTS: [&str; 3] = ["handlers", "data", "logs"];

/// Largest file of an attacker's that is searched for secrets, in bytes.
const SEARCHED: u64 = 4 << 20;

/// What the attacks are made on.
pub(super) struct Ground {
    /// Goes away last.
    _throw_away: Workplace,
    path: PathBuf,
    secret: String,
}

fn host(error: impl Into<anyhow::Error>) -> Failure {
    Failure::host(error, "set TMPDIR to a folder that can be written and has space")
}

impl Ground {
    /// Lays out what is there before the other handler comes.
    pub(super) fn lay_out() -> Result<Self, Failure> {
        let throw_away = Workplace::open(None)?;
        let path = throw_away.root.path().to_owned();
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(host)?;
        let ground = Self {
            _throw_away: throw_away,
            path,
            secret: format!("secret-{}", hex::encode(random)),
        };
        drop(Root::open(&ground.root())?);
        for folder in ["folders/lent", "folders/own"] {
            fs::create_dir_all(ground.path.join(folder)).map_err(host)?;
        }
        for target in [Target::Outside, Target::Keys] {
            ground.put_canary(target)?;
        }
        Ok(ground)
    }

    /// Puts canaries into the folders of the other handler, which is in place now.
    pub(super) fn mark_other(&self) -> Result<(), Failure> {
        self.put_canary(Target::OthersConfig)?;
        self.put_canary(Target::OthersData)
    }

    fn put_canary(&self, target: Target) -> Result<(), Failure> {
        let folder = self.target(target);
        fs::create_dir_all(folder.join("folder"))
            .and_then(|()| fs::write(folder.join("canary"), &self.secret))
            .map_err(host)
    }

    /// The root that the attacks are made in.
    pub(super) fn root(&self) -> PathBuf {
        self.path.join("root")
    }

    /// Where compiled code is kept.
    pub(super) fn cache(&self) -> PathBuf {
        self.path.join("cache")
    }

    /// What no attacker may see.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Who the other handler is.
    pub(super) fn other() -> Result<HandlerIdentity, Failure> {
        identity(OTHER)
    }

    /// The folder that `target` means.
    pub(super) fn target(&self, target: Target) -> PathBuf {
        match target {
            Target::Outside => self.path.join("outside"),
            Target::Keys => self.root().join("keys"),
            Target::OthersConfig => self.root().join("handlers").join(OTHER).join("config"),
            Target::OthersData => self.root().join("data/SelfTest.Other"),
        }
    }

    /// What native code is given, and what it looks for.
    pub(super) fn for_native_code(&self) -> Result<sandbox::Ground, Failure> {
        let open = |name: &str| fs::File::open(self.path.join("folders").join(name)).map(OwnedFd::from);
        Ok(sandbox::Ground {
            own: open("own").map_err(host)?,
            lent: open("lent").map_err(host)?,
            outside: self.target(Target::Outside).join("canary"),
            key: self.target(Target::Keys).join("canary"),
            settings: self.target(Target::OthersConfig).join("0.settings"),
        })
    }

    /// All that no attacker may change.
    pub(super) fn look(&self) -> Result<Snapshot, Failure> {
        let others = PARTS.map(|part| match part {
            "handlers" => self.root().join(part).join(OTHER),
            part => self.root().join(part).join("SelfTest.Other"),
        });
        let beside = [
            self.target(Target::Outside),
            self.target(Target::Keys),
            self.path.join("folders/lent"),
        ];
        Snapshot::of(&[beside.as_slice(), &others].concat()).map_err(host)
    }

    /// What lies in the root of a package of `attacker` that was refused for `findings`.
    pub(super) fn after_refusal(
        &self,
        attacker: &HandlerIdentity,
        findings: Vec<hostler_contract::Finding>,
    ) -> Result<RefusedSeen, Failure> {
        let own = PARTS.map(|part| own_folder(&self.root(), part, attacker));
        let mut left: Vec<String> = own
            .iter()
            .filter(|path| path.exists())
            .map(|path| shown(path))
            .collect();
        let staging = self.root().join("staging");
        for entry in fs::read_dir(&staging).map_err(host)? {
            left.push(shown(&entry.map_err(host)?.path()));
        }
        Ok(RefusedSeen { findings, left })
    }

    /// Bytes, and files, folders and links, in the data folder of `attacker`.
    pub(super) fn data_of(&self, attacker: &HandlerIdentity) -> Result<(u64, u64), Failure> {
        let mut found = (0, 0);
        walk(&own_folder(&self.root(), "data", attacker), &mut |_, metadata| {
            found.1 += 1;
            if metadata.is_file() {
                found.0 += metadata.len();
            }
            Ok(())
        })
        .map_err(host)?;
        Ok(found)
    }

    /// Files of `attacker` with the secret in them.
    pub(super) fn secrets_of(&self, attacker: &HandlerIdentity) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        for part in PARTS {
            walk(&own_folder(&self.root(), part, attacker), &mut |path, metadata| {
                if metadata.is_file() && metadata.len() <= SEARCHED && self.is_secret(&fs::read(path)?) {
                    found.push(format!("in {}", shown(path)));
                }
                Ok(())
            })
            .map_err(host)?;
        }
        Ok(found)
    }

    /// Whether the secret is in `bytes`.
    pub(super) fn is_secret(&self, bytes: &[u8]) -> bool {
        let secret = self.secret.as_bytes();
        bytes.windows(secret.len()).any(|window| window == secret)
    }
}

/// Who `text` means.
pub(super) fn identity(text: &str) -> Result<HandlerIdentity, Failure> {
    HandlerIdentity::parse(text).map_err(|error| host(anyhow::anyhow!("{}", error.what())))
}

/// The folder of `attacker` in a part of the root.
fn own_folder(root: &Path, part: &str, attacker: &HandlerIdentity) -> PathBuf {
    let name = match part {
        "handlers" => attacker.to_string(),
        _ => attacker.name.to_string(),
    };
    root.join(part).join(name)
}

fn shown(path: &Path) -> String {
    escape(&path.display().to_string())
}

/// Visits everything below `folder`, following no links; nothing where it is not there.
fn walk(folder: &Path, visit: &mut impl FnMut(&Path, &fs::Metadata) -> io::Result<()>) -> io::Result<()> {
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                waiting.push(entry.path());
            }
            visit(&entry.path(), &metadata)?;
        }
    }
    Ok(())
}
