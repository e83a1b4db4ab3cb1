//! Server-sent events for the page.

use crate::app::App;
use axum::{
    extract::State,
    response::sse::{self, KeepAlive, Sse},
};
use futures_util::stream::{Stream, unfold};
use std::{convert::Infallible, sync::Arc};
use tokio::sync::broadcast::error::RecvError;

pub(super) async fn events(
    State(app): State<Arc<App>>,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let events = app.watch_events();
    let stopping = app.stopping.clone();
    let stream = unfold((events, stopping), async |(mut events, stopping)| {
        let next = tokio::select! {
            next = events.recv() => next,
            () = stopping.cancelled() => return None,
        };
        let data = match next {
            Ok(event) => serde_json::to_string(&event).unwrap_or_default(),
            // The page was too slow and has missed something: it loads everything again.
            Err(RecvError::Lagged(_)) => "{\"type\":\"reload\"}".to_owned(),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(sse::Event::default().data(data)), (events, stopping)))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}
