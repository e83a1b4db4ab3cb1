//! `getMe`.

use super::Answer;
use crate::app::App;
use serde_json::{Value, json};

pub(super) fn call(app: &App) -> Answer {
    let mut me = app.bot_user();
    if let Value::Object(fields) = &mut me {
        for (name, value) in [
            ("can_join_groups", true),
            ("can_read_all_group_messages", false),
            ("supports_inline_queries", false),
            ("can_connect_to_business", false),
            ("has_main_web_app", false),
            ("has_topics_enabled", false),
        ] {
            fields.insert(name.to_owned(), json!(value));
        }
    }
    Answer::Result(me)
}
