//! What a press is decided on.

use anyhow::{Context as _, Result, bail};
use televent_store::{
    MeetingRows, OrganizerRow, PressRecord, PressState, Pressed, PressedCard, PressedMessage,
};
use uuid::Uuid;

use crate::{
    cards::key,
    support::{ANN, BOB, Draft, Ground, SAM, at, attendee, person, press},
};

/// The whole event, pressed on in a message that Telegram does not name.
pub fn card(event_id: Uuid) -> PressedCard<'static> {
    PressedCard {
        event_id,
        recurrence_id: "",
        message: None,
    }
}

/// What there is to a press on an event that is there.
async fn found(
    ground: &Ground,
    press: &PressRecord,
    card: &PressedCard<'_>,
) -> Result<(MeetingRows, OrganizerRow, PressState)> {
    let Pressed::Found(rows, state) = ground.store.pressed(press, card).await? else {
        bail!("the event must be found");
    };
    let organizer = rows.organizer.clone().context("the organizer's object")?;
    Ok((*rows, organizer, state))
}

#[tokio::test]
async fn press_finds_what_it_is_decided_on() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let (rows, organizer, state) = found(&ground, &press(5, BOB), &card(id)).await?;
    assert_eq!(
        (
            organizer.object.as_slice(),
            organizer.version,
            organizer.deleted
        ),
        (&b"one"[..], 1, false)
    );
    assert_eq!(
        (
            organizer.owner,
            organizer.owner_name.as_str(),
            organizer.owner_organizes
        ),
        (person(ANN), "Ann", true)
    );
    let people: Vec<_> = rows.people.iter().map(|row| row.telegram_id).collect();
    assert_eq!(people, [person(BOB)]);
    assert_eq!((state.last_answer, state.message_is_known), (None, false));
    // What was written before invitations had a time counts as asked long ago.
    assert_eq!(state.asked_at, None);
    let asked = "update event_attendees set asked_at = now() where telegram_id = 98765";
    ground.sql(asked).await?;
    let (_, _, state) = found(&ground, &press(5, BOB), &card(id)).await?;
    assert!(state.asked_at.is_some());

    ground.answer(&press(5, BOB), id, 1, "ACCEPTED").await?;
    ground.store.remove_event(id, 2).await?;
    let (_, organizer, state) = found(&ground, &press(6, BOB), &card(id)).await?;
    assert_eq!((organizer.version, organizer.deleted), (3, true));
    assert_eq!(state.last_answer, Some((Some(5), at(5))));
    // Whoever presses is looked at, invited or not; another person's answer is not theirs.
    let (rows, _, state) = found(&ground, &press(6, SAM), &card(id)).await?;
    assert_eq!(rows.people.len(), 2);
    assert_eq!((state.last_answer, state.asked_at), (None, None));
    Ok(())
}

#[tokio::test]
async fn answer_for_the_whole_event_is_one_for_each_instance_but_not_the_other_way_round()
-> Result<()> {
    let ground = Ground::new().await?;
    let mut draft = Draft::new("uid-a", "one", &[BOB]);
    for instance in ["20260105", "20260112"] {
        let mut row = attendee(BOB);
        row.recurrence_id = instance.to_owned();
        draft.attendees.push(row);
    }
    let id = ground.event("a.ics", &draft).await?;
    let answered = async |recurrence_id, update_id| {
        ground
            .sql(&format!(
                "update event_attendees set answered_by_update = {update_id}, answered_at = to_timestamp({update_id})
                 where recurrence_id = '{recurrence_id}'"
            ))
            .await
    };
    let last = async |recurrence_id| {
        let card = PressedCard {
            recurrence_id,
            ..card(id)
        };
        let (_, _, state) = found(&ground, &press(10, BOB), &card).await?;
        anyhow::Ok(state.last_answer.and_then(|(update_id, _)| update_id))
    };
    answered("", 7).await?;
    answered("20260105", 8).await?;
    answered("20260112", 6).await?;
    for (recurrence_id, update_id) in [("", 7), ("20260105", 8), ("20260112", 7), ("20260119", 7)] {
        assert_eq!(
            last(recurrence_id).await?,
            Some(update_id),
            "{recurrence_id}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn person_was_asked_when_the_instance_was_and_never_if_only_an_answer_made_it() -> Result<()>
{
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    ground
        .sql(
            "insert into event_attendees (event_id, recurrence_id, address, telegram_id, status, invited, asked_at)
             select event_id, key, address, telegram_id, status, invited, asked
             from event_attendees,
                  (values ('20260105', to_timestamp(5)), ('20260112', '-infinity')) as instance (key, asked)",
        )
        .await?;
    ground
        .sql("update event_attendees set asked_at = to_timestamp(3) where recurrence_id = ''")
        .await?;
    for (recurrence_id, asked_at) in [
        ("", Some(3)),
        ("20260105", Some(5)),
        ("20260112", None),
        ("20260119", None),
    ] {
        let card = PressedCard {
            recurrence_id,
            ..card(id)
        };
        let (_, _, state) = found(&ground, &press(10, BOB), &card).await?;
        let seconds = state.asked_at.map(|at| at.timestamp());
        assert_eq!(seconds, asked_at, "{recurrence_id}");
    }
    Ok(())
}

#[tokio::test]
async fn message_is_known_as_the_card_or_as_a_copy_of_the_presser() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    for message_id in [11, 12] {
        ground
            .store
            .adopt_message(
                &key(id, BOB),
                PressedMessage {
                    chat_id: BOB,
                    message_id,
                },
            )
            .await?;
    }
    for (who, message_id, known) in [
        (BOB, 11, true),
        (BOB, 12, true),
        (BOB, 13, false),
        (SAM, 11, false),
    ] {
        let message = PressedMessage {
            chat_id: who,
            message_id,
        };
        let card = PressedCard {
            message: Some(message),
            ..card(id)
        };
        let (_, _, state) = found(&ground, &press(5, who), &card).await?;
        assert_eq!(
            state.message_is_known, known,
            "{who} pressed on {message_id}"
        );
    }
    Ok(())
}
