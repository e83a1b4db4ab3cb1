//! What travels: versioned JSON, and the subjects that it travels on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use televent_calendar::TelegramUserId;
use televent_store::{Claim, NoticeKind, NoticeSubject, Urgency};
use uuid::Uuid;

use crate::Outcome;

/// The version of the payloads that we write, and the only one that we read.
pub const WIRE_VERSION: u32 = 1;

/// Wait before a message of another version is looked at again: in a rolling upgrade the next process that
/// takes it may know that version.
const OTHER_VERSION_RETRY: Duration = Duration::from_secs(60);

/// Deliveries after which a version that nobody knows is given up: five hours, before the streams drop it.
const MAX_OTHER_VERSION_DELIVERIES: u64 = 5 * 60;

/// A payload that we can't read: not JSON of this shape, or of another version.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPayload {
    /// Not JSON of this shape.
    #[error("the payload can't be read: {0}")]
    Shape(#[from] serde_json::Error),
    /// A version that this program does not know.
    #[error("the payload has version {0}, and only {WIRE_VERSION} is known")]
    Version(u32),
    /// A value that can't be.
    #[error("the payload holds an invalid {0}")]
    Value(&'static str),
}

impl InvalidPayload {
    /// What becomes of the message.
    #[must_use]
    pub fn outcome(&self, deliveries: u64) -> Outcome {
        let why = self.to_string();
        match self {
            Self::Version(_) if deliveries < MAX_OTHER_VERSION_DELIVERIES => Outcome::Retry {
                after: OTHER_VERSION_RETRY,
                why,
            },
            _ => Outcome::Dead { why },
        }
    }
}

/// What the notifier is told, on stream `INVITES`: that a card may be stale (`televent.invite.<event uuid>.<telegram id>`), or
/// that the bot has something to say (`televent.chat.<telegram id>`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InviteMessage {
    /// The outbox row to be settled.
    pub outbox_id: Uuid,
    /// Which card or message.
    pub subject: NoticeSubject,
    /// In whose chat.
    pub telegram_id: TelegramUserId,
    /// How much it matters that it is done soon.
    pub urgency: Urgency,
}

/// The kind of a message of the bot's own.
const CHAT_MESSAGE: &str = "chat_message";

#[derive(Serialize, Deserialize)]
struct InviteWire {
    v: u32,
    outbox_id: Uuid,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_message_id: Option<Uuid>,
    telegram_id: i64,
    /// Left out by versions that did not know it.
    #[serde(default = "not_urgent")]
    urgency: u8,
}

const fn not_urgent() -> u8 {
    Urgency::Bulk.as_number()
}

impl From<&Claim> for InviteMessage {
    fn from(claim: &Claim) -> Self {
        Self {
            outbox_id: claim.id,
            subject: claim.subject,
            telegram_id: claim.telegram_id,
            urgency: claim.urgency,
        }
    }
}

impl InviteMessage {
    /// The subject.
    #[must_use]
    pub fn subject(&self) -> String {
        match self.subject {
            NoticeSubject::Card { event_id, .. } => {
                format!("televent.invite.{event_id}.{}", self.telegram_id)
            }
            NoticeSubject::Chat { .. } => format!("televent.chat.{}", self.telegram_id),
        }
    }

    /// The payload.
    ///
    /// # Errors
    /// Never in practice: the shape has no map with keys that are no strings.
    pub fn to_bytes(&self) -> Result<Vec<u8>, InvalidPayload> {
        let (kind, event_id, chat_message_id) = match self.subject {
            NoticeSubject::Card { kind, event_id } => (kind.as_str(), Some(event_id), None),
            NoticeSubject::Chat { chat_message_id } => (CHAT_MESSAGE, None, Some(chat_message_id)),
        };
        Ok(serde_json::to_vec(&InviteWire {
            v: WIRE_VERSION,
            outbox_id: self.outbox_id,
            kind: kind.to_owned(),
            event_id,
            chat_message_id,
            telegram_id: self.telegram_id.get(),
            urgency: self.urgency.as_number(),
        })?)
    }

