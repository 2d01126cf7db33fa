//! The health gate of an update that can be taken back: a new version is good once its status says so, and its heartbeat,
//! where its manifest promises one. It is waited for only while something of the handler runs that could still say so.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use hostler_contract::{Command, Finding, Place, StatusKind, codes};

use super::fault::Fault;
use super::transition::{Transition, Trouble};
use crate::grants::{DEFAULT_HEALTH_TIME, OnUpdateFailure};
use crate::handler_dir::StatusFolders;
use crate::lifecycle::Side;
use crate::report::{
    EnableReport, HandlerVerdict, ServiceState, StatusRead, extension_verdict, read_heartbeat, read_status,
};

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(50);

/// How a new version is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Health {
    /// It is well.
    Good,
    /// It may still be, if something of it runs.
    NotYet(String),
    /// It is not.
    Bad(String),
}

impl Transition<'_, '_> {
    /// Waits until the target is known to be well.
    pub(super) fn prove(&mut self) -> Result<(), Trouble> {
        let time = match self.host.policy.on_update_failure(&self.target) {
            OnUpdateFailure::RollBack { health_time } => health_time,
            // The policy became another since the update began.
            OnUpdateFailure::Contract => DEFAULT_HEALTH_TIME,
        };
        let began = Instant::now();
        loop {
            let health = self.health().map_err(|error| {
                let hint = "look at the folders `status` and `heartbeat` of the handler below the root's `handlers`";
                Fault::host(&error, hint)
            })?;
            let why = match health {
                Health::Good => return Ok(()),
                Health::NotYet(_) if self.runs_on() && began.elapsed() < time => {
                    if self.host.go_on().is_err() {
                        return Err(Trouble::Stopped);
                    }
                    thread::sleep(LOOK);
                    continue;
                }
                Health::NotYet(why) if self.runs_on() => format!("{why}, and has for {} ms", time.as_millis()),
                Health::NotYet(why) | Health::Bad(why) => why,
            };
            return Err(unhealthy(&self.target.to_string(), &why).into());
        }
    }

    /// What its status and its heartbeat say now.
    fn health(&self) -> io::Result<Health> {
        let folders = StatusFolders::look(self.host.root, &self.target)?;
        let (name, settings) = &self.desired.settings;
        let mine = |execution: &&crate::lifecycle::Execution| {
            execution.command == Command::Enable && execution.identity == self.target
        };
        let enable = self.result.executions.iter().rfind(mine);
        // Without settings there is nothing that a status could be about (contract 9.1).
        if let (Some(enable), Some(_)) = (enable, settings) {
            let enable = EnableReport {
                serves: self.result.serves,
                ..EnableReport::of(enable, name)
            };
            let (read, _) = read_status(&folders, name)?;
            let health = by_status(&extension_verdict(&enable, &self.target, &read).status, &read);
            if health != Health::Good {
                return Ok(health);
            }
        }
        let promises = self
            .in_place(Side::Target)
            .is_ok_and(|target| target.package.manifest().report_heartbeat());
        if !promises {
            return Ok(Health::Good);
        }
        let ready = HandlerVerdict {
            status: "Ready".to_owned(),
            code: 0,
            message: None,
        };
        Ok(by_heartbeat(&read_heartbeat(&folders, ready)?.verdict))
    }

    /// Whether something of it runs, or is started again.
    fn runs_on(&self) -> bool {
        let services = self.host.services.filter(|_| self.result.serves);
        // A handler with several extensions is not taken back.
        let name = (self.target.name.clone(), None);
        let state = services.and_then(|services| services.report().get(&name).map(|one| one.state));
        matches!(state, Some(ServiceState::Running | ServiceState::Restarting))
    }
}

fn by_status(status: &Option<hostler_contract::ExtensionStatus>, read: &StatusRead) -> Health {
    let Some(status) = status else {
        return Health::Bad("its status says nothing".to_owned());
    };
    let said = status
        .message
        .as_deref()
        .map(|said| format!(": {said}"))
        .unwrap_or_default();
    match status.kind {
        StatusKind::Success | StatusKind::Warning => Health::Good,
        StatusKind::Transitioning => Health::NotYet(format!("its status is `transitioning`{said}")),
        // A file that is being written is no answer yet: handlers write it as they like, from an empty one on.
        StatusKind::Error if matches!(read, StatusRead::Refused(why) if why.code() == codes::STATUS_UNSTABLE) => {
            Health::NotYet("its status keeps changing".to_owned())
        }
        StatusKind::Error if matches!(read, StatusRead::Refused(why) if why.code() == codes::STATUS_JSON) => {
            Health::NotYet(format!("its status is not whole{said}"))
        }
        StatusKind::Error => Health::Bad(format!("its status is `error`{said}")),
    }
}

fn by_heartbeat(verdict: &HandlerVerdict) -> Health {
    if verdict.status.eq_ignore_ascii_case("ready") {
        return Health::Good;
    }
    let said = verdict
        .message
        .as_deref()
        .map(|said| format!(": {said}"))
        .unwrap_or_default();
    Health::NotYet(format!("its heartbeat is not that of one that is ready{said}"))
}

fn unhealthy(file: &str, why: &str) -> Fault {
    let hint = "look at what the handler wrote; `update-health-time` of the policy is how long it may take";
    let what = format!("it was enabled and is not well: {why}");
    Fault::unhealthy(Finding::refusal(
        codes::UPDATE_UNHEALTHY,
        file,
        Place::Whole,
        what,
        hint,
    ))
}

#[cfg(test)]
mod tests {
    use hostler_contract::ExtensionStatus;

    use super::*;

    #[test]
    fn a_status_is_good_bad_or_neither_yet() {
        let missing = StatusRead::Missing;
        let refused = |code| StatusRead::Refused(Finding::refusal(code, "f", Place::Whole, "a", "b"));
        let (unstable, half) = (refused(codes::STATUS_UNSTABLE), refused(codes::STATUS_JSON));
        let word = |kind: Option<StatusKind>, read: &StatusRead| {
            let status = kind.map(|kind| ExtensionStatus::new(kind, "Enable", 0, "said"));
            match by_status(&status, read) {
                Health::Good => "good".to_owned(),
                Health::NotYet(why) => format!("not yet, {why}"),
                Health::Bad(why) => format!("bad, {why}"),
            }
        };
        assert_eq!(word(Some(StatusKind::Success), &missing), "good");
        assert_eq!(word(Some(StatusKind::Warning), &missing), "good");
        assert_eq!(
            word(Some(StatusKind::Error), &missing),
            "bad, its status is `error`: said"
        );
        assert_eq!(word(None, &missing), "bad, its status says nothing");
        let transitioning = word(Some(StatusKind::Transitioning), &missing);
        assert_eq!(transitioning, "not yet, its status is `transitioning`: said");
        assert_eq!(
            word(Some(StatusKind::Error), &unstable),
            "not yet, its status keeps changing"
        );
        assert_eq!(
            word(Some(StatusKind::Error), &half),
            "not yet, its status is not whole: said"
        );
    }

    #[test]
    fn only_a_heartbeat_that_is_ready_is_good() {
        let verdict = |status: &str| HandlerVerdict {
            status: status.to_owned(),
            code: 0,
            message: Some("said".to_owned()),
        };
        assert_eq!(by_heartbeat(&verdict("ready")), Health::Good);
        assert_eq!(by_heartbeat(&verdict("Ready")), Health::Good);
        for word in ["NotReady", "notready", "starting"] {
            assert!(matches!(by_heartbeat(&verdict(word)), Health::NotYet(why) if why.ends_with(": said")));
        }
    }
}
