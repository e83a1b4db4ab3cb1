//! XML as the tests read and write it, sharing nothing with the server: elements are named by the prefix that is
//! customary for their namespace, whichever prefix was used.

use anyhow::{Context as _, Result, bail, ensure};
use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::ResolveResult,
};

/// The prefixes by which names are written in the tests.
const PREFIXES: [(&str, &str); 5] = [
    ("D", "DAV:"),
    ("C", "urn:ietf:params:xml:ns:caldav"),
    ("CS", "http://calendarserver.org/ns/"),
    ("I", "http://apple.com/ns/ical/"),
    ("ME", "http://me.com/_namespace/"),
];

/// An element of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Such as `D:href`; `{namespace}name` where the namespace has no customary prefix.
    pub name: String,
    /// By local names, without declarations of namespaces.
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    /// The text directly in it.
    pub text: String,
}

impl Element {
    /// Reads a document; fails on whatever is not well-formed, and on prefixes that are bound to nothing.
    pub fn parse(text: &str) -> Result<Self> {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut open: Vec<Self> = Vec::new();
        loop {
            match reader.read_event()? {
                Event::Start(start) => open.push(Self::begin(&reader, &start)?),
                Event::Text(chunk) => add_text(&mut open, &chunk),
                Event::CData(chunk) => add_text(&mut open, &chunk),
                Event::GeneralRef(reference) => {
                    let name: &str = &reference;
                    match reference.resolve_char_ref()? {
                        Some(character) => add_text(&mut open, &character.to_string()),
                        None => add_text(
                            &mut open,
                            quick_xml::escape::resolve_predefined_entity(name)
                                .with_context(|| format!("the entity &{name};"))?,
                        ),
                    }
                }
                Event::End(_) => {
                    let done = open.pop().context("an element ends that did not begin")?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(done),
                    }
                }
                Event::Eof => bail!("the document ends early"),
                _ => {}
            }
        }
    }

    fn begin(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Self> {
        let (namespace, local) = reader.resolver().resolve_element(start.name());
        let namespace: &str = match &namespace {
            ResolveResult::Bound(namespace) => namespace.as_ref(),
            ResolveResult::Unbound => "",
            ResolveResult::Unknown(prefix) => bail!("the prefix {prefix} is bound to nothing"),
        };
        let local: &str = local.as_ref();
        let name = match PREFIXES.iter().find(|(_, known)| *known == namespace) {
            Some((prefix, _)) => format!("{prefix}:{local}"),
            None => format!("{{{namespace}}}{local}"),
        };
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute?;
            if attribute.key.as_namespace_binding().is_none() {
                let local: &str = attribute.key.local_name().into_inner();
                let value = quick_xml::escape::unescape(&attribute.value)?;
                attributes.push((local.to_owned(), value.into_owned()));
            }
        }
        Ok(Self {
            name,
            attributes,
            children: Vec::new(),
            text: String::new(),
        })
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Result<&Self> {
        self.children_named(name)
            .next()
            .with_context(|| format!("no {name} in {self:?}"))
    }

    pub fn children_named(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Whether there is a child of this name.
    pub fn has(&self, name: &str) -> bool {
        self.children_named(name).next().is_some()
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The `D:href` elements in it.
    pub fn hrefs(&self) -> Vec<String> {
        self.children_named("D:href")
            .map(|href| href.text.trim().to_owned())
            .collect()
    }

    /// The one `D:href` in it.
    pub fn href(&self) -> Result<String> {
        let mut hrefs = self.hrefs();
        ensure!(hrefs.len() == 1, "not one D:href in {self:?}");
        hrefs.pop().context("there is one")
    }

    /// The names of its children, in their order.
    pub fn names(&self) -> Vec<&str> {
        self.children
            .iter()
            .map(|child| child.name.as_str())
            .collect()
    }
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// The namespace of a name such as `D:href`, and its local part.
pub fn expanded(name: &str) -> (&'static str, &str) {
    let (prefix, local) = name.split_once(':').expect("names have a prefix");
    let (_, namespace) = PREFIXES
        .iter()
        .find(|(known, _)| *known == prefix)
        .expect("the prefix is customary");
    (namespace, local)
}

/// A PROPFIND that declares its customary prefixes at the root, as most clients do.
pub fn propfind(names: &[&str]) -> String {
    let declarations: String = PREFIXES
        .iter()
        .map(|(prefix, namespace)| format!(" xmlns:{prefix}=\"{namespace}\""))
        .collect();
    let names: String = names.iter().map(|name| format!("<{name}/>")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><D:propfind{declarations}><D:prop>{names}</D:prop></D:propfind>"
    )
}
