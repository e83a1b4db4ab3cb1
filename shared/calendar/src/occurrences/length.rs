//! How long an instance takes: what DTEND, DUE or DURATION of one say of all (RFC 5545 section 3.8.5.3).

use chrono::{DateTime, Days, NaiveDateTime, TimeDelta, Utc};

use super::form::Form;
use crate::object::ComponentKind;
use crate::time::{Duration, Moment, Zone};

/// More days than any calendar has.
const MAX_DAYS: u64 = 1_000_000_000;

/// The time from the start to the end.
#[derive(Debug, Clone)]
pub(super) enum Length {
    /// Nothing says it.
    Unsaid,
    /// Days of the calendar, for something that begins on a day.
    Days(u64),
    /// As DTEND and DUE say it: exact, and shown in a zone of its own if there is one.
    Exact {
        delta: TimeDelta,
        zone: Option<Zone>,
    },
    /// As DURATION says it: days of the calendar, and then exact.
    Nominal(Duration),
}

impl Length {
    /// From the properties of a component. An end before the start says nothing.
    pub(super) fn new(
        kind: ComponentKind,
        start: &Moment,
        end: Option<&Moment>,
        duration: Option<Duration>,
    ) -> Self {
        match (start, end, duration) {
            (Moment::Date(start), Some(end), _) => {
                let days = end.date().signed_duration_since(*start).num_days();
                // A time on the last day takes that day, too.
                let days = days + i64::from(!matches!(end, Moment::Date(_)));
                // Events without a length take their day; to-dos may be due at its beginning.
                let least = i64::from(kind != ComponentKind::Todo);
                match u64::try_from(days) {
                    Ok(count) if days >= least => Self::Days(count),
                    _ => Self::Unsaid,
                }
            }
            (Moment::Date(_), None, Some(duration)) => Self::Days(duration.whole_days()),
            (start, Some(end), _) => Self::between(start, end),
            (_, None, Some(duration)) if duration.nominal() >= TimeDelta::zero() => {
                Self::Nominal(duration)
            }
            _ => Self::Unsaid,
        }
    }

    fn between(start: &Moment, end: &Moment) -> Self {
        let (delta, zone) = match (start, end) {
            (
                Moment::Zoned { local, zone },
                Moment::Zoned {
                    local: end,
                    zone: end_zone,
                },
            ) => (
                end_zone.to_utc(*end) - zone.to_utc(*local),
                Some(end_zone.clone()),
            ),
            // RFC 5545 section 3.8.2.2 wants the form of DTSTART; a bare time can only mean its zone.
            (Moment::Zoned { local, zone }, end) => {
                (zone.to_utc(end.local()) - zone.to_utc(*local), None)
            }
            (start, end) => (end.local() - start.local(), None),
        };
        if delta < TimeDelta::zero() {
            Self::Unsaid
        } else {
            Self::Exact { delta, zone }
        }
    }

    /// The end of an instance that begins at this local time in this form, as it would be written and as an instant.
    /// `None` if nothing says it, or if it is beyond all calendars.
    pub(super) fn end(
        &self,
        form: &Form,
        start: NaiveDateTime,
        floating: &Zone,
    ) -> Option<(Moment, DateTime<Utc>)> {
        let in_days = |days: u64| start.checked_add_days(Days::new(days));
        match (self, form) {
            (Self::Unsaid, _) => None,
            (Self::Days(days), form) => {
                let end = in_days(*days)?;
                Some((form.moment(end), form.to_utc(end, floating)))
            }
            (Self::Exact { delta, zone }, Form::Zoned(own)) => {
                let at = own.to_utc(start).checked_add_signed(*delta)?;
                Some((zoned(at, zone.as_ref().unwrap_or(own)), at))
            }
            (Self::Exact { delta, .. }, form) => {
                let end = start.checked_add_signed(*delta)?;
                Some((form.moment(end), form.to_utc(end, floating)))
            }
            (Self::Nominal(duration), Form::Zoned(own)) => {
                let day = duration.add_days(start)?;
                let at = own.to_utc(day).checked_add_signed(duration.exact())?;
                Some((zoned(at, own), at))
            }
            (Self::Nominal(duration), form) => {
                let day = duration.add_days(start)?;
                let end = day.checked_add_signed(duration.exact())?;
                Some((form.moment(end), form.to_utc(end, floating)))
            }
        }
    }

    /// The local time before which whatever begins has ended before an instant.
    pub(super) fn earliest_start(
        &self,
        form: &Form,
        end: DateTime<Utc>,
        floating: &Zone,
    ) -> NaiveDateTime {
        let zone = form.zone(floating);
        let days =
            |days: u64| TimeDelta::days(i64::try_from(days.min(MAX_DAYS)).unwrap_or_default());
        // Exact time passes on the clocks of UTC where there is a zone, on one's own otherwise.
        let (exact, nominal) = match (self, form) {
            // What begins on a day takes it.
            (Self::Unsaid, Form::Date) => (TimeDelta::zero(), days(1)),
            (Self::Unsaid, _) => (TimeDelta::zero(), TimeDelta::zero()),
            (Self::Days(count), _) => (TimeDelta::zero(), days(*count)),
            (Self::Exact { delta, .. }, Form::Zoned(_)) => (*delta, TimeDelta::zero()),
            (Self::Exact { delta, .. }, _) => (TimeDelta::zero(), *delta),
            (Self::Nominal(duration), Form::Zoned(_)) => {
                (duration.exact(), duration.nominal() - duration.exact())
            }
            (Self::Nominal(duration), _) => (TimeDelta::zero(), duration.nominal()),
        };
        let before = end
            .checked_sub_signed(exact)
            .map_or(NaiveDateTime::MIN, |end| zone.earliest_local(end));
        before
            .checked_sub_signed(nominal)
            .unwrap_or(NaiveDateTime::MIN)
    }
}

fn zoned(at: DateTime<Utc>, zone: &Zone) -> Moment {
    Moment::Zoned {
        local: zone.to_local(at),
        zone: zone.clone(),
    }
}
