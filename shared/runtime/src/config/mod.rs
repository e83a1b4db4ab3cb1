//! Configuration: `televent.toml`, over it environment variables, over it flags. Parsed once, as a whole,
//! before any socket opens; every problem names its key, where it was set, and what to write instead.

mod keys;
mod parse;

use std::{net::SocketAddr, path::PathBuf};

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
    /// Where HTTP is served.
    pub http_listen: SocketAddr,
    /// What devices are told.
    pub public_url: Url,
    /// The domain of internal addresses.
    pub internal_domain: InternalDomain,
    /// Whom people find when they type a name.
    pub directory: Directory,
    /// The bot, if there is one.
    pub telegram: Option<Telegram>,
    /// How updates reach us.
    pub telegram_updates: Updates,
    /// TLS without a reverse proxy.
    pub tls: Option<TlsFiles>,
    /// Filter of the logs.
    pub log: String,
    /// Form of the logs.
    pub log_format: LogFormat,
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
