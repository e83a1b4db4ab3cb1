//! `setMyCommands`, `getMyCommands` and `deleteMyCommands`, per scope and language.

use super::{Answer, Refusal};
use crate::{app::App, events::Event, params::Params};
use serde_json::{Value, json};

/// Commands of a bot (Bot API, `setMyCommands`: at most 100).
const MAX_COMMANDS: usize = 100;
/// Name of a command (Bot API, `BotCommand`: 1-32 characters).
const MAX_NAME_CHARS: usize = 32;
/// Description of a command (Bot API, `BotCommand`: 1-256 characters).
const MAX_DESCRIPTION_CHARS: usize = 256;

pub(super) fn set(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let fail = || Refusal::bad_request("Bad Request: can't parse commands JSON array");
    let Ok(Some(Value::Array(commands))) = params.nested("commands") else {
        return Err(fail());
    };
    if commands.len() > MAX_COMMANDS {
        return Err(Refusal::bad_request("Bad Request: BOT_COMMANDS_TOO_MUCH"));
    }
    let mut clean = Vec::new();
    for command in commands {
        let field = |name: &str| {
            command
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (name, description) = (field("command"), field("description"));
        let name = name.trim_start_matches('/');
        let is_name = (1..=MAX_NAME_CHARS).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !is_name {
            return Err(Refusal::bad_request("Bad Request: BOT_COMMAND_INVALID"));
        }
        if !(1..=MAX_DESCRIPTION_CHARS).contains(&description.chars().count()) {
            return Err(Refusal::bad_request(
                "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID",
            ));
        }
        clean.push(json!({ "command": name, "description": description }));
    }
    replace(app, &key(params)?, Some(clean));
    Ok(Answer::Result(json!(true)))
}

pub(super) fn get(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let key = key(params)?;
    let state = app.lock();
    let found = state
        .commands
        .iter()
        .find(|set| set.get("for") == Some(&key))
        .and_then(|set| set.get("commands"));
    Ok(Answer::Result(found.cloned().unwrap_or_else(|| json!([]))))
}

pub(super) fn delete(app: &App, params: &Params) -> Result<Answer, Refusal> {
    replace(app, &key(params)?, None);
    Ok(Answer::Result(json!(true)))
}

/// The scope and language that a call is about.
fn key(params: &Params) -> Result<Value, Refusal> {
    let scope = params
        .nested("scope")
        .map_err(|_| Refusal::bad_request("Bad Request: can't parse BotCommandScope JSON object"))?
        .unwrap_or_else(|| json!({ "type": "default" }));
    Ok(json!({ "scope": scope, "language_code": params.text("language_code").unwrap_or_default() }))
}

fn replace(app: &App, key: &Value, commands: Option<Vec<Value>>) {
    let mut state = app.lock();
    state.commands.retain(|set| set.get("for") != Some(key));
    if let Some(commands) = commands {
        state
            .commands
            .push(json!({ "for": key, "commands": commands }));
    }
    drop(state);
    app.changed(Event::People { id: 0 });
}
