//! The keys, their layers, and the commented file that documents them.

use std::collections::BTreeMap;

use super::ConfigError;

/// A configuration key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// In `televent.toml`; the flag is the same with dashes, the variable has it in capitals after
    /// `TELEVENT_`.
    pub name: &'static str,
    /// `None` where the default depends on another key, or where there is none.
    pub default: Option<&'static str>,
    /// One line for `--help`.
    pub about: &'static str,
}

const fn key(name: &'static str, default: Option<&'static str>, about: &'static str) -> Key {
    Key {
        name,
        default,
        about,
    }
}

/// All keys.
pub const KEYS: [Key; 27] = [
    key(
        "database_url",
        None,
        "Postgres, as postgres://user:password@host:port/database",
    ),
    key("nats_url", None, "NATS servers, separated by commas"),
    key(
        "nats_nkey_seed",
        None,
        "Secret key of this process at NATS, as televent nats-keys prints it",
    ),
    key(
        "nats_nkey_file",
        None,
        "File with that key, instead of nats_nkey_seed",
    ),
    key(
        "http_listen",
        Some("127.0.0.1:8080"),
        "Address and port to serve HTTP on",
    ),
    key(
        "trusted_proxies",
        Some("127.0.0.0/8, ::1"),
        "Reverse proxies whose X-Forwarded-For or Forwarded is believed",
    ),
    key(
        "public_url",
        None,
        "URL under which devices reach the server",
    ),
    key(
        "internal_domain",
        Some("televent.internal"),
        "Domain of the invitation addresses",
    ),
    key(
        "directory",
        Some("acquaintances"),
        "Whom people find by name: acquaintances or everyone",
    ),
    key("telegram_token", None, "Token of the bot, from @BotFather"),
    key(
        "telegram_bot_username",
        None,
        "Username of the bot, so that the set-up page leads to it",
    ),
    key(
        "telegram_api_url",
        Some("https://api.telegram.org"),
        "URL of the Bot API",
    ),
    key(
        "telegram_updates",
        Some("polling"),
        "How presses reach us: polling or webhook",
    ),
    key(
        "telegram_webhook_secret",
        None,
        "Secret of the webhook: 1 to 256 of A-Z a-z 0-9 _ -",
    ),
    key(
        "telegram_messages_per_second",
        Some("30"),
        "Messages and edits of the bot in a second; 0 for no limit",
    ),
    key(
        "telegram_chat_messages_per_second",
        Some("1"),
        "The same in one private chat; 0 for no limit",
    ),
    key(
        "telegram_group_messages_per_minute",
        Some("20"),
        "The same in one group, in a minute; 0 for no limit",
    ),
    key(
        "telegram_edit_interval_seconds",
        Some("3"),
        "Shortest time between two silent edits of a card because others have answered",
    ),
    key(
        "shutdown_notice_seconds",
        Some("0"),
        "How long a process that is told to end is not ready, and goes on",
    ),
    key(
        "status_password",
        None,
        "Password of the operator's page /status, which is not there without it",
    ),
    key("tls_cert", None, "PEM file with the certificate chain"),
    key("tls_key", None, "PEM file with the certificate's key"),
    key(
        "log",
        Some("info"),
        "Filter of the logs, such as info or televent_api=debug,info",
    ),
    key("log_format", Some("text"), "Form of the logs: text or json"),
    key(
        "otlp_endpoint",
        None,
        "Collector that traces are sent to, as http://host:4318; without it, none are",
    ),
    key(
        "otlp_headers",
        None,
        "What the collector wants to be told, as name=value, separated by commas",
    ),
    key(
        "trace_sample_ratio",
        Some("1"),
        "Part of the traces that is sent, from 0 to 1",
    ),
];

/// The commented file, which is the documentation of the keys.
pub const DEFAULT_FILE: &str = include_str!("../../../../televent.toml.default");

impl Key {
    /// The environment variable.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("TELEVENT_{}", self.name.to_ascii_uppercase())
    }

    /// The flag, without its leading dashes.
    #[must_use]
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }
}

/// A value, and where it was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) value: String,
    /// Such as `TELEVENT_HTTP_LISTEN`, for messages.
    pub(super) origin: String,
}

/// The values of all layers laid over each other: a later layer wins.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    values: BTreeMap<&'static str, Setting>,
}

