//! After Postgres was restored from a backup: the world remembers more than we do.

use sqlx::Connection as _;

use crate::{Store, StoreError};

/// By how much ctags rise: more than a calendar can have changed since any backup, and little enough for millions of restores.
const CTAG_STEP: i64 = 1_000_000_000_000;

/// By how much publications rise: more than a row can have been published since the backup within the time for which JetStream
/// drops a message id that it knows.
const PUBLICATION_STEP: i32 = 1_000_000;

/// What was found, and is looked at anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Calendars that every client reads from the start.
    pub calendars: i64,
    /// Messages about meetings that are not over yet, which are written as they have to be now.
    pub cards: i64,
    /// Rows of the outbox that were open, and are published anew.
    pub notices: i64,
}

impl Store {
    /// Makes calendar apps, cards and JetStream forget what came after the backup from which this database was restored.
    ///
    /// A ctag that clients have seen would come again, and they would take what they have for what is here: so each rises far
    /// beyond all that were ever told, and no sync token from before is valid. What Telegram shows is not known any more: every card
    /// of what is not over is written again. A message that JetStream has seen would be dropped: what is open gets new ids. And
    /// whoever held a lease when the backup was made holds it no more.
    ///
    /// To be called before any process serves again, and harmless otherwise.
    ///
    /// # Errors
    /// When Postgres does not answer. Nothing was done then.
    pub async fn after_restore(&self) -> Result<Restored, StoreError> {
        let mut connection = self.pool.detached().await?;
        // Every calendar and every card: that may take longer than a request should.
        sqlx::raw_sql("set statement_timeout = 0; set lock_timeout = 0")
            .execute(&mut connection)
            .await?;
        let (calendars, cards, notices) = sqlx::query_as(AFTER_RESTORE)
            .bind(CTAG_STEP)
            .bind(PUBLICATION_STEP)
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(Restored {
            calendars,
            cards,
            notices,
        })
    }
}

const AFTER_RESTORE: &str = "
    with calendar as (
        -- Deleted ones, too: a new calendar at their URL goes on from their ctag.
        update calendars set ctag = ctag + $1, sync_floor = ctag + $1
        returning id
    ), card as (
        update invite_cards card set
            rendered = null,
            -- Whoever held it is gone. That somebody did stays: they may have sent a first card.
            lease_until = case when lease_until > now() then now() else lease_until end
        from events e join calendars c on c.id = e.calendar_id
        where e.id = card.event_id
          and (card.lease_until > now() or card.message_id is not null and e.last_occurrence >= now())
        returning card.event_id, card.telegram_id, c.owner,
                  card.message_id is not null and e.last_occurrence >= now() as is_shown,
                  urgency_of_event(e.first_occurrence, e.last_occurrence) as urgency
    ), chat_lease as (
        update chat_messages set lease_until = now() where lease_until > now()
    ), lease as (
        update leases set expires_at = now() where expires_at > now()
    ), copy as (
        update invite_card_copies copy set rendered = null
        from events e where e.id = copy.event_id and e.last_occurrence >= now()
    ), open as (
        update outbox_messages set state = 'pending', publication = publication + $2, due_at = now()
        where state in ('pending', 'published')
        returning id
    ), looked_at as (
        insert into outbox_messages (id, kind, event_id, telegram_id, urgency)
        select gen_random_uuid(),
               case telegram_id when owner then 'rsvp_notification' else 'invite_notification' end,
               event_id, telegram_id, max(urgency)
        from card where is_shown group by event_id, telegram_id, owner
    )
    select (select count(*) from calendar), (select count(*) from card where is_shown), (select count(*) from open)
";
