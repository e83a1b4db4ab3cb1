//! Changes of one meeting at once, and of several that concern the same people: each waits for the other in one order, and
//! no answer is lost.

use std::future::Future;

use anyhow::{Result, bail};
use televent_calendar::PartStat;
use televent_store::{ObjectWrite, WriteOutcome, digest};
use televent_tests::meeting;

use super::{
    decided::Decided,
    party::{NAME, Party, UID, invitations, plan_of},
};
use crate::support::{ANN, BOB, Draft, SAM};

/// Gates before the rows that changes lock, in the order in which they do.
pub const THE_OBJECTS: &str = "select from events for update";
pub const THE_CALENDARS: &str = "select from calendars for update";

/// How often a change is decided again, as by the services.
const MAX_TRIES: usize = 8;

/// Runs two changes behind a gate. That neither fails means that they do not wait for each other: Postgres ends a deadlock
/// by failing one.
pub async fn race<A, B>(
    party: &Party,
    gate: &str,
    a: impl Future<Output = Result<A>>,
    b: impl Future<Output = Result<B>>,
) -> Result<(A, B)> {
    let (a, b) = party.ground.race(gate, a, b).await?;
    Ok((a?, b?))
}

/// Decides and writes until it is done, beginning with what was decided already.
pub async fn persist<D>(party: &Party, first: Decided, again: impl Fn() -> D) -> Result<()>
where
    D: Future<Output = Result<Decided>>,
{
    let mut change = first;
    for _ in 0..MAX_TRIES {
        if party.write(&change).await? == WriteOutcome::Done {
            return Ok(());
        }
        change = again().await?;
    }
    bail!("others were always faster")
}

/// What everybody's object says of Bob's answer, if there is such an object.
pub async fn answers_of_bob(party: &Party) -> Result<Vec<String>> {
    party
        .ground
        .rows(
            "select c.owner || ' ' || coalesce(substring(
                 replace(convert_from(e.object, 'UTF8'), E'\\r\\n ', '')
                 from 'ATTENDEE[^\\r]*PARTSTAT=([A-Z-]+)[^\\r]*tg_98765'
             ), '-')
             from events e join calendars c on c.id = e.calendar_id
             where e.deleted_at is null and e.method is null
             union all
             select 'row ' || status from event_attendees where telegram_id = 98765
             order by 1",
        )
        .await
}

pub const ACCEPTED_BY_BOB: [&str; 4] = [
    "1001 ACCEPTED",
    "4711 ACCEPTED",
    "98765 ACCEPTED",
    "row ACCEPTED",
];

/// Both write into both's calendars.
#[tokio::test]
async fn organizers_who_invite_each_other_are_both_done() -> Result<()> {
    for gate in [THE_OBJECTS, THE_CALENDARS] {
        let (party, id) = Party::invited().await?;
        let bobs = |title: &str| {
            meeting("bobs", BOB, &invitations(&[ANN, SAM])).replace("Planning", title)
        };
        party
            .done(&party.puts_as(BOB, "bobs.ics", &bobs("One")).await?)
            .await?;
        let moved = plan_of(&[BOB, SAM], "").replace("T090000Z", "T093000Z");
        let anns = party.puts(NAME, &moved).await?;
        let his = bobs("Two").replace("T090000Z", "T093000Z");
        let his = party.puts_as(BOB, "bobs.ics", &his).await?;
        let both = race(&party, gate, party.write(&anns), party.write(&his)).await?;
        assert_eq!(both, (WriteOutcome::Done, WriteOutcome::Done));
        party.is_sound().await?;
        assert!(party.copy(BOB).await?.contains("T093000Z"));
        let copy = party.event(ANN, "bobs.ics").await?;
        assert!(String::from_utf8(copy.object)?.contains("SUMMARY:Two"));
        assert_eq!(party.event(SAM, "bobs.ics").await?.sequence, 2);
        assert_eq!(party.event(BOB, NAME).await?.organizer_event_id, Some(id));
    }
    Ok(())
}

#[tokio::test]
async fn new_meetings_of_two_who_invite_each_other_are_both_made() -> Result<()> {
    let party = Party::new().await?;
    let anns = party.puts(NAME, &plan_of(&[BOB, SAM], "")).await?;
    let his = meeting("bobs", BOB, &invitations(&[ANN, SAM]));
    let his = party.puts_as(BOB, "bobs.ics", &his).await?;
    let both = race(&party, THE_CALENDARS, party.write(&anns), party.write(&his)).await?;
    assert_eq!(both, (WriteOutcome::Done, WriteOutcome::Done));
    party.is_sound().await?;
    assert_eq!(party.places().await?.len(), 10);
    Ok(())
}

/// Two meetings with one UID: one comes first, and the other has another look.
#[tokio::test]
async fn new_meetings_with_one_uid_are_not_both_copied() -> Result<()> {
    let party = Party::new().await?;
    let anns = party.puts(NAME, &plan_of(&[SAM], "")).await?;
    let his = meeting(UID, BOB, &invitations(&[SAM]));
    let his = party.puts_as(BOB, "bobs.ics", &his).await?;
    let both = race(&party, THE_CALENDARS, party.write(&anns), party.write(&his)).await?;
    match both {
        (WriteOutcome::Done, WriteOutcome::Conflict)
        | (WriteOutcome::Conflict, WriteOutcome::Done) => {}
        both => panic!("Sam's calendar takes one of them: {both:?}"),
    }
    party.is_sound().await
}

