//! The `If` header (RFC 4918 section 10.4): lists of entity tags and state tokens. There are no locks here, so the only
//! state tokens that can hold are sync tokens (RFC 6578 section 5).

use super::Current;
use crate::path::DavPath;

/// Most lists in one header.
const MAX_LISTS: usize = 64;

/// The header: it holds if one of its lists does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IfHeader(Vec<List>);

/// Conditions that must hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
struct List {
    /// The resource that they are about; that of the request where none is named.
    tag: Option<String>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    is_negated: bool,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Token(String),
    /// Without quotes; a weak one never matches, since writes compare strongly.
    EntityTag {
        is_weak: bool,
        tag: String,
    },
}

impl IfHeader {
    /// Reads the value of the header; `None` when it is not well-formed.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let mut rest = value.trim();
        let mut lists = Vec::new();
        let mut tag = None;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('<') {
                let (resource, after) = after.split_once('>')?;
                tag = Some(resource.to_owned());
                rest = after.trim_start();
            }
            let (conditions, after) = conditions(rest.strip_prefix('(')?)?;
            if lists.len() == MAX_LISTS {
                return None;
            }
            lists.push(List {
                tag: tag.clone(),
                conditions,
            });
            rest = after.trim_start();
        }
        (!lists.is_empty()).then_some(Self(lists))
    }

    pub(super) fn holds(&self, current: &Current<'_>) -> bool {
        self.0.iter().any(|list| list.holds(current))
    }
}

/// What stands before the closing parenthesis, and the text behind it.
fn conditions(mut rest: &str) -> Option<(Vec<Condition>, &str)> {
    let mut conditions = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(')') {
            return (!conditions.is_empty()).then_some((conditions, after));
        }
        let is_negated = rest
            .get(..3)
            .is_some_and(|word| word.eq_ignore_ascii_case("not"));
        if is_negated {
            rest = rest.get(3..)?.trim_start();
        }
        let (state, after) = if let Some(after) = rest.strip_prefix('<') {
            let (token, after) = after.split_once('>')?;
            (State::Token(token.to_owned()), after)
        } else {
            let (text, after) = rest.strip_prefix('[')?.split_once(']')?;
            let (is_weak, quoted) = match text.trim().strip_prefix("W/") {
                Some(quoted) => (true, quoted),
                None => (false, text.trim()),
            };
            let tag = quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned();
            (State::EntityTag { is_weak, tag }, after)
        };
        conditions.push(Condition { is_negated, state });
        rest = after;
    }
}

impl List {
    fn holds(&self, current: &Current<'_>) -> bool {
        let about = match &self.tag {
            None => Some(About::Itself),
            Some(href) => DavPath::from_href(href).and_then(|path| about(&path, current.path)),
        };
        self.conditions.iter().all(|condition| {
            let is_state = match (&condition.state, about) {
                (State::Token(token), Some(_)) => current.sync_token == Some(token.as_str()),
                (State::EntityTag { is_weak, tag }, Some(About::Itself)) => {
                    !is_weak && current.etag == Some(tag.as_str())
                }
                // Calendars have no entity tag, and of what else the header names, nothing is known here.
                (State::EntityTag { .. }, Some(About::Parent)) | (_, None) => false,
            };
            is_state != condition.is_negated
        })
    }
}

/// How the resource of a list relates to that of the request.
#[derive(Clone, Copy)]
enum About {
    Itself,
    Parent,
}

fn about(tagged: &DavPath, requested: &DavPath) -> Option<About> {
    if tagged == requested {
        return Some(About::Itself);
    }
    match (tagged, requested) {
        (
            DavPath::Calendar { owner, slug },
            DavPath::Object {
                owner: of,
                slug: within,
                ..
            },
        ) if owner == of && slug == within => Some(About::Parent),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: Option<bool>) {
        let path = DavPath::parse("/dav/calendars/5/default/a.ics").unwrap();
        let current = Current {
            path: &path,
            exists: true,
            etag: Some("tag"),
            schedule_tag: None,
            sync_token: Some("data:,token"),
        };
        let holds = IfHeader::parse(header).map(|parsed| parsed.holds(&current));
        assert_eq!(holds, expected, "{header}");
    }

    #[test]
    fn lists_hold_as_rfc_4918_says() {
        for (header, expected) in [
            ("([\"tag\"])", Some(true)),
            ("([\"other\"])", Some(false)),
            ("([\"other\"]) ([\"tag\"])", Some(true)),
            ("([\"tag\"] <data:,token>)", Some(true)),
            ("([\"tag\"] <data:,old>)", Some(false)),
            ("(<urn:uuid:lock>)", Some(false)),
            ("(Not <DAV:no-lock>)", Some(true)),
            ("(not [\"tag\"])", Some(false)),
            ("([W/\"tag\"])", Some(false)),
            (
                "<http://x/dav/calendars/5/default/a.ics> ([\"tag\"])",
                Some(true),
            ),
            ("</dav/calendars/5/default/> (<data:,token>)", Some(true)),
            ("</dav/calendars/5/other/> (<data:,token>)", Some(false)),
            ("", None),
            ("()", None),
            ("(\"tag\")", None),
            ("([tag])", None),
            ("([\"tag\"]", None),
            ("<x>", None),
        ] {
            check(header, expected);
        }
    }
}
