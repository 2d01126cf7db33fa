//! A policy's TOML, read key by key, so that every fault is named with its line and column.

use std::ops::Range;

use hostler_contract::manifest::{MAX_ENVIRONMENT, Precision, is_variable};
use hostler_contract::{Code, Finding, Place, Refused, Source, codes, escape_bounded};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::signatures::{MAX_SIGNERS, RequireSignature};
use super::{MAX_POLICY_BYTES, Match, PolicyRule};
use crate::grants::never::is_never_variable;
use crate::limits::{LimitName, show_amount};
use crate::signatures::Signer;

/// Most rules of a policy.
const MAX_RULES: usize = 1024;

/// Most findings about one policy.
const MAX_FINDINGS: usize = 100;

/// Keys of a rule: those that say which handlers it is about, and `refuse`, come first.
const RULE_KEYS: [&str; 17] = [
    "name",
    "publisher",
    "type",
    "version",
    "signer",
    "refuse",
    "require-signature",
    "unsigned-digests",
    "accept-bad-signature",
    "directories",
    "environment",
    "clock",
    "random",
    "service",
    "limits",
    "on-update-failure",
    "update-health-time",
];

/// A table with the positions of what is in it.
pub(super) type Table<'i> = DeTable<'i>;
/// A value with its position.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// The rules and the signers of `source`.
pub(super) fn read(source: Source<'_>) -> Result<(Vec<PolicyRule>, Vec<Signer>), Refused> {
    let whole =
        |code, what: String, hint: &str| Refused::new(Finding::refusal(code, source.file, Place::Whole, what, hint));
    if source.bytes.len() > MAX_POLICY_BYTES {
        let what = format!("it is larger than {MAX_POLICY_BYTES} bytes");
        return Err(whole(codes::POLICY_SIZE, what, "write fewer rules"));
    }
    let text = std::str::from_utf8(source.bytes).map_err(|error| {
        whole(
            codes::POLICY_TOML,
            format!("it is not UTF-8 text: {error}"),
            "save it as UTF-8",
        )
    })?;
    let mut reader = Reader {
        file: source.file,
        text,
        findings: vec![],
    };
    let rules = match DeTable::parse(text) {
        Ok(document) => reader.document(document.get_ref()),
        Err(error) => {
            let at = error.span().unwrap_or(0..0);
            let what = format!("it is not TOML: {}", escape_bounded(error.message(), 200));
            reader.refuse(codes::POLICY_TOML, &at, what, "write TOML 1.0");
            (vec![], vec![])
        }
    };
    Refused::unless_only_warnings(reader.findings)?;
    Ok(rules)
}

