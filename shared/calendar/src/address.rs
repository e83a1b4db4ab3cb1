//! Addresses of calendar users, and the one rule that decides who is reachable in Telegram.
//!
//! An address is *internal* only if it is exactly `tg_<id>@<internal domain>`: ASCII digits, no leading zero, 1 to 2^52,
//! and the domain compared as a whole, ASCII case aside. Nothing is decoded, trimmed or normalised before the comparison,
//! because each such step is a way to make two spellings of one person. Everything else is an outsider.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

#[cfg(test)]
mod spoofs;

/// What comes before the Telegram id in the local part of an internal address.
const LOCAL_PART_PREFIX: &str = "tg_";

/// The longest address that is kept, in bytes: RFC 5321 section 4.5.3.1.3 allows a path of 256, other URIs get room.
/// It also keeps an address small enough for a database index.
pub const MAX_ADDRESS_BYTES: usize = 1_024;

/// The longest host name in bytes (RFC 1035 section 2.3.4, without the trailing dot).
const MAX_DOMAIN_BYTES: usize = 253;

/// The longest label of a host name in bytes (RFC 1035 section 2.3.4).
const MAX_LABEL_BYTES: usize = 63;

/// The id of a Telegram user: 1 to 2^52, since Telegram promises at most 52 significant bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TelegramUserId(i64);

/// The text or number is not the id of a Telegram user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a Telegram user id is a number from 1 to {max}, in ASCII digits without sign or leading zero", max = TelegramUserId::MAX)]
pub struct InvalidTelegramUserId;

impl TelegramUserId {
    /// The largest id: 2^52.
    pub const MAX: i64 = 1 << 52;

    /// Accepts 1 to [`Self::MAX`].
    pub fn new(id: i64) -> Result<Self, InvalidTelegramUserId> {
        if (1..=Self::MAX).contains(&id) {
            Ok(Self(id))
        } else {
            Err(InvalidTelegramUserId)
        }
    }

    /// The number itself.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for TelegramUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TelegramUserId {
    type Err = InvalidTelegramUserId;

    /// Strict: the only accepted text is the one that [`fmt::Display`] prints.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // `i64::from_str` would also take a leading plus sign and leading zeros.
        let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        if !canonical {
            return Err(InvalidTelegramUserId);
        }
        // An empty text and an overflow fail here.
        text.parse()
            .map_err(|_| InvalidTelegramUserId)
            .and_then(Self::new)
    }
}

/// The host name after the `@` of internal addresses, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InternalDomain(String);

/// The text is not a host name that internal addresses can have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is not a host name: {why}")]
pub struct InvalidInternalDomain {
    /// What was given, shortened.
    text: String,
    /// What is wrong with it.
    why: &'static str,
}

impl InternalDomain {
    /// The host name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for InternalDomain {
    fn default() -> Self {
        Self("televent.internal".to_owned())
    }
}

impl fmt::Display for InternalDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for InternalDomain {
    type Err = InvalidInternalDomain;

