//! Basic authentication with a device's username and password (RFC 7617).

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use axum::http::{header, request::Parts};
use televent_calendar::{InternalDomain, TelegramUserId, resolve_internal_email};
use televent_runtime::{ClientAddress, Guesses, basic_credentials_of};
use televent_store::{Asker, DeviceSecret, OwnPlace, Recalled, User};

use crate::{Api, error::ApiError};

/// Who asks, and what there is at a place of theirs.
pub(crate) async fn authenticate(
    api: &Api,
    parts: &Parts,
    place: Option<OwnPlace<'_>>,
) -> Result<Asker, ApiError> {
    let (username, password) =
        basic_credentials_of(&parts.headers).ok_or(ApiError::Unauthorized)?;
    let client = parts
        .extensions
        .get::<ClientAddress>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |client| client.0);
    let guesses = parts.extensions.get::<Guesses>().cloned();
    let turn = guesses
        .unwrap_or_default()
        .turn(client, &username, &password)
        .await
        .map_err(|come_back_in| ApiError::TooManyGuesses { come_back_in })?;
    let client = parts
        .headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let asker = match (
        Username::parse(&username, &api.domain),
        DeviceSecret::parse(&password),
    ) {
        // The password alone finds the device: it has more bits than could be guessed. The username must still be right.
        (Some(username), Ok(secret)) => api
            .store
            .authenticate(&secret, client, place)
            .await?
            .filter(|asker| username.is_of(&asker.user)),
        _ => None,
    };
    turn.ended(asker.is_some());
    asker.ok_or(ApiError::Unauthorized)
}

/// What is remembered of the device that a request names, and of the calendar at a place of its owner's.
pub(crate) fn recall(api: &Api, parts: &Parts, place: OwnPlace<'_>) -> Option<Arc<Recalled>> {
    let (username, password) = basic_credentials_of(&parts.headers)?;
    let username = Username::parse(&username, &api.domain)?;
    let secret = DeviceSecret::parse(&password).ok()?;
    let recalled = api.store.recall(&secret, place)?;
    username.is_of(recalled.user()).then_some(recalled)
}

/// What somebody calls themself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Username {
    /// `98765`, `tg_98765`, or the address for invitations, which calendar apps take for the name of the account.
    Id(TelegramUserId),
    /// `@name`, in lower case.
    Telegram(String),
}

impl Username {
    pub(crate) fn parse(text: &str, domain: &InternalDomain) -> Option<Self> {
        if let Some(name) = text.strip_prefix('@') {
            return Some(Self::Telegram(name.to_ascii_lowercase()));
        }
        if let Some(id) = resolve_internal_email(text, domain) {
            return Some(Self::Id(id));
        }
        // Keyboards of phones begin with a capital.
        let id = ["tg_", "Tg_"]
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .unwrap_or(text);
        Some(Self::Id(id.parse().ok()?))
    }

    fn is_of(&self, user: &User) -> bool {
        match self {
            Self::Id(id) => *id == user.telegram_id,
            Self::Telegram(name) => user
                .username
                .as_ref()
                .is_some_and(|known| known.eq_ignore_ascii_case(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;
    use televent_runtime::basic_credentials;

    use super::*;

    fn credentials(header: &str, domain: &InternalDomain) -> Option<(Username, DeviceSecret)> {
        let (username, password) = basic_credentials(header)?;
        Some((
            Username::parse(&username, domain)?,
            DeviceSecret::parse(&password).ok()?,
        ))
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", BASE64.encode(text.as_bytes()))
    }

    #[test]
    fn username_is_the_id_with_or_without_prefix_or_the_name_at_telegram() {
        let password = DeviceSecret::from_random([7; 20]).reveal();
        let id = Username::Id(TelegramUserId::new(98765).unwrap());
        for (written, expected) in [
            ("tg_98765", id.clone()),
            ("98765", id.clone()),
            ("tg_98765@televent.internal", id.clone()),
            ("tg_98765@Televent.Internal", id),
            ("@Kirill", Username::Telegram("kirill".to_owned())),
        ] {
            let header = basic(&format!("{written}:{password}"));
            let (username, _) = credentials(&header, &InternalDomain::default()).unwrap();
            assert_eq!(username, expected);
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
            basic(&format!("tg_98765@televent.example:{password}")),
            basic("98765:wrong"),
            basic(&format!("tg_tg_98765:{password}")),
            basic(&format!("098765:{password}")),
            basic(&format!("kirill:{password}")),
            basic(&format!("98765:{}", "a".repeat(600))),
        ] {
            assert!(
                credentials(&header, &InternalDomain::default()).is_none(),
                "{header}"
            );
        }
    }
}
