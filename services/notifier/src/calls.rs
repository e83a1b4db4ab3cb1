//! The calls that count towards Telegram's limits: each at its pace, in the time that is left for it, and plainer where Telegram does
//! not take what we wrote.

use std::sync::atomic::{AtomicBool, Ordering};

use televent_calendar::TelegramUserId;
use televent_runtime::Failpoint;
use televent_store::Urgency;
use televent_telegram::{
    BotApi, CallError, ContentFault, File, Keyboard, MAX_CAPTION, MAX_TEXT, Markup, Outgoing,
    degraded, without_tg_time,
};
use tokio::time::Instant;
use tracing::{error, warn};

use crate::{
    deliver::{DeliverError, count, count_ambiguous},
    held::allows_a_call,
    pace::Pacer,
};

/// On whose behalf a call is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// What goes first.
    pub(crate) urgency: Urgency,
    /// When the lease was taken under which it is made.
    pub(crate) since: Instant,
}

/// What of a message is edited.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MessagePart {
    /// The text of a message.
    Text,
    /// The text under a file.
    Caption,
}

/// The bot, at its pace.
pub(crate) struct Caller {
    pub(crate) bot: BotApi,
    pub(crate) pacer: Pacer,
    /// The server has refused `<tg-time>`, and will again.
    pub(crate) refuses_tg_time: AtomicBool,
}

impl Caller {
    /// `sendMessage` to a private chat, or `sendPhoto` or `sendDocument` where the message stands under a file. Returns the
    /// message's id.
    pub(crate) async fn send(
        &self,
        turn: Turn,
        to: TelegramUserId,
        file: Option<&File>,
        message: &Outgoing,
    ) -> Result<i64, DeliverError> {
        let mut message = self.known_to_be_taken(message);
        loop {
            self.may_call(turn, to.get()).await?;
            let (sent, longest) = match file {
                None => (self.bot.send_message(to, &message).await, MAX_TEXT),
                Some(file) => {
                    let sent = self.bot.send_file(to, file.clone(), &message);
                    (sent.await, MAX_CAPTION)
                }
            };
            self.pacer.heard(&sent).await;
            match sent {
                Ok(id) => {
                    Failpoint::MessageSent.reached();
                    count("sent");
                    return Ok(id);
                }
                Err(error) => {
                    if let CallError::Ambiguous { why } = &error {
                        warn!(
                            why,
                            "nobody knows whether a message was sent, which is sent again"
                        );
                        count_ambiguous();
                    }
                    message = self.plainer(error, &message, longest)?;
                }
            }
        }
    }

    /// `editMessageText`, or `editMessageCaption` for what stands under a file. What is so already is done.
    pub(crate) async fn edit_message(
        &self,
        turn: Turn,
        (chat_id, message_id): (i64, i64),
        part: MessagePart,
        html: &str,
        keyboard: &Keyboard,
    ) -> Result<(), DeliverError> {
        let mut message = self.known_to_be_taken(&Outgoing {
            html: html.to_owned(),
            markup: Markup::Inline(keyboard.clone()),
            ..Outgoing::default()
        });
        loop {
            self.may_call(turn, chat_id).await?;
            let none = Keyboard::new();
            let keyboard = match &message.markup {
                Markup::Inline(keyboard) => keyboard,
                _ => &none,
            };
            let html = &message.html;
            let (edited, longest) = match part {
                MessagePart::Text => {
                    let bot = &self.bot;
                    let edited = bot.edit_message_text(chat_id, message_id, html, keyboard);
                    (edited.await, MAX_TEXT)
                }
                MessagePart::Caption => {
                    let bot = &self.bot;
                    let edited = bot.edit_message_caption(chat_id, message_id, html, keyboard);
                    (edited.await, MAX_CAPTION)
                }
            };
            self.pacer.heard(&edited).await;
            match edited {
                Ok(()) | Err(CallError::NotModified) => {
                    Failpoint::MessageEdited.reached();
                    return Ok(());
                }
                Err(error) => message = self.plainer(error, &message, longest)?,
            }
        }
    }

    async fn may_call(&self, turn: Turn, chat_id: i64) -> Result<(), DeliverError> {
        self.pacer.wait(chat_id, turn.urgency).await?;
        allows_a_call(turn.since)
    }

    fn known_to_be_taken(&self, message: &Outgoing) -> Outgoing {
        let mut message = message.clone();
        if self.refuses_tg_time.load(Ordering::Relaxed) {
            message.html = without_tg_time(&message.html);
        }
        message
    }

    /// The message without what Telegram does not take of it; the error where it is about something else, or nothing is left to be
    /// taken away.
    fn plainer(
        &self,
        error: CallError,
        message: &Outgoing,
        longest: usize,
    ) -> Result<Outgoing, DeliverError> {
        let CallError::BadContent { fault, description } = &error else {
            return Err(error.into());
        };
        let Some((html, markup)) = degraded(*fault, &message.html, &message.markup, longest) else {
            return Err(error.into());
        };
        if *fault == ContentFault::TgTime {
            self.refuses_tg_time.store(true, Ordering::Relaxed);
        }
        error!(
            fault = fault.as_str(),
            description, "Telegram does not take a message as it is; it is sent plainer"
        );
        metrics::counter!("televent_degraded_cards_total", "fault" => fault.as_str()).increment(1);
        Ok(Outgoing {
            html,
            markup,
            ..message.clone()
        })
    }
}