    /// Letters, digits and hyphens in labels (RFC 952, RFC 1123 section 2.1), lower-cased.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |why| InvalidInternalDomain {
            text: text.chars().take(80).collect(),
            why,
        };
        if text.is_empty() {
            return Err(refuse("it is empty"));
        }
        if text.len() > MAX_DOMAIN_BYTES {
            return Err(refuse("it is longer than 253 characters"));
        }
        for label in text.split('.') {
            if label.is_empty() {
                return Err(refuse("a part between two dots is empty"));
            }
            if label.len() > MAX_LABEL_BYTES {
                return Err(refuse(
                    "a part between two dots is longer than 63 characters",
                ));
            }
            if !label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            {
                return Err(refuse(
                    "only ASCII letters, digits, hyphens and dots are allowed",
                ));
            }
            if label.starts_with('-') || label.ends_with('-') {
                return Err(refuse(
                    "a part between two dots begins or ends with a hyphen",
                ));
            }
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

/// Whether a bare mail address (no `mailto:`) is that of a Telegram user of this server.
pub fn is_internal_email(email: &str, domain: &InternalDomain) -> bool {
    resolve_internal_email(email, domain).is_some()
}

/// The address under which a Telegram user is invited: `tg_98765@televent.internal`.
pub fn generate_internal_email(id: TelegramUserId, domain: &InternalDomain) -> String {
    format!("{LOCAL_PART_PREFIX}{id}@{domain}")
}

/// The Telegram user behind a bare mail address, if it is internal. See the module for how strict this is.
pub fn resolve_internal_email(email: &str, domain: &InternalDomain) -> Option<TelegramUserId> {
    let (local_part, host) = email.split_once('@')?;
    if !host.eq_ignore_ascii_case(domain.as_str()) {
        return None;
    }
    local_part.strip_prefix(LOCAL_PART_PREFIX)?.parse().ok()
}

/// The value of an ATTENDEE or ORGANIZER (RFC 5545 section 3.3.3), in a form in which equal means the same person.
///
/// A mail address stands without its `mailto:` and with its domain in lower case; the local part keeps its case, for only
/// its own host may say that case does not matter there (RFC 5321 section 2.4). Any other URI keeps all but the case of
/// its scheme. Parsing the normal form gives it back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarUserAddress(String);

/// The text can't be the address of a calendar user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidAddress {
    /// Nothing there.
    #[error("an address is empty")]
    Empty,
    /// Longer than [`MAX_ADDRESS_BYTES`].
    #[error("an address is {bytes} bytes long, more than {MAX_ADDRESS_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It holds control characters.
    #[error("an address holds a control character")]
    ControlCharacter,
}

impl CalendarUserAddress {
    /// Normalises a CAL-ADDRESS. A bare mail address is taken as if `mailto:` stood before it.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        if text.is_empty() {
            return Err(InvalidAddress::Empty);
        }
        if text.len() > MAX_ADDRESS_BYTES {
            return Err(InvalidAddress::TooLong { bytes: text.len() });
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidAddress::ControlCharacter);
        }
        let normal = match split_scheme(text) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto") && is_bare_mail(rest) => {
                lower_domain(rest)
            }
            Some((scheme, rest)) => format!("{}:{rest}", scheme.to_ascii_lowercase()),
            None if is_bare_mail(text) => lower_domain(text),
            None => text.to_owned(),
        };
        Ok(Self(normal))
    }

    /// The address of a Telegram user of this server.
    pub fn internal(id: TelegramUserId, domain: &InternalDomain) -> Self {
        Self(generate_internal_email(id, domain))
    }

    /// The normal form: a bare mail address, or another URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The Telegram user behind the address, if it is internal.
    pub fn telegram_user_id(&self, domain: &InternalDomain) -> Option<TelegramUserId> {
        resolve_internal_email(&self.0, domain)
    }

    /// As a property value: `mailto:` before a mail address, any other URI as it is.
    pub fn to_cal_address(&self) -> String {
        if is_bare_mail(&self.0) {
            format!("mailto:{}", self.0)
        } else {
            self.0.clone()
        }
    }
}

impl fmt::Display for CalendarUserAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Splits at the colon of a URI scheme (RFC 3986 section 3.1), if the text begins with one.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let mut bytes = scheme.bytes();
    let first_is_letter = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let rest_is_scheme =
        bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    (first_is_letter && rest_is_scheme).then_some((scheme, rest))
}

/// Whether the text can stand without `mailto:` and still be read as a mail address when it is parsed again.
fn is_bare_mail(text: &str) -> bool {
    text.contains('@') && !text.starts_with('/') && split_scheme(text).is_none()
}

/// Lower-cases what follows the last `@`, ASCII letters only: full case folding would make `K` (Kelvin) a `k`.
fn lower_domain(mail: &str) -> String {
    match mail.rsplit_once('@') {
        Some((local_part, host)) => format!("{local_part}@{}", host.to_ascii_lowercase()),
        None => mail.to_owned(),
    }
}
