//! Regions in Azure Blob Storage, with Azurite, the emulator that its makers give out: nothing of it is played here.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::{env, thread};

use hostler_tests::not_run;
use ring::hmac;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::registration::package;
use crate::server::{PATIENCE, Repository};

/// The account that every Azurite has, and its key, which is no secret.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A running emulator.
pub(crate) struct Azurite {
    process: Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Azurite {
    /// Starts one, unless there is none on this machine.
    pub(crate) fn start() -> Option<Self> {
        let program = program()?;
        let folder = tempfile::tempdir().unwrap();
        let location = folder.path().to_str().unwrap();
        let mut process = Command::new(program)
            .args(["--blobHost", "127.0.0.1", "--blobPort", "0", "--location", location])
            .args(["--silent", "--skipApiVersionCheck", "--disableTelemetry"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let (tell, told) = mpsc::channel();
        // Read to its end, so that it never waits for a reader.
        thread::spawn(move || {
            for line in lines {
                if let Some((_, address)) = line.split_once("successfully listens on http://") {
                    let _ = tell.send(address.trim().to_owned());
                }
            }
        });
        let address = told.recv_timeout(PATIENCE);
        let this = Self {
            address: address.unwrap_or_default(),
            process,
            folder,
        };
        assert!(!this.address.is_empty(), "Azurite does not say where it listens");
        Some(this)
    }

    /// What a server needs to know of it.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AZURE_STORAGE_USE_EMULATOR", "true".to_owned()),
            ("AZURITE_BLOB_STORAGE_URL", format!("http://{}", self.address)),
        ]
    }

    /// Makes a container: what an operator does before the server comes.
    pub(crate) fn make_container(&self, name: &str) {
        let form =
            format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
        let date = OffsetDateTime::now_utc().format(form).unwrap();
        let path = format!("/{ACCOUNT}/{name}");
        let signed = format!(
            "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:2021-08-06\n/{ACCOUNT}{path}\nrestype:container"
        );
        let key = hmac::Key::new(hmac::HMAC_SHA256, &from_base64(KEY));
        let signature = to_base64(hmac::sign(&key, signed.as_bytes()).as_ref());
        let request = format!(
            "PUT {path}?restype=container HTTP/1.1\r\nHost: {}\r\nx-ms-date: {date}\r\nx-ms-version: 2021-08-06\r\n\
             Authorization: SharedKey {ACCOUNT}:{signature}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            self.address
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = &self.folder;
    }
}

/// `azurite-blob`: where HOSTLER_AZURITE says, or where `.ci/run` puts it, or on the path.
fn program() -> Option<PathBuf> {
    let told = env::var_os("HOSTLER_AZURITE").map(PathBuf::from);
    let tools = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/tools/node_modules/.bin/azurite-blob");
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).map(|folder| folder.join("azurite-blob"));
    let found = told
        .into_iter()
        .chain([tools])
        .chain(on_path)
        .find(|program| program.is_file());
    if found.is_none() {
        not_run("azurite-blob (npm install --prefix target/tools azurite)");
    }
    found
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..=three.len() {
            text.push(DIGITS[(number >> (18 - 6 * digit) & 63) as usize].into());
        }
        text.extend(std::iter::repeat_n('=', 3 - three.len()));
    }
    text
}

fn from_base64(text: &str) -> Vec<u8> {
    let (mut bytes, mut number, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in text
        .bytes()
        .filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte))
    {
        number = (number << 6 | u32::try_from(digit).unwrap()) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((number >> bits & 0xff) as u8);
        }
    }
    bytes
}

#[test]
fn two_regions_in_blob_storage() {
    let Some(azurite) = Azurite::start() else {
        return;
    };
    azurite.make_container("west");
    azurite.make_container("north");
    let variables = azurite.variables();
    let regions = [
        "--region",
        "West US=az://west/hostler",
        "--region",
        "North Europe=az://north",
    ];
    let mut repository = Repository::start_with(&regions, &variables);
    // More than one part of what is written at a time.
    let bytes = package(&"x".repeat(11 << 20));
    repository.register("1.0.0", &bytes, "<IsInternalExtension>true</IsInternalExtension>");
    for region in ["westus", "northeurope"] {
        assert_eq!(repository.offered(region), [("1.0.0".to_owned(), false)]);
        assert_eq!(
            repository.published(region, "Contoso.Linux__Demo__1.0.0").body.len(),
            bytes.len()
        );
    }
    // The packages are in the container too, so another server over the same database would find them.
    let list = repository.publisher().get("/blob/extensions?comp=list").text();
    assert!(list.contains("demo-1.0.0.zip"), "{list}");
    let operation = repository.accept(
        "1.0.1",
        &package("two"),
        "<IsInternalExtension>true</IsInternalExtension>",
    );
    repository.kill();
    repository.run();
    let ended = repository.ended(&operation);
    assert!(ended.contains("<Status>Succeeded</Status>"), "{ended}");
    assert_eq!(repository.offered("northeurope").len(), 2);
}
