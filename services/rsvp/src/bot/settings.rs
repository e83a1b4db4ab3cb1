//! Settings: language, pings, and who sees when somebody is busy. Time zones are in `zones`.

use televent_conversation::Screen;
use televent_language::Language;
use televent_store::{FreeBusyVisibility, Pings};

use super::{Reply, Turn};
use crate::apply::ApplyError;

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
