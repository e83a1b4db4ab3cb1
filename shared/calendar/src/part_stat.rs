//! PARTSTAT and SCHEDULE-AGENT: the two parameters of an ATTENDEE that scheduling reads.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The longest PARTSTAT in bytes. The registered ones have at most 12; the rest is room for experiments.
pub const MAX_PART_STAT_BYTES: usize = 64;

/// The participation status of an attendee (RFC 5545 section 3.2.12).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PartStat {
    /// Has not answered; also what a missing parameter means.
    #[default]
    NeedsAction,
    /// Comes.
    Accepted,
    /// Does not come.
    Declined,
    /// May come.
    Tentative,
    /// Sends somebody else.
    Delegated,
    /// A to-do that is done.
    Completed,
    /// A to-do that is being done.
    InProcess,
    /// A token that this crate does not know, in upper case. Only [`FromStr`] makes it, never one of the names above.
    Other(String),
}

/// The text is not a token that PARTSTAT can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a PARTSTAT is 1 to {MAX_PART_STAT_BYTES} ASCII letters, digits and hyphens")]
pub struct InvalidPartStat;

impl PartStat {
    /// Reads a token in any case (the parameter is case-insensitive, RFC 5545 section 2).
    pub fn parse(text: &str) -> Result<Self, InvalidPartStat> {
        let token_bytes = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if text.is_empty() || text.len() > MAX_PART_STAT_BYTES || !token_bytes {
            return Err(InvalidPartStat);
        }
        let upper = text.to_ascii_uppercase();
        Ok(match upper.as_str() {
            "NEEDS-ACTION" => Self::NeedsAction,
            "ACCEPTED" => Self::Accepted,
            "DECLINED" => Self::Declined,
            "TENTATIVE" => Self::Tentative,
            "DELEGATED" => Self::Delegated,
            "COMPLETED" => Self::Completed,
            "IN-PROCESS" => Self::InProcess,
            _ => Self::Other(upper),
        })
    }

    /// The token in upper case.
    pub fn as_str(&self) -> &str {
        match self {
            Self::NeedsAction => "NEEDS-ACTION",
            Self::Accepted => "ACCEPTED",
            Self::Declined => "DECLINED",
            Self::Tentative => "TENTATIVE",
            Self::Delegated => "DELEGATED",
            Self::Completed => "COMPLETED",
            Self::InProcess => "IN-PROCESS",
            Self::Other(token) => token,
        }
    }
}

impl FromStr for PartStat {
    type Err = InvalidPartStat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for PartStat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who delivers scheduling messages to an attendee (RFC 6638 section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ScheduleAgent {
    /// This server; also what a missing parameter means.
    #[default]
    Server,
    /// The client that wrote the object.
    Client,
    /// Nobody.
    None,
}

impl ScheduleAgent {
    /// Reads the parameter in any case. An unknown token is [`ScheduleAgent::None`], as RFC 6638 section 7.1 wants.
    pub fn parse(text: &str) -> Self {
        if text.eq_ignore_ascii_case("SERVER") {
            Self::Server
        } else if text.eq_ignore_ascii_case("CLIENT") {
            Self::Client
        } else {
            Self::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_stats_are_tokens_in_upper_case() {
        for (text, expected) in [
            ("needs-action", PartStat::NeedsAction),
            ("Accepted", PartStat::Accepted),
            ("DECLINED", PartStat::Declined),
            ("tentative", PartStat::Tentative),
            ("DELEGATED", PartStat::Delegated),
            ("COMPLETED", PartStat::Completed),
            ("in-process", PartStat::InProcess),
            ("x-late", PartStat::Other("X-LATE".to_owned())),
        ] {
            let part_stat: PartStat = text.parse().unwrap();
            assert_eq!(part_stat, expected);
            assert_eq!(part_stat.to_string(), text.to_ascii_uppercase());
        }
        for bad in [
            "",
            "A B",
            "A,B",
            "A:B",
            "Ä",
            "ACCEPTED\n",
            &"A".repeat(MAX_PART_STAT_BYTES + 1),
        ] {
            assert_eq!(PartStat::parse(bad), Err(InvalidPartStat), "{bad:?}");
        }
    }
}
