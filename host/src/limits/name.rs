//! The limits by name: one line each with unit, default, code and meaning.

use hostler_contract::{Code, codes};
use serde::{Deserialize, Serialize};

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Bytes.
    Bytes,
    /// Things.
    Count,
}

macro_rules! limits {
    ($($variant:ident $name:literal $unit:ident $default:literal $code:ident $meaning:literal;)*) => {
        /// A limit of a command, by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum LimitName {
            $(
                #[doc = $meaning]
                #[serde(rename = $name)]
                $variant,
            )*
        }

        impl LimitName {
            /// Every limit, in the order of reports.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The name that users give, for example `guest.memory_total`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it counts.
            pub fn unit(self) -> Unit {
                match self { $(Self::$variant => Unit::$unit),* }
            }

            /// The value when nobody lowers it, in its unit.
            pub fn default_value(self) -> u64 {
                match self { $(Self::$variant => $default),* }
            }

            /// The code of a finding or a report that says it was reached.
            pub fn code(self) -> Code {
                match self { $(Self::$variant => codes::$code),* }
            }

            /// What it bounds, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }
        }
    };
}

limits! {
    Deadline "cmd.deadline" Milliseconds 900_000 TIMEOUT
        "Time from the start of the command to its end, also while it waits; the contract's limit of the command when that is lower.";
    Cpu "cmd.cpu" Milliseconds 60_000 LIMIT_CPU
        "Processor time of the command: of the thread that runs the component, and of those that make its file calls.";
    Memory "guest.memory_total" Bytes 268_435_456 LIMIT_MEMORY
        "Linear memory of all instances of the component together; growing beyond it fails in the guest.";
    TableElements "guest.table_elems_total" Count 1_000_000 LIMIT_TABLE
        "Elements of all tables together; growing beyond it fails in the guest.";
    Instances "guest.instances" Count 64 LIMIT_INSTANCES
        "Core instances of the component.";
    Memories "guest.memories" Count 8 LIMIT_MEMORIES
        "Linear memories of the component.";
    Tables "guest.tables" Count 64 LIMIT_TABLES
        "Tables of the component.";
    Handles "guest.handles" Count 4_096 LIMIT_HANDLES
        "Component-model handles alive at one time.";
    Resources "guest.resources" Count 512 LIMIT_RESOURCES
        "WASI resources (open files and folders, streams, pollables) alive at one time.";
    Hostcall "guest.hostcall" Bytes 4_194_304 LIMIT_HOSTCALL
        "Data that one call of the component hands to the host.";
    Random "guest.random" Bytes 65_536 LIMIT_RANDOM
        "Random bytes that one call asks for.";
    Stdout "guest.stdout" Bytes 1_048_576 LIMIT_STDOUT
        "Bytes of standard output that are kept; the rest is counted and dropped, the command goes on.";
    Stderr "guest.stderr" Bytes 1_048_576 LIMIT_STDERR
        "Bytes of standard error that are kept; the rest is counted and dropped, the command goes on.";
    StatusBytes "dir.status.bytes" Bytes 4_194_304 LIMIT_DIR_BYTES
        "Bytes of all files in the status folder together, by their apparent size; growing beyond it fails in the guest.";
    StatusFiles "dir.status.files" Count 1_024 LIMIT_DIR_FILES
        "Files, folders and links in the status folder; making more fails in the guest.";
    StatusDepth "dir.status.depth" Count 1 LIMIT_DIR_DEPTH
        "Folders in one another in the status folder; making a deeper one fails in the guest.";
    HeartbeatBytes "dir.heartbeat.bytes" Bytes 1_048_576 LIMIT_DIR_BYTES
        "Bytes of all files in the heartbeat folder together, by their apparent size; growing beyond it fails in the guest.";
    HeartbeatFiles "dir.heartbeat.files" Count 64 LIMIT_DIR_FILES
        "Files, folders and links in the heartbeat folder; making more fails in the guest.";
    HeartbeatDepth "dir.heartbeat.depth" Count 1 LIMIT_DIR_DEPTH
        "Folders in one another in the heartbeat folder; making a deeper one fails in the guest.";
    LogBytes "dir.log.bytes" Bytes 16_777_216 LIMIT_DIR_BYTES
        "Bytes of all files in the log folder, without its events folder and without what the host logs there together, by their apparent size; growing beyond it fails in the guest.";
    LogFiles "dir.log.files" Count 128 LIMIT_DIR_FILES
        "Files, folders and links in the log folder, without its events folder and without what the host logs there; making more fails in the guest.";
    LogDepth "dir.log.depth" Count 8 LIMIT_DIR_DEPTH
        "Folders in one another in the log folder, without its events folder and without what the host logs there; making a deeper one fails in the guest.";
    EventsBytes "dir.events.bytes" Bytes 4_194_304 LIMIT_DIR_BYTES
        "Bytes of all files in the events folder together, by their apparent size; growing beyond it fails in the guest.";
    EventsFiles "dir.events.files" Count 1_000 LIMIT_DIR_FILES
        "Files, folders and links in the events folder; making more fails in the guest.";
    EventsDepth "dir.events.depth" Count 1 LIMIT_DIR_DEPTH
        "Folders in one another in the events folder; making a deeper one fails in the guest.";
    DataBytes "dir.data.bytes" Bytes 67_108_864 LIMIT_DIR_BYTES
        "Bytes of all files in the data folder together, by their apparent size; growing beyond it fails in the guest.";
    DataFiles "dir.data.files" Count 1_024 LIMIT_DIR_FILES
        "Files, folders and links in the data folder; making more fails in the guest.";
    DataDepth "dir.data.depth" Count 8 LIMIT_DIR_DEPTH
        "Folders in one another in the data folder; making a deeper one fails in the guest.";
    File "file.max" Bytes 16_777_216 LIMIT_FILE
        "Size of one file; growing it beyond fails in the guest.";
}

impl LimitName {
    /// The limit of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.name() == name)
    }

    /// What to write in the place of `name`, which is no limit.
    pub fn hint(name: &str) -> String {
        let known = Self::ALL.map(Self::name).join(", ");
        format!("did you mean `{}`? There are {known}", Self::nearest(name))
    }

    fn nearest(name: &str) -> &'static str {
        hostler_contract::nearest(name, Self::ALL.iter().map(|limit| limit.name())).unwrap_or(Self::ALL[0].name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_mistyped_ones_have_a_nearest() {
        for limit in LimitName::ALL {
            assert_eq!(LimitName::from_name(limit.name()), Some(limit));
        }
        assert_eq!(LimitName::from_name("memory"), None);
        assert_eq!(LimitName::nearest("guest.memory"), "guest.memories");
        assert_eq!(LimitName::nearest("cmd.dealine"), "cmd.deadline");
    }
}
