//! Lists, as CLDR joins them.

use std::sync::LazyLock;

use icu_list::{ListFormatter, options::ListFormatterOptions};

use crate::{Language, per_language::PerLanguage};

static LISTS: LazyLock<PerLanguage<ListFormatter>> = LazyLock::new(|| {
    PerLanguage::new(|language| {
        ListFormatter::try_new_and(language.locale().into(), ListFormatterOptions::default())
            .expect("the compiled data has every language")
    })
});

impl Language {
    /// `A, B and C`.
    #[must_use]
    pub fn list(self, items: &[String]) -> String {
        LISTS.get(self).format(items.iter()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_joined_as_the_language_joins_them() {
        let items = ["A", "B", "C"].map(str::to_owned);
        for (count, expected) in [
            (0, ["", "", "", ""]),
            (1, ["A", "A", "A", "A"]),
            (2, ["A and B", "A und B", "A и B", "A وB"]),
            (3, ["A, B and C", "A, B und C", "A, B и C", "A وB وC"]),
        ] {
            let told = Language::ALL.map(|language| language.list(&items[..count]));
            assert_eq!(told, expected);
        }
    }
}
