//! The text, caption and keyboard of a message, as the sends and the edits take them.

use super::Refusal;
use crate::{
    entities::{self, Entity, utf16_len},
    html,
    keyboard::{self, Markup},
    params::Params,
    settings::Settings,
};
use serde_json::Value;

/// Length of a text after the markup is parsed (Bot API, `sendMessage`: 1-4096 characters), in UTF-16 code units.
const MAX_TEXT_UNITS: usize = 4096;

/// Length of a caption after the markup is parsed (Bot API, `sendPhoto`: 0-1024 characters), in UTF-16 code units.
const MAX_CAPTION_UNITS: usize = 1024;

/// Parses `text` with `parse_mode` or `entities`.
pub(super) fn text(params: &Params, settings: &Settings) -> Result<(String, Vec<Entity>), Refusal> {
    let (clean, marked) = formatted(params, settings, "text", "entities")?;
    if clean.is_empty() {
        return Err(Refusal::bad_request("Bad Request: message text is empty"));
    }
    if utf16_len(&clean) > MAX_TEXT_UNITS {
        return Err(Refusal::bad_request("Bad Request: message is too long"));
    }
    Ok((clean, marked))
}

/// Parses `caption` with `parse_mode` or `caption_entities`; there may be none.
pub(super) fn caption(
    params: &Params,
    settings: &Settings,
) -> Result<(String, Vec<Entity>), Refusal> {
    let (clean, marked) = formatted(params, settings, "caption", "caption_entities")?;
    if utf16_len(&clean) > MAX_CAPTION_UNITS {
        return Err(Refusal::bad_request(
            "Bad Request: message caption is too long",
        ));
    }
    Ok((clean, marked))
}

fn formatted(
    params: &Params,
    settings: &Settings,
    name: &str,
    entities_name: &str,
) -> Result<(String, Vec<Entity>), Refusal> {
    let raw = params.text(name).unwrap_or_default();
    if raw.trim().is_empty() {
        return Ok((String::new(), Vec::new()));
    }
    let parse_mode = params
        .text("parse_mode")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let (parsed, marked) = match parse_mode.as_str() {
        "" | "none" => (raw, given_entities(params, entities_name)?),
        "html" => html::parse(&raw, settings.tg_time).map_err(|why| {
            Refusal::bad_request(format!("Bad Request: can't parse entities: {why}"))
        })?,
        "markdown" | "markdownv2" => {
            return Err(Refusal::bad_request(
                "Bad Request: unsupported parse_mode (the simulator knows HTML only)",
            ));
        }
        _ => return Err(Refusal::bad_request("Bad Request: unsupported parse_mode")),
    };
    let (clean, mut marked) = entities::normalise(&parsed, marked);
    entities::detect(&clean, &mut marked);
    Ok((clean, marked))
}

fn given_entities(params: &Params, name: &str) -> Result<Vec<Entity>, Refusal> {
    let fail = |_| Refusal::bad_request("Bad Request: can't parse MessageEntity");
    match params.nested(name).map_err(fail)? {
        None => Ok(Vec::new()),
        Some(list) => serde_json::from_value(list).map_err(fail),
    }
}

/// Parses `reply_markup`.
pub(super) fn markup(params: &Params) -> Result<Markup, Refusal> {
    let markup = params.nested("reply_markup").map_err(|_| {
        Refusal::bad_request("Bad Request: can't parse reply keyboard markup JSON object")
    })?;
    keyboard::parse_markup(&markup.unwrap_or(Value::Null)).map_err(Refusal::bad_request)
}

/// Parses the `reply_markup` of an edit, where only an inline keyboard may stand.
pub(super) fn inline_markup(params: &Params) -> Result<Option<Value>, Refusal> {
    match markup(params)? {
        Markup::None => Ok(None),
        Markup::Inline(keyboard) => Ok(Some(keyboard)),
        Markup::Input(_) => Err(Refusal::bad_request(
            "Bad Request: inline keyboard expected",
        )),
    }
}
