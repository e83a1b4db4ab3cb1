//! Changes of a meeting against what happens to the places that it is written into: messages and copies that go, move or
//! come from elsewhere, and calendars that go.

use anyhow::{Context as _, Result, bail};
use televent_calendar::PartStat;
use televent_store::{ChangeKind, EventMove, INBOX_SLUG, MoveOutcome, RemoveOutcome, WriteOutcome};
use uuid::Uuid;

use super::{
    party::{NAME, Party, plan_of},
    races::{ACCEPTED_BY_BOB, THE_CALENDARS, THE_OBJECTS, answers_of_bob, persist, race},
};
use crate::support::{ANN, BOB, SAM, person};

/// Bob's client removes the message while Ann's change replaces it.
#[tokio::test]
async fn removal_of_a_message_and_the_next_message_are_no_story_of_two() -> Result<()> {
    for gate in [THE_OBJECTS, THE_CALENDARS] {
        let (party, _) = Party::invited().await?;
        let name = "1001-plan.ics";
        let message = party.slot(BOB, INBOX_SLUG, name).await?.event;
        let message = message.context("the message")?;
        let moved = plan_of(&[BOB, SAM], "").replace("T090000Z", "T093000Z");
        let put = party.puts(NAME, &moved).await?;
        let remove = async {
            let store = &party.ground.store;
            anyhow::Ok(store.remove_event(message.id, 1).await?)
        };
        let (written, removed) = race(&party, gate, party.write(&put), remove).await?;
        assert_eq!(written, WriteOutcome::Done);
        party.is_sound().await?;
        let now = party.slot(BOB, INBOX_SLUG, name).await?.event;
        let now = now.context("what Ann has changed is news")?;
        assert!(String::from_utf8(now.object)?.contains("T093000Z"));
        match removed {
            RemoveOutcome::Done => assert_ne!(now.id, message.id),
            RemoveOutcome::Conflict => assert_eq!((now.id, now.sequence), (message.id, 2)),
        }
        // A client that follows the inbox has it.
        let store = &party.ground.store;
        let found = store.changes(person(BOB), INBOX_SLUG, 2, 10).await?;
        let (_, changes) = found.context("the inbox")?;
        let last = changes.last().context("a change")?;
        assert!(matches!(last.kind, ChangeKind::Live(_)));
    }
    Ok(())
}

/// Bob's client removes the message while his answer takes it away.
#[tokio::test]
async fn removal_of_a_message_and_the_answer_to_it_are_both_done() -> Result<()> {
    for gate in [THE_OBJECTS, THE_CALENDARS] {
        let (party, id) = Party::invited().await?;
        let name = "1001-plan.ics";
        let message = party.slot(BOB, INBOX_SLUG, name).await?.event;
        let message = message.context("the message")?;
        let answer = party.answers(5, BOB, id, PartStat::Accepted).await?;
        let remove = async {
            let store = &party.ground.store;
            anyhow::Ok(store.remove_event(message.id, 1).await?)
        };
        let (written, _) = race(&party, gate, party.write(&answer), remove).await?;
        assert_eq!(written, WriteOutcome::Done);
        party.is_sound().await?;
        assert_eq!(answers_of_bob(&party).await?, ACCEPTED_BY_BOB);
        assert!(party.slot(BOB, INBOX_SLUG, name).await?.event.is_none());
    }
    Ok(())
}

/// A message that grows old while a change replaces it, or its meeting is cancelled.
#[tokio::test]
async fn expiry_of_messages_and_a_change_of_their_meeting_are_both_done() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party
        .ground
        .sql("update events set updated_at = now() - interval '31 days' where method is not null")
        .await?;
    let cancelled = party.removes(id).await?;
    let purge = async { anyhow::Ok(party.ground.store.purge().await?) };
    let write = async {
        // The other way round, what is being replaced stays.
        party.ground.database.until_waiting(1).await?;
        party.write(&cancelled).await
    };
    let (written, purged) = race(&party, THE_CALENDARS, write, purge).await?;
    assert_eq!(purged, 2);
    assert_eq!(written, WriteOutcome::Done);
    party.is_sound().await?;
    let messages =
        "select distinct method from events where method is not null and deleted_at is null";
    assert_eq!(party.ground.rows(messages).await?, ["CANCEL"]);
    Ok(())
}

