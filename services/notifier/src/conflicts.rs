//! What else the reader of a card has at the time of its event, in all of their calendars.

use chrono::Utc;
use televent_calendar::{
    CalendarObject, CalendarUserAddress, Component, Conflict, TelegramUserId, Zone, conflicts,
    taken_times, zone_of_calendar,
};

use crate::{
    card::Reading,
    deliver::{DeliverError, Notifier},
};

/// Things that are named: more would not make a choice any other.
const MAX_CONFLICTS: usize = 2;

/// Objects that are read at once.
const PAGE_OBJECTS: i64 = 100;

/// Objects that are compared at most, for one card: a card is no place to read a whole archive for.
const MAX_PAGES: usize = 5;

impl Notifier {
    /// The first ones; none for what is over. The meeting's own copy does not count.
    pub(crate) async fn conflicts(
        &self,
        object: &CalendarObject,
        component: &Component,
        reader: TelegramUserId,
        reading: Reading,
    ) -> Result<Vec<Conflict>, DeliverError> {
        let floating = Zone::Named(reading.zone_or_utc());
        let times = taken_times(object, component, &floating, Utc::now());
        let (Some(start), Some(end)) = (
            times.iter().map(|time| time.start).min(),
            times.iter().map(|time| time.end).max(),
        ) else {
            return Ok(Vec::new());
        };
        let who = [CalendarUserAddress::internal(reader, &self.domain)];
        let mut found: Vec<Conflict> = Vec::new();
        let mut after = None;
        for _ in 0..MAX_PAGES {
            let page = self
                .store
                .busy_candidates(reader, start, end, after, PAGE_OBJECTS)
                .await?;
            after = page.rows.last().map(|last| last.id);
            for candidate in page.rows {
                let zone = zone_of_calendar(
                    candidate.time_zone_id.as_deref(),
                    candidate.time_zone.as_deref(),
                    candidate.owner_time_zone.as_deref(),
                );
                let other = CalendarObject::from_stored(candidate.object)?;
                if other.uid() != object.uid() {
                    found.extend(conflicts(&other, &zone, &who, &times, MAX_CONFLICTS));
                }
            }
            if page.is_last {
                break;
            }
        }
        found.sort();
        found.truncate(MAX_CONFLICTS);
        Ok(found)
    }
}
