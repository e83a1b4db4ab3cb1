//! From text to typed values.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    ops::RangeInclusive,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use ipnet::IpNet;
use secrecy::SecretString;
use televent_calendar::InternalDomain;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::{
    Config, ConfigError, Directory, Limits, LogFormat, NatsNkey, Settings, Telegram, TlsFiles,
    Traces, Updates, keys::Setting,
};

/// Longest secret of a webhook (Bot API, setWebhook).
const MAX_WEBHOOK_SECRET_BYTES: usize = 256;

/// Shortest password of the operator, in characters.
const MIN_STATUS_PASSWORD: usize = 16;

/// Lengths of a username (Telegram; those below five are sold).
const BOT_USERNAME_BYTES: RangeInclusive<usize> = 3..=32;

/// The highest rate that can be set; paid broadcasts allow a thousand messages a second.
const MAX_RATE: u32 = 10_000;

/// The longest time between two edits that can be set, in seconds.
const MAX_EDIT_INTERVAL_S: u64 = 3_600;

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

/// Where a collector takes spans (OTLP specification 1.9, "OTLP/HTTP request").
const TRACES_PATH: &str = "v1/traces";

fn traces(reader: &mut Reader<'_>) -> Option<Traces> {
    let url = reader.read("otlp_endpoint", |value| {
        let mut url = http_url(value, "http://127.0.0.1:4318")?;
        if url.username() != "" || url.password().is_some() {
            return Err("has a name or a password in it; write them into otlp_headers".to_owned());
        }
        if !url.path().ends_with(TRACES_PATH) {
            let base = url.path().trim_end_matches('/');
            url.set_path(&format!("{base}/{TRACES_PATH}"));
        }
        Ok(url)
    });
    let headers = reader.read("otlp_headers", headers);
    let sample_ratio = reader.read("trace_sample_ratio", |value| {
        value
            .parse()
            .ok()
            .filter(|ratio| (0.0..=1.0).contains(ratio))
            .ok_or_else(|| "not a number from 0 to 1; write one such as 0.1".to_owned())
    });
    if url.is_none() && headers.is_some() && !reader.settings.is_set("otlp_endpoint") {
        reader.problems.push(
            "otlp_headers is set and otlp_endpoint is not; set TELEVENT_OTLP_ENDPOINT to a collector such as \
             http://127.0.0.1:4318, or neither"
                .to_owned(),
        );
    }
    Some(Traces {
        url: url?,
        headers: headers.unwrap_or_default(),
        sample_ratio: sample_ratio?,
    })
}

/// Names and values, separated by commas.
fn headers(value: &str) -> Result<Vec<(String, SecretString)>, String> {
    let is_token = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    value
        .split(',')
        .map(|header| {
            header
                .split_once('=')
                .map(|(name, value)| (name.trim(), value.trim()))
                .filter(|(name, value)| {
                    is_token(name) && value.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
                })
                .map(|(name, value)| (name.to_owned(), SecretString::from(value)))
                .ok_or_else(|| {
                    "one of them is no header; write name=value, separated by commas".to_owned()
                })
        })
        .collect()
}

