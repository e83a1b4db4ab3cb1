//! Which servers of NATS, and with which key.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::Reader;
use crate::config::NatsNkey;

pub(super) fn nats_urls(value: &str) -> Result<Vec<String>, String> {
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

pub(super) fn nats_nkey(reader: &mut Reader<'_>) -> Option<NatsNkey> {
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
