//! The sync token of a calendar (RFC 6578 section 4): a URI that names the calendar, so that the token of a deleted calendar
//! is not valid for a new one at its URL, and its counter.

use std::fmt;

use uuid::Uuid;

/// What a client knows of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SyncToken {
    pub(crate) calendar: Uuid,
    /// It knows all changes up to this ctag.
    pub(crate) ctag: i64,
    /// The ctag from which on it has to be told of deletions. Lower than `ctag`, or as high; higher while a first sync is
    /// read in parts: what was deleted before it began was never heard of, so such a token does not expire with the
    /// deletions before.
    pub(crate) began: i64,
}

impl SyncToken {
    /// Of somebody who knows everything up to `ctag`.
    pub(crate) const fn new(calendar: Uuid, ctag: i64) -> Self {
        Self {
            calendar,
            ctag,
            began: ctag,
        }
    }

    /// Of somebody who was told the changes up to `ctag`, and will ask for the rest.
    pub(crate) const fn paused_at(self, ctag: i64, began: i64) -> Self {
        Self {
            ctag,
            began,
            ..self
        }
    }

    /// `None` when it is none of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (calendar, counters) = text.strip_prefix("data:,")?.split_once('/')?;
        let (ctag, began) = match counters.split_once('/') {
            Some((ctag, began)) => (counter(ctag)?, counter(began)?),
            None => (counter(counters)?, counter(counters)?),
        };
        Some(Self {
            calendar: calendar.parse().ok()?,
            ctag,
            began,
        })
    }
}

fn counter(text: &str) -> Option<i64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

impl fmt::Display for SyncToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "data:,{}/{}", self.calendar, self.ctag)?;
        if self.began != self.ctag {
            write!(f, "/{}", self.began)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_back() {
        let token = SyncToken::new(Uuid::from_u128(7), 12);
        for token in [token, token.paused_at(3, 12), token.paused_at(12, 4)] {
            assert_eq!(SyncToken::parse(&token.to_string()), Some(token));
        }
    }

    #[test]
    fn other_text_is_no_token() {
        for other in [
            "",
            "12",
            "data:,7/12",
            "data:,00000000-0000-0000-0000-000000000007/",
            "data:,00000000-0000-0000-0000-000000000007/-1",
            "data:,00000000-0000-0000-0000-000000000007/+1",
            "data:,00000000-0000-0000-0000-000000000007/1/",
            "data:,00000000-0000-0000-0000-000000000007/1/2/3",
            "data:,00000000-0000-0000-0000-000000000007/99999999999999999999",
            "http://example/12",
        ] {
            assert_eq!(SyncToken::parse(other), None, "{other}");
        }
    }
}
