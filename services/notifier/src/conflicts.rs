//! What else the reader of a card has at the time of its event, in all of their calendars.

use chrono::{DateTime, Utc};
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

/// Objects that are read at first, and at once afterwards: mostly there are none or few at the time of an event.
const FIRST_OBJECTS: i64 = 4;
const PAGE_OBJECTS: i64 = 100;

/// Pages that are compared at most, for one card: a card is no place to read a whole archive for.
const MAX_PAGES: usize = 6;

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
            let limit = after.map_or(FIRST_OBJECTS, |_| PAGE_OBJECTS);
            let page = self
                .store
                .busy_candidates(reader, start, end, after, limit)
                .await?;
            after = page.rows.last().map(|last| last.position);
            for candidate in page.rows {
                if are_first(&found, candidate.position.first_occurrence) {
                    return Ok(found);
                }
                let zone = zone_of_calendar(
                    candidate.time_zone_id.as_deref(),
                    candidate.time_zone.as_deref(),
                    candidate.owner_time_zone.as_deref(),
                );
                let other = CalendarObject::from_stored(candidate.object)?;
                if other.uid() != object.uid() {
                    found.extend(conflicts(&other, &zone, &who, &times, MAX_CONFLICTS));
                    found.sort();
                    found.truncate(MAX_CONFLICTS);
                }
            }
            if page.is_last {
                break;
            }
        }
        Ok(found)
    }
}

/// Whether nothing that begins at `next` or later comes before what was found.
fn are_first(found: &[Conflict], next: Option<DateTime<Utc>>) -> bool {
    let last = found.get(MAX_CONFLICTS - 1);
    last.zip(next)
        .is_some_and(|(last, next)| last.start <= next)
}

#[cfg(test)]
mod tests {
    use chrono::{DurationRound as _, TimeDelta};

    use super::*;

    #[test]
    fn search_ends_when_what_follows_can_only_come_later() {
        let now = Utc::now().duration_trunc(TimeDelta::hours(1)).unwrap();
        let hour = |n| now + TimeDelta::hours(n);
        let at = |start: i64| Conflict {
            start: hour(start),
            end: hour(start + 1),
            title: None,
            is_all_day: false,
        };
        assert!(!are_first(&[], Some(hour(9))));
        assert!(!are_first(&[at(1)], Some(hour(9))));
        let two = [at(1), at(3)];
        assert!(!are_first(&two, Some(hour(2))));
        assert!(are_first(&two, Some(hour(3))));
        // A series without a beginning may have an instance at any time.
        assert!(!are_first(&two, None));
    }
}
