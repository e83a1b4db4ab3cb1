//! How fast a full outbox empties: what waits after an hour without NATS.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use sqlx::{Connection as _, PgConnection};

use crate::{
    cpu::Watch,
    floors::publish,
    people::add_account,
    results::{Better, Figure, Goal, Outcome, Round, to_f64},
    rounds::{WarmUp, alternate},
    seed,
    stage::{Database, Limits, Stage},
};

const ROWS: usize = 100_000;
const QUICK_ROWS: usize = 5_000;

/// Whose events they are about.
const OWNER: i64 = 700;

/// Events that the rows are about.
const EVENTS: usize = 1_000;

/// How often it is asked whether all is published.
const ASK_EVERY: Duration = Duration::from_millis(200);

pub(super) async fn run(stage: &Stage) -> Result<Outcome> {
    let rows = if stage.quick { QUICK_ROWS } else { ROWS };
    let database = stage.database().await?;
    add_account(&database.url, OWNER).await?;
    seed::calendar(&database.url, OWNER, "relayed", EVENTS).await?;
    let (ours, floor) = alternate(
        stage,
        WarmUp::No,
        async |_| drain(stage, &database, rows).await,
        async |_| publish::round(stage, rows).await,
    )
    .await?;
    stage.drop_database(database).await?;
    Ok(Outcome {
        name: "relay".to_owned(),
        about: format!("drain of {rows} outbox rows by one relay, the bot's limits lifted"),
        floor_about: "publishing as many messages to JetStream with as many acks in flight".to_owned(),
        unit: "rows/s".to_owned(),
        better: Better::Higher,
        ours,
        floor,
        goals: vec![Goal::at_least(Figure::Value, 20_000.0)],
        notes: vec![
            "nats-server runs with the nats.conf of this project, in which an acknowledged message is on the disk (sync_interval: always).".to_owned(),
        ],
        measured: String::new(),
        course: Vec::new(),
    })
}

async fn drain(stage: &Stage, database: &Database, rows: usize) -> Result<Round> {
    stage.forget_streams().await?;
    let mut postgres = PgConnection::connect(&database.url).await?;
    sqlx::query("truncate outbox_messages")
        .execute(&mut postgres)
        .await?;
    // Some wait for each event, as its people do.
    sqlx::query(
        "insert into outbox_messages (id, kind, event_id, telegram_id)
         select gen_random_uuid(), 'invite_notification', e.id, 2000000 + person
         from events e, generate_series(1, $1::bigint) as person",
    )
    .bind(i64::try_from(rows / EVENTS)?)
    .execute(&mut postgres)
    .await?;
    sqlx::query("vacuum analyze outbox_messages")
        .execute(&mut postgres)
        .await?;
    stage.settle().await?;
    let watch = Watch::start();
    let api = stage.serve(database, "api", Limits::Lifted, None).await?;
    loop {
        let is_done: bool = sqlx::query_scalar(
            "select not exists (select from outbox_messages where state = 'pending')",
        )
        .fetch_one(&mut postgres)
        .await?;
        if is_done {
            break;
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    let used = watch.stop();
    api.stop().await?;
    // The first batch is what the time begins with.
    let (published, later, seconds): (i64, i64, f64) = sqlx::query_as(
        "select count(*), count(*) filter (where published_at > first),
                extract(epoch from max(published_at) - min(published_at))::float8
         from outbox_messages, (select min(published_at) as first from outbox_messages) as beginning",
    )
    .fetch_one(&mut postgres)
    .await?;
    postgres.close().await?;
    ensure!(
        usize::try_from(published)? == rows,
        "{published} rows are published"
    );
    let stored = stage
        .jetstream()
        .await?
        .get_stream("INVITES")
        .await
        .context("the relay has made its stream")?
        .cached_info()
        .state
        .messages;
    ensure!(
        usize::try_from(stored)? == rows,
        "{stored} messages are stored"
    );
    let rate = to_f64(usize::try_from(later)?) / seconds;
    Ok(Round::of(&used, rows).with_value(rate))
}
