//! That the files say the same in every language, and leave no form of a plural out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use fluent_syntax::{ast, parser};
use icu_plurals::PluralRuleType;

use super::{Argument, areas::AREAS};
use crate::Language;

const FUNCTIONS: [(&str, PluralRuleType); 2] = [
    ("PLURAL", PluralRuleType::Cardinal),
    ("ORDINAL", PluralRuleType::Ordinal),
];
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
/// All categories of all languages are met among the numbers below it.
const SOME_NUMBERS: i64 = 1_000;

/// A select: what it looks at, its variants by name, and the default one.
struct Select {
    function: Option<String>,
    variants: BTreeSet<String>,
    default: String,
}

/// What is in a message.
#[derive(Default)]
struct Contents {
    area: &'static str,
    variables: BTreeSet<String>,
    selects: Vec<Select>,
    /// Functions that nobody knows, references, attributes.
    faults: Vec<String>,
}

impl Contents {
    fn of(area: &'static str, message: &ast::Message<&str>) -> Self {
        let mut contents = Self {
            area,
            ..Self::default()
        };
        match &message.value {
            Some(value) => contents.pattern(value),
            None => contents.faults.push("no value".to_owned()),
        }
        for attribute in &message.attributes {
            contents
                .faults
                .push(format!("attribute .{}", attribute.id.name));
        }
        contents
    }

    fn pattern(&mut self, pattern: &ast::Pattern<&str>) {
        for element in &pattern.elements {
            if let ast::PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &ast::Expression<&str>) {
        match expression {
            ast::Expression::Inline(inline) => {
                self.inline(inline);
            }
            ast::Expression::Select { selector, variants } => {
                let mut select = Select {
                    function: self.inline(selector),
                    variants: BTreeSet::new(),
                    default: String::new(),
                };
                for variant in variants {
                    let (ast::VariantKey::Identifier { name }
                    | ast::VariantKey::NumberLiteral { value: name }) = variant.key;
                    if variant.default {
                        name.clone_into(&mut select.default);
                    }
                    if !select.variants.insert(name.to_owned()) {
                        self.faults.push(format!("two variants [{name}]"));
                    }
                    self.pattern(&variant.value);
                }
                self.selects.push(select);
            }
        }
    }

    /// The name of the function, if it is one.
    fn inline(&mut self, inline: &ast::InlineExpression<&str>) -> Option<String> {
        match inline {
            ast::InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name.to_owned());
            }
            ast::InlineExpression::FunctionReference { id, arguments } => {
                if !FUNCTIONS.iter().any(|(name, _)| *name == id.name) {
                    self.faults.push(format!("function {}", id.name));
                }
                for argument in &arguments.positional {
                    self.inline(argument);
                }
                return Some(id.name.to_owned());
            }
            ast::InlineExpression::Placeable { expression } => self.expression(expression),
            ast::InlineExpression::MessageReference { id, .. }
            | ast::InlineExpression::TermReference { id, .. } => {
                self.faults.push(format!("reference to {}", id.name));
            }
            ast::InlineExpression::StringLiteral { .. }
            | ast::InlineExpression::NumberLiteral { .. } => {}
        }
        None
    }
}

/// The messages of a language, and what is wrong with its files.
fn read(language: Language) -> (BTreeMap<String, Contents>, Vec<String>) {
    let mut messages = BTreeMap::new();
    let mut faults = Vec::new();
    for area in AREAS {
        let mut fault = |what: String| {
            faults.push(format!("{}/{}.ftl: {what}", language.code(), area.name));
        };
        let resource = parser::parse(area.file(language)).unwrap_or_else(|(resource, errors)| {
            errors.iter().for_each(|error| fault(format!("{error:?}")));
            resource
        });
        for entry in &resource.body {
            match entry {
                ast::Entry::Message(message) => {
                    let id = message.id.name;
                    let contents = Contents::of(area.name, message);
                    for what in &contents.faults {
                        fault(format!("{id}: {what}"));
                    }
                    if messages.insert(id.to_owned(), contents).is_some() {
                        fault(format!("{id} is there twice"));
                    }
                }
                ast::Entry::Term(term) => fault(format!("term {}", term.id.name)),
                ast::Entry::Junk { content } => fault(format!("junk: {content}")),
                ast::Entry::Comment(_)
                | ast::Entry::GroupComment(_)
                | ast::Entry::ResourceComment(_) => {}
            }
        }
    }
    (messages, faults)
}

/// The categories that whole numbers have in the language.
fn categories(language: Language, kind: PluralRuleType) -> BTreeSet<String> {
    (0..SOME_NUMBERS)
        .map(|number| language.plural_category(kind, number).to_owned())
        .chain(["other".to_owned()])
        .collect()
}

#[test]
fn files_can_be_read_and_hold_plain_messages_each_once() {
    for language in Language::ALL {
        let (messages, faults) = read(language);
        assert_eq!(faults, Vec::<String>::new());
        assert!(!messages.is_empty());
    }
}

#[test]
fn every_file_is_listed() {
    let listed: BTreeSet<_> = AREAS
        .iter()
        .map(|area| format!("{}.ftl", area.name))
        .collect();
    assert_eq!(listed.len(), AREAS.len());
    let messages = Path::new(env!("CARGO_MANIFEST_DIR")).join("messages");
    for language in Language::ALL {
        let files: BTreeSet<_> = fs::read_dir(messages.join(language.code()))
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(files, listed, "{language:?}");
    }
    assert_eq!(
        fs::read_dir(&messages).unwrap().count(),
        Language::ALL.len()
    );
}

#[test]
fn every_message_is_in_every_language_and_speaks_of_the_same_values() {
    let (english, _) = read(Language::English);
    for language in Language::ALL {
        let (messages, _) = read(language);
        let told = |messages: &BTreeMap<String, Contents>| -> Vec<_> {
            messages
                .iter()
                .map(|(id, contents)| (id.clone(), contents.area, contents.variables.clone()))
                .collect()
        };
        assert_eq!(told(&messages), told(&english), "{language:?}");
    }
}

#[test]
fn no_plural_leaves_a_form_out() {
    for language in Language::ALL {
        for (id, contents) in read(language).0 {
            for select in contents.selects {
                let kind = FUNCTIONS
                    .iter()
                    .find(|(name, _)| select.function.as_deref() == Some(*name));
                let Some((_, kind)) = kind else {
                    let categories = CATEGORIES
                        .iter()
                        .filter(|name| select.variants.contains(**name));
                    assert_eq!(
                        categories.count(),
                        0,
                        "{language:?}, {id}: a plural without PLURAL"
                    );
                    continue;
                };
                assert_eq!(
                    select.variants,
                    categories(language, *kind),
                    "{language:?}, {id}"
                );
                assert_eq!(select.default, "other", "{language:?}, {id}");
            }
        }
    }
}

#[test]
fn languages_have_the_forms_that_grammars_say() {
    let forms = |language, kind| Vec::from_iter(categories(language, kind)).join(" ");
    let cardinal = Language::ALL.map(|language| forms(language, PluralRuleType::Cardinal));
    assert_eq!(
        cardinal,
        [
            "one other",
            "one other",
            "few many one other",
            "few many one other two zero"
        ]
    );
    assert_eq!(
        forms(Language::English, PluralRuleType::Ordinal),
        "few one other two"
    );
}

#[test]
fn what_is_unknown_is_told_by_its_id() {
    assert_eq!(Language::German.text("press-nothing"), "press-nothing");
    assert_eq!(
        Language::German.say("press-nothing", &[("name", Argument::Number(1))]),
        "press-nothing"
    );
}
