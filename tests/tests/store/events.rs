//! Creating, replacing and removing calendar object resources.

use anyhow::Result;
use televent_calendar::PartStat;
use televent_store::{NoticeKind, RemoveOutcome, WriteOutcome};
use uuid::Uuid;

use crate::support::{ANN, BOB, Draft, Ground, SAM, attendee, notice, person, press};

const THE_CALENDAR: &str = "select from calendars for update";

#[tokio::test]
async fn new_event_has_its_attendees_and_notices_and_raises_the_ctag() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB, SAM]))
        .await?;

    assert_eq!(ground.versions().await?, ["a.ics 1 2 one", "ctag 2"]);
    assert_eq!(
        ground.attendees().await?,
        ["4711 NEEDS-ACTION", "98765 NEEDS-ACTION"]
    );
    assert_eq!(
        ground.outbox().await?,
        [
            "invite_notification 4711 pending",
            "invite_notification 98765 pending"
        ]
    );
    let slot = ground.slot("a.ics").await?;
    let event = slot.event.expect("the event is there");
    assert_eq!(
        (event.object.as_slice(), event.etag.as_str(), event.sequence),
        (&b"one"[..], "one", 1)
    );
    assert_eq!(
        (slot.calendar.ctag, slot.calendar.id),
        (2, ground.calendar_id)
    );
    Ok(())
}

#[tokio::test]
async fn of_two_creates_of_one_name_one_is_done_and_the_other_conflicts() -> Result<()> {
    let ground = Ground::new().await?;
    let (mine, yours) = (
        Draft::new("uid-a", "mine", &[BOB]),
        Draft::new("uid-b", "yours", &[SAM]),
    );
    let (a, b) = ground
        .race(
            THE_CALENDAR,
            ground.create(Uuid::now_v7(), "a.ics", &mine),
            ground.create(Uuid::now_v7(), "a.ics", &yours),
        )
        .await?;
    let (a, b) = (a?, b?);

    let (winner, loser) = if a == WriteOutcome::Done {
        ("mine", b)
    } else {
        ("yours", a)
    };
    assert_eq!(loser, WriteOutcome::Conflict);
    assert_eq!(
        ground.versions().await?,
        [format!("a.ics 1 2 {winner}"), "ctag 2".to_owned()]
    );
    assert_eq!(
        (
            ground.attendees().await?.len(),
            ground.outbox().await?.len()
        ),
        (1, 1)
    );
    Ok(())
}

#[tokio::test]
async fn of_two_creates_of_one_uid_one_is_told_where_it_is() -> Result<()> {
    let ground = Ground::new().await?;
    let draft = Draft::new("uid-a", "one", &[]);
    let (a, b) = ground
        .race(
            THE_CALENDAR,
            ground.create(Uuid::now_v7(), "a.ics", &draft),
            ground.create(Uuid::now_v7(), "b.ics", &draft),
        )
        .await?;
    let (a, b) = (a?, b?);

    let (loser, name) = if a == WriteOutcome::Done {
        (b, "a.ics")
    } else {
        (a, "b.ics")
    };
    assert_eq!(
        loser,
        WriteOutcome::UidTaken {
            resource_name: name.to_owned()
        }
    );
    assert_eq!(
        ground.versions().await?,
        [format!("{name} 1 2 one"), "ctag 2".to_owned()]
    );
    Ok(())
}

#[tokio::test]
async fn taken_uid_leaves_nothing_of_the_write() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let other = ground
        .event("b.ics", &Draft::new("uid-b", "two", &[BOB]))
        .await?;
    let before = ground.everything().await?;
    let taken = WriteOutcome::UidTaken {
        resource_name: "a.ics".to_owned(),
    };

    let draft = Draft::new("uid-a", "three", &[BOB, SAM]);
    assert_eq!(ground.create(Uuid::now_v7(), "c.ics", &draft).await?, taken);
    assert_eq!(ground.replace(other, 1, &draft).await?, taken);
    assert_eq!(ground.everything().await?, before);
    Ok(())
}

