//! What is never granted, whoever asks for it and whatever a policy says.
//!
//! A folder that is, contains or lies in one of the host's own; the root of the file system; and what shows or steers the
//! machine and its processes (`/proc`, `/sys`, `/dev`, and `/run` with its sockets, pipes and secrets). Here it is decided
//! by the paths; [`open`](super::open) decides once more, by what is really there.

use std::path::{Path, PathBuf};

use hostler_contract::manifest::FolderPath;

/// Folders that show or steer the machine.
const SYSTEM: [&str; 4] = ["/proc", "/sys", "/dev", "/run"];

/// Variables that are the contract's own or the host's, that steer how programs are loaded, or that name what only one
/// process is to know, as far as their names are whole.
const VARIABLES: [&str; 10] = [
    "PWD",
    "OLDPWD",
    "VERSION",
    "GLIBC_TUNABLES",
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "LISTEN_PID",
    "CREDENTIALS_DIRECTORY",
    "SSH_AUTH_SOCK",
];

/// How the names of others begin.
const PREFIXES: [&str; 4] = ["AZURE_GUEST_AGENT_", "Config", "HOSTLER_", "LD_"];

/// The folders of the host itself: its root, and where compiled code is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protected {
    folders: Vec<PathBuf>,
}

impl Protected {
    /// Protects `folders`, by their real paths as far as they are there.
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        let real = |folder: PathBuf| std::fs::canonicalize(&folder).unwrap_or(folder);
        Self {
            folders: folders.into_iter().map(real).collect(),
        }
    }

    /// Protects one more folder.
    pub fn add(&mut self, folder: PathBuf) {
        let more = Self::new([folder]);
        self.folders.extend(more.folders);
    }

    /// The folders.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Why `path` is never granted, as the end of a sentence; `None` when it may be.
    pub fn why_never(&self, path: &FolderPath) -> Option<String> {
        if let Some(why) = why_never_by_system(path) {
            return Some(why);
        }
        let path = Path::new(path.as_str());
        let own = self
            .folders
            .iter()
            .find(|own| own.starts_with(path) || path.starts_with(own))?;
        let how = if path == own {
            "it is"
        } else if path.starts_with(own) {
            "it lies in"
        } else {
            "it contains"
        };
        Some(format!("{how} a folder of hostler's own, {}", own.display()))
    }
}

/// The same as far as it is so on every machine, whatever its root is.
pub(super) fn why_never_by_system(path: &FolderPath) -> Option<String> {
    if path.as_str() == "/" {
        return Some("it is the whole machine".to_owned());
    }
    let system = SYSTEM
        .into_iter()
        .find(|system| Path::new(path.as_str()).starts_with(system))?;
    Some(format!("{system} shows and steers the machine itself"))
}

/// Whether the variable `name` is never granted.
pub(super) fn is_never_variable(name: &str) -> bool {
    VARIABLES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_host_and_of_the_machine_are_never_granted() {
        let protected = Protected {
            folders: vec!["/var/lib/hostler".into(), "/opt/cache".into()],
        };
        let never = [
            "/",
            "/proc",
            "/proc/1",
            "/sys/kernel",
            "/dev",
            "/dev/shm",
            "/run",
            "/run/secrets",
            "/var/lib/hostler",
            "/var/lib/hostler/data/A.B",
            "/var/lib/hostler/state",
            "/var/lib",
            "/var",
            "/opt",
            "/opt/cache",
        ];
        for path in never {
            assert!(
                protected.why_never(&FolderPath::parse(path).unwrap()).is_some(),
                "{path}"
            );
        }
        for path in [
            "/var/lib/hostler2",
            "/var/lib/app",
            "/process",
            "/home",
            "/opt/cached",
            "/srv/run",
            "/etc",
        ] {
            assert_eq!(protected.why_never(&FolderPath::parse(path).unwrap()), None, "{path}");
        }
    }

    #[test]
    fn variables_that_leak_or_steer_are_never_granted() {
        for name in [
            "PWD",
            "VERSION",
            "LD_PRELOAD",
            "HOSTLER_LOG",
            "ConfigSequenceNumber",
            "AZURE_GUEST_AGENT_X",
        ] {
            assert!(is_never_variable(name), "{name}");
        }
        for name in [
            "HTTP_PROXY",
            "LANG",
            "CONFIG",
            "LDAP",
            "HOSTNAME",
            "VERSION_ID",
            "no_proxy",
        ] {
            assert!(!is_never_variable(name), "{name}");
        }
    }
}
