//! The life of a meeting while the process dies again and again, and what must be true at its end.

use std::time::{Duration, Instant};

use reqwest::Method;
use televent_tests::{
    ANN, BO, CalendarApp, KIRILL, Message, Reply, Supervisor, World, attendee_lines, meeting,
};

/// She never pressed Start.
const ZOE: i64 = 777;

/// How long somebody waits for what comes of their press before they press again.
const PRESS_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// As often as a process dies, and a few times more.
const MAX_PRESSES: u32 = 6;

/// How long a step may take with all that dies in it.
const PATIENCE: Duration = Duration::from_secs(90);

const LOOK_EVERY: Duration = Duration::from_millis(20);

const HEADERS: [(&str, &str); 1] = [("content-type", "text/calendar; charset=utf-8")];

/// What a life has seen.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// What the process died of.
    pub(crate) deaths: Vec<String>,
    /// Sends whose outcome nobody knew, and which were repeated.
    pub(crate) ambiguous: usize,
    /// Messages that somebody has twice.
    pub(crate) doubled: usize,
}

struct Life {
    world: World,
    supervisor: Supervisor,
}

/// Plays a meeting from the invitation to its last change, with a process that dies of these failpoints, one in each of its
/// lives. Nothing is lost, or it panics.
pub(crate) async fn play(by_webhook: bool, fates: &[String]) -> Report {
    let world = World::with_processes(&[]).await;
    let ann = world.add_user(ANN, "Ann").await;
    let bo = world.add_user(BO, "Bo").await;
    world.telegram.add_person(KIRILL, "Kirill").await;
    world.telegram.add_stranger(ZOE, "Zoe").await;
    let supervisor = Supervisor::start(&world, by_webhook, fates);
    let url = supervisor.url();
    let mut life = Life { world, supervisor };
    life.play(&ann.at(&url), &bo.at(&url)).await;
    life.end().await
}

impl Life {
    async fn play(&mut self, ann: &CalendarApp, bo: &CalendarApp) {
        let attendees = [BO, KIRILL, ZOE]
            .map(|id| format!("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_{id}@televent.internal"));
        let plan = meeting("plan", ANN, &attendees.join("\n"));
        self.save(ann, "plan.ics", &plan).await;
        for person in [BO, KIRILL] {
            self.until_card(person, "Planning").await;
        }

        let ctag = self.ctag(ann).await;
        self.answer(BO, "Accept", "ACCEPTED").await;
        assert_ne!(self.ctag(ann).await, ctag, "the answer has raised the ctag");

        self.world.telegram.say(KIRILL, "/settings").await;
        self.eventually("the settings", async |life| {
            let messages = life.world.telegram.messages(KIRILL).await;
            messages.into_iter().find(is_settings)
        })
        .await;

        let ctag = self.ctag(bo).await;
        let moved = self
            .read(ann, "plan.ics")
            .await
            .replace("T080000Z", "T100000Z")
            .replace("T090000Z", "T110000Z");
        self.save(ann, "plan.ics", &moved).await;
        for person in [BO, KIRILL] {
            self.until_card(person, "11:00").await;
        }
        self.until_status(BO, "NEEDS-ACTION").await;
        assert_ne!(
            self.ctag(bo).await,
            ctag,
            "the change has raised the ctag of a copy"
        );

        let ctag = self.ctag(ann).await;
        let name = self.copy_name().await;
        let copy = self.read(bo, &name).await;
        let declined = with_answer(&copy, BO, "DECLINED");
        self.save(bo, &name, &declined).await;
        self.until_status(BO, "DECLINED").await;
        assert_ne!(self.ctag(ann).await, ctag, "the answer has raised the ctag");

        self.answer(KIRILL, "Maybe", "TENTATIVE").await;

        let renamed = self
            .read(ann, "plan.ics")
            .await
            .replace("SUMMARY:Planning", "SUMMARY:Renamed");
        self.save(ann, "plan.ics", &renamed).await;
        for (person, answer) in [(BO, "declined"), (KIRILL, "maybe")] {
            self.until_card(person, "Renamed").await;
            self.eventually("the answer on the card", async |life| {
                let cards = life.cards(person).await;
                cards
                    .iter()
                    .find(|card| card.html.contains(answer))
                    .map(drop)
            })
            .await;
        }
        let expected = [
            (BO, "DECLINED"),
            (KIRILL, "TENTATIVE"),
            (ZOE, "NEEDS-ACTION"),
        ];
        for (app, name) in [(ann, "plan.ics"), (bo, name.as_str())] {
            self.eventually("each object to say the answers", async |life| {
                let object = life.read(app, name).await;
                let lines = attendee_lines(object.as_bytes());
                expected
                    .iter()
                    .all(|(person, status)| {
                        let address = format!("tg_{person}@televent.internal");
                        lines
                            .iter()
                            .any(|line| line.address == address && line.part_stat == *status)
                    })
                    .then_some(())
            })
            .await;
        }
        for (person, status) in expected {
            self.until_status(person, status).await;
        }
    }

