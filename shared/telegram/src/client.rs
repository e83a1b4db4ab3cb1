//! Calls of Bot API methods: one attempt each, whose outcome is known exactly. Retries are decided by
//! those who know what the call was for.

use std::time::{Duration, Instant};

use reqwest::{
    Url,
    multipart::{Form, Part},
    redirect::Policy,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use televent_calendar::TelegramUserId;
use teloxide::{
    payloads::{
        AnswerCallbackQuery, AnswerCallbackQuerySetters as _, DeleteWebhook, EditMessageCaption,
        EditMessageCaptionSetters as _, EditMessageText, EditMessageTextSetters as _, GetMe,
        GetUpdates, GetUpdatesSetters as _, GetWebhookInfo, SendMessage, SendMessageSetters as _,
        SetMyCommands, SetMyCommandsSetters as _, SetWebhook, SetWebhookSetters as _,
    },
    requests::Payload,
    types::{
        AllowedUpdate, BotCommand, CallbackQueryId, ChatId, LinkPreviewOptions, MessageId,
        ParseMode, ReplyParameters,
    },
};
use tracing::{Instrument as _, Span, debug_span, field::Empty};

use crate::{
    error::{CallError, Envelope},
    keyboard::{Keyboard, Markup, inline},
};

/// The longest a call may take, connecting included. Leases of cards and JetStream's ack wait are longer.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// The longest an answer to a press may take. It only stops a spinner, and presses wait behind it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a `getUpdates` call waits for the first update.
const LONG_POLL: Duration = Duration::from_secs(25);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that Telegram may open to the webhook at once (setWebhook, `max_connections`).
const WEBHOOK_CONNECTIONS: u8 = 40;

/// The kinds of update that we ask for. `callback_query` is a kind of its own: presses never come as messages.
const ALLOWED_UPDATES: [AllowedUpdate; 3] = [
    AllowedUpdate::Message,
    AllowedUpdate::CallbackQuery,
    AllowedUpdate::MyChatMember,
];

/// The Bot API under one token. Cheap to clone. How fast it may be called is for the caller to know.
#[derive(Clone)]
pub struct BotApi {
    http: reqwest::Client,
    api_url: Url,
    token: SecretString,
}

/// A message to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Text in the Bot API's HTML: at most 4,096 UTF-16 units without its tags, 1,024 under a file.
    pub html: String,
    /// What comes with it.
    pub markup: Markup,
    /// The phone does not ring.
    pub silent: bool,
    /// The message of the chat that it answers; it is sent without, if that is gone.
    pub reply_to: Option<i64>,
}

/// A file to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum File {
    /// Shown as a picture: PNG, at most 10 MB.
    Photo(Vec<u8>),
    /// To be saved: at most 50 MB.
    Document {
        /// Under this name.
        name: String,
        /// Its media type.
        media_type: &'static str,
        /// What is in it.
        content: Vec<u8>,
    },
}

/// A command of the bot and what it does, for the menu (setMyCommands).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Without the slash: 1 to 32 of a-z, 0-9 and `_`.
    pub name: &'static str,
    /// 1 to 256 characters.
    pub description: String,
}

/// The answer to a press.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Shown at the top of the chat; at most 200 characters, and nothing when it is empty.
    pub text: String,
    /// Show it as an alert that has to be closed.
    pub alert: bool,
}

/// Who the bot is (getMe).
#[derive(Clone, Debug, Deserialize)]
pub struct Identity {
    /// Without the `@`.
    pub username: String,
}

/// What Telegram knows of the webhook (getWebhookInfo).
#[derive(Clone, Debug, Deserialize)]
pub struct WebhookInfo {
    /// Empty when none is set.
    pub url: String,
    /// Updates that wait to be delivered.
    #[serde(default)]
    pub pending_update_count: i64,
    /// Why the last delivery failed, if one has.
    pub last_error_message: Option<String>,
}

#[derive(Deserialize)]
struct SentMessage {
    message_id: i64,
}

impl BotApi {
    /// Prepares calls to `api_url` with `token`.
    ///
    /// # Errors
    /// When the TLS roots can't be loaded.
    pub fn new(api_url: Url, token: SecretString) -> Result<Self, CallError> {
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            // The path holds the token: it must not travel in a Referer.
            .redirect(Policy::none());
        // Plain http is for a server on this machine, which no proxy can reach.
        if api_url.scheme() == "http" {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| CallError::NotSent {
            why: error.to_string(),
        })?;
        Ok(Self {
            http,
            api_url,
            token,
        })
    }

