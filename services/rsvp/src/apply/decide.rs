//! What a press does, decided purely: the invitation, who pressed, what and when, to a decision.

use chrono::{DateTime, Duration, Utc};
use televent_calendar::{
    Answer, CalendarObject, CalendarUserAddress, InternalDomain, ObjectError, Owner, PartStat,
    Scope, TelegramUserId, answer, attendee_rows,
};
use televent_store::Invitation;
use televent_telegram::CallbackData;

/// Update ids rise, but after a week without updates Telegram begins again at a random one
/// (Bot API, type `Update`): across such a gap their order says nothing.
const UPDATE_IDS_RISE_FOR: Duration = Duration::days(7);

/// The effect of a press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// A new answer: the object that says so, and the person's status by recurrence id.
    Write {
        object: CalendarObject,
        statuses: Vec<(String, String)>,
    },
    /// The answer that stands already.
    Confirm,
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
    /// The event is over and done with.
    Cancelled,
    /// A newer press was applied before.
    Stale,
}

/// A press, as far as it matters.
#[derive(Clone, Copy, Debug)]
pub(super) struct PressFacts<'a> {
    pub(super) from: TelegramUserId,
    pub(super) update_id: i64,
    pub(super) received_at: DateTime<Utc>,
    pub(super) data: &'a CallbackData,
}

pub(super) fn decide(
    invitation: &Invitation,
    press: PressFacts<'_>,
    domain: &InternalDomain,
) -> Result<Decision, ObjectError> {
    let object = CalendarObject::from_stored(invitation.object.clone())?;
    let owner = Owner {
        telegram_id: invitation.owner,
        common_name: invitation.owner_name.clone(),
    };
    let is_invited = invitation.owner_organizes
        && attendee_rows(&object, &owner, domain)
            .iter()
            .any(|row| row.invited && row.telegram_id == Some(press.from));
    if !is_invited {
        return Ok(Decision::Refuse(Refusal::NotInvited));
    }
    let presser = CalendarUserAddress::internal(press.from, domain);
    let is_cancelled = object
        .component_of(&presser)
        .is_some_and(|component| component.status.as_deref() == Some("CANCELLED"));
    if invitation.deleted || is_cancelled {
        return Ok(Decision::Refuse(Refusal::Cancelled));
    }
    if is_stale(invitation, press) {
        return Ok(Decision::Refuse(Refusal::Stale));
    }
    let part_stat = match press.data {
        CallbackData::Change { .. } => return Ok(Decision::Reopen),
        CallbackData::Answer { part_stat, .. } => part_stat,
    };
    Ok(
        match answer(&object, press.from, &Scope::All, part_stat, domain) {
            Answer::NotInvited => Decision::Refuse(Refusal::NotInvited),
            Answer::Unchanged => Decision::Confirm,
            Answer::Changed(object) => {
                let statuses = attendee_rows(&object, &owner, domain)
                    .into_iter()
                    .filter(|row| row.telegram_id == Some(press.from))
                    .map(|row| (row.recurrence_id, row.part_stat.as_str().to_owned()))
                    .collect();
                Decision::Write { object, statuses }
            }
        },
    )
}

fn is_stale(invitation: &Invitation, press: PressFacts<'_>) -> bool {
    invitation.last_answer.is_some_and(|(update_id, at)| {
        press.update_id < update_id && (press.received_at - at).abs() < UPDATE_IDS_RISE_FOR
    })
}

/// What the presser reads at the top of the chat.
pub(super) fn confirmation(data: &CallbackData) -> &'static str {
    match data {
        CallbackData::Answer { part_stat, .. } => match part_stat {
            PartStat::Accepted => "✅ You accepted.",
            PartStat::Declined => "❌ You declined.",
            _ => "❔ You answered “maybe”.",
        },
        CallbackData::Change { .. } => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const OBJECT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
        DTSTAMP:20270101T000000Z\r\nDTSTART:20270115T080000Z\r\nORGANIZER:mailto:tg_1@televent.internal\r\n\
        ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_2@televent.internal\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    fn id(id: i64) -> TelegramUserId {
        TelegramUserId::new(id).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn invitation() -> Invitation {
        Invitation {
            object: OBJECT.as_bytes().to_vec(),
            version: 1,
            deleted: false,
            owner: id(1),
            owner_name: "Ann".to_owned(),
            owner_organizes: true,
            last_answer: None,
            message_is_known: true,
        }
    }

    fn accept() -> CallbackData {
        CallbackData::Answer {
            event_id: Uuid::nil(),
            part_stat: PartStat::Accepted,
        }
    }

    fn press(
        invitation: &Invitation,
        from: i64,
        update_id: i64,
        seconds: i64,
        data: &CallbackData,
    ) -> Decision {
        let facts = PressFacts {
            from: id(from),
            update_id,
            received_at: at(seconds),
            data,
        };
        decide(invitation, facts, &InternalDomain::default()).unwrap()
    }

    #[test]
    fn answer_changes_the_pressers_part_stat_and_nothing_else() {
        let Decision::Write { object, statuses } = press(&invitation(), 2, 10, 0, &accept()) else {
            panic!("not written");
        };
        let expected = OBJECT.replace("NEEDS-ACTION", "ACCEPTED");
        assert_eq!(object.as_bytes(), expected.as_bytes());
        assert_eq!(statuses, [(String::new(), "ACCEPTED".to_owned())]);
    }

    #[test]
    fn press_by_somebody_else_is_refused() {
        for stranger in [1, 3] {
            for data in [
                accept(),
                CallbackData::Change {
                    event_id: Uuid::nil(),
                },
            ] {
                assert_eq!(
                    press(&invitation(), stranger, 10, 0, &data),
                    Decision::Refuse(Refusal::NotInvited)
                );
            }
        }
        let foreign = Invitation {
            owner_organizes: false,
            ..invitation()
        };
        assert_eq!(
            press(&foreign, 2, 10, 0, &accept()),
            Decision::Refuse(Refusal::NotInvited)
        );
    }

    #[test]
    fn same_answer_again_is_a_confirmation() {
        let answered = Invitation {
            object: OBJECT.replace("NEEDS-ACTION", "ACCEPTED").into_bytes(),
            last_answer: Some((10, at(0))),
            ..invitation()
        };
        assert_eq!(press(&answered, 2, 11, 1, &accept()), Decision::Confirm);
    }

    #[test]
    fn older_press_never_beats_a_newer_answer() {
        let declined = Invitation {
            object: OBJECT.replace("NEEDS-ACTION", "DECLINED").into_bytes(),
            last_answer: Some((10, at(0))),
            ..invitation()
        };
        assert_eq!(
            press(&declined, 2, 9, 5, &accept()),
            Decision::Refuse(Refusal::Stale)
        );
        assert!(matches!(
            press(&declined, 2, 11, 5, &accept()),
            Decision::Write { .. }
        ));
        // Eight days later ids may have begun again lower.
        let later = 8 * 24 * 3600;
        assert!(matches!(
            press(&declined, 2, 9, later, &accept()),
            Decision::Write { .. }
        ));
    }

    #[test]
    fn cancelled_event_takes_no_answer() {
        let deleted = Invitation {
            deleted: true,
            ..invitation()
        };
        assert_eq!(
            press(&deleted, 2, 10, 0, &accept()),
            Decision::Refuse(Refusal::Cancelled)
        );
    }

    #[test]
    fn change_opens_the_card_again() {
        let change = CallbackData::Change {
            event_id: Uuid::nil(),
        };
        assert_eq!(press(&invitation(), 2, 10, 0, &change), Decision::Reopen);
    }
}
