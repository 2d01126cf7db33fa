//! Settings files: what a user wants of a handler.
//!
//! A host writes them byte for byte as the agent does, whatever form the goal state brought them in (contract 4.1).
//! Reading is strict where the agent would go on with settings of nulls, since a handler that runs with those could
//! undo its own work; a settings object without its wrapper is read with a warning.

use crate::{
    Checked, Refused, Source, codes,
    json::{ByteOrderMark, Duplicates, JsonPath, JsonRules, Node, Object, Read},
    notes::Notes,
};

/// Bounds and codes of settings: 1 MiB, nested 64 deep (limit `settings.bytes`).
const RULES: JsonRules = JsonRules {
    max_bytes: 1024 * 1024,
    max_depth: 64,
    byte_order_mark: ByteOrderMark::Strip,
    duplicates: Duplicates::Refuse,
    refuse_negative_zero: false,
    json: codes::SETTINGS_JSON,
    encoding: codes::SETTINGS_ENCODING,
    size: codes::SETTINGS_SIZE,
    depth: codes::SETTINGS_DEPTH,
    duplicate_key: codes::SETTINGS_DUPLICATE_KEY,
};

const PUBLIC: &str = "publicSettings";
const PROTECTED: &str = "protectedSettings";
const THUMBPRINT: &str = "protectedSettingsCertThumbprint";

/// The upper-case hexadecimal SHA-1 of a certificate: 40 characters of `0-9A-F`, safe in a file name (SET-01).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Thumbprint(String);

impl Thumbprint {
    /// The thumbprint, if the text is one.
    pub fn parse(text: &str) -> Option<Self> {
        let good = text.len() == 40 && text.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
        good.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The settings of one handler or extension.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    public: Option<Node>,
    protected: Option<String>,
    thumbprint: Option<String>,
}

impl Settings {
    /// Reads a settings file; `None` for an empty file, which is how a host says that there are no settings
    /// (contract 4.1).
    ///
    /// # Errors
    /// What is not JSON or out of bounds, repeated keys, another number of `runtimeSettings` than one,
    /// members of a wrong type, and protected settings without a thumbprint.
    pub fn parse(source: Source<'_>) -> Result<Checked<Option<Self>>, Refused> {
        if source.bytes.is_empty() {
            return Ok(Checked {
                value: None,
                warnings: Vec::new(),
            });
        }
        let Read { root, warnings } = Read::document(source, &RULES)?;
        let mut notes = Notes::new(source.file, warnings);
        let Some(top) = root.as_object() else {
            let what = format!("it is {}", root.kind());
            return Err(notes.give_up(codes::SETTINGS_SHAPE, &JsonPath::root(), what, SHAPE_HINT));
        };
        let settings = match top.get("runtimeSettings") {
            Some(node) => {
                let path = JsonPath::root().key("runtimeSettings");
                match wrapped(node, &path) {
                    Ok(inner) => Self::read(inner, &path.index(0).key("handlerSettings"), &mut notes),
                    Err((path, what)) => {
                        return Err(notes.give_up(codes::SETTINGS_SHAPE, &path, what, SHAPE_HINT));
                    }
                }
            }
            None => Self::read_unwrapped(&root, top, &mut notes),
        };
        Ok(Checked {
            value: Some(settings),
            warnings: notes.finish()?,
        })
    }

    /// Reads a file that a person wrote for a trial: a whole settings file, or public settings and nothing else.
    ///
    /// An object with a member of a settings file at its top is taken for one.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn whole_or_public(source: Source<'_>) -> Result<Checked<Self>, Refused> {
        let Read { root, warnings } = Read::document(source, &RULES)?;
        let whole = ["runtimeSettings", "handlerSettings", PUBLIC, PROTECTED, THUMBPRINT];
        match root.as_object() {
            Some(top) if whole.iter().all(|member| top.get(member).is_none()) => Ok(Checked {
                value: Self {
                    public: Some(root),
                    ..Self::default()
                },
                warnings,
            }),
            _ => {
                let Checked { value, warnings } = Self::parse(source)?;
                Ok(Checked {
                    value: value.unwrap_or_default(),
                    warnings,
                })
            }
        }
    }

