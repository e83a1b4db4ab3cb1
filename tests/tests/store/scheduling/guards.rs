//! A change of a meeting is written as a whole, on what it was decided on, or not at all.

use anyhow::Result;
use televent_calendar::{CopyWrite, PartStat, Plan};
use televent_store::{CopyRow, RemoveOutcome, WriteOutcome};
use uuid::Uuid;

use super::{
    decided::{Decided, Place, decided},
    party::{NAME, Party, plan_of},
};
use crate::support::{ANN, BOB, SAM, press};

/// What was loaded of somebody's copy.
fn copy_of(decided: &mut Decided, who: i64) -> &mut CopyRow {
    let mut people = decided.rows.people.iter_mut();
    let person = people.find(|row| row.telegram_id.get() == who);
    let copy = person.and_then(|person| person.copy.as_mut());
    copy.expect("they have a copy")
}

/// All kinds of changes of the meeting in which Bob has accepted, each of which concerns Ann's object and both copies.
async fn changes(party: &Party, id: Uuid) -> Result<Vec<(&'static str, Decided)>> {
    let moved = plan_of(&[BOB, SAM], "").replace("T090000Z", "T093000Z");
    let declined = party.copy(BOB).await?.replace("ACCEPTED", "DECLINED");
    Ok(vec![
        ("Ann's PUT", party.puts(NAME, &moved).await?),
        ("Ann's DELETE", party.removes(id).await?),
        (
            "Bob's press",
            party.answers(6, BOB, id, PartStat::Declined).await?,
        ),
        ("Bob's PUT", party.puts_copy(BOB, id, &declined).await?),
        ("Bob's DELETE", party.removes_copy(BOB, id).await?),
    ])
}

async fn accepted() -> Result<(Party, Uuid)> {
    let (party, id) = Party::invited().await?;
    party
        .done(&party.answers(5, BOB, id, PartStat::Accepted).await?)
        .await?;
    Ok((party, id))
}

