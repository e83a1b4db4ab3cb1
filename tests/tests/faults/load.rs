//! Invitations at a steady pace, each of a meeting and a person of its own, and answers to them; and how long both take.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use televent_tests::{ANN, CalendarApp, Message, Serving, Televent, World, buttons, meeting};
use tokio::{task::JoinSet, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// The first of those who are invited.
const FIRST: i64 = 800_000;

/// How the bot begins to speak to whoever presses Start.
const GREETING: &str = "Hello ";

/// How long everything may take to arrive once nothing is broken.
const PATIENCE: Duration = Duration::from_secs(180);

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Ann invites, at all processes in turn.
pub(crate) struct Load<'w> {
    world: &'w World,
    apps: Vec<CalendarApp>,
    phase: Mutex<&'static str>,
    people: i64,
}

/// An invitation that the server has acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Invitation {
    person: i64,
    phase: &'static str,
    begun: DateTime<Utc>,
    took: Duration,
}

/// What people pressed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Presses {
    pub(crate) made: usize,
    /// Those that had no effect, and were made again.
    pub(crate) repeated: usize,
}

impl<'w> Load<'w> {
    /// Makes Ann and the people. The processes serve already.
    pub(crate) async fn new(world: &'w World, processes: &[Serving], people: i64) -> Self {
        let ann = world.add_user(ANN, "Ann").await;
        for person in FIRST..FIRST + people {
            world.telegram.add_person(person, "Guest").await;
        }
        Self {
            world,
            apps: processes.iter().map(|one| ann.at(&one.url)).collect(),
            phase: Mutex::new("quiet"),
            people,
        }
    }

    /// What is invited from now on is counted for this phase.
    pub(crate) fn begin(&self, phase: &'static str) {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = phase;
    }