#[tokio::test]
async fn answer_by_card_and_a_change_of_the_organizers_are_both_done() -> Result<()> {
    for gate in [THE_OBJECTS, THE_CALENDARS] {
        let (party, id) = Party::invited().await?;
        let renamed = plan_of(&[BOB, SAM], "").replace("Planning", "Plan");
        let put = || party.puts(NAME, &renamed);
        let answer = || party.answers(5, BOB, id, PartStat::Accepted);
        let (first_put, first_answer) = (put().await?, answer().await?);
        race(
            &party,
            gate,
            persist(&party, first_put, put),
            persist(&party, first_answer, answer),
        )
        .await?;
        party.is_sound().await?;
        assert_eq!(answers_of_bob(&party).await?, ACCEPTED_BY_BOB);
        for who in [ANN, BOB, SAM] {
            let text = String::from_utf8(party.event(who, NAME).await?.object)?;
            assert!(text.contains("SUMMARY:Plan\r\n"), "{who}: {text}");
        }
        assert_eq!(
            party.ground.attendees().await?,
            ["4711 NEEDS-ACTION", "98765 ACCEPTED 5"]
        );
    }
    Ok(())
}

#[tokio::test]
async fn answers_of_two_people_are_both_everywhere() -> Result<()> {
    for gate in [THE_OBJECTS, THE_CALENDARS] {
        let (party, id) = Party::invited().await?;
        let bobs = || party.answers(5, BOB, id, PartStat::Accepted);
        let said = party.copy(SAM).await?.replace("NEEDS-ACTION", "DECLINED");
        // Sam's own line is the only one that his client can change.
        let sams = || party.puts_copy(SAM, id, &said);
        let (first_bobs, first_sams) = (bobs().await?, sams().await?);
        race(
            &party,
            gate,
            persist(&party, first_bobs, bobs),
            persist(&party, first_sams, sams),
        )
        .await?;
        party.is_sound().await?;
        assert_eq!(answers_of_bob(&party).await?, ACCEPTED_BY_BOB);
        assert_eq!(
            party.ground.attendees().await?,
            ["4711 DECLINED", "98765 ACCEPTED 5"]
        );
        let replies = "select resource_name from events where method = 'REPLY' order by 1";
        assert_eq!(party.ground.rows(replies).await?.len(), 2);
        let left = "select method from events where method = 'REQUEST'";
        assert_eq!(party.ground.rows(left).await?, [""; 0]);
    }
    Ok(())
}

#[tokio::test]
async fn press_that_arrives_twice_is_written_once() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party.forget_outbox().await?;
    let (one, two) = (
        party.answers(5, BOB, id, PartStat::Accepted).await?,
        party.answers(5, BOB, id, PartStat::Accepted).await?,
    );
    let both = race(&party, THE_OBJECTS, party.write(&one), party.write(&two)).await?;
    assert_ne!(both.0, both.1, "one of them must win");
    party.is_sound().await?;
    assert_eq!(party.ground.outbox().await?.len(), 2);
    Ok(())
}

/// Bob sets an alarm while he, or Sam, presses a button: the answer is written into the copy that has the alarm, or the
/// client is told that it has changed.
#[tokio::test]
async fn answer_and_the_attendees_own_change_of_their_copy_leave_both() -> Result<()> {
    for who in [BOB, SAM] {
        for gate in [THE_OBJECTS, THE_CALENDARS] {
            let (party, id) = Party::invited().await?;
            let copy = party.event(BOB, NAME).await?;
            let text = String::from_utf8(copy.object.clone())?;
            let alarmed = text.replace("END:VEVENT", "X-ALARM:1\r\nEND:VEVENT");
            let etag = digest(alarmed.as_bytes());
            let draft = Draft {
                owner_organizes: false,
                ..Draft::new(UID, "", &[])
            };
            let write = ObjectWrite {
                object: alarmed.as_bytes(),
                etag: &etag,
                ..draft.write()
            };
            let replace = async {
                let store = &party.ground.store;
                let outcome = store
                    .replace_event(party.bobs, copy.id, copy.sequence, &write)
                    .await?;
                anyhow::Ok(outcome)
            };
            let answer = || party.answers(5, who, id, PartStat::Accepted);
            let first = answer().await?;
            let (replaced, ()) =
                race(&party, gate, replace, persist(&party, first, answer)).await?;
            party.is_sound().await?;
            let after = party.copy(BOB).await?;
            assert_eq!(after.matches("PARTSTAT=ACCEPTED").count(), 1, "{after}");
            match replaced {
                WriteOutcome::Done => assert!(after.contains("X-ALARM"), "{after}"),
                WriteOutcome::Conflict => assert!(!after.contains("X-ALARM"), "{after}"),
                outcome => panic!("it has its UID already: {outcome:?}"),
            }
            let event = party.event(BOB, NAME).await?;
            assert_eq!(event.organizer_event_id, Some(id));
        }
    }
    Ok(())
}
