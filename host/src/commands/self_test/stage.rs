//! Carries probes out, by the same way as `hostler run`, and says what was seen.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use hostler_contract::{
    Command, Finding, HandlerIdentity, Place, Refused, SequenceNumber, Settings, SettingsName, Source, codes,
};
use serde_json::{Map, Value, json};

use super::ground::{Ground, identity};
use crate::commands::failure::Failure;
use crate::commands::isolation_option::IsolationArgs;
use crate::commands::run::{GivenSettings, Trial};
use crate::grants::Policy;
use crate::limits::LimitName;
use crate::report::{HandlerEntry, account};
use crate::sandbox::{CodeCache, Foreseen, Sandbox};
use crate::self_test::{Probe, Ran, Seen, Try, What, missing_verbs};
use crate::signatures::Signed;

/// Everything that probes are carried out with.
pub(super) struct Stage<'a> {
    isolation: &'a IsolationArgs,
    sandbox: Sandbox,
    package: Vec<u8>,
    file: &'a str,
    ground: Ground,
    host_variables: Vec<String>,
}

/// One run of the hostile package, or of another in its place.
struct Attack<'a> {
    identity: &'a HandlerIdentity,
    sandbox: &'a Sandbox,
    package: &'a [u8],
    settings: Value,
    limits: &'a [(LimitName, u64)],
}

impl<'a> Stage<'a> {
    /// Lays out the ground and puts the other handler in place: it is of the hostile package too, which is found out to be
    /// one by that.
    ///
    /// # Errors
    ///
    /// A refusal of what is not the hostile package; a failure of the host's.
    pub(super) fn set(
        isolation: &'a IsolationArgs,
        sandbox: Sandbox,
        package: Vec<u8>,
        file: &'a str,
    ) -> Result<Self, Failure> {
        let stage = Self {
            isolation,
            sandbox,
            package,
            file,
            ground: Ground::lay_out()?,
            host_variables: std::env::vars_os()
                .map(|(name, _)| name.to_string_lossy().into_owned())
                .collect(),
        };
        let entry = stage.attack(&Attack {
            identity: &Ground::other()?,
            sandbox: &stage.sandbox,
            package: &stage.package,
            settings: json!({ "verb": "list", "secret": stage.ground.secret() }),
            limits: &[],
        })?;
        stage.check_verbs(&entry)?;
        stage.ground.mark_other()?;
        Ok(stage)
    }

    /// Refuses a package whose component does not list the verbs that are needed.
    fn check_verbs(&self, entry: &HandlerEntry) -> Result<(), Failure> {
        let printed = entry.addition.commands.last().map(|command| &*command.stdout.text);
        let listed: Map<String, Value> = printed
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let listed: Vec<String> = listed.into_iter().map(|(verb, _)| verb).collect();
        let missing = missing_verbs(&listed);
        let Some(first) = missing.first() else { return Ok(()) };
        let what = format!("it is not the hostile package of this version: it has no verb `{first}`");
        let hint = "name the one that comes with this hostler; `cargo xtask packages` makes it";
        let finding = Finding::refusal(codes::SELF_TEST_PACKAGE, self.file, Place::Whole, what, hint);
        Err(Refused::new(finding).into())
    }

    /// Carries out `probe`, the one of that `number`.
    ///
    /// # Errors
    ///
    /// A failure of the host's, or of a worker's: then nothing is known of the promise.
    pub(super) fn carry_out(&self, probe: &Probe, number: usize) -> Result<Seen, Failure> {
        let attacker = identity(&format!("SelfTest.Attacker{number}-1.0.0"))?;
        let before = self.ground.look()?;
        let started = Instant::now();
        let what = self.what_comes_of(probe, &attacker)?;
        let took = started.elapsed();
        let mut secrets = self.ground.secrets_of(&attacker)?;
        if let What::Ran(ran) = &what {
            let said = format!("{:?}{}{:?}{:?}", ran.command, ran.shown, ran.status, ran.findings);
            if self.ground.is_secret(said.as_bytes()) {
                secrets.push("in the report".to_owned());
            }
        }
        Ok(Seen {
            what,
            changed: before.differences(&self.ground.look()?),
            secrets,
            took,
        })
    }

