//! An HTTP server whose answer changes while it runs.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What is answered to the next requests.
#[derive(Clone)]
pub(crate) enum Answer {
    /// A document with its `ETag`.
    Document(String, &'static str),
    /// Each in its turn, with an `ETag` of its own.
    InTurn(Vec<String>),
    /// This status, and nothing with it.
    Status(u16),
    /// The head of an answer, and then nothing more, without an end.
    Slow,
    /// More and more, without an end.
    Endless,
    /// What is no HTTP.
    Garbage,
}

#[derive(Default)]
struct Seen {
    /// Requests, by their first lines and the status of what was answered.
    requests: Vec<String>,
    /// Bodies of `PUT`s.
    bodies: Vec<Vec<u8>>,
}

/// The server; it answers as long as the process lives.
#[derive(Clone)]
pub(crate) struct Server {
    port: u16,
    answer: Arc<Mutex<Answer>>,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    pub(crate) fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            answer: Arc::new(Mutex::new(answer)),
            seen: Arc::default(),
        };
        let serving = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                // A client that goes away in the middle is what some answers are for.
                thread::spawn(move || serving.serve(stream));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/goal.json?sig=secret", self.port)
    }

    pub(crate) fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }

    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().bodies.clone()
    }

    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim_end() {
                "" => break,
                line => head.push(line.to_owned()),
            }
        }
        let header = |name: &str| {
            let found = head.iter().filter_map(|line| line.split_once(": "));
            let mut found = found.filter(|(key, _)| key.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.to_owned())
        };
        let length: u64 = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let mut body = Vec::new();
        reader.take(length).read_to_end(&mut body)?;
        let first = head.first().cloned().unwrap_or_default();
        let (status, sent) = match self.answer.lock().unwrap().clone() {
            _ if first.starts_with("GET /") && !first.contains("goal.json") => (404, None),
            Answer::Document(_, tag) if header("if-none-match").as_deref() == Some(tag) => (304, None),
            Answer::Document(text, tag) => (200, Some((text, tag.to_owned()))),
            Answer::InTurn(texts) => {
                let turn = self.seen.lock().unwrap().requests.len();
                (200, Some((texts[turn % texts.len()].clone(), format!("\"{turn}\""))))
            }
            Answer::Status(status) => (status, None),
            Answer::Slow => (0, None),
            Answer::Endless => (1, None),
            Answer::Garbage => (2, None),
        };
        {
            let mut seen = self.seen.lock().unwrap();
            seen.requests.push(format!("{first} {status}"));
            if first.starts_with("PUT") {
                seen.bodies.push(body);
            }
        }
        match (status, sent) {
            (0, _) => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx")?;
                stream.read_to_end(&mut Vec::new()).map(|_| ())
            }
            (1, _) => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
                loop {
                    stream.write_all(&[b' '; 1 << 16])?;
                }
            }
            (2, _) => stream.write_all(b"\x00\x01 no HTTP at all\r\n\r\n"),
            (status, Some((text, tag))) => {
                let length = text.len();
                let head = format!(
                    "HTTP/1.1 {status} OK\r\nETag: {tag}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes())?;
                stream.write_all(text.as_bytes())
            }
            (status, None) => {
                let head = format!("HTTP/1.1 {status} So\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(head.as_bytes())
            }
        }
    }
}