    /// Everything is settled, and nothing is left over but what the deaths have doubled.
    async fn end(mut self) -> Report {
        self.eventually("all to be settled", async |life| {
            life.world.idle().await.ok()
        })
        .await;
        let mut doubled = 0;
        for person in [BO, KIRILL] {
            let messages = self.world.telegram.messages(person).await;
            let mut kinds: Vec<String> = messages.iter().map(kind).collect();
            let all = kinds.len();
            kinds.sort();
            kinds.dedup();
            doubled += all - kinds.len();
        }
        assert_eq!(self.world.telegram.messages(ZOE).await, []);
        let Self { world, supervisor } = self;
        let deaths = supervisor.deaths.clone();
        let ambiguous = supervisor.ambiguous_sends();
        supervisor.stop().await;
        world.finish().await;
        Report {
            deaths,
            ambiguous,
            doubled,
        }
    }

    /// Looks again and again, with the process started again when it has died.
    async fn eventually<T>(
        &mut self,
        what: &str,
        mut look: impl AsyncFnMut(&mut Self) -> Option<T>,
    ) -> T {
        let start = Instant::now();
        loop {
            let Self { world, supervisor } = self;
            supervisor.tend(world).await;
            if let Some(found) = look(self).await {
                return found;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain for {what}; died of {:?}; {:?}; {:#?}",
                self.supervisor.deaths,
                self.world.idle().await,
                [self.cards(BO).await, self.cards(KIRILL).await],
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// A request that is repeated until the server has answered it, as apps do.
    async fn request(
        &mut self,
        app: &CalendarApp,
        method: &Method,
        name: &str,
        body: &str,
    ) -> Reply {
        let mut last = String::new();
        let answered = self
            .eventually("an answer", async |_| {
                let method = method.clone();
                match app.try_request(method, name, &HEADERS, body).await {
                    Ok(reply) if reply.status < 500 => Some(reply),
                    Ok(reply) => {
                        last = reply.text();
                        None
                    }
                    Err(error) => {
                        last = error.to_string();
                        None
                    }
                }
            })
            .await;
        assert!(
            (200..300).contains(&answered.status),
            "{method} {name}: {} {} {last}",
            answered.status,
            answered.text()
        );
        answered
    }

    async fn save(&mut self, app: &CalendarApp, name: &str, object: &str) {
        self.request(app, &Method::PUT, name, object).await;
    }

    async fn read(&mut self, app: &CalendarApp, name: &str) -> String {
        self.request(app, &Method::GET, name, "").await.text()
    }

    async fn ctag(&mut self, app: &CalendarApp) -> String {
        let calendar = self.eventually("the calendar", async |_| app.try_calendar().await.ok());
        calendar.await.ctag
    }

    /// The name of the copy in Bo's calendar.
    async fn copy_name(&mut self) -> String {
        self.eventually("the copy", async |life| {
            let sql = "select resource_name from events where organizer_event_id is not null and method is null";
            life.world.strings(sql).await.pop()
        })
        .await
    }

    async fn cards(&self, person: i64) -> Vec<Message> {
        let messages = self.world.telegram.messages(person).await;
        let cards = messages.into_iter();
        cards.filter(|message| kind(message) == "card").collect()
    }

    /// Waits until a card of a person has this text. A second one that came of a death may be one that nobody knows of.
    async fn until_card(&mut self, person: i64, text: &str) {
        self.eventually(&format!("a card with {text}"), async |life| {
            let cards = life.cards(person).await;
            cards.iter().find(|card| card.html.contains(text)).map(drop)
        })
        .await;
    }

    /// Presses a button until it is taken. A death between an edit of the card and its record leaves a card that counts as not up to
    /// date: the person is told what has changed, and presses again.
    async fn answer(&mut self, person: i64, label: &str, status: &str) {
        for _ in 0..MAX_PRESSES {
            self.press(person, label).await;
            let pressed_at = Instant::now();
            let is_taken = self
                .eventually("what comes of a press", async |life| {
                    let is_taken = life.world.status("plan", person).await == status;
                    (is_taken || pressed_at.elapsed() > PRESS_AGAIN_AFTER).then_some(is_taken)
                })
                .await;
            if is_taken {
                return;
            }
        }
        panic!("{person} is never {status}");
    }

    async fn press(&mut self, person: i64, label: &str) {
        let card = self
            .eventually("the buttons", async |life| {
                let cards = life.cards(person).await;
                cards.into_iter().find(|card| {
                    let mut labels = card.labels().into_iter();
                    labels.any(|own| own.ends_with(label))
                })
            })
            .await;
        let telegram = &self.world.telegram;
        telegram.press(person, card.id, card.data(label)).await;
    }

    async fn until_status(&mut self, person: i64, status: &str) {
        self.eventually(&format!("{person} to be {status}"), async |life| {
            (life.world.status("plan", person).await == status).then_some(())
        })
        .await;
    }
}

fn is_settings(message: &Message) -> bool {
    message.text.starts_with("Settings")
}

/// What a message is, so that two of the same kind are one too many. What is told below a card is told once for each change.
fn kind(message: &Message) -> String {
    if is_settings(message) {
        "settings".to_owned()
    } else if message.reply_to.is_some() {
        format!("news {}", message.text)
    } else {
        "card".to_owned()
    }
}

/// The object with another answer of this attendee.
fn with_answer(object: &str, person: i64, answer: &str) -> String {
    let unfolded = object.replace("\r\n ", "");
    let address = format!("tg_{person}@");
    let lines = unfolded.split("\r\n").map(|line| {
        if line.starts_with("ATTENDEE") && line.contains(&address) {
            line.replace("PARTSTAT=NEEDS-ACTION", &format!("PARTSTAT={answer}"))
        } else {
            line.to_owned()
        }
    });
    let lines: Vec<String> = lines.collect();
    lines.join("\r\n")
}
