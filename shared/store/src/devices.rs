//! Device passwords: one for each calendar app, random, shown once, stored as a hash.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use subtle::ConstantTimeEq;
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{
    Calendar, CalendarProperties, DeadProperty, Event, Slot, Store, StoreError, User,
    events::{query_with_slot, slot_of},
    secret::{self, SECRET_BYTES},
    users::telegram_id,
};

/// Characters between the dashes of a device password as it is shown.
const SECRET_GROUP: usize = 4;

/// How exactly the last use of a device is known: writing it at each request would cost more than the request.
const LAST_USED_PRECISION: Duration = Duration::from_secs(60 * 60);

/// How often the app is noted at most that uses a device: to one device belong several programs of a phone, which take
/// turns with every request.
const LAST_CLIENT_PRECISION: Duration = Duration::from_secs(5 * 60);

/// Longest description of a client that is kept, in characters.
const MAX_CLIENT: usize = 200;

/// Most devices of one person that are in use at once. People have five; who passes this has forgotten to revoke. Requests
/// at the same time may get a few past it.
pub const MAX_DEVICES: i64 = 50;

/// What became of a new device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrepareDeviceOutcome {
    /// It is there.
    Done,
    /// The account has [`MAX_DEVICES`] already.
    TooMany,
    /// There is no account.
    NoAccount,
}

/// A place that somebody asks for among their own calendars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnPlace<'a> {
    /// The calendar's.
    pub slug: &'a str,
    /// The last path segment of a resource in it, decoded.
    pub resource_name: Option<&'a str>,
}

/// Who asks, and what there is at the place that they ask for.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Who.
    pub user: User,
    /// Their calendar, and the resource in it; `None` without such a calendar, or where no place was asked for.
    pub slot: Option<Slot>,
}

/// A device's password.
#[derive(Clone)]
pub struct DeviceSecret(pub(crate) [u8; SECRET_BYTES]);

/// The text is not one of our passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a device password")]
pub struct InvalidDeviceSecret;

impl DeviceSecret {
    /// Makes a password of 160 random bits.
    #[must_use]
    pub fn from_random(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads what a person or an app sends: BASE32 in any case, with or without dashes and spaces.
    ///
    /// # Errors
    /// When it can't be one of our passwords.
    pub fn parse(text: &str) -> Result<Self, InvalidDeviceSecret> {
        secret::decode(text).map(Self).ok_or(InvalidDeviceSecret)
    }

    /// The text that is shown once: eight groups of four lower-case letters and digits.
    #[must_use]
    pub fn reveal(&self) -> String {
        let text = secret::encode(&self.0);
        let mut shown = String::with_capacity(text.len() + text.len() / SECRET_GROUP);
        for (index, letter) in text.chars().enumerate() {
            if index > 0 && index % SECRET_GROUP == 0 {
                shown.push('-');
            }
            shown.push(letter);
        }
        shown
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        secret::hash(&self.0)
    }
}

/// What a device is set up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceApp {
    /// The calendar of an iPhone or iPad.
    Iphone,
    /// The calendar of a Mac.
    Mac,
    /// DAVx⁵ on an Android phone.
    Android,
    /// Thunderbird.
    Thunderbird,
    /// Anything else.
    Other,
}

impl DeviceApp {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Iphone,
        Self::Mac,
        Self::Android,
        Self::Thunderbird,
        Self::Other,
    ];

    /// Its name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Iphone => "iphone",
            Self::Mac => "mac",
            Self::Android => "android",
            Self::Thunderbird => "thunderbird",
            Self::Other => "other",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|app| app.as_str() == name)
    }

    /// As it stands in the database: those that were not added in the bot are anything.
    pub(crate) fn of_row(name: Option<&str>) -> Self {
        name.and_then(Self::parse).unwrap_or(Self::Other)
    }
}

