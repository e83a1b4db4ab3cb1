//! The URL space: which resource a path names, and the path of a resource.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use televent_calendar::TelegramUserId;
use televent_store::{INBOX_SLUG as INBOX, OwnPlace};

/// The last segment of a resource's URL may have this many bytes, decoded.
pub(crate) const MAX_SEGMENT_BYTES: usize = 255;

/// What is percent-encoded in the hrefs that we make: everything that RFC 3986 does not call unreserved,
/// but for `@`, which clients like to see as they wrote it.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@');

/// Where free-busy requests are posted to (RFC 6638 section 2.1).
const OUTBOX: &str = "outbox";

/// The root: it answers PROPFIND by itself, so that the well-known URLs can lead to it (RFC 6764 section 5).
pub(crate) const ROOT: &str = "/dav/";

/// Where else calendar apps look before they know our URLs: with these, too, they find out who they are.
const GUESSES: [&str; 6] = [
    "/",
    "/principals/",
    "/principals/users/",
    "/calendars/",
    "/caldav/",
    "/caldav/v2/",
];

/// As [`GUESSES`], with the username behind them.
const GUESSES_WITH_USERNAME: [&str; 4] = [
    "/principals/users/",
    "/principals/",
    "/caldav/v2/",
    "/dav/principals/users/",
];

/// A resource of the server, by its URL. Whether it exists is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DavPath {
    /// `/dav/`, and what clients try instead, by the path under which it was asked for.
    Root(String),
    /// `/dav/principals/`.
    Principals,
    /// `/dav/principals/<id>/`.
    Principal(TelegramUserId),
    /// `/dav/calendars/`.
    Homes,
    /// `/dav/calendars/<id>/`.
    Home(TelegramUserId),
    /// `/dav/calendars/<id>/inbox/`.
    Inbox(TelegramUserId),
    /// `/dav/calendars/<id>/outbox/`.
    Outbox(TelegramUserId),
    /// `/dav/calendars/<id>/<slug>/`.
    Calendar { owner: TelegramUserId, slug: String },
    /// `/dav/calendars/<id>/<slug>/<name>`; in the inbox, a scheduling message.
    Object {
        owner: TelegramUserId,
        slug: String,
        name: String,
    },
}

