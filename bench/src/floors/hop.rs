//! The least that can happen between a commit and a call to Telegram: a message through JetStream to a pull consumer, and one
//! HTTP request; for a press also a commit in between.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use async_nats::jetstream::{
    self,
    consumer::{AckPolicy, pull},
};
use futures_util::StreamExt as _;
use sqlx::{Connection as _, PgConnection};

use crate::{
    cpu::Watch,
    http::Connection,
    results::{Latency, Round},
    stage::{Database, Stage},
    telegram::{TOKEN, Telegram},
};

const STREAM: &str = "HOP";

/// Goes so many times, `every` so long. With a database, a commit is on the way.
///
/// # Errors
/// When a message does not come back.
pub async fn round(
    stage: &Stage,
    telegram: &Telegram,
    database: Option<&Database>,
    times: usize,
    every: Duration,
) -> Result<Round> {
    let jetstream = stage.jetstream().await?;
    let _old = jetstream.delete_stream(STREAM).await;
    let stream = jetstream
        .create_stream(jetstream::stream::Config {
            name: STREAM.to_owned(),
            subjects: vec!["hop.>".to_owned()],
            ..jetstream::stream::Config::default()
        })
        .await?;
    let consumer = stream
        .create_consumer(pull::Config {
            durable_name: Some("hop".to_owned()),
            ack_policy: AckPolicy::Explicit,
            ..pull::Config::default()
        })
        .await?;
    let mut messages = consumer.messages().await?;
    let mut telegram = (Connection::new(telegram.address()), get_me());
    let mut postgres = match database {
        Some(database) => {
            let mut postgres = PgConnection::connect(&database.url).await?;
            sqlx::query("create table if not exists hops (at timestamptz)")
                .execute(&mut postgres)
                .await?;
            Some(postgres)
        }
        None => None,
    };
    let mut micros = Vec::with_capacity(times);
    let watch = Watch::start();
    let mut next = Instant::now();
    for _ in 0..times {
        next += every;
        let begun = Instant::now();
        // As the relay: its ack comes while the message is on its way.
        let ack = jetstream.publish("hop.message", "x".into()).await?;
        let message = messages.next().await.context("the stream goes on")??;
        if let Some(postgres) = &mut postgres {
            sqlx::query("insert into hops values (now())")
                .execute(&mut *postgres)
                .await?;
        }
        telegram.0.send(&telegram.1).await?.expect(&[200])?;
        micros.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
        ack.await?;
        let acked = message.ack().await;
        acked.map_err(|error| anyhow::anyhow!("{error}"))?;
        tokio::time::sleep_until(next.into()).await;
    }
    let used = watch.stop();
    jetstream.delete_stream(STREAM).await?;
    let mut round = Round::of(&used, times);
    round.latency_ms = Latency::of_micros(micros);
    Ok(round.with_median_latency())
}

fn get_me() -> Vec<u8> {
    format!("GET /bot{TOKEN}/getMe HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes()
}
