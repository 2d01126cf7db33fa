//! Status and heartbeat files that a host must not be fooled or held up by.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};

use crate::After;
use crate::handler::{Failure, Handler, Parameters, status_document};
use crate::spin;

/// STA-01 to STA-07, STA-12, STA-13, STA-15, STA-20, STA-21: any bytes under any name.
pub(crate) fn write(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let path = parameters
        .text("name")
        .map_or_else(|| handler.status_file(), |name| handler.status.join(name));
    fs::write(path, content(parameters)?)?;
    Ok(After::Quiet)
}

/// The bytes of the parameter `hex`, else those of `text`.
fn content(parameters: &Parameters) -> Result<Vec<u8>, Failure> {
    let Some(hex) = parameters.text("hex") else {
        return Ok(parameters.text("text").unwrap_or_default().as_bytes().to_vec());
    };
    let digits: Option<Vec<u8>> = hex
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits.ok_or_else(|| Failure::new("`hex` is not hexadecimal"))?;
    Ok(digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect())
}

/// Success without a word.
pub(crate) fn none(_: &Handler, _: &Parameters) -> Result<After, Failure> {
    Ok(After::Quiet)
}

/// STA-03, written piece by piece: the attacker needs no more memory than the host.
pub(crate) fn large(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    const MARK: &str = "@";
    let document = status_document("success", MARK);
    let (head, tail) = document.split_once(MARK).ok_or_else(|| Failure::new("no mark"))?;
    let mut file = BufWriter::with_capacity(64 << 10, fs::File::create(handler.status_file())?);
    file.write_all(head.as_bytes())?;
    repeat(&mut file, b'm', parameters.number("bytes", 100_000_000))?;
    file.write_all(tail.as_bytes())?;
    file.flush()?;
    Ok(After::Quiet)
}

/// STA-04.
pub(crate) fn deep(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let depth = parameters.number("depth", 1_000_000);
    let mut file = BufWriter::with_capacity(64 << 10, fs::File::create(handler.status_file())?);
    repeat(&mut file, b'[', depth)?;
    repeat(&mut file, b']', depth)?;
    file.flush()?;
    Ok(After::Quiet)
}

fn repeat(file: &mut impl Write, byte: u8, times: u64) -> Result<(), Failure> {
    for _ in 0..times {
        file.write_all(&[byte])?;
    }
    Ok(())
}

/// STA-14.
pub(crate) fn many(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let message = "m".repeat(parameters.size("bytes", 1_000_000));
    let part = |number| {
        json!({
            "name": format!("part {number}"),
            "status": "success",
            "code": number,
            "formattedMessage": { "lang": "en-US", "message": "done" },
        })
    };
    let parts: Vec<Value> = (0..parameters.number("count", 10_000)).map(part).collect();
    let document = json!([{
        "version": "1.0",
        "timestampUTC": "2020-01-01T00:00:00Z",
        "status": {
            "name": "hostile",
            "operation": "enable",
            "status": "success",
            "code": 0,
            "formattedMessage": { "lang": "en-US", "message": message },
            "substatus": parts,
        },
    }]);
    fs::write(handler.status_file(), document.to_string())?;
    Ok(After::Quiet)
}

/// STA-16.
pub(crate) fn late(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    let document = status_document("success", "late");
    let half = document.as_bytes().get(..document.len() / 2).unwrap_or_default();
    fs::write(handler.status_file(), half)?;
    thread::sleep(Duration::from_millis(parameters.number("milliseconds", 200)));
    fs::write(handler.status_file(), document)?;
    Ok(After::Quiet)
}

/// STA-09.
pub(crate) fn directory(handler: &Handler, _: &Parameters) -> Result<After, Failure> {
    folder_with_content(handler.status_file())
}

/// HB-04.
pub(crate) fn directory_heartbeat(handler: &Handler, _: &Parameters) -> Result<After, Failure> {
    folder_with_content(handler.heartbeat.clone())?;
    Ok(After::Success("the heartbeat is a folder".to_owned()))
}

/// A folder that cannot be removed by one call.
fn folder_with_content(path: PathBuf) -> Result<After, Failure> {
    fs::create_dir(&path)?;
    fs::write(path.join("inside"), b"x")?;
    Ok(After::Quiet)
}

/// GST-22.
pub(crate) fn success_then_loop(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    handler.write_status("success", "all is well")?;
    spin::forever(handler, parameters)
}

/// STA-19.
pub(crate) fn success_then_panic(handler: &Handler, _: &Parameters) -> Result<After, Failure> {
    handler.write_status("success", "all is well")?;
    panic!("after success")
}

/// STA-19.
pub(crate) fn success_then_exit(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    handler.write_status("success", "all is well")?;
    u8::try_from(parameters.number("code", 3))
        .map(After::Exit)
        .map_err(|_| Failure::new("not an exit code"))
}

/// HB-02, HB-05.
pub(crate) fn heartbeat(handler: &Handler, parameters: &Parameters) -> Result<After, Failure> {
    fs::write(&handler.heartbeat, content(parameters)?)?;
    Ok(After::Success("a heartbeat is written".to_owned()))
}
