//! Postgres, the only system of record. The one crate with SQL: a file for each aggregate.
//!
//! Every write that the world must hear of adds its outbox rows in the same statement, and every
//! precondition stands in a `WHERE` clause, so that what was decided on is what is changed.
//! What to write is decided elsewhere, in `televent-calendar`.

mod account_removal;
mod agenda;
mod answers;
mod attendees;
mod calendar_writes;
mod calendars;
mod cards;
mod chat_messages;
mod collection_properties;
mod connections;
mod dead_letters;
mod device_links;
mod devices;
mod digest;
mod error;
mod event_creation;
mod event_writes;
mod events;
mod feeds;
mod figures;
mod free_busy;
mod leases;
mod listing;
mod meetings;
mod moves;
mod outbox;
mod own_events;
mod owner_put;
mod owner_removal;
mod paces;
mod pool;
mod premises;
mod principals;
mod purge;
mod received_updates;
mod restored;
mod scheduling;
mod secret;
mod server;
mod sync;
mod troubled_messages;
mod users;
mod work;

pub use account_removal::AccountContents;
pub use agenda::{AgendaObject, PendingInvitation};
pub use answers::{MAX_COPIES, PressRecord, PressState, Pressed, PressedCard, PressedMessage};
pub use calendar_writes::{CreateCalendarOutcome, MAX_CALENDARS, MoveCalendarOutcome, NewCalendar};
pub use calendars::{
    Calendar, CalendarProperties, CalendarSize, DEFAULT_CALENDAR_SLUG, DeadProperty, INBOX_SLUG,
    MAX_OWNER_BYTES,
};
pub use cards::{
    Card, CardCopy, CardKey, CardLease, CardRecord, CardRequest, CardState, CardSubject,
    KnownAttendee, SentCard,
};
pub use chat_messages::{ChatLease, ChatMessage, DialogChange, NewChatMessage, UpdateOutcome};
pub use collection_properties::OwnCollection;
pub use dead_letters::{DeadLetter, EarlierLetter, NewDeadLetter, RetryOutcome, Tries};
pub use device_links::{InvalidSetupToken, LINK_LASTS, LinkState, SetupLink, SetupToken, UsedLink};
pub use devices::{
    Asker, Device, DeviceApp, DeviceSecret, InvalidDeviceSecret, MAX_DEVICES, OwnPlace,
    PrepareDeviceOutcome,
};
pub use digest::digest;
pub use error::StoreError;
pub use event_writes::{NewEvent, ObjectWrite, RemoveOutcome, WriteOutcome};
pub use events::{Event, EventSummary, Slot};
pub use feeds::{Feed, FeedSecret, InvalidFeedSecret};
pub use figures::{DeadLetterHead, DeadLetterKind, Figures, PoolUse};
pub use free_busy::FreeBusyVisibility;
pub use leases::Lease;
pub use listing::{
    CandidatePage, CandidateQuery, NamedObjects, PAGE_BYTES, Page, PageEnd, StoredObject,
};
pub use meetings::{CopyRow, MeetingKey, MeetingRows, OrganizerRow, PersonRow};
pub use moves::{EventMove, MoveOutcome, Replaced};
pub use outbox::{
    Claim, HOUSEKEEPING_BATCH, Notice, NoticeKind, NoticeSubject, SHORTEST_DEFERRAL, SWEEP_AFTER,
    Urgency,
};
pub use own_events::{EventPlace, OwnEvent};
pub use owner_put::{OwnerPut, OwnerPutError, OwnerWritten};
pub use owner_removal::{OwnerRemoval, OwnerRemoved};
pub use paces::{Pace, PaceRequest};
pub use pool::{MAX_CONNECTIONS, SchemaState, Store};
pub use premises::{Premises, Recalled};
pub use principals::{BusyObject, BusyPosition, Directory, PrincipalInfo};
pub use purge::{KEEP_DELETED, KEEP_MESSAGES, KEEP_TOMBSTONES};
pub use received_updates::ReceivedUpdate;
pub use restored::Restored;
pub use scheduling::{OrganizerWrite, SchedulingWrite};
pub use sync::{Change, ChangeKind};
pub use troubled_messages::{BrokenTry, MessageKey, Trouble};
pub use users::{NewUser, Person, PickedPerson, Pings, User};
pub use work::while_others_go_on;