/// A policy that is being read, and what was found.
pub(super) struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    pub(super) fn refuse(&mut self, code: Code, at: &Range<usize>, what: impl AsRef<str>, hint: impl AsRef<str>) {
        if self.findings.len() < MAX_FINDINGS {
            let place = position(self.text, at.start);
            self.findings.push(Finding::refusal(code, self.file, place, what, hint));
        }
    }

    fn document(&mut self, document: &Table<'_>) -> (Vec<PolicyRule>, Vec<Signer>) {
        let mut rules: Vec<PolicyRule> = Vec::new();
        let signers = document
            .get("signer")
            .map_or_else(Vec::new, |value| self.signers(value));
        for (key, value) in in_order(document) {
            if key.get_ref() == "signer" {
                continue;
            }
            if key.get_ref() != "rule" {
                self.unknown(key, &["rule", "signer"]);
                continue;
            }
            let Some(tables) = value.get_ref().as_array() else {
                self.wrong_type(value, "an array of tables", "begin each rule with `[[rule]]`");
                continue;
            };
            if tables.len() > MAX_RULES {
                let what = format!("it has {} rules, and at most {MAX_RULES} can be", tables.len());
                self.refuse(codes::POLICY_SIZE, &value.span(), what, "write fewer rules");
                continue;
            }
            for (index, value) in tables.iter().enumerate() {
                let Some(table) = value.get_ref().as_table() else {
                    self.wrong_type(value, "a table", "begin each rule with `[[rule]]`");
                    continue;
                };
                let rule = self.rule(table, index);
                self.check_signer(&rule, &signers, table, value);
                if rules.iter().any(|other| other.name == rule.name) {
                    let what = format!("there are two rules with the name `{}`", escape_bounded(&rule.name, 80));
                    let at = table.get("name").map_or(value.span(), Spanned::span);
                    self.refuse(codes::POLICY_VALUE, &at, what, "give each rule a name of its own");
                }
                rules.push(rule);
            }
        }
        (rules, signers)
    }

    fn signers(&mut self, value: &Value<'_>) -> Vec<Signer> {
        let mut signers: Vec<Signer> = Vec::new();
        for value in self.items(value, MAX_SIGNERS) {
            let Some(table) = value.get_ref().as_table() else {
                self.wrong_type(value, "a table", "begin each signer with `[[signer]]`");
                continue;
            };
            let Some(signer) = self.signer(table, value) else {
                continue;
            };
            if signers.iter().any(|other| other.name == signer.name) {
                let what = format!(
                    "there are two signers with the name `{}`",
                    escape_bounded(&signer.name, 80)
                );
                let hint = "give each signer a name of its own, and all of its roots";
                self.refuse(codes::POLICY_VALUE, &value.span(), what, hint);
            }
            signers.push(signer);
        }
        signers
    }

    /// A rule for a signer that there is not would match nothing.
    fn check_signer(&mut self, rule: &PolicyRule, signers: &[Signer], table: &Table<'_>, value: &Value<'_>) {
        let Some(name) = &rule.matches.signer else { return };
        if !signers.iter().any(|signer| signer.name == *name) {
            let what = format!("there is no signer `{}`", escape_bounded(name, 80));
            let at = table.get("signer").map_or(value.span(), Spanned::span);
            self.refuse(codes::POLICY_VALUE, &at, what, "name it with `[[signer]]`");
        }
    }

    fn rule(&mut self, table: &Table<'_>, index: usize) -> PolicyRule {
        let mut rule = PolicyRule {
            name: format!("rule {}", index + 1),
            matches: Match::default(),
            refuse: false,
            require_signature: RequireSignature::Never,
            unsigned_digests: vec![],
            accept_bad_signature: false,
            directories: vec![],
            environment: vec![],
            clock: Precision::Full,
            random: Precision::Full,
            service: false,
            limits: vec![],
            on_update_failure: self.on_update_failure(table),
        };
        for (key, value) in in_order(table) {
            match key.get_ref().as_ref() {
                "name" => rule.name = self.name(value).unwrap_or(rule.name),
                "publisher" => rule.matches.publisher = self.string(value).map(str::to_owned),
                "type" => rule.matches.type_name = self.string(value).map(str::to_owned),
                "version" => rule.matches.version = self.version(value),
                "signer" => rule.matches.signer = self.string(value).map(str::to_owned),
                "require-signature" => rule.require_signature = self.require_signature(value),
                "unsigned-digests" => rule.unsigned_digests = self.digests(value),
                "accept-bad-signature" => rule.accept_bad_signature = self.flag(value).unwrap_or(false),
                "refuse" => rule.refuse = self.flag(value).unwrap_or(true),
                "directories" => rule.directories = self.directories(value),
                "environment" => rule.environment = self.environment(value),
                "clock" => rule.clock = self.precision(value),
                "random" => rule.random = self.precision(value),
                "service" => rule.service = self.flag(value).unwrap_or(false),
                "limits" => rule.limits = self.limits(value),
                // Read together, above.
                "on-update-failure" | "update-health-time" => {}
                _ => self.unknown(key, &RULE_KEYS),
            }
        }
        if rule.refuse {
            // What stands behind `refuse` is about handlers that are there.
            let is_about_allowed = |key: &str| RULE_KEYS.iter().skip(6).any(|known| *known == key);
            for (key, _) in in_order(table).filter(|(key, _)| is_about_allowed(key.get_ref())) {
                let what = format!("the rule refuses the handler, so `{}` means nothing", key.get_ref());
                self.refuse(codes::POLICY_VALUE, &key.span(), what, "take one of the two out");
            }
        }
        rule
    }

    fn environment(&mut self, value: &Value<'_>) -> Vec<String> {
        let mut allowed: Vec<String> = Vec::new();
        for item in self.items(value, MAX_ENVIRONMENT) {
            let Some(name) = self.string(item) else { continue };
            let shown = escape_bounded(name, 80);
            let at = item.span();
            if !is_variable(name) {
                let hint = "write ASCII letters, digits and `_`, no digit first; there are no patterns";
                self.refuse(
                    codes::POLICY_VALUE,
                    &at,
                    format!("`{shown}` is not the name of a variable"),
                    hint,
                );
            } else if is_never_variable(name) {
                let what = format!("`{shown}` is never granted: it is the contract's or the host's own");
                self.refuse(codes::GRANT_NEVER, &at, what, "leave it out");
            } else if allowed.iter().any(|other| other == name) {
                self.refuse(
                    codes::POLICY_VALUE,
                    &at,
                    format!("`{shown}` stands twice"),
                    "name each variable once",
                );
            } else {
                allowed.push(name.to_owned());
            }
        }
        allowed
    }

    fn limits(&mut self, value: &Value<'_>) -> Vec<(LimitName, u64)> {
        let Some(table) = value.get_ref().as_table() else {
            let hint = "write { \"cmd.cpu\" = \"10s\" }, the names in quotes";
            self.wrong_type(value, "a table", hint);
            return vec![];
        };
        let mut limits = Vec::new();
        for (key, value) in in_order(table) {
            let name = key.get_ref();
            let Some(limit) = LimitName::from_name(name) else {
                let what = format!("there is no limit `{}`", escape_bounded(name, 80));
                let hint = match value.get_ref().is_table() {
                    true => "write the whole name in quotes, as in \"cmd.cpu\"".to_owned(),
                    false => LimitName::hint(name),
                };
                self.refuse(codes::LIMIT_NAME, &key.span(), what, hint);
                continue;
            };
            let Some(amount) = self.amount(value, limit.unit()) else {
                continue;
            };
            if amount > limit.default_value() {
                let highest = show_amount(limit.default_value(), limit.unit());
                let what = format!(
                    "limit {} can only be lowered, and its default is {highest}",
                    limit.name()
                );
                self.refuse(
                    codes::POLICY_VALUE,
                    &value.span(),
                    what,
                    format!("write at most {highest}"),
                );
                continue;
            }
            limits.push((limit, amount));
        }
        limits
    }
}

/// The members of `table` in the order of the document.
pub(super) fn in_order<'t, 'i>(
    table: &'t Table<'i>,
) -> impl Iterator<Item = (&'t Spanned<std::borrow::Cow<'i, str>>, &'t Value<'i>)> {
    let mut members: Vec<_> = table.iter().collect();
    members.sort_by_key(|(key, _)| key.span().start);
    members.into_iter()
}

/// Line and column of the byte `at`, both from 1.
fn position(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Place::Text {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}