#[tokio::test]
async fn removal_of_an_attendees_calendar_and_a_change_of_the_meeting_are_both_done() -> Result<()>
{
    for gate in [THE_OBJECTS, THE_CALENDARS] {
        let (party, id) = Party::invited().await?;
        party.ground.calendar(BOB, "other").await?;
        let moved = plan_of(&[BOB, SAM], "").replace("T090000Z", "T093000Z");
        let put = || party.puts(NAME, &moved);
        let first = put().await?;
        let remove = async { anyhow::Ok(party.ground.store.remove_calendar(party.bobs).await?) };
        let ((), removed) = race(&party, gate, persist(&party, first, put), remove).await?;
        assert!(removed);
        party.is_sound().await?;
        let outlived = "select resource_name from events e join calendars c on c.id = e.calendar_id
                        where e.deleted_at is null and c.deleted_at is not null";
        assert_eq!(party.ground.rows(outlived).await?, [""; 0]);
        let event = party.event(ANN, NAME).await?;
        assert_eq!((event.id, event.sequence), (id, 2));
        assert!(party.copy(SAM).await?.contains("T093000Z"));
    }
    Ok(())
}

/// A copy that is to come into being, where its calendar goes.
#[tokio::test]
async fn removal_of_an_attendees_calendar_and_an_invitation_leave_no_copy_in_it() -> Result<()> {
    let party = Party::new().await?;
    let other = party.ground.calendar(BOB, "other").await?;
    let put = || async { party.puts(NAME, &plan_of(&[BOB, SAM], "")).await };
    let first = put().await?;
    let remove = async { anyhow::Ok(party.ground.store.remove_calendar(party.bobs).await?) };
    let ((), removed) = race(&party, THE_CALENDARS, persist(&party, first, put), remove).await?;
    assert!(removed);
    party.is_sound().await?;
    let places =
        "select distinct calendar_id::text from events e join calendars c on c.id = e.calendar_id
                  where c.owner = 98765 and c.kind = 'calendar' and e.deleted_at is null";
    let places = party.ground.rows(places).await?;
    assert!(
        places.is_empty() || places == [other.to_string()],
        "{places:?}"
    );
    Ok(())
}

#[tokio::test]
async fn move_of_a_copy_and_a_change_of_the_meeting_are_both_done() -> Result<()> {
    for gate in [THE_OBJECTS, THE_CALENDARS] {
        let (party, id) = Party::invited().await?;
        let other = party.ground.calendar(BOB, "other").await?;
        let copy = party.event(BOB, NAME).await?;
        let moved = plan_of(&[BOB, SAM], "").replace("T090000Z", "T093000Z");
        let put = || party.puts(NAME, &moved);
        let first = put().await?;
        let goes = move_until_done(&party, copy.id, other);
        let ((), ()) = race(&party, gate, persist(&party, first, put), goes).await?;
        party.is_sound().await?;
        let there = party.slot(BOB, "other", "moved.ics").await?.event;
        let there = there.context("the copy has moved")?;
        assert_eq!((there.id, there.organizer_event_id), (copy.id, Some(id)));
        assert!(String::from_utf8(there.object)?.contains("T093000Z"));
    }
    Ok(())
}

async fn move_until_done(party: &Party, event_id: Uuid, to_calendar: Uuid) -> Result<()> {
    // What was loaded before is the first sequence; what is loaded again, the next.
    for expected_sequence in 1..10 {
        let outcome = party
            .ground
            .store
            .move_event(&EventMove {
                event_id,
                expected_sequence,
                to_calendar,
                to_name: "moved.ics",
                replaces: None,
            })
            .await?;
        if outcome == MoveOutcome::Done {
            return Ok(());
        }
    }
    bail!("it could not be moved")
}

/// Bob gets his account, and his client brings what it has of the meeting, at once: there is one copy.
#[tokio::test]
async fn copy_that_comes_from_two_sides_is_one() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party.done(&party.removes_copy(BOB, id).await?).await?;
    let said = String::from_utf8(party.event(SAM, NAME).await?.object)?;
    let joins = party.joins(BOB, id).await?;
    let puts = party.puts_copy(BOB, id, &said).await?;
    let both = race(
        &party,
        THE_CALENDARS,
        party.write(&joins),
        party.write(&puts),
    )
    .await?;
    assert_ne!(both.0, both.1, "one of them must win: {both:?}");
    party.is_sound().await?;
    let copies =
        "select count(*)::text from events where organizer_event_id is not null and method is null
                  and scheduling_owner = 98765 and deleted_at is null";
    assert_eq!(party.ground.rows(copies).await?, ["1"]);
    Ok(())
}
