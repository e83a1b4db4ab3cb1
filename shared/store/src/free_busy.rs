//! Who may see when somebody is busy: what they have chosen, and whom they have picked.

use std::collections::HashSet;

use televent_calendar::TelegramUserId;

use crate::{Directory, Store, StoreError, principals::ACQUAINTANCE_EVENTS, users::telegram_id};

/// Whom an account lets see when it is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreeBusyVisibility {
    /// Whoever has an account and asks by the address.
    Everyone,
    /// Those with whom it shares an event (see [`Directory::Acquaintances`]), and those whom its owner has picked in
    /// Telegram.
    Acquaintances,
    /// Its owner alone.
    Nobody,
}

impl FreeBusyVisibility {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Everyone, Self::Acquaintances, Self::Nobody];

    /// Its name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Acquaintances => "acquaintances",
            Self::Nobody => "nobody",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|visibility| visibility.as_str() == name)
    }
}

impl Store {
    /// Whom somebody has chosen to let see when they are busy; `None` while they have not chosen.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn free_busy_choice(
        &self,
        telegram_id: TelegramUserId,
    ) -> Result<Option<FreeBusyVisibility>, StoreError> {
        let chosen = sqlx::query_scalar!(
            "select free_busy from users where telegram_id = $1",
            telegram_id.get(),
        )
        .fetch_optional(&self.pool)
        .await?
        .flatten();
        Ok(chosen.and_then(|name| FreeBusyVisibility::parse(&name)))
    }

    /// Chooses whom an account lets see when it is busy. Returns `false` when there is no such account.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn set_free_busy_visibility(
        &self,
        telegram_id: TelegramUserId,
        visibility: FreeBusyVisibility,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update users set free_busy = $2
             where telegram_id = $1
               and exists (select from calendars where owner = telegram_id and deleted_at is null)",
            telegram_id.get(),
            visibility.as_str(),
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes whom somebody has picked in Telegram, and lets the picked see when the picker is busy. Does nothing if we have
    /// not met the picker.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn note_picked(
        &self,
        picker: TelegramUserId,
        picked: &[TelegramUserId],
    ) -> Result<(), StoreError> {
        let picked: Vec<i64> = picked.iter().map(|picked| picked.get()).collect();
        sqlx::query!(
            "insert into picked_users (picker, picked)
             select distinct u.telegram_id, picked from users u, unnest($2::bigint[]) picked
             where u.telegram_id = $1 and picked <> $1
             on conflict (picker, picked) do update set picked_at = excluded.picked_at",
            picker.get(),
            &picked,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Those of `people` who have an account and let `asker` see when they are busy. Everybody sees their own. For whoever
    /// has not chosen, `directory` says it.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn free_busy_visible(
        &self,
        asker: TelegramUserId,
        people: &[TelegramUserId],
        directory: Directory,
    ) -> Result<HashSet<TelegramUserId>, StoreError> {
        let people: Vec<i64> = people.iter().map(|person| person.get()).collect();
        let unchosen = match directory {
            Directory::Acquaintances => FreeBusyVisibility::Acquaintances,
            Directory::Everyone => FreeBusyVisibility::Everyone,
        };
        sqlx::query_scalar!(
            r#"
            select u.telegram_id
            from users u cross join lateral (select coalesce(u.free_busy, $3) as seen_by) chosen
            where u.telegram_id = any($2)
              and exists (select from calendars c where c.owner = u.telegram_id and c.deleted_at is null)
              and (u.telegram_id = $1
                   or seen_by = 'everyone'
                   or seen_by = 'acquaintances' and (
                       exists (select from picked_users p where p.picker = u.telegram_id and p.picked = $1)
                       or u.telegram_id in (select acquaintances($1, $4))))
            "#,
            asker.get(),
            &people,
            unchosen.as_str(),
            ACQUAINTANCE_EVENTS,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(telegram_id)
        .collect()
    }
}
