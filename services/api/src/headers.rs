//! Request headers that shape an answer: `Depth` (RFC 4918 section 10.2), `Prefer` (RFC 7240, and RFC 8144 for WebDAV),
//! Apple's older `Brief`, `Overwrite` (RFC 4918 section 10.6), and `Schedule-Reply` (RFC 6638 section 8.1).

use axum::http::{HeaderMap, HeaderValue};

use crate::error::ApiError;

/// What is asked: of the resource, of its members as well, or of all below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    Zero,
    One,
    Infinity,
}

/// The value of `Depth`; `None` where there is none, which means another thing for each method.
pub(crate) fn depth(headers: &HeaderMap) -> Result<Option<Depth>, ApiError> {
    match headers.get("Depth").map(HeaderValue::as_bytes) {
        None => Ok(None),
        Some(b"0") => Ok(Some(Depth::Zero)),
        Some(b"1") => Ok(Some(Depth::One)),
        Some(value) if value.eq_ignore_ascii_case(b"infinity") => Ok(Some(Depth::Infinity)),
        Some(_) => Err(ApiError::BadRequest("Depth is 0, 1 or infinity".to_owned())),
    }
}

/// How much a client wants to read of what it asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Return {
    #[default]
    Everything,
    /// Only what is not as expected: no properties that are missing, no body where there is nothing to say.
    Minimal,
    /// The new representation with the answer to a write.
    Representation,
}

pub(crate) fn preferred_return(headers: &HeaderMap) -> Return {
    let preferences = headers
        .get_all("Prefer")
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    for preference in preferences {
        let preference: String = preference
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '"')
            .collect();
        match preference.to_ascii_lowercase().as_str() {
            // The second is what drafts of RFC 7240 called it.
            "return=minimal" | "return-minimal" => return Return::Minimal,
            "return=representation" => return Return::Representation,
            _ => {}
        }
    }
    let is_brief = headers
        .get("Brief")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"t"));
    if is_brief {
        Return::Minimal
    } else {
        Return::Everything
    }
}

/// Whether COPY and MOVE may replace what is at their destination.
pub(crate) fn overwrite(headers: &HeaderMap) -> Result<bool, ApiError> {
    match headers.get("Overwrite").map(HeaderValue::as_bytes) {
        None => Ok(true),
        Some(value) if value.eq_ignore_ascii_case(b"t") => Ok(true),
        Some(value) if value.eq_ignore_ascii_case(b"f") => Ok(false),
        Some(_) => Err(ApiError::BadRequest("Overwrite is T or F".to_owned())),
    }
}

/// Whether the organizer is to hear that an attendee removes an invitation (RFC 6638 section 8.1).
pub(crate) fn schedule_reply(headers: &HeaderMap) -> Result<bool, ApiError> {
    match headers.get("Schedule-Reply").map(HeaderValue::as_bytes) {
        None => Ok(true),
        Some(value) if value.eq_ignore_ascii_case(b"t") => Ok(true),
        Some(value) if value.eq_ignore_ascii_case(b"f") => Ok(false),
        Some(_) => Err(ApiError::BadRequest("Schedule-Reply is T or F".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_in_all_their_forms() {
        for (name, value, expected) in [
            ("Prefer", "return=minimal", Return::Minimal),
            ("Prefer", "Return = \"minimal\"", Return::Minimal),
            ("Prefer", "return-minimal", Return::Minimal),
            ("Prefer", "wait=5, return=minimal", Return::Minimal),
            ("Prefer", "return=representation", Return::Representation),
            ("Prefer", "depth-noroot", Return::Everything),
            ("Brief", "t", Return::Minimal),
            ("Brief", "T", Return::Minimal),
            ("Brief", "f", Return::Everything),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(preferred_return(&headers), expected, "{name}: {value}");
        }
    }
}
