//! What people write to the bot, and presses of its own buttons: each becomes an effect in Postgres, and screens that the
//! notifier sends. An update is finished in one statement, with the screens and the next step of the dialog; what is made before
//! that has an id that follows from the update, so that a repeat makes it once.

mod account;
mod agenda;
mod devices;
mod event;
mod settings;
mod start;
mod zones;

use std::time::Duration;

use televent_conversation::{BotButton, Command, EventScreen, Screen, Step};
use televent_language::Language;
use televent_runtime::Failpoint;
use televent_runtime::without_quotations;
use televent_store::{DialogChange, NewChatMessage, Notice, Person, PressRecord, UpdateOutcome};
use televent_telegram::{Answer, Press, Said, Sender};
use tracing::warn;
use uuid::Uuid;

use agenda::Asked;
pub(crate) use start::membership;

use crate::apply::{Apply, ApplyError, answer_press};

/// How long the bot waits for the answer to what it has asked. Then a message means nothing any more.
const DIALOG_LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// One update, and who sent it.
pub(crate) struct Turn<'a> {
    pub(crate) apply: &'a Apply,
    pub(crate) record: &'a PressRecord,
    pub(crate) from: &'a Sender,
    pub(crate) person: Person,
    pub(crate) language: Language,
}

/// What comes of an update. One new message at most, unless their order does not matter: two would come in any.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// Sent as a new message.
    pub(crate) screen: Option<Screen>,
    /// Sent as new messages besides, in any order.
    pub(crate) more: Vec<Screen>,
    /// Shown by the message whose button was pressed.
    pub(crate) here: Option<Screen>,
    pub(crate) dialog: DialogChange,
    pub(crate) cards: Vec<(Uuid, Notice)>,
    /// Shown at the top of the chat after a press.
    pub(crate) toast: Option<String>,
}

impl Reply {
    pub(crate) fn with(screen: Screen) -> Self {
        Self {
            screen: Some(screen),
            ..Self::default()
        }
    }

    pub(crate) fn here(screen: Screen) -> Self {
        Self {
            here: Some(screen),
            ..Self::default()
        }
    }

    /// Asks a question: the next message answers it.
    pub(crate) fn asking(screen: Screen, step: &Step) -> Result<Self, ApplyError> {
        Ok(Self {
            screen: Some(screen),
            dialog: DialogChange::Ask(serde_json::to_value(step).map_err(ApplyError::Json)?),
            ..Self::default()
        })
    }

    /// The dialog is over.
    pub(crate) fn ending(self) -> Self {
        Self {
            dialog: DialogChange::End,
            ..self
        }
    }
}

/// Somebody has written, or sent a place or people.
pub(crate) async fn message(
    apply: &Apply,
    record: &PressRecord,
    from: &Sender,
    said: Said,
) -> Result<(), ApplyError> {
    let Some(turn) = turn(apply, record, from).await? else {
        return Ok(());
    };
    let reply = turn.reply_to(said).await?;
    turn.finish(reply, None).await
}

/// Somebody has pressed a button of the bot's own.
pub(crate) async fn press(
    apply: &Apply,
    record: &PressRecord,
    from: &Sender,
    press: &Press,
    what: &str,
) -> Result<(), ApplyError> {
    if let Ok(BotButton::Answer {
        event_id,
        recurrence_id,
        answer,
    }) = what.parse()
    {
        let answered = (event_id, recurrence_id, answer);
        return agenda::answer(apply, record, from, press, answered).await;
    }
    let Some(turn) = turn(apply, record, from).await? else {
        answer_press(apply, press, &Answer::default()).await;
        return Ok(());
    };
    let (reply, is_known) = match what.parse() {
        Ok(button) => (turn.reply_to_press(button).await?, true),
        Err(_) => (Reply::default(), false),
    };
    let answer = if is_known {
        Answer {
            text: reply.toast.clone().unwrap_or_default(),
            alert: false,
        }
    } else {
        Answer {
            text: turn.language.text("press-useless-button"),
            alert: true,
        }
    };
    turn.finish(reply, press.message.map(|(_, message_id)| message_id))
        .await?;
    answer_press(apply, press, &answer).await;
    Ok(())
}

/// `None` when the effect of the update is committed already.
async fn turn<'a>(
    apply: &'a Apply,
    record: &'a PressRecord,
    from: &'a Sender,
) -> Result<Option<Turn<'a>>, ApplyError> {
    let store = &apply.store;
    if store.is_processed(record).await? {
        return Ok(None);
    }
    store
        .note_person(
            from.id,
            &from.name,
            from.username.as_deref(),
            from.language.as_deref(),
        )
        .await?;
    let person = store.person(from.id).await?;
    let language = Language::of_tag(person.language.as_deref());
    Ok(Some(Turn {
        apply,
        record,
        from,
        person,
        language,
    }))
}