impl Settings {
    /// Lays a `televent.toml` over what is there.
    ///
    /// # Errors
    /// When it is not TOML, has an unknown key, or a value that is not text, a number or a boolean.
    pub fn add_file(&mut self, file: &str, text: &str) -> Result<(), ConfigError> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError {
            problems: vec![not_toml(file, text, &error)],
        })?;
        let mut problems = Vec::new();
        for (name, value) in table {
            let Some(key) = KEYS.iter().find(|key| key.name == name) else {
                let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
                problems.push(format!(
                    "{name} in {file} is not a key; the keys are {}",
                    known.join(", ")
                ));
                continue;
            };
            let value = match value {
                toml::Value::String(value) => value,
                toml::Value::Integer(value) => value.to_string(),
                toml::Value::Boolean(value) => value.to_string(),
                other => {
                    problems.push(format!(
                        "{name} in {file} is a {}; write a text in quotes",
                        other.type_str()
                    ));
                    continue;
                }
            };
            self.set(key, value, format!("{name} in {file}"));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError { problems })
        }
    }

    /// Lays environment variables over what is there. An empty variable counts as not set.
    pub fn add_environment(&mut self, variable: impl Fn(&str) -> Option<String>) {
        for key in &KEYS {
            let name = key.variable();
            if let Some(value) = variable(&name).filter(|value| !value.is_empty()) {
                self.set(key, value, name);
            }
        }
    }

    /// Sets one key, by a flag for instance; `origin` is named in messages.
    pub fn set(&mut self, key: &Key, value: String, origin: String) {
        self.values.insert(key.name, Setting { value, origin });
    }

    /// Whether a key was set in any layer.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The value that holds, with its origin; the default where none was set.
    pub(super) fn get(&self, name: &str) -> Option<Setting> {
        self.values.get(name).cloned().or_else(|| {
            let default = KEYS.iter().find(|key| key.name == name)?.default?;
            Some(Setting {
                value: default.to_owned(),
                origin: format!("{name} (default)"),
            })
        })
    }
}

/// Says where the fault is without repeating the line: it may hold a secret.
fn not_toml(file: &str, text: &str, error: &toml::de::Error) -> String {
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or_default();
    let line = 1 + before.matches('\n').count();
    format!(
        "{file} is not valid TOML in line {line}: {}",
        error.message()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commented_file_names_every_key_with_its_default() {
        // Lines such as `#http_listen = "127.0.0.1:8080"`: taken in, they must change nothing.
        let mut documented = BTreeMap::new();
        for line in DEFAULT_FILE.lines() {
            if let Some((name, value)) = line
                .strip_prefix('#')
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
                .and_then(|rest| rest.split_once(" = "))
            {
                documented.insert(name, value.trim_matches('"'));
            }
        }
        let names: Vec<&str> = documented.keys().copied().collect();
        let mut expected: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
        expected.sort_unstable();
        assert_eq!(names, expected);
        for key in KEYS {
            if let Some(default) = key.default {
                assert_eq!(documented[key.name], default, "{}", key.name);
            }
        }
        assert_eq!(Settings::default().values, {
            let mut settings = Settings::default();
            settings
                .add_file("televent.toml.default", DEFAULT_FILE)
                .unwrap();
            settings.values
        });
    }

    #[test]
    fn fault_in_the_file_is_told_by_its_line_and_never_repeated() {
        let text = "log = \"info\"\ntelegram_token = \"123:SEKRET\n";
        let error = Settings::default()
            .add_file("televent.toml", text)
            .unwrap_err()
            .to_string();
        assert!(error.contains("in line 2"), "{error}");
        assert!(!error.contains("SEKRET"), "{error}");
    }

    #[test]
    fn later_layers_win() {
        let mut settings = Settings::default();
        settings
            .add_file(
                "televent.toml",
                "log = \"warn\"\nhttp_listen = \"127.0.0.1:1\"",
            )
            .unwrap();
        settings.add_environment(|name| (name == "TELEVENT_LOG").then(|| "debug".to_owned()));
        assert_eq!(settings.get("log").unwrap().value, "debug");
        assert_eq!(settings.get("http_listen").unwrap().value, "127.0.0.1:1");
        assert_eq!(settings.get("log_format").unwrap().value, "text");
    }

    #[test]
    fn unknown_key_is_refused_by_name() {
        let error = Settings::default()
            .add_file("televent.toml", "databse_url = \"x\"")
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("databse_url in televent.toml is not a key"),
            "{error}"
        );
    }
}
