//! Which meetings there are: of somebody's object, for who has a calendar from now on, and in a calendar that goes.

use anyhow::Result;
use chrono::{TimeDelta, Utc};

use super::party::{NAME, Party, UID, plan_of};
use crate::support::{ANN, BOB, Draft, EVE, SAM, person};

#[tokio::test]
async fn meeting_of_an_object_is_the_one_of_its_organizer_that_invites() -> Result<()> {
    let (party, id) = Party::invited().await?;
    let of = async |organizer, uid: &'static str, who| {
        party
            .ground
            .store
            .meeting_of(person(organizer), uid, person(who))
            .await
    };
    assert_eq!(of(ANN, UID, BOB).await?, Some(id));
    assert_eq!(of(ANN, "other", BOB).await?, None);
    assert_eq!(of(ANN, UID, EVE).await?, None, "not invited");
    assert_eq!(of(SAM, UID, BOB).await?, None, "Sam's is a copy");
    party
        .done(&party.puts(NAME, &plan_of(&[SAM], "")).await?)
        .await?;
    assert_eq!(of(ANN, UID, BOB).await?, None, "not any more");
    party.done(&party.removes(id).await?).await?;
    assert_eq!(of(ANN, UID, SAM).await?, None, "deleted");
    Ok(())
}

/// A draft of a meeting that begins and ends in these many hours.
fn in_hours(uid: &'static str, hours: i64, people: &[i64]) -> Draft {
    let at = |hours| Some(Utc::now() + TimeDelta::hours(hours));
    Draft {
        occurrences: (at(hours), at(hours + 1)),
        ..Draft::new(uid, "one", people)
    }
}

#[tokio::test]
async fn meetings_that_wait_for_a_calendar_are_those_to_come_without_a_copy() -> Result<()> {
    let (party, with_copy) = Party::invited().await?;
    let ground = &party.ground;
    let older = ground.event("a.ics", &in_hours("a", 1, &[BOB])).await?;
    ground.event("b.ics", &in_hours("b", -3, &[BOB])).await?;
    ground.event("c.ics", &in_hours("c", 1, &[SAM])).await?;
    let gone = ground.event("d.ics", &in_hours("d", 1, &[BOB])).await?;
    ground.store.remove_event(gone, 1).await?;
    let endless = ground
        .event("e.ics", &Draft::new("e", "one", &[BOB]))
        .await?;
    let mut named = in_hours("f", 1, &[BOB]);
    named.attendees[0].invited = false;
    ground.event("f.ics", &named).await?;

    // Whatever the day on which this runs.
    ground
        .sql(&format!(
            "update events set last_occurrence = 'infinity' where id = '{with_copy}'"
        ))
        .await?;
    let store = &ground.store;
    let waiting = async |limit| store.meetings_without_copy(person(BOB), limit).await;
    assert_eq!(waiting(10).await?, [endless, older]);
    assert_eq!(waiting(1).await?, [endless]);
    assert!(
        store
            .meetings_without_copy(person(EVE), 10)
            .await?
            .is_empty()
    );
    // Who has deleted a copy does not get it again; a message is no copy.
    party
        .write(&party.removes_copy(BOB, with_copy).await?)
        .await?;
    assert_eq!(waiting(10).await?, [endless, older]);
    let forgotten = "update event_attendees set status = 'NEEDS-ACTION'";
    ground.sql(forgotten).await?;
    assert_eq!(waiting(10).await?, [endless, older]);
    ground
        .sql("delete from events where method is null and organizer_event_id is not null")
        .await?;
    assert_eq!(waiting(10).await?, [endless, older, with_copy]);
    // Who does not come does not need one.
    let declined = "update event_attendees set status = 'DECLINED' where telegram_id = 98765";
    ground.sql(declined).await?;
    assert!(waiting(10).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn coming_meetings_of_a_calendar_concern_others() -> Result<()> {
    let party = Party::new().await?;
    let ground = &party.ground;
    for (name, draft) in [
        ("a.ics", in_hours("a", 1, &[BOB])),
        ("over.ics", in_hours("b", -3, &[BOB])),
        ("alone.ics", in_hours("c", 1, &[])),
        ("plain.ics", Draft::plain("d", "one")),
        ("endless.ics", Draft::new("e", "one", &[BOB])),
    ] {
        ground.event(name, &draft).await?;
    }
    let gone = ground.event("gone.ics", &in_hours("f", 1, &[BOB])).await?;
    ground.store.remove_event(gone, 1).await?;
    party
        .write(&party.puts(NAME, &plan_of(&[BOB], "")).await?)
        .await?;

    let coming = async |calendar_id, limit| {
        let now = Utc::now();
        ground.store.coming_meetings(calendar_id, now, limit).await
    };
    let anns = ground.calendar_id;
    // Whatever the day on which this runs.
    let later = party.event(ANN, NAME).await?.id;
    ground
        .sql(&format!(
            "update events set last_occurrence = now() + interval '1 hour'
             where id = '{later}' or organizer_event_id = '{later}'"
        ))
        .await?;
    assert_eq!(coming(anns, 10).await?, ["a.ics", "endless.ics", NAME]);
    assert_eq!(coming(anns, 1).await?, ["a.ics"]);
    assert_eq!(coming(party.bobs, 10).await?, [NAME], "the copy");
    let inbox = party.slot(BOB, "inbox", "").await?.calendar.id;
    assert_eq!(coming(inbox, 10).await?, [""; 0], "messages are none");
    Ok(())
}
