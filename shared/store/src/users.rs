//! People: those with an account, and those who were merely invited.

use chrono_tz::Tz;
use televent_calendar::{ScheduleStatus, TelegramUserId};
use uuid::Uuid;

use crate::{DEFAULT_CALENDAR_SLUG, INBOX_SLUG, Store, StoreError};

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    /// Whose it is.
    pub telegram_id: TelegramUserId,
    /// What others see.
    pub name: &'a str,
    /// `@username` at Telegram, without the `@`.
    pub username: Option<&'a str>,
    /// IETF language tag, as Telegram tells it.
    pub language: Option<&'a str>,
    /// IANA name.
    pub time_zone: Option<&'a str>,
    /// Known to have pressed Start (`Some(true)`), or not known yet.
    pub reachable: Option<bool>,
    /// Id for the first calendar, used only if there is none yet.
    pub calendar_id: Uuid,
}

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Telegram's id of them.
    pub telegram_id: TelegramUserId,
    /// What others see.
    pub name: String,
    /// `@username` at Telegram, without the `@`.
    pub username: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// The calendar that they chose for invitations. It may have been deleted since.
    pub default_calendar: Option<Uuid>,
}

/// Somebody in Telegram, with or without an account, as far as what they read depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// What others see.
    pub name: Option<String>,
    /// `@username` at Telegram, without the `@`.
    pub username: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// IETF language tag: what they chose, or else what Telegram says.
    pub language: Option<String>,
    /// Which answers to their meetings make their phone ring.
    pub pings: Pings,
    /// Whether they have a calendar here.
    pub has_account: bool,
}

impl Person {
    /// Their time zone, if they have told it.
    #[must_use]
    pub fn zone(&self) -> Option<Tz> {
        self.time_zone.as_deref()?.parse().ok()
    }
}

/// Somebody whom another has picked in Telegram, as that one sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickedPerson {
    /// Who.
    pub telegram_id: TelegramUserId,
    /// First and last name; may be empty.
    pub name: String,
    /// Without the `@`.
    pub username: Option<String>,
}

/// Which answers to an organizer's meetings make the phone ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pings {
    /// Each.
    All,
    /// The first, those that decline, and the last one.
    #[default]
    Important,
    /// None.
    None,
}

impl Pings {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::All, Self::Important, Self::None];

    /// Its name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Important => "important",
            Self::None => "none",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pings| pings.as_str() == name)
    }
}

impl Store {
    /// Makes or completes an account, with an inbox, and a first calendar if it has none. Known values are not replaced by `None`.
    /// Returns whether that calendar was made now.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn add_user(&self, user: &NewUser<'_>) -> Result<bool, StoreError> {
        let made = sqlx::query_scalar!(
            r#"
            with person as (
                insert into users (telegram_id, name, username, language, time_zone, reachable)
                values ($1, $2, $3, $4, $5, $6)
                on conflict (telegram_id) do update set
                    name = excluded.name,
                    username = coalesce(excluded.username, users.username),
                    language = coalesce(excluded.language, users.language),
                    time_zone = coalesce(excluded.time_zone, users.time_zone),
                    reachable = coalesce(excluded.reachable, users.reachable),
                    -- Whoever has pressed Start can be written to again.
                    schedule_status = case when excluded.reachable then null else users.schedule_status end
                returning telegram_id
            ), calendar as (
                insert into calendars (id, owner, slug, display_name, ctag)
                select $7, telegram_id, $8, 'Televent', (
                    -- getctag does not name the calendar: at a URL that was used before, it goes on.
                    select coalesce(max(ctag), 0) + 1 from calendars where owner = telegram_id and slug = $8
                )
                from person
                where not exists (
                    select from calendars
                    where owner = telegram_id and kind = 'calendar' and deleted_at is null
                )
                on conflict (owner, slug) where deleted_at is null do nothing
                returning id
            ), inbox as (
                insert into calendars (id, owner, slug, display_name, kind, ctag)
                select gen_random_uuid(), telegram_id, $9, 'Inbox', 'inbox', (
                    select coalesce(max(ctag), 0) + 1 from calendars where owner = telegram_id and slug = $9
                )
                from person
                on conflict (owner, slug) where deleted_at is null do nothing
            )
            select exists (select from calendar) as "made!" from person
            "#,
            user.telegram_id.get(),
            user.name,
            user.username,
            user.language,
            user.time_zone,
            user.reachable,
            user.calendar_id,
            DEFAULT_CALENDAR_SLUG,
            INBOX_SLUG,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(made)
    }

