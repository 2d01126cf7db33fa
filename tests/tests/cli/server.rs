//! A small HTTP server that answers as a test says, well or badly.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// What is answered to a request for a path.
#[derive(Clone)]
pub(crate) enum Answer {
    /// All of it.
    Whole(Vec<u8>),
    /// This status, and nothing with it.
    Status(u16),
    /// Go there.
    Redirect(String),
    /// Another length is announced than comes, and then the connection ends.
    Announced(usize, Vec<u8>),
    /// One byte, and then nothing more, without an end.
    Silent,
    /// More and more, without an end.
    Endless,
}

/// The server; it answers as long as the process lives.
pub(crate) struct Server {
    port: u16,
}

impl Server {
    /// Starts one that answers to those paths, and with 404 to all others.
    pub(crate) fn start<const N: usize>(answers: [(&str, Answer); N]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers: BTreeMap<String, Answer> = answers
            .into_iter()
            .map(|(path, answer)| (path.to_owned(), answer))
            .collect();
        let answers = Arc::new(answers);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answers = Arc::clone(&answers);
                // A client that goes away in the middle is what some answers are for.
                thread::spawn(move || answer(stream, &answers));
            }
        });
        Self { port }
    }

    /// The URL of `path`, which begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// `text` with `[PORT]` in the place of the port.
    pub(crate) fn plain(&self, text: &str) -> String {
        text.replace(&format!("127.0.0.1:{}", self.port), "127.0.0.1:[PORT]")
    }
}

fn answer(mut stream: TcpStream, answers: &BTreeMap<String, Answer>) -> io::Result<()> {
    let mut head = BufReader::new(stream.try_clone()?).lines();
    let request = head.next().transpose()?.unwrap_or_default();
    while head.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = request.split(' ').nth(1).unwrap_or_default();
    match answers.get(path).cloned().unwrap_or(Answer::Status(404)) {
        Answer::Whole(body) => send(&mut stream, "200 OK", &[&length(body.len())], &body),
        Answer::Status(status) => send(&mut stream, &format!("{status} So"), &[&length(0)], b""),
        Answer::Redirect(to) => send(&mut stream, "302 Found", &[&format!("Location: {to}"), &length(0)], b""),
        Answer::Announced(size, body) => send(&mut stream, "200 OK", &[&length(size)], &body),
        Answer::Silent => {
            send(&mut stream, "200 OK", &[&length(1000)], b"x")?;
            // Until the client has had enough.
            stream.read_to_end(&mut Vec::new()).map(|_| ())
        }
        Answer::Endless => {
            send(&mut stream, "200 OK", &[], b"")?;
            loop {
                stream.write_all(&[b' '; 1 << 16])?;
            }
        }
    }
}

fn length(bytes: usize) -> String {
    format!("Content-Length: {bytes}")
}

fn send(stream: &mut TcpStream, status: &str, headers: &[&str], body: &[u8]) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\n{}\r\n\r\n",
        headers.join("\r\n")
    );
    // Without a header that is an empty line too many, which begins the body.
    let head = if headers.is_empty() {
        head.replace("\r\n\r\n\r\n", "\r\n\r\n")
    } else {
        head
    };
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}
