//! Meetings of hostile objects: a script of what the organizer, an attendee's device and Telegram do, one after the other.
//! The steps stand between lines of `===`; the word behind them says who acts.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use televent_calendar::{
    CalendarObject, CopyWrite, InternalDomain, Meeting, Owner, PartStat, Person, Plan,
    ScheduleStatus, Scope,
};

use super::{now, person};

/// Between two steps.
const SEPARATOR: &str = "===";

/// Steps that are made.
const MAX_STEPS: usize = 12;

const ANSWERS: [PartStat; 3] = [PartStat::Accepted, PartStat::Declined, PartStat::Tentative];

/// Plays the script.
pub(crate) fn run(input: &[u8]) {
    let mut meeting = Meeting {
        organizer: Owner {
            telegram_id: person(1),
            common_name: "Ann; \"Lee\"".to_owned(),
        },
        object: None,
        people: BTreeMap::new(),
        domain: InternalDomain::default(),
    };
    let text = String::from_utf8_lossy(input);
    let steps = text.split(SEPARATOR).take(MAX_STEPS);
    for (number, step) in steps.enumerate() {
        let (word, rest) = step.split_once('\n').unwrap_or((step, ""));
        let minutes = i64::try_from(number).unwrap_or_default();
        let now = now() + TimeDelta::minutes(minutes);
        let word = word.trim();
        let (what, detail) = word.split_once(' ').unwrap_or((word, ""));
        let sent = || {
            let copy = meeting.people.get(&person(2))?.copy.as_ref()?;
            // `from|to` changes the copy that there is.
            match rest.trim_end().split_once('|') {
                Some((from, to)) if !from.is_empty() && !rest.contains("BEGIN:VCALENDAR") => {
                    let text = String::from_utf8_lossy(copy.as_bytes()).into_owned();
                    let to = to.replace('~', "\r\n");
                    Some(text.replacen(from, &to, 3).into_bytes())
                }
                _ => Some(rest.as_bytes().to_vec()),
            }
        };
        let plan = match what {
            "device" => sent()
                .and_then(|sent| CalendarObject::parse(sent).ok())
                .and_then(|sent| {
                    let is_current = detail != "stale";
                    meeting.attendee_put(person(2), &sent, is_current, now).ok()
                })
                .map(|(object, plan)| {
                    read_again(&object);
                    plan
                }),
            "inbox" => sent()
                .and_then(|sent| CalendarObject::parse_message(sent).ok())
                .and_then(|sent| meeting.inbox_reply(person(2), &sent, now).ok())
                .flatten(),
            "removes" => Some(meeting.attendee_delete(person(2), detail.is_empty(), now)),
            "press" => {
                let scope = match detail {
                    "" => Scope::All,
                    key => Scope::Instance(key.to_owned()),
                };
                meeting.is_open_to(person(2), &scope);
                let answer = &ANSWERS[rest.len() % ANSWERS.len()];
                meeting.answer(person(2), &scope, answer, now)
            }
            "join" => {
                if let Some(one) = meeting.people.get_mut(&person(3)) {
                    one.has_calendar = true;
                }
                Some(meeting.join(person(3), now))
            }
            "delete" => {
                let plan = meeting.organizer_delete(now);
                meeting.object = None;
                Some(plan)
            }
            "failed" => {
                let stored = meeting.delivered(person(2), ScheduleStatus::Failed);
                stored.map(|stored| Plan {
                    organizer: Some(stored),
                    ..Plan::default()
                })
            }
            _ => put(&mut meeting, rest.as_bytes(), now),
        };
        write(&mut meeting, plan.unwrap_or_default());
    }
}

fn put(meeting: &mut Meeting, sent: &[u8], now: chrono::DateTime<chrono::Utc>) -> Option<Plan> {
    let sent = CalendarObject::parse(sent.to_vec()).ok()?;
    let people = [meeting.object.as_ref(), Some(&sent)];
    let people = people.into_iter().flatten();
    let people: Vec<_> = people.flat_map(CalendarObject::attendees).collect();
    let ids = people
        .iter()
        .filter_map(|attendee| attendee.address.telegram_user_id(&meeting.domain));
    for id in ids.filter(|id| *id != person(1)) {
        meeting.people.entry(id).or_insert_with(|| Person {
            has_calendar: id != person(3),
            delivery: ScheduleStatus::Delivered,
            copy: None,
        });
    }
    let put = meeting.organizer_put(sent, false, now).ok()?;
    read_again(&put.upsert.object);
    meeting.object = Some(put.upsert.object);
    Some(put.plan)
}

/// Does what a plan says, and checks what it would store.
fn write(meeting: &mut Meeting, plan: Plan) {
    plan.tells_somebody();
    if let Some(stored) = plan.organizer {
        read_again(&stored.object);
        meeting.object = Some(stored.object);
    }
    for message in &plan.messages {
        let read = CalendarObject::from_stored(message.text.clone());
        assert!(read.is_ok(), "a message that can't be read: {read:?}");
    }
    for change in plan.copies {
        let Some(one) = meeting.people.get_mut(&change.of) else {
            continue;
        };
        one.copy = match change.write {
            CopyWrite::Create(object) | CopyWrite::Replace { object, .. } => {
                read_again(&object);
                Some(object)
            }
            CopyWrite::Remove => None,
        };
    }
}

fn read_again(object: &CalendarObject) {
    let again = CalendarObject::from_stored(object.as_bytes().to_vec());
    assert_eq!(again.as_ref(), Ok(object), "what is stored can be read");
}
