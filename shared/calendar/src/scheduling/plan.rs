//! What a change of a meeting means: everything that one transaction writes.

use std::collections::BTreeSet;

use super::{AttendeeRow, Message};
use crate::address::TelegramUserId;
use crate::object::CalendarObject;

/// What to write where, and whom to tell. Empty means that there is nothing to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The organizer's object, if it changes.
    pub organizer: Option<Stored>,
    /// What becomes of copies; at most one change for each person.
    pub copies: Vec<CopyChange>,
    /// What is put into inboxes. It takes the place of what was said there of the meeting before.
    pub messages: Vec<Message>,
    /// Whose inbox says nothing of the meeting any more, since they have answered.
    pub read: BTreeSet<TelegramUserId>,
    /// Who is asked from now on: by recurrence key. An answer to what was asked before does not count.
    pub asked: Vec<(String, TelegramUserId)>,
    /// Who has answered now, and for which components of the organizer's object.
    pub answered: Option<(TelegramUserId, Vec<String>)>,
    /// Whose cards may be stale, or are new.
    pub stale_cards: BTreeSet<TelegramUserId>,
    /// Whether the organizer's tally of the answers may be stale.
    pub stale_tally: bool,
    /// Who gets a new card even if there is one.
    pub resent: BTreeSet<TelegramUserId>,
    /// Instances that have cards of their own: by person and recurrence key.
    pub instance_cards: BTreeSet<(TelegramUserId, String)>,
}

impl Plan {
    /// Whether somebody's card may be stale.
    pub fn tells_somebody(&self) -> bool {
        self.stale_tally || !self.stale_cards.is_empty()
    }
}

/// What is stored of the organizer's object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The object.
    pub object: CalendarObject,
    /// Its attendees.
    pub attendees: Vec<AttendeeRow>,
}

/// What becomes of one person's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyChange {
    /// Whose it is.
    pub of: TelegramUserId,
    /// What becomes of it.
    pub write: CopyWrite,
}

/// What becomes of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyWrite {
    /// There is none yet: it goes into the calendar that they have chosen for invitations (RFC 6638 section 4.3).
    Create(CalendarObject),
    /// It says this from now on.
    Replace {
        /// The copy.
        object: CalendarObject,
        /// Whether its schedule tag changes: not if only others have answered (RFC 6638 section 3.2.10).
        changes_schedule_tag: bool,
    },
    /// It goes.
    Remove,
}
