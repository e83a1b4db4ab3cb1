//! Conditions of a request: `If-Match` and `If-None-Match` (RFC 9110 section 13.1), `If-Schedule-Tag-Match` (RFC 6638
//! section 8.3) and WebDAV's `If`. What they are decided on is what the write expects in its `WHERE` clause; when that
//! has changed meanwhile, they are decided again.

mod if_header;

use axum::http::{HeaderMap, HeaderName, header};

use self::if_header::IfHeader;
use crate::{error::ApiError, path::DavPath};

const IF_SCHEDULE_TAG_MATCH: HeaderName = HeaderName::from_static("if-schedule-tag-match");

/// The conditions of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
    if_schedule_tag_match: Option<Tags>,
    if_header: Option<IfHeader>,
}

/// What conditions are decided on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Current<'a> {
    /// The resource of the request.
    pub(crate) path: &'a DavPath,
    /// Whether it is there; calendars are, without an entity tag.
    pub(crate) exists: bool,
    /// Its entity tag without quotes.
    pub(crate) etag: Option<&'a str>,
    /// Its schedule tag without quotes.
    pub(crate) schedule_tag: Option<&'a str>,
    /// The sync token of the calendar that it is or is in.
    pub(crate) sync_token: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`: any representation.
    Any,
    /// Tags without their quotes; `weak` ones apart, since only `If-None-Match` may use them.
    These {
        strong: Vec<String>,
        weak: Vec<String>,
    },
}

impl Conditions {
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Self, ApiError> {
        Ok(Self {
            if_match: tags(headers, &header::IF_MATCH)?,
            if_none_match: tags(headers, &header::IF_NONE_MATCH)?,
            if_schedule_tag_match: tags(headers, &IF_SCHEDULE_TAG_MATCH)?,
            if_header: match headers.get("If") {
                None => None,
                Some(value) => Some(value.to_str().ok().and_then(IfHeader::parse).ok_or_else(
                    || ApiError::BadRequest("If is not as RFC 4918 section 10.4 says".to_owned()),
                )?),
            },
        })
    }

    /// That nothing is there yet.
    pub(crate) fn only_new() -> Self {
        Self {
            if_none_match: Some(Tags::Any),
            ..Self::default()
        }
    }

    /// For a method that changes the resource.
    pub(crate) fn check_write(&self, current: &Current<'_>) -> Result<(), ApiError> {
        let schedule_tag = current.schedule_tag;
        let holds = strong_match(self.if_match.as_ref(), current.etag, current.exists)
            && strong_match(
                self.if_schedule_tag_match.as_ref(),
                schedule_tag,
                schedule_tag.is_some(),
            )
            && !self.none_match_fails(current.etag, current.exists)
            && self
                .if_header
                .as_ref()
                .is_none_or(|if_header| if_header.holds(current));
        if holds {
            Ok(())
        } else {
            Err(ApiError::PreconditionFailed)
        }
    }

    /// Whether the client says which state of the resource it has seen, rather than that there is any.
    pub(crate) fn name_a_state(&self) -> bool {
        [&self.if_match, &self.if_schedule_tag_match]
            .into_iter()
            .any(|tags| matches!(tags, Some(Tags::These { .. })))
    }

    /// Whether the client says which representation it has seen: a schedule tag leaves open what others have answered.
    pub(crate) fn name_the_representation(&self) -> bool {
        matches!(self.if_match, Some(Tags::These { .. }))
    }

    /// For GET: whether the client has this representation already.
    pub(crate) fn is_not_modified(&self, current: &str) -> bool {
        self.none_match_fails(Some(current), true)
    }

    fn none_match_fails(&self, current: Option<&str>, exists: bool) -> bool {
        match &self.if_none_match {
            None => false,
            Some(Tags::Any) => exists,
            Some(Tags::These { strong, weak }) => {
                current.is_some_and(|current| strong.iter().chain(weak).any(|tag| tag == current))
            }
        }
    }
}

fn strong_match(tags: Option<&Tags>, current: Option<&str>, exists: bool) -> bool {
    match tags {
        None => true,
        Some(Tags::Any) => exists,
        Some(Tags::These { strong, .. }) => {
            current.is_some_and(|current| strong.iter().any(|tag| tag == current))
        }
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, ApiError> {
    let mut found: Option<Tags> = None;
    for value in headers.get_all(name) {
        let bad = || ApiError::BadRequest(format!("{name} is not a list of entity tags"));
        let text = value.to_str().map_err(|_| bad())?.trim();
        if text == "*" {
            found = Some(Tags::Any);
            continue;
        }
        let mut rest = text;
        while !rest.is_empty() {
            let (is_weak, quoted) = match rest.strip_prefix("W/") {
                Some(quoted) => (true, quoted),
                None => (false, rest),
            };
            let (tag, after) = quoted
                .strip_prefix('"')
                .and_then(|quoted| quoted.split_once('"'))
                .ok_or_else(bad)?;
            let tags = found.get_or_insert_with(|| Tags::These {
                strong: Vec::new(),
                weak: Vec::new(),
            });
            if let Tags::These { strong, weak } = tags {
                if is_weak { weak } else { strong }.push(tag.to_owned());
            }
            rest = after.trim_start();
            if !rest.is_empty() {
                rest = rest.strip_prefix(',').ok_or_else(bad)?.trim_start();
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn holds(name: HeaderName, value: &'static str, current: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        let current = Current {
            path: &DavPath::Principals,
            exists: current.is_some(),
            etag: current,
            schedule_tag: current,
            sync_token: None,
        };
        Conditions::from_headers(&headers)
            .unwrap()
            .check_write(&current)
            .is_ok()
    }

    #[test]
    fn writes_are_conditional() {
        for (name, value, current, expected) in [
            (header::IF_MATCH, "\"a\"", Some("a"), true),
            (header::IF_MATCH, "\"a\"", Some("b"), false),
            (header::IF_MATCH, "\"a\"", None, false),
            (header::IF_MATCH, "\"x\", \"a\"", Some("a"), true),
            (header::IF_MATCH, "W/\"a\"", Some("a"), false),
            (header::IF_MATCH, "*", Some("a"), true),
            (header::IF_MATCH, "*", None, false),
            (header::IF_NONE_MATCH, "*", None, true),
            (header::IF_NONE_MATCH, "*", Some("a"), false),
            (header::IF_NONE_MATCH, "\"a\"", Some("a"), false),
            (header::IF_NONE_MATCH, "W/\"a\"", Some("a"), false),
            (header::IF_NONE_MATCH, "\"a\"", Some("b"), true),
            (IF_SCHEDULE_TAG_MATCH, "\"a\"", Some("a"), true),
            (IF_SCHEDULE_TAG_MATCH, "\"a\"", Some("b"), false),
            (IF_SCHEDULE_TAG_MATCH, "\"a\"", None, false),
        ] {
            assert_eq!(
                holds(name.clone(), value, current),
                expected,
                "{name}: {value} on {current:?}"
            );
        }
    }

    #[test]
    fn tag_without_quotes_is_a_bad_request() {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_static("abc"));
        assert!(matches!(
            Conditions::from_headers(&headers),
            Err(ApiError::BadRequest(_))
        ));
    }
}
