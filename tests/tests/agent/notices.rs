//! What systemd is told.

use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;

use rustix::process::Signal;
use serde_json::json;

use crate::machine::{Machine, PATIENCE, enable};

#[test]
fn ready_alive_reloading_and_stopping() {
    let machine = Machine::new(&json!({}));
    machine.put(&enable(0));
    let path = machine.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let next = || {
        let mut buffer = [0; 200];
        let received = std::iter::repeat_with(|| socket.recv(&mut buffer));
        // Where this process was stopped meanwhile, it is waited for once more.
        let mut received =
            received.skip_while(|got| matches!(got, Err(error) if error.kind() == ErrorKind::Interrupted));
        let length = received.next().unwrap().unwrap();
        drop(received);
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    // The next one that is no sign of life.
    let said = || {
        std::iter::repeat_with(next)
            .find(|notice| notice != "WATCHDOG=1")
            .unwrap()
    };
    let agent = machine.start_in(machine.file().to_str().unwrap(), &[], |command| {
        // Ten that nobody has taken are all that the system keeps; where this test has to wait for its turn, there are fewer.
        command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "4000000");
    });
    assert_eq!(said(), "READY=1");
    assert_eq!(next(), "WATCHDOG=1");
    assert_eq!(next(), "WATCHDOG=1");
    agent.tell(Signal::HUP);
    let reloading = said();
    let since = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
    assert!(since.parse::<u64>().unwrap() > 0);
    assert_eq!(said(), "READY=1");
    agent.tell(Signal::TERM);
    assert_eq!(said(), "STOPPING=1");
    agent.stop();
}
