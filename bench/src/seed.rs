//! Calendars with many events, written by COPY in the store's schema: as PUT would leave them, a hundred times as fast.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use sqlx::{Connection as _, PgConnection, postgres::PgPoolCopyExt as _};
use televent_calendar::{CalendarObject, occurrence_bounds};
use televent_store::digest;
use uuid::Uuid;

use crate::events;

/// Bytes of a batch, as text.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Makes a calendar of `owner` with so many events of [`events::own`].
///
/// # Errors
/// When Postgres refuses.
pub async fn calendar(database_url: &str, owner: i64, slug: &str, count: usize) -> Result<Uuid> {
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .connect(database_url)
        .await?;
    let calendar = Uuid::now_v7();
    sqlx::query(
        "insert into calendars (id, owner, slug, display_name) values ($1, $2, $3, 'Seeded')",
    )
    .bind(calendar)
    .bind(owner)
    .bind(slug)
    .execute(&pool)
    .await?;
    let mut copy = pool
        .copy_in_raw(
            "copy events (id, calendar_id, resource_name, uid, component, object, etag, schedule_tag, revision,
                          owner_organizes, first_occurrence, last_occurrence) from stdin",
        )
        .await?;
    let mut rows = String::with_capacity(BATCH_BYTES + 16 * 1024);
    // As a life goes: the old ones were there first.
    for (written, number) in (0..count).rev().enumerate() {
        write_row(&mut rows, calendar, number, written + 2)?;
        if rows.len() >= BATCH_BYTES {
            copy.send(std::mem::take(&mut rows).into_bytes()).await?;
        }
    }
    copy.send(rows.into_bytes()).await?;
    copy.finish().await?;
    sqlx::query(
        "update calendars set
             ctag = (select coalesce(max(revision), 1) from events where calendar_id = $1),
             bytes = (select coalesce(sum(length(object)), 0) from events where calendar_id = $1)
         where id = $1",
    )
    .bind(calendar)
    .execute(&pool)
    .await?;
    pool.close().await;
    tidy(database_url).await?;
    Ok(calendar)
}

/// What autovacuum would have done by the time that a calendar has become so large.
async fn tidy(database_url: &str) -> Result<()> {
    let mut connection = PgConnection::connect(database_url).await?;
    sqlx::query("vacuum analyze")
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

fn write_row(rows: &mut String, calendar: Uuid, number: usize, revision: usize) -> Result<()> {
    let text = events::own(number, 0);
    let object = CalendarObject::parse(text.into_bytes()).context("a seeded event is sound")?;
    let bounds = occurrence_bounds(&object);
    let etag = digest(object.as_bytes());
    let bound = |at: Option<DateTime<Utc>>, unbounded: &str| {
        at.map_or_else(|| unbounded.to_owned(), |at| at.to_rfc3339())
    };
    let id = Uuid::now_v7();
    let (name, uid) = (events::resource_name(number), object.uid());
    let (first, last) = (
        bound(bounds.first, "-infinity"),
        bound(bounds.last, "infinity"),
    );
    let hex = HEXLOWER.encode(object.as_bytes());
    writeln!(
        rows,
        "{id}\t{calendar}\t{name}\t{uid}\tVEVENT\t\\\\x{hex}\t{etag}\t{etag}\t{revision}\tf\t{first}\t{last}"
    )?;
    Ok(())
}
