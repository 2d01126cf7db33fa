//! What is told to the service manager: datagrams to the socket that `NOTIFY_SOCKET` names (`sd_notify`).

use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The agent is at work: after its start, and after each reload.
    Ready,
    /// It reads its policy again.
    Reloading,
    /// It stops.
    Stopping,
    /// It is alive: for the watchdog.
    Alive,
}

/// Where notices go.
#[derive(Debug, Default)]
pub struct Notices {
    socket: Option<(UnixDatagram, SocketAddr)>,
}

impl Notices {
    /// To the socket that `name` names, by a path or, after an `@`, without one; to nobody where it names none or cannot
    /// be used: nothing depends on a notice.
    pub fn to(name: Option<&OsStr>) -> Self {
        let open = |name: &OsStr| {
            let bytes = name.as_bytes();
            let address = match bytes.strip_prefix(b"@") {
                Some(name) => SocketAddr::from_abstract_name(name)?,
                None => SocketAddr::from_pathname(OsStr::from_bytes(bytes))?,
            };
            let socket = UnixDatagram::unbound()?;
            // A service manager that does not read is not waited for.
            socket.set_nonblocking(true)?;
            Ok((socket, address))
        };
        let socket = name.filter(|name| !name.is_empty()).and_then(|name| {
            open(name)
                .inspect_err(|error: &std::io::Error| tracing::warn!(%error, "NOTIFY_SOCKET cannot be used"))
                .ok()
        });
        Self { socket }
    }

    /// Tells it.
    pub fn tell(&self, notice: Notice) {
        let Some((socket, address)) = &self.socket else { return };
        if let Err(error) = socket.send_to_addr(text(notice).as_bytes(), address) {
            tracing::debug!(%error, ?notice, "the service manager was not told");
        }
    }
}

fn text(notice: Notice) -> String {
    match notice {
        Notice::Ready => "READY=1".to_owned(),
        Notice::Reloading => {
            let now = clock_gettime(ClockId::Monotonic);
            let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1000;
            format!("RELOADING=1\nMONOTONIC_USEC={micros}")
        }
        Notice::Stopping => "STOPPING=1".to_owned(),
        Notice::Alive => "WATCHDOG=1".to_owned(),
    }
}

/// How often a sign of life is waited for: `usec` and `pid` are the variables `WATCHDOG_USEC` and `WATCHDOG_PID`.
pub fn watchdog(usec: Option<&str>, pid: Option<&str>) -> Option<Duration> {
    let is_for_this = pid.is_none_or(|pid| pid == std::process::id().to_string());
    let micros: u64 = usec?.parse().ok().filter(|micros| *micros > 0)?;
    is_for_this.then(|| Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_by_path_and_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let abstract_name = format!("hostler-test-{}", std::process::id());
        let by_path = UnixDatagram::bind(&path).unwrap();
        let address = SocketAddr::from_abstract_name(&abstract_name).unwrap();
        let by_name = UnixDatagram::bind_addr(&address).unwrap();
        let name = format!("@{abstract_name}");
        for (socket, name) in [(by_path, path.as_os_str()), (by_name, OsStr::new(&name))] {
            let notices = Notices::to(Some(name));
            for (notice, start) in [
                (Notice::Ready, "READY=1"),
                (Notice::Reloading, "RELOADING=1\nMONOTONIC_USEC="),
                (Notice::Alive, "WATCHDOG=1"),
                (Notice::Stopping, "STOPPING=1"),
            ] {
                notices.tell(notice);
                let mut buffer = [0; 100];
                let length = socket.recv(&mut buffer).unwrap();
                let said = std::str::from_utf8(&buffer[..length]).unwrap();
                assert!(said.starts_with(start), "{said}");
            }
        }
        // Nobody there: nothing happens.
        for name in [None, Some(OsStr::new("")), Some(OsStr::new("/none/at/all"))] {
            Notices::to(name).tell(Notice::Ready);
        }
    }

    #[test]
    fn a_watchdog_of_this_process_only() {
        let own = std::process::id().to_string();
        for (usec, pid, expected) in [
            (None, None, None),
            (Some("30000000"), None, Some(30)),
            (Some("30000000"), Some(own.as_str()), Some(30)),
            (Some("30000000"), Some("1"), None),
            (Some("0"), None, None),
            (Some("soon"), None, None),
        ] {
            assert_eq!(
                watchdog(usec, pid),
                expected.map(Duration::from_secs),
                "{usec:?} {pid:?}"
            );
        }
    }
}
