//! Invariant 9 as a property: `event_attendees.status` and the PARTSTAT in the object that GET returns are
//! always equal. Random lives of an event, looked at after each step by a reader that shares no code with
//! the server.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use televent_tests::{ANN, AttendeeLine, BO, CalendarApp, KIRILL, World, attendee_lines, ics};

/// Lives of an event. Each takes some twenty requests; `PROPTEST_CASES` asks for more.
const CASES: u32 = 24;

/// An ATTENDEE line as a client may write it.
#[derive(Clone, Debug)]
struct Guest {
    address: &'static str,
    part_stat: &'static str,
    agent: &'static str,
}

/// What the organizer's app stores.
#[derive(Clone, Debug)]
struct Object {
    day: u8,
    place: u8,
    title: u8,
    organizer: &'static str,
    repeats: bool,
    guests: Vec<Guest>,
    /// Changed instances: the day, the hour that it is moved to, and its own guests.
    instances: BTreeMap<u8, (u8, Vec<Guest>)>,
}

#[derive(Clone, Debug)]
enum Step {
    Put(Object),
    /// What the app has got from the server, with another title or day.
    PutBack {
        title: u8,
        day: Option<u8>,
    },
    /// The same bytes as before.
    Repeat,
    Press {
        person: i64,
        answer: &'static str,
    },
    Delete,
}

fn guest() -> impl Strategy<Value = Guest> {
    let address = prop::sample::select(vec![
        "mailto:tg_98765@televent.internal",
        "MAILTO:TG_98765@TELEVENT.INTERNAL",
        "mailto:tg_98765@Televent.Internal",
        "mailto:tg_555@televent.internal",
        "tg_555@televent.internal",
        "mailto:tg_12345@televent.internal",
        "mailto:tg_0555@televent.internal",
        "mailto:john@example.org",
        "mailto:John@Example.ORG",
        "urn:uuid:1f2e",
    ]);
    let part_stat = prop::sample::select(vec![
        "",
        ";PARTSTAT=NEEDS-ACTION",
        ";PARTSTAT=ACCEPTED",
        ";PARTSTAT=declined",
        ";partstat=\"TENTATIVE\"",
        ";PARTSTAT=X-LATE",
    ]);
    let agent = prop::sample::select(vec![
        "",
        "",
        "",
        ";SCHEDULE-AGENT=CLIENT",
        ";SCHEDULE-AGENT=SERVER",
    ]);
    (address, part_stat, agent).prop_map(|(address, part_stat, agent)| Guest {
        address,
        part_stat,
        agent,
    })
}

fn guests() -> impl Strategy<Value = Vec<Guest>> {
    prop::collection::vec(guest(), 0..5)
}

fn object() -> impl Strategy<Value = Object> {
    let organizer = prop::sample::select(vec![
        "ORGANIZER;CN=Ann:mailto:tg_12345@televent.internal\n",
        "ORGANIZER:MAILTO:tg_12345@Televent.internal\n",
        "",
        "ORGANIZER:mailto:boss@example.org\n",
    ]);
    let instance = (8u8..10, guests());
    let instances = prop::collection::btree_map(0u8..3, instance, 0..3);
    (
        0u8..3,
        0u8..2,
        0u8..3,
        organizer,
        any::<bool>(),
        guests(),
        instances,
    )
        .prop_map(
            |(day, place, title, organizer, repeats, guests, instances)| Object {
                day,
                place,
                title,
                organizer,
                repeats,
                guests,
                instances: if repeats { instances } else { BTreeMap::new() },
            },
        )
}

fn step() -> impl Strategy<Value = Step> {
    let person = prop::sample::select(vec![KIRILL, KIRILL, BO, ANN]);
    let answer = prop::sample::select(vec!["ACCEPTED", "DECLINED", "TENTATIVE"]);
    prop_oneof![
        4 => object().prop_map(Step::Put),
        3 => (0u8..3, prop::option::weighted(0.3, 0u8..3)).prop_map(|(title, day)| Step::PutBack { title, day }),
        1 => Just(Step::Repeat),
        8 => (person, answer).prop_map(|(person, answer)| Step::Press { person, answer }),
        1 => Just(Step::Delete),
    ]
}

fn component(uid: &str, object: &Object, instance: Option<(&u8, &(u8, Vec<Guest>))>) -> String {
    let Object {
        title,
        place,
        organizer,
        ..
    } = object;
    let (recurrence_id, day, hour, guests) = match instance {
        None => (String::new(), object.day + 15, 8, &object.guests),
        Some((week, (hour, guests))) => {
            let day = object.day + 15 + 7 * week;
            (
                format!("RECURRENCE-ID:202701{day}T080000Z\n"),
                day,
                *hour,
                guests,
            )
        }
    };
    let rule = if object.repeats && instance.is_none() {
        "RRULE:FREQ=WEEKLY\n"
    } else {
        ""
    };
    let guests: String = guests
        .iter()
        .map(|guest| {
            format!(
                "ATTENDEE{}{}:{}\n",
                guest.part_stat, guest.agent, guest.address
            )
        })
        .collect();
    format!(
        "BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20270101T000000Z\n{recurrence_id}DTSTART:202701{day}T{hour:02}0000Z\n\
         {rule}SUMMARY:Title {title}\nLOCATION:Place {place}\n{organizer}{guests}END:VEVENT\n"
    )
}