fn limits(reader: &mut Reader<'_>) -> Option<Limits> {
    let messages_per_second = reader.read("telegram_messages_per_second", rate);
    let chat_messages_per_second = reader.read("telegram_chat_messages_per_second", rate);
    let group_messages_per_minute = reader.read("telegram_group_messages_per_minute", rate);
    let edit_interval = reader.read("telegram_edit_interval_seconds", |value| {
        seconds(value, MAX_EDIT_INTERVAL_S)
    });
    Some(Limits {
        messages_per_second: messages_per_second?,
        chat_messages_per_second: chat_messages_per_second?,
        group_messages_per_minute: group_messages_per_minute?,
        edit_interval: edit_interval?,
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

fn rate(value: &str) -> Result<Option<NonZeroU32>, String> {
    value
        .parse()
        .ok()
        .filter(|rate| *rate <= MAX_RATE)
        .map(NonZeroU32::new)
        .ok_or_else(|| format!("not a whole number from 0 (no limit) to {MAX_RATE}"))
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

fn nats_urls(value: &str) -> Result<Vec<String>, String> {
    let example = "write nats://host:4222, or several separated by commas";
    let mut urls = Vec::new();
    for part in value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let url =
            Url::parse(part).map_err(|_| format!("one of the servers is not a URL; {example}"))?;
        if !matches!(url.scheme(), "nats" | "tls") {
            return Err(format!(
                "one of the servers is not a nats:// or tls:// URL; {example}"
            ));
        }
        urls.push(part.to_owned());
    }
    if urls.is_empty() {
        return Err(format!("names no server; {example}"));
    }
    Ok(urls)
}

/// Seeds of users' nkeys begin so; whether the rest is right is known to whoever uses it.
const NKEY_SEED_PREFIX: &str = "SU";

fn nats_nkey(reader: &mut Reader<'_>) -> Option<NatsNkey> {
    let seed = reader.read("nats_nkey_seed", |value| {
        if value.starts_with(NKEY_SEED_PREFIX) && value.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(SecretString::from(value))
        } else {
            Err(format!(
                "not the seed of a user's nkey, which begins with {NKEY_SEED_PREFIX}; `televent nats-keys` makes one"
            ))
        }
    });
    let file = reader.read("nats_nkey_file", |value| Ok(PathBuf::from(value)));
    match (seed, file) {
        (Some(_), Some(_)) => {
            let problem = "nats_nkey_seed and nats_nkey_file are both set; set one of them";
            reader.problems.push(problem.to_owned());
            None
        }
        (Some(seed), None) => Some(NatsNkey::Seed(seed)),
        (None, file) => file.map(NatsNkey::File),
    }
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

fn telegram_api_url(value: &str) -> Result<Url, String> {
    let url = http_url(value, "https://api.telegram.org")?;
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "http" && !loopback {
        return Err("plain http would send the bot's token in the clear; write https://… (http is allowed on loopback)".to_owned());
    }
    Ok(url)
}

fn telegram_token(value: &str) -> Result<(i64, SecretString), String> {
    value
        .split_once(':')
        .filter(|(_, secret)| {
            !secret.is_empty()
                && secret
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        })
        .and_then(|(id, _)| id.parse().ok())
        .filter(|id| *id > 0)
        .map(|id| (id, SecretString::from(value)))
        .ok_or_else(|| {
            "not a bot token; write what @BotFather gave you, such as 123456:ABC-DEF".to_owned()
        })
}

fn bot_page(value: &str) -> Result<Url, String> {
    let wrong = || "not a username; write one such as televent_bot".to_owned();
    let name = value.strip_prefix('@').unwrap_or(value);
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if !BOT_USERNAME_BYTES.contains(&name.len()) || !name.bytes().all(allowed) {
        return Err(wrong());
    }
    Url::parse(&format!("https://t.me/{name}")).map_err(|_| wrong())
}

fn webhook_secret(value: &str) -> Result<SecretString, String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if (1..=MAX_WEBHOOK_SECRET_BYTES).contains(&value.len()) && value.bytes().all(allowed) {
        Ok(SecretString::from(value))
    } else {
        Err("not a webhook secret; write 1 to 256 characters of A-Z a-z 0-9 _ -".to_owned())
    }
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
mod tests {
    use secrecy::ExposeSecret as _;

    use super::super::KEYS;
    use super::*;

    fn with(values: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let mut settings = Settings::default();
        for (name, value) in values {
            let key = KEYS.iter().find(|key| key.name == *name).unwrap();
            settings.set(key, (*value).to_owned(), key.variable());
        }
        config(&settings)
    }

    #[test]
    fn defaults_are_a_valid_configuration() {
        let config = with(&[]).unwrap();
        assert_eq!(config.public_url.as_str(), "http://127.0.0.1:8080/");
        assert_eq!(config.internal_domain.as_str(), "televent.internal");
        assert!(config.telegram.is_none());
        assert!(matches!(config.telegram_updates, Updates::Polling));
    }

    #[test]
    fn each_bad_value_is_told_by_its_key_and_never_repeated() {
        for (name, value) in [
            ("database_url", "mysql://sekret"),
            ("nats_url", "http://sekret:4222"),
            ("nats_url", ","),
            ("nats_nkey_seed", "SUsekret!"),
            ("nats_nkey_seed", "sekret"),
            ("trusted_proxies", "sekret"),
            ("trusted_proxies", "10.0.0.0/sekret"),
            ("trusted_proxies", "10.0.0.0/33"),
            ("http_listen", "sekret"),
            ("public_url", "sekret"),
            ("internal_domain", "sekret!"),
            ("directory", "sekret"),
            ("telegram_token", "sekret"),
            ("telegram_token", "12:"),
            ("telegram_token", "-5:sekret"),
            ("telegram_api_url", "http://sekret.example"),
            ("telegram_bot_username", "se/kret"),
            ("telegram_bot_username", "@"),
            ("telegram_updates", "sekret"),
            ("telegram_webhook_secret", "sekret with spaces"),
            ("telegram_messages_per_second", "sekret"),
            ("telegram_messages_per_second", "-1"),
            ("telegram_messages_per_second", "10001"),
            ("telegram_chat_messages_per_second", "0.5"),
            ("telegram_group_messages_per_minute", "sekret"),
            ("telegram_edit_interval_seconds", "3601"),
            ("tls_cert", "sekret.pem"),
            ("tls_key", "sekret.pem"),
            ("log", "sekret=loud=very"),
            ("log_format", "sekret"),
            ("otlp_endpoint", "sekret:4318"),
            ("otlp_endpoint", "http://bob:sekret@127.0.0.1:4318"),
            ("otlp_headers", "sekret"),
            ("otlp_headers", "Authorization=sekret"),
            ("trace_sample_ratio", "sekret"),
            ("trace_sample_ratio", "1.5"),
        ] {
            let error = with(&[(name, value)]).unwrap_err();
            let text = error.to_string();
            let variable = format!("TELEVENT_{}", name.to_ascii_uppercase());
            assert!(
                text.contains(&variable) || text.contains(name),
                "{name}: {text}"
            );
            assert!(!text.contains("sekret"), "{name}: {text}");
        }
    }

    #[test]
    fn key_at_nats_is_given_once() {
        assert!(with(&[]).unwrap().nats_nkey.is_none());
        let seed = with(&[("nats_nkey_seed", "SUAB")]).unwrap();
        assert!(matches!(seed.nats_nkey, Some(NatsNkey::Seed(_))));
        assert!(!format!("{seed:?}").contains("SUAB"));
        let file = with(&[("nats_nkey_file", "/run/key")]).unwrap();
        assert!(matches!(file.nats_nkey, Some(NatsNkey::File(_))));
        let both = [("nats_nkey_seed", "SUAB"), ("nats_nkey_file", "/run/key")];
        assert!(with(&both).is_err());
    }

    #[test]
    fn traces_are_sent_only_where_there_is_a_collector() {
        assert!(with(&[]).unwrap().traces.is_none());
        let sent = |endpoint| {
            let headers = ("otlp_headers", "Authorization=Bearer abc=, X-Scope-OrgID=7");
            let config = with(&[("otlp_endpoint", endpoint), headers]).unwrap();
            assert!(!format!("{config:?}").contains("Bearer"));
            config.traces.unwrap()
        };
        for (endpoint, url) in [
            ("http://tempo:4318", "http://tempo:4318/v1/traces"),
            (
                "https://otlp.example/in/",
                "https://otlp.example/in/v1/traces",
            ),
            ("http://tempo:4318/v1/traces", "http://tempo:4318/v1/traces"),
        ] {
            let traces = sent(endpoint);
            assert_eq!(traces.url.as_str(), url);
            assert_eq!(traces.headers[0].0, "Authorization");
            assert_eq!(traces.headers[0].1.expose_secret(), "Bearer abc=");
            assert_eq!(traces.headers[1].0, "X-Scope-OrgID");
        }
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        let proxies = |value: &str| {
            let proxies = with(&[("trusted_proxies", value)]).unwrap().trusted_proxies;
            let shown: Vec<String> = proxies.iter().map(ToString::to_string).collect();
            shown.join(" ")
        };
        assert_eq!(proxies("127.0.0.0/8, ::1"), "127.0.0.0/8 ::1/128");
        assert_eq!(
            proxies("10.1.2.3,2001:db8::/32"),
            "10.1.2.3/32 2001:db8::/32"
        );
        assert_eq!(proxies("none"), "");
        assert_eq!(with(&[]).unwrap().trusted_proxies.len(), 2);
    }

    #[test]
    fn bot_has_its_page_at_telegram() {
        let page = |name| {
            let config = with(&[("telegram_bot_username", name)]).unwrap();
            config.bot_page.unwrap().to_string()
        };
        assert_eq!(page("televent_bot"), "https://t.me/televent_bot");
        assert_eq!(page("@televent_bot"), "https://t.me/televent_bot");
        assert_eq!(with(&[]).unwrap().bot_page, None);
    }

    #[test]
    fn zero_lifts_a_limit() {
        let limits = with(&[]).unwrap().telegram_limits;
        assert_eq!(limits.messages_per_second, NonZeroU32::new(30));
        assert_eq!(limits.chat_messages_per_second, NonZeroU32::new(1));
        assert_eq!(limits.group_messages_per_minute, NonZeroU32::new(20));
        assert_eq!(limits.edit_interval, Duration::from_secs(3));
        assert!(!limits.are_lifted());
        let lifted = with(&[
            ("telegram_messages_per_second", "0"),
            ("telegram_chat_messages_per_second", "0"),
            ("telegram_group_messages_per_minute", "0"),
            ("telegram_edit_interval_seconds", "0"),
        ]);
        assert_eq!(lifted.unwrap().telegram_limits, Limits::NONE);
    }

    #[test]
    fn webhook_needs_its_secret() {
        let error = with(&[("telegram_updates", "webhook")]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("TELEVENT_TELEGRAM_WEBHOOK_SECRET"),
            "{error}"
        );
        let config = with(&[
            ("telegram_updates", "webhook"),
            ("telegram_webhook_secret", "abc"),
        ]);
        assert!(matches!(
            config.unwrap().telegram_updates,
            Updates::Webhook { .. }
        ));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let error = with(&[("http_listen", "x"), ("log_format", "x")]).unwrap_err();
        assert_eq!(error.problems.len(), 2);
    }

    #[test]
    fn plain_http_is_for_loopback() {
        for url in [
            "http://127.0.0.1:9",
            "http://localhost:9",
            "http://[::1]:9",
            "https://x.example",
        ] {
            with(&[("telegram_api_url", url)]).unwrap();
        }
    }
}
