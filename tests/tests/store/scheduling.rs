//! Changes of a meeting: what one statement writes in the calendars and inboxes of everybody in it.

mod cards;
mod decided;
mod guards;
mod history;
mod listings;
mod meetings;
mod messages;
mod names;
mod party;
mod races;
mod races_around;

use anyhow::Result;
use televent_calendar::PartStat;
use televent_store::INBOX_SLUG;
use uuid::Uuid;

use self::party::{NAME, Party, plan_of};
use crate::support::{ANN, BOB, EVE, SAM, account};

/// Each copy: its owner, and whether its two tags are one.
const TAGS: &str =
    "select concat_ws(' ', c.owner, case when e.etag = e.schedule_tag then 'one' else 'two' end)
                    from events e join calendars c on c.id = e.calendar_id
                    where e.method is null and e.deleted_at is null order by 1";

#[tokio::test]
async fn new_meeting_is_in_every_calendar_and_every_inbox_at_once() -> Result<()> {
    let (party, id) = Party::invited().await?;
    assert_eq!(
        party.places().await?,
        [
            "1001 default plan.ics 1 2".to_owned(),
            "4711 default plan.ics 1 2 copy".to_owned(),
            "4711 inbox 1001-plan.ics 1 2 REQUEST".to_owned(),
            "98765 default plan.ics 1 2 copy".to_owned(),
            "98765 inbox 1001-plan.ics 1 2 REQUEST".to_owned(),
        ]
    );
    assert_eq!(
        party.ctags().await?,
        [
            "1001 default 2",
            "4711 default 2",
            "4711 inbox 2",
            "98765 default 2",
            "98765 inbox 2"
        ]
    );
    assert_eq!(
        party.ground.attendees().await?,
        ["4711 NEEDS-ACTION", "98765 NEEDS-ACTION"]
    );
    assert_eq!(
        party.ground.outbox().await?,
        [
            "invite_notification 4711 pending",
            "invite_notification 98765 pending"
        ]
    );
    let of_meeting = "select distinct event_id::text from outbox_messages
                      union select distinct organizer_event_id::text from events where organizer_event_id is not null
                      union select distinct event_id::text from event_attendees";
    assert_eq!(party.ground.rows(of_meeting).await?, [id.to_string()]);
    // Who asks for it by its times finds it in each calendar.
    let bounds = "select distinct concat_ws(' ', first_occurrence, last_occurrence) from events where method is null";
    assert_eq!(party.ground.rows(bounds).await?.len(), 1);

    let (organizers, copy) = (party.event(ANN, NAME).await?, party.event(BOB, NAME).await?);
    assert!(organizers.owner_organizes && !copy.owner_organizes);
    assert!(organizers.is_scheduled && copy.is_scheduled);
    assert_eq!(
        (organizers.organizer_event_id, copy.organizer_event_id),
        (None, Some(id))
    );
    let inbox = party.slot(BOB, INBOX_SLUG, "1001-plan.ics").await?;
    let message = inbox.event.expect("the message");
    assert_eq!(message.method.as_deref(), Some("REQUEST"));
    assert!(!message.is_scheduled);
    Ok(())
}

#[tokio::test]
async fn change_raises_everything_that_it_touches_once_and_nothing_else() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party.forget_outbox().await?;
    let moved = plan_of(&[BOB, SAM], "").replace("T090000Z", "T093000Z");
    party.done(&party.puts(NAME, &moved).await?).await?;
    assert_eq!(
        party.places().await?,
        [
            "1001 default plan.ics 2 3".to_owned(),
            "4711 default plan.ics 2 3 copy".to_owned(),
            "4711 inbox 1001-plan.ics 2 3 REQUEST".to_owned(),
            "98765 default plan.ics 2 3 copy".to_owned(),
            "98765 inbox 1001-plan.ics 2 3 REQUEST".to_owned(),
        ]
    );
    assert_eq!(
        party.ground.outbox().await?,
        [
            "invite_notification 4711 pending",
            "invite_notification 98765 pending",
            "rsvp_notification 1001 pending"
        ]
    );
    let versions = "select version::text from events where method is null";
    assert_eq!(party.ground.rows(versions).await?, ["2", "2", "2"]);
    assert_eq!(
        party.ground.rows(TAGS).await?,
        ["1001 one", "4711 one", "98765 one"]
    );

    // Without Sam's copy there is nothing of his to change.
    party.done(&party.removes_copy(SAM, id).await?).await?;
    let before = party.ctags().await?;
    let renamed = moved.replace("Planning", "Plan");
    party.done(&party.puts(NAME, &renamed).await?).await?;
    let after = party.ctags().await?;
    let changed: Vec<_> = after.iter().filter(|ctag| !before.contains(ctag)).collect();
    assert_eq!(
        changed,
        ["1001 default 5", "98765 default 5", "98765 inbox 4"]
    );
    Ok(())
}

