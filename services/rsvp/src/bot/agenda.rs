//! What somebody's days hold, and answers from the list of what waits for them.

use chrono::{Datelike as _, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use televent_calendar::PartStat;
use televent_conversation::Screen;
use televent_store::PressRecord;
use televent_telegram::{CardButton, CardWish, Press, Sender};
use uuid::Uuid;

use super::{Reply, Turn};
use crate::apply::{Apply, ApplyError, press};

/// Days of `/agenda`, and of a week.
const WEEK: u16 = 7;

/// Which days somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// From today on.
    Coming,
    Today,
    /// From Monday to Sunday.
    Week,
}

pub(super) fn agenda(turn: &Turn<'_>, asked: Asked) -> Reply {
    if !turn.person.has_account {
        return Reply::with(Screen::NoAccount).ending();
    }
    let zone = turn.person.zone().unwrap_or(Tz::UTC);
    let today = Utc::now().with_timezone(&zone).date_naive();
    let (from, days) = days(asked, today);
    Reply::with(Screen::Agenda { from, days }).ending()
}

fn days(asked: Asked, today: NaiveDate) -> (NaiveDate, u16) {
    match asked {
        Asked::Coming => (today, WEEK),
        Asked::Today => (today, 1),
        Asked::Week => {
            let since_monday = today.weekday().num_days_from_monday();
            let monday = today.checked_sub_days(Days::new(since_monday.into()));
            (monday.unwrap_or(today), WEEK)
        }
    }
}

/// An invitation of the list is answered as by its card; then the list shows what still waits.
pub(super) async fn answer(
    apply: &Apply,
    record: &PressRecord,
    from: &Sender,
    pressed: &Press,
    (event_id, recurrence_id, answer): (Uuid, String, PartStat),
) -> Result<(), ApplyError> {
    let button = CardButton {
        event_id,
        recurrence_id,
        wish: CardWish::Answer(answer),
    };
    // The list is no copy of the card.
    let of_no_card = Press {
        message: None,
        ..pressed.clone()
    };
    press::apply(apply, record, from, &of_no_card, &button).await?;
    if let Some((_, message_id)) = pressed.message {
        let first_page =
            serde_json::to_value(Screen::Pending { page: 0 }).map_err(ApplyError::Json)?;
        apply
            .store
            .show_again(record.telegram_id, message_id, &first_page)
            .await?;
        apply.relay.wake();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_its_monday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (today, monday) in [
            ("2027-01-11", "2027-01-11"),
            ("2027-01-13", "2027-01-11"),
            ("2027-01-17", "2027-01-11"),
            ("2027-01-01", "2026-12-28"),
        ] {
            assert_eq!(days(Asked::Week, day(today)), (day(monday), WEEK));
            assert_eq!(days(Asked::Today, day(today)), (day(today), 1));
        }
    }
}
