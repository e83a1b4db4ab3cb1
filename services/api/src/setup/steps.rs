//! What is to be done in each app, by hand.

use maud::{Markup, html};
use televent_language::Language;
use televent_store::DeviceApp;

/// An app that is set up by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guide {
    Iphone,
    Mac,
    Android,
    Thunderbird,
    Gnome,
    Other,
}

impl Guide {
    const ALL: [Self; 6] = [
        Self::Iphone,
        Self::Mac,
        Self::Android,
        Self::Thunderbird,
        Self::Gnome,
        Self::Other,
    ];

    /// The one that somebody with such a device reads first.
    const fn of(app: DeviceApp) -> Self {
        match app {
            DeviceApp::Iphone => Self::Iphone,
            DeviceApp::Mac => Self::Mac,
            DeviceApp::Android => Self::Android,
            DeviceApp::Thunderbird => Self::Thunderbird,
            DeviceApp::Other => Self::Other,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Iphone => "setup-iphone",
            Self::Mac => "setup-mac",
            Self::Android => "setup-android",
            Self::Thunderbird => "setup-thunderbird",
            Self::Gnome => "setup-gnome",
            Self::Other => "setup-other",
        }
    }

    /// Messages, one for each step.
    const fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Iphone => &["setup-iphone-1", "setup-iphone-2", "setup-iphone-3"],
            Self::Mac => &["setup-mac-1", "setup-mac-2", "setup-mac-3"],
            Self::Android => &[
                "setup-android-1",
                "setup-android-2",
                "setup-android-3",
                "setup-android-4",
            ],
            Self::Thunderbird => &[
                "setup-thunderbird-1",
                "setup-thunderbird-2",
                "setup-thunderbird-3",
                "setup-thunderbird-4",
            ],
            Self::Gnome => &[
                "setup-gnome-1",
                "setup-gnome-2",
                "setup-gnome-3",
                "setup-gnome-4",
            ],
            Self::Other => &[],
        }
    }
}

/// What is good to know of other apps.
const OTHERS: [&str; 4] = [
    "setup-other-outlook",
    "setup-other-mac",
    "setup-other-kde",
    "setup-other-google",
];

/// All apps, that of the reader open. One is open at a time, without a script.
pub(super) fn by_app(language: Language, open: Option<DeviceApp>, davx5: Option<&str>) -> Markup {
    let open = open.map(Guide::of);
    html! {
        section {
            h2 { (language.text("setup-by-app")) }
            @if open.is_none() {
                p { (language.text("setup-by-app-how")) }
            }
            @for guide in Guide::ALL {
                details name="app" open[open == Some(guide)] {
                    summary { h3 { (language.text(guide.name())) } }
                    div.guide {
                        @if let (Guide::Android, Some(link)) = (guide, davx5) {
                            p { (language.text("setup-open-davx5-how")) }
                            a.action.second href=(link) { (language.text("setup-open-davx5")) }
                        }
                        (content(language, guide))
                    }
                }
            }
        }
    }
}

fn content(language: Language, guide: Guide) -> Markup {
    if guide == Guide::Other {
        return html! {
            p { (marked(&language.text("setup-other-by-hand"))) }
            ul {
                @for other in OTHERS { li { (marked(&language.text(other))) } }
            }
        };
    }
    html! {
        ol {
            @for step in guide.steps() { li { (marked(&language.text(step))) } }
        }
    }
}

/// The text, in which what stands between two stars is what an app or a button is called.
pub(super) fn marked(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('*').enumerate() {
            @if at % 2 == 1 { b { (part) } } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_mark_names_and_all_is_escaped() {
        assert_eq!(
            marked("Tap *A › <B>*, then *C*.").into_string(),
            "Tap <b>A › &lt;B&gt;</b>, then <b>C</b>."
        );
    }

    #[test]
    fn every_step_is_told_in_every_language_with_its_stars_in_pairs() {
        for language in Language::ALL {
            let page = by_app(language, None, None).into_string();
            assert!(!page.contains("setup-") && !page.contains('*'), "{page}");
            let steps = Guide::ALL.iter().flat_map(|guide| guide.steps());
            for message in steps.chain(&OTHERS) {
                let text = language.text(message);
                assert_eq!(text.matches('*').count() % 2, 0, "{message}: {text}");
            }
        }
    }

    #[test]
    fn app_of_the_reader_is_open() {
        let page = by_app(Language::English, Some(DeviceApp::Mac), None).into_string();
        assert_eq!(page.matches(" open>").count(), 1, "{page}");
        assert!(page.contains("open><summary><h3>Mac</h3>"), "{page}");
    }
}