    /// The account of `telegram_id`, if there is one.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn user(&self, telegram_id: TelegramUserId) -> Result<Option<User>, StoreError> {
        let row = sqlx::query!(
            r#"
            select coalesce(name, '') as "name!", username, time_zone, default_calendar from users
            where telegram_id = $1
              and exists (select from calendars where owner = telegram_id and deleted_at is null)
            "#,
            telegram_id.get(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| User {
            telegram_id,
            name: row.name,
            username: row.username,
            time_zone: row.time_zone,
            default_calendar: row.default_calendar,
        }))
    }

    /// What we know of somebody, whether or not they have an account.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn person(&self, telegram_id: TelegramUserId) -> Result<Person, StoreError> {
        let row = sqlx::query!(
            r#"
            select name, username, time_zone, coalesce(chosen_language, language) as language, pings,
                   exists (
                       select from calendars where owner = telegram_id and deleted_at is null
                   ) as "has_account!"
            from users where telegram_id = $1
            "#,
            telegram_id.get(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map_or_else(Person::default, |row| Person {
            name: row.name,
            username: row.username,
            time_zone: row.time_zone,
            language: row.language,
            pings: Pings::parse(&row.pings).unwrap_or_default(),
            has_account: row.has_account,
        }))
    }

    /// Notes what Telegram tells of somebody with an update of theirs. What is the same already is not written.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn note_person(
        &self,
        telegram_id: TelegramUserId,
        name: &str,
        username: Option<&str>,
        language: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into users (telegram_id, name, username, language) values ($1, $2, $3, $4)
             on conflict (telegram_id) do update set
                 name = excluded.name, username = excluded.username,
                 language = coalesce(excluded.language, users.language)
             where (users.name, users.username, users.language)
                   is distinct from
                   (excluded.name, excluded.username, coalesce(excluded.language, users.language))",
            telegram_id.get(),
            name,
            username,
            language,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes the names of people who were picked, where we know none: what somebody's own updates say is better than what
    /// others have them saved as.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn note_names(&self, people: &[PickedPerson]) -> Result<(), StoreError> {
        let ids: Vec<i64> = people
            .iter()
            .map(|person| person.telegram_id.get())
            .collect();
        let names: Vec<String> = people.iter().map(|person| person.name.clone()).collect();
        let usernames: Vec<Option<String>> = people
            .iter()
            .map(|person| person.username.clone())
            .collect();
        sqlx::query!(
            "insert into users (telegram_id, name, username)
             select distinct on (telegram_id) telegram_id, nullif(name, ''), username
             from unnest($1::bigint[], $2::text[], $3::text[]) as row (telegram_id, name, username)
             order by telegram_id
             on conflict (telegram_id) do update set
                 name = excluded.name, username = coalesce(users.username, excluded.username)
             where users.name is null and excluded.name is not null",
            &ids,
            &names,
            &usernames as &[Option<String>],
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Chooses the language in which somebody reads; `None` for what Telegram says.
    ///
    /// # Errors
    /// When Postgres does not answer, or does not know the language.
    pub async fn choose_language(
        &self,
        telegram_id: TelegramUserId,
        language: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update users set chosen_language = $2 where telegram_id = $1",
            telegram_id.get(),
            language,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Chooses the time zone (IANA name) in which somebody reads times.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn choose_time_zone(
        &self,
        telegram_id: TelegramUserId,
        time_zone: &str,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update users set time_zone = $2 where telegram_id = $1",
            telegram_id.get(),
            time_zone,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Chooses which answers make somebody's phone ring.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn choose_pings(
        &self,
        telegram_id: TelegramUserId,
        pings: Pings,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update users set pings = $2 where telegram_id = $1",
            telegram_id.get(),
            pings.as_str(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes whether the bot can write to somebody, whether or not they have an account.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn set_reachable(
        &self,
        telegram_id: TelegramUserId,
        reachable: bool,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into users (telegram_id, reachable, schedule_status)
             values ($1, $2, case when $2 then null else $3 end)
             on conflict (telegram_id) do update set
                 reachable = excluded.reachable,
                 schedule_status = excluded.schedule_status
             where users.reachable is distinct from excluded.reachable",
            telegram_id.get(),
            reachable,
            ScheduleStatus::Failed.as_str(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// A Telegram id as it stands in a row.
pub(crate) fn telegram_id(id: i64) -> Result<TelegramUserId, StoreError> {
    TelegramUserId::new(id).map_err(|_| StoreError::Corrupt {
        what: "Telegram id",
    })
}
