//! `If-Match` and `If-None-Match` (RFC 9110 section 13.1). What they are decided on is what the write
//! expects in its `WHERE` clause; when that has changed meanwhile, they are decided again.

use axum::http::{HeaderMap, HeaderName, header};

use crate::error::ApiError;

/// The conditions of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`: any representation.
    Any,
    /// Strong tags without their quotes; `weak` ones apart, since only `If-None-Match` may use them.
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
        })
    }

    /// For a method that changes the resource, whose present tag is `current`.
    pub(crate) fn check_write(&self, current: Option<&str>) -> Result<(), ApiError> {
        let match_holds = match &self.if_match {
            None => true,
            Some(Tags::Any) => current.is_some(),
            Some(Tags::These { strong, .. }) => {
                current.is_some_and(|current| strong.iter().any(|tag| tag == current))
            }
        };
        if match_holds && !self.none_match_fails(current) {
            Ok(())
        } else {
            Err(ApiError::PreconditionFailed)
        }
    }

    /// For GET: whether the client has this representation already.
    pub(crate) fn is_not_modified(&self, current: &str) -> bool {
        self.none_match_fails(Some(current))
    }

    fn none_match_fails(&self, current: Option<&str>) -> bool {
        match (&self.if_none_match, current) {
            (None, _) | (_, None) => false,
            (Some(Tags::Any), Some(_)) => true,
            (Some(Tags::These { strong, weak }), Some(current)) => {
                strong.iter().chain(weak).any(|tag| tag == current)
            }
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
        Conditions::from_headers(&headers)
            .unwrap()
            .check_write(current)
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