impl Turn<'_> {
    async fn reply_to(&self, said: Said) -> Result<Reply, ApplyError> {
        if let Said::Text(text) = &said
            && let Some((command, behind)) = Command::read(text)
        {
            return self.reply_to_command(command, behind).await;
        }
        match (self.step().await?, said) {
            (Some(Step::TimeZone), said) => zones::time_zone_said(self, &said).await,
            (Some(Step::TimeZoneForEvent { message }), said) => {
                event::time_zone_said(self, &message, &said).await
            }
            (Some(Step::Event { draft, asked }), said) => {
                event::said(self, draft, asked, said).await
            }
            (Some(Step::Invite { event_id }), Said::Users(users)) => {
                event::invited(self, event_id, &users).await
            }
            (Some(Step::Invite { .. }), _) => {
                Ok(Reply::with(Screen::Event(EventScreen::PickPeople)))
            }
            (None, Said::Users(_)) => Ok(Reply::with(Screen::Event(EventScreen::Gone))),
            (Some(Step::DeleteAccount) | None, _) => Ok(Reply::with(Screen::NotUnderstood)),
        }
    }

    async fn reply_to_command(&self, command: Command, behind: &str) -> Result<Reply, ApplyError> {
        Ok(match command {
            Command::Start => start::start(self).await?,
            Command::Help => Reply::with(Screen::Help).ending(),
            Command::Cancel => Reply::with(Screen::Cancelled).ending(),
            Command::Settings => Reply::with(Screen::Settings).ending(),
            Command::Devices => devices::list(),
            Command::Agenda => agenda::agenda(self, Asked::Coming),
            Command::Today => agenda::agenda(self, Asked::Today),
            Command::Week => agenda::agenda(self, Asked::Week),
            Command::Pending => Reply::with(Screen::Pending { page: 0 }).ending(),
            Command::Export => account::export(self).await?,
            Command::DeleteAccount => account::ask(self)?,
            Command::New => event::new(self, behind).await?,
            Command::Invite => Reply::with(Screen::Event(EventScreen::Coming)).ending(),
        })
    }

    async fn reply_to_press(&self, button: BotButton) -> Result<Reply, ApplyError> {
        match button {
            BotButton::Settings => Ok(Reply::here(Screen::Settings)),
            BotButton::AskTimeZone => {
                Reply::asking(Screen::TimeZone { unknown: None }, &Step::TimeZone)
            }
            BotButton::Languages => Ok(Reply::here(Screen::Languages)),
            BotButton::Language(code) => settings::choose_language(self, &code).await,
            BotButton::AskPings => Ok(Reply::here(Screen::Pings)),
            BotButton::Pings(pings) => settings::choose_pings(self, &pings).await,
            BotButton::AskFreeBusy => Ok(Reply::here(Screen::FreeBusy)),
            BotButton::FreeBusy(visibility) => settings::choose_free_busy(self, &visibility).await,
            BotButton::Device(button) => devices::pressed(self, button).await,
            BotButton::TimeZone(name) => zones::choose_by_name(self, &name).await,
            BotButton::Agenda { from, days } => Ok(Reply::here(Screen::Agenda { from, days })),
            BotButton::Pending(page) => Ok(Reply::here(Screen::Pending { page })),
            // Applied before, as a press of a card.
            BotButton::Answer { .. } => Ok(Reply::default()),
            BotButton::DeleteAccount => account::delete(self).await,
            BotButton::KeepAccount => Ok(Reply::here(Screen::AccountKept).ending()),
            BotButton::Event(button) => event::press(self, button).await,
        }
    }

    /// What they are asked at present. A step of another version of the program means nothing.
    async fn step(&self) -> Result<Option<Step>, ApplyError> {
        let step = self.apply.store.dialog(self.from.id, DIALOG_LASTS).await?;
        Ok(step.and_then(|step| {
            serde_json::from_value(step)
                .inspect_err(|error| {
                    warn!(
                        error = without_quotations(&error.to_string()),
                        "a step of a dialog can't be read"
                    );
                })
                .ok()
        }))
    }

    async fn finish(&self, reply: Reply, pressed: Option<i64>) -> Result<(), ApplyError> {
        let here = reply.here.map(|screen| (screen, pressed));
        let new = reply.screen.into_iter().chain(reply.more);
        let messages = here
            .into_iter()
            .chain(new.map(|screen| (screen, None)))
            .map(|(screen, replaces)| {
                Ok(NewChatMessage {
                    id: Uuid::now_v7(),
                    outbox_id: Uuid::now_v7(),
                    is_dispensable: screen.is_dispensable(),
                    screen: serde_json::to_value(screen).map_err(ApplyError::Json)?,
                    replaces,
                })
            })
            .collect::<Result<_, ApplyError>>()?;
        let outcome = UpdateOutcome {
            messages,
            dialog: reply.dialog,
            cards: reply.cards,
        };
        Failpoint::BotDecided.reached();
        self.apply
            .store
            .finish_update(self.record, &outcome)
            .await?;
        Failpoint::BotCommitted.reached();
        self.apply.relay.wake();
        Ok(())
    }
}
