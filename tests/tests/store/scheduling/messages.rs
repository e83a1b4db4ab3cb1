//! Messages in inboxes: one for each meeting and reader, until it is read.

use anyhow::Result;
use televent_calendar::PartStat;
use televent_store::{ChangeKind, INBOX_SLUG, RemoveOutcome};

use super::party::{NAME, Party, plan_of};
use crate::support::{ANN, BOB, SAM, person};

/// What sync says of somebody's inbox from a ctag on.
async fn changes(party: &Party, who: i64, since: i64) -> Result<Vec<String>> {
    let store = &party.ground.store;
    let found = store.changes(person(who), INBOX_SLUG, since, 10).await?;
    let (_, changes) = found.expect("everybody has an inbox");
    Ok(changes
        .into_iter()
        .map(|change| {
            let kind = match change.kind {
                ChangeKind::Live(_) => "live",
                ChangeKind::Gone => "gone",
            };
            format!("{} {kind}", change.revision)
        })
        .collect())
}

/// Bob's client has shown the message and removes it.
async fn deletes_message(party: &Party, name: &str) -> Result<()> {
    let slot = party.slot(BOB, INBOX_SLUG, name).await?;
    let message = slot.event.expect("the message");
    let outcome = party
        .ground
        .store
        .remove_event(message.id, message.sequence)
        .await?;
    assert_eq!(outcome, RemoveOutcome::Done);
    party.is_sound().await
}

#[tokio::test]
async fn newer_message_takes_the_place_of_the_older_one_of_whatever_size() -> Result<()> {
    let (party, _) = Party::invited().await?;
    for (lines, time) in [("COMMENT:longer than before", "T093000Z"), ("", "T094500Z")] {
        let text = plan_of(&[BOB, SAM], lines).replace("T090000Z", time);
        party.done(&party.puts(NAME, &text).await?).await?;
    }
    let name = "1001-plan.ics";
    let message = party.slot(BOB, INBOX_SLUG, name).await?.event;
    let message = message.expect("the message");
    assert_eq!((message.sequence, message.version), (3, 3));
    assert!(String::from_utf8(message.object)?.contains("T094500Z"));
    assert_eq!(message.etag, message.schedule_tag);

    party
        .done(&party.puts(NAME, &plan_of(&[SAM], "")).await?)
        .await?;
    let message = party.slot(BOB, INBOX_SLUG, name).await?.event;
    assert_eq!(
        message.expect("the message").method.as_deref(),
        Some("CANCEL")
    );
    Ok(())
}

#[tokio::test]
async fn message_is_gone_once_its_reader_has_answered_by_card_or_by_app() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party
        .done(&party.answers(5, BOB, id, PartStat::Accepted).await?)
        .await?;
    assert_eq!(changes(&party, BOB, 2).await?, ["3 gone"]);
    assert_eq!(changes(&party, SAM, 2).await?, [""; 0]);

    let said = party.copy(SAM).await?.replace("NEEDS-ACTION", "DECLINED");
    party.done(&party.puts_copy(SAM, id, &said).await?).await?;
    assert_eq!(changes(&party, SAM, 2).await?, ["3 gone"]);
    // Two have answered: of each there is a message to the organizer.
    assert_eq!(changes(&party, ANN, 0).await?, ["2 live", "3 live"]);

    // Another answer of Bob's has nothing to read, and replaces his reply.
    party
        .done(&party.answers(6, BOB, id, PartStat::Declined).await?)
        .await?;
    assert_eq!(changes(&party, BOB, 3).await?, [""; 0]);
    assert_eq!(changes(&party, ANN, 0).await?, ["3 live", "4 live"]);
    Ok(())
}

#[tokio::test]
async fn message_that_a_client_has_removed_comes_again_with_the_next_change() -> Result<()> {
    let (party, _) = Party::invited().await?;
    let name = "1001-plan.ics";
    deletes_message(&party, name).await?;
    assert_eq!(changes(&party, BOB, 2).await?, ["3 gone"]);

    let moved = plan_of(&[BOB, SAM], "").replace("T090000Z", "T093000Z");
    party.done(&party.puts(NAME, &moved).await?).await?;
    assert_eq!(changes(&party, BOB, 2).await?, ["4 live"]);
    let tombstones = "select resource_name from event_tombstones";
    assert_eq!(party.ground.rows(tombstones).await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn answer_takes_the_message_that_is_there_and_none_that_was_removed_before() -> Result<()> {
    let (party, id) = Party::invited().await?;
    let name = "1001-plan.ics";
    deletes_message(&party, name).await?;
    let moved = plan_of(&[BOB, SAM], "").replace("T090000Z", "T093000Z");
    party.done(&party.puts(NAME, &moved).await?).await?;
    party
        .done(&party.answers(5, BOB, id, PartStat::Accepted).await?)
        .await?;
    assert_eq!(changes(&party, BOB, 2).await?, ["5 gone"]);

    // And when there is nothing to read any more, the inbox stays as it is.
    let (party, id) = Party::invited().await?;
    deletes_message(&party, "1001-plan.ics").await?;
    party
        .done(&party.answers(5, BOB, id, PartStat::Accepted).await?)
        .await?;
    assert_eq!(changes(&party, BOB, 2).await?, ["3 gone"]);
    Ok(())
}

#[tokio::test]
async fn messages_of_one_meeting_leave_those_of_others() -> Result<()> {
    let (party, id) = Party::invited().await?;
    let other = plan_of(&[BOB], "").replace("UID:plan", "UID:other");
    party.done(&party.puts("other.ics", &other).await?).await?;
    party
        .done(&party.answers(5, BOB, id, PartStat::Accepted).await?)
        .await?;
    let left = "select e.resource_name from events e join calendars c on c.id = e.calendar_id
                where c.owner = 98765 and c.kind = 'inbox' and e.deleted_at is null";
    assert_eq!(party.ground.rows(left).await?, ["1001-other.ics"]);
    Ok(())
}
