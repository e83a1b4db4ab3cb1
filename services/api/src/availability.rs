//! CALDAV:calendar-availability (RFC 7953 section 7.2): when the owner of an inbox can be met at all. It is kept as it was
//! sent, among the properties of the inbox that mean nothing to the server, and counts in what others are told.

use televent_calendar::{Availability, TelegramUserId};
use televent_store::{DeadProperty, OwnCollection, Store};

use crate::{
    error::ApiError,
    xml::{self, CALDAV, Element, Name},
};

/// The property.
pub(crate) const NAME: Name<'static> = CALDAV.name("calendar-availability");

/// Largest value, in bytes: a week with its exceptions and a time zone has some kilobytes.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// Takes the property out of those of an inbox.
pub(crate) fn take(properties: &mut Vec<DeadProperty>) -> Option<DeadProperty> {
    let place = properties.iter().position(is_it)?;
    Some(properties.remove(place))
}

/// What an element of this name says; `None` if it is not valid.
pub(crate) fn read(value: &Element) -> Option<Availability> {
    Availability::parse(value.text().trim().as_bytes()).ok()
}

/// When somebody is available, if they have said it. What was stored before it had a meaning, and has none, is passed over.
pub(crate) async fn of_account(
    store: &Store,
    owner: TelegramUserId,
) -> Result<Option<Availability>, ApiError> {
    let properties = store
        .collection_properties(owner, OwnCollection::Inbox)
        .await?;
    let fragment = properties.iter().find(|property| is_it(property));
    let value = fragment.and_then(|fragment| xml::parse(fragment.xml.as_bytes()).ok());
    Ok(value.as_ref().and_then(read))
}

fn is_it(property: &DeadProperty) -> bool {
    property.namespace == NAME.namespace && property.name == NAME.local
}
