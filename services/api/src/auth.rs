//! Basic authentication with a device's username and password (RFC 7617).

use axum::http::{HeaderMap, header};
use data_encoding::BASE64;
use televent_calendar::TelegramUserId;
use televent_store::{DeviceSecret, User};

use crate::{Api, error::ApiError};

/// Longest `Authorization` header that is looked at.
const MAX_AUTHORIZATION_BYTES: usize = 512;

/// Who asks.
pub(crate) async fn authenticate(api: &Api, headers: &HeaderMap) -> Result<User, ApiError> {
    let (telegram_id, secret) = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(credentials)
        .ok_or(ApiError::Unauthorized)?;
    api.store
        .authenticate(telegram_id, &secret)
        .await?
        .ok_or(ApiError::Unauthorized)
}

fn credentials(header: &str) -> Option<(TelegramUserId, DeviceSecret)> {
    if header.len() > MAX_AUTHORIZATION_BYTES {
        return None;
    }
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64.decode(encoded.trim().as_bytes()).ok()?;
    let (username, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    let id = username.strip_prefix("tg_").unwrap_or(username);
    Some((id.parse().ok()?, DeviceSecret::parse(password).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(text: &str) -> String {
        format!("Basic {}", BASE64.encode(text.as_bytes()))
    }

    #[test]
    fn username_is_the_id_with_or_without_prefix() {
        let password = DeviceSecret::from_random([7; 20]).reveal();
        for username in ["tg_98765", "98765"] {
            let (id, _) = credentials(&basic(&format!("{username}:{password}"))).unwrap();
            assert_eq!(id.get(), 98765);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let password = DeviceSecret::from_random([7; 20]).reveal();
        for header in [
            String::new(),
            "Basic".to_owned(),
            "Basic !!!".to_owned(),
            format!("Bearer {password}"),
            basic("98765"),
            basic("98765:wrong"),
            basic(&format!("tg_tg_98765:{password}")),
            basic(&format!("098765:{password}")),
            basic(&format!("98765:{}", "a".repeat(600))),
        ] {
            assert!(credentials(&header).is_none(), "{header}");
        }
    }
}
