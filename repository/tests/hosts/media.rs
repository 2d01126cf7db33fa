//! REP-12 and REP-18 at the real server: what a MediaLink leads to is fetched only where the operator said, and not for ever.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::registration::{definition, package};
use crate::server::Repository;

/// A server that gives packages, and other things.
struct Elsewhere {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Elsewhere {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (noted, own) = (asked.clone(), address.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (noted, own) = (noted.clone(), own.clone());
                thread::spawn(move || serve(stream, &noted, &own));
            }
        });
        Self { address, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, noted: &Mutex<Vec<String>>, own: &str) {
    let mut lines = BufReader::new(stream.try_clone().unwrap())
        .lines()
        .map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    lines.find(String::is_empty);
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    noted.lock().unwrap().push(path.clone());
    let redirect =
        |to: String| format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let whole = |bytes: &[u8], length: usize| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        [head.as_bytes(), bytes].concat()
    };
    let bytes = package("from elsewhere");
    let answer = match path.split('?').next().unwrap_or_default() {
        "/good" => whole(&bytes, bytes.len()),
        "/moved" => redirect("/good".to_owned()).into_bytes(),
        "/inside" => redirect("http://169.254.169.254/latest/meta-data".to_owned()).into_bytes(),
        "/neighbour" => redirect(format!(
            "http://localhost:{}/good",
            own.rsplit(':').next().unwrap_or_default()
        ))
        .into_bytes(),
        "/round" => redirect("/round".to_owned()).into_bytes(),
        "/short" => whole(&bytes, bytes.len() + 10),
        "/huge" => whole(&bytes, 1 << 30),
        "/endless" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            let piece = vec![0; 1 << 20];
            while stream.write_all(&piece).is_ok() {}
            return;
        }
        _ => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
    };
    let _ = stream.write_all(&answer);
}

/// What becomes of a registration with this MediaLink.
fn registered(repository: &Repository, version: &str, link: &str) -> String {
    let body = definition(version, link, "<IsInternalExtension>true</IsInternalExtension>");
    let first = repository.call("POST", "/services/extensions", &body);
    let answer = match first.status {
        202 | 400 => first,
        _ => repository.call("PUT", "/services/extensions?action=update", &body),
    };
    match answer.status {
        202 => repository.ended(answer.header("x-ms-request-id").unwrap()),
        _ => answer.text(),
    }
}

#[test]
fn rep_12_rep_18_only_what_is_listed_is_asked_and_not_for_ever() {
    let elsewhere = Elsewhere::start();
    let repository = Repository::start(&["--media-host", &elsewhere.address]);
    for (path, says) in [
        ("/inside", "leads to another host"),
        ("/neighbour", "leads to another host"),
        ("/round", "more than 5"),
        ("/huge", "more than 67108864 bytes"),
        ("/endless", "more than 67108864 bytes"),
        ("/missing", "status 404"),
    ] {
        let said = registered(&repository, "1.0.0", &elsewhere.url(&format!("{path}?sig=SECRET")));
        assert!(
            said.contains("<Status>Failed</Status>") && said.contains(says),
            "{path}: {said}"
        );
        assert!(!said.contains("SECRET"), "{said}");
    }
    for link in [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/x",
        "https://localhost/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1/x",
    ] {
        let before = elsewhere.asked().len();
        let said = registered(&repository, "1.0.0", link);
        assert!(said.contains("BadRequest"), "{link}: {said}");
        assert_eq!(elsewhere.asked().len(), before);
    }
    assert!(!repository.log().contains("SECRET"));
    let said = registered(&repository, "1.0.0", &elsewhere.url("/moved"));
    assert!(said.contains("<Status>Succeeded</Status>"), "{said}");
    assert_eq!(
        repository.published("local", "Contoso.Linux__Demo__1.0.0").body,
        package("from elsewhere")
    );
}

#[test]
fn rep_12_without_a_list_nothing_is_fetched() {
    let elsewhere = Elsewhere::start();
    let repository = Repository::start(&[]);
    let said = registered(&repository, "1.0.0", &elsewhere.url("/good"));
    assert!(said.contains("BadRequest") && said.contains("--media-host"), "{said}");
    assert_eq!(elsewhere.asked(), [""; 0]);
}
