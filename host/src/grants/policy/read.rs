//! A policy's TOML, read key by key, so that every fault is named with its line and column.

use std::ops::Range;

use hostler_contract::manifest::{
    DirectoryAccess, FolderPath, MAX_DIRECTORIES, MAX_ENVIRONMENT, Precision, is_variable,
};
use hostler_contract::{Code, Finding, Place, Refused, Source, VersionRange, codes, escape_bounded, nearest};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{AllowedDirectory, MAX_POLICY_BYTES, Match, PolicyRule};
use crate::grants::effective::{DEFAULT_FOLDER_BYTES, DEFAULT_FOLDER_FILES, FolderQuota};
use crate::grants::never::{is_never_variable, why_never_by_system};
use crate::limits::{LimitName, parse_amount, show_amount};

/// Most rules of a policy.
const MAX_RULES: usize = 1024;

/// Most findings about one policy.
const MAX_FINDINGS: usize = 100;

const RULE_KEYS: [&str; 10] = [
    "name",
    "publisher",
    "type",
    "version",
    "refuse",
    "directories",
    "environment",
    "clock",
    "random",
    "limits",
];

const FOLDER_KEYS: [&str; 4] = ["path", "access", "bytes", "files"];

/// Keys of a rule that are kept for later, and what for.
const RESERVED: [(&str, &str); 5] = [
    (
        "signer",
        "rules by who signed a package come with signatures, in a later version",
    ),
    ("downgrade", "refusing lower versions is reserved for a later version"),
    (
        "service",
        "handlers that run on after their commands are reserved for a later version",
    ),
    ("http", "outbound HTTP is reserved for a later version"),
    ("commands", "commands of the host are reserved for a later version"),
];

type Table<'i> = DeTable<'i>;
type Value<'i> = Spanned<DeValue<'i>>;

/// The rules of `source`.
pub(super) fn read(source: Source<'_>) -> Result<Vec<PolicyRule>, Refused> {
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
            vec![]
        }
    };
    Refused::unless_only_warnings(reader.findings)?;
    Ok(rules)
}

struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn refuse(&mut self, code: Code, at: &Range<usize>, what: impl AsRef<str>, hint: impl AsRef<str>) {
        if self.findings.len() < MAX_FINDINGS {
            let place = position(self.text, at.start);
            self.findings.push(Finding::refusal(code, self.file, place, what, hint));
        }
    }

    fn document(&mut self, document: &Table<'_>) -> Vec<PolicyRule> {
        let mut rules: Vec<PolicyRule> = Vec::new();
        for (key, value) in in_order(document) {
            if key.get_ref() != "rule" {
                self.unknown(key, &["rule"]);
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
                if rules.iter().any(|other| other.name == rule.name) {
                    let what = format!("there are two rules with the name `{}`", escape_bounded(&rule.name, 80));
                    let at = table.get("name").map_or(value.span(), Spanned::span);
                    self.refuse(codes::POLICY_VALUE, &at, what, "give each rule a name of its own");
                }
                rules.push(rule);
            }
        }
        rules
    }

    fn rule(&mut self, table: &Table<'_>, index: usize) -> PolicyRule {
        let mut rule = PolicyRule {
            name: format!("rule {}", index + 1),
            matches: Match::default(),
            refuse: false,
            directories: vec![],
            environment: vec![],
            clock: Precision::Full,
            random: Precision::Full,
            limits: vec![],
        };
        for (key, value) in in_order(table) {
            match key.get_ref().as_ref() {
                "name" => rule.name = self.name(value).unwrap_or(rule.name),
                "publisher" => rule.matches.publisher = self.string(value).map(str::to_owned),
                "type" => rule.matches.type_name = self.string(value).map(str::to_owned),
                "version" => rule.matches.version = self.version(value),
                "refuse" => rule.refuse = self.flag(value),
                "directories" => rule.directories = self.directories(value),
                "environment" => rule.environment = self.environment(value),
                "clock" => rule.clock = self.precision(value),
                "random" => rule.random = self.precision(value),
                "limits" => rule.limits = self.limits(value),
                _ => self.unknown(key, &RULE_KEYS),
            }
        }
        if rule.refuse {
            let allows = ["directories", "environment", "clock", "random", "limits"];
            for (key, _) in in_order(table).filter(|(key, _)| allows.contains(&key.get_ref().as_ref())) {
                let what = format!("the rule refuses the handler, so `{}` means nothing", key.get_ref());
                self.refuse(codes::POLICY_VALUE, &key.span(), what, "take one of the two out");
            }
        }
        rule
    }

    fn directories(&mut self, value: &Value<'_>) -> Vec<AllowedDirectory> {
        let mut allowed: Vec<AllowedDirectory> = Vec::new();
        for item in self.items(value, MAX_DIRECTORIES) {
            let Some(table) = item.get_ref().as_table() else {
                let hint = "write { path = \"/srv/app\", access = \"read\" }";
                self.wrong_type(item, "a table", hint);
                continue;
            };
            let Some(one) = self.directory(table, item) else {
                continue;
            };
            if allowed.iter().any(|other| other.path == one.path) {
                let what = format!("{} stands twice", one.path);
                self.refuse(codes::POLICY_VALUE, &item.span(), what, "name each folder once");
                continue;
            }
            allowed.push(one);
        }
        allowed
    }

    fn directory(&mut self, table: &Table<'_>, item: &Value<'_>) -> Option<AllowedDirectory> {
        let (mut path, mut access, mut bytes, mut files) = (None, None, None, None);
        let mut is_whole = true;
        for (key, value) in in_order(table) {
            match key.get_ref().as_ref() {
                "path" => {
                    path = self.path(value);
                    is_whole &= path.is_some();
                }
                "access" => {
                    access = self.string(value).and_then(DirectoryAccess::from_name);
                    if access.is_none() {
                        self.refuse(
                            codes::POLICY_VALUE,
                            &value.span(),
                            "it is no access",
                            "write \"read\" or \"read-write\"",
                        );
                        is_whole = false;
                    }
                }
                "bytes" => {
                    bytes = self
                        .amount(value, crate::limits::Unit::Bytes)
                        .map(|amount| (amount, key.span()))
                }
                "files" => {
                    files = self
                        .amount(value, crate::limits::Unit::Count)
                        .map(|amount| (amount, key.span()))
                }
                _ => self.unknown(key, &FOLDER_KEYS),
            }
        }
        if is_whole && (path.is_none() || access.is_none()) {
            let missing = if path.is_none() { "path" } else { "access" };
            let what = format!("the folder has no `{missing}`");
            self.refuse(codes::POLICY_TYPE, &item.span(), what, "give it a path and an access");
        }
        if access == Some(DirectoryAccess::Read) {
            for (_, at) in bytes.iter().chain(&files) {
                let what = "a quota means nothing for a folder that is only read";
                self.refuse(codes::POLICY_VALUE, at, what, "leave it out, or allow \"read-write\"");
            }
        }
        Some(AllowedDirectory {
            path: path?,
            access: access?,
            quota: FolderQuota {
                bytes: bytes.map_or(DEFAULT_FOLDER_BYTES, |(bytes, _)| bytes),
                files: files.map_or(DEFAULT_FOLDER_FILES, |(files, _)| files),
            },
        })
    }

    fn path(&mut self, value: &Value<'_>) -> Option<FolderPath> {
        let text = self.string(value)?;
        match FolderPath::parse(text) {
            Ok(path) => match why_never_by_system(&path) {
                None => Some(path),
                Some(why) => {
                    let what = format!("{path} is never granted: {why}");
                    self.refuse(
                        codes::GRANT_NEVER,
                        &value.span(),
                        what,
                        "allow the folders that are meant",
                    );
                    None
                }
            },
            Err(error) => {
                self.refuse(codes::POLICY_VALUE, &value.span(), error.what(), error.hint());
                None
            }
        }
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

    fn name(&mut self, value: &Value<'_>) -> Option<String> {
        let name = self.string(value)?;
        let is_plain = !name.is_empty() && name.len() <= 80 && !name.chars().any(char::is_control);
        if !is_plain {
            let hint = "write at most 80 visible characters";
            self.refuse(codes::POLICY_VALUE, &value.span(), "it is not a name for a rule", hint);
        }
        is_plain.then(|| name.to_owned())
    }

    fn version(&mut self, value: &Value<'_>) -> Option<VersionRange> {
        match VersionRange::parse(self.string(value)?) {
            Ok(range) => Some(range),
            Err(error) => {
                self.refuse(codes::POLICY_VALUE, &value.span(), error.what(), error.hint());
                None
            }
        }
    }

    fn precision(&mut self, value: &Value<'_>) -> Precision {
        let said = value.get_ref().as_str().and_then(Precision::from_name);
        if said.is_none() {
            self.refuse(
                codes::POLICY_VALUE,
                &value.span(),
                "it is no precision",
                "write \"coarse\" or \"full\"",
            );
        }
        said.unwrap_or(Precision::Coarse)
    }

    fn flag(&mut self, value: &Value<'_>) -> bool {
        let said = value.get_ref().as_bool();
        if said.is_none() {
            self.wrong_type(value, "a boolean", "write true or false, without quotes");
        }
        said.unwrap_or(true)
    }

    /// An integer, or a text with a unit.
    fn amount(&mut self, value: &Value<'_>, unit: crate::limits::Unit) -> Option<u64> {
        let amount = match value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
            DeValue::String(text) => parse_amount(text, unit).ok(),
            _ => None,
        };
        if amount.is_none() {
            let hint = "write a whole number from 0 on, or a text with a unit, as in \"64MiB\" or \"10s\"";
            self.refuse(codes::POLICY_VALUE, &value.span(), "it is not an amount", hint);
        }
        amount
    }

    fn string<'v>(&mut self, value: &'v Value<'_>) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(value, "a string", "write it in quotes");
        }
        text
    }

    /// The elements of an array of at most `most`.
    fn items<'v, 'i>(&mut self, value: &'v Value<'i>, most: usize) -> Vec<&'v Value<'i>> {
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, "an array", "write it in brackets");
            return vec![];
        };
        if array.len() > most {
            let what = format!("it has {} elements, and at most {most} can be", array.len());
            self.refuse(
                codes::POLICY_VALUE,
                &value.span(),
                what,
                "write fewer, or a folder that contains them",
            );
            return vec![];
        }
        array.iter().collect()
    }

    /// `value` is not `wanted`, a noun with its article.
    fn wrong_type(&mut self, value: &Value<'_>, wanted: &str, hint: &str) {
        let what = format!(
            "this has to be {wanted}, and it is of type {}",
            value.get_ref().type_str()
        );
        self.refuse(codes::POLICY_TYPE, &value.span(), what, hint);
    }

    fn unknown(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, known: &[&'static str]) {
        let name = key.get_ref();
        if let Some((_, why)) = RESERVED.iter().find(|(reserved, _)| reserved == name) {
            let what = format!("`{name}` cannot be used: {why}");
            return self.refuse(codes::POLICY_RESERVED, &key.span(), what, "leave it out");
        }
        let what = format!("there is no key `{}` here", escape_bounded(name, 80));
        let hint = match nearest(name, known.iter().copied()) {
            Some(known) => format!("leave it out, or write `{known}` if that was meant"),
            None => format!("leave it out; there are {}", known.join(", ")),
        };
        self.refuse(codes::POLICY_UNKNOWN_KEY, &key.span(), what, hint);
    }
}

/// The members of `table` in the order of the document.
fn in_order<'t, 'i>(
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