    /// The outbox row of a payload of whatever version, as far as it can be told.
    #[must_use]
    pub fn outbox_id_of(bytes: &[u8]) -> Option<Uuid> {
        #[derive(Deserialize)]
        struct Row {
            outbox_id: Uuid,
        }
        serde_json::from_slice::<Row>(bytes)
            .ok()
            .map(|row| row.outbox_id)
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// [`InvalidPayload`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidPayload> {
        let wire: InviteWire = read(bytes)?;
        let subject = if wire.kind == CHAT_MESSAGE {
            NoticeSubject::Chat {
                chat_message_id: wire
                    .chat_message_id
                    .ok_or(InvalidPayload::Value("chat_message_id"))?,
            }
        } else {
            NoticeSubject::Card {
                kind: NoticeKind::parse(&wire.kind).ok_or(InvalidPayload::Value("kind"))?,
                event_id: wire.event_id.ok_or(InvalidPayload::Value("event_id"))?,
            }
        };
        Ok(Self {
            outbox_id: wire.outbox_id,
            subject,
            telegram_id: TelegramUserId::new(wire.telegram_id)
                .map_err(|_| InvalidPayload::Value("telegram_id"))?,
            urgency: Urgency::from_number(wire.urgency),
        })
    }
}

/// What is needed of an update of the Bot API, on stream `UPDATES`, subject `televent.update.<telegram id>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateMessage {
    /// Whose update ids these are.
    pub bot_id: i64,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
    /// The update.
    pub update: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
struct UpdateWire {
    v: u32,
    bot_id: i64,
    received_at: DateTime<Utc>,
    update: serde_json::Value,
}

impl UpdateMessage {
    /// The subject for an update of `from`, or of nobody.
    #[must_use]
    pub fn subject(from: Option<TelegramUserId>) -> String {
        format!("televent.update.{}", from.map_or(0, TelegramUserId::get))
    }

    /// The message id: an update is the same however often Telegram delivers it.
    #[must_use]
    pub fn message_id(&self, update_id: i64) -> String {
        format!("{}-{update_id}", self.bot_id)
    }

    /// The payload.
    ///
    /// # Errors
    /// Never in practice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, InvalidPayload> {
        Ok(serde_json::to_vec(&UpdateWire {
            v: WIRE_VERSION,
            bot_id: self.bot_id,
            received_at: self.received_at,
            update: self.update.clone(),
        })?)
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// [`InvalidPayload`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidPayload> {
        let wire: UpdateWire = read(bytes)?;
        Ok(Self {
            bot_id: wire.bot_id,
            received_at: wire.received_at,
            update: wire.update,
        })
    }
}

/// Reads the version first, so that a newer shape is told from a broken one.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, InvalidPayload> {
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    let Version { v } = serde_json::from_slice(bytes)?;
    if v != WIRE_VERSION {
        return Err(InvalidPayload::Version(v));
    }
    Ok(serde_json::from_slice(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_back() {
        let invite = InviteMessage {
            outbox_id: Uuid::from_u128(1),
            subject: NoticeSubject::Card {
                kind: NoticeKind::Invite,
                event_id: Uuid::from_u128(2),
            },
            telegram_id: TelegramUserId::new(98765).unwrap(),
            urgency: Urgency::Soon,
        };
        assert_eq!(
            invite.subject(),
            "televent.invite.00000000-0000-0000-0000-000000000002.98765"
        );
        let bytes = invite.to_bytes().unwrap();
        assert_eq!(InviteMessage::from_bytes(&bytes).unwrap(), invite);
        let chat = InviteMessage {
            subject: NoticeSubject::Chat {
                chat_message_id: Uuid::from_u128(3),
            },
            ..invite
        };
        assert_eq!(chat.subject(), "televent.chat.98765");
        assert_eq!(
            InviteMessage::from_bytes(&chat.to_bytes().unwrap()).unwrap(),
            chat
        );
        let mut older: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        older.as_object_mut().unwrap().remove("urgency");
        let older = InviteMessage::from_bytes(older.to_string().as_bytes()).unwrap();
        assert_eq!(older.urgency, Urgency::Bulk);
        let update = UpdateMessage {
            bot_id: 7,
            received_at: DateTime::UNIX_EPOCH,
            update: serde_json::json!({"update_id": 5}),
        };
        assert_eq!(update.message_id(5), "7-5");
        assert_eq!(
            UpdateMessage::from_bytes(&update.to_bytes().unwrap()).unwrap(),
            update
        );
    }

    #[test]
    fn newer_version_is_told_from_a_broken_payload() {
        let newer = br#"{"v":2,"shape":"new"}"#;
        assert!(matches!(
            InviteMessage::from_bytes(newer),
            Err(InvalidPayload::Version(2))
        ));
        let error = InviteMessage::from_bytes(newer).unwrap_err();
        assert!(matches!(error.outcome(1), Outcome::Retry { .. }));
        let days_later = MAX_OTHER_VERSION_DELIVERIES;
        assert!(matches!(error.outcome(days_later), Outcome::Dead { .. }));
        assert!(matches!(
            InviteMessage::from_bytes(b"{"),
            Err(InvalidPayload::Shape(_))
        ));
    }
}
