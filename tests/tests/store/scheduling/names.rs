//! Names of copies, and UIDs that are taken.

use anyhow::Result;
use televent_store::WriteOutcome;
use uuid::Uuid;

use super::{
    decided::{NewPlace, Place},
    party::{NAME, Party, plan_of},
};
use crate::support::{ANN, BOB, Draft, Ground, SAM, attendee, person};

/// Bob's resources in the first calendar: names, and `copy` of those that are.
async fn bobs_names(party: &Party) -> Result<Vec<String>> {
    party
        .ground
        .rows(
            "select concat_ws(' ', case when e.resource_name = e.id || '.ics' then 'its id' else e.resource_name end,
                              case when e.organizer_event_id is not null then 'copy' end)
             from events e join calendars c on c.id = e.calendar_id
             where c.owner = 98765 and c.kind = 'calendar' and e.deleted_at is null order by 1",
        )
        .await
}

/// An object of somebody's own in one of their calendars.
async fn own(ground: &Ground, calendar_id: Uuid, name: &str, draft: &Draft) -> Result<()> {
    ground.event_in(calendar_id, name, draft).await?;
    Ok(())
}

/// What Bob's client has of Ann's meeting before there is a copy of it: a scheduling object resource of Bob's.
fn invited_elsewhere(uid: &'static str) -> Draft {
    Draft {
        organizer: Some("somebody@example.com"),
        owner_organizes: false,
        ..Draft::new(uid, "one", &[])
    }
}

#[tokio::test]
async fn copy_is_named_after_its_uid_where_that_makes_a_name() -> Result<()> {
    let longest = "u".repeat(200);
    let too_long = "u".repeat(201);
    for (uid, name) in [
        ("plan", "plan.ics copy"),
        ("0A-b_c.d@example.com", "0A-b_c.d@example.com.ics copy"),
        (&longest, &format!("{longest}.ics copy")),
        (&too_long, "its id copy"),
        (".hidden", "its id copy"),
        ("..", "its id copy"),
        ("a/b", "its id copy"),
        ("a b", "its id copy"),
        ("größe", "its id copy"),
        ("a%2Fb", "its id copy"),
        ("a:b", "its id copy"),
    ] {
        let party = Party::new().await?;
        let text = plan_of(&[BOB], "").replace("UID:plan", &format!("UID:{uid}"));
        party.done(&party.puts("anns.ics", &text).await?).await?;
        assert_eq!(bobs_names(&party).await?, [name], "{uid}");
    }
    Ok(())
}

#[tokio::test]
async fn copy_leaves_a_name_that_is_taken_and_takes_one_that_was() -> Result<()> {
    let party = Party::new().await?;
    let draft = Draft::plain("other", "one");
    let id = party.ground.event_in(party.bobs, NAME, &draft).await?;
    let put = party.puts(NAME, &plan_of(&[BOB], "")).await?;
    assert_eq!(party.write(&put).await?, WriteOutcome::Done);
    assert_eq!(bobs_names(&party).await?, ["its id copy", NAME]);

    party.ground.store.remove_event(id, 1).await?;
    let second = plan_of(&[BOB], "").replace("UID:plan", "UID:second");
    let put = party.puts("second.ics", &second).await?;
    assert_eq!(party.write(&put).await?, WriteOutcome::Done);
    assert_eq!(
        bobs_names(&party).await?,
        ["its id copy", "second.ics copy"]
    );
    let tombstones = "select resource_name from event_tombstones";
    assert_eq!(party.ground.rows(tombstones).await?, [NAME]);
    Ok(())
}

#[tokio::test]
async fn tombstone_of_a_copy_goes_when_the_copy_comes_back() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party.done(&party.removes_copy(BOB, id).await?).await?;
    let tombstones =
        "select resource_name || ' ' || revision from event_tombstones where calendar_id in (
                          select id from calendars where kind = 'calendar')";
    assert_eq!(party.ground.rows(tombstones).await?, ["plan.ics 3"]);
    let moved = plan_of(&[BOB, SAM], "").replace("T090000Z", "T093000Z");
    party.done(&party.puts(NAME, &moved).await?).await?;
    assert_eq!(party.ground.rows(tombstones).await?, [""; 0]);
    assert_eq!(bobs_names(&party).await?, ["plan.ics copy"]);
    Ok(())
}

#[tokio::test]
async fn attendees_client_chooses_the_calendar_and_the_name() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party.done(&party.removes_copy(BOB, id).await?).await?;
    let work = party.ground.calendar(BOB, "work").await?;
    let text = String::from_utf8(party.event(SAM, NAME).await?.object)?;
    let said = text.replace("PARTSTAT=DECLINED", "PARTSTAT=ACCEPTED");
    let mut put = party.puts_copy(BOB, id, &said).await?;
    put.place = Place::NewCopy(person(BOB), NewPlace::in_calendar(work, "mine.ics"));
    party.done(&put).await?;
    assert_eq!(bobs_names(&party).await?, ["mine.ics copy"]);
    let slot = party.slot(BOB, "work", "mine.ics").await?;
    assert_eq!(
        slot.event.and_then(|event| event.organizer_event_id),
        Some(id)
    );
    Ok(())
}

