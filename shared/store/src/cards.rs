//! Cards: which message shows an invitation to whom, who may write it now, and what it shows.

mod leasing;
mod recording;

use std::{collections::HashMap, time::Duration};

use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::Person;

/// Which card.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CardKey {
    /// The event.
    pub event_id: Uuid,
    /// Whose card it is.
    pub telegram_id: TelegramUserId,
    /// The instance it speaks of; empty for the whole event.
    pub recurrence_id: String,
}

/// Another message that shows the same card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardCopy {
    /// Its id in the chat.
    pub message_id: i64,
    /// Digest of what it shows, if known.
    pub rendered: Option<String>,
}

/// A card as it was when its lease was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The chat and message, once sent.
    pub message: Option<(i64, i64)>,
    /// Digest of what the message shows, if known.
    pub rendered: Option<String>,
    /// The facts that the message shows, as the notifier wrote them.
    pub shown: Option<serde_json::Value>,
    /// The facts that the reader has answered to, or was first shown.
    pub baseline: Option<serde_json::Value>,
    /// What a message of its own has told last.
    pub told: Option<serde_json::Value>,
    /// How long ago the message was last written.
    pub written_ago: Option<Duration>,
    /// "Change answer" was pressed.
    pub choosing: bool,
    /// The lease before ours ran out in the middle: a first send may have gone out unrecorded.
    pub unfinished: bool,
    /// Further messages that show this card.
    pub copies: Vec<CardCopy>,
}

/// A card that somebody is about to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardRequest {
    /// The event.
    pub event_id: Uuid,
    /// Whose card it is.
    pub telegram_id: TelegramUserId,
    /// The instance it speaks of; `None` is the first card of the reader that there is.
    pub recurrence_id: Option<String>,
    /// Unique for this attempt.
    pub holder: Uuid,
}

/// The right to write a card.
#[derive(Clone, Debug)]
pub struct CardLease {
    /// The card.
    pub key: CardKey,
    /// Unique for this attempt.
    pub holder: Uuid,
}

/// What a card speaks of, in its present state.
#[derive(Clone, Debug)]
pub struct CardSubject {
    /// What GET returns.
    pub object: Vec<u8>,
    /// Whether the organizer has deleted it.
    pub deleted: bool,
    /// The calendar's owner.
    pub owner: TelegramUserId,
    /// What others see of the owner.
    pub owner_name: String,
    /// Whether the owner is the organizer.
    pub owner_organizes: bool,
    /// Whether the reader of the card is invited now.
    pub invited: bool,
    /// The reader.
    pub reader: Person,
    /// What we know of its attendees.
    pub known: HashMap<TelegramUserId, KnownAttendee>,
}

/// A card that was asked for, and what it speaks of.
#[derive(Clone, Debug)]
pub struct CardState {
    /// The recurrence keys of the reader's cards of the event, in order: of those that there were, or shall be.
    pub keys: Vec<String>,
    /// Which of them this is.
    pub key: CardKey,
    /// What it showed when the right to write it was taken; `None` while somebody else has that, or has just had it.
    pub card: Option<Card>,
    /// What it speaks of.
    pub subject: CardSubject,
}

impl CardState {
    /// The recurrence key of the card that comes after this one, if any does.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        let mut keys = self.keys.iter();
        keys.find(|&key| *key == self.key.recurrence_id)?;
        keys.next().map(String::as_str)
    }
}

/// What was done to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentCard {
    /// The chat.
    pub chat_id: i64,
    /// The message that now shows it.
    pub message_id: i64,
    /// Digest of what it shows.
    pub rendered: String,
    /// The message replaces one that is gone, rather than adding to it.
    pub replaces: bool,
    /// The facts that it shows: those of the baseline, too, if there are none.
    pub shown: serde_json::Value,
    /// What was told last by a message of its own, or by the first sight of this one.
    pub told: serde_json::Value,
}

/// What has become of a card, and of the message that asked for it.
#[derive(Clone, Debug)]
pub struct CardRecord {
    /// The right under which it was written.
    pub lease: CardLease,
    /// What was done.
    pub sent: SentCard,
    /// The outbox row that this settles, if it settles one.
    pub outbox_id: Option<Uuid>,
}

/// What we know of an attendee.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownAttendee {
    /// What others see.
    pub name: Option<String>,
    /// Whether the bot can write to them, as far as it has tried.
    pub reachable: Option<bool>,
}