    /// Reads settings that a goal state brings as the text of a whole settings file; `None` for an empty list of them,
    /// which counts as no settings (contract 4.2). The wrapper has to be there: nobody writes a goal state by hand.
    pub(crate) fn parse_runtime(source: Source<'_>) -> Result<Option<Self>, Refused> {
        let Read { root, warnings } = Read::document(source, &RULES)?;
        let mut notes = Notes::new(source.file, warnings);
        let path = JsonPath::root().key("runtimeSettings");
        let list = root.as_object().and_then(|top| top.get("runtimeSettings"));
        let Some(node) = list.filter(|node| !node.is_null()) else {
            let what = "there is no `runtimeSettings`";
            return Err(notes.give_up(codes::SETTINGS_SHAPE, &path, what, SHAPE_HINT));
        };
        if node.as_array().is_some_and(<[_]>::is_empty) {
            return Ok(None);
        }
        let inner = match wrapped(node, &path) {
            Ok(inner) => inner,
            Err((path, what)) => return Err(notes.give_up(codes::SETTINGS_SHAPE, &path, what, SHAPE_HINT)),
        };
        let settings = Self::read(inner, &path.index(0).key("handlerSettings"), &mut notes);
        notes.finish()?;
        Ok(Some(settings))
    }

    /// Reads public settings that a goal state brings as text; `None` for `null`.
    pub(crate) fn parse_public(source: Source<'_>) -> Result<Option<Node>, Refused> {
        let Read { root, .. } = Read::document(source, &RULES)?;
        Ok(Some(root).filter(|node| !node.is_null()))
    }

    /// Puts settings together from the parts that a goal state brings.
    ///
    /// # Errors
    /// `settings.type` for public settings that are no object, `settings.protected_pair` for protected ones without a
    /// thumbprint, both reported under `file`.
    pub fn from_parts(
        file: &str,
        public: Option<Node>,
        protected: Option<String>,
        thumbprint: Option<String>,
    ) -> Result<Self, Refused> {
        let mut notes = Notes::new(file, Vec::new());
        let settings = Self {
            public: public.filter(|node| !node.is_null()),
            protected,
            thumbprint,
        };
        settings.check(&JsonPath::root(), &mut notes);
        notes.finish()?;
        Ok(settings)
    }

    /// The public settings, an object.
    pub fn public(&self) -> Option<&Node> {
        self.public.as_ref()
    }

    /// The encrypted settings, in base64. Blank ones count as none, since publishers write them so.
    pub fn protected(&self) -> Option<&str> {
        self.protected.as_deref().filter(|text| !text.trim().is_empty())
    }

    /// The thumbprint of the certificate that the protected settings are for, not checked to be one.
    pub fn thumbprint(&self) -> Option<&str> {
        self.thumbprint.as_deref().filter(|text| !text.trim().is_empty())
    }

    /// The file's content as the agent writes it: all three keys, `null` for what is absent, on one line.
    pub fn to_agent_json(&self) -> String {
        let text = |text: &Option<String>| text.as_ref().map_or_else(Node::null, Node::string);
        let settings = Node::object([
            (PUBLIC, self.public.clone().unwrap_or_else(Node::null)),
            (PROTECTED, text(&self.protected)),
            (THUMBPRINT, text(&self.thumbprint)),
        ]);
        let element = Node::object([("handlerSettings", settings)]);
        Node::object([("runtimeSettings", Node::array([element]))]).to_agent_json()
    }

    /// Reads the members of `handlerSettings`; others than the three are dropped, as in the agent.
    fn read(inner: &Object, at: &JsonPath, notes: &mut Notes<'_>) -> Self {
        let settings = Self {
            public: inner.get(PUBLIC).filter(|node| !node.is_null()).cloned(),
            protected: protected(inner, at, notes),
            thumbprint: text(inner, THUMBPRINT, at, notes),
        };
        settings.check(at, notes);
        note_mistyped(inner, at, notes);
        settings
    }

