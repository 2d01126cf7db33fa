//! A server that gives each connection the next answer of a script, and remembers what it was asked.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};

/// What a connection gets.
pub(crate) enum Answer {
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// The request is read, and the connection closed.
    Nothing,
    /// These bytes, then silence until the client has had enough.
    Silence(Vec<u8>),
    /// These bytes, then `x` for as long as the client takes it.
    Endless(Vec<u8>),
}

impl Answer {
    /// A whole answer with a body and its length.
    pub(crate) fn new(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Bytes(format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes())
    }

    pub(crate) fn ok(body: &str) -> Self {
        Self::new("200 OK", "", body)
    }

    pub(crate) fn status(status: &str) -> Self {
        Self::new(status, "", "not what was wanted")
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::new("302 Found", &format!("Location: {to}\r\n"), "elsewhere")
    }

    /// The head of a good answer with these headers, as bytes to which a body may be added.
    pub(crate) fn head(headers: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\n{headers}\r\n").into_bytes()
    }

    /// Reads a request, notes it, and answers it: a client that has its answer finds its request noted.
    pub(crate) fn give(&self, connection: &mut (impl Read + Write), requests: &Requests) -> io::Result<()> {
        let request = read_head(connection)?;
        requests.lock().unwrap().push(request);
        match self {
            Self::Bytes(bytes) => connection.write_all(bytes)?,
            Self::Nothing => (),
            Self::Silence(bytes) => {
                connection.write_all(bytes)?;
                connection.flush()?;
                // Returns when the client closes, which is what is waited for.
                let _ = connection.read(&mut [0]);
            }
            Self::Endless(bytes) => {
                connection.write_all(bytes)?;
                while connection.write_all(&[b'x'; 4096]).is_ok() {}
            }
        }
        connection.flush()
    }
}

/// The heads of requests, in the order in which they came.
pub(crate) type Requests = Mutex<Vec<String>>;

fn read_head(connection: &mut impl Read) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if connection.read(&mut byte)? == 0 {
            break;
        }
        head.extend_from_slice(&byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// A server on a port of its own. When its script is at its end, it refuses connections.
pub(crate) struct Server {
    port: u16,
    requests: Arc<Requests>,
}

impl Server {
    pub(crate) fn start(script: Vec<Answer>) -> Self {
        Self::serve(script, |answer, mut stream, requests| {
            answer.give(&mut stream, requests)
        })
    }

    /// A server whose connections are wrapped in something by `give`.
    pub(crate) fn serve(
        script: Vec<Answer>,
        give: impl Fn(&Answer, TcpStream, &Requests) -> io::Result<()> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let server = Self {
            port,
            requests: Arc::clone(&requests),
        };
        thread::spawn(move || {
            for answer in script {
                let (stream, _) = listener.accept().unwrap();
                // A client that goes away in the middle is part of many a test.
                let _ = give(&answer, stream, &requests);
            }
        });
        server
    }

    /// A port of 127.0.0.1 on which nobody listens, and that nobody else gets as long as these tests run.
    pub(crate) fn none() -> Self {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = SocketAddr::try_from(getsockname(&socket).unwrap()).unwrap();
        std::mem::forget(socket);
        Self {
            port: address.port(),
            requests: Arc::default(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The heads of all requests so far, whatever came of them.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}
