//! Tests of scheduling.

use super::upsert::{KnownPeople, upsert};
use super::*;
use crate::object::{AttendeeEdit, Edit, Scope};

mod answers;
mod asking;
mod cards;
mod changes;
mod copies;
mod hostile;
mod instances;
mod life;
mod meetings;
mod messages;
mod people;
mod refusals;
mod world;

const OWNER: i64 = 1_000;

fn id(id: i64) -> TelegramUserId {
    TelegramUserId::new(id).unwrap()
}

fn owner() -> Owner {
    Owner {
        telegram_id: id(OWNER),
        common_name: "Jo \"X\" Doe, Jr".to_owned(),
    }
}

fn domain() -> InternalDomain {
    InternalDomain::default()
}

/// A VEVENT of one hour with these further lines, separated by pipes: `SUMMARY:a|LOCATION:b`.
fn event(lines: &str) -> String {
    let lines: String = lines
        .split('|')
        .filter(|line| !line.is_empty())
        .map(|line| format!("{line}\n"))
        .collect();
    let times = ["DTSTART", "DTEND"]
        .iter()
        .zip(["20260105T100000Z", "20260105T110000Z"]);
    let times: String = times
        .filter(|(name, _)| {
            !lines.contains(&format!("{name}:")) && !lines.contains(&format!("{name};"))
        })
        .filter(|(name, _)| **name != "DTEND" || !lines.contains("DURATION:"))
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    format!("BEGIN:VEVENT\nUID:u\n{times}{lines}END:VEVENT\n")
}

fn object(components: &[&str]) -> CalendarObject {
    let events: String = components.iter().map(|lines| event(lines)).collect();
    CalendarObject::parse(
        format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n").into_bytes(),
    )
    .unwrap()
}

/// What the test's short names mean: `me`, `ann`, `bob`, `cat` and `dan` are internal, `eve` is not.
fn lines(text: &str) -> String {
    text.replace("@ORG", "ORGANIZER:mailto:tg_1000@televent.internal")
        .replace("@me", "mailto:tg_1000@televent.internal")
        .replace("@ann", "mailto:tg_1@televent.internal")
        .replace("@bob", "mailto:tg_2@televent.internal")
        .replace("@cat", "mailto:tg_3@televent.internal")
        .replace("@dan", "mailto:tg_4@televent.internal")
        .replace("@eve", "mailto:eve@example.org")
        .replace("A:", "ATTENDEE:")
        .replace("A;", "ATTENDEE;")
        .replace("PS=", "PARTSTAT=")
}

fn of(components: &[&str]) -> CalendarObject {
    let components: Vec<String> = components
        .iter()
        .map(|component| lines(component))
        .collect();
    object(&components.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Ann and Bob have accounts.
fn known_people() -> KnownPeople {
    let delivered = |who| (id(who), ScheduleStatus::Delivered);
    KnownPeople {
        delivery: [1, 2].map(delivered).into(),
        ..KnownPeople::default()
    }
}

fn put(old: Option<&CalendarObject>, sent: CalendarObject) -> Upsert {
    let upsert = upsert(old, (sent, false), &owner(), &domain(), &known_people());
    assert_rows_equal_object(&upsert);
    upsert
}

/// The invariant: each row says what the stored object says, read anew.
fn assert_rows_equal_object(upsert: &Upsert) {
    let stored = CalendarObject::parse(upsert.object.as_bytes().to_vec()).unwrap();
    assert_eq!(
        upsert.attendees,
        attendee_rows(&stored, &owner(), &domain())
    );
    let in_object: Vec<_> = stored
        .attendees()
        .into_iter()
        .map(|attendee| attendee.part_stat)
        .collect();
    let in_rows: Vec<_> = upsert
        .attendees
        .iter()
        .map(|row| row.part_stat.clone())
        .collect();
    assert_eq!(in_rows, in_object);
    assert!(
        upsert
            .newly_invited
            .iter()
            .all(|id| !upsert.stale_cards.contains(id))
    );
    assert!(
        upsert.newly_invited.is_sorted_by(|a, b| a < b)
            && upsert.stale_cards.is_sorted_by(|a, b| a < b)
    );
}

/// The object without what the server says of its messages to attendees.
fn unsaid(object: &CalendarObject) -> CalendarObject {
    let mut edit = Edit::of(object);
    edit.attendees(|_, _| AttendeeEdit {
        schedule_status: Some(None),
        ..AttendeeEdit::default()
    });
    edit.finish()
}

/// What an object says, to compare: a failed test shows text then, and not bytes.
fn text(object: &CalendarObject) -> String {
    unfolded(object.as_bytes())
}

fn unfolded(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    text.replace("\n ", "")
}

/// What a press does to the organizer's object.
#[derive(Debug, Clone, PartialEq)]
enum Answer {
    Changed(CalendarObject),
    Unchanged,
    NotInvited,
}

fn answer(object: &CalendarObject, who: i64, scope: &Scope, part_stat: &PartStat) -> Answer {
    let meeting = Meeting {
        organizer: owner(),
        object: Some(object.clone()),
        people: std::collections::BTreeMap::new(),
        domain: domain(),
    };
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    match meeting.answer(id(who), scope, part_stat, now) {
        None => Answer::NotInvited,
        Some(plan) => plan
            .organizer
            .map_or(Answer::Unchanged, |stored| Answer::Changed(stored.object)),
    }
}

fn press(object: &CalendarObject, who: i64, scope: &Scope, part_stat: &PartStat) -> CalendarObject {
    match answer(object, who, scope, part_stat) {
        Answer::Changed(object) => object,
        other => panic!("{other:?}"),
    }
}

fn accepted(object: &CalendarObject, who: i64) -> CalendarObject {
    press(object, who, &Scope::All, &PartStat::Accepted)
}

/// `[("", 1, "ACCEPTED")]`: the answers of those who are invited.
fn answers(upsert: &Upsert) -> Vec<(&str, i64, &str)> {
    let invited = upsert.attendees.iter().filter(|row| row.invited);
    invited
        .map(|row| {
            (
                row.recurrence_id.as_str(),
                row.telegram_id.unwrap().get(),
                row.part_stat.as_str(),
            )
        })
        .collect()
}

fn ids(ids: &[TelegramUserId]) -> Vec<i64> {
    ids.iter().map(|id| id.get()).collect()
}

/// `[("", 1)]`: who is asked, for the first time or anew.
fn asked(upsert: &Upsert) -> Vec<(&str, i64)> {
    let asked = upsert.asked.iter();
    asked.map(|(key, id)| (key.as_str(), id.get())).collect()
}
