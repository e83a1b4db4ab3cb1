//! What is loaded of a meeting: the organizer's object, the people, and where each of them has a copy or would get one.

use anyhow::{Context as _, Result};
use televent_calendar::{InternalDomain, Owner, PartStat, ScheduleStatus};
use televent_store::{CalendarProperties, MeetingKey, NewCalendar, PersonRow, RemoveOutcome};
use uuid::Uuid;

use super::party::{NAME, Party, UID, plan_of};
use crate::support::{ANN, BOB, Draft, EVE, SAM, account, attendee, person, properties};

const ANNS_ADDRESS: &str = "tg_1001@televent.internal";

/// Bob as somebody in a meeting that Ann makes with this kind of component.
async fn bob_in_new(party: &Party, component: &str) -> Result<PersonRow> {
    let people = [person(BOB)];
    let key = MeetingKey {
        owner: person(ANN),
        most: None,
        event_id: None,
        uid: UID,
        organizer: ANNS_ADDRESS,
        component,
        people: &people,
    };
    let rows = party.ground.store.meeting(&key).await?;
    assert!(rows.organizer.is_none());
    let [bob] = <[PersonRow; 1]>::try_from(rows.people).expect("one was asked for");
    Ok(bob)
}

/// Somebody in a meeting that is stored.
async fn row(party: &Party, id: Uuid, who: i64) -> Result<PersonRow> {
    let rows = party.ground.store.meeting_by_id(id, &[]).await?;
    let mut people = rows.context("the meeting")?.people.into_iter();
    let found = people.find(|row| row.telegram_id == person(who));
    found.with_context(|| format!("{who} is not in it"))
}

#[tokio::test]
async fn people_are_those_who_are_asked_for_and_those_who_are_invited() -> Result<()> {
    let party = Party::new().await?;
    let mut draft = Draft::new(UID, "one", &[BOB]);
    // Named, but not invited.
    draft.attendees.push(attendee(SAM));
    draft.attendees[1].invited = false;
    let mut again = attendee(BOB);
    again.recurrence_id = "20270122".to_owned();
    draft.attendees.push(again);
    let id = party.ground.event(NAME, &draft).await?;
    for (asked_for, expected) in [
        ([].as_slice(), vec![BOB]),
        (&[BOB], vec![BOB]),
        (&[SAM, EVE], vec![SAM, EVE, BOB]),
    ] {
        let asked_for: Vec<_> = asked_for.iter().map(|id| person(*id)).collect();
        let rows = party.ground.store.meeting_by_id(id, &asked_for).await?;
        let mut people: Vec<_> = rows
            .context("the meeting")?
            .people
            .iter()
            .map(|row| row.telegram_id.get())
            .collect();
        people.sort_unstable();
        assert_eq!(people, expected);
    }
    Ok(())
}