    /// `sendMessage` to a private chat, whose id is the person's. Returns the message's id.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn send_message(
        &self,
        to: TelegramUserId,
        message: &Outgoing,
    ) -> Result<i64, CallError> {
        let mut payload = SendMessage::new(ChatId(to.get()), &message.html)
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview());
        if message.silent {
            payload = payload.disable_notification(true);
        }
        if let Some(reply) = message.reply_to.and_then(reply_parameters) {
            payload = payload.reply_parameters(reply);
        }
        if let Some(markup) = message.markup.clone().into_reply_markup() {
            payload = payload.reply_markup(markup);
        }
        let sent: SentMessage = self.call(&payload, CALL_TIMEOUT).await?;
        Ok(sent.message_id)
    }

    /// `sendPhoto` or `sendDocument` to a private chat, with the message's text as the caption. Returns the message's id.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn send_file(
        &self,
        to: TelegramUserId,
        file: File,
        message: &Outgoing,
    ) -> Result<i64, CallError> {
        let (method, field, part) = match file {
            File::Photo(content) => (
                "SendPhoto",
                "photo",
                Part::bytes(content)
                    .file_name("photo.png")
                    .mime_str("image/png"),
            ),
            File::Document {
                name,
                media_type,
                content,
            } => (
                "SendDocument",
                "document",
                Part::bytes(content).file_name(name).mime_str(media_type),
            ),
        };
        let part = part.map_err(|error| CallError::NotSent {
            why: error.to_string(),
        })?;
        let mut form = Form::new()
            .text("chat_id", to.get().to_string())
            .text("caption", message.html.clone())
            .text("parse_mode", "HTML")
            .part(field, part);
        if message.silent {
            form = form.text("disable_notification", "true");
        }
        let nested = |value: serde_json::Result<String>| {
            value.map_err(|error| CallError::NotSent {
                why: error.to_string(),
            })
        };
        if let Some(reply) = message.reply_to.and_then(reply_parameters) {
            form = form.text("reply_parameters", nested(serde_json::to_string(&reply))?);
        }
        if let Some(markup) = message.markup.clone().into_reply_markup() {
            form = form.text("reply_markup", nested(serde_json::to_string(&markup))?);
        }
        let request = self.http.post(self.method_url(method)?).multipart(form);
        let sent: SentMessage = send(request.timeout(CALL_TIMEOUT), method).await?;
        Ok(sent.message_id)
    }

    /// `editMessageText` with HTML text; without buttons in `markup` they are removed.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn edit_message_text(
        &self,
        chat_id: i64,
        message_id: i64,
        html: &str,
        keyboard: &Keyboard,
    ) -> Result<(), CallError> {
        let payload = EditMessageText::new(ChatId(chat_id), edited_message(message_id)?, html)
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview())
            .reply_markup(inline(keyboard));
        let _edited: serde_json::Value = self.call(&payload, CALL_TIMEOUT).await?;
        Ok(())
    }

    /// `editMessageCaption`: the HTML text under a file; without buttons in `markup` they are removed.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn edit_message_caption(
        &self,
        chat_id: i64,
        message_id: i64,
        html: &str,
        keyboard: &Keyboard,
    ) -> Result<(), CallError> {
        let payload = EditMessageCaption::new(ChatId(chat_id), edited_message(message_id)?)
            .caption(html)
            .parse_mode(ParseMode::Html)
            .reply_markup(inline(keyboard));
        let _edited: serde_json::Value = self.call(&payload, CALL_TIMEOUT).await?;
        Ok(())
    }

    /// `setMyCommands` for those whose app is in a language (ISO 639-1), or for all others.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn set_my_commands(
        &self,
        language: Option<&str>,
        commands: &[Command],
    ) -> Result<(), CallError> {
        let commands = commands
            .iter()
            .map(|command| BotCommand::new(command.name, command.description.clone()));
        let mut payload = SetMyCommands::new(commands);
        if let Some(language) = language {
            payload = payload.language_code(language);
        }
        let _done: serde_json::Value = self.call(&payload, CALL_TIMEOUT).await?;
        Ok(())
    }

    /// `answerCallbackQuery`. The limits of messages do not count it, and a pause does not hold it back: the person is waiting.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn answer_callback_query(
        &self,
        query_id: &str,
        answer: &Answer,
    ) -> Result<(), CallError> {
        let payload = AnswerCallbackQuery::new(CallbackQueryId(query_id.to_owned()))
            .text(&answer.text)
            .show_alert(answer.alert);
        let _done: serde_json::Value = self.call(&payload, ANSWER_TIMEOUT).await?;
        Ok(())
    }

    /// `getUpdates` from `offset` on, waiting up to [`LONG_POLL`]. Asking for an offset forgets what is
    /// before it. The updates are as Telegram sent them, so that none is lost to a kind that is new.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn get_updates(
        &self,
        offset: Option<i64>,
    ) -> Result<Vec<serde_json::Value>, CallError> {
        let mut payload = GetUpdates::new()
            .timeout(u32::try_from(LONG_POLL.as_secs()).unwrap_or(u32::MAX))
            .allowed_updates(ALLOWED_UPDATES);
        if let Some(offset) = offset.and_then(|offset| i32::try_from(offset).ok()) {
            payload = payload.offset(offset);
        }
        self.call(&payload, LONG_POLL + CALL_TIMEOUT).await
    }

    /// `setWebhook`. Each call replaces URL and secret.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn set_webhook(&self, url: Url, secret: &SecretString) -> Result<(), CallError> {
        let payload = SetWebhook::new(url)
            .secret_token(secret.expose_secret())
            .max_connections(WEBHOOK_CONNECTIONS)
            .allowed_updates(ALLOWED_UPDATES);
        let _done: serde_json::Value = self.call(&payload, CALL_TIMEOUT).await?;
        Ok(())
    }

    /// `deleteWebhook`, keeping the updates that wait.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn delete_webhook(&self) -> Result<(), CallError> {
        let _done: serde_json::Value = self.call(&DeleteWebhook::new(), CALL_TIMEOUT).await?;
        Ok(())
    }

    /// `getWebhookInfo`.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn get_webhook_info(&self) -> Result<WebhookInfo, CallError> {
        self.call(&GetWebhookInfo::new(), CALL_TIMEOUT).await
    }

    /// `getMe`.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn get_me(&self) -> Result<Identity, CallError> {
        self.call(&GetMe::new(), CALL_TIMEOUT).await
    }

    async fn call<P, R>(&self, payload: &P, timeout: Duration) -> Result<R, CallError>
    where
        P: Payload + Serialize,
        R: DeserializeOwned,
    {
        let request = self.http.post(self.method_url(P::NAME)?).json(payload);
        send(request.timeout(timeout), P::NAME).await
    }

    fn method_url(&self, method: &str) -> Result<Url, CallError> {
        let mut url = self.api_url.clone();
        url.path_segments_mut()
            .map_err(|()| CallError::NotSent {
                why: "telegram_api_url can't be a base".to_owned(),
            })?
            .pop_if_empty()
            .push(&format!("bot{}", self.token.expose_secret()))
            .push(method);
        Ok(url)
    }
}

