//! Something that is built once for each language.

use crate::Language;

/// One of each language.
pub(crate) struct PerLanguage<T>([T; 4]);

impl<T> PerLanguage<T> {
    pub(crate) fn new(make: impl FnMut(Language) -> T) -> Self {
        Self(Language::ALL.map(make))
    }

    pub(crate) const fn get(&self, language: Language) -> &T {
        let [english, german, russian, arabic] = &self.0;
        match language {
            Language::English => english,
            Language::German => german,
            Language::Russian => russian,
            Language::Arabic => arabic,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own() {
        let codes = PerLanguage::new(Language::code);
        for language in Language::ALL {
            assert_eq!(*codes.get(language), language.code());
        }
    }
}
