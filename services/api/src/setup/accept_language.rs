//! In which language somebody reads whom we do not know: `Accept-Language` (RFC 9110 section 12.5.4).

use axum::http::{HeaderMap, header};
use televent_language::Language;

/// Languages that are looked at. Browsers send five.
const MAX_LANGUAGES: usize = 32;

/// The best of the languages that we speak; English if there is none.
pub(crate) fn preferred(headers: &HeaderMap) -> Language {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map(best)
        .unwrap_or_default()
}

fn best(header: &str) -> Language {
    let mut best: Option<(f32, Language)> = None;
    for range in header.split(',').take(MAX_LANGUAGES) {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let quality = match parameters.trim().strip_prefix("q=") {
            Some(quality) => quality.trim().parse().unwrap_or(0.0),
            None => 1.0,
        };
        let Some(language) = known(tag.trim()) else {
            continue;
        };
        // Of equal ones the first.
        if quality > best.map_or(0.0, |(quality, _)| quality) {
            best = Some((quality, language));
        }
    }
    best.map(|(_, language)| language).unwrap_or_default()
}

fn known(tag: &str) -> Option<Language> {
    let primary = tag.split('-').next()?;
    Language::ALL
        .into_iter()
        .find(|language| language.code().eq_ignore_ascii_case(primary))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_language_that_we_speak() {
        for (header, language) in [
            ("de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("fr,ru;q=0.4,en;q=0.3", Language::Russian),
            ("en;q=0.3, ar-EG;q=0.7", Language::Arabic),
            ("fr-FR,fr;q=0.9", Language::English),
            ("de;q=0,en;q=0.1", Language::English),
            ("de;q=x", Language::English),
            ("*", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(best(header), language, "{header:?}");
        }
    }
}
