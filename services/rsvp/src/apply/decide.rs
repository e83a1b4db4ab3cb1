//! What a press does, decided purely: the meeting, who pressed, what and when, to a decision.

use chrono::{DateTime, Duration, Utc};
use televent_calendar::{Meeting, PartStat, Plan, Scope, TelegramUserId};
use televent_conversation::Facts;
use televent_store::PressState;
use televent_telegram::{CardButton, CardWish};

/// Update ids rise, but after a week without updates Telegram begins again at a random one
/// (Bot API, type `Update`): across such a gap their order says nothing.
const UPDATE_IDS_RISE_FOR: Duration = Duration::days(7);

/// The effect of a press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// A new answer.
    Write(Box<Plan>),
    /// The answer that stands already, for these components.
    Confirm { recurrence_ids: Vec<String> },
    /// Show the three buttons again.
    Reopen,
    /// Nothing, for this reason.
    Refuse(Refusal),
}

/// Why a press has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The presser is not invited, whatever the button says.
    NotInvited,
    /// The organizer's object has no room for one more instance that differs.
    NoRoom,
    /// The event is over and done with.
    Cancelled,
    /// A newer answer was applied before.
    Stale,
    /// It was pressed before the organizer asked anew.
    AskedAnew,
    /// The card shows another time or place than there is now.
    Changed,
}

/// A press, as far as it matters.
#[derive(Clone, Copy, Debug)]
pub(super) struct PressFacts<'a> {
    pub(super) from: TelegramUserId,
    pub(super) update_id: i64,
    pub(super) received_at: DateTime<Utc>,
    pub(super) button: &'a CardButton,
    /// What the card shows, as far as it is known.
    pub(super) shown: Option<&'a Facts>,
    /// What it would show now.
    pub(super) present: Option<&'a Facts>,
}

pub(super) fn decide(
    meeting: &Meeting,
    state: &PressState,
    press: PressFacts<'_>,
    now: DateTime<Utc>,
) -> Decision {
    if meeting.object.is_none() {
        return Decision::Refuse(Refusal::Cancelled);
    }
    let scope = scope(press.button);
    match meeting.is_open_to(press.from, &scope) {
        None => return Decision::Refuse(Refusal::NotInvited),
        Some(false) => return Decision::Refuse(Refusal::Cancelled),
        Some(true) => {}
    }
    if is_stale(state, press) {
        return Decision::Refuse(Refusal::Stale);
    }
    let part_stat = match &press.button.wish {
        CardWish::Change => return Decision::Reopen,
        CardWish::Answer(part_stat) => part_stat,
    };
    if let (Some(shown), Some(present)) = (press.shown, press.present)
        && present.since(shown).ask_anew()
    {
        return Decision::Refuse(Refusal::Changed);
    }
    if state
        .asked_at
        .is_some_and(|asked| press.received_at < asked)
    {
        return Decision::Refuse(Refusal::AskedAnew);
    }
    match meeting.answer(press.from, &scope, part_stat, now) {
        None => Decision::Refuse(Refusal::NoRoom),
        Some(plan) if plan.organizer.is_some() || !plan.copies.is_empty() => {
            Decision::Write(Box::new(plan))
        }
        Some(plan) => Decision::Confirm {
            recurrence_ids: plan.answered.map(|(_, keys)| keys).unwrap_or_default(),
        },
    }
}

/// Which instances a button is about.
fn scope(button: &CardButton) -> Scope {
    if button.recurrence_id.is_empty() {
        Scope::All
    } else {
        Scope::Instance(button.recurrence_id.clone())
    }
}

/// Whether there is a newer answer. Two presses are in the order of their updates; an answer from a device has none, and
/// then the clock decides.
fn is_stale(state: &PressState, press: PressFacts<'_>) -> bool {
    match state.last_answer {
        None => false,
        Some((Some(update_id), at)) => {
            press.update_id < update_id && (press.received_at - at).abs() < UPDATE_IDS_RISE_FOR
        }
        Some((None, at)) => press.received_at < at,
    }
}

