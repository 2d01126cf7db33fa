//! Our way of reading and writing JSON, on top of `serde_json`.
//!
//! Documents of the contract need more than `serde_json::Value` keeps: the text of numbers (a status code keeps its
//! type, contract 5.1), the order of keys (settings are written out again, contract 4.1), keys that stand twice, and
//! where each value lies. A [`Node`] has all of it. Reading is bounded in bytes and in nesting before anything is
//! allocated, and writing gives the very bytes that the agent writes.

mod members;
mod node;
mod path;
mod read;
mod rules;
mod scan;
mod write;

pub use node::{Kind, Node, Number, Object, Value};
pub use path::JsonPath;
pub use read::Read;
pub use rules::{ByteOrderMark, Duplicates, JsonRules};
pub use scan::{Position, position};