/// A calendar app's access, without its secret.
#[derive(Clone, Debug)]
pub struct Device {
    /// Our id.
    pub id: Uuid,
    /// The name that its owner gave it.
    pub label: String,
    /// What it was set up in, if its owner said so.
    pub app: Option<String>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last seen, if ever.
    pub last_used_at: Option<DateTime<Utc>>,
    /// What it said it was then (User-Agent).
    pub last_client: Option<String>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Adds a device. Returns `false` when `telegram_id` has no account.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn add_device(
        &self,
        id: Uuid,
        telegram_id: TelegramUserId,
        label: &str,
        secret: &DeviceSecret,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "insert into devices (id, telegram_id, label, secret_hash)
             select $1, telegram_id, $3, $4 from users
             where telegram_id = $2
               and exists (select from calendars where owner = telegram_id and deleted_at is null)",
            id,
            telegram_id.get(),
            label,
            &secret.hash(),
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Adds a device that nobody can use yet: its password is made when it is shown ([`Store::arm_device`]). One that is there
    /// already is left as it is.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn prepare_device(
        &self,
        id: Uuid,
        telegram_id: TelegramUserId,
        label: &str,
        app: DeviceApp,
    ) -> Result<PrepareDeviceOutcome, StoreError> {
        let row = sqlx::query!(
            r#"
            with owner as (
                select telegram_id,
                    exists (select from calendars where owner = telegram_id and deleted_at is null) as has_account,
                    exists (select from devices where id = $1 and telegram_id = $2) as is_there,
                    (select count(*) from devices where telegram_id = $2 and revoked_at is null) as devices
                from users where telegram_id = $2
            ), added as (
                insert into devices (id, telegram_id, label, app)
                select $1, telegram_id, $3, $4 from owner where has_account and devices < $5
                on conflict (id) do nothing
            )
            select has_account as "has_account!", is_there as "is_there!", devices as "devices!" from owner
            "#,
            id,
            telegram_id.get(),
            label,
            app.as_str(),
            MAX_DEVICES,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(match row {
            Some(row) if row.is_there => PrepareDeviceOutcome::Done,
            Some(row) if row.has_account && row.devices < MAX_DEVICES => PrepareDeviceOutcome::Done,
            Some(row) if row.has_account => PrepareDeviceOutcome::TooMany,
            Some(_) | None => PrepareDeviceOutcome::NoAccount,
        })
    }

    /// A device of `telegram_id`, revoked or not.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn device(
        &self,
        telegram_id: TelegramUserId,
        id: Uuid,
    ) -> Result<Option<Device>, StoreError> {
        Ok(sqlx::query_as!(
            Device,
            "select id, label, app, created_at, last_used_at, last_client, revoked_at from devices
             where telegram_id = $1 and id = $2",
            telegram_id.get(),
            id,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// All devices of `telegram_id`, the newest first.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn devices(&self, telegram_id: TelegramUserId) -> Result<Vec<Device>, StoreError> {
        Ok(sqlx::query_as!(
            Device,
            "select id, label, app, created_at, last_used_at, last_client, revoked_at from devices
             where telegram_id = $1 order by created_at desc, id",
            telegram_id.get(),
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Revokes a device at once. Returns `false` when `telegram_id` has no such device in use.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn revoke_device(
        &self,
        telegram_id: TelegramUserId,
        id: Uuid,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update devices set revoked_at = now()
             where id = $2 and telegram_id = $1 and revoked_at is null",
            telegram_id.get(),
            id,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The account of the device with this secret, if it is not revoked: a secret has too many bits to be guessed, so it tells
    /// alone whose it is. `client` is what the app says it is; it and the time are noted now and then. What is at `place` comes with it,
    /// since a question of its own would cost as much again.
    ///
    /// # Errors
    /// When Postgres does not answer.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn authenticate(
        &self,
        secret: &DeviceSecret,
        client: Option<&str>,
        place: Option<OwnPlace<'_>>,
    ) -> Result<Option<Asker>, StoreError> {
        let hash = secret.hash();
        // Postgres' text can't hold NUL, which no header can hold either.
        let client: Option<String> = client.map(|client| client.chars().take(MAX_CLIENT).collect());
        let row = query_with_slot!(
            r#"
            select d.id, d.secret_hash as "secret_hash!", u.telegram_id, coalesce(u.name, '') as "name!", u.username,
                   u.time_zone, u.default_calendar, (
                       d.last_used_at is null
                       or d.last_used_at < now() - $3 * interval '1 second'
                       or d.last_client is distinct from coalesce($2, d.last_client)
                           and d.last_used_at < now() - $4 * interval '1 second'
                   ) as "is_to_be_noted!",
            "#,
            "from devices d join users u using (telegram_id)
             left join calendars c on c.owner = u.telegram_id and c.slug = $5 and c.deleted_at is null
             left join events e on e.calendar_id = c.id and e.resource_name = $6 and e.deleted_at is null
             where d.secret_hash = $1 and d.revoked_at is null",
            &hash,
            client,
            LAST_USED_PRECISION.as_secs_f64(),
            LAST_CLIENT_PRECISION.as_secs_f64(),
            place.map(|place| place.slug),
            place.and_then(|place| place.resource_name),
        )
        .fetch_optional(&self.pool)
        .await?;
        // The index finds the row by an equality that is not constant in time; what it can leak is
        // bounded by the hash. The decision itself is.
        let Some(row) = row.filter(|row| bool::from(row.secret_hash.as_slice().ct_eq(&hash)))
        else {
            return Ok(None);
        };
        if row.is_to_be_noted {
            self.note_use(row.id, client.as_deref()).await?;
        }
        let telegram_id = telegram_id(row.telegram_id)?;
        let asker = Asker {
            user: User {
                telegram_id,
                name: row.name,
                username: row.username,
                time_zone: row.time_zone,
                default_calendar: row.default_calendar,
            },
            slot: slot_of!(row, telegram_id),
        };
        if let Some(slot) = &asker.slot {
            self.memory.note_device(hash, &asker.user, slot);
        }
        Ok(Some(asker))
    }

    /// Apart from the question whose it is: a statement that may write costs half as much again, and this comes once an hour.
    /// Requests at the same time may note it twice.
    async fn note_use(&self, id: Uuid, client: Option<&str>) -> Result<(), StoreError> {
        sqlx::query!(
            "update devices set last_used_at = now(), last_client = coalesce($2, last_client) where id = $1",
            id,
            client,
        )
        // Every request begins with the question, and this: so they are who finds out that Postgres was restarted.
        .execute(&self.pool.idempotent())
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_is_read_back_however_it_is_typed() {
        let secret = DeviceSecret::from_random(*b"twenty random bytes!");
        let shown = secret.reveal();
        assert_eq!(shown.len(), 39);
        for typed in [
            shown.clone(),
            shown.to_uppercase(),
            shown.replace('-', ""),
            shown.replace('-', " "),
        ] {
            assert_eq!(DeviceSecret::parse(&typed).unwrap().0, secret.0, "{typed}");
        }
    }

    #[test]
    fn other_text_is_no_password() {
        for text in ["", "secret", "ffff-ffff", &"a".repeat(33), &"1".repeat(32)] {
            assert!(DeviceSecret::parse(text).is_err(), "{text}");
        }
    }
}
