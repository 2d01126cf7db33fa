//! What a command is told to do, read from an object with a few known keys.

use serde_json::{Map, Value, json};

/// What a command does after it was recorded, in the order of the fields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Instruction {
    /// `protected`: reads protected settings from standard input, and puts their `password` in the place of `{plain}`,
    /// `{base64}`, `{url}`, `{json}` and `{hex}`, spelled so, in all texts that are written, and in what a trap says.
    pub(crate) protected: bool,
    /// `clear`: removes everything in the status, heartbeat and data folders.
    pub(crate) clear: bool,
    /// `data`: files written to the data folder, by name.
    pub(crate) data: Vec<(String, String)>,
    /// `events`: files written to the events folder, by name; what is no text as JSON.
    pub(crate) events: Vec<(String, String)>,
    /// `heartbeat`: written to the heartbeat file.
    pub(crate) heartbeat: Option<String>,
    /// `status` or `statusText`: what is written as the status.
    pub(crate) status: Status,
    /// `log`: a line for `handler.log` in the log folder.
    pub(crate) log: String,
    /// `stdout`, written `repeat` times.
    pub(crate) stdout: String,
    /// `stderr`, written `repeat` times.
    pub(crate) stderr: String,
    /// `repeat`: 1 by default.
    pub(crate) repeat: u64,
    /// `delayMs`: milliseconds to wait.
    pub(crate) delay_ms: u64,
    /// `waits`: waits until somebody puts a file `go` into the log folder.
    pub(crate) waits: bool,
    /// `stdin`: waits for the end of standard input, as a service does that is to stop.
    pub(crate) stdin: bool,
    /// `loop`, `trap`, or neither.
    pub(crate) ending: Ending,
    /// `exit`: the exit code, 0 by default.
    pub(crate) exit: u8,
}

/// What is written as the status of the current sequence number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Status {
    /// Nothing.
    None,
    /// A good status; what enable writes when it is told nothing about it.
    Good,
    /// This text, whatever it is.
    Text(String),
}

/// How the command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With its exit code.
    Exit,
    /// Never: it waits for ever.
    Loop,
    /// With a trap.
    Trap,
}

impl Instruction {
    /// Reads what `command` is told; `None` is an instruction without keys.
    ///
    /// # Errors
    /// What is no object, a key that is not known, and a value of the wrong type.
    pub(crate) fn parse(command: &str, told: Option<Value>) -> Result<Self, String> {
        let keys = match told {
            None => Map::new(),
            Some(Value::Object(keys)) => keys,
            Some(other) => return Err(format!("`{command}` is told {other}, which is no object")),
        };
        let mut instruction = Self {
            protected: false,
            log: String::new(),
            clear: false,
            data: Vec::new(),
            events: Vec::new(),
            heartbeat: None,
            status: if command == "enable" {
                Status::Good
            } else {
                Status::None
            },
            stdout: String::new(),
            stderr: String::new(),
            repeat: 1,
            delay_ms: 0,
            waits: false,
            stdin: false,
            ending: Ending::Exit,
            exit: 0,
        };
        for (key, value) in keys {
            instruction
                .take(&key, value)
                .map_err(|why| format!("`{command}` is told `{key}`: {why}"))?;
        }
        Ok(instruction)
    }

    fn take(&mut self, key: &str, value: Value) -> Result<(), String> {
        match key {
            "protected" => self.protected = flag(&value)?,
            "log" => self.log = text(value)?,
            "clear" => self.clear = flag(&value)?,
            "data" => self.data = files(value)?,
            "events" => {
                let Value::Object(files) = value else {
                    return Err(format!("{value} is no object of names and contents"));
                };
                let files = files.into_iter();
                self.events = files.map(|(name, content)| (name, text_or_json(content))).collect();
            }
            "heartbeat" => self.heartbeat = Some(text_or_json(value)),
            "status" if value == "none" => self.status = Status::None,
            "status" => self.status = Status::Text(value.to_string()),
            "statusText" => self.status = Status::Text(text(value)?),
            "stdout" => self.stdout = text(value)?,
            "stderr" => self.stderr = text(value)?,
            "repeat" => self.repeat = number(&value)?,
            "delayMs" => self.delay_ms = number(&value)?,
            "waits" => self.waits = flag(&value)?,
            "stdin" => self.stdin = flag(&value)?,
            "loop" if flag(&value)? => self.ending = Ending::Loop,
            "trap" if flag(&value)? => self.ending = Ending::Trap,
            "loop" | "trap" => {}
            "exit" => {
                let code = number(&value)?;
                self.exit = u8::try_from(code).map_err(|_| format!("{code} is no exit code"))?;
            }
            _ => return Err("there is no such key".to_owned()),
        }
        Ok(())
    }
}

