//! Numbers, in the digits and groups that CLDR gives a language.

use std::sync::LazyLock;

use icu_decimal::{DecimalFormatter, options::DecimalFormatterOptions};

use crate::{Language, per_language::PerLanguage};

static NUMBERS: LazyLock<PerLanguage<DecimalFormatter>> = LazyLock::new(|| {
    PerLanguage::new(|language| {
        DecimalFormatter::try_new(language.locale().into(), DecimalFormatterOptions::default())
            .expect("the compiled data has every language")
    })
});

impl Language {
    /// A whole number: `1,234` in English, `1.234` in German. Arabic has the digits 0 to 9, as CLDR says of `ar` without a region.
    #[must_use]
    pub fn number(self, number: i64) -> String {
        NUMBERS.get(self).format(&number.into()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        for (number, expected) in [
            (7, ["7", "7", "7", "7"]),
            (12_345, ["12,345", "12.345", "12\u{a0}345", "12,345"]),
            (-3, ["-3", "-3", "-3", "\u{200e}-3"]),
        ] {
            assert_eq!(
                Language::ALL.map(|language| language.number(number)),
                expected
            );
        }
    }
}
