//! After any history of changes, one after the other or at once, the books are right, the answers are one, and a client that
//! only follows sync knows what is there.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use televent_store::{ChangeKind, EventMove, INBOX_SLUG};
use televent_tests::{attendee_lines, meeting};
use uuid::Uuid;

use super::{
    decided::Decided,
    party::{Party, invitations},
};
use crate::support::{ANN, BOB, SAM, person};

const PEOPLE: [i64; 3] = [ANN, BOB, SAM];
const SLUGS: [&str; 3] = ["default", "other", INBOX_SLUG];

/// Whose meetings there are.
const ORGANIZERS: [i64; 2] = [ANN, BOB];

const STEPS: i64 = 120;

fn pick<T: Copy>(random: &mut StdRng, from: &[T]) -> T {
    *from.choose(random).expect("there is something to choose")
}

fn uid(organizer: i64) -> String {
    format!("of-{organizer}")
}

async fn party() -> Result<Party> {
    let party = Party::new().await?;
    for who in PEOPLE {
        party.ground.calendar(who, "other").await?;
    }
    Ok(party)
}

/// A resource somewhere of somebody's: its id, sequence and bytes.
async fn found(party: &Party, condition: &str) -> Result<Option<(Uuid, i64, String)>> {
    let rows = party
        .ground
        .rows(&format!(
            "select concat_ws(' ', e.id, e.sequence, convert_from(e.object, 'UTF8'))
             from events e join calendars c on c.id = e.calendar_id
             where e.deleted_at is null and {condition} limit 1"
        ))
        .await?;
    rows.first()
        .map(|row| {
            let mut parts = row.splitn(3, ' ');
            let mut next = || parts.next().context("three parts");
            Ok((next()?.parse()?, next()?.parse()?, next()?.to_owned()))
        })
        .transpose()
}

/// One change that somebody decides on, if it is possible.
async fn decide(party: &Party, random: &mut StdRng, step: i64) -> Result<Option<Decided>> {
    let organizer = pick(random, &ORGANIZERS);
    let others: Vec<i64> = PEOPLE.into_iter().filter(|who| *who != organizer).collect();
    let (name, uid) = (format!("{}.ics", uid(organizer)), uid(organizer));
    let theirs = format!("c.owner = {organizer} and e.uid = '{uid}' and e.owner_organizes");
    let meeting_id = found(party, &theirs).await?.map(|(id, _, _)| id);
    let who = pick(random, &others);
    let part_stat = pick(random, &["ACCEPTED", "TENTATIVE", "DECLINED"]);
    let kind = random.random_range(0..6);
    let Some(id) = meeting_id.filter(|_| kind > 1) else {
        let people: Vec<i64> = others
            .into_iter()
            .filter(|_| random.random_bool(0.7))
            .collect();
        let lines = pick(random, &["", "LOCATION:Here", "RRULE:FREQ=WEEKLY;COUNT=3"]);
        let text = meeting(&uid, organizer, &[&invitations(&people), lines].join("\n"))
            .replace("\r\n\r\n", "\r\n")
            .replace("LOCATION:Room 4.2\r\n", "")
            .replace("Planning", pick(random, &["Plan", "A longer name", "Sync"]))
            .replace("T090000Z", pick(random, &["T090000Z", "T093000Z"]));
        return party.puts_as(organizer, &name, &text).await.map(Some);
    };
    let copy = format!("c.owner = {who} and e.uid = '{uid}' and e.method is null");
    let copy = found(party, &copy).await?.map(|(_, _, text)| text);
    // Whoever is not invited can't answer, and whoever has no copy can't change one.
    Ok(match (kind, copy) {
        (2, _) if step % 4 == 0 => Some(party.removes(id).await?),
        (2, _) => party.joins(who, id).await.ok(),
        (3, _) => party.answers(step, who, id, part_stat.parse()?).await.ok(),
        (4, Some(text)) => {
            let said = said_by(&text, who, part_stat);
            party.puts_copy(who, id, &said).await.ok()
        }
        (5, Some(_)) => party.removes_copy(who, id).await.ok(),
        _ => None,
    })
}

/// The copy with another answer of its owner's.
fn said_by(copy: &str, who: i64, part_stat: &str) -> String {
    let unfolded = copy.replace("\r\n ", "");
    let lines = unfolded.lines().map(|line| {
        if line.starts_with("ATTENDEE") && line.ends_with(&format!("tg_{who}@televent.internal")) {
            format!("ATTENDEE;PARTSTAT={part_stat}:mailto:tg_{who}@televent.internal\r\n")
        } else {
            format!("{line}\r\n")
        }
    });
    lines.collect()
}

