//! Configuration: `televent.toml`, over it environment variables, over it flags. Parsed once, as a whole,
//! before any socket opens; every problem names its key, where it was set, and what to write instead.

mod keys;
mod parse;

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use ipnet::IpNet;
use secrecy::SecretString;
use televent_calendar::InternalDomain;
use url::Url;

pub use keys::{DEFAULT_FILE, KEYS, Key, Settings};

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// `postgres://…`; required by `serve`.
    pub database_url: Option<SecretString>,
    /// NATS servers, in the order to be tried; required by `serve`.
    pub nats_urls: Vec<String>,
    /// What this process proves to NATS who it is with.
    pub nats_nkey: Option<NatsNkey>,
    /// Where HTTP is served.
    pub http_listen: SocketAddr,
    /// Reverse proxies that are believed when they say on whose behalf they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// What devices are told.
    pub public_url: Url,
    /// The domain of internal addresses.
    pub internal_domain: InternalDomain,
    /// Whom people find when they type a name.
    pub directory: Directory,
    /// The bot, if there is one.
    pub telegram: Option<Telegram>,
    /// Where people meet the bot, if that is known.
    pub bot_page: Option<Url>,
    /// How updates reach us.
    pub telegram_updates: Updates,
    /// How fast the bot writes.
    pub telegram_limits: Limits,
    /// Opens `/status`, which is not there without it.
    pub status_password: Option<SecretString>,
    /// TLS without a reverse proxy.
    pub tls: Option<TlsFiles>,
    /// How long a process goes on after it was told to end, and says that it is not ready.
    pub shutdown_notice: Duration,
    /// Filter of the logs.
    pub log: String,
    /// Form of the logs.
    pub log_format: LogFormat,
    /// Where traces are sent, if they are.
    pub traces: Option<Traces>,
}

/// How traces are sent.
#[derive(Clone, Debug)]
pub struct Traces {
    /// Where spans are posted, by OTLP over HTTP.
    pub url: Url,
    /// Names and values of headers.
    pub headers: Vec<(String, SecretString)>,
    /// The part of the traces that begin here, from 0 to 1.
    pub sample_ratio: f64,
}

/// Where the secret key at NATS is.
#[derive(Clone, Debug)]
pub enum NatsNkey {
    /// Here.
    Seed(SecretString),
    /// In this file, alone.
    File(PathBuf),
}

/// Access to the Bot API.
#[derive(Clone, Debug)]
pub struct Telegram {
    /// `<bot id>:<secret>`.
    pub token: SecretString,
    /// The part of the token before its colon.
    pub bot_id: i64,
    /// Where the Bot API is.
    pub api_url: Url,
}

/// How fast the bot writes, all processes together. A message and an edit count alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In a second; `None` without a limit.
    pub messages_per_second: Option<NonZeroU32>,
    /// In one private chat in a second; `None` without a limit.
    pub chat_messages_per_second: Option<NonZeroU32>,
    /// In one group in a minute; `None` without a limit.
    pub group_messages_per_minute: Option<NonZeroU32>,
    /// The shortest time between two silent edits of a card on account of what others have answered.
    pub edit_interval: Duration,
}

impl Limits {
    /// No limits at all.
    pub const NONE: Self = Self {
        messages_per_second: None,
        chat_messages_per_second: None,
        group_messages_per_minute: None,
        edit_interval: Duration::ZERO,
    };

    /// Whether the bot may write as fast as it can.
    #[must_use]
    pub const fn are_lifted(&self) -> bool {
        self.messages_per_second.is_none()
            && self.chat_messages_per_second.is_none()
            && self.group_messages_per_minute.is_none()
    }
}

/// How updates of the Bot API reach us.
#[derive(Clone, Debug)]
pub enum Updates {
    /// `getUpdates`, by one process at a time.
    Polling,
    /// `POST /telegram/webhook`.
    Webhook {
        /// What Telegram sends in `X-Telegram-Bot-Api-Secret-Token`.
        secret: SecretString,
    },
}

/// PEM files.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate chain.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Whom people find when they type a name; and who sees the free-busy times of those who have not chosen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directory {
    /// People with whom they share an event.
    Acquaintances,
    /// Everybody with an account: for a family or a company.
    Everyone,
}

/// Form of the logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Everything that is wrong with a configuration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the configuration can't be used:{}", .problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>())]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<String>,
}

impl Config {
    /// Reads all settings.
    ///
    /// # Errors
    /// [`ConfigError`] with every problem found, not only the first.
    pub fn from_settings(settings: &Settings) -> Result<Self, ConfigError> {
        parse::config(settings)
    }
}
