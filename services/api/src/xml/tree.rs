//! Request bodies: a tree of elements, bounded in size, depth and count, and strict about what is no XML
//! document. Nothing is expanded: a DOCTYPE is refused, so there are no entities to expand.

use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::ResolveResult,
};

use super::Name;

/// Largest XML body.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Deepest nesting; real requests have six levels or so.
const MAX_DEPTH: usize = 32;

/// Most elements; a multiget of ten thousand hrefs fits.
const MAX_ELEMENTS: usize = 20_000;

/// Longest namespace, in bytes. Each element holds its own copy.
const MAX_NAMESPACE_BYTES: usize = 256;

/// Longest local name, in bytes. Names that are not known are echoed in the answer.
const MAX_LOCAL_NAME_BYTES: usize = 128;

/// An element with its text and children.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    namespace: String,
    local: String,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn name(&self) -> Name<'_> {
        Name {
            namespace: &self.namespace,
            local: &self.local,
        }
    }

    pub(crate) fn is(&self, name: Name<'_>) -> bool {
        self.name() == name
    }

    pub(crate) fn child(&self, name: Name<'_>) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name))
    }
}

/// Reads a document. The error says what is wrong.
pub(crate) fn parse(body: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8".to_owned())?;
    let mut reader = NsReader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut elements = 0;
    loop {
        let event = reader
            .read_event()
            .map_err(|error| format!("the body is not well-formed XML: {error}"))?;
        match event {
            Event::Start(start) => {
                elements += 1;
                if open.len() >= MAX_DEPTH {
                    return Err(format!("the body is nested deeper than {MAX_DEPTH} levels"));
                }
                if elements > MAX_ELEMENTS {
                    return Err(format!("the body has more than {MAX_ELEMENTS} elements"));
                }
                if open.is_empty() && root.is_some() {
                    return Err("the body has two roots".to_owned());
                }
                open.push(element(&reader, &start)?);
            }
            Event::End(_) => {
                // The reader has checked that names pair up.
                if let Some(done) = open.pop() {
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => root = Some(done),
                    }
                }
            }
            Event::Text(chunk) => add_text(&mut open, &chunk)?,
            Event::CData(chunk) => add_text(&mut open, &chunk)?,
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(character)) => character.to_string(),
                    Ok(None) => quick_xml::escape::resolve_predefined_entity(name)
                        .map(str::to_owned)
                        .ok_or_else(|| format!("the entity &{name}; is not known"))?,
                    Err(error) => return Err(error.to_string()),
                };
                add_text(&mut open, &resolved)?;
            }
            Event::DocType(_) => return Err("a DOCTYPE is not accepted".to_owned()),
            Event::Eof => break,
            _ => {}
        }
    }
    if !open.is_empty() {
        return Err("the body ends before its elements are closed".to_owned());
    }
    root.ok_or_else(|| "the body holds no XML element".to_owned())
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, String> {
    let (namespace, local) = reader.resolver().resolve_element(start.name());
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => quick_xml::escape::unescape(namespace.as_ref())
            .map_err(|error| error.to_string())?
            .into_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(prefix) => {
            return Err(format!("the prefix {prefix} is bound to no namespace"));
        }
    };
    let local = local.as_ref();
    if namespace.len() > MAX_NAMESPACE_BYTES || local.len() > MAX_LOCAL_NAME_BYTES {
        return Err(format!(
            "a name is longer than {MAX_NAMESPACE_BYTES} bytes of namespace and {MAX_LOCAL_NAME_BYTES} of local name"
        ));
    }
    for attribute in start.attributes() {
        attribute.map_err(|error| format!("an attribute is not well-formed: {error}"))?;
    }
    if !is_name(local) {
        return Err("an element's name is not a name".to_owned());
    }
    Ok(Element {
        namespace,
        local: local.to_owned(),
        ..Element::default()
    })
}

/// Whether an element can be called so (NCName of "Namespaces in XML 1.0"). The reader leaves it to us, and answers
/// repeat the names of properties that are not there.
fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(begins_name) && chars.all(continues_name)
}

/// `NameStartChar` of XML 1.0 section 2.3, without the colon.
const fn begins_name(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}' | '\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// `NameChar` of the same section.
const fn continues_name(c: char) -> bool {
    begins_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}

fn add_text(open: &mut [Element], text: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("there is text outside of the root element".to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::DAV, *};

    #[test]
    fn names_are_namespaces_whatever_the_prefix() {
        for body in [
            "<propfind xmlns='DAV:'><prop><getetag/></prop></propfind>",
            "<a:propfind xmlns:a='DAV:'>\n <a:prop><a:getetag></a:getetag></a:prop></a:propfind>",
            "\u{feff}<?xml version='1.0' encoding='utf-8'?><x:propfind xmlns:x='DAV:'><prop xmlns='DAV:'><getetag/></prop></x:propfind>",
        ] {
            let root = parse(body.as_bytes()).unwrap();
            assert!(root.is(DAV.name("propfind")), "{body}");
            let prop = root.child(DAV.name("prop")).unwrap();
            assert!(prop.child(DAV.name("getetag")).is_some(), "{body}");
        }
    }

    #[test]
    fn text_is_unescaped_once() {
        let root = parse(b"<href xmlns='DAV:'>/a&amp;amp;&#x41;<![CDATA[<b>]]></href>").unwrap();
        assert_eq!(root.text, "/a&amp;A<b>");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for body in [
            "",
            "  ",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>text",
            "<x:a/>",
            "<a b/>",
            "<a b='1' b='2'/>",
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            "<a>&unknown;</a>",
            "<a",
            "<a>&#x0;</a>",
            "<1/>",
            "<-a/>",
            "<a\"b/>",
            "<a:b:c xmlns:a='urn:a'/>",
        ] {
            assert!(parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(parse(b"<a>\xff</a>").is_err());
        assert!(parse("<a>".repeat(100_000).as_bytes()).is_err());
    }
}
