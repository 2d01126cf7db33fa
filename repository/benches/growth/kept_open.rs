//! A client that keeps its connection, as publishers' tools and agents do.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use crate::client::Connection;
use crate::server::Repository;

/// A connection that is used for one request after the other.
pub(crate) struct KeptOpen {
    connection: BufReader<Connection>,
}

impl KeptOpen {
    /// With the publisher's certificate.
    pub(crate) fn new(repository: &Repository) -> Self {
        Self::of(repository.publisher().connect())
    }

    pub(crate) fn of(connection: Connection) -> Self {
        Self {
            connection: BufReader::new(connection),
        }
    }

    /// One request that has to be answered with 200.
    #[track_caller]
    pub(crate) fn get(&mut self, path: &str) {
        let status = self.status(path);
        assert_eq!(status, 200, "{path}");
    }

    /// One request; the status of its answer, which is read to its end.
    pub(crate) fn status(&mut self, path: &str) -> u16 {
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nx-ms-version: 2014-06-01\r\n\r\n");
        self.connection.get_mut().write_all(head.as_bytes()).unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.connection.read_line(&mut line).unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest.split(' ').next().unwrap().parse().unwrap();
            } else if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = (&mut self.connection).take(length);
        std::io::copy(&mut body, &mut std::io::sink()).unwrap();
        status
    }
}
