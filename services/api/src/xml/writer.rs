//! Answers: text is escaped, elements are closed in order, prefixes are declared once at the root.

use super::{DECLARED, Name};

/// Writes one document.
#[derive(Debug)]
pub(crate) struct XmlWriter {
    out: String,
    open: Vec<String>,
}

impl XmlWriter {
    /// Begins a document with its root element open.
    pub(crate) fn document(root: Name<'_>) -> Self {
        let mut writer = Self {
            out: String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"),
            open: Vec::new(),
        };
        let (tag, _) = tag(root);
        writer.out.push('<');
        writer.out.push_str(&tag);
        for namespace in DECLARED {
            writer.attribute(&format!("xmlns:{}", namespace.prefix), namespace.uri);
        }
        writer.out.push('>');
        writer.open.push(tag);
        writer
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, name: Name<'_>) {
        let tag = self.begin(name);
        self.out.push('>');
        self.open.push(tag);
    }

    /// Closes the element that was opened last.
    pub(crate) fn close(&mut self) {
        if let Some(tag) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(&tag);
            self.out.push('>');
        }
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: Name<'_>) {
        self.begin(name);
        self.out.push_str("/>");
    }

    /// An element without content but with one attribute.
    pub(crate) fn empty_with(&mut self, name: Name<'_>, attribute: &str, value: &str) {
        self.begin(name);
        self.attribute(attribute, value);
        self.out.push_str("/>");
    }

    /// An element that holds text.
    pub(crate) fn text_element(&mut self, name: Name<'_>, text: &str) {
        self.open(name);
        escape(&mut self.out, text);
        self.close();
    }

    /// Closes what is open and yields the document.
    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn begin(&mut self, name: Name<'_>) -> String {
        let (tag, undeclared) = tag(name);
        self.out.push('<');
        self.out.push_str(&tag);
        if let Some((attribute, namespace)) = undeclared {
            self.attribute(attribute, namespace);
        }
        tag
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value);
        self.out.push('"');
    }
}

/// The tag of a name, and the declaration that it needs if its namespace is not one of ours.
fn tag(name: Name<'_>) -> (String, Option<(&'static str, &str)>) {
    if let Some(namespace) = DECLARED.iter().find(|known| known.uri == name.namespace) {
        (format!("{}:{}", namespace.prefix, name.local), None)
    } else if name.namespace.is_empty() {
        (name.local.to_owned(), None)
    } else {
        (
            format!("x:{}", name.local),
            Some(("xmlns:x", name.namespace)),
        )
    }
}

/// Escapes markup, and leaves out what XML 1.0 can't hold at all.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{DAV, parse},
        *,
    };

    #[test]
    fn what_is_written_is_read_back() {
        let mut xml = XmlWriter::document(DAV.name("multistatus"));
        xml.text_element(DAV.name("href"), "/a&<>\"'\r\n\u{1}é");
        xml.empty(Name {
            namespace: "urn:\"other\"",
            local: "thing",
        });
        xml.empty(Name {
            namespace: "",
            local: "bare",
        });
        let text = xml.finish();
        let root = parse(text.as_bytes()).unwrap();
        assert_eq!(root.child(DAV.name("href")).unwrap().text, "/a&<>\"'\r\né");
        assert!(
            root.child(Name {
                namespace: "urn:\"other\"",
                local: "thing"
            })
            .is_some()
        );
        assert!(
            root.child(Name {
                namespace: "",
                local: "bare"
            })
            .is_some()
        );
    }
}
