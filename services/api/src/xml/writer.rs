//! Answers: text is escaped, elements are closed in order, prefixes are declared once at the root.

use super::{
    DECLARED, Element, Name, Node,
    element::{escape, write_attribute},
};

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
            write_attribute(
                &mut writer.out,
                &format!("xmlns:{}", namespace.prefix),
                namespace.uri,
            );
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

    /// An element with all that it holds.
    pub(crate) fn element(&mut self, element: &Element) {
        let tag = self.begin(element.name());
        for attribute in &element.attributes {
            write_attribute(&mut self.out, &attribute.local, &attribute.value);
        }
        if element.nodes.is_empty() {
            self.out.push_str("/>");
            return;
        }
        self.out.push('>');
        self.open.push(tag);
        for node in &element.nodes {
            match node {
                Node::Element(child) => self.element(child),
                Node::Text(text) => escape(&mut self.out, text),
            }
        }
        self.close();
    }

    /// An element as [`Element::to_fragment`] made it.
    pub(crate) fn fragment(&mut self, fragment: &str) {
        self.out.push_str(fragment);
    }

    /// An element that holds text.
    pub(crate) fn text_element(&mut self, name: Name<'_>, text: &str) {
        self.open(name);
        escape(&mut self.out, text);
        self.close();
    }

    /// How much is written: a place to [`Self::rewind`] to.
    pub(crate) fn mark(&self) -> usize {
        self.out.len()
    }

    /// Forgets what was written since the mark. The same elements must be open.
    pub(crate) fn rewind(&mut self, mark: usize) {
        self.out.truncate(mark);
    }

    /// How many bytes have been written and not been taken.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// Yields what was written so far, to be sent while the document goes on.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
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
            write_attribute(&mut self.out, attribute, namespace);
        }
        tag
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
        assert_eq!(
            root.child(DAV.name("href")).unwrap().text(),
            "/a&<>\"'\r\né"
        );
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
