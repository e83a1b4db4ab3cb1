//! WebDAV's XML: requests as a bounded tree, answers written as text.

mod element;
mod parse;
mod writer;

pub(crate) use element::{Attribute, Element, Node};
pub(crate) use parse::{MAX_BODY_BYTES, check_element_name, parse};
pub(crate) use writer::XmlWriter;

/// Of every XML body that we write.
pub(crate) const CONTENT_TYPE: &str = "application/xml; charset=utf-8";

/// A namespace that we write, with the prefix that we write it with. Requests are read by namespace
/// alone; what prefix a client chose has no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Namespace {
    pub(crate) uri: &'static str,
    pub(crate) prefix: &'static str,
}

impl Namespace {
    pub(crate) const fn name(self, local: &'static str) -> Name<'static> {
        Name {
            namespace: self.uri,
            local,
        }
    }
}

/// RFC 4918.
pub(crate) const DAV: Namespace = Namespace {
    uri: "DAV:",
    prefix: "d",
};
/// RFC 4791.
pub(crate) const CALDAV: Namespace = Namespace {
    uri: "urn:ietf:params:xml:ns:caldav",
    prefix: "c",
};
/// Apple's Calendar Server extensions: getctag.
pub(crate) const CALENDARSERVER: Namespace = Namespace {
    uri: "http://calendarserver.org/ns/",
    prefix: "cs",
};
/// Apple's properties of a calendar: its colour and place in the list.
pub(crate) const APPLE_ICAL: Namespace = Namespace {
    uri: "http://apple.com/ns/ical/",
    prefix: "a",
};
/// The namespaces that documents declare at their root.
pub(crate) const DECLARED: [Namespace; 4] = [DAV, CALDAV, CALENDARSERVER, APPLE_ICAL];

/// The name of an element: namespace and local part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) local: &'a str,
}