impl DavPath {
    /// Where it is among its owner's calendars, if it names a calendar or an object.
    pub(crate) fn own_place(&self) -> Option<OwnPlace<'_>> {
        match self {
            Self::Calendar { slug, .. } => Some(OwnPlace {
                slug,
                resource_name: None,
            }),
            Self::Object { slug, name, .. } => Some(OwnPlace {
                slug,
                resource_name: Some(name),
            }),
            _ => None,
        }
    }

    /// Reads the path of a request, percent-encoded as it came; `None` when it names nothing of ours.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        if is_guess(path) {
            return Some(Self::Root(path.to_owned()));
        }
        let rest = path.strip_prefix("/dav")?;
        if rest.is_empty() {
            return Some(Self::Root(ROOT.to_owned()));
        }
        let rest = rest.strip_prefix('/')?;
        let trimmed = rest.strip_suffix('/').unwrap_or(rest);
        let is_collection_url = rest.len() != trimmed.len();
        let segments = if rest.is_empty() {
            Vec::new()
        } else {
            trimmed
                .split('/')
                .map(decode_segment)
                .collect::<Option<Vec<String>>>()?
        };
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        Some(match segments.as_slice() {
            [] => Self::Root(ROOT.to_owned()),
            ["principals"] => Self::Principals,
            ["principals", id] => Self::Principal(id.parse().ok()?),
            ["calendars"] => Self::Homes,
            ["calendars", owner] => Self::Home(owner.parse().ok()?),
            ["calendars", owner, INBOX] => Self::Inbox(owner.parse().ok()?),
            ["calendars", owner, OUTBOX] => Self::Outbox(owner.parse().ok()?),
            ["calendars", owner, slug] => Self::Calendar {
                owner: owner.parse().ok()?,
                slug: (*slug).to_owned(),
            },
            // Nothing is ever in it.
            ["calendars", _, OUTBOX, _] => return None,
            ["calendars", owner, slug, name] if !is_collection_url => Self::Object {
                owner: owner.parse().ok()?,
                slug: (*slug).to_owned(),
                name: (*name).to_owned(),
            },
            _ => return None,
        })
    }

    /// Reads an href of a request's body or `Destination` header: a path, or a URI whose authority does not matter here,
    /// since behind a proxy only the client knows under which name it reaches us.
    pub(crate) fn from_href(href: &str) -> Option<Self> {
        let href = href.trim();
        let path = match href.split_once("://") {
            Some((scheme, rest))
                if ["http", "https"]
                    .iter()
                    .any(|s| scheme.eq_ignore_ascii_case(s)) =>
            {
                rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
            }
            _ => href,
        };
        Self::parse(path.split(['?', '#']).next().unwrap_or_default())
    }

    /// Whose resource it is, where it is somebody's. Principals are not: one may know of others.
    pub(crate) const fn owner(&self) -> Option<TelegramUserId> {
        match self {
            Self::Root(_) | Self::Principals | Self::Principal(_) | Self::Homes => None,
            Self::Home(owner)
            | Self::Inbox(owner)
            | Self::Outbox(owner)
            | Self::Calendar { owner, .. }
            | Self::Object { owner, .. } => Some(*owner),
        }
    }

    /// Owner and slug of the collection that it is, or that the object is in, if that holds objects: a calendar or the inbox.
    pub(crate) fn collection(&self) -> Option<(TelegramUserId, &str)> {
        match self {
            Self::Inbox(owner) => Some((*owner, INBOX)),
            Self::Calendar { owner, slug } | Self::Object { owner, slug, .. } => {
                Some((*owner, slug))
            }
            _ => None,
        }
    }

    /// Whether it names a scheduling message (RFC 6638 section 2.2).
    pub(crate) fn is_message(&self) -> bool {
        matches!(self, Self::Object { slug, .. } if slug == INBOX)
    }
}

fn is_guess(path: &str) -> bool {
    let with_slash =
        |guess: &str| guess == path || (!path.is_empty() && guess.strip_suffix('/') == Some(path));
    let username_after = |guess: &str| {
        path.strip_prefix(guess).is_some_and(|rest| {
            let username = rest.strip_suffix('/').unwrap_or(rest);
            decode_segment(username).is_some() && !username.contains('/')
        })
    };
    GUESSES.into_iter().any(with_slash) || GUESSES_WITH_USERNAME.into_iter().any(username_after)
}

/// The href: percent-encoded, collections with their trailing slash.
impl fmt::Display for DavPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encode = |segment| utf8_percent_encode(segment, SEGMENT);
        match self {
            Self::Root(path) => f.write_str(path),
            Self::Principals => write!(f, "/dav/principals/"),
            Self::Principal(id) => write!(f, "/dav/principals/{id}/"),
            Self::Homes => write!(f, "/dav/calendars/"),
            Self::Home(owner) => write!(f, "/dav/calendars/{owner}/"),
            Self::Inbox(owner) => write!(f, "/dav/calendars/{owner}/{INBOX}/"),
            Self::Outbox(owner) => write!(f, "/dav/calendars/{owner}/{OUTBOX}/"),
            Self::Calendar { owner, slug } => {
                write!(f, "/dav/calendars/{owner}/{}/", encode(slug.as_str()))
            }
            Self::Object { owner, slug, name } => {
                let (slug, name) = (encode(slug.as_str()), encode(name.as_str()));
                write!(f, "/dav/calendars/{owner}/{slug}/{name}")
            }
        }
    }
}

