//! How a component repeats, for those who tell it in words.

use chrono::{Days, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::form::Form;
use super::series::{Series, SeriesRule};
use crate::content_line::{Property, line_at};
use crate::object::{CalendarObject, Component};
use crate::recurrence::{Budget, Instances, Rule};

/// How many days UNTIL may be after the last day that it allows: it is later in the day than its instant in another zone,
/// and a zone may skip a day.
const DAYS_TO_LAST: u64 = 3;

/// How a component repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repetition {
    /// The local time of the first instance; midnight of its day, if it takes whole days.
    pub start: NaiveDateTime,
    /// The zone of the local times. `None` if they are in no zone: days, and floating times.
    pub zone: Option<Tz>,
    /// The rule, where it alone says of all instances when they are, the first one among them. `None` with several RRULEs,
    /// with RDATE or EXRULE, if the rule can't be followed, if DTSTART does not match it, if the zone has no name, or if it
    /// ends before it begins.
    pub rule: Option<Rule>,
    /// When the rule ends.
    pub end: RepetitionEnd,
    /// Whether EXDATE takes instances away.
    pub has_exceptions: bool,
}

/// When a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepetitionEnd {
    /// It does not.
    Never,
    /// COUNT: after so many instances, with the first one and those that EXDATE takes away.
    Count(u64),
    /// UNTIL: the last day that has an instance, if the rule gives it one at the time of day of the first.
    Day(NaiveDate),
}

impl CalendarObject {
    /// How one of its components repeats. `None` for one that does not, and for a changed instance.
    pub fn repetition(&self, component: &Component) -> Option<Repetition> {
        if !component.repeats || component.recurrence_id.is_some() {
            return None;
        }
        let series = Series::read(self, component, &self.zones())?;
        let zone = match &series.form {
            Form::Zoned(zone) => zone.tz(),
            Form::Date | Form::Floating { .. } => None,
        };
        let only = only_rule(self, component, &series).and_then(|only| {
            let end = series.end_of(only)?;
            Some((only.rule.clone(), end))
        });
        let (rule, end) = match only {
            Some((rule, end)) => (Some(rule), end),
            None => (None, RepetitionEnd::Never),
        };
        Some(Repetition {
            start: series.start,
            zone,
            rule,
            end,
            has_exceptions: !series.excluded.is_empty(),
        })
    }
}

/// The rule that alone says when the instances are.
fn only_rule<'a>(
    object: &CalendarObject,
    component: &Component,
    series: &'a Series,
) -> Option<&'a SeriesRule> {
    let mut rules = 0;
    for span in &component.timing.recurrence_lines {
        let text = line_at(object.as_bytes(), span).unfolded();
        let property = Property::parse(text).ok()?;
        if property.is("RRULE") {
            rules += 1;
        } else if !property.is("EXDATE") {
            return None;
        }
    }
    let [only] = series.rules.as_slice() else {
        return None;
    };
    let has_name = !matches!(&series.form, Form::Zoned(zone) if zone.tz().is_none());
    (rules == 1 && has_name && series.is_matched_by(&only.rule)).then_some(only)
}

impl Series {
    /// Whether a rule gives the first instance, too.
    fn is_matched_by(&self, rule: &Rule) -> bool {
        let mut instances = Instances::matching(rule, self.start, self.start, self.start);
        instances.next(&mut Budget::default()) == Some(self.start)
    }

    /// When a rule ends. `None` if it does so before the first instance, or in two ways.
    fn end_of(&self, rule: &SeriesRule) -> Option<RepetitionEnd> {
        match (rule.rule.count, &rule.rule.until) {
            (None, None) => Some(RepetitionEnd::Never),
            (Some(count), None) => Some(RepetitionEnd::Count(count)),
            (None, Some(_)) => self.last_day(rule).map(RepetitionEnd::Day),
            (Some(_), Some(_)) => None,
        }
    }

    fn last_day(&self, rule: &SeriesRule) -> Option<NaiveDate> {
        let until = rule.until?;
        let is_allowed = |day: &NaiveDate| {
            let local = day.and_time(self.start.time());
            local <= until
                && rule
                    .last_key
                    .is_none_or(|last| self.form.key(local) <= last)
        };
        let days = (0..=DAYS_TO_LAST)
            .filter_map(|before| until.date().checked_sub_days(Days::new(before)));
        let last = days.into_iter().find(is_allowed)?;
        (last >= self.start.date()).then_some(last)
    }
}
