//! Scheduling messages in an inbox, behind the server's back.

use anyhow::{Context as _, Result, ensure};
use televent_calendar::{CalendarObject, CalendarUserAddress, occurrence_bounds};
use televent_store::digest;
use uuid::Uuid;

use crate::TestDatabase;

impl TestDatabase {
    /// Puts a message into the inbox of `owner`, over the one that may be at this name. Its tag is that of its bytes.
    pub async fn deliver(&self, owner: i64, name: &str, message: &str) -> Result<()> {
        let object = CalendarObject::from_stored(message.as_bytes().to_vec())?;
        let method = message
            .lines()
            .find_map(|line| line.strip_prefix("METHOD:"))
            .context("a message has a METHOD")?;
        let bounds = occurrence_bounds(&object);
        let mut connection = self.connect().await?;
        let done = sqlx::query(
            "with inbox as (
                 update calendars c set
                     ctag = c.ctag + 1,
                     bytes = c.bytes + length($5) - coalesce((
                         select length(object) from events e
                         where e.calendar_id = c.id and e.resource_name = $3 and e.deleted_at is null
                     ), 0)
                 where c.owner = $1 and c.kind = 'inbox' and c.deleted_at is null
                 returning c.id, c.ctag
             ), reused as (
                 delete from event_tombstones using inbox where calendar_id = inbox.id and resource_name = $3
             )
             insert into events (id, calendar_id, resource_name, method, object, etag, schedule_tag, uid, component, organizer,
                                 owner_organizes, revision, first_occurrence, last_occurrence)
             select $2, id, $3, $4, $5, $6, $6, $7, $8, $9, false, ctag,
                    coalesce($10, '-infinity'::timestamptz), coalesce($11, 'infinity'::timestamptz)
             from inbox
             on conflict (calendar_id, resource_name) where deleted_at is null do update set
                 method = excluded.method, object = excluded.object, etag = excluded.etag, revision = excluded.revision,
                 sequence = events.sequence + 1, version = events.version + 1, updated_at = now()",
        )
        .bind(owner)
        .bind(Uuid::now_v7())
        .bind(name)
        .bind(method)
        .bind(object.as_bytes())
        .bind(digest(object.as_bytes()))
        .bind(object.uid())
        .bind(object.kind().as_str())
        .bind(object.organizer().map(CalendarUserAddress::as_str))
        .bind(bounds.first)
        .bind(bounds.last)
        .execute(&mut connection)
        .await?;
        ensure!(done.rows_affected() == 1, "{owner} has no inbox");
        Ok(())
    }
}