fn text_of(uid: &str, object: &Object) -> String {
    let mut components = component(uid, object, None);
    for instance in &object.instances {
        components.push_str(&component(uid, object, Some(instance)));
    }
    ics(&format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{components}END:VCALENDAR"
    ))
}

/// One event's life.
struct Life<'a> {
    world: &'a World,
    ann: &'a CalendarApp,
    uid: String,
    /// What the app stored last, while there is something.
    stored: Option<String>,
    presses: i64,
}

impl Life<'_> {
    fn name(&self) -> String {
        format!("{}.ics", self.uid)
    }

    async fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Put(object) => self.put(text_of(&self.uid, object)).await?,
            Step::Repeat => {
                if let Some(text) = self.stored.clone() {
                    self.put(text).await?;
                }
            }
            Step::PutBack { title, day } => {
                if self.stored.is_some() {
                    let text = self.ann.get(&self.name()).await.text();
                    let text = (0..3).fold(text, |text, old| {
                        let text =
                            text.replace(&format!("Title {old}\r"), &format!("Title {title}!\r"));
                        match day {
                            Some(day) if *day != old => text.replace(
                                &format!("DTSTART:202701{}T08", 15 + old),
                                &format!("DTSTART:202701{}T08", 15 + day),
                            ),
                            _ => text,
                        }
                    });
                    self.put(text.replace("!\r", "\r")).await?;
                }
            }
            Step::Press { person, answer } => self.press(*person, answer).await,
            Step::Delete => {
                if self.stored.take().is_some() {
                    self.ann.delete(&self.name()).await;
                }
            }
        }
        self.check().await
    }

    async fn put(&mut self, text: String) -> Result<(), TestCaseError> {
        let reply = self.ann.put(&self.name(), text.as_str()).await;
        prop_assert!(
            [201, 204].contains(&reply.status),
            "{} {}\n{text}",
            reply.status,
            reply.text()
        );
        self.stored = Some(text);
        Ok(())
    }

    /// Presses as Telegram would tell of it; without a card as well, as a forged client can.
    async fn press(&mut self, person: i64, answer: &str) {
        let event: Option<uuid::Uuid> = sqlx::query_scalar(
            "select id from events where uid = $1 order by created_at desc limit 1",
        )
        .bind(&self.uid)
        .fetch_optional(&self.world.sql)
        .await
        .expect("the events can be read");
        let Some(event) = event else { return };
        self.presses += 1;
        let update = serde_json::json!({ "callback_query": {
            "id": format!("{}-{}", self.uid, self.presses),
            "from": { "id": person, "is_bot": false, "first_name": "Somebody" },
            "chat_instance": "1",
            "data": format!("rsvp:{event}:{answer}"),
        }});
        self.world.telegram.inject(update).await;
        self.world.settled().await;
    }

    async fn check(&self) -> Result<(), TestCaseError> {
        if self.stored.is_none() {
            return Ok(());
        }
        let object = self.ann.get(&self.name()).await;
        let mut seen = BTreeSet::new();
        let mut served: Vec<AttendeeLine> = attendee_lines(&object.body)
            .into_iter()
            // A second line for the same person counts for nothing.
            .filter(|line| seen.insert((line.recurrence_id.clone(), line.address.clone())))
            .collect();
        served.sort();
        let rows = self.world.attendees(&self.uid).await;
        let mut kept: Vec<AttendeeLine> = rows
            .iter()
            .map(|row| AttendeeLine {
                recurrence_id: row.recurrence_id.clone(),
                address: row.address.clone(),
                part_stat: row.status.clone(),
            })
            .collect();
        kept.sort();
        prop_assert_eq!(kept, served, "\n{}", object.text());
        // Of those whom we invite, a second line says what the first does.
        let invited: BTreeMap<(&str, &str), &str> = rows
            .iter()
            .filter(|row| row.invited)
            .map(|row| {
                (
                    (row.recurrence_id.as_str(), row.address.as_str()),
                    row.status.as_str(),
                )
            })
            .collect();
        for line in attendee_lines(&object.body) {
            let status = invited.get(&(line.recurrence_id.as_str(), line.address.as_str()));
            prop_assert!(
                status.is_none_or(|status| *status == line.part_stat),
                "{status:?} {line:?}\n{}",
                object.text()
            );
        }
        Ok(())
    }
}

#[test]
fn status_and_part_stat_are_equal_after_every_step() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (world, ann) = runtime.block_on(async {
        let world = World::start().await;
        let ann = world.add_people().await;
        (world, ann)
    });
    let config = Config {
        cases: std::env::var("PROPTEST_CASES").map_or(CASES, |cases| cases.parse().unwrap()),
        // The database goes on between tries, so what fails is told as it is.
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let mut seed = [0; 32];
    rand::fill(&mut seed);
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let lives = std::cell::Cell::new(0);
    let outcome = runner.run(&prop::collection::vec(step(), 1..16), |steps| {
        lives.set(lives.get() + 1);
        let mut life = Life {
            world: &world,
            ann: &ann,
            uid: format!("life-{}", lives.get()),
            stored: None,
            presses: 0,
        };
        runtime.block_on(async {
            for step in &steps {
                life.take(step).await?;
            }
            Ok(())
        })
    });
    assert!(outcome.is_ok(), "seed {seed:?}: {}", outcome.unwrap_err());
    runtime.block_on(world.finish());
}
