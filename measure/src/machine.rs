//! The machine that was measured on, as far as figures depend on it. Never its name, which is nobody's business.

use std::collections::BTreeMap;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// What figures depend on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's model, as it calls itself.
    pub processor: String,
    /// How many processors this process may use.
    pub cores: usize,
    /// The machine's memory, MiB.
    pub memory_mib: u64,
    /// The kernel's release.
    pub kernel: String,
    /// The distribution, with its version.
    pub distribution: String,
    /// Whether it is a virtual machine; `None` where the processor does not say.
    pub virtual_machine: Option<bool>,
    /// What decides on the processor's clock; `None` where that is not to be seen, as in most virtual machines.
    pub governor: Option<String>,
    /// How many threads wanted to run, on average of the last minute, before the run.
    pub load_before: Option<f64>,
    /// The same after it, in which the run itself counts.
    pub load_after: Option<f64>,
    /// Versions of the programs that took part, by their names.
    pub programs: BTreeMap<String, String>,
}

impl Machine {
    /// This one, now.
    pub fn look() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            governor: Some(
                read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
                    .trim()
                    .to_owned(),
            )
            .filter(|governor| !governor.is_empty()),
            load_before: load(&read("/proc/loadavg")),
            ..Self::of_texts(&read("/proc/cpuinfo"), &read("/proc/meminfo"), &read("/etc/os-release"))
        }
    }

    /// What these files say.
    fn of_texts(processors: &str, memory: &str, distribution: &str) -> Self {
        let flags = value(processors, "flags", ':');
        let model = ["model name", "Model", "Hardware"]
            .into_iter()
            .find_map(|key| value(processors, key, ':'));
        let total =
            value(memory, "MemTotal", ':').and_then(|text| text.trim_end_matches("kB").trim().parse::<u64>().ok());
        let name = value(distribution, "PRETTY_NAME", '=').map(|name| name.trim_matches('"').to_owned());
        Self {
            processor: model.map_or_else(|| std::env::consts::ARCH.to_owned(), str::to_owned),
            memory_mib: total.unwrap_or_default() >> 10,
            distribution: name.unwrap_or_else(|| "unknown".to_owned()),
            virtual_machine: flags.map(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor")),
            ..Self::default()
        }
    }

    /// Notes a program that takes part, with its version.
    pub fn add_program(&mut self, name: &str, version: impl Into<String>) {
        self.programs.insert(name.to_owned(), version.into());
    }

    /// Notes a program by what `command` says of its version, in its first line; nothing where it does not run.
    pub fn ask_program(&mut self, name: &str, command: &mut Command) {
        if let Ok(output) = command.output()
            && output.status.success()
            && let Some(line) = String::from_utf8_lossy(&output.stdout).lines().next()
        {
            self.add_program(name, line.trim());
        }
    }

    /// Notes the load at the end.
    pub fn look_again(&mut self) {
        self.load_after = load(&std::fs::read_to_string("/proc/loadavg").unwrap_or_default());
    }

    /// What `other` has otherwise, of what figures depend on, in words.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let mut look = |what: &str, here: &dyn std::fmt::Display, there: &dyn std::fmt::Display| {
            let (here, there) = (here.to_string(), there.to_string());
            if here != there {
                found.push(format!("{what}: {there} before, {here} now"));
            }
        };
        look("processor", &self.processor, &other.processor);
        look("processors", &self.cores, &other.cores);
        look("MiB of memory", &self.memory_mib, &other.memory_mib);
        look("kernel", &self.kernel, &other.kernel);
        look("distribution", &self.distribution, &other.distribution);
        found
    }

    /// All of it, as rows of a table: what, and how it is.
    pub fn rows(&self) -> Vec<(String, String)> {
        let kind = match self.virtual_machine {
            Some(true) => ", a virtual machine",
            Some(false) => ", no virtual machine",
            None => "",
        };
        let load = |load: Option<f64>| load.map_or_else(|| "unknown".to_owned(), |load| format!("{load:.2}"));
        let mut rows = vec![
            (
                "processor".to_owned(),
                format!("{}, {} of them{kind}", self.processor, self.cores),
            ),
            ("memory".to_owned(), format!("{} MiB", self.memory_mib)),
            (
                "system".to_owned(),
                format!("{}, kernel {}", self.distribution, self.kernel),
            ),
            (
                "load".to_owned(),
                format!("{} before, {} after", load(self.load_before), load(self.load_after)),
            ),
        ];
        rows.extend(
            self.governor
                .iter()
                .map(|governor| ("clock".to_owned(), governor.clone())),
        );
        rows.extend(
            self.programs
                .iter()
                .map(|(name, version)| (name.clone(), version.clone())),
        );
        rows
    }
}

/// The value of the first line of `text` that has `key` before `sign`.
fn value<'a>(text: &'a str, key: &str, sign: char) -> Option<&'a str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(sign));
    pairs
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim())
}

fn load(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_system_are_read() {
        let processors =
            "processor\t: 0\nmodel name\t: A Processor 9\nflags\t\t: fpu hypervisor sse\n\nprocessor\t: 1\n";
        let memory = "MemTotal:       24576000 kB\nMemFree: 1 kB\n";
        let found = Machine::of_texts(processors, memory, "NAME=\"x\"\nPRETTY_NAME=\"Some System 12\"\n");
        assert_eq!((found.processor.as_str(), found.memory_mib), ("A Processor 9", 24_000));
        assert_eq!(
            (found.distribution.as_str(), found.virtual_machine),
            ("Some System 12", Some(true))
        );
        let nothing = Machine::of_texts("", "", "");
        assert_eq!(
            (nothing.processor.as_str(), nothing.virtual_machine),
            (std::env::consts::ARCH, None)
        );
        assert_eq!(load("0.85 1.00 1.56 1/200 3\n"), Some(0.85));
        assert_eq!(load(""), None);
    }

    #[test]
    fn another_machine_is_seen_and_another_load_is_not_another_machine() {
        let here = Machine {
            cores: 2,
            kernel: "6.18".to_owned(),
            ..Machine::default()
        };
        let busy = Machine {
            load_before: Some(9.0),
            ..here.clone()
        };
        assert_eq!(here.differences(&busy), Vec::<String>::new());
        let other = Machine {
            cores: 8,
            ..here.clone()
        };
        assert_eq!(here.differences(&other), ["processors: 8 before, 2 now"]);
    }

    #[test]
    fn this_machine_says_what_it_is() {
        let mut here = Machine::look();
        here.look_again();
        here.add_program("hostler", "0.1.0");
        here.ask_program("nothing", &mut Command::new("/nonexistent/program"));
        assert!(here.cores > 0 && here.memory_mib > 0 && !here.kernel.is_empty());
        let names: Vec<String> = here.rows().into_iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"hostler".to_owned()) && !names.contains(&"nothing".to_owned()));
    }
}
