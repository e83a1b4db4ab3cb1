//! The end of an account. What others' meetings need of it stays: the address in them, and, until they are purged
//! ([`KEEP_DELETED`](crate::KEEP_DELETED)), the meetings that were organized by it, whose cards say that they are cancelled.

use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{Store, StoreError};

/// What goes with an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountContents {
    /// Events and other objects in its calendars.
    pub objects: i64,
    /// Calendar apps that have access.
    pub devices: i64,
    /// Meetings to come that it organizes, and to which others are invited.
    pub organized: i64,
}

impl Store {
    /// What would go with an account.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn account_contents(
        &self,
        owner: TelegramUserId,
    ) -> Result<AccountContents, StoreError> {
        Ok(sqlx::query_as!(
            AccountContents,
            r#"
            with own as (
                select e.id, e.owner_organizes and e.last_occurrence >= now() as may_be_cancelled
                from calendars c join events e on e.calendar_id = c.id
                where c.owner = $1 and c.kind = 'calendar' and c.deleted_at is null and e.deleted_at is null
            )
            select (select count(*) from own) as "objects!",
                   (
                       select count(*) from devices where telegram_id = $1 and revoked_at is null
                   ) as "devices!",
                   (
                       select count(*) from own where may_be_cancelled and exists (
                           select from event_attendees a where a.event_id = own.id and a.invited
                       )
                   ) as "organized!"
            "#,
            owner.get(),
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Takes all access to an account away: its devices are gone, and its feeds end.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn revoke_access(&self, owner: TelegramUserId) -> Result<(), StoreError> {
        sqlx::query!(
            "with devices as (
                 delete from devices where telegram_id = $1
             )
             update calendars set feed_hash = null, feed_made_at = null
             where owner = $1 and feed_hash is not null",
            owner.get(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The calendars of an account, its inbox among them.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn collections(&self, owner: TelegramUserId) -> Result<Vec<Uuid>, StoreError> {
        Ok(sqlx::query_scalar!(
            "select id from calendars where owner = $1 and deleted_at is null order by created_at, id",
            owner.get(),
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Forgets what we know of somebody who has no account any more, in one statement. Their row stays while deleted calendars
    /// refer to it, and says whether they can be written to: whoever invites them needs that. A card of theirs that is still to
    /// be edited stays until its event goes.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn forget_person(&self, person: TelegramUserId) -> Result<(), StoreError> {
        sqlx::query!(
            "with leaving as (
                 select u.telegram_id as id from users u
                 where u.telegram_id = $1 and not exists (
                     select from calendars c where c.owner = u.telegram_id and c.deleted_at is null
                 )
             ), device as (
                 delete from devices using leaving where devices.telegram_id = leaving.id
             ), dialog as (
                 delete from dialogs using leaving where dialogs.telegram_id = leaving.id
             ), said as (
                 delete from chat_messages m using leaving where m.telegram_id = leaving.id
             ), picked as (
                 delete from picked_users p using leaving where p.picker = leaving.id or p.picked = leaving.id
             ), property as (
                 delete from collection_properties p using leaving where p.owner = leaving.id
             ), told as (
                 delete from foreign_organizers f using leaving where f.telegram_id = leaving.id
             ), card as (
                 delete from invite_cards card using leaving
                 where card.telegram_id = leaving.id and not exists (
                     select from outbox_messages o
                     where o.event_id = card.event_id and o.telegram_id = card.telegram_id
                       and o.state in ('pending', 'published')
                 )
             )
             update users set
                 name = null, username = null, language = null, chosen_language = null, time_zone = null,
                 pings = default, free_busy = null, default_calendar = null
             from leaving where users.telegram_id = leaving.id",
            person.get(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
