//! `setMyCommands`, `getMyCommands` and `deleteMyCommands`, per scope and language.

use super::{Answer, Refusal};
use crate::{
    app::App,
    commands::{Command, Key, Scope},
    events::Event,
    params::Params,
    state::State,
};
use serde_json::{Value, json};

/// Commands of a bot (Bot API, `setMyCommands`: at most 100).
const MAX_COMMANDS: usize = 100;
/// Name of a command (Bot API, `BotCommand`: 1-32 characters).
const MAX_NAME_CHARS: usize = 32;
/// Description of a command (Bot API, `BotCommand`: 1-256 characters).
const MAX_DESCRIPTION_CHARS: usize = 256;

pub(super) fn set(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let commands = match params.nested("commands") {
        Ok(None) => Vec::new(),
        Ok(Some(Value::Array(commands))) => commands,
        Ok(Some(_)) => return refuse("expected an Array of BotCommand"),
        Err(_) => return refuse("can't parse commands JSON object"),
    };
    let commands = commands
        .iter()
        .map(command)
        .collect::<Result<Vec<_>, _>>()?;
    if commands.len() > MAX_COMMANDS {
        return refuse("BOT_COMMANDS_TOO_MUCH");
    }
    replace(app, params, commands)
}

pub(super) fn get(app: &App, params: &Params) -> Result<Answer, Refusal> {
    let state = app.lock();
    let key = key(params, &state)?;
    Ok(Answer::Result(json!(state.commands.get(&key))))
}

pub(super) fn delete(app: &App, params: &Params) -> Result<Answer, Refusal> {
    replace(app, params, Vec::new())
}

fn refuse<T>(why: &str) -> Result<T, Refusal> {
    Err(Refusal::bad_request(format!("Bad Request: {why}")))
}

fn command(command: &Value) -> Result<Command, Refusal> {
    let fail = |why: &str| refuse(&format!("can't parse BotCommand: {why}"));
    let Value::Object(fields) = command else {
        return fail("expected an Object");
    };
    let field = |name: &str| match fields.get(name) {
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(_) => Err(format!("Field \"{name}\" must be of type String")),
        None => Err(format!("Can't find field \"{name}\"")),
    };
    let (name, description) = match (field("command"), field("description")) {
        (Ok(name), Ok(description)) => (name, description),
        (Err(why), _) | (_, Err(why)) => return fail(&why),
    };
    let name = name.strip_prefix('/').unwrap_or(&name).to_owned();
    if name.is_empty() {
        return refuse("command must be non-empty");
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return refuse("command length must not exceed 32");
    }
    if description.is_empty() {
        return refuse("command description must be non-empty");
    }
    if description.chars().count() > MAX_DESCRIPTION_CHARS {
        return refuse("command description length must not exceed 256");
    }
    let is_name = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_name {
        return refuse("BOT_COMMAND_INVALID");
    }
    Ok(Command {
        command: name,
        description,
    })
}

/// The scope and language that a call is about.
fn key(params: &Params, state: &State) -> Result<Key, Refusal> {
    let scope = match params.nested("scope") {
        Ok(None) => Scope::Default,
        Ok(Some(scope)) => self::scope(&scope, state)?,
        Err(_) => return refuse("can't parse BotCommandScope JSON object"),
    };
    let language_code = params.text("language_code").unwrap_or_default();
    let is_code = language_code.len() == 2 && language_code.bytes().all(|b| b.is_ascii_lowercase());
    if !language_code.is_empty() && !is_code {
        return refuse("invalid language code specified");
    }
    Ok(Key {
        scope,
        language_code,
    })
}

fn scope(scope: &Value, state: &State) -> Result<Scope, Refusal> {
    let fail = |why: &str| refuse(&format!("can't parse BotCommandScope: {why}"));
    let Value::Object(fields) = scope else {
        return fail("BotCommandScope must be an Object");
    };
    let chat_id = match fields.get("type").and_then(Value::as_str) {
        None => return fail("Can't find field \"type\""),
        Some("default") => return Ok(Scope::Default),
        Some("all_private_chats") => return Ok(Scope::AllPrivateChats),
        Some("all_group_chats") => return Ok(Scope::AllGroupChats),
        Some("all_chat_administrators") => return Ok(Scope::AllChatAdministrators),
        Some("chat" | "chat_administrators" | "chat_member") => match fields.get("chat_id") {
            None => return fail("Can't find field \"chat_id\""),
            Some(Value::String(text)) => text.parse().unwrap_or_default(),
            Some(id) => id.as_i64().unwrap_or_default(),
        },
        Some(_) => return fail("Unsupported type specified"),
    };
    if !state.people.contains_key(&chat_id) {
        return refuse("chat not found");
    }
    // All chats here are private ones.
    if fields.get("type") != Some(&json!("chat")) {
        return refuse("can't use specified scope in private chats");
    }
    Ok(Scope::Chat { chat_id })
}

fn replace(app: &App, params: &Params, commands: Vec<Command>) -> Result<Answer, Refusal> {
    let mut state = app.lock();
    let key = key(params, &state)?;
    if !state.commands.set(key, commands) {
        return refuse("too many lists of commands");
    }
    drop(state);
    app.changed(Event::People { id: 0 });
    Ok(Answer::Result(json!(true)))
}
