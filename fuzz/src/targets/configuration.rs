//! `televent.toml`, and the values in it.

use televent_runtime::config::{Config, Settings};

/// Keys and values.
pub(crate) const WORDS: &[&str] = &[
    "roles = \"api\"\n",
    "http_listen = \"[::]:0\"\n",
    "public_url = \"https://x\"\n",
    "database_url = \"postgres://x\"\n",
    "nats_url = \"nats://x\"\n",
    "internal_domain = \"x.internal\"\n",
    "telegram_token = \"7:abc\"\n",
    "= 99999999999\n",
    "= true\n",
    "= 1979-05-27T07:32:00Z\n",
    "= [[[[",
    "= {a={b=1}}\n",
    "[a.b]\n",
    "\"\"\"",
    "'''",
    "# x\n",
    "= \"1s\"\n",
    "= \"-1\"\n",
];

/// Reads it.
pub(crate) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let mut settings = Settings::default();
    if let Err(error) = settings.add_file("televent.toml", text) {
        assert!(!error.problems.is_empty());
    }
    if let Err(error) = Config::from_settings(&settings) {
        assert!(!error.to_string().is_empty());
    }
}