/// A segment decoded: UTF-8, bounded, not a dot segment, and no NUL, which Postgres can't store. A slash or line feed in it is
/// the client's choice; hrefs have them encoded.
fn decode_segment(segment: &str) -> Option<String> {
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    let sound = (1..=MAX_SEGMENT_BYTES).contains(&decoded.len())
        && !matches!(&*decoded, "." | "..")
        && !decoded.contains('\0');
    sound.then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_resources_and_hrefs_name_them_back() {
        for (path, href) in [
            ("/", "/"),
            ("/principals", "/principals"),
            ("/principals/users/tg_5/", "/principals/users/tg_5/"),
            ("/caldav/v2/", "/caldav/v2/"),
            ("/dav/calendars/5/inbox", "/dav/calendars/5/inbox/"),
            ("/dav/calendars/5/outbox/", "/dav/calendars/5/outbox/"),
            ("/dav", "/dav/"),
            ("/dav/", "/dav/"),
            ("/dav/principals", "/dav/principals/"),
            ("/dav/principals/5/", "/dav/principals/5/"),
            ("/dav/calendars/5", "/dav/calendars/5/"),
            ("/dav/calendars/5/default", "/dav/calendars/5/default/"),
            ("/dav/calendars/5/default/", "/dav/calendars/5/default/"),
            (
                "/dav/calendars/5/default/a.ics",
                "/dav/calendars/5/default/a.ics",
            ),
            (
                "/dav/calendars/5/inbox/a.ics",
                "/dav/calendars/5/inbox/a.ics",
            ),
            (
                "/dav/calendars/5/default/a@b.ics",
                "/dav/calendars/5/default/a@b.ics",
            ),
            (
                "/dav/calendars/5/default/a%40b.ics",
                "/dav/calendars/5/default/a@b.ics",
            ),
            (
                "/dav/calendars/5/default/a%20b%C3%A9.ics",
                "/dav/calendars/5/default/a%20b%C3%A9.ics",
            ),
            (
                "/dav/calendars/5/default/%25.ics",
                "/dav/calendars/5/default/%25.ics",
            ),
            (
                "/dav/calendars/5/default/a%2fb%0A",
                "/dav/calendars/5/default/a%2Fb%0A",
            ),
        ] {
            assert_eq!(DavPath::parse(path).unwrap().to_string(), href, "{path}");
        }
    }

    #[test]
    fn objects_of_the_inbox_are_messages() {
        for (path, is_message, slug) in [
            ("/dav/calendars/5/inbox/a.ics", true, Some("inbox")),
            ("/dav/calendars/5/%69nbox/a.ics", true, Some("inbox")),
            ("/dav/calendars/5/inbox/", false, Some("inbox")),
            ("/dav/calendars/5/default/inbox", false, Some("default")),
            ("/dav/calendars/5/default/", false, Some("default")),
            ("/dav/calendars/5/outbox/", false, None),
            ("/dav/calendars/5/", false, None),
        ] {
            let path = DavPath::parse(path).unwrap();
            assert_eq!(path.is_message(), is_message, "{path}");
            assert_eq!(path.collection().map(|(_, slug)| slug), slug, "{path}");
        }
    }

    #[test]
    fn other_paths_name_nothing() {
        for path in [
            "",
            "/x",
            "/principals/users/a/b/",
            "/dav/calendars/5/outbox/a.ics",
            "/dav/calendars/5/inbox/a.ics/",
            "/davx",
            "//",
            "/dav//",
            "/dav/principals/05/",
            "/dav/principals/x/",
            "/dav/calendars/5/default/a/b",
            "/dav/calendars/5/default/a.ics/",
            "/dav/calendars/5/../6",
            "/dav/calendars/5/%2e%2e/x",
            "/dav/calendars/5/default/%00",
            "/dav/calendars/5/default/%ff",
            "/dav/calendars/-5/",
            &format!("/dav/calendars/5/default/{}", "a".repeat(256)),
        ] {
            assert_eq!(DavPath::parse(path), None, "{path}");
        }
    }
}
