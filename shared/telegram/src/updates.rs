//! Incoming updates, read leniently: only the fields that we need must be there, so that a field, an
//! entity or a kind that is new at Telegram never loses an update.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use televent_calendar::TelegramUserId;

/// An update (Bot API, type `Update`).
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// Stable over repeats of its delivery.
    pub update_id: i64,
    /// Who caused it, if somebody did.
    pub from: Option<Sender>,
    /// What it is.
    pub kind: IncomingKind,
}

/// A person (Bot API, type `User`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Their id.
    pub id: TelegramUserId,
    /// First and last name.
    pub name: String,
    /// Without the `@`.
    pub username: Option<String>,
    /// IETF language tag.
    pub language: Option<String>,
}

/// Somebody who was picked (Bot API, type `SharedUser`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedUser {
    /// Their id.
    pub id: TelegramUserId,
    /// First and last name; may be empty.
    pub name: String,
    /// Without the `@`.
    pub username: Option<String>,
}

/// The kinds that we act on.
#[derive(Clone, Debug, PartialEq)]
pub enum IncomingKind {
    /// A button was pressed (`callback_query`).
    Press(Press),
    /// A message to the bot, in a private chat.
    Said(Said),
    /// The person has blocked the bot, or unblocked it (`my_chat_member`).
    Membership {
        /// Whether the bot can write to them now.
        reachable: bool,
    },
    /// Anything else.
    Other,
}

/// What somebody says to the bot.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// A text; at most [`KEPT_TEXT`] characters of it are kept.
    Text(String),
    /// Where their phone is, in degrees.
    Location {
        /// North of the equator.
        latitude: f64,
        /// East of Greenwich.
        longitude: f64,
    },
    /// People whom they picked in the app's own picker (`users_shared`); those whose ids are none of a person's are left out.
    Users(Vec<SharedUser>),
}

/// A press of an inline button (Bot API, type `CallbackQuery`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// To be named in the answer.
    pub query_id: String,
    /// The data of the button; untrusted.
    pub data: String,
    /// Chat and id of the message with the button, if it is a message of ours in the presser's own chat.
    pub message: Option<(i64, i64)>,
}

/// An update that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("update {} can't be read: {why}", .update_id.map_or_else(|| "without an id".to_owned(), |id| id.to_string()))]
pub struct Garbage {
    /// Its id, if that much was there.
    pub update_id: Option<i64>,
    /// What is wrong with it.
    pub why: String,
}

#[derive(Deserialize, Serialize)]
struct RawUpdate {
    callback_query: Option<RawQuery>,
    message: Option<RawMessage>,
    my_chat_member: Option<RawMembership>,
}

/// What we can do without is left out where it is not what we know: an update is not lost to a field that has another shape one day.
fn if_it_can_be_read<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

#[derive(Deserialize, Serialize)]
struct RawUser {
    id: i64,
    #[serde(default)]
    first_name: String,
    #[serde(default, deserialize_with = "if_it_can_be_read")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "if_it_can_be_read")]
    username: Option<String>,
    #[serde(default, deserialize_with = "if_it_can_be_read")]
    language_code: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct RawChat {
    id: i64,
}

#[derive(Deserialize, Serialize)]
struct RawQuery {
    id: String,
    from: RawUser,
    #[serde(default, deserialize_with = "if_it_can_be_read")]
    message: Option<RawPressedMessage>,
    #[serde(default)]
    data: String,
}

#[derive(Deserialize, Serialize)]
struct RawPressedMessage {
    message_id: i64,
    chat: RawChat,
}

#[derive(Deserialize, Serialize)]
struct RawMessage {
    #[serde(default, deserialize_with = "if_it_can_be_read")]
    from: Option<RawUser>,
    chat: RawChat,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(default, deserialize_with = "if_it_can_be_read")]
    location: Option<RawLocation>,
    #[serde(default, deserialize_with = "if_it_can_be_read")]
    users_shared: Option<RawUsersShared>,
}

#[derive(Deserialize, Serialize)]
struct RawLocation {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize, Serialize)]
struct RawUsersShared {
    request_id: i32,
    #[serde(default)]
    users: Vec<RawSharedUser>,
}

