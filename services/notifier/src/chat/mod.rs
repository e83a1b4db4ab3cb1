//! What the bot has to say besides its cards: a screen is read and rendered as things are now, and sent, or put into the place
//! of what a message has shown.

mod account;
mod agenda;
mod devices;
mod event;
mod pending;
mod settings;

pub(crate) use account::EXPORTS_AT_ONCE;

use chrono::Utc;
use televent_broker::InviteMessage;
use televent_calendar::{CalendarUserAddress, TelegramUserId};
use televent_conversation::{BotButton, Screen};
use televent_language::Language;
use televent_runtime::Failpoint;
use televent_store::{ChatLease, ChatMessage, Person};
use televent_telegram::{
    Button, ButtonAction, CallError, CallbackData, File, Keyboard, Markup, Outgoing,
};
use tokio::time::Instant;
use tracing::{info, warn};
use uuid::Uuid;

#[cfg(feature = "fuzzing")]
pub(crate) use {
    event::{invited, saved, show_draft},
    settings::time_zone as ask_time_zone,
};

pub(crate) use devices::PictureError;

use crate::{
    calls::{MessagePart, Turn},
    deliver::{DeliverError, Notifier, count, count_ambiguous},
    held::LEASE,
};

/// A rendered screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// Text in the Bot API's HTML.
    pub(crate) html: String,
    /// What comes with it.
    pub(crate) markup: Markup,
    /// The text is the caption of this. A file is always sent anew.
    pub(crate) file: Option<File>,
}

/// Whom a screen is for.
pub(crate) struct Reader<'a> {
    pub(crate) id: TelegramUserId,
    pub(crate) person: &'a Person,
    pub(crate) language: Language,
}

impl Notifier {
    pub(crate) async fn deliver_chat_message(
        &self,
        message: &InviteMessage,
        id: Uuid,
    ) -> Result<(), DeliverError> {
        let lease = ChatLease {
            id,
            holder: Uuid::new_v4(),
        };
        let turn = Turn {
            urgency: message.urgency,
            since: Instant::now(),
        };
        let Some(said) = self.store.lease_chat_message(lease, LEASE).await? else {
            return if self.store.outbox_is_open(message.outbox_id).await? {
                Err(DeliverError::Busy)
            } else {
                Ok(())
            };
        };
        Failpoint::ChatLeased.reached();
        // A file goes out anew each time it is written, and with it, for a new device, a new password: a repeat of what is done
        // already must not do so.
        if !self.store.outbox_is_open(message.outbox_id).await? {
            return Ok(self.store.release_chat_message(lease).await?);
        }
        let written = self.write(message.telegram_id, &said, turn).await;
        let message_id = match written {
            Ok(message_id) => message_id,
            Err(DeliverError::Call(CallError::Unreachable(reason))) => {
                count("unreachable");
                info!(telegram.id = %message.telegram_id, %reason, "somebody can't be written to");
                self.store.set_reachable(message.telegram_id, false).await?;
                self.store.release_chat_message(lease).await?;
                return Ok(self.store.settle_outbox(message.outbox_id).await?);
            }
            Err(error) => {
                // After a call whose outcome is unknown the lease runs out by itself, and tells of it.
                if !matches!(error, DeliverError::Call(CallError::Ambiguous { .. })) {
                    self.store.release_chat_message(lease).await?;
                }
                return Err(error);
            }
        };
        let is_recorded = self
            .store
            .record_chat_message(lease, message_id, said.version, message.outbox_id)
            .await
            .map_err(DeliverError::Unrecorded)?;
        if is_recorded {
            Failpoint::ChatRecorded.reached();
            Ok(())
        } else {
            Err(DeliverError::Busy)
        }
    }

