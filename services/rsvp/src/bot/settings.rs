//! Settings: time zone, language, pings, and who sees when somebody is busy.

use chrono_tz::{TZ_VARIANTS, Tz};
use televent_conversation::Screen;
use televent_language::Language;
use televent_store::{FreeBusyVisibility, Pings};

use super::{Reply, Said, Turn};
use crate::apply::ApplyError;

pub(super) async fn time_zone_said(turn: &Turn<'_>, said: &Said) -> Result<Reply, ApplyError> {
    let zone = match said {
        Said::Text(text) => zone_of_city(text),
        Said::Location { .. } | Said::Users { .. } => None,
    };
    match (zone, said) {
        (Some(zone), _) => {
            turn.apply
                .store
                .choose_time_zone(turn.from.id, zone.name())
                .await?;
            Ok(Reply::with(Screen::TimeZoneChosen).ending())
        }
        (None, Said::Text(text)) => Ok(Reply::with(Screen::TimeZone {
            unknown: Some(text.clone()),
        })),
        (None, _) => Ok(Reply::with(Screen::TimeZone { unknown: None })),
    }
}

/// The zone that is named after a city, or the IANA name itself.
fn zone_of_city(text: &str) -> Option<Tz> {
    let wanted = text.trim().replace(' ', "_").to_lowercase();
    TZ_VARIANTS.into_iter().find(|zone| {
        let name = zone.name().to_lowercase();
        name == wanted || name.rsplit('/').next() == Some(wanted.as_str())
    })
}

pub(super) async fn choose_language(turn: &Turn<'_>, code: &str) -> Result<Reply, ApplyError> {
    if Language::ALL.iter().any(|language| language.code() == code) {
        turn.apply
            .store
            .choose_language(turn.from.id, Some(code))
            .await?;
    }
    Ok(Reply::here(Screen::Settings))
}

pub(super) async fn choose_pings(turn: &Turn<'_>, pings: &str) -> Result<Reply, ApplyError> {
    if let Some(pings) = Pings::parse(pings) {
        turn.apply.store.choose_pings(turn.from.id, pings).await?;
    }
    Ok(Reply::here(Screen::Settings))
}

pub(super) async fn choose_free_busy(
    turn: &Turn<'_>,
    visibility: &str,
) -> Result<Reply, ApplyError> {
    if let Some(visibility) = FreeBusyVisibility::parse(visibility) {
        turn.apply
            .store
            .set_free_busy_visibility(turn.from.id, visibility)
            .await?;
    }
    Ok(Reply::here(Screen::Settings))
}
