//! One file for each method.

mod acl;
mod copy;
mod delete;
mod get;
mod make_calendar;
mod move_resource;
mod options;
mod post;
mod property_update;
mod propfind;
mod proppatch;
mod put;

pub(crate) use acl::acl;
pub(crate) use copy::copy;
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use make_calendar::{mkcalendar, mkcol, not_a_place_for_a_calendar};
pub(crate) use move_resource::move_resource;
pub(crate) use options::{ALLOWED_ON_NOTHING, DAV_CLASSES, allowed, is_allowed, options};
pub(crate) use post::post;
pub(crate) use propfind::propfind;
pub(crate) use proppatch::proppatch;
pub(crate) use put::put;

#[cfg(feature = "fuzzing")]
pub(crate) use {
    copy::header_of as destination_of,
    property_update::{change_calendar, change_inbox, changes, write_propstats},
    propfind::asked as asked_of_propfind,
    put::check_media_type,
};

use televent_calendar::{CalendarObject, Owner, TelegramUserId};
use televent_store::{Slot, Store, User};

use crate::{error::ApiError, xml::DAV};

/// How often a write is decided again because the resource changed in between.
pub(crate) const MAX_WRITE_TRIES: usize = 8;

/// Clients lack the privilege to bind in the inbox: the server alone delivers messages (RFC 6638 section 2.2).
pub(crate) fn not_for_clients_to_deliver() -> ApiError {
    ApiError::forbidden(
        DAV.name("need-privileges"),
        "what is in the inbox is delivered by the server; it can be read and deleted",
    )
}

/// What is at a place of the asker's, by owner, slug and name: as it was seen when it was asked for, or else as it is now.
pub(crate) async fn slot_at(
    store: &Store,
    (owner, slug, name): (TelegramUserId, &str, &str),
    seen: Option<Slot>,
) -> Result<Option<Slot>, ApiError> {
    match seen {
        Some(slot) => Ok(Some(slot)),
        None => Ok(store.slot(owner, slug, name).await?),
    }
}

/// The owner of a calendar as the scheduling rules know them.
pub(crate) fn owner_of(user: &User) -> Owner {
    Owner {
        telegram_id: user.telegram_id,
        common_name: user.name.clone(),
    }
}

/// Reads what was stored; it was read when it was stored, so failing now is a bug.
pub(crate) fn stored_object(bytes: Vec<u8>) -> Result<CalendarObject, ApiError> {
    CalendarObject::from_stored(bytes).map_err(ApiError::Corrupt)
}
