//! An element with its content: what a request's body is read into, and what structured properties are written from.

use super::Name;

/// The namespace that the prefix `xml` always means (Namespaces in XML 1.0, section 3).
pub(super) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// An element. As it is read, or made for an answer; [`super::parse`] bounds its depth, so walking it may recurse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(super) namespace: String,
    pub(super) local: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) nodes: Vec<Node>,
}

/// An attribute; declarations of namespaces are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// Empty for an attribute without a prefix.
    pub(super) namespace: String,
    pub(super) local: String,
    pub(super) value: String,
}

/// What an element holds, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub(crate) fn new(name: Name<'_>) -> Self {
        Self {
            namespace: name.namespace.to_owned(),
            local: name.local.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) fn with(mut self, child: Self) -> Self {
        self.nodes.push(Node::Element(child));
        self
    }

    pub(crate) fn with_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.nodes.extend(children.into_iter().map(Node::Element));
        self
    }

    pub(crate) fn with_text(mut self, text: &str) -> Self {
        self.push_text(text);
        self
    }

    pub(crate) fn with_attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push(Attribute {
            namespace: String::new(),
            local: name.to_owned(),
            value: value.to_owned(),
        });
        self
    }

    pub(super) fn push_text(&mut self, text: &str) {
        match self.nodes.last_mut() {
            Some(Node::Text(last)) => last.push_str(text),
            _ => self.nodes.push(Node::Text(text.to_owned())),
        }
    }

    pub(crate) fn name(&self) -> Name<'_> {
        Name {
            namespace: &self.namespace,
            local: &self.local,
        }
    }

    pub(crate) fn is(&self, name: Name<'_>) -> bool {
        self.name() == name
    }

    pub(crate) fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub(crate) fn children_named<'a>(
        &'a self,
        name: Name<'a>,
    ) -> impl Iterator<Item = &'a Self> + 'a {
        self.children().filter(move |child| child.is(name))
    }

    pub(crate) fn child(&self, name: Name<'_>) -> Option<&Self> {
        self.children().find(|child| child.is(name))
    }

    /// The text directly in it, its pieces joined.
    pub(crate) fn text(&self) -> String {
        self.nodes
            .iter()
            .filter_map(|node| match node {
                Node::Text(text) => Some(text.as_str()),
                Node::Element(_) => None,
            })
            .collect()
    }

    /// The value of an attribute without a prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.namespace.is_empty() && attribute.local == name)
            .map(|attribute| attribute.value.as_str())
    }

    /// The element as text that means the same wherever it is put: it declares all its namespaces itself.
    pub(crate) fn to_fragment(&self) -> String {
        let mut out = String::new();
        self.write_fragment(&mut out, None);
        out
    }

    fn write_fragment(&self, out: &mut String, outer_namespace: Option<&str>) {
        out.push('<');
        out.push_str(&self.local);
        if outer_namespace != Some(self.namespace.as_str()) {
            write_attribute(out, "xmlns", &self.namespace);
        }
        for (number, attribute) in self.attributes.iter().enumerate() {
            let local = &attribute.local;
            match attribute.namespace.as_str() {
                "" => write_attribute(out, local, &attribute.value),
                XML_NAMESPACE => write_attribute(out, &format!("xml:{local}"), &attribute.value),
                other => {
                    write_attribute(out, &format!("xmlns:a{number}"), other);
                    write_attribute(out, &format!("a{number}:{local}"), &attribute.value);
                }
            }
        }
        if self.nodes.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for node in &self.nodes {
            match node {
                Node::Element(child) => child.write_fragment(out, Some(&self.namespace)),
                Node::Text(text) => escape(out, text),
            }
        }
        out.push_str("</");
        out.push_str(&self.local);
        out.push('>');
    }
}

pub(super) fn write_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            // An attribute's white space would come back as spaces (XML 1.0 section 3.3.3).
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            c => escape_char(out, c),
        }
    }
    out.push('"');
}

/// Escapes markup, and leaves out what XML 1.0 can't hold at all.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        escape_char(out, c);
    }
}

fn escape_char(out: &mut String, c: char) {
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

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn fragment_means_the_same_anywhere() {
        let sent = "<x:color xmlns:x='urn:x' xmlns:y='urn:y' xml:lang='en' y:kind='a&amp;&#10;b' plain='1'>\
                    before<x:in/><none xmlns=''>&lt;</none>after</x:color>";
        let element = parse(sent.as_bytes()).unwrap();
        let fragment = element.to_fragment();
        assert_eq!(
            fragment,
            "<color xmlns=\"urn:x\" xml:lang=\"en\" xmlns:a1=\"urn:y\" a1:kind=\"a&amp;&#10;b\" plain=\"1\">\
             before<in/><none xmlns=\"\">&lt;</none>after</color>"
        );
        let embedded = format!("<d:prop xmlns:d='DAV:' xmlns='urn:other'>{fragment}</d:prop>");
        let read_back = parse(embedded.as_bytes()).unwrap();
        assert_eq!(read_back.children().next(), Some(&element));
    }
}