#[tokio::test]
async fn other_version_of_the_organizers_object_or_of_any_copy_is_a_conflict() -> Result<()> {
    let (party, id) = accepted().await?;
    for (what, mut change) in changes(&party, id).await? {
        for who in [ANN, BOB, SAM] {
            for difference in [-1, 1] {
                let version = |change: &mut Decided, difference| match who {
                    ANN => {
                        let organizer = change.rows.organizer.as_mut();
                        organizer.expect("Ann's object").version += difference;
                    }
                    _ => copy_of(change, who).version += difference,
                };
                version(&mut change, difference);
                assert_eq!(
                    party.refused(&change).await?,
                    WriteOutcome::Conflict,
                    "{what} on another version of {who}'s"
                );
                version(&mut change, -difference);
            }
        }
    }
    // As they were decided any one of them can be written, and then no other.
    for chosen in 0..changes(&party, id).await?.len() {
        let (party, id) = accepted().await?;
        let changes = changes(&party, id).await?;
        party.done(&changes[chosen].1).await?;
        for (what, change) in &changes {
            let outcome = party.refused(change).await?;
            assert_eq!(outcome, WriteOutcome::Conflict, "{what} after {chosen}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn object_that_is_gone_altogether_is_a_conflict() -> Result<()> {
    let (party, id) = accepted().await?;
    for (what, mut change) in changes(&party, id).await? {
        let mut sams = party.puts(NAME, &plan_of(&[SAM], "")).await?;
        copy_of(&mut sams, SAM).id = Uuid::now_v7();
        assert_eq!(party.refused(&sams).await?, WriteOutcome::Conflict);
        change.rows.organizer.as_mut().expect("Ann's object").id = Uuid::now_v7();
        assert_eq!(
            party.refused(&change).await?,
            WriteOutcome::Conflict,
            "{what}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn deleted_object_is_neither_changed_nor_deleted_again() -> Result<()> {
    let (party, id) = accepted().await?;
    let changes = changes(&party, id).await?;
    let event = party.event(ANN, NAME).await?;
    let removed = party.ground.store.remove_event(id, event.sequence).await?;
    assert_eq!(removed, RemoveOutcome::Done);
    for (what, mut change) in changes {
        // As if somebody had decided on the deleted one.
        change
            .rows
            .organizer
            .as_mut()
            .expect("Ann's object")
            .version += 1;
        assert_eq!(
            party.refused(&change).await?,
            WriteOutcome::Conflict,
            "{what}"
        );
    }
    // The copies are still their owners'.
    party.done(&party.removes_copy(BOB, id).await?).await
}

#[tokio::test]
async fn calendar_that_is_gone_is_a_conflict() -> Result<()> {
    for gone in [
        "owner = 98765 and kind = 'calendar'",
        "owner = 98765 and kind = 'inbox'",
        "owner = 1001 and kind = 'calendar'",
    ] {
        let party = Party::new().await?;
        let new = party.puts(NAME, &plan_of(&[BOB, SAM], "")).await?;
        party
            .ground
            .sql(&format!(
                "update calendars set deleted_at = now() where {gone}"
            ))
            .await?;
        let outcome = party.refused(&new).await?;
        assert_eq!(outcome, WriteOutcome::Conflict, "{gone}");
    }
    let party = Party::new().await?;
    let mut new = party.puts(NAME, &plan_of(&[BOB, SAM], "")).await?;
    new.rows.people[0].calendar_id = Some(Uuid::now_v7());
    assert_eq!(party.refused(&new).await?, WriteOutcome::Conflict);
    Ok(())
}

#[tokio::test]
async fn press_that_was_processed_before_writes_nothing() -> Result<()> {
    let (party, id) = accepted().await?;
    let again = party.answers(5, BOB, id, PartStat::Declined).await?;
    assert_eq!(party.refused(&again).await?, WriteOutcome::Conflict);

    party.ground.store.note_update(7, 6).await?;
    let noted = party.answers(6, BOB, id, PartStat::Declined).await?;
    assert_eq!(party.refused(&noted).await?, WriteOutcome::Conflict);

    // The id of a press is taken with what it changes, and only then.
    let mut late = party.answers(8, BOB, id, PartStat::Declined).await?;
    copy_of(&mut late, SAM).version += 1;
    party.refused(&late).await?;
    copy_of(&mut late, SAM).version -= 1;
    party.done(&late).await?;
    let updates = "select update_id::text from processed_updates order by 1";
    assert_eq!(party.ground.rows(updates).await?, ["5", "6", "8"]);
    Ok(())
}

#[tokio::test]
async fn change_of_nothing_writes_the_press_and_no_more() -> Result<()> {
    let (party, id) = accepted().await?;
    let rows = party.ground.store.meeting_by_id(id, &[]).await?;
    let nothing = Decided {
        press: Some(press(6, BOB)),
        ..decided(
            rows.expect("the meeting"),
            Plan::default(),
            Place::AsPlanned,
        )
    };
    let before = (party.places().await?, party.ctags().await?);
    party.done(&nothing).await?;
    assert_eq!((party.places().await?, party.ctags().await?), before);
    let updates = "select update_id::text from processed_updates order by 1";
    assert_eq!(party.ground.rows(updates).await?, ["5", "6"]);
    Ok(())
}

/// Whoever takes the invitation back has decided on everybody's copy: one that they did not know of would stay as it is.
#[tokio::test]
async fn copy_that_comes_into_being_is_noticed_by_who_cancels() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party.done(&party.removes_copy(BOB, id).await?).await?;
    let cancelled = party.removes(id).await?;
    let taken_out = party.puts(NAME, &plan_of(&[SAM], "")).await?;
    party.done(&party.joins(BOB, id).await?).await?;
    for change in [&cancelled, &taken_out] {
        assert_eq!(party.refused(change).await?, WriteOutcome::Conflict);
    }
    party.done(&party.removes(id).await?).await?;
    assert!(party.copy(BOB).await?.contains("STATUS:CANCELLED"));
    Ok(())
}

#[tokio::test]
async fn people_who_are_not_planned_for_are_left_alone() -> Result<()> {
    let (party, id) = accepted().await?;
    let mut change = party.answers(6, BOB, id, PartStat::Declined).await?;
    change.plan.copies.retain(|copy| copy.of.get() == BOB);
    // Sam's copy has changed meanwhile, which does not matter.
    copy_of(&mut change, SAM).version += 1;
    let sams = party.event(SAM, NAME).await?;
    party.done(&change).await?;
    assert_eq!(party.event(SAM, NAME).await?, sams);
    let bobs = change.plan.copies.first().map(|copy| &copy.write);
    let Some(CopyWrite::Replace { object, .. }) = bobs else {
        panic!("Bob's copy changes with his answer");
    };
    assert_eq!(party.event(BOB, NAME).await?.object, object.as_bytes());
    Ok(())
}
