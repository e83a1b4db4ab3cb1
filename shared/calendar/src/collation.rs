//! Collations: how text is compared (RFC 4790, RFC 5051). CalDAV asks for substrings only (RFC 4791 section 7.5).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// A collation that text can be matched with: CALDAV:supported-collation-set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Collation {
    /// `i;ascii-casemap`: the case of ASCII letters does not matter (RFC 4790 section 9.2).
    #[default]
    AsciiCasemap,
    /// `i;octet`: as it is (RFC 4790 section 9.3).
    Octet,
    /// `i;unicode-casemap`: case does not matter, nor does how a character is composed (RFC 5051).
    UnicodeCasemap,
}

impl Collation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AsciiCasemap, Self::Octet, Self::UnicodeCasemap];

    /// The collation of this identifier; `default` is `i;ascii-casemap` (RFC 4791 section 7.5). `None` if it is unknown.
    pub fn parse(identifier: &str) -> Option<Self> {
        if identifier == "default" {
            return Some(Self::default());
        }
        Self::ALL
            .into_iter()
            .find(|collation| collation.as_str() == identifier)
    }

    /// Its identifier in the IANA registry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsciiCasemap => "i;ascii-casemap",
            Self::Octet => "i;octet",
            Self::UnicodeCasemap => "i;unicode-casemap",
        }
    }

    /// Whether a text holds another one. Every text holds the empty one.
    pub fn contains(self, text: &str, part: &str) -> bool {
        self.folded(text).contains(&*self.folded(part))
    }

    /// The text in a form in which equal means equal under the collation.
    fn folded(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Octet => Cow::Borrowed(text),
            Self::AsciiCasemap => Cow::Owned(text.to_ascii_uppercase()),
            Self::UnicodeCasemap => Cow::Owned(text.chars().map(simple_uppercase).nfkd().collect()),
        }
    }
}

/// The upper case of a character, if that is one character. RFC 5051 section 2 says title case; the two differ in a few
/// digraphs, which are equal to each other under either.
fn simple_uppercase(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_those_of_the_registry() {
        for collation in Collation::ALL {
            assert_eq!(Collation::parse(collation.as_str()), Some(collation));
        }
        assert_eq!(Collation::parse("default"), Some(Collation::AsciiCasemap));
        for unknown in ["", "i;basic", "I;OCTET", "i;*", "i;ascii-numeric"] {
            assert_eq!(Collation::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn substrings_are_found_as_each_collation_says() {
        use Collation::{AsciiCasemap, Octet, UnicodeCasemap};
        for (text, part, found_by) in [
            ("", "", &[Octet, AsciiCasemap, UnicodeCasemap][..]),
            ("lunch", "", &[Octet, AsciiCasemap, UnicodeCasemap]),
            (
                "Team lunch",
                "lunch",
                &[Octet, AsciiCasemap, UnicodeCasemap],
            ),
            ("Team LUNCH", "lunch", &[AsciiCasemap, UnicodeCasemap]),
            ("lunch", "lunches", &[]),
            ("ÜBUNG", "übung", &[UnicodeCasemap]),
            ("u\u{308}bung", "Übung", &[UnicodeCasemap]),
            ("Übung", "ubung", &[]),
            ("Öl", "O", &[UnicodeCasemap]),
            ("①", "1", &[UnicodeCasemap]),
            ("Straße", "STRASSE", &[]),
            ("ΣΑΣ", "σας", &[UnicodeCasemap]),
            ("ǆ", "Ǆ", &[UnicodeCasemap]),
            ("会議", "議", &[Octet, AsciiCasemap, UnicodeCasemap]),
            ("[a]", "{A}", &[]),
        ] {
            for collation in Collation::ALL {
                assert_eq!(
                    collation.contains(text, part),
                    found_by.contains(&collation),
                    "{text} {part} {collation:?}"
                );
            }
        }
    }
}