#[derive(Deserialize, Serialize)]
struct RawSharedUser {
    user_id: i64,
    #[serde(default)]
    first_name: String,
    #[serde(default, deserialize_with = "if_it_can_be_read")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "if_it_can_be_read")]
    username: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct RawMembership {
    from: RawUser,
    chat: RawChat,
    new_chat_member: RawMember,
}

#[derive(Deserialize, Serialize)]
struct RawMember {
    status: String,
}

/// Characters that are kept of a message's text: enough for a command, and for an event in one message.
pub const KEPT_TEXT: usize = 1_000;

/// What [`parse_update`] reads of an update, and nothing else: this is what is worth storing. People can
/// write long texts, and the store is bounded.
///
/// # Errors
/// [`Garbage`], as [`parse_update`].
pub fn essentials(update: &Value) -> Result<Value, Garbage> {
    let (update_id, raw) = read(update)?;
    let mut kept = serde_json::to_value(raw).map_err(|error| Garbage {
        update_id: Some(update_id),
        why: error.to_string(),
    })?;
    if let Value::Object(fields) = &mut kept {
        fields.retain(|_, value| !value.is_null());
        fields.insert("update_id".to_owned(), update_id.into());
    }
    Ok(kept)
}

fn read(update: &Value) -> Result<(i64, RawUpdate), Garbage> {
    let update_id = update
        .get("update_id")
        .and_then(Value::as_i64)
        .ok_or_else(|| Garbage {
            update_id: None,
            why: "there is no update_id".to_owned(),
        })?;
    let mut raw = RawUpdate::deserialize(update).map_err(|error| Garbage {
        update_id: Some(update_id),
        why: error.to_string(),
    })?;
    if let Some(message) = &mut raw.message {
        message.text = message.text.chars().take(KEPT_TEXT).collect();
    }
    Ok((update_id, raw))
}

/// Reads an update.
///
/// # Errors
/// [`Garbage`] when it has no id, or when what we need of its kind is missing.
pub fn parse_update(update: &Value) -> Result<Incoming, Garbage> {
    let (update_id, raw) = read(update)?;
    let garbage = |why: String| Garbage {
        update_id: Some(update_id),
        why,
    };
    let (from, kind) = if let Some(query) = raw.callback_query {
        let from = sender(query.from).map_err(garbage)?;
        let message = query
            .message
            .filter(|message| message.chat.id == from.id.get())
            .map(|message| (message.chat.id, message.message_id));
        let press = Press {
            query_id: query.id,
            data: query.data,
            message,
        };
        (Some(from), IncomingKind::Press(press))
    } else if let Some(message) = raw.message {
        let from = message.from.map(sender).transpose().map_err(garbage)?;
        let private = from
            .as_ref()
            .is_some_and(|from| from.id.get() == message.chat.id);
        let said = private
            .then(|| said(message.text, message.location, message.users_shared))
            .flatten();
        (from, said.map_or(IncomingKind::Other, IncomingKind::Said))
    } else if let Some(membership) = raw.my_chat_member {
        let from = sender(membership.from).map_err(garbage)?;
        let kind = if membership.chat.id == from.id.get() {
            IncomingKind::Membership {
                reachable: membership.new_chat_member.status == "member",
            }
        } else {
            IncomingKind::Other
        };
        (Some(from), kind)
    } else {
        (None, IncomingKind::Other)
    };
    Ok(Incoming {
        update_id,
        from,
        kind,
    })
}

fn said(
    text: String,
    location: Option<RawLocation>,
    shared: Option<RawUsersShared>,
) -> Option<Said> {
    if let Some(location) = location {
        return Some(Said::Location {
            latitude: location.latitude,
            longitude: location.longitude,
        });
    }
    if let Some(shared) = shared {
        let users = shared.users.into_iter().filter_map(|user| {
            Some(SharedUser {
                id: TelegramUserId::new(user.user_id).ok()?,
                name: full_name(user.first_name, user.last_name),
                username: user.username,
            })
        });
        return Some(Said::Users(users.collect()));
    }
    (!text.is_empty()).then_some(Said::Text(text))
}

fn full_name(first: String, last: Option<String>) -> String {
    let mut name = first;
    if let Some(last) = last {
        name.push(' ');
        name.push_str(&last);
    }
    name.trim().to_owned()
}

fn sender(user: RawUser) -> Result<Sender, String> {
    Ok(Sender {
        id: TelegramUserId::new(user.id).map_err(|error| error.to_string())?,
        name: full_name(user.first_name, user.last_name),
        username: user.username,
        language: user.language_code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ann() -> Value {
        json!({"id": 98765, "is_bot": false, "first_name": "Ann", "last_name": "Lee", "language_code": "en"})
    }

    #[test]
    fn press_is_read_whatever_its_message_holds() {
        let update = parse_update(&json!({
            "update_id": 7,
            "callback_query": {
                "id": "q", "from": ann(), "chat_instance": "1", "data": "rsvp:x",
                "message": {"message_id": 5, "date": 1, "chat": {"id": 98765, "type": "private"},
                    "text": "x", "entities": [{"type": "from_the_future", "offset": 0, "length": 1}]},
            },
        }))
        .unwrap();
        assert_eq!(update.from.unwrap().name, "Ann Lee");
        assert_eq!(
            update.kind,
            IncomingKind::Press(Press {
                query_id: "q".to_owned(),
                data: "rsvp:x".to_owned(),
                message: Some((98765, 5)),
            })
        );
    }

    #[test]
    fn message_of_a_foreign_chat_is_not_the_pressers() {
        let update = parse_update(&json!({"update_id": 7, "callback_query": {
            "id": "q", "from": ann(), "data": "d", "message": {"message_id": 5, "chat": {"id": -100}},
        }}))
        .unwrap();
        assert!(matches!(
            update.kind,
            IncomingKind::Press(Press { message: None, .. })
        ));
    }

    #[test]
    fn texts_and_blocking() {
        let text = |text: &str| {
            json!({"update_id": 1, "message": {
                "message_id": 1, "from": ann(), "chat": {"id": 98765}, "text": text,
            }})
        };
        assert_eq!(
            parse_update(&text("/start abc")).unwrap().kind,
            IncomingKind::Said(Said::Text("/start abc".to_owned()))
        );
        let sticker = json!({"update_id": 1, "message": {
            "message_id": 1, "from": ann(), "chat": {"id": 98765}, "sticker": {},
        }});
        assert_eq!(parse_update(&sticker).unwrap().kind, IncomingKind::Other);
        let in_a_group = json!({"update_id": 1, "message": {
            "message_id": 1, "from": ann(), "chat": {"id": -100}, "text": "/start",
        }});
        assert_eq!(parse_update(&in_a_group).unwrap().kind, IncomingKind::Other);
        for (status, reachable) in [("member", true), ("kicked", false)] {
            let update = json!({"update_id": 1, "my_chat_member": {
                "from": ann(), "chat": {"id": 98765}, "new_chat_member": {"status": status},
            }});
            assert_eq!(
                parse_update(&update).unwrap().kind,
                IncomingKind::Membership { reachable }
            );
        }
    }

    #[test]
    fn places_and_picked_people() {
        let message = |field: &str, value: Value| {
            let mut message = json!({"message_id": 1, "from": ann(), "chat": {"id": 98765}});
            message[field] = value;
            let update = json!({"update_id": 1, "message": message});
            let kept = essentials(&update).unwrap();
            assert_eq!(parse_update(&kept), parse_update(&update));
            parse_update(&update).unwrap().kind
        };
        assert_eq!(
            message(
                "location",
                json!({"latitude": 52.5, "longitude": 13.4, "heading": 1})
            ),
            IncomingKind::Said(Said::Location {
                latitude: 52.5,
                longitude: 13.4
            })
        );
        let shared = json!({"request_id": 3, "users": [
            {"user_id": 5, "first_name": "Bo", "last_name": "Li", "username": "bo"}, {"user_id": -1}, {"user_id": 6},
        ]});
        let user = |id, name: &str, username: Option<&str>| SharedUser {
            id: TelegramUserId::new(id).unwrap(),
            name: name.to_owned(),
            username: username.map(str::to_owned),
        };
        assert_eq!(
            message("users_shared", shared),
            IncomingKind::Said(Said::Users(vec![
                user(5, "Bo Li", Some("bo")),
                user(6, "", None)
            ]))
        );
    }

    #[test]
    fn known_fields_of_another_shape_lose_nothing_else() {
        let from = json!({"id": 98765, "first_name": "Ann", "last_name": {"parts": []}, "username": ["a", "b"],
            "language_code": 5});
        let press = parse_update(
            &json!({"update_id": 1, "callback_query": {"id": "q", "from": from, "data": "rsvp:x",
            "message": {"kind": "ephemeral", "date": 0}}}),
        )
        .unwrap();
        let IncomingKind::Press(pressed) = press.kind else {
            panic!("{press:?}");
        };
        assert_eq!((pressed.data.as_str(), pressed.message), ("rsvp:x", None));
        assert_eq!(press.from.unwrap().name, "Ann");
        let text = parse_update(&json!({"update_id": 2, "message": {"message_id": 1, "from": from, "chat": {"id": 98765},
            "text": "/help", "location": "here", "users_shared": [1, 2]}}))
        .unwrap();
        assert_eq!(
            text.kind,
            IncomingKind::Said(Said::Text("/help".to_owned()))
        );
    }

    #[test]
    fn unknown_kind_is_no_garbage() {
        let update = parse_update(&json!({"update_id": 1, "telepathy": {}})).unwrap();
        assert_eq!(update.kind, IncomingKind::Other);
    }

    #[test]
    fn what_is_stored_is_small_and_reads_the_same() {
        let text = format!("/start {}", "x".repeat(4_000));
        for update in [
            json!({"update_id": 1, "message": {"message_id": 1, "from": ann(), "chat": {"id": 98765}, "text": text}}),
            json!({"update_id": 1, "callback_query": {"id": "q", "from": ann(), "data": "rsvp:x",
                "message": {"message_id": 5, "chat": {"id": 98765}, "text": text}}}),
            json!({"update_id": 1, "telepathy": text}),
        ] {
            let kept = essentials(&update).unwrap();
            assert!(kept.to_string().len() < KEPT_TEXT + 500, "{kept}");
            assert_eq!(parse_update(&kept), parse_update(&update));
        }
    }

    #[test]
    fn garbage_is_told_with_its_id() {
        assert_eq!(parse_update(&json!({})).unwrap_err().update_id, None);
        assert_eq!(parse_update(&json!("x")).unwrap_err().update_id, None);
        let no_user = json!({"update_id": 9, "callback_query": {"id": "q"}});
        assert_eq!(parse_update(&no_user).unwrap_err().update_id, Some(9));
        let bad_user = json!({"update_id": 9, "callback_query": {"id": "q", "from": {"id": 0}}});
        assert_eq!(parse_update(&bad_user).unwrap_err().update_id, Some(9));
    }
}
