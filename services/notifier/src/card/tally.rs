//! The organizer's card: who has answered what. One message an event, edited as answers come.

use std::collections::{HashMap, HashSet};

use chrono_tz::Tz;
use televent_calendar::{Attendee, CalendarObject, InternalDomain, PartStat, TelegramUserId};

use super::{
    Rendered,
    text::{MAX_NAME, line, title},
    when::when,
};

/// Attendees that are named; the counts are of all.
const MAX_NAMED: usize = 20;

/// Renders the tally. `names` are those under which we know people, for attendees without a CN.
pub(crate) fn tally(
    object: &CalendarObject,
    organizer: TelegramUserId,
    cancelled: bool,
    names: &HashMap<TelegramUserId, String>,
    domain: &InternalDomain,
    zone: Option<Tz>,
) -> Rendered {
    let component = object.master_or_first();
    // Somebody in several instances is told once.
    let mut seen = HashSet::new();
    let guests: Vec<Attendee> = object
        .attendees()
        .into_iter()
        .filter(|attendee| attendee.address.telegram_user_id(domain) != Some(organizer))
        .filter(|attendee| seen.insert(attendee.address.clone()))
        .collect();
    let title = title(component.summary.as_deref());
    let mut lines = vec![if cancelled {
        format!("❌ Cancelled: <s>{title}</s>")
    } else {
        format!("📊 <b>{title}</b>")
    }];
    if let Some(start) = &component.start {
        lines.push(format!("🕒 {}", when(start, zone)));
    }
    lines.push(String::new());
    for guest in guests.iter().take(MAX_NAMED) {
        let (sign, word) = answer(&guest.part_stat);
        lines.push(format!("{sign} {} {word}", name(guest, names, domain)));
    }
    if guests.len() > MAX_NAMED {
        lines.push(format!("… and {} more", guests.len() - MAX_NAMED));
    }
    let count = |sign: &str| {
        guests
            .iter()
            .filter(|guest| answer(&guest.part_stat).0 == sign)
            .count()
    };
    lines.push(String::new());
    lines.push(format!(
        "{} yes · {} no · {} maybe · {} waiting",
        count(YES),
        count(NO),
        count(MAYBE),
        count(WAITING)
    ));
    Rendered {
        html: lines.join("\n"),
        keyboard: Vec::new(),
    }
}

/// Whether any of those who can answer by a card has: before that there is nothing to tell.
pub(crate) fn has_answers(
    object: &CalendarObject,
    organizer: TelegramUserId,
    domain: &InternalDomain,
) -> bool {
    object.attendees().iter().any(|attendee| {
        attendee.part_stat != PartStat::NeedsAction
            && attendee
                .address
                .telegram_user_id(domain)
                .is_some_and(|id| id != organizer)
    })
}

const YES: &str = "✅";
const NO: &str = "❌";
const MAYBE: &str = "❔";
const WAITING: &str = "⏳";

const fn answer(part_stat: &PartStat) -> (&'static str, &'static str) {
    match part_stat {
        PartStat::Accepted | PartStat::Completed | PartStat::InProcess => (YES, "accepted"),
        PartStat::Declined => (NO, "declined"),
        PartStat::Tentative => (MAYBE, "may come"),
        PartStat::Delegated => (NO, "delegated it"),
        PartStat::NeedsAction | PartStat::Other(_) => (WAITING, "has not answered"),
    }
}

fn name(
    guest: &Attendee,
    names: &HashMap<TelegramUserId, String>,
    domain: &InternalDomain,
) -> String {
    let known = guest
        .address
        .telegram_user_id(domain)
        .and_then(|id| names.get(&id));
    let name = guest
        .common_name
        .as_ref()
        .filter(|name| !name.trim().is_empty())
        .or(known)
        .map_or(guest.address.as_str(), String::as_str);
    line(name, MAX_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(attendees: &str) -> CalendarObject {
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
             DTSTAMP:20270101T000000Z\r\nDTSTART:20270115T080000Z\r\nSUMMARY:Plan\r\n\
             ORGANIZER:mailto:tg_1@televent.internal\r\n{attendees}END:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        CalendarObject::parse(text.into_bytes()).unwrap()
    }

    fn render(attendees: &str) -> String {
        let organizer = TelegramUserId::new(1).unwrap();
        let names = HashMap::from([(TelegramUserId::new(3).unwrap(), "Bo".to_owned())]);
        let domain = InternalDomain::default();
        tally(&object(attendees), organizer, false, &names, &domain, None).html
    }

    #[test]
    fn answers_are_counted_and_named() {
        let html = render(
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_1@televent.internal\r\n\
             ATTENDEE;CN=Kirill;PARTSTAT=ACCEPTED:mailto:tg_2@televent.internal\r\n\
             ATTENDEE;PARTSTAT=DECLINED:mailto:tg_3@televent.internal\r\n\
             ATTENDEE:mailto:eve@example.org\r\n",
        );
        assert_eq!(
            html,
            "📊 <b>Plan</b>\n🕒 Fri 15 Jan 2027, 08:00 (UTC)\n\n\
             ✅ Kirill accepted\n❌ Bo declined\n⏳ eve@example.org has not answered\n\n\
             1 yes · 1 no · 0 maybe · 1 waiting"
        );
    }

    #[test]
    fn there_is_no_tally_before_the_first_answer() {
        let waiting = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_1@televent.internal\r\n\
                       ATTENDEE:mailto:tg_2@televent.internal\r\n";
        let organizer = TelegramUserId::new(1).unwrap();
        let domain = InternalDomain::default();
        assert!(!has_answers(&object(waiting), organizer, &domain));
        let answered = waiting.replace("ATTENDEE:", "ATTENDEE;PARTSTAT=DECLINED:");
        assert!(has_answers(&object(&answered), organizer, &domain));
    }

    #[test]
    fn a_long_list_is_capped_and_says_so() {
        let many: String = (2..52)
            .map(|id| format!("ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_{id}@televent.internal\r\n"))
            .collect();
        let html = render(&many);
        assert!(html.contains("… and 30 more"), "{html}");
        assert!(
            html.ends_with("50 yes · 0 no · 0 maybe · 0 waiting"),
            "{html}"
        );
    }
}