    /// Sends or edits; the id of the message that shows it.
    async fn write(
        &self,
        to: TelegramUserId,
        said: &ChatMessage,
        turn: Turn,
    ) -> Result<i64, DeliverError> {
        let person = self.store.person(to).await?;
        let reader = Reader {
            id: to,
            person: &person,
            language: Language::of_tag(person.language.as_deref()),
        };
        let screen: Screen =
            serde_json::from_value(said.screen.clone()).map_err(DeliverError::Screen)?;
        let is_caption = screen.is_caption();
        let content = self.content(&reader, screen).await?;
        let message = Outgoing {
            html: content.html,
            markup: content.markup,
            ..Outgoing::default()
        };
        if let Some(file) = content.file {
            if said.unfinished {
                warn_of_a_second_one(to);
            }
            return self.caller.send(turn, to, Some(&file), &message).await;
        }
        // Only what stands under a message can be edited.
        let keyboard = match &message.markup {
            Markup::None | Markup::RemoveReply => Some(Keyboard::new()),
            Markup::Inline(keyboard) => Some(keyboard.clone()),
            _ => None,
        };
        if let (Some(message_id), Some(keyboard)) = (said.message_id, keyboard) {
            let part = if is_caption {
                MessagePart::Caption
            } else {
                MessagePart::Text
            };
            let shown = (to.get(), message_id);
            let edited = self
                .caller
                .edit_message(turn, shown, part, &message.html, &keyboard)
                .await;
            match edited {
                Ok(()) => {
                    count("edited");
                    return Ok(message_id);
                }
                Err(DeliverError::Call(CallError::MessageGone { .. })) => {}
                Err(error) => return Err(error),
            }
        } else if said.unfinished {
            warn_of_a_second_one(to);
        }
        self.caller.send(turn, to, None, &message).await
    }

    async fn content(&self, reader: &Reader<'_>, screen: Screen) -> Result<Content, DeliverError> {
        Ok(match screen {
            Screen::Help => settings::help(reader),
            Screen::NotUnderstood => plain(reader.language.text("bot-not-understood")),
            Screen::Cancelled => Content {
                markup: Markup::RemoveReply,
                ..plain(reader.language.text("bot-cancelled"))
            },
            Screen::Welcome => {
                let address = CalendarUserAddress::internal(reader.id, &self.domain);
                settings::welcome(reader, &address)
            }
            Screen::TimeZone { unknown } => settings::time_zone(reader, unknown.as_deref()),
            Screen::TimeZoneChosen { city, others } => {
                settings::time_zone_chosen(reader, city.as_ref(), &others, Utc::now())
            }
            Screen::Settings => {
                let free_busy = self.store.free_busy_choice(reader.id).await?;
                settings::settings(reader, free_busy)
            }
            Screen::Languages => settings::languages(reader),
            Screen::Pings => settings::pings(reader),
            Screen::FreeBusy => {
                let free_busy = self.store.free_busy_choice(reader.id).await?;
                settings::free_busy(reader, free_busy)
            }
            Screen::Device(screen) => self.device_content(reader, screen).await?,
            Screen::NoAccount => plain(reader.language.text("agenda-no-account")),
            Screen::Agenda { from, days } => self.agenda(reader, from, days).await?,
            Screen::Pending { page } => self.pending(reader, page, Utc::now()).await?,
            Screen::CalendarFile { calendar_id } => self
                .calendar_file(reader, calendar_id)
                .await?
                .unwrap_or_else(|| plain(reader.language.text("agenda-no-account"))),
            Screen::DeleteAccount => {
                account::ask(reader, self.store.account_contents(reader.id).await?)
            }
            Screen::AccountKept => plain(reader.language.text("account-kept")),
            Screen::AccountDeleted { language } => account::deleted(&language),
            Screen::Event(screen) => self.event_content(reader, screen).await?,
        })
    }
}

fn warn_of_a_second_one(to: TelegramUserId) {
    warn!(telegram.id = %to, "a message may be a second one: an earlier attempt ended in the middle");
    count_ambiguous();
}

/// A text and nothing else.
pub(crate) fn plain(html: String) -> Content {
    Content {
        html,
        ..Content::default()
    }
}

/// A button of the bot's own.
pub(crate) fn button(label: impl Into<String>, button: &BotButton) -> Button {
    Button {
        label: label.into(),
        action: ButtonAction::Callback(CallbackData::Bot(button.to_string())),
    }
}