#[tokio::test]
async fn create_in_a_calendar_that_is_gone_conflicts() -> Result<()> {
    let ground = Ground::new().await?;
    ground.sql("delete from calendars").await?;
    let outcome = ground
        .create(Uuid::now_v7(), "a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    assert_eq!(outcome, WriteOutcome::Conflict);
    assert_eq!(ground.outbox().await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn replace_raises_sequence_revision_and_ctag() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let outcome = ground
        .replace(id, 1, &Draft::new("uid-a", "two", &[BOB]))
        .await?;
    assert_eq!(outcome, WriteOutcome::Done);
    assert_eq!(ground.versions().await?, ["a.ics 2 3 two", "ctag 3"]);
    assert_eq!(ground.outbox().await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn replace_at_an_old_sequence_writes_nothing() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    ground
        .replace(id, 1, &Draft::new("uid-a", "two", &[BOB]))
        .await?;
    let before = ground.everything().await?;

    let late = Draft::new("uid-a", "three", &[SAM]);
    for sequence in [1, 3, 0] {
        assert_eq!(
            ground.replace(id, sequence, &late).await?,
            WriteOutcome::Conflict
        );
    }
    assert_eq!(
        ground.replace(Uuid::now_v7(), 2, &late).await?,
        WriteOutcome::Conflict
    );
    assert_eq!(ground.everything().await?, before);
    Ok(())
}

#[tokio::test]
async fn of_two_replaces_at_once_one_is_done() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[]))
        .await?;
    let (mine, yours) = (
        Draft::new("uid-a", "mine", &[BOB]),
        Draft::new("uid-a", "yours", &[SAM]),
    );
    let (a, b) = ground
        .race(
            THE_CALENDAR,
            ground.replace(id, 1, &mine),
            ground.replace(id, 1, &yours),
        )
        .await?;
    let (a, b) = (a?, b?);

    let (winner, loser) = if a == WriteOutcome::Done {
        ("mine", b)
    } else {
        ("yours", a)
    };
    assert_eq!(loser, WriteOutcome::Conflict);
    assert_eq!(
        ground.versions().await?,
        [format!("a.ics 2 3 {winner}"), "ctag 3".to_owned()]
    );
    assert_eq!(
        (
            ground.attendees().await?.len(),
            ground.outbox().await?.len()
        ),
        (1, 1)
    );
    Ok(())
}

#[tokio::test]
async fn of_delete_and_replace_at_once_one_is_done() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let draft = Draft::new("uid-a", "two", &[BOB]);
    let cancelled = [notice(NoticeKind::Invite, BOB)];
    let (replaced, removed) = ground
        .race(
            THE_CALENDAR,
            ground.replace(id, 1, &draft),
            ground.cancel(id, 1, &cancelled),
        )
        .await?;

    let versions = ground.versions().await?;
    match (replaced?, removed?) {
        (WriteOutcome::Done, RemoveOutcome::Conflict) => {
            assert_eq!(versions, ["a.ics 2 3 two", "ctag 3"]);
        }
        (WriteOutcome::Conflict, RemoveOutcome::Done) => {
            assert_eq!(versions, ["a.ics 2 3 one deleted", "ctag 3"]);
        }
        both => panic!("one of them must win: {both:?}"),
    }
    assert_eq!(ground.outbox().await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn kept_attendees_keep_when_they_answered_and_gone_ones_are_gone() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB, SAM]))
        .await?;
    assert!(ground.answer(&press(5, BOB), id, 1, "ACCEPTED").await?);
    let answered = "select telegram_id || ' ' || extract(epoch from answered_at)::bigint from event_attendees where answered_at is not null";
    let before = ground.rows(answered).await?;

    let mut draft = Draft::new("uid-a", "two", &[BOB]);
    draft.attendees[0].part_stat = PartStat::Accepted;
    draft.attendees.push(attendee(ANN));
    assert_eq!(ground.replace(id, 2, &draft).await?, WriteOutcome::Done);

    assert_eq!(
        ground.attendees().await?,
        ["1001 NEEDS-ACTION", "98765 ACCEPTED 5"]
    );
    assert_eq!(ground.rows(answered).await?, before);
    Ok(())
}

