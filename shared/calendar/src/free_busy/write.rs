//! VFREEBUSYs that this server writes.

use std::ops::Range;

use chrono::{DateTime, Utc};

use super::{BusyPeriod, FreeBusyRequest, Participant};
use crate::PRODUCT_ID;
use crate::content_line::{encode_parameter, push_line};
use crate::text::escape;
use crate::time::utc_text;

/// The answer to CALDAV:free-busy-query (RFC 4791 section 7.10): a VCALENDAR with one VFREEBUSY. `stamp` is the time of
/// the answer, and `uid` an identifier of its own, which RFC 5545 section 3.6.4 wants.
pub fn report(
    uid: &str,
    stamp: DateTime<Utc>,
    range: &Range<DateTime<Utc>>,
    periods: &[BusyPeriod],
) -> Vec<u8> {
    written(None, &escape(uid), stamp, range, &[], periods)
}

/// The answer about one attendee of a request (RFC 6638 section 5, RFC 5546 section 3.3.3): a VCALENDAR with METHOD:REPLY.
pub fn reply(
    request: &FreeBusyRequest,
    attendee: &Participant,
    stamp: DateTime<Utc>,
    periods: &[BusyPeriod],
) -> Vec<u8> {
    let people = [("ORGANIZER", &request.organizer), ("ATTENDEE", attendee)];
    // The UID is that of the request, escaped as it was.
    written(
        Some("REPLY"),
        &request.uid,
        stamp,
        &request.range,
        &people,
        periods,
    )
}

fn written(
    method: Option<&str>,
    uid: &str,
    stamp: DateTime<Utc>,
    range: &Range<DateTime<Utc>>,
    people: &[(&str, &Participant)],
    periods: &[BusyPeriod],
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut line = |text: &str| push_line(&mut file, text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line(&format!("PRODID:{PRODUCT_ID}"));
    if let Some(method) = method {
        line(&format!("METHOD:{method}"));
    }
    line("BEGIN:VFREEBUSY");
    line(&format!("UID:{uid}"));
    line(&format!("DTSTAMP:{}", utc_text(stamp)));
    line(&format!("DTSTART:{}", utc_text(range.start)));
    line(&format!("DTEND:{}", utc_text(range.end)));
    for (name, person) in people {
        let common_name = person.common_name.as_deref().map(encode_parameter);
        let common_name = common_name.map(|name| format!(";CN={name}"));
        let common_name = common_name.unwrap_or_default();
        line(&format!("{name}{common_name}:{}", person.written));
    }
    for period in periods {
        line(&format!(
            "FREEBUSY;FBTYPE={}:{}/{}",
            period.busy.as_str(),
            utc_text(period.start),
            utc_text(period.end)
        ));
    }
    line("END:VFREEBUSY");
    line("END:VCALENDAR");
    file
}
