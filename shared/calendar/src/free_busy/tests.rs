//! Tests of busy time.

use std::ops::Range;

use super::*;
use crate::address::CalendarUserAddress;
use crate::calendar_data::TooManyInstances;
use crate::object::CalendarObject;
use crate::rfc4791::{RESOURCES, at, component, components, eastern, object};
use crate::time::{Zone, utc_text};

mod availability;
mod gathered;
mod requests;

fn span(start: &str, end: &str) -> Range<DateTime<Utc>> {
    at(start)..at(end)
}

fn addresses(written: &[&str]) -> Vec<CalendarUserAddress> {
    let address = |text: &&str| CalendarUserAddress::parse(text).unwrap();
    written.iter().map(address).collect()
}

/// Each period as the day and hour of its ends, with the first letter of its type.
fn shown(periods: &[BusyPeriod]) -> Vec<String> {
    let instant = |at: DateTime<Utc>| at.format("%dT%H%M").to_string();
    let letter = |busy: BusyType| match busy {
        BusyType::Busy => 'B',
        BusyType::Unavailable => 'U',
        BusyType::Tentative => 'T',
    };
    periods
        .iter()
        .map(|period| {
            format!(
                "{} {}/{}",
                letter(period.busy),
                instant(period.start),
                instant(period.end)
            )
        })
        .collect()
}