#[tokio::test]
async fn one_person_in_two_instances_has_a_row_for_each() -> Result<()> {
    let ground = Ground::new().await?;
    let mut draft = Draft::new("uid-a", "one", &[BOB]);
    draft.attendees.push(attendee(BOB));
    draft.attendees[1].recurrence_id = "20260105T090000Z".to_owned();
    let id = ground.event("a.ics", &draft).await?;
    assert_eq!(
        ground.attendees().await?,
        ["98765 NEEDS-ACTION", "20260105T090000Z 98765 NEEDS-ACTION"]
    );

    ground
        .replace(id, 1, &Draft::new("uid-a", "two", &[BOB]))
        .await?;
    assert_eq!(ground.attendees().await?, ["98765 NEEDS-ACTION"]);
    Ok(())
}

#[tokio::test]
async fn removed_event_stays_as_a_tombstone_and_frees_its_name_and_uid() -> Result<()> {
    let ground = Ground::new().await?;
    let draft = Draft::new("uid-a", "one", &[BOB]);
    let id = ground.event("a.ics", &draft).await?;
    let before = ground.everything().await?;
    assert_eq!(
        ground.store.remove_event(id, 2).await?,
        RemoveOutcome::Conflict
    );
    assert_eq!(ground.everything().await?, before);

    let cancelled = [
        notice(NoticeKind::Invite, BOB),
        notice(NoticeKind::Rsvp, ANN),
    ];
    assert_eq!(ground.cancel(id, 1, &cancelled).await?, RemoveOutcome::Done);
    assert_eq!(
        ground.versions().await?,
        ["a.ics 2 3 one deleted", "ctag 3"]
    );
    assert_eq!(ground.outbox().await?.len(), 3);
    assert!(ground.slot("a.ics").await?.event.is_none());
    assert_eq!(ground.store.event_summaries(ground.calendar_id).await?, []);
    assert_eq!(
        ground
            .store
            .event_summary(person(ANN), "default", "a.ics")
            .await?,
        None
    );
    // Once is enough.
    assert_eq!(
        ground.store.remove_event(id, 2).await?,
        RemoveOutcome::Conflict
    );
    assert_eq!(ground.replace(id, 2, &draft).await?, WriteOutcome::Conflict);

    ground
        .event("a.ics", &Draft::new("uid-a", "again", &[BOB]))
        .await?;
    assert_eq!(
        ground.versions().await?,
        ["a.ics 1 4 again", "a.ics 2 3 one deleted", "ctag 4"]
    );
    Ok(())
}

#[tokio::test]
async fn listing_tells_size_tag_and_component_by_name() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .event("b.ics", &Draft::new("uid-b", "three", &[]))
        .await?;
    ground
        .event("a.ics", &Draft::new("uid-a", "é", &[]))
        .await?;
    let listed = ground.store.event_summaries(ground.calendar_id).await?;
    let shown: Vec<_> = listed
        .iter()
        .map(|found| {
            (
                found.resource_name.as_str(),
                found.etag.as_str(),
                found.bytes,
                found.component.as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [("a.ics", "é", 2, "VEVENT"), ("b.ics", "three", 5, "VEVENT")]
    );
    let one = ground
        .store
        .event_summary(person(ANN), "default", "a.ics")
        .await?;
    assert_eq!(one.as_ref(), listed.first());
    assert_eq!(
        ground
            .store
            .event_summary(person(BOB), "default", "a.ics")
            .await?,
        None
    );
    Ok(())
}