/// Something that is no change of a meeting: a message is removed, or a copy goes to another calendar.
async fn tidy(party: &Party, random: &mut StdRng) -> Result<()> {
    let who = pick(random, &PEOPLE);
    let store = &party.ground.store;
    if random.random_bool(0.5) {
        let message = format!("c.owner = {who} and e.method is not null");
        if let Some((id, sequence, _)) = found(party, &message).await? {
            store.remove_event(id, sequence).await?;
        }
        return Ok(());
    }
    let copy = format!("c.owner = {who} and e.organizer_event_id is not null and e.method is null");
    if let Some((event_id, expected_sequence, _)) = found(party, &copy).await? {
        let slug = pick(random, &["default", "other"]);
        store
            .move_event(&EventMove {
                event_id,
                expected_sequence,
                to_calendar: party.slot(who, slug, "").await?.calendar.id,
                to_name: pick(random, &["of-1001.ics", "of-98765.ics", "mine.ics"]),
                replaces: None,
            })
            .await?;
    }
    Ok(())
}

/// Some change, which may or may not succeed, but does not fail.
async fn change(party: &Party, random: &mut StdRng, step: i64) -> Result<()> {
    if random.random_bool(0.25) {
        return tidy(party, random).await;
    }
    if let Some(decided) = decide(party, random, step).await? {
        party.write(&decided).await?;
    }
    Ok(())
}

/// A row of an attendee says what the organizer's object says.
async fn answers_are_one(party: &Party) -> Result<()> {
    for organizer in ORGANIZERS {
        let theirs = format!("c.owner = {organizer} and e.owner_organizes");
        let Some((id, _, text)) = found(party, &theirs).await? else {
            continue;
        };
        let rows = format!(
            "select address || ' ' || status from event_attendees where event_id = '{id}' order by address collate \"C\""
        );
        let mut said: Vec<String> = attendee_lines(text.as_bytes())
            .iter()
            .map(|line| format!("{} {}", line.address, line.part_stat))
            .collect();
        said.sort_unstable();
        assert_eq!(party.ground.rows(&rows).await?, said, "{text}");
    }
    Ok(())
}

/// A client that follows all of somebody's collections.
#[derive(Default)]
struct Follower {
    tokens: [i64; 3],
    known: [BTreeMap<String, String>; 3],
}

impl Follower {
    async fn follow(&mut self, party: &Party, who: i64) -> Result<()> {
        let store = &party.ground.store;
        for ((slug, token), known) in SLUGS.iter().zip(&mut self.tokens).zip(&mut self.known) {
            loop {
                let found = store.changes(person(who), slug, *token, 2).await?;
                let (calendar, page) = found.context("everybody has it")?;
                for change in &page {
                    assert!(change.revision > *token, "one revision for two names");
                    *token = change.revision;
                    let name = change.resource_name.clone();
                    match &change.kind {
                        ChangeKind::Live(summary) => known.insert(name, summary.etag.clone()),
                        ChangeKind::Gone => known.remove(&name),
                    };
                }
                if page.is_empty() {
                    let listed = store.event_summaries(calendar.id).await?;
                    let listed: BTreeMap<_, _> = listed
                        .into_iter()
                        .map(|summary| (summary.resource_name, summary.etag))
                        .collect();
                    assert_eq!(*known, listed, "{who}'s {slug}");
                    break;
                }
            }
        }
        Ok(())
    }
}

#[tokio::test]
async fn changes_one_after_the_other_leave_the_books_right() -> Result<()> {
    let seed = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let party = party().await?;
    let mut followers: [Follower; 3] = Default::default();
    for step in 1..=STEPS {
        let what = || format!("seed {seed}, step {step}");
        change(&party, &mut random, step).await.with_context(what)?;
        party.is_sound().await.with_context(what)?;
        answers_are_one(&party).await.with_context(what)?;
        for (who, follower) in PEOPLE.into_iter().zip(&mut followers) {
            if random.random_bool(0.3) {
                follower.follow(&party, who).await.with_context(what)?;
            }
        }
    }
    for (who, follower) in PEOPLE.into_iter().zip(&mut followers) {
        follower.follow(&party, who).await?;
    }
    Ok(())
}

/// Nobody waits for somebody who waits for them: Postgres would end that by failing one.
#[tokio::test]
async fn changes_at_once_leave_the_books_right() -> Result<()> {
    let seed: u64 = rand::random();
    let party = party().await?;
    let worker = |number: i64| {
        let party = &party;
        async move {
            let mut random = StdRng::seed_from_u64(seed ^ number.unsigned_abs());
            for step in 1..=STEPS / 2 {
                let step = number * STEPS + step;
                let what = || format!("seed {seed}, worker {number}, step {step}");
                change(party, &mut random, step).await.with_context(what)?;
            }
            anyhow::Ok(())
        }
    };
    let (a, b, c, d) = tokio::join!(worker(1), worker(2), worker(3), worker(4));
    a.and(b).and(c).and(d)?;
    party
        .is_sound()
        .await
        .with_context(|| format!("seed {seed}"))?;
    answers_are_one(&party).await?;
    for who in PEOPLE {
        Follower::default().follow(&party, who).await?;
    }
    Ok(())
}