/// One call, as a span by OpenTelemetry's conventions for remote procedures: its method and what came of it. The URL has the token in
/// it, and what is sent is what people have written; neither is recorded.
async fn send<R: DeserializeOwned>(
    request: reqwest::RequestBuilder,
    method: &'static str,
) -> Result<R, CallError> {
    // What is done for nobody, such as to ask for updates again and again, is no trace.
    let span = if Span::current().is_none() {
        Span::none()
    } else {
        debug_span!(
            "call",
            otel.name = format!("telegram {method}"),
            otel.kind = "client",
            otel.status_code = Empty,
            rpc.system.name = "telegram",
            rpc.method = method,
            error.type = Empty,
        )
    };
    let answer = read_answer(request, method).instrument(span.clone()).await;
    match &answer {
        Ok(_) | Err(CallError::NotModified) => {}
        Err(error) => {
            span.record("error.type", error.class());
            span.record("otel.status_code", "ERROR");
        }
    }
    answer
}

/// One attempt, in the metrics.
async fn read_answer<R: DeserializeOwned>(
    request: reqwest::RequestBuilder,
    method: &'static str,
) -> Result<R, CallError> {
    let began = Instant::now();
    let answer = attempt(request, method).await;
    let outcome = answer.as_ref().map_or_else(CallError::class, |_| "ok");
    metrics::counter!("televent_telegram_calls_total", "method" => method, "outcome" => outcome)
        .increment(1);
    // It waits for something to happen.
    if method != GetUpdates::NAME {
        metrics::histogram!("televent_telegram_call_duration_seconds").record(began.elapsed());
    }
    answer
}

async fn attempt<R: DeserializeOwned>(
    request: reqwest::RequestBuilder,
    method: &str,
) -> Result<R, CallError> {
    let response = request.send().await.map_err(transport_error)?;
    let status = response.status().as_u16();
    let body = response.bytes().await.map_err(transport_error)?;
    match serde_json::from_slice::<Envelope<R>>(&body) {
        Ok(Envelope {
            ok: true,
            result: Some(result),
            ..
        }) => Ok(result),
        Ok(envelope) if !envelope.ok => Err(envelope.into_error(status)),
        // A proxy's HTML page, or a result that we can't read although the call was done.
        _ => Err(CallError::Ambiguous {
            why: format!("{method} answered {status} with what is no Bot API answer"),
        }),
    }
}

fn edited_message(message_id: i64) -> Result<MessageId, CallError> {
    i32::try_from(message_id)
        .map(MessageId)
        .map_err(|_| CallError::MessageGone {
            description: "no message has such an id".to_owned(),
        })
}

fn reply_parameters(message_id: i64) -> Option<ReplyParameters> {
    let message_id = i32::try_from(message_id).ok()?;
    Some(ReplyParameters::new(MessageId(message_id)).allow_sending_without_reply())
}

/// Errors of the transport. The URL, and with it the token, is never part of the text.
fn transport_error(error: reqwest::Error) -> CallError {
    let never_sent = error.is_connect() || error.is_builder();
    let error = error.without_url();
    let mut why = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        why.push_str(": ");
        why.push_str(&cause.to_string());
        source = cause.source();
    }
    if never_sent {
        CallError::NotSent { why }
    } else {
        CallError::Ambiguous { why }
    }
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}
