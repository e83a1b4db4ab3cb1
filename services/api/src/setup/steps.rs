//! What is to be done in each app, by hand.

use maud::{Markup, html};
use televent_language::Language;
use televent_store::DeviceApp;

/// All apps, that of the reader open.
pub(super) fn by_app(language: Language, open: Option<DeviceApp>, davx5: Option<&str>) -> Markup {
    html! {
        section {
            h2 { (language.text("setup-by-app")) }
            @for app in DeviceApp::ALL {
                details open[open == Some(app)] {
                    summary { (language.text(name(app))) }
                    @if let (DeviceApp::Android, Some(link)) = (app, davx5) {
                        p { (language.text("setup-open-davx5-how")) }
                        a.action.second href=(link) { (language.text("setup-open-davx5")) }
                    }
                    p { (language.text(by_hand(app))) }
                }
            }
        }
    }
}

const fn name(app: DeviceApp) -> &'static str {
    match app {
        DeviceApp::Iphone => "setup-iphone",
        DeviceApp::Mac => "setup-mac",
        DeviceApp::Android => "setup-android",
        DeviceApp::Thunderbird => "setup-thunderbird",
        DeviceApp::Other => "setup-other",
    }
}

const fn by_hand(app: DeviceApp) -> &'static str {
    match app {
        DeviceApp::Iphone => "setup-iphone-by-hand",
        DeviceApp::Mac => "setup-mac-by-hand",
        DeviceApp::Android => "setup-android-by-hand",
        DeviceApp::Thunderbird => "setup-thunderbird-by-hand",
        DeviceApp::Other => "setup-other-by-hand",
    }
}
