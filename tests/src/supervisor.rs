//! One `televent serve` with all roles that is started again whenever it dies, at the same address.

use std::{collections::VecDeque, time::Duration};

use crate::{Serving, Televent, World, free_addresses, until};

/// What passes between a death and the next start, as far as waits are concerned: longer than every lease and claim.
const DOWN_FOR: Duration = Duration::from_secs(120);

/// The secret of the webhook.
const SECRET: &str = "secret-of-the-test";

/// How many sends a log says to have been repeated because nobody knows what became of them.
pub fn ambiguous_sends(log: &str) -> usize {
    let is_ambiguous = |line: &&str| AMBIGUOUS.iter().any(|words| line.contains(words));
    log.lines().filter(is_ambiguous).count()
}

/// Keeps a `televent serve` alive.
pub struct Supervisor {
    by_webhook: bool,
    address: String,
    /// What the present life is to die of, and the ones after it: values of `TELEVENT_FAILPOINT`.
    fates: VecDeque<String>,
    present: Option<(Televent, Serving, Option<String>)>,
    /// What the process has died of.
    pub deaths: Vec<String>,
    /// What the lives that are over have logged.
    pub log: String,
}

/// How the log says that somebody may get something twice: an earlier attempt to send it has ended in the middle, or had no answer.
const AMBIGUOUS: [&str; 4] = [
    "a first card may be a second one",
    "a change may be told twice",
    "a message may be a second one",
    "nobody knows whether a message was sent",
];

impl Supervisor {
    /// Starts the first life, which polls for updates, or takes them `by_webhook`. Each of `fates` is what one life is to die of
    /// (a value of `TELEVENT_FAILPOINT`); the lives after them last.
    pub fn start(world: &World, by_webhook: bool, fates: &[String]) -> Self {
        let [address] = free_addresses().map(|address| address.to_string());
        let mut supervisor = Self {
            by_webhook,
            address,
            fates: fates.iter().cloned().collect(),
            present: None,
            deaths: Vec::new(),
            log: String::new(),
        };
        supervisor.begin_life(world);
        supervisor
    }

    /// Where it serves HTTP.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts the process again if it has died.
    pub async fn tend(&mut self, world: &World) {
        let Some((_, serving, fate)) = &mut self.present else {
            return;
        };
        let Some(status) = serving.ended() else {
            return;
        };
        let log = serving.log();
        assert!(
            !status.success(),
            "the process has ended without being asked to:\n{log}"
        );
        assert!(fate.is_some(), "it died of itself ({status}):\n{log}");
        self.deaths.extend(fate.take());
        self.log.push_str(&log);
        world.let_time_pass(DOWN_FOR).await;
        self.begin_life(world);
    }

    /// `kill -9`; then it is started again, and waited for until it listens.
    pub async fn kill(&mut self, world: &World) {
        if let Some((_, serving, _)) = self.present.take() {
            self.log.push_str(&serving.log());
            serving.kill().await;
        }
        world.let_time_pass(DOWN_FOR).await;
        self.begin_life(world);
        self.listens().await;
    }

    /// Waits until it listens.
    pub async fn listens(&self) {
        until("`serve` to listen", async || {
            let connected = tokio::net::TcpStream::connect(&self.address).await;
            connected.ok()
        })
        .await;
    }

    fn begin_life(&mut self, world: &World) {
        let url = self.url();
        let mut televent = Televent::of(world)
            .with("TELEVENT_HTTP_LISTEN", &self.address)
            .with("TELEVENT_PUBLIC_URL", &url)
            .with("TELEVENT_TELEGRAM_MESSAGES_PER_SECOND", "0")
            .with("TELEVENT_TELEGRAM_CHAT_MESSAGES_PER_SECOND", "0")
            .with("TELEVENT_TELEGRAM_EDIT_INTERVAL_SECONDS", "0");
        if self.by_webhook {
            televent = televent
                .with("TELEVENT_TELEGRAM_UPDATES", "webhook")
                .with("TELEVENT_TELEGRAM_WEBHOOK_SECRET", SECRET);
        }
        let fate = self.fates.pop_front();
        if let Some(fate) = &fate {
            televent = televent.with("TELEVENT_FAILPOINT", fate);
        }
        let serving = televent.start(&[]);
        self.present = Some((televent, serving, fate));
    }

    /// How many sends may have been repeated because nobody knows what became of them.
    pub fn ambiguous_sends(&self) -> usize {
        let present = self.present.as_ref();
        ambiguous_sends(&self.log)
            + present.map_or(0, |(_, serving, _)| ambiguous_sends(&serving.log()))
    }

    /// Ends the last life in good order.
    pub async fn stop(mut self) {
        if let Some((_, serving, _)) = self.present.take() {
            let log = serving.log();
            let status = serving.stop().await;
            assert!(status.success(), "{status}:\n{log}");
        }
    }
}
