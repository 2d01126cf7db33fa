//! Several servers that begin on one new data folder at the same moment.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::server::files;

const SERVERS: usize = 4;

#[test]
fn all_of_them_start_and_make_everything_once() {
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let log = |number: usize| folder.path().join(format!("log-{number}"));
        let mut servers: Vec<Child> = (0..SERVERS)
            .map(|number| {
                Command::new(env!("CARGO_BIN_EXE_hostler-repository"))
                    .args(["serve", "--listen", "127.0.0.1:0", "--tls-self-signed", "--data"])
                    .arg(&data)
                    .stdin(Stdio::null())
                    .stdout(Stdio::piped())
                    .stderr(File::create(log(number)).unwrap())
                    .spawn()
                    .unwrap()
            })
            .collect();
        // Each says where it listens, or ends.
        let said: Vec<String> = servers
            .iter_mut()
            .map(|server| {
                let mut line = String::new();
                BufReader::new(server.stdout.take().unwrap())
                    .read_line(&mut line)
                    .unwrap();
                line
            })
            .collect();
        for server in &mut servers {
            server.kill().unwrap();
            server.wait().unwrap();
        }
        for (number, line) in said.iter().enumerate() {
            let words = fs::read_to_string(log(number)).unwrap();
            assert!(line.starts_with("listening on https://127.0.0.1:"), "{line}{words}");
        }
        let made = files(&data);
        let keys = made.iter().filter(|name| name.ends_with(".index-key"));
        assert_eq!(keys.count(), 1, "{made:?}");
        assert!(made.contains(&"tls/cert.pem".to_owned()), "{made:?}");
        assert!(!made.iter().any(|name| name.ends_with(".new")), "{made:?}");
    }
}
