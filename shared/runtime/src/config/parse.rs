//! From text to typed values.

mod nats;
mod telegram;
mod traces;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use ipnet::IpNet;
use secrecy::SecretString;
use televent_calendar::InternalDomain;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::{
    Config, ConfigError, Directory, LogFormat, Settings, Telegram, TlsFiles, Updates, keys::Setting,
};
use nats::{nats_nkey, nats_urls};
use telegram::{bot_page, limits, telegram_api_url, telegram_token, webhook_secret};
use traces::traces;

/// Shortest password of the operator, in characters.
const MIN_STATUS_PASSWORD: usize = 16;

/// The longest notice of a shutdown, in seconds: service managers do not wait for ever.
const MAX_SHUTDOWN_NOTICE_S: u64 = 60;

/// Collects problems while it reads, so that all are told at once.
struct Reader<'a> {
    settings: &'a Settings,
    problems: Vec<String>,
}

impl Reader<'_> {
    /// Reads one key with `parse`, whose error says what is wrong and what to write instead. Values are
    /// not repeated in messages: they may be secret.
    fn read<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let Setting { value, origin } = self.settings.get(name)?;
        match parse(value.trim()) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problems.push(format!("{origin}: {problem}"));
                None
            }
        }
    }
}

pub(super) fn config(settings: &Settings) -> Result<Config, ConfigError> {
    let mut reader = Reader {
        settings,
        problems: Vec::new(),
    };
    let database_url = reader.read("database_url", database_url);
    let nats_urls = reader.read("nats_url", nats_urls).unwrap_or_default();
    let nats_nkey = nats_nkey(&mut reader);
    let trusted_proxies = reader.read("trusted_proxies", networks);
    let http_listen = reader.read("http_listen", |value| {
        SocketAddr::from_str(value)
            .map_err(|_| "not an address with a port; write one such as 127.0.0.1:8080".to_owned())
    });
    let public_url = reader.read("public_url", |value| {
        http_url(value, "https://calendar.example.org")
    });
    let internal_domain = reader.read("internal_domain", |value| {
        InternalDomain::from_str(value)
            .map_err(|_| "not a host name; write one such as televent.internal".to_owned())
    });
    let directory = reader.read("directory", |value| match value {
        "acquaintances" => Ok(Directory::Acquaintances),
        "everyone" => Ok(Directory::Everyone),
        _ => Err("unknown; write acquaintances or everyone".to_owned()),
    });
    let api_url = reader.read("telegram_api_url", telegram_api_url);
    let token = reader.read("telegram_token", telegram_token);
    let bot_page = reader.read("telegram_bot_username", bot_page);
    let secret = reader.read("telegram_webhook_secret", webhook_secret);
    let telegram_updates = reader.read("telegram_updates", |value| match value {
        "polling" => Ok(false),
        "webhook" => Ok(true),
        _ => Err("unknown; write polling or webhook".to_owned()),
    });
    let shutdown_notice = reader.read("shutdown_notice_seconds", |value| {
        seconds(value, MAX_SHUTDOWN_NOTICE_S)
    });
    let telegram_updates = match (telegram_updates, secret) {
        (Some(true), Some(secret)) => Some(Updates::Webhook { secret }),
        (Some(true), None) => {
            if !settings.is_set("telegram_webhook_secret") {
                reader.problems.push(
                    "telegram_webhook_secret is not set, and telegram_updates is webhook; \
                     set TELEVENT_TELEGRAM_WEBHOOK_SECRET to 1 to 256 random characters of A-Z a-z 0-9 _ -"
                        .to_owned(),
                );
            }
            None
        }
        (other, _) => other.map(|_| Updates::Polling),
    };
    let limits = limits(&mut reader);
    let status_password = reader.read("status_password", status_password);
    let cert = reader.read("tls_cert", |value| Ok(PathBuf::from(value)));
    let key = reader.read("tls_key", |value| Ok(PathBuf::from(value)));
    let tls = match (cert, key) {
        (Some(cert), Some(key)) => Some(TlsFiles { cert, key }),
        (None, None) => None,
        (Some(_), None) => {
            reader
                .problems
                .push("tls_cert is set and tls_key is not; set both or neither".to_owned());
            None
        }
        (None, Some(_)) => {
            reader
                .problems
                .push("tls_key is set and tls_cert is not; set both or neither".to_owned());
            None
        }
    };
    let log = reader.read("log", |value| {
        EnvFilter::try_new(value)
            .map(|_| value.to_owned())
            .map_err(|_| {
                "not a filter; write one such as info or televent_api=debug,info".to_owned()
            })
    });
    let log_format = reader.read("log_format", |value| match value {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("unknown; write text or json".to_owned()),
    });
    let traces = traces(&mut reader);
    // Keys with a default are None only where a problem was recorded.
    let (
        Some(http_listen),
        Some(trusted_proxies),
        Some(internal_domain),
        Some(directory),
        Some(api_url),
        Some(telegram_updates),
        Some(telegram_limits),
        Some(shutdown_notice),
        Some(log),
        Some(log_format),
        true,
    ) = (
        http_listen,
        trusted_proxies,
        internal_domain,
        directory,
        api_url,
        telegram_updates,
        limits,
        shutdown_notice,
        log,
        log_format,
        reader.problems.is_empty(),
    )
    else {
        return Err(ConfigError {
            problems: reader.problems,
        });
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let public_url = match public_url {
        Some(url) => url,
        None => Url::parse(&format!("{scheme}://{http_listen}")).map_err(|error| ConfigError {
            problems: vec![format!("public_url: {error}")],
        })?,
    };
    Ok(Config {
        database_url,
        nats_urls,
        nats_nkey,
        http_listen,
        trusted_proxies,
        public_url,
        internal_domain,
        directory,
        telegram: token.map(|(bot_id, token)| Telegram {
            token,
            bot_id,
            api_url,
        }),
        bot_page,
        telegram_updates,
        telegram_limits,
        status_password,
        shutdown_notice,
        tls,
        log,
        log_format,
        traces,
    })
}

fn seconds(value: &str, most: u64) -> Result<Duration, String> {
    value
        .parse()
        .ok()
        .filter(|seconds| *seconds <= most)
        .map(Duration::from_secs)
        .ok_or_else(|| format!("not a number of seconds from 0 to {most}"))
}

fn database_url(value: &str) -> Result<SecretString, String> {
    Url::parse(value)
        .ok()
        .filter(|url| matches!(url.scheme(), "postgres" | "postgresql"))
        .map(|_| SecretString::from(value))
        .ok_or_else(|| {
            "not a Postgres URL; write postgres://user:password@host:5432/database".to_owned()
        })
}

/// Addresses and networks, separated by commas; none is a list, too.
fn networks(value: &str) -> Result<Vec<IpNet>, String> {
    value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "none")
        .map(|part| {
            part.parse::<IpNet>()
                .or_else(|_| part.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| {
                    "one of the proxies is no address or network; write some such as 127.0.0.1, 10.0.0.0/8, \
                     separated by commas, or none"
                        .to_owned()
                })
        })
        .collect()
}

fn http_url(value: &str, example: &str) -> Result<Url, String> {
    Url::parse(value)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| format!("not an http or https URL; write one such as {example}"))
}

fn status_password(value: &str) -> Result<SecretString, String> {
    if value.chars().count() >= MIN_STATUS_PASSWORD {
        Ok(SecretString::from(value))
    } else {
        Err(format!(
            "too short; write {MIN_STATUS_PASSWORD} random characters or more"
        ))
    }
}

#[cfg(test)]
mod tests;
