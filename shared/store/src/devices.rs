//! Device passwords: one for each calendar app, random, shown once, stored as a hash.

use std::time::Duration;

use chrono::{DateTime, Utc};
use subtle::ConstantTimeEq;
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{
    Store, StoreError, User,
    secret::{self, SECRET_BYTES},
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

/// A device's password.
#[derive(Clone)]
pub struct DeviceSecret([u8; SECRET_BYTES]);

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

    fn hash(&self) -> [u8; 32] {
        secret::hash(&self.0)
    }
}

/// A calendar app's access, without its secret.
#[derive(Clone, Debug)]
pub struct Device {
    /// Our id.
    pub id: Uuid,
    /// The name that its owner gave it.
    pub label: String,
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
             where telegram_id = $2 and exists (select from calendars where owner = telegram_id)",
            id,
            telegram_id.get(),
            label,
            &secret.hash(),
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// All devices of `telegram_id`, the newest first.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn devices(&self, telegram_id: TelegramUserId) -> Result<Vec<Device>, StoreError> {
        Ok(sqlx::query_as!(
            Device,
            "select id, label, created_at, last_used_at, last_client, revoked_at from devices
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
    /// alone whose it is. `client` is what the app says it is; it and the time are noted now and then.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn authenticate(
        &self,
        secret: &DeviceSecret,
        client: Option<&str>,
    ) -> Result<Option<User>, StoreError> {
        let hash = secret.hash();
        // Postgres' text can't hold NUL, which no header can hold either.
        let client: Option<String> = client.map(|client| client.chars().take(MAX_CLIENT).collect());
        let row = sqlx::query!(
            r#"
            with device as (
                select id, telegram_id, secret_hash from devices
                where secret_hash = $1 and revoked_at is null
            ), used as (
                update devices d set last_used_at = now(), last_client = coalesce($2, d.last_client)
                from device where d.id = device.id and (
                    d.last_used_at is null
                    or d.last_used_at < now() - $3 * interval '1 second'
                    or d.last_client is distinct from coalesce($2, d.last_client)
                        and d.last_used_at < now() - $4 * interval '1 second'
                )
            )
            select device.secret_hash, u.telegram_id, coalesce(u.name, '') as "name!", u.username,
                   u.time_zone, u.default_calendar
            from device join users u using (telegram_id)
            "#,
            &hash,
            client,
            LAST_USED_PRECISION.as_secs_f64(),
            LAST_CLIENT_PRECISION.as_secs_f64(),
        )
        .fetch_optional(&self.pool)
        .await?;
        // The index finds the row by an equality that is not constant in time; what it can leak is
        // bounded by the hash. The decision itself is.
        let Some(row) = row.filter(|row| bool::from(row.secret_hash.as_slice().ct_eq(&hash)))
        else {
            return Ok(None);
        };
        Ok(Some(User {
            telegram_id: TelegramUserId::new(row.telegram_id).map_err(|_| StoreError::Corrupt {
                what: "Telegram id",
            })?,
            name: row.name,
            username: row.username,
            time_zone: row.time_zone,
            default_calendar: row.default_calendar,
        }))
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
