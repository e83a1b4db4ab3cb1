//! Plain text, and HTML of the Bot API.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

/// How what is told of a moment is written.
pub(super) trait Form {
    /// A moment that is told with its day.
    fn day_and_time(moment: DateTime<Utc>, told: &str) -> String;
    /// A moment on a day that is told already.
    fn time(moment: DateTime<Utc>, told: &str) -> String;
    /// Text that somebody has written.
    fn text(text: &str) -> Cow<'_, str>;
}

pub(super) struct Plain;

impl Form for Plain {
    fn day_and_time(_: DateTime<Utc>, told: &str) -> String {
        told.to_owned()
    }

    fn time(_: DateTime<Utc>, told: &str) -> String {
        told.to_owned()
    }

    fn text(text: &str) -> Cow<'_, str> {
        Cow::Borrowed(text)
    }
}

/// Bot API 9.5, `date_time` entities: `w` is the weekday, `D` the long date, `t` the short time.
pub(super) struct Html;

impl Form for Html {
    fn day_and_time(moment: DateTime<Utc>, told: &str) -> String {
        tg_time(moment, "wDt", told)
    }

    fn time(moment: DateTime<Utc>, told: &str) -> String {
        tg_time(moment, "t", told)
    }

    fn text(text: &str) -> Cow<'_, str> {
        if !text.contains(['&', '<', '>']) {
            return Cow::Borrowed(text);
        }
        let escaped = text.replace('&', "&amp;");
        Cow::Owned(escaped.replace('<', "&lt;").replace('>', "&gt;"))
    }
}

/// What is told of a moment by us has nothing to escape.
fn tg_time(moment: DateTime<Utc>, format: &str, told: &str) -> String {
    let unix = moment.timestamp();
    format!(r#"<tg-time unix="{unix}" format="{format}">{told}</tg-time>"#)
}
