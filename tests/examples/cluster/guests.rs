//! Those who are invited, and press in Telegram.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use televent_tests::{Message, World};
use tokio::task::JoinSet;

use crate::{
    calendars::Meeting,
    report::{Kind, Report},
};

/// How long a card may take until somebody presses it.
const CARD_WITHIN: Duration = Duration::from_secs(90);

/// How long Telegram waits for the answer to a press, about.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How the label of an answered card begins.
const ACCEPT: &str = "Accept";

/// All of them; cheap to clone.
#[derive(Clone)]
pub(crate) struct Guests {
    world: Arc<World>,
    report: Arc<Report>,
    presses: Arc<Mutex<JoinSet<()>>>,
}

impl Guests {
    pub(crate) fn new(world: Arc<World>, report: Arc<Report>) -> Self {
        Self {
            world,
            report,
            presses: Arc::default(),
        }
    }

    /// Somebody who has pressed Start long ago.
    pub(crate) async fn add(&self, guest: i64) {
        self.world.telegram.add_person(guest, "Guest").await;
    }

    /// As soon as the card is there, its reader accepts.
    pub(crate) fn will_answer(&self, meeting: &Meeting) {
        let guests = self.clone();
        let guest = meeting.guest;
        let mut presses = self.presses.lock().unwrap_or_else(PoisonError::into_inner);
        presses.spawn(async move { guests.accept(guest).await });
    }

    async fn accept(&self, guest: i64) {
        let begun = Instant::now();
        let card = loop {
            if let Some(card) = self.cards(guest).await.pop() {
                break card;
            }
            if begun.elapsed() > CARD_WITHIN {
                self.report.wrong(format!("{guest} has no card"));
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        };
        let phase = self.report.phase();
        let begun = Instant::now();
        let telegram = &self.world.telegram;
        let press = telegram.press(guest, card.id, card.data(ACCEPT)).await;
        let answer = loop {
            if let Some(answer) = telegram.answer_so_far(&press).await {
                break answer;
            }
            if begun.elapsed() > ANSWER_WITHIN {
                self.report.wrong(format!("{guest} has no answer"));
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        };
        self.report.took(phase, Kind::Press, begun.elapsed());
        if !answer.text.contains("You accepted") {
            self.report
                .wrong(format!("{guest} was answered {answer:?}"));
        }
    }

    async fn cards(&self, guest: i64) -> Vec<Message> {
        let mut messages = self.world.telegram.messages(guest).await;
        messages.retain(|message| message.reply_to.is_none());
        messages
    }

    /// Waits until everybody has pressed who was to.
    pub(crate) async fn end(&self) {
        let mut presses = {
            let mut presses = self.presses.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *presses)
        };
        while let Some(done) = presses.join_next().await {
            if let Err(error) = done {
                self.report.wrong(format!("a press: {error}"));
            }
        }
    }

    /// Everybody has exactly one card, which shows what the meeting is now.
    pub(crate) async fn check(self, meetings: &[Meeting]) {
        for meeting in meetings {
            let cards = self.cards(meeting.guest).await;
            let title = meeting.title();
            let is_right = match cards.as_slice() {
                [card] => {
                    let is_asking = card.labels().iter().any(|label| label.ends_with(ACCEPT));
                    card.text.contains(&title) && is_asking != meeting.is_answered()
                }
                _ => false,
            };
            if !is_right {
                self.report
                    .wrong(format!("the card of {title} is {cards:#?}"));
            }
        }
    }
}