/// The message that says at the top of the chat what was pressed; `None` where the card says it.
pub(super) const fn confirmation(wish: &CardWish) -> Option<&'static str> {
    match wish {
        CardWish::Answer(PartStat::Accepted) => Some("press-accepted"),
        CardWish::Answer(PartStat::Declined) => Some("press-declined"),
        CardWish::Answer(_) => Some("press-tentative"),
        CardWish::Change => None,
    }
}

/// The message that says why nothing was done, and whether it has to be closed.
pub(super) const fn refused(refusal: Refusal) -> (&'static str, bool) {
    match refusal {
        Refusal::NotInvited => ("press-not-invited", true),
        Refusal::NoRoom => ("press-no-room", true),
        Refusal::Cancelled => ("press-cancelled", true),
        Refusal::Stale => ("press-answered-since", false),
        Refusal::AskedAnew | Refusal::Changed => ("press-asked-anew", true),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use televent_calendar::{CalendarObject, InternalDomain, Owner, Person, ScheduleStatus};
    use televent_language::Language;
    use uuid::Uuid;

    const OBJECT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
        DTSTAMP:20270101T000000Z\r\nDTSTART:20270115T080000Z\r\nORGANIZER:mailto:tg_1@televent.internal\r\n\
        ATTENDEE;SCHEDULE-STATUS=2.0;PARTSTAT=NEEDS-ACTION:mailto:tg_2@televent.int\r\n ernal\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    fn id(id: i64) -> TelegramUserId {
        TelegramUserId::new(id).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn meeting(object: &str) -> Meeting {
        let person = Person {
            has_calendar: false,
            delivery: ScheduleStatus::Delivered,
            copy: None,
        };
        Meeting {
            organizer: Owner {
                telegram_id: id(1),
                common_name: "Ann".to_owned(),
            },
            object: Some(CalendarObject::parse(object.as_bytes().to_vec()).unwrap()),
            people: BTreeMap::from([(id(2), person)]),
            domain: InternalDomain::default(),
        }
    }

    const NOTHING: PressState = PressState {
        last_answer: None,
        asked_at: None,
        message_is_known: true,
        shown: None,
        time_zone: None,
        chosen_language: None,
    };

    fn button(wish: CardWish) -> CardButton {
        CardButton {
            event_id: Uuid::nil(),
            recurrence_id: String::new(),
            wish,
        }
    }

    fn accept() -> CardButton {
        button(CardWish::Answer(PartStat::Accepted))
    }

    fn change() -> CardButton {
        button(CardWish::Change)
    }

    fn press(
        (object, state): (&str, PressState),
        from: i64,
        update_id: i64,
        seconds: i64,
        button: &CardButton,
    ) -> Decision {
        let facts = PressFacts {
            from: id(from),
            update_id,
            received_at: at(seconds),
            button,
            shown: None,
            present: None,
        };
        decide(&meeting(object), &state, facts, at(seconds))
    }

    #[test]
    fn answer_changes_the_pressers_part_stat_and_nothing_else() {
        let Decision::Write(plan) = press((OBJECT, NOTHING), 2, 10, 0, &accept()) else {
            panic!("not written");
        };
        let stored = plan.organizer.unwrap();
        let expected = OBJECT
            .replace("NEEDS-ACTION", "ACCEPTED")
            .replace("televent.int\r\n ernal", "televent.internal")
            .replace("tg_2@televent.internal", "tg_2@televent.interna\r\n l");
        let text = String::from_utf8(stored.object.into_bytes()).unwrap();
        assert_eq!(text, expected);
        assert_eq!(plan.answered, Some((id(2), vec![String::new()])));
    }

    #[test]
    fn press_by_somebody_else_is_refused() {
        for stranger in [1, 3] {
            for button in [accept(), change()] {
                assert_eq!(
                    press((OBJECT, NOTHING), stranger, 10, 0, &button),
                    Decision::Refuse(Refusal::NotInvited)
                );
            }
        }
        let foreign = OBJECT.replace("ORGANIZER:mailto:tg_1@", "ORGANIZER:mailto:tg_2@");
        assert_eq!(
            press((&foreign, NOTHING), 2, 10, 0, &accept()),
            Decision::Refuse(Refusal::NotInvited)
        );
    }

    #[test]
    fn same_answer_again_is_a_confirmation() {
        let accepted = OBJECT.replace("NEEDS-ACTION", "ACCEPTED");
        let state = PressState {
            last_answer: Some((Some(10), at(0))),
            ..NOTHING
        };
        assert_eq!(
            press((&accepted, state), 2, 11, 1, &accept()),
            Decision::Confirm {
                recurrence_ids: vec![String::new()]
            }
        );
    }

    #[test]
    fn older_press_never_beats_a_newer_answer() {
        let declined = OBJECT.replace("NEEDS-ACTION", "DECLINED");
        let state = PressState {
            last_answer: Some((Some(10), at(0))),
            ..NOTHING
        };
        let of_press = |update_id, seconds| {
            press((&declined, state.clone()), 2, update_id, seconds, &accept())
        };
        assert_eq!(of_press(9, 5), Decision::Refuse(Refusal::Stale));
        assert!(matches!(of_press(11, 5), Decision::Write(_)));
        // Eight days later ids may have begun again lower.
        let later = 8 * 24 * 3600;
        assert!(matches!(of_press(9, later), Decision::Write(_)));
    }

    #[test]
    fn press_from_before_an_answer_of_a_device_or_another_question_is_stale() {
        let by_device = PressState {
            last_answer: Some((None, at(10))),
            ..NOTHING
        };
        assert_eq!(
            press((OBJECT, by_device.clone()), 2, 99, 9, &accept()),
            Decision::Refuse(Refusal::Stale)
        );
        assert!(matches!(
            press((OBJECT, by_device.clone()), 2, 99, 11, &accept()),
            Decision::Write(_)
        ));
        let asked = PressState {
            asked_at: Some(at(10)),
            ..NOTHING
        };
        assert_eq!(
            press((OBJECT, asked.clone()), 2, 99, 9, &accept()),
            Decision::Refuse(Refusal::AskedAnew)
        );
        assert!(matches!(
            press((OBJECT, asked), 2, 99, 10, &accept()),
            Decision::Write(_)
        ));
    }

    #[test]
    fn answer_to_another_time_than_there_is_now_is_refused() {
        let facts = |object: &str| {
            let object = CalendarObject::parse(object.as_bytes().to_vec()).unwrap();
            Facts::of(&object, object.master_or_first(), Language::English, None)
        };
        let present = facts(OBJECT);
        let decided = |shown: &str, button: &CardButton| {
            let shown = facts(shown);
            let press = PressFacts {
                from: id(2),
                update_id: 10,
                received_at: at(0),
                button,
                shown: Some(&shown),
                present: Some(&present),
            };
            decide(&meeting(OBJECT), &NOTHING, press, at(0))
        };
        let moved = OBJECT.replace("T080000Z\r\nORG", "T090000Z\r\nORG");
        assert_ne!(moved, OBJECT);
        let refused = Decision::Refuse(Refusal::Changed);
        assert_eq!(decided(&moved, &accept()), refused);
        assert!(matches!(decided(OBJECT, &accept()), Decision::Write(_)));
        // The buttons may come back: they are pressed after a look at the card.
        assert_eq!(decided(&moved, &change()), Decision::Reopen);
        let renamed = OBJECT.replace("ORGANIZER", "SUMMARY:Other\r\nORGANIZER");
        assert!(matches!(decided(&renamed, &accept()), Decision::Write(_)));
    }

    #[test]
    fn cancelled_event_takes_no_answer() {
        let cancelled = OBJECT.replace("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT");
        assert_eq!(
            press((&cancelled, NOTHING), 2, 10, 0, &accept()),
            Decision::Refuse(Refusal::Cancelled)
        );
    }

    #[test]
    fn change_opens_the_card_again() {
        assert_eq!(
            press((OBJECT, NOTHING), 2, 10, 0, &change()),
            Decision::Reopen
        );
    }
}
