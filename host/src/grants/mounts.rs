//! What is mounted where: the same folder can be seen under several paths, and other file systems can lie in a folder.

use std::io;
use std::path::{Path, PathBuf};

/// File systems that show or steer the machine, wherever they are mounted.
const SYSTEM: [&str; 19] = [
    "proc",
    "sysfs",
    "cgroup",
    "cgroup2",
    "devtmpfs",
    "devpts",
    "debugfs",
    "tracefs",
    "securityfs",
    "configfs",
    "pstore",
    "efivarfs",
    "bpf",
    "selinuxfs",
    "mqueue",
    "hugetlbfs",
    "fusectl",
    "binfmt_misc",
    "nsfs",
];

/// A file system, and a folder in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    device: String,
    /// From the root of that file system.
    path: PathBuf,
}

impl Location {
    /// Whether one of the two is the other or lies in it.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.device == other.device && (self.path.starts_with(&other.path) || other.path.starts_with(&self.path))
    }
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    id: u64,
    /// What it shows.
    pub(super) shows: Location,
    /// Where it lies.
    pub(super) at: PathBuf,
    kind: String,
}

impl Mount {
    /// Whether it shows or steers the machine.
    pub(super) fn is_system(&self) -> bool {
        SYSTEM.contains(&self.kind.as_str())
    }
}

/// All that is mounted in the sight of this process.
#[derive(Debug)]
pub(super) struct Mounts(Vec<Mount>);

impl Mounts {
    /// As they are now.
    ///
    /// # Errors
    ///
    /// When `/proc/self/mountinfo` cannot be read or understood.
    pub(super) fn now() -> io::Result<Self> {
        // Somebody may have mounted something at a place whose name is no text: what is not ours is still listed.
        let text = std::fs::read("/proc/self/mountinfo")?;
        Self::parse(&String::from_utf8_lossy(&text))
            .ok_or_else(|| io::Error::other("/proc/self/mountinfo cannot be understood"))
    }

    fn parse(text: &str) -> Option<Self> {
        text.lines().map(parse_line).collect::<Option<_>>().map(Self)
    }

    /// The mount with that number.
    pub(super) fn of(&self, id: u64) -> Option<&Mount> {
        self.0.iter().find(|mount| mount.id == id)
    }

    /// Those that lie in `folder`, itself left out.
    pub(super) fn below(&self, folder: &Path) -> impl Iterator<Item = &Mount> {
        self.0
            .iter()
            .filter(move |mount| mount.at != folder && mount.at.starts_with(folder))
    }

    /// Where `path`, a real path in the mount `id`, lies in its file system.
    pub(super) fn locate(&self, id: u64, path: &Path) -> Option<Location> {
        let mount = self.of(id)?;
        let rest = path.strip_prefix(&mount.at).ok()?;
        let inside = mount.shows.path.join(rest);
        Some(Location {
            device: mount.shows.device.clone(),
            // Without the slash that joining nothing leaves.
            path: inside.components().collect(),
        })
    }
}

/// `36 35 98:0 /root /mnt rw,noatime master:1 - ext4 /dev/root rw` (proc(5)).
fn parse_line(line: &str) -> Option<Mount> {
    let (place, kind) = line.split_once(" - ")?;
    let mut fields = place.split(' ');
    let id = fields.next()?.parse().ok()?;
    let device = fields.nth(1)?.to_owned();
    let path = unescape(fields.next()?)?;
    let at = unescape(fields.next()?)?;
    let kind = kind.split(' ').next()?.to_owned();
    Some(Mount {
        id,
        shows: Location { device, path },
        at,
        kind,
    })
}

/// Spaces and the like stand as `\040`.
fn unescape(text: &str) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..3)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 8).ok()?);
        rest = rest.get(3..)?;
    }
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
22 1 8:1 / / rw - ext4 /dev/sda1 rw
23 22 0:21 / /proc rw,nosuid - proc proc rw
30 22 8:1 /var/lib/hostler/data /srv/bound\\040data rw shared:1 - ext4 /dev/sda1 rw
31 22 8:2 / /srv/disk rw - ext4 /dev/sda2 rw
";

    #[test]
    fn one_folder_under_two_paths_is_one_place() {
        let mounts = Mounts::parse(TEXT).unwrap();
        let locate = |id, path: &str| mounts.locate(id, Path::new(path)).unwrap();
        let root = locate(22, "/var/lib/hostler");
        assert!(locate(30, "/srv/bound data").overlaps(&root));
        assert!(locate(30, "/srv/bound data/x").overlaps(&root));
        assert!(locate(22, "/var").overlaps(&root));
        assert!(!locate(22, "/var/lib/hostler2").overlaps(&root));
        assert!(!locate(31, "/srv/disk/var/lib/hostler").overlaps(&root), "another disk");
        let below: Vec<_> = mounts
            .below(Path::new("/srv"))
            .map(|mount| mount.at.to_str().unwrap())
            .collect();
        assert_eq!(below, ["/srv/bound data", "/srv/disk"]);
        assert!(mounts.of(23).unwrap().is_system() && !mounts.of(31).unwrap().is_system());
    }

    #[test]
    fn what_is_not_understood_is_no_table_of_mounts() {
        for text in [
            "x",
            "22 1 8:1 / / rw ext4",
            "a 1 8:1 / / rw - ext4 d rw",
            "22 1 8:1 /\\0 / rw - ext4 d rw",
        ] {
            assert!(Mounts::parse(text).is_none(), "{text}");
        }
        assert!(
            Mounts::now().unwrap().below(Path::new("/")).next().is_some(),
            "this machine's"
        );
    }
}