/// The good status of `version` and sequence number `sequence` (contract 5.1).
pub(crate) fn good_status(version: &str, sequence: &str) -> String {
    json!([{
        "version": 1.0,
        "timestampUTC": "2020-01-01T00:00:00Z",
        "status": {
            "name": "recorder",
            "operation": "Enable",
            "status": "success",
            "code": 0,
            "formattedMessage": {
                "lang": "en-US",
                "message": format!("{version} is enabled with settings {sequence}"),
            },
        },
    }])
    .to_string()
}

fn flag(value: &Value) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| format!("{value} is neither true nor false"))
}

fn number(value: &Value) -> Result<u64, String> {
    value.as_u64().ok_or_else(|| format!("{value} is no whole number"))
}

fn text(value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(format!("{other} is no text")),
    }
}

fn text_or_json(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn files(value: Value) -> Result<Vec<(String, String)>, String> {
    match value {
        Value::Object(files) => files
            .into_iter()
            .map(|(name, content)| Ok((name, text(content)?)))
            .collect(),
        other => Err(format!("{other} is no object of names and texts")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(told: Value) -> Result<Instruction, String> {
        Instruction::parse("enable", Some(told))
    }

    #[test]
    fn nothing_told_is_success_and_a_good_status_of_enable_alone() {
        for command in ["install", "enable", "update", "disable", "uninstall"] {
            let silent = Instruction::parse(command, None).unwrap();
            let status = if command == "enable" {
                Status::Good
            } else {
                Status::None
            };
            assert_eq!((silent.exit, silent.ending, &silent.status), (0, Ending::Exit, &status));
            assert_eq!(Instruction::parse(command, Some(json!({}))), Ok(silent));
        }
    }

    #[test]
    fn every_key_has_its_place() {
        let told = json!({
            "clear": true, "data": {"mrseq": "3"}, "events": {"1.json": [2]}, "heartbeat": [1], "status": {"a": 1}, "stdout": "out",
            "stderr": "err", "repeat": 5, "delayMs": 7, "waits": true, "stdin": true, "loop": true, "exit": 255,
        });
        let expected = Instruction {
            protected: false,
            log: String::new(),
            clear: true,
            data: vec![("mrseq".to_owned(), "3".to_owned())],
            events: vec![("1.json".to_owned(), "[2]".to_owned())],
            heartbeat: Some("[1]".to_owned()),
            status: Status::Text(r#"{"a":1}"#.to_owned()),
            stdout: "out".to_owned(),
            stderr: "err".to_owned(),
            repeat: 5,
            delay_ms: 7,
            waits: true,
            stdin: true,
            ending: Ending::Loop,
            exit: 255,
        };
        assert_eq!(read(told), Ok(expected));
    }

    #[test]
    fn statuses_and_endings_come_in_several_kinds() {
        let status = |told| read(told).unwrap().status;
        assert_eq!(status(json!({"status": "none"})), Status::None);
        assert_eq!(
            status(json!({"status": "other"})),
            Status::Text(r#""other""#.to_owned())
        );
        assert_eq!(status(json!({"statusText": "{"})), Status::Text("{".to_owned()));
        assert_eq!(status(json!({"exit": 1})), Status::Good);
        let ending = |told| read(told).unwrap().ending;
        assert_eq!(ending(json!({"trap": true})), Ending::Trap);
        assert_eq!(ending(json!({"trap": false, "loop": false})), Ending::Exit);
        assert_eq!(
            read(json!({"heartbeat": "text"})).unwrap().heartbeat.as_deref(),
            Some("text")
        );
    }

    #[test]
    fn what_is_not_known_or_of_the_wrong_type_is_named() {
        let cases = [
            (json!([]), "no object"),
            (json!({"exti": 1}), "`exti`: there is no such key"),
            (json!({"exit": 256}), "`exit`: 256 is no exit code"),
            (json!({"exit": "1"}), "no whole number"),
            (json!({"exit": -1}), "no whole number"),
            (json!({"repeat": 1.5}), "no whole number"),
            (json!({"stdout": 1}), "1 is no text"),
            (json!({"statusText": {}}), "no text"),
            (json!({"loop": 1}), "neither true nor false"),
            (json!({"data": ["a"]}), "names and texts"),
            (json!({"data": {"a": 1}}), "no text"),
        ];
        for (told, words) in cases {
            let why = read(told.clone()).unwrap_err();
            assert!(why.contains(words), "{told}: {why}");
        }
    }

    #[test]
    fn a_good_status_is_one() {
        let status: Value = serde_json::from_str(&good_status("1.0.0", "3")).unwrap();
        let status = &status[0]["status"];
        assert_eq!(
            (&status["status"], &status["formattedMessage"]["message"]),
            (&json!("success"), &json!("1.0.0 is enabled with settings 3"))
        );
    }
}
