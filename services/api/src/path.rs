//! The URL space: which resource a path names, and the path of a resource.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use televent_calendar::TelegramUserId;

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

/// A resource of the server, by its URL. Whether it exists is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DavPath {
    /// `/` and `/dav/`.
    Root,
    /// `/dav/principals/`.
    Principals,
    /// `/dav/principals/<id>/`.
    Principal(TelegramUserId),
    /// `/dav/calendars/`.
    Homes,
    /// `/dav/calendars/<id>/`.
    Home(TelegramUserId),
    /// `/dav/calendars/<id>/<slug>/`.
    Calendar { owner: TelegramUserId, slug: String },
    /// `/dav/calendars/<id>/<slug>/<name>`.
    Object {
        owner: TelegramUserId,
        slug: String,
        name: String,
    },
}

impl DavPath {
    /// Reads the path of a request, percent-encoded as it came; `None` when it names nothing of ours.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        if path == "/" {
            return Some(Self::Root);
        }
        let rest = path.strip_prefix("/dav")?;
        if rest.is_empty() {
            return Some(Self::Root);
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
        let mut segments = segments.into_iter();
        let parsed = match (
            segments.next().as_deref(),
            segments.next(),
            segments.next(),
            segments.next(),
        ) {
            (None, ..) => Self::Root,
            (Some("principals"), None, None, None) => Self::Principals,
            (Some("principals"), Some(id), None, None) => Self::Principal(id.parse().ok()?),
            (Some("calendars"), None, None, None) => Self::Homes,
            (Some("calendars"), Some(owner), None, None) => Self::Home(owner.parse().ok()?),
            (Some("calendars"), Some(owner), Some(slug), None) => Self::Calendar {
                owner: owner.parse().ok()?,
                slug,
            },
            (Some("calendars"), Some(owner), Some(slug), Some(name)) if !is_collection_url => {
                Self::Object {
                    owner: owner.parse().ok()?,
                    slug,
                    name,
                }
            }
            _ => return None,
        };
        segments.next().is_none().then_some(parsed)
    }

    /// Whose resource it is, where it is somebody's.
    pub(crate) const fn owner(&self) -> Option<TelegramUserId> {
        match self {
            Self::Root | Self::Principals | Self::Homes => None,
            Self::Principal(owner)
            | Self::Home(owner)
            | Self::Calendar { owner, .. }
            | Self::Object { owner, .. } => Some(*owner),
        }
    }
}

/// The href: percent-encoded, collections with their trailing slash.
impl fmt::Display for DavPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encode = |segment| utf8_percent_encode(segment, SEGMENT);
        match self {
            Self::Root => write!(f, "/dav/"),
            Self::Principals => write!(f, "/dav/principals/"),
            Self::Principal(id) => write!(f, "/dav/principals/{id}/"),
            Self::Homes => write!(f, "/dav/calendars/"),
            Self::Home(owner) => write!(f, "/dav/calendars/{owner}/"),
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

/// A segment decoded: UTF-8, bounded, no slash or control character, and not a dot segment.
fn decode_segment(segment: &str) -> Option<String> {
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    let sound = (1..=MAX_SEGMENT_BYTES).contains(&decoded.len())
        && !matches!(&*decoded, "." | "..")
        && !decoded.chars().any(|c| c == '/' || c.is_control());
    sound.then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_resources_and_hrefs_name_them_back() {
        for (path, href) in [
            ("/", "/dav/"),
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
        ] {
            assert_eq!(DavPath::parse(path).unwrap().to_string(), href, "{path}");
        }
    }

    #[test]
    fn other_paths_name_nothing() {
        for path in [
            "",
            "/x",
            "/davx",
            "//",
            "/dav//",
            "/dav/principals/05/",
            "/dav/principals/x/",
            "/dav/calendars/5/default/a/b",
            "/dav/calendars/5/default/a.ics/",
            "/dav/calendars/5/../6",
            "/dav/calendars/5/%2e%2e/x",
            "/dav/calendars/5/default/a%2Fb",
            "/dav/calendars/5/default/%00",
            "/dav/calendars/5/default/%ff",
            "/dav/calendars/-5/",
            &format!("/dav/calendars/5/default/{}", "a".repeat(256)),
        ] {
            assert_eq!(DavPath::parse(path), None, "{path}");
        }
    }
}