    /// Settings at the top of the document: `handlerSettings`, its members, or the public settings themselves.
    fn read_unwrapped(root: &Node, top: &Object, notes: &mut Notes<'_>) -> Self {
        let path = JsonPath::root();
        notes.warn(
            codes::SETTINGS_NO_WRAPPER,
            &path,
            "there is no `runtimeSettings`",
            SHAPE_HINT,
        );
        if let Some(inner) = top.get("handlerSettings").and_then(Node::as_object) {
            Self::read(inner, &path.key("handlerSettings"), notes)
        } else if [PUBLIC, PROTECTED, THUMBPRINT].iter().any(|key| top.get(key).is_some()) {
            Self::read(top, &path, notes)
        } else {
            Self {
                public: Some(root.clone()),
                ..Self::default()
            }
        }
    }

    fn check(&self, at: &JsonPath, notes: &mut Notes<'_>) {
        if let Some(public) = self.public.as_ref().filter(|node| node.as_object().is_none()) {
            let what = format!("`{PUBLIC}` is {}", public.kind());
            notes.refuse(codes::SETTINGS_TYPE, &at.key(PUBLIC), what, "write an object, or null");
        }
        if self.protected().is_some() && self.thumbprint().is_none() {
            let what = format!("there are `{PROTECTED}` and no `{THUMBPRINT}`");
            let hint = "give the thumbprint of the certificate that they were encrypted for";
            notes.refuse(codes::SETTINGS_PROTECTED_PAIR, &at.key(THUMBPRINT), what, hint);
        }
    }
}

/// Warns of members that nothing reads and that look like one that is read: the settings they hold are not handed over.
fn note_mistyped(inner: &Object, at: &JsonPath, notes: &mut Notes<'_>) {
    let known = [PUBLIC, PROTECTED, THUMBPRINT];
    for (key, _) in inner.iter().filter(|(key, _)| !known.contains(key)) {
        if let Some(near) = crate::nearest(key, known) {
            let what = format!("`{key}` is not read");
            notes.warn(
                codes::SETTINGS_UNKNOWN_KEY,
                &at.key(key),
                what,
                format!("did you mean `{near}`?"),
            );
        }
    }
}

const SHAPE_HINT: &str = "write {\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": {}}}]}";

/// The only `handlerSettings` of `runtimeSettings`, or where and what is wrong.
fn wrapped<'n>(node: &'n Node, path: &JsonPath) -> Result<&'n Object, (JsonPath, String)> {
    let items = node
        .as_array()
        .ok_or_else(|| (path.clone(), format!("it is {}", node.kind())))?;
    let [item] = items else {
        return Err((path.clone(), format!("it has {} elements", items.len())));
    };
    let path = path.index(0);
    let element = item
        .as_object()
        .ok_or_else(|| (path.clone(), format!("it is {}", item.kind())))?;
    let path = path.key("handlerSettings");
    match element.get("handlerSettings") {
        None => Err((path, "it is missing".to_owned())),
        Some(inner) => inner
            .as_object()
            .ok_or_else(|| (path, format!("it is {}", inner.kind()))),
    }
}

/// The protected settings. An object in their place, as files written by hand for tests have it, is left out: it was
/// never encrypted, and what is written to a config folder must not hold secrets that anybody can read.
fn protected(inner: &Object, at: &JsonPath, notes: &mut Notes<'_>) -> Option<String> {
    if inner.get(PROTECTED).is_some_and(|node| node.as_object().is_some()) {
        let what = format!("`{PROTECTED}` is an object that is not encrypted, and is not handed over");
        let hint = "encrypt it for the handler's certificate, as base64 of CMS EnvelopedData";
        notes.warn(codes::SETTINGS_PROTECTED_PLAIN, &at.key(PROTECTED), what, hint);
        return None;
    }
    text(inner, PROTECTED, at, notes)
}

fn text(inner: &Object, key: &str, at: &JsonPath, notes: &mut Notes<'_>) -> Option<String> {
    let node = inner.get(key).filter(|node| !node.is_null())?;
    if node.as_str().is_none() {
        let what = format!("`{key}` is {}", node.kind());
        notes.refuse(codes::SETTINGS_TYPE, &at.key(key), what, "write a string, or null");
    }
    node.as_str().map(str::to_owned)
}
