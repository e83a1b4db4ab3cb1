//! The invitation that the printed curl line sends.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::{Days, NaiveTime, Utc};
use icalendar::{Calendar, Component as _, Event, EventLike as _, Property};
use televent_calendar::CalendarUserAddress;
use televent_runtime::config::Config;

use super::people::People;

/// Where it is, and where it goes.
pub(super) struct Sample {
    pub(super) file: PathBuf,
    pub(super) url: String,
    pub(super) data_dir: PathBuf,
}

/// Writes lunch of tomorrow, from the organizer to the friend.
pub(super) fn write(data_dir: &Path, config: &Config, people: &People) -> anyhow::Result<Sample> {
    let friend = CalendarUserAddress::internal(people.friend.id()?, &config.internal_domain);
    let tomorrow = Utc::now().date_naive() + Days::new(1);
    let noon = tomorrow.and_time(NaiveTime::MIN) + chrono::Duration::hours(12);
    let event = Event::new()
        .uid("lunch@televent.example")
        .summary("Lunch")
        .location("Café Central")
        .starts(noon.and_utc())
        .ends((noon + chrono::Duration::hours(1)).and_utc())
        .append_multi_property(
            Property::new("ATTENDEE", friend.to_cal_address())
                .add_parameter("RSVP", "TRUE")
                .done(),
        )
        .done();
    let file = data_dir.join("lunch.ics");
    fs::write(&file, Calendar::new().push(event).done().to_string())?;
    let server = config.public_url.as_str().trim_end_matches('/');
    Ok(Sample {
        file,
        url: format!(
            "{server}/dav/calendars/{}/default/lunch.ics",
            people.organizer.telegram_id
        ),
        data_dir: data_dir.to_owned(),
    })
}
