//! Steps of a dialog: what somebody is asked at present, and so what their next message answers.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Asked, EventDraft};

/// What somebody is asked at present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Their time zone: a city by name, or a place.
    TimeZone,
    /// The same, for an event that they have written before.
    TimeZoneForEvent {
        /// What they have written.
        message: String,
    },
    /// Whether their account shall be deleted: by a button, which is of no use once they are asked something else.
    DeleteAccount,
    /// Something of a new event.
    Event {
        /// What is known of it.
        draft: EventDraft,
        /// What their next message answers.
        asked: Asked,
    },
    /// Whom to invite to an event.
    Invite {
        /// The event.
        event_id: Uuid,
    },
}
