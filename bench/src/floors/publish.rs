//! Publishing to JetStream without an outbox: as many messages in flight as the relay has, of the same size.

use std::collections::VecDeque;

use anyhow::Result;
use async_nats::{HeaderMap, jetstream};
use uuid::Uuid;

use crate::{cpu::Watch, results::Round, stage::Stage};

/// In flight at once, as the relay's batches.
const WINDOW: usize = 256;

/// A stream of the floor's own, as those of production.
const STREAM: &str = "FLOOR";

/// What the relay sends has about so many bytes.
const PAYLOAD_BYTES: usize = 190;

/// Publishes so many. The value is messages a second, acknowledged.
///
/// # Errors
/// When one is not stored.
pub async fn round(stage: &Stage, messages: usize) -> Result<Round> {
    let jetstream = stage.jetstream().await?;
    let _old = jetstream.delete_stream(STREAM).await;
    let mut stream = jetstream.create_stream(config()).await?;
    let payload = bytes::Bytes::from(vec![b'x'; PAYLOAD_BYTES]);
    let mut acks = VecDeque::with_capacity(WINDOW);
    let watch = Watch::start();
    for _ in 0..messages {
        if acks.len() == WINDOW
            && let Some(oldest) = acks.pop_front()
        {
            settled(oldest).await?;
        }
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", Uuid::new_v4().to_string());
        let ack = jetstream
            .publish_with_headers("floor.message", headers, payload.clone())
            .await?;
        acks.push_back(ack);
    }
    for ack in acks {
        settled(ack).await?;
    }
    let used = watch.stop();
    let stored = stream.info().await?.state.messages;
    anyhow::ensure!(stored == messages as u64, "{stored} messages are stored");
    jetstream.delete_stream(STREAM).await?;
    Ok(Round::of(&used, messages))
}

async fn settled(ack: jetstream::context::PublishAckFuture) -> Result<()> {
    ack.await?;
    Ok(())
}

fn config() -> jetstream::stream::Config {
    jetstream::stream::Config {
        name: STREAM.to_owned(),
        subjects: vec!["floor.>".to_owned()],
        discard: jetstream::stream::DiscardPolicy::New,
        persist_mode: Some(jetstream::stream::PersistenceMode::Async),
        duplicate_window: std::time::Duration::from_secs(120),
        ..jetstream::stream::Config::default()
    }
}