    fn what_comes_of(&self, probe: &Probe, attacker: &HandlerIdentity) -> Result<What, Failure> {
        match &probe.how {
            Try::Verb {
                verb,
                parameters,
                target,
                limits,
                ..
            } => {
                let mut settings: Value = serde_json::from_str(parameters).unwrap_or_else(|_| json!({}));
                settings["verb"] = json!(verb);
                if let Some(target) = target {
                    settings["outside"] = json!(self.ground.target(*target));
                }
                self.ran(attacker, &self.sandbox, settings, limits)
            }
            Try::Package { forgery, .. } => {
                let attack = Attack {
                    identity: attacker,
                    sandbox: &self.sandbox,
                    package: &forgery.bytes(&self.package),
                    settings: json!({}),
                    limits: &[],
                };
                match self.attack(&attack) {
                    Ok(entry) => self.seen(attacker, &entry),
                    Err(Failure::Refused(refused)) => {
                        let findings = refused.findings().to_vec();
                        Ok(What::Refused(self.ground.after_refusal(attacker, findings)?))
                    }
                    Err(failure) => Err(failure),
                }
            }
            Try::Native(attempt) => {
                let attempted = self.sandbox.attempt(*attempt, &self.ground.for_native_code()?);
                attempted
                    .map(What::Native)
                    .map_err(|error| Failure::host(error, "give hostler processes and memory to start workers with"))
            }
            Try::KeptCode => self.kept_code(attacker),
        }
    }

    /// Runs code that is kept, changes it, and runs it again; each in a sandbox of its own, which has nothing at hand.
    fn kept_code(&self, attacker: &HandlerIdentity) -> Result<What, Failure> {
        let origin = || -> Result<String, Failure> {
            let what = self.ran(
                attacker,
                &self.isolation.sandbox()?,
                json!({ "verb": "status-none" }),
                &[],
            )?;
            Ok(match what {
                What::Ran(ran) => ran.command.component.origin,
                _ => "it did not run".to_owned(),
            })
        };
        let before = origin()?;
        let change = || -> std::io::Result<()> {
            for entry in fs::read_dir(self.ground.cache())? {
                let path = entry?.path();
                let mut bytes = fs::read(&path)?;
                // Entries only, not the key: in the code, which is by far the longest part.
                if bytes.len() > 4096 {
                    let middle = bytes.len() / 2;
                    if let Some(byte) = bytes.get_mut(middle) {
                        *byte ^= 1;
                    }
                    fs::write(&path, bytes)?;
                }
            }
            Ok(())
        };
        change().map_err(|error| Failure::host(error, "set TMPDIR to a folder that can be written"))?;
        // That it was changed is said in the log, and nobody has to be told of it here.
        let after = tracing::subscriber::with_default(tracing::subscriber::NoSubscriber::default(), origin)?;
        Ok(What::KeptCode { before, after })
    }

    /// What comes of the hostile package with `settings`.
    fn ran(
        &self,
        attacker: &HandlerIdentity,
        sandbox: &Sandbox,
        settings: Value,
        limits: &[(LimitName, u64)],
    ) -> Result<What, Failure> {
        let entry = self.attack(&Attack {
            identity: attacker,
            sandbox,
            package: &self.package,
            settings,
            limits,
        })?;
        self.seen(attacker, &entry)
    }

    fn attack(&self, attack: &Attack<'_>) -> Result<HandlerEntry, Failure> {
        let settings = attack.settings.to_string();
        let settings = Settings::whole_or_public(Source::new("0.settings", settings.as_bytes()))?.value;
        let cache = Arc::new(CodeCache::open(&self.ground.cache())?);
        let trial = Trial {
            foreseen: Foreseen::of(attack.package, &cache),
            keys: None,
            signed: Signed::Unsigned,
            secret: None,
            identity: attack.identity.clone(),
            bytes: attack.package.to_vec(),
            file: self.file.to_owned(),
            sandbox: attack.sandbox.clone(),
            settings: GivenSettings {
                name: SettingsName::single(SequenceNumber::FIRST),
                settings: Some(settings),
                warnings: vec![],
            },
            commands: vec![Command::Enable],
            lowered: attack.limits.to_vec(),
            policy: Policy::none(),
            without_the_rest: false,
            keep: Some(self.ground.root()),
            cache: Some(cache),
        };
        trial.run()
    }

    fn seen(&self, attacker: &HandlerIdentity, entry: &HandlerEntry) -> Result<What, Failure> {
        let Some(command) = entry.addition.commands.last() else {
            return Ok(What::Refused(self.ground.after_refusal(attacker, vec![])?));
        };
        let status = entry.extension.as_ref().and_then(|(_, status)| status.as_ref());
        Ok(What::Ran(Box::new(Ran {
            command: command.clone(),
            status: status.map(|status| (status.kind, status.message.clone().unwrap_or_default())),
            ready: entry.verdict.status == "Ready",
            findings: entry.addition.findings.clone(),
            shown: account(entry),
            data: self.ground.data_of(attacker)?,
            host_variables: self.host_variables.clone(),
        })))
    }
}
