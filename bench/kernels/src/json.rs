//! JSON: parse a document, and write it again.

use serde_json::{Value, json};

use crate::Kernel;
use crate::text::{Line, Numbers};

/// Entries in the document, which is about 2 MB.
const ENTRIES: usize = 10_000;

pub(crate) struct Json {
    document: Vec<u8>,
    written: Vec<u8>,
}

impl Json {
    pub(crate) fn new() -> Self {
        let mut numbers = Numbers::new();
        let entries: Vec<Value> = (0..ENTRIES).map(|id| entry(id, &Line::new(&mut numbers))).collect();
        Self {
            document: Value::from(entries).to_string().into_bytes(),
            written: Vec::new(),
        }
    }
}

fn entry(id: usize, line: &Line) -> Value {
    json!({
        "id": id, "second": line.second, "level": line.level, "handler": line.handler,
        "from": {"user": line.user, "address": line.address, "trusted": line.milliseconds.is_multiple_of(3)},
        "outcome": {"state": line.outcome, "seconds": line.milliseconds as f64 / 1e3, "parts": [1, 2, id % 7]},
        "message": format!("{} ended with \"{}\"\n", line.handler, line.outcome),
    })
}

impl Kernel for Json {
    fn work(&mut self) {
        self.written.clear();
        // What does not parse leaves nothing, and another checksum.
        if let Ok(value) = serde_json::from_slice::<Value>(&self.document) {
            let _ = serde_json::to_writer(&mut self.written, &value);
        }
    }

    fn checksum(&self) -> u64 {
        crate::checksum(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::Json;
    use crate::Kernel as _;

    #[test]
    fn what_is_written_is_what_was_read() {
        let mut json = Json::new();
        json.work();
        assert_eq!(json.written, json.document);
        assert!(
            (1_500_000..3_500_000).contains(&json.document.len()),
            "{}",
            json.document.len()
        );
    }
}
