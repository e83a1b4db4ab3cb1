//! The languages that Televent speaks.

use icu_locale_core::{Locale, locale};

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, and what those read whose language is not here.
    #[default]
    English,
    /// German.
    German,
    /// Russian.
    Russian,
    /// Arabic.
    Arabic,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::Russian, Self::Arabic];

    /// The language of an IETF tag such as `de-AT` (Bot API, `User.language_code`); English where it is not known.
    #[must_use]
    pub fn of_tag(tag: Option<&str>) -> Self {
        let primary = tag.and_then(|tag| tag.split(['-', '_']).next());
        primary
            .and_then(|primary| {
                Self::ALL
                    .into_iter()
                    .find(|language| language.code().eq_ignore_ascii_case(primary))
            })
            .unwrap_or_default()
    }

    /// Its ISO 639-1 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Russian => "ru",
            Self::Arabic => "ar",
        }
    }

    /// The locale of its dates, numbers and lists: English is that of the calendars that begin with the day.
    pub(crate) const fn locale(self) -> Locale {
        match self {
            Self::English => locale!("en-GB"),
            Self::German => locale!("de"),
            Self::Russian => locale!("ru"),
            Self::Arabic => locale!("ar"),
        }
    }

    /// What it calls itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::Russian => "Русский",
            Self::Arabic => "العربية",
        }
    }

    /// Whether it is written from right to left.
    #[must_use]
    pub const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Arabic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_by_their_first_part() {
        for (tag, language) in [
            (Some("de-AT"), Language::German),
            (Some("RU"), Language::Russian),
            (Some("ar_EG"), Language::Arabic),
            (Some("fr"), Language::English),
            (Some(""), Language::English),
            (None, Language::English),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag:?}");
        }
    }
}
