//! A phone that knows nothing yet: sync-collection without a token, then everything by calendar-multiget.

use std::time::Instant;

use anyhow::{Result, ensure};
use futures_util::TryStreamExt as _;
use sqlx::{Connection as _, PgConnection, Row as _};

use crate::{
    cpu::{Watch, peak_resident_mib, resident_mib},
    dav::{self, Target},
    http::Connection,
    readers::{FIRST_SYNC, Readers},
    results::{Better, Figure, Goal, Outcome, Round, to_f64},
    rounds::{WarmUp, alternate},
    scripts::multiget_all,
    stage::Stage,
};

pub(super) async fn run(stage: &Stage, readers: &Readers) -> Result<Outcome> {
    let api = readers.serve(stage).await?;
    let target = readers.target(&api, FIRST_SYNC.0);
    let mut listing = Vec::new();
    let idle = resident_mib(api.pid()).unwrap_or_default();
    let (ours, floor) = alternate(
        stage,
        WarmUp::Yes,
        async |_| {
            let (mut round, listed_in) = read_all(&target, readers.first_sync).await?;
            listing.push(listed_in);
            let mib = peak_resident_mib(api.pid()).unwrap_or_default();
            round.mib.insert("televent api, most".to_owned(), mib);
            round.mib.insert("televent api, before".to_owned(), idle);
            Ok(round)
        },
        async |_| stream_rows(&readers.database.url, readers.first_sync).await,
    )
    .await?;
    api.stop().await?;
    let fastest = listing.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(Outcome {
        name: "first-sync".to_owned(),
        about: format!(
            "first sync of {} events: sync-collection without token, then calendar-multiget in fifties, one connection",
            readers.first_sync
        ),
        floor_about: "the same rows streamed out of Postgres over one connection by sqlx"
            .to_owned(),
        unit: "events/s".to_owned(),
        better: Better::Higher,
        ours,
        floor,
        goals: vec![Goal::at_least(Figure::Value, 10_000.0)],
        notes: vec![format!(
            "Of that the list takes {:.0} ms at best; the rest is the data.",
            fastest * 1000.0
        )],
        measured: String::new(),
        course: Vec::new(),
    })
}

/// Also how long the list took, in seconds.
async fn read_all(target: &Target, events: usize) -> Result<(Round, f64)> {
    let mut connection = Connection::new(target.address);
    let watch = Watch::start();
    let started = Instant::now();
    let answer = connection.send(&target.sync("")).await?;
    let listed_in = started.elapsed().as_secs_f64();
    answer.expect(&[207])?;
    for (what, name) in [("names", ".ics<"), ("entity tags", "getetag>&quot;")] {
        let found = dav::count(answer.body, name);
        let quoted = dav::count(answer.body, "getetag>\"");
        ensure!(
            found == events || (what == "entity tags" && quoted == events),
            "{found} {what} instead of {events}"
        );
    }
    ensure!(
        dav::element(answer.body, "sync-token").is_some(),
        "there is no token"
    );
    multiget_all(&mut connection, target, events).await?;
    let used = watch.stop();
    Ok((Round::of(&used, events), listed_in))
}

async fn stream_rows(database_url: &str, events: usize) -> Result<Round> {
    let mut postgres = PgConnection::connect(database_url).await?;
    let watch = Watch::start();
    let mut rows = sqlx::query(
        "select e.resource_name, e.etag, e.object from calendars c join events e on e.calendar_id = c.id
         where c.slug = $1 and e.deleted_at is null",
    )
    .bind(FIRST_SYNC.0)
    .fetch(&mut postgres);
    let (mut count, mut bytes) = (0, 0);
    while let Some(row) = rows.try_next().await? {
        count += 1;
        bytes += row.try_get::<&[u8], _>("object")?.len();
    }
    drop(rows);
    let used = watch.stop();
    ensure!(count == events && bytes > events, "{count} rows");
    postgres.close().await?;
    let round = Round::of(&used, events);
    let value = to_f64(events) / used.elapsed.as_secs_f64();
    Ok(round.with_value(value))
}
