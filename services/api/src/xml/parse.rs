//! Request bodies: a tree of elements, bounded in size, depth and count, and strict about what is no XML
//! document. Nothing is expanded: a DOCTYPE is refused, so there are no entities to expand.

use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::ResolveResult,
};

use super::{Attribute, Element, Node, element::XML_NAMESPACE};

/// The namespace of declarations of namespaces.
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Largest XML body: some apps name all events of a calendar in one calendar-multiget.
pub(crate) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Deepest nesting; real requests have six levels or so.
const MAX_DEPTH: usize = 32;

/// Most elements; a multiget of thirty thousand hrefs fits.
const MAX_ELEMENTS: usize = 30_000;

/// Longest namespace, in bytes. Each element holds its own copy.
const MAX_NAMESPACE_BYTES: usize = 256;

/// Longest local name, in bytes. Names that are not known are echoed in the answer.
const MAX_LOCAL_NAME_BYTES: usize = 128;

/// Most attributes of one element; real ones have three at most.
const MAX_ATTRIBUTES: usize = 32;

/// Reads a document. The error says what is wrong.
pub(crate) fn parse(body: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8".to_owned())?;
    // XML has no such character (XML 1.0 section 2.2), the reader lets it pass, and Postgres can't store it.
    if text.contains('\0') {
        return Err("the body holds a NUL".to_owned());
    }
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
                        Some(parent) => parent.nodes.push(Node::Element(done)),
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
    let (namespace, local) = checked_name(namespace, local.as_ref())?;
    check_namespace(&namespace)?;
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute =
            attribute.map_err(|error| format!("an attribute is not well-formed: {error}"))?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        if attributes.len() == MAX_ATTRIBUTES {
            return Err(format!(
                "an element has more than {MAX_ATTRIBUTES} attributes"
            ));
        }
        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
        let (namespace, local) = checked_name(namespace, local.as_ref())?;
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_err(|error| format!("an attribute is not well-formed: {error}"))?
            .into_owned();
        attributes.push(Attribute {
            namespace,
            local,
            value,
        });
    }
    Ok(Element {
        namespace,
        local,
        attributes,
        nodes: Vec::new(),
    })
}

/// A resolved name: bounded, and one that can be written again.
fn checked_name(namespace: ResolveResult<'_>, local: &str) -> Result<(String, String), String> {
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => quick_xml::escape::unescape(namespace.as_ref())
            .map_err(|error| error.to_string())?
            .into_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(prefix) => {
            return Err(format!("the prefix {prefix} is bound to no namespace"));
        }
    };
    check_name(&namespace, local)?;
    Ok((namespace, local.to_owned()))
}

/// No element is in the namespaces of XML itself, and none could be written (Namespaces in XML 1.0, section 3).
fn check_namespace(namespace: &str) -> Result<(), String> {
    if [XML_NAMESPACE, XMLNS_NAMESPACE].contains(&namespace) {
        return Err("an element can't be in a namespace of XML itself".to_owned());
    }
    Ok(())
}

/// Whether an element can be called so whose name comes as a value.
pub(crate) fn check_element_name(namespace: &str, local: &str) -> Result<(), String> {
    check_namespace(namespace)?;
    check_name(namespace, local)
}

/// Whether an element or attribute can be called so.
fn check_name(namespace: &str, local: &str) -> Result<(), String> {
    if namespace.len() > MAX_NAMESPACE_BYTES || local.len() > MAX_LOCAL_NAME_BYTES {
        return Err(format!(
            "a name is longer than {MAX_NAMESPACE_BYTES} bytes of namespace and {MAX_LOCAL_NAME_BYTES} of local name"
        ));
    }
    if is_name(local) {
        Ok(())
    } else {
        Err("the name of an element or attribute is not a name".to_owned())
    }
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
        Some(element) => element.push_text(text),
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
        assert_eq!(root.text(), "/a&amp;A<b>");
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
            "<xml:a/>",
        ] {
            assert!(parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(parse(b"<a>\xff</a>").is_err());
        assert!(parse("<a>".repeat(100_000).as_bytes()).is_err());
    }
}