    /// Invites one person after the other until `stop`, or until all are. A slow answer delays no other invitation.
    pub(crate) async fn invite(
        &self,
        every: Duration,
        stop: &CancellationToken,
    ) -> Vec<Invitation> {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut under_way = JoinSet::new();
        for (number, app) in (0..self.people).zip(self.apps.iter().cycle()) {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => break,
            }
            let app = app.clone();
            let phase = *self.phase.lock().unwrap_or_else(PoisonError::into_inner);
            under_way.spawn(async move {
                let person = FIRST + number;
                let uid = format!("load-{person}");
                let line = format!("ATTENDEE:mailto:tg_{person}@televent.internal");
                let begun = Utc::now();
                let start = Instant::now();
                app.save(&format!("{uid}.ics"), meeting(&uid, ANN, &line))
                    .await;
                Invitation {
                    person,
                    phase,
                    begun,
                    took: start.elapsed(),
                }
            });
        }
        under_way.join_all().await
    }

    /// Presses *Accept* on card after card as they come, until `stop`. Returns who pressed.
    pub(crate) async fn press(&self, every: Duration, stop: &CancellationToken) -> Vec<i64> {
        let mut pressed = Vec::new();
        for person in FIRST..FIRST + self.people {
            let card = loop {
                tokio::select! {
                    () = tokio::time::sleep(every) => {}
                    () = stop.cancelled() => return pressed,
                }
                if let Some(card) = self.cards(person).await.pop() {
                    break card;
                }
            };
            self.accept(person, &card).await;
            pressed.push(person);
        }
        pressed
    }

    async fn accept(&self, person: i64, card: &Message) {
        let [accept, ..] = buttons();
        let labels = card.labels();
        if labels.contains(&accept) {
            let telegram = &self.world.telegram;
            telegram.press(person, card.id, card.data(accept)).await;
        }
    }

    async fn cards(&self, person: i64) -> Vec<Message> {
        let mut messages = self.world.telegram.messages(person).await;
        messages
            .retain(|message| message.reply_to.is_none() && !message.text.starts_with(GREETING));
        messages
    }

    /// Waits until so many cards more are sent.
    pub(crate) async fn until_more_cards(&self, more: usize) {
        let start = Instant::now();
        let sent = async || self.world.telegram.calls("sendMessage").await.len();
        let before = sent().await;
        while sent().await < before + more {
            assert!(start.elapsed() < PATIENCE, "no cards come");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until each invited person has a card, and nobody two.
    pub(crate) async fn every_card_once(&self, invitations: &[Invitation]) {
        let start = Instant::now();
        for invitation in invitations {
            loop {
                let cards = self.cards(invitation.person).await;
                assert!(cards.len() < 2, "{invitation:?} has {cards:#?}");
                if cards.len() == 1 {
                    break;
                }
                assert!(start.elapsed() < PATIENCE, "no card of {invitation:?}");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }

    /// Waits until everybody who pressed has accepted. Who sees that nothing came of it presses again.
    pub(crate) async fn every_answer(
        &self,
        pressed: &[i64],
        is_idle: impl AsyncFn() -> bool,
    ) -> Presses {
        let start = Instant::now();
        let mut presses = Presses {
            made: pressed.len(),
            repeated: 0,
        };
        for person in pressed {
            let uid = format!("load-{person}");
            while self.world.status(&uid, *person).await != "ACCEPTED" {
                assert!(start.elapsed() < PATIENCE, "{person} has not accepted");
                let is_lost = self.world.telegram.waiting_updates().await == 0 && is_idle().await;
                if is_lost
                    && self.world.status(&uid, *person).await != "ACCEPTED"
                    && let Some(card) = self.cards(*person).await.pop()
                {
                    presses.repeated += 1;
                    self.accept(*person, &card).await;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        presses
    }

    /// How many rows of the outbox wait to be published.
    pub(crate) async fn waiting_rows(&self) -> usize {
        let waiting = "select id::text from outbox_messages where state = 'pending'";
        self.world.strings(waiting).await.len()
    }

    /// Whether the outbox is empty.
    ///
    /// # Errors
    /// What is in it.
    pub(crate) async fn settled(&self) -> Result<(), String> {
        let open = "select concat_ws(' ', kind, state) from outbox_messages where state in ('pending', 'published')";
        match self.world.strings(open).await {
            open if open.is_empty() => Ok(()),
            open => Err(format!("the outbox holds {open:?}")),
        }
    }

    /// Waits until the outbox is empty.
    pub(crate) async fn until_settled(&self) {
        let start = Instant::now();
        while let Err(open) = self.settled().await {
            assert!(start.elapsed() < PATIENCE, "{open}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The latencies of each phase, in the order of the phases: of PUTs, and from the PUT to the card.
    pub(crate) async fn report(&self, title: &str, invitations: &[Invitation]) {
        let mut sent: HashMap<i64, DateTime<Utc>> = HashMap::new();
        for call in self.world.telegram.calls("sendMessage").await {
            if let Some(person) = call.chat_id.filter(|_| call.status == 200) {
                // The greeting came before.
                let last = sent.entry(person).or_insert(call.time);
                *last = call.time.max(*last);
            }
        }
        let mut phases: Vec<&str> = Vec::new();
        for invitation in invitations {
            if !phases.contains(&invitation.phase) {
                phases.push(invitation.phase);
            }
        }
        println!("{title}: milliseconds as p50 / p99 / longest");
        for phase in phases {
            let of_phase: Vec<&Invitation> = invitations
                .iter()
                .filter(|invitation| invitation.phase == phase)
                .collect();
            let puts = of_phase.iter().map(|one| one.took).collect();
            let cards = of_phase.iter().filter_map(|one| {
                let sent = *sent.get(&one.person)?;
                (sent - one.begun).to_std().ok()
            });
            println!(
                "  {phase}: {} invitations, PUT {}, card {}",
                of_phase.len(),
                told(puts),
                told(cards.collect()),
            );
        }
    }
}

fn told(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(index).map_or(0, Duration::as_millis)
    };
    format!("{} / {} / {}", at(50), at(99), at(100))
}

/// A real process with all roles, without Telegram's limits, at this NATS.
pub(crate) async fn process(world: &World, nats_url: &str) -> Serving {
    Televent::of(world)
        .with("TELEVENT_NATS_URL", nats_url)
        .with("TELEVENT_TELEGRAM_MESSAGES_PER_SECOND", "0")
        .with("TELEVENT_TELEGRAM_CHAT_MESSAGES_PER_SECOND", "0")
        .serve(&[])
        .await
}

/// Two of them.
pub(crate) async fn two_processes(world: &World, nats_url: &str) -> Vec<Serving> {
    vec![
        process(world, nats_url).await,
        process(world, nats_url).await,
    ]
}
