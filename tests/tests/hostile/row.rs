//! One row of a table: an attack and what must come of it.

use std::time::Duration;

use hostler_tests::Isolation;
use serde_json::{Value, json};

use crate::oracles;
use crate::packages::Package;
use crate::seen::Seen;

/// How a command must end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ended {
    /// By itself, with that exit code.
    Exited(u8),
    /// With a trap of that code.
    Trapped(&'static str),
    /// At `cmd.deadline`.
    TimedOut,
    /// At another limit: its name and its code.
    Stopped(&'static str, &'static str),
}

impl Ended {
    /// `kind` of the end, exit code, and code in the report.
    pub(crate) fn reported(self) -> (&'static str, i64, Option<&'static str>) {
        match self {
            Self::Exited(0) => ("exited", 0, None),
            Self::Exited(code) => ("exited", code.into(), Some("command.exit")),
            Self::Trapped(code) => ("trapped", 134, Some(code)),
            Self::TimedOut => ("timed-out", 137, Some("timeout")),
            Self::Stopped(_, code) => ("stopped", 137, Some(code)),
        }
    }

    /// The limit that must be marked as reached because of the end.
    pub(crate) fn limit(self) -> Option<&'static str> {
        match self {
            Self::TimedOut => Some("cmd.deadline"),
            Self::Stopped(limit, _) => Some(limit),
            Self::Exited(_) | Self::Trapped(_) => None,
        }
    }
}

/// An attack and what must come of it.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its number in the catalogue of threats.
    pub(crate) case: &'static str,
    /// The verb.
    pub(crate) verb: &'static str,
    /// The verb's parameters.
    pub(crate) parameters: Value,
    /// `--limit` for each.
    pub(crate) limits: Vec<&'static str>,
    /// Which of the hostile packages.
    pub(crate) package: Package,
    /// What `--commands` says.
    pub(crate) commands: &'static str,
    /// How `enable` must end.
    pub(crate) ended: Ended,
    /// Limits that must be marked as reached besides that of the end.
    pub(crate) reached: Vec<&'static str>,
    /// Word and code of the reported status; `None` when there must be none.
    pub(crate) status: Option<(&'static str, i64)>,
    /// Word and code of the handler.
    pub(crate) handler: (&'static str, i64),
    /// Codes that must be among the findings.
    pub(crate) findings: Vec<&'static str>,
    /// The most time that the whole run may take.
    pub(crate) wall: Duration,
    /// The most memory that the host may have, in MiB.
    pub(crate) rss_mib: u64,
    /// What the message of the status must have in it.
    pub(crate) words: Vec<&'static str>,
    /// Whether the verb is told to attack the victim's folder instead of one beside the root.
    pub(crate) attacks_victim: bool,
    /// What else must hold.
    pub(crate) also: fn(&Seen) -> Result<(), String>,
}

impl Row {
    /// A verb that comes back with success, in no time and next to no memory.
    pub(crate) fn new(case: &'static str, verb: &'static str) -> Self {
        Self {
            case,
            verb,
            parameters: json!({}),
            limits: Vec::new(),
            package: Package::Hostile,
            commands: "install,enable",
            ended: Ended::Exited(0),
            reached: Vec::new(),
            status: Some(("success", 0)),
            handler: ("Ready", 0),
            findings: Vec::new(),
            // A hundred times what it takes, for machines that have other things to do: what does not end takes longer.
            wall: Duration::from_secs(90),
            rss_mib: 64,
            words: Vec::new(),
            attacks_victim: false,
            also: |_| Ok(()),
        }
    }

    pub(crate) fn with(mut self, parameters: Value) -> Self {
        self.parameters = parameters;
        self
    }

    pub(crate) fn limit(mut self, limit: &'static str) -> Self {
        self.limits.push(limit);
        self
    }

    pub(crate) fn package(mut self, package: Package) -> Self {
        self.package = package;
        self
    }

    /// Without `install` before it: for components whose commands are all the same.
    pub(crate) fn enabled_only(mut self) -> Self {
        self.commands = "enable";
        self
    }

    /// The end, with the status and handler status that follow from it when the handler's own status does not count.
    pub(crate) fn ends(mut self, ended: Ended) -> Self {
        self.ended = ended;
        let code = match ended {
            Ended::TimedOut => 1011,
            _ => 1009,
        };
        // The host's own reason for an error stands in the end, and nowhere else.
        self.findings.clear();
        self.status = Some(("error", code));
        self.handler = ("NotReady", code);
        self
    }

    pub(crate) fn times_out(self) -> Self {
        self.limit("cmd.deadline=500ms").ends(Ended::TimedOut)
    }

    pub(crate) fn reaches(mut self, limit: &'static str) -> Self {
        self.reached.push(limit);
        self
    }

    pub(crate) fn status(mut self, word: &'static str, code: i64) -> Self {
        self.status = Some((word, code));
        self
    }

    /// A status that the host had to report in the handler's place, for that reason.
    pub(crate) fn bad_status(self, finding: &'static str) -> Self {
        self.status("error", 1012).finds(finding)
    }

    pub(crate) fn handler(mut self, word: &'static str, code: i64) -> Self {
        self.handler = (word, code);
        self
    }

    pub(crate) fn finds(mut self, code: &'static str) -> Self {
        self.findings.push(code);
        self
    }

    /// For rows that take longer than the others.
    pub(crate) fn takes_longer(mut self) -> Self {
        self.wall *= 2;
        self
    }

    pub(crate) fn rss(mut self, mib: u64) -> Self {
        self.rss_mib = mib;
        self
    }

    pub(crate) fn attacks_victim(mut self) -> Self {
        self.attacks_victim = true;
        self
    }

    pub(crate) fn says(mut self, words: &'static str) -> Self {
        self.words.push(words);
        self
    }

    pub(crate) fn also(mut self, check: fn(&Seen) -> Result<(), String>) -> Self {
        self.also = check;
        self
    }

    /// The row's name in messages.
    pub(crate) fn title(&self) -> String {
        let mut parameters = self.parameters.to_string();
        if parameters.len() > 80 {
            parameters = format!("({} bytes of parameters)", parameters.len());
        }
        format!("{} {} {parameters} {}", self.case, self.verb, self.limits.join(" "))
    }

    /// Runs the attack in every way there is, twice at least, and says all that is not as it must be.
    pub(crate) fn attempt(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut verdicts = Vec::new();
        for (round, isolation) in Isolation::rounds().into_iter().enumerate() {
            if self.cases().any(|case| isolation.leaves_out(case).is_some()) {
                continue;
            }
            let seen = Seen::of(self, isolation, round);
            let mut found = oracles::problems(self, &seen);
            if let Err(problem) = (self.also)(&seen) {
                found.push(problem);
            }
            if !found.is_empty() {
                found.push(format!("it reported {}", seen.summary()));
            }
            problems.extend(
                found
                    .into_iter()
                    .map(|problem| format!("{}: {problem}", isolation.name())),
            );
            verdicts.push(seen.verdict());
        }
        if verdicts.windows(2).any(|two| two[0] != two[1]) {
            problems.push(format!("the same attack had several verdicts: {verdicts:?}"));
        }
        if verdicts.is_empty() {
            problems.push("it was not tried at all".to_owned());
        }
        problems
    }

    /// The numbers in `case`.
    fn cases(&self) -> impl Iterator<Item = &str> {
        self.case.split(", ")
    }
}
