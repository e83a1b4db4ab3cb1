//! Where traces are sent.

use secrecy::SecretString;

use super::{Reader, http_url};
use crate::config::Traces;

/// Where a collector takes spans (OTLP specification 1.9, "OTLP/HTTP request").
const TRACES_PATH: &str = "v1/traces";

pub(super) fn traces(reader: &mut Reader<'_>) -> Option<Traces> {
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
