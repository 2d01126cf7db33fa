//! XML documents written: on one line, without a declaration, and well-formed whatever the texts are.

/// The namespace of definition files and of everything that the management API sends.
pub(crate) const NAMESPACE: &str = "http://schemas.microsoft.com/windowsazure";
/// The namespace that responses declare too, and in which `nil` marks what is not set.
pub(crate) const INSTANCE_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A document that is being written.
#[derive(Debug)]
pub(crate) struct Writer {
    out: String,
}

impl Writer {
    /// A document of which `content` writes what stands in the outermost element.
    pub(crate) fn document(root: &str, content: impl FnOnce(&mut Self)) -> String {
        let (begin, end) = Self::around(root);
        let mut writer = Self { out: begin };
        content(&mut writer);
        writer.out + &end
    }

    /// What stands before and after the content of a document.
    pub(crate) fn around(root: &str) -> (String, String) {
        let mut end = Self::fragment();
        end.end(root);
        let begin = format!("<{root} xmlns=\"{NAMESPACE}\" xmlns:i=\"{INSTANCE_NAMESPACE}\">");
        (begin, end.out)
    }

    /// Elements that belong into a document which is there.
    pub(crate) fn fragment() -> Self {
        Self { out: String::new() }
    }

    /// What was written.
    pub(crate) fn into_text(self) -> String {
        self.out
    }

    /// An element with what `content` writes in it.
    pub(crate) fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.start(name, &[]);
        content(self);
        self.end(name);
    }

    /// An element with text; one without any closes itself.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            self.out.push('<');
            self.out.push_str(name);
            self.out.push_str("/>");
        } else {
            self.element(name, |writer| writer.characters(text));
        }
    }

    /// An element with text, if there is one.
    pub(crate) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// `true` or `false`, if it is set.
    pub(crate) fn flag(&mut self, name: &str, flag: Option<bool>) {
        self.optional(name, flag.map(|flag| if flag { "true" } else { "false" }));
    }

    /// A number.
    pub(crate) fn number(&mut self, name: &str, number: impl Into<u64>) {
        self.text(name, &number.into().to_string());
    }

    /// The start of an element. Names are those of this project, or were checked when they were read.
    pub(crate) fn start(&mut self, name: &str, attributes: &[(String, String)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            self.out.push(' ');
            self.out.push_str(key);
            self.out.push_str("=\"");
            // Line ends and tabs in a value are read as blanks unless they are written as references.
            for part in value.split_inclusive(['\n', '\t']) {
                let end = part.chars().next_back().filter(|c| matches!(c, '\n' | '\t'));
                self.characters(&part[..part.len() - end.map_or(0, char::len_utf8)]);
                self.out
                    .push_str(end.map_or("", |c| if c == '\n' { "&#10;" } else { "&#9;" }));
            }
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// The end of an element.
    pub(crate) fn end(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Text, with references for what would be read as something else.
    pub(crate) fn characters(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\r' => self.out.push_str("&#13;"),
                // XML has no way at all to write these.
                c if !is_character(c) => self.out.push('\u{fffd}'),
                c => self.out.push(c),
            }
        }
    }
}

/// Whether a document may hold a character.
pub(crate) fn is_character(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a name can be written as that of an element or attribute without a prefix. Letters beyond ASCII, which XML
/// allows, are in none that anybody uses.
pub(crate) fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}