#[tokio::test]
async fn organizers_object_is_loaded_with_its_owner_and_even_when_it_is_deleted() -> Result<()> {
    let (party, id) = Party::invited().await?;
    let store = &party.ground.store;
    let rows = store.meeting_by_id(id, &[]).await?.context("the meeting")?;
    let organizer = rows.organizer.as_ref().context("the object")?;
    let inbox = party.slot(ANN, "inbox", "").await?.calendar.id;
    assert_eq!(
        (
            organizer.id,
            organizer.calendar_id,
            organizer.inbox_id,
            organizer.owner
        ),
        (id, party.ground.calendar_id, Some(inbox), person(ANN))
    );
    assert_eq!(
        (
            organizer.uid.as_str(),
            organizer.organizer.as_deref(),
            organizer.component.as_str()
        ),
        (UID, Some(ANNS_ADDRESS), "VEVENT")
    );
    assert!(organizer.owner_organizes && !organizer.deleted);
    assert_eq!(store.organizer_row(id).await?.as_ref(), Some(organizer));
    let domain = InternalDomain::default();
    let meeting = rows.stored_meeting(&domain)?.context("the meeting")?;
    assert!(meeting.object.is_some());

    party.done(&party.removes(id).await?).await?;
    let rows = store.meeting_by_id(id, &[]).await?.context("the meeting")?;
    let organizer = rows.organizer.as_ref().context("the object")?;
    assert!(organizer.deleted);
    assert_eq!(organizer.version, 2);
    let meeting = rows.stored_meeting(&domain)?.context("the meeting")?;
    assert!(meeting.object.is_none());
    assert_eq!(meeting.people.len(), 2);
    assert!(store.meeting_by_id(Uuid::now_v7(), &[]).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn copy_goes_into_the_calendar_for_invitations_or_the_first_that_takes_it() -> Result<()> {
    let party = Party::new().await?;
    let ground = &party.ground;
    let place = async |component| anyhow::Ok(bob_in_new(&party, component).await?.calendar_id);
    let tasks = CalendarProperties {
        components: vec!["VTODO".to_owned()],
        ..properties("Tasks")
    };
    let new = NewCalendar {
        id: Uuid::now_v7(),
        owner: person(BOB),
        slug: "a-tasks",
        properties: &tasks,
    };
    ground.store.create_calendar(&new).await?;
    let work = ground.calendar(BOB, "a-work").await?;
    assert_eq!(place("VEVENT").await?, Some(party.bobs));
    assert_eq!(place("VTODO").await?, Some(party.bobs));

    assert!(
        ground
            .store
            .set_default_calendar(person(BOB), new.id)
            .await?
    );
    assert_eq!(place("VTODO").await?, Some(new.id));
    assert_eq!(
        place("VEVENT").await?,
        Some(party.bobs),
        "tasks are no place for it"
    );
    assert!(ground.store.set_default_calendar(person(BOB), work).await?);
    assert_eq!(place("VEVENT").await?, Some(work));

    assert!(ground.store.remove_calendar(work).await?);
    assert_eq!(
        place("VEVENT").await?,
        Some(party.bobs),
        "the chosen one is gone"
    );
    let newest = ground.calendar(BOB, "newest").await?;
    assert!(ground.store.remove_calendar(party.bobs).await?);
    assert_eq!(place("VEVENT").await?, Some(newest));
    assert_eq!(place("VTODO").await?, Some(new.id));
    assert!(ground.store.remove_calendar(newest).await?);
    assert_eq!(place("VEVENT").await?, None);
    assert!(bob_in_new(&party, "VEVENT").await?.inbox_id.is_some());
    Ok(())
}

#[tokio::test]
async fn place_whose_uid_is_taken_is_none() -> Result<()> {
    for (calendar, organizer, is_free) in [
        ("first", None, false),
        // RFC 4791 is about one calendar, RFC 6638 about all, but only about scheduling object resources.
        ("other", None, true),
        ("other", Some("somebody@example.com"), false),
        ("first", Some("tg_98765@televent.internal"), false),
    ] {
        let party = Party::new().await?;
        let other = party.ground.calendar(BOB, "other").await?;
        let draft = Draft {
            organizer,
            owner_organizes: organizer == Some("tg_98765@televent.internal"),
            ..Draft::new(UID, "one", &[])
        };
        let calendar_id = if calendar == "first" {
            party.bobs
        } else {
            other
        };
        party.ground.event_in(calendar_id, "x.ics", &draft).await?;
        let bob = bob_in_new(&party, "VEVENT").await?;
        assert_eq!(bob.copy, None);
        let place = is_free.then_some(party.bobs);
        assert_eq!(bob.calendar_id, place, "{calendar} {organizer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn copy_is_the_object_with_the_uid_and_the_organizer_wherever_its_owner_has_it() -> Result<()>
{
    // One of another organizer, and one that Bob organizes by the address of Ann, are not.
    for (organizer, owner_organizes, is_copy) in [
        (ANNS_ADDRESS, false, true),
        (ANNS_ADDRESS, true, false),
        ("ann@example.com", false, false),
    ] {
        let party = Party::new().await?;
        let other = party.ground.calendar(BOB, "other").await?;
        let draft = Draft {
            organizer: Some(organizer),
            owner_organizes,
            ..Draft::new(UID, "one", &[])
        };
        let id = party.ground.event_in(other, "x.ics", &draft).await?;
        let bob = bob_in_new(&party, "VEVENT").await?;
        let copy = bob
            .copy
            .map(|copy| (copy.id, copy.calendar_id, copy.version));
        assert_eq!(copy, is_copy.then_some((id, other, 1)), "{organizer}");
        assert_eq!(bob.calendar_id, None, "there is no place for another");
    }

    let (party, id) = Party::invited().await?;
    let copy = row(&party, id, BOB).await?.copy.context("Bob's copy")?;
    let event = party.event(BOB, NAME).await?;
    assert_eq!((copy.id, copy.object), (event.id, event.object));
    party.done(&party.removes_copy(BOB, id).await?).await?;
    let bob = row(&party, id, BOB).await?;
    assert_eq!((bob.copy, bob.calendar_id), (None, Some(party.bobs)));
    Ok(())
}

#[tokio::test]
async fn message_is_there_until_it_is_read_or_removed() -> Result<()> {
    let (party, id) = Party::invited().await?;
    let other = plan_of(&[BOB], "").replace("UID:plan", "UID:other");
    party.done(&party.puts("other.ics", &other).await?).await?;
    assert!(row(&party, id, BOB).await?.has_message);
    party
        .done(&party.answers(5, BOB, id, PartStat::Accepted).await?)
        .await?;
    assert!(!row(&party, id, BOB).await?.has_message);

    let name = "1001-plan.ics";
    let message = party.slot(SAM, "inbox", name).await?.event;
    let message = message.context("Sam's message")?;
    assert!(row(&party, id, SAM).await?.has_message);
    let removed = party.ground.store.remove_event(message.id, 1).await?;
    assert_eq!(removed, RemoveOutcome::Done);
    assert!(!row(&party, id, SAM).await?.has_message);
    Ok(())
}

#[tokio::test]
async fn what_a_message_to_somebody_meets_is_known_or_follows_from_the_account() -> Result<()> {
    let party = Party::new().await?;
    let store = &party.ground.store;
    party
        .done(&party.puts(NAME, &plan_of(&[BOB, EVE], "")).await?)
        .await?;
    let id = party.event(ANN, NAME).await?.id;
    let delivery = async |who| {
        let rows = store.meeting_by_id(id, &[]).await?.context("the meeting")?;
        let owner = Owner {
            telegram_id: person(ANN),
            common_name: "Ann".to_owned(),
        };
        let meeting = rows.meeting(owner, &InternalDomain::default())?;
        let person = meeting.people.get(&person(who)).context("they are in it")?;
        anyhow::Ok((person.has_calendar, person.delivery))
    };
    let eve = row(&party, id, EVE).await?;
    assert_eq!(
        (eve.calendar_id, eve.inbox_id, eve.copy),
        (None, None, None)
    );
    assert_eq!((eve.has_message, eve.delivery), (false, None));
    assert_eq!(delivery(EVE).await?, (false, ScheduleStatus::Pending));
    assert_eq!(delivery(BOB).await?, (true, ScheduleStatus::Delivered));
    store.set_reachable(person(EVE), false).await?;
    store.set_reachable(person(BOB), false).await?;
    assert_eq!(delivery(EVE).await?, (false, ScheduleStatus::Failed));
    assert_eq!(delivery(BOB).await?, (true, ScheduleStatus::Failed));
    store.set_reachable(person(BOB), true).await?;
    assert_eq!(delivery(BOB).await?, (true, ScheduleStatus::Delivered));
    store.add_user(&account(EVE, Uuid::now_v7())).await?;
    assert!(row(&party, id, EVE).await?.calendar_id.is_some());
    Ok(())
}
