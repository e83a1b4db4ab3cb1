//! The Fluent files, a line for each area.

use crate::Language;

/// What the messages of one area are in every language, in the order of [`Language::ALL`].
pub(super) struct Area {
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests"))]
    pub name: &'static str,
    files: [&'static str; 4],
}

impl Area {
    pub(super) const fn file(&self, language: Language) -> &'static str {
        let [english, german, russian, arabic] = self.files;
        match language {
            Language::English => english,
            Language::German => german,
            Language::Russian => russian,
            Language::Arabic => arabic,
        }
    }
}

macro_rules! areas {
    ($($area:literal,)+) => {
        pub(super) const AREAS: &[Area] = &[$(Area {
            name: $area,
            files: [
                include_str!(concat!("../../messages/en/", $area, ".ftl")),
                include_str!(concat!("../../messages/de/", $area, ".ftl")),
                include_str!(concat!("../../messages/ru/", $area, ".ftl")),
                include_str!(concat!("../../messages/ar/", $area, ".ftl")),
            ],
        },)+];
    };
}

// An area is a file of this name in the folder of each language. A test finds the files that are not listed.
areas! {
    "account",
    "agenda",
    "bot",
    "card",
    "devices",
    "event",
    "press",
    "recurrence",
    "setup",
    "tally",
    "time",
}
