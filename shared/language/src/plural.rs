//! Plural categories of CLDR.

use std::sync::LazyLock;

use icu_plurals::{PluralCategory, PluralRuleType, PluralRules, PluralRulesOptions};

use crate::{Language, per_language::PerLanguage};

static CARDINALS: LazyLock<PerLanguage<PluralRules>> =
    LazyLock::new(|| rules(PluralRuleType::Cardinal));
static ORDINALS: LazyLock<PerLanguage<PluralRules>> =
    LazyLock::new(|| rules(PluralRuleType::Ordinal));

fn rules(kind: PluralRuleType) -> PerLanguage<PluralRules> {
    PerLanguage::new(|language| {
        PluralRules::try_new(
            language.locale().into(),
            PluralRulesOptions::default().with_type(kind),
        )
        .expect("the compiled data has every language")
    })
}

impl Language {
    /// The name of the category of a number, as Fluent files write it.
    pub(crate) fn plural_category(self, kind: PluralRuleType, number: i64) -> &'static str {
        let rules = match kind {
            PluralRuleType::Ordinal => &ORDINALS,
            _ => &CARDINALS,
        };
        match rules.get(self).category_for(number.unsigned_abs()) {
            PluralCategory::Zero => "zero",
            PluralCategory::One => "one",
            PluralCategory::Two => "two",
            PluralCategory::Few => "few",
            PluralCategory::Many => "many",
            PluralCategory::Other => "other",
        }
    }
}
