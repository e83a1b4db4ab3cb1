//! After any history of writes the counters are exact, and a client that only follows sync knows what is there.

use std::collections::BTreeMap;

use anyhow::Result;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use televent_store::{ChangeKind, Event, EventMove, Replaced};
use uuid::Uuid;

use crate::support::{ANN, BOB, Draft, Ground, person, press};

const NAMES: [&str; 4] = ["a.ics", "b.ics", "c.ics", "d.ics"];
const UIDS: [&str; 6] = ["uid-1", "uid-2", "uid-3", "uid-4", "uid-5", "uid-6"];
const OBJECTS: [&str; 5] = ["", "1", "22", "4444", "a longer object"];

/// How many writes a history has.
const WRITES: i64 = 150;

/// A client that follows one calendar.
#[derive(Default)]
struct Follower {
    token: i64,
    known: BTreeMap<String, String>,
}

impl Follower {
    async fn follow(&mut self, ground: &Ground, slug: &str, limit: i64) -> Result<()> {
        loop {
            let page = ground.changes(slug, self.token, limit).await?;
            for change in &page {
                assert!(change.revision > self.token, "one revision for two names");
                self.token = change.revision;
                match &change.kind {
                    ChangeKind::Live(summary) => {
                        self.known
                            .insert(change.resource_name.clone(), summary.etag.clone());
                    }
                    ChangeKind::Gone => {
                        self.known.remove(&change.resource_name);
                    }
                }
            }
            if page.is_empty() {
                return Ok(());
            }
        }
    }
}

fn pick<T: Copy>(random: &mut StdRng, from: &[T]) -> T {
    *from.choose(random).expect("there is something to choose")
}

async fn event_at(ground: &Ground, slug: &str, name: &str) -> Result<Option<Event>> {
    let slot = ground.store.slot(person(ANN), slug, name).await?;
    Ok(slot.and_then(|slot| slot.event))
}

/// One write that may or may not succeed.
async fn write(
    ground: &Ground,
    calendars: &[(&str, Uuid)],
    random: &mut StdRng,
    step: i64,
) -> Result<()> {
    let (slug, calendar) = pick(random, calendars);
    let name = pick(random, &NAMES);
    let (uid, object) = (pick(random, &UIDS), pick(random, &OBJECTS));
    let draft = if random.random_bool(0.5) {
        Draft::new(uid, object, &[BOB])
    } else {
        Draft::plain(uid, object)
    };
    let Some(event) = event_at(ground, slug, name).await? else {
        ground
            .create_in(calendar, Uuid::now_v7(), name, &draft)
            .await?;
        return Ok(());
    };
    let store = &ground.store;
    match random.random_range(0..4) {
        0 => {
            store
                .replace_event(calendar, event.id, event.sequence, &draft.write())
                .await?;
        }
        1 => {
            store.remove_event(event.id, event.sequence).await?;
        }
        2 => {
            ground
                .answer(&press(step, BOB), event.id, event.version, "DECLINED")
                .await?;
        }
        _ => {
            let (to_slug, to_calendar) = pick(random, calendars);
            let to_name = pick(random, &NAMES);
            let there = event_at(ground, to_slug, to_name).await?;
            let change = EventMove {
                event_id: event.id,
                expected_sequence: event.sequence,
                to_calendar,
                to_name,
                replaces: there.map(|there| Replaced {
                    event_id: there.id,
                    expected_sequence: there.sequence,
                }),
            };
            store.move_event(&change).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn counters_are_exact_and_followers_know_what_is_there() -> Result<()> {
    let seed = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let ground = Ground::new().await?;
    let calendars = [
        ("default", ground.calendar_id),
        ("work", ground.calendar(ANN, "work").await?),
    ];
    let mut followers = [Follower::default(), Follower::default()];
    for step in 1..=WRITES {
        write(&ground, &calendars, &mut random, step).await?;
        for ((slug, calendar), follower) in calendars.into_iter().zip(&mut followers) {
            // Some devices ask seldom.
            if step == WRITES || random.random_bool(0.2) {
                let limit = random.random_range(1..4);
                follower.follow(&ground, slug, limit).await?;
                let listed = ground.store.event_summaries(calendar).await?;
                let listed: BTreeMap<_, _> = listed
                    .into_iter()
                    .map(|summary| (summary.resource_name, summary.etag))
                    .collect();
                assert_eq!(follower.known, listed, "seed {seed}, step {step}");
            }
        }
    }
    let wrong = "select slug from calendars c where bytes <> (
                     select coalesce(sum(length(object)), 0) from events e
                     where e.calendar_id = c.id and e.deleted_at is null
                 )";
    assert_eq!(ground.rows(wrong).await?, [""; 0], "seed {seed}");
    let both = "select t.resource_name from event_tombstones t join events e using (calendar_id, resource_name)
                where e.deleted_at is null";
    assert_eq!(ground.rows(both).await?, [""; 0], "seed {seed}");
    Ok(())
}
