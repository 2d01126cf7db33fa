//! A client that sends exactly what it is told to, byte by byte, also what no library would.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A connection to the server.
pub(crate) type Connection = StreamOwned<ClientConnection, TcpStream>;

/// What a server answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| {
            line.split_once(':')
                .is_some_and(|(key, _)| key.eq_ignore_ascii_case(name))
        });
        Some(line?.split_once(':')?.1.trim())
    }
}

/// A client of one server.
#[derive(Clone)]
pub(crate) struct Client {
    config: Arc<ClientConfig>,
    authority: String,
}

impl Client {
    pub(crate) fn new(authority: &str, trusted: &Path, own: Option<&(String, String)>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(trusted).unwrap() {
            roots.add(certificate.unwrap()).unwrap();
        }
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = builder.with_root_certificates(roots);
        let config = match own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                builder.with_client_auth_cert(vec![certificate], key).unwrap()
            }
        };
        Self {
            config: Arc::new(config),
            authority: authority.to_owned(),
        }
    }

    pub(crate) fn connect(&self) -> Connection {
        let tcp = TcpStream::connect(&self.authority).unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(180))).unwrap();
        tcp.set_write_timeout(Some(Duration::from_secs(180))).unwrap();
        let host = self.authority.rsplit_once(':').unwrap().0.to_owned();
        let name = ServerName::try_from(host).unwrap();
        StreamOwned::new(ClientConnection::new(self.config.clone(), name).unwrap(), tcp)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    /// One request, whole.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut connection = self.connect();
        let head = self.head(method, path, headers, Some(body.len()));
        let sent = connection
            .write_all(head.as_bytes())
            .and_then(|()| connection.write_all(body));
        // A server that refuses before it has read all may close; what it answered counts.
        let _ = sent.and_then(|()| connection.flush());
        answer(&mut connection).unwrap()
    }

    /// The head of a request.
    pub(crate) fn head(&self, method: &str, path: &str, headers: &[(&str, &str)], length: Option<usize>) -> String {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.authority
        );
        if let Some(length) = length {
            head += &format!("Content-Length: {length}\r\n");
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head + "\r\n"
    }
}

/// Reads an answer to its end.
pub(crate) fn answer(connection: &mut Connection) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        match connection.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
            // Where this process was stopped meanwhile.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof && !bytes.is_empty() => break,
            Err(error) if error.kind() == ErrorKind::ConnectionReset && !bytes.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.ok_or_else(|| io::Error::other("the answer has no head"))?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Answer {
        status: status.ok_or_else(|| io::Error::other("the answer has no status"))?,
        body: bytes[end + 4..].to_vec(),
        head,
    })
}