#[tokio::test]
async fn uid_in_the_same_calendar_is_told_by_its_name_and_in_another_by_its_place() -> Result<()> {
    for (in_other_calendar, has_organizer, expected) in [
        (
            false,
            false,
            Some(WriteOutcome::UidTaken {
                resource_name: "there.ics".to_owned(),
            }),
        ),
        (
            false,
            true,
            Some(WriteOutcome::UidTaken {
                resource_name: "there.ics".to_owned(),
            }),
        ),
        (
            true,
            true,
            Some(WriteOutcome::SchedulingUidTaken {
                slug: "work".to_owned(),
                resource_name: "there.ics".to_owned(),
            }),
        ),
        // Not a scheduling object resource: RFC 6638 section 3.2.4.1 is not about it.
        (true, false, None),
    ] {
        let party = Party::new().await?;
        let ground = &party.ground;
        let work = ground.calendar(ANN, "work").await?;
        let there = if has_organizer {
            Draft::new("plan", "one", &[])
        } else {
            Draft::plain("plan", "one")
        };
        let calendar = if in_other_calendar {
            work
        } else {
            ground.calendar_id
        };
        own(ground, calendar, "there.ics", &there).await?;
        let put = party.puts(NAME, &plan_of(&[BOB], "")).await?;
        match expected {
            Some(expected) => assert_eq!(party.refused(&put).await?, expected),
            None => assert_eq!(party.write(&put).await?, WriteOutcome::Done),
        }
    }
    Ok(())
}

#[tokio::test]
async fn plain_object_that_becomes_a_meeting_must_be_the_only_one_of_its_uid() -> Result<()> {
    let party = Party::new().await?;
    let ground = &party.ground;
    let plain =
        plan_of(&[], "").replace("ORGANIZER;CN=Ann:mailto:tg_1001@televent.internal\r\n", "");
    party.done(&party.puts(NAME, &plain).await?).await?;
    let work = ground.calendar(ANN, "work").await?;
    own(ground, work, "there.ics", &Draft::new("plan", "one", &[])).await?;

    let taken = WriteOutcome::SchedulingUidTaken {
        slug: "work".to_owned(),
        resource_name: "there.ics".to_owned(),
    };
    let put = party.puts(NAME, &plan_of(&[BOB], "")).await?;
    assert_eq!(party.refused(&put).await?, taken);
    // And so for one that invites nobody.
    let event = party.event(ANN, NAME).await?;
    let before = ground.everything().await?;
    let alone = Draft::new("plan", "two", &[]);
    assert_eq!(ground.replace(event.id, 1, &alone).await?, taken);
    assert_eq!(ground.everything().await?, before);

    assert!(ground.store.remove_calendar(work).await?);
    party.done(&put).await
}

#[tokio::test]
async fn object_that_comes_where_a_copy_should_go_is_a_conflict() -> Result<()> {
    // With an ORGANIZER in any calendar of Bob's; without one in that of the copy.
    for (is_new, is_scheduled) in [(true, true), (true, false), (false, true), (false, false)] {
        let party = Party::new().await?;
        if !is_new {
            party
                .done(&party.puts(NAME, &plan_of(&[SAM], "")).await?)
                .await?;
        }
        let put = party.puts(NAME, &plan_of(&[BOB, SAM], "")).await?;
        let (calendar, draft) = if is_scheduled {
            let work = party.ground.calendar(BOB, "work").await?;
            (work, invited_elsewhere("plan"))
        } else {
            (party.bobs, Draft::plain("plan", "one"))
        };
        own(&party.ground, calendar, "there.ics", &draft).await?;
        let outcome = party.refused(&put).await?;
        assert_eq!(outcome, WriteOutcome::Conflict, "{is_new} {is_scheduled}");

        // Looked at again there is no place for a copy, and Bob has his card.
        let put = party.puts(NAME, &plan_of(&[BOB, SAM], "")).await?;
        assert_eq!(party.write(&put).await?, WriteOutcome::Done);
        assert_eq!(bobs_names(&party).await?, ["there.ics"]);
    }
    Ok(())
}

#[tokio::test]
async fn name_that_is_taken_meanwhile_is_a_conflict() -> Result<()> {
    let party = Party::new().await?;
    let put = party.puts(NAME, &plan_of(&[BOB], "")).await?;
    own(
        &party.ground,
        party.ground.calendar_id,
        NAME,
        &Draft::plain("other", "one"),
    )
    .await?;
    assert_eq!(party.refused(&put).await?, WriteOutcome::Conflict);
    Ok(())
}

#[tokio::test]
async fn attendees_object_is_not_put_where_the_uid_is_taken() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party.done(&party.removes_copy(BOB, id).await?).await?;
    let text = String::from_utf8(party.event(SAM, NAME).await?.object)?;
    let put = party.puts_copy(BOB, id, &text).await?;
    own(
        &party.ground,
        party.bobs,
        "there.ics",
        &Draft::plain("plan", "one"),
    )
    .await?;
    assert_eq!(
        party.refused(&put).await?,
        WriteOutcome::UidTaken {
            resource_name: "there.ics".to_owned()
        }
    );
    Ok(())
}

/// Bob imports a file that he was sent, which says that Ann invites him; she does so here a moment later.
#[tokio::test]
async fn copy_that_bob_had_already_becomes_the_copy() -> Result<()> {
    let party = Party::new().await?;
    let file = plan_of(&[BOB], "X-MINE:1").replace("Planning", "Plan");
    let mut guest = attendee(BOB);
    guest.invited = false;
    let draft = Draft {
        owner_organizes: false,
        attendees: vec![guest],
        ..Draft::new("plan", file.leak(), &[])
    };
    let id = party
        .ground
        .event_in(party.bobs, "file.ics", &draft)
        .await?;
    party
        .done(&party.puts(NAME, &plan_of(&[BOB], "")).await?)
        .await?;
    assert_eq!(bobs_names(&party).await?, ["file.ics copy"]);
    let copy = party.event(BOB, "file.ics").await?;
    assert_eq!((copy.id, copy.sequence), (id, 2));
    let text = String::from_utf8(copy.object)?;
    assert!(text.contains("X-MINE:1") && text.contains("SUMMARY:Planning"));
    Ok(())
}
