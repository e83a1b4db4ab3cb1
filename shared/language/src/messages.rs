//! The messages of `messages/`, a Fluent file for each area in the folder of each language.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{
    FluentArgs, FluentError, FluentResource, FluentValue, concurrent::FluentBundle,
};
use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};

use crate::Language;

/// A value that a message is told.
#[derive(Clone, Copy, Debug)]
pub enum Argument<'a> {
    /// Put in as it is: what somebody else has written is escaped and isolated by who gives it.
    Text(&'a str),
    /// A number; `PLURAL($name)` in a message is its plural category.
    Number(i64),
}

impl<'a> From<&'a str> for Argument<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Argument<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Argument<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Argument<'_> {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

macro_rules! files {
    ($language:literal) => {
        &[
            include_str!(concat!("../messages/", $language, "/press.ftl")),
            include_str!(concat!("../messages/", $language, "/card.ftl")),
            include_str!(concat!("../messages/", $language, "/tally.ftl")),
            include_str!(concat!("../messages/", $language, "/bot.ftl")),
        ]
    };
}

const fn files(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => files!("en"),
        Language::German => files!("de"),
        Language::Russian => files!("ru"),
        Language::Arabic => files!("ar"),
    }
}

static BUNDLES: LazyLock<Vec<FluentBundle<FluentResource>>> =
    LazyLock::new(|| Language::ALL.into_iter().map(bundle).collect());

/// What is wrong in a file costs its own messages only, and a test finds it.
fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let locale = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // What needs it is isolated already: our own words and numbers do not.
    bundle.set_use_isolating(false);
    for file in files(language) {
        let resource = match FluentResource::try_new((*file).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    let _only_if_twice: Result<(), FluentError> = bundle
        .add_function("PLURAL", move |values, _| {
            FluentValue::String(Cow::Borrowed(plural_category(language, values)))
        });
    bundle
}

static PLURALS: LazyLock<Vec<Option<PluralRules>>> = LazyLock::new(|| {
    Language::ALL
        .into_iter()
        .map(|language| {
            let locale: Locale = language.code().parse().ok()?;
            PluralRules::try_new(locale.into(), PluralRulesOptions::default()).ok()
        })
        .collect()
});

fn plural_category(language: Language, values: &[FluentValue<'_>]) -> &'static str {
    let Some(FluentValue::Number(number)) = values.first() else {
        return "other";
    };
    let rules = PLURALS.get(language.index()).and_then(Option::as_ref);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "only counts are told"
    )]
    let number = number.value.abs() as u64;
    match rules.map(|rules| rules.category_for(number)) {
        Some(PluralCategory::Zero) => "zero",
        Some(PluralCategory::One) => "one",
        Some(PluralCategory::Two) => "two",
        Some(PluralCategory::Few) => "few",
        Some(PluralCategory::Many) => "many",
        Some(PluralCategory::Other) | None => "other",
    }
}

impl Language {
    /// A message without values. An unknown `id` is told as it is.
    #[must_use]
    pub fn text(self, id: &str) -> String {
        self.say(id, &[])
    }

    /// A message with the values that its variables name. An unknown `id` is told as it is.
    #[must_use]
    pub fn say(self, id: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        let Some((bundle, pattern)) = BUNDLES.get(self.index()).and_then(|bundle| {
            let pattern = bundle.get_message(id)?.value()?;
            Some((bundle, pattern))
        }) else {
            return id.to_owned();
        };
        let mut values = FluentArgs::with_capacity(arguments.len());
        for (name, argument) in arguments {
            match argument {
                Argument::Text(text) => values.set(*name, *text),
                Argument::Number(number) => values.set(*name, *number),
            }
        }
        let mut errors = Vec::new();
        bundle
            .format_pattern(pattern, Some(&values), &mut errors)
            .into_owned()
    }
}