#[tokio::test]
async fn answer_changes_every_copy_and_leaves_the_schedule_tags_of_others() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party.forget_outbox().await?;
    party
        .done(&party.answers(5, BOB, id, PartStat::Accepted).await?)
        .await?;
    assert_eq!(
        party.places().await?,
        [
            "1001 default plan.ics 2 3".to_owned(),
            "1001 inbox 98765-plan.ics 1 2 REPLY".to_owned(),
            "4711 default plan.ics 2 3 copy".to_owned(),
            "4711 inbox 1001-plan.ics 1 2 REQUEST".to_owned(),
            "98765 default plan.ics 2 3 copy".to_owned(),
        ]
    );
    assert_eq!(
        party.ground.rows(TAGS).await?,
        ["1001 two", "4711 two", "98765 one"]
    );
    assert_eq!(
        party.ground.attendees().await?,
        ["4711 NEEDS-ACTION", "98765 ACCEPTED 5"]
    );
    assert_eq!(
        party.ground.outbox().await?,
        [
            "invite_notification 98765 pending",
            "rsvp_notification 1001 pending"
        ]
    );
    for who in [ANN, SAM, BOB] {
        let event = party.event(who, NAME).await?;
        let text = String::from_utf8(event.object)?;
        assert_eq!(
            text.matches("PARTSTAT=ACCEPTED").count(),
            1,
            "{who}: {text}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn removal_takes_the_organizers_object_and_cancels_the_copies() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party.forget_outbox().await?;
    party.done(&party.removes(id).await?).await?;
    assert_eq!(
        party.places().await?,
        [
            "4711 default plan.ics 2 3 copy".to_owned(),
            "4711 inbox 1001-plan.ics 2 3 CANCEL".to_owned(),
            "98765 default plan.ics 2 3 copy".to_owned(),
            "98765 inbox 1001-plan.ics 2 3 CANCEL".to_owned(),
        ]
    );
    assert!(party.copy(BOB).await?.contains("STATUS:CANCELLED"));
    let tombstones = "select resource_name || ' ' || revision from event_tombstones";
    assert_eq!(party.ground.rows(tombstones).await?, ["plan.ics 3"]);
    assert_eq!(
        party.ground.outbox().await?,
        [
            "invite_notification 4711 pending",
            "invite_notification 98765 pending",
            "rsvp_notification 1001 pending"
        ]
    );

    // The name can be used again, and the copies are those of the new meeting.
    let again = party.puts(NAME, &plan_of(&[BOB, SAM], "")).await?;
    party.done(&again).await?;
    assert_eq!(party.ground.rows(tombstones).await?, [""; 0]);
    let new = party.event(ANN, NAME).await?.id;
    assert_eq!(party.event(BOB, NAME).await?.organizer_event_id, Some(new));
    assert!(!party.copy(BOB).await?.contains("STATUS:CANCELLED"));
    Ok(())
}

#[tokio::test]
async fn who_has_no_account_gets_the_copy_later() -> Result<()> {
    let party = Party::new().await?;
    party
        .done(&party.puts(NAME, &plan_of(&[EVE], "")).await?)
        .await?;
    assert_eq!(party.places().await?, ["1001 default plan.ics 1 2"]);
    let id = party.event(ANN, NAME).await?.id;
    party
        .ground
        .store
        .add_user(&account(EVE, Uuid::now_v7()))
        .await?;
    party.done(&party.joins(EVE, id).await?).await?;
    assert_eq!(
        party.places().await?,
        [
            "1001 default plan.ics 1 2".to_owned(),
            "31415 default plan.ics 1 2 copy".to_owned(),
            "31415 inbox 1001-plan.ics 1 2 REQUEST".to_owned(),
        ]
    );
    Ok(())
}
