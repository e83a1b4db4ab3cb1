//! The messages of `messages/`, a Fluent file for each area in the folder of each language.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{
    FluentArgs, FluentError, FluentResource, FluentValue, concurrent::FluentBundle,
};
use icu_plurals::PluralRuleType;

use crate::{Language, per_language::PerLanguage};

mod areas;
#[cfg(test)]
mod tests;

/// A value that a message is told.
#[derive(Clone, Copy, Debug)]
pub enum Argument<'a> {
    /// Put in as it is: what somebody else has written is escaped and isolated by who gives it.
    Text(&'a str),
    /// A number, written as the language writes it; in a message `PLURAL($name)` is its plural category (`one` of 1 apple),
    /// and `ORDINAL($name)` that of a rank (`one` of the 1st).
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

static BUNDLES: LazyLock<PerLanguage<FluentBundle<FluentResource>>> =
    LazyLock::new(|| PerLanguage::new(bundle));

/// What is wrong in a file costs its own messages only, and a test finds it.
fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let locale = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // What needs it is isolated already: our own words and numbers do not.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::English => |value, _| formatted(Language::English, value),
        Language::German => |value, _| formatted(Language::German, value),
        Language::Russian => |value, _| formatted(Language::Russian, value),
        Language::Arabic => |value, _| formatted(Language::Arabic, value),
    }));
    for area in areas::AREAS {
        let resource = match FluentResource::try_new(area.file(language).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    for (name, kind) in [
        ("PLURAL", PluralRuleType::Cardinal),
        ("ORDINAL", PluralRuleType::Ordinal),
    ] {
        let _only_if_twice: Result<(), FluentError> =
            bundle.add_function(name, move |values, _| {
                let category = whole_number(values.first())
                    .map_or("other", |number| language.plural_category(kind, number));
                FluentValue::String(Cow::Borrowed(category))
            });
    }
    bundle
}

/// A number as the language writes it; nothing else is changed.
fn formatted(language: Language, value: &FluentValue<'_>) -> Option<String> {
    Some(language.number(whole_number(Some(value))?))
}

fn whole_number(value: Option<&FluentValue<'_>>) -> Option<i64> {
    let Some(FluentValue::Number(number)) = value else {
        return None;
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is told is an i64, and a saturating one at worst"
    )]
    Some(number.value as i64)
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
        let bundle = BUNDLES.get(self);
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
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
