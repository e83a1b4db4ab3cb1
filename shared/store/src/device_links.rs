//! Links under which a new device is set up, for one use and a short time. A link gives the device's password without the
//! server knowing it: what is stored is the password XOR the link's token, as long as it and random, and so tells nothing alone.

use std::{array, time::Duration};

use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{
    DeviceApp, DeviceSecret, Store, StoreError,
    secret::{self, SECRET_BYTES},
    users::telegram_id,
};

/// How long a new device can be set up by its link.
pub const LINK_LASTS: Duration = Duration::from_secs(60 * 60);

/// What stands in the URL of a set-up link.
#[derive(Clone)]
pub struct SetupToken([u8; SECRET_BYTES]);

/// The text is not one of our tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the token of a set-up link")]
pub struct InvalidSetupToken;

impl SetupToken {
    /// Makes a token of 160 random bits.
    #[must_use]
    pub fn from_random(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads the part of a URL.
    ///
    /// # Errors
    /// When it can't be one of our tokens.
    pub fn parse(text: &str) -> Result<Self, InvalidSetupToken> {
        secret::decode(text).map(Self).ok_or(InvalidSetupToken)
    }

    /// The text that is shown once: thirty-two lower-case letters and digits.
    #[must_use]
    pub fn reveal(&self) -> String {
        secret::encode(&self.0)
    }

    fn hash(&self) -> [u8; 32] {
        secret::hash(&self.0)
    }

    /// With a password the pad, with the pad the password.
    fn xor(&self, bytes: &[u8; SECRET_BYTES]) -> [u8; SECRET_BYTES] {
        let mut pairs = self.0.iter().zip(bytes);
        array::from_fn(|_| pairs.next().map_or(0, |(token, byte)| token ^ byte))
    }
}

/// Whether a link can still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Once.
    Open,
    /// Somebody did.
    Used,
    /// Its time is over, or its device was revoked.
    Expired,
}

/// Where a link leads to.
#[derive(Clone, Debug)]
pub struct SetupLink {
    /// The name that its owner gave the device.
    pub label: String,
    /// What it is set up in.
    pub app: DeviceApp,
    /// IETF language tag of its owner.
    pub language: Option<String>,
    /// Whether it can still be used.
    pub state: LinkState,
}

/// What a link gives.
#[derive(Clone)]
pub struct UsedLink {
    /// The device.
    pub device_id: Uuid,
    /// Its owner.
    pub telegram_id: TelegramUserId,
    /// The name that its owner gave it.
    pub label: String,
    /// What it is set up in.
    pub app: DeviceApp,
    /// IETF language tag of its owner.
    pub language: Option<String>,
    /// Its password.
    pub secret: DeviceSecret,
}

impl Store {
    /// Gives a device of `telegram_id` its password, and a link to be set up with for as long as `link_lasts`. A password and a
    /// link that it had before are of no use any more. Returns `false`, and changes nothing, when the device is in use already,
    /// its link was used, or it was revoked.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn arm_device(
        &self,
        telegram_id: TelegramUserId,
        id: Uuid,
        secret: &DeviceSecret,
        token: &SetupToken,
        link_lasts: Duration,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "with armed as (
                 update devices set secret_hash = $3
                 where id = $2 and telegram_id = $1 and revoked_at is null and last_used_at is null
                   and not exists (select from device_links where device_id = $2 and used_at is not null)
                 returning id
             )
             insert into device_links (device_id, token_hash, pad, expires_at)
             select id, $4, $5, now() + $6 * interval '1 second' from armed
             on conflict (device_id) do update set
                 token_hash = excluded.token_hash, pad = excluded.pad, expires_at = excluded.expires_at,
                 used_at = null",
            telegram_id.get(),
            id,
            &secret.hash(),
            &token.hash(),
            &token.xor(&secret.0),
            link_lasts.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Where the link with this token leads to.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn setup_link(&self, token: &SetupToken) -> Result<Option<SetupLink>, StoreError> {
        let row = sqlx::query!(
            r#"
            select d.label, d.app, coalesce(u.chosen_language, u.language) as language,
                l.used_at is not null as "is_used!",
                (l.expires_at < now() or d.revoked_at is not null) as "is_over!"
            from device_links l
            join devices d on d.id = l.device_id
            join users u using (telegram_id)
            where l.token_hash = $1
            "#,
            &token.hash(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| SetupLink {
            label: row.label,
            app: DeviceApp::of_row(row.app.as_deref()),
            language: row.language,
            state: match (row.is_used, row.is_over) {
                (true, _) => LinkState::Used,
                (false, true) => LinkState::Expired,
                (false, false) => LinkState::Open,
            },
        }))
    }

    /// Uses a link up: its device's password, for the first who asks. `None` when it is used, expired, or not known.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn use_setup_link(&self, token: &SetupToken) -> Result<Option<UsedLink>, StoreError> {
        let row = sqlx::query!(
            r#"
            with open as (
                select l.device_id, l.pad from device_links l
                where l.token_hash = $1 and l.used_at is null and l.expires_at > now()
                -- Of two who ask at once the second finds it used.
                for update of l
            ), used as (
                update device_links l set pad = null, used_at = now()
                from open join devices d on d.id = open.device_id and d.revoked_at is null
                where l.device_id = open.device_id
                returning l.device_id
            )
            select open.device_id, open.pad as "pad!", d.telegram_id, d.label, d.app,
                coalesce(u.chosen_language, u.language) as language
            from open
            join used using (device_id)
            join devices d on d.id = open.device_id
            join users u using (telegram_id)
            "#,
            &token.hash(),
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let pad = row
            .pad
            .try_into()
            .map_err(|_| StoreError::Corrupt { what: "pad" })?;
        Ok(Some(UsedLink {
            device_id: row.device_id,
            telegram_id: telegram_id(row.telegram_id)?,
            label: row.label,
            app: DeviceApp::of_row(row.app.as_deref()),
            language: row.language,
            secret: DeviceSecret(token.xor(&pad)),
        }))
    }

    /// Ends the link of a device of `telegram_id`, if there is one.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn end_setup_link(
        &self,
        telegram_id: TelegramUserId,
        device_id: Uuid,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update device_links l set expires_at = least(l.expires_at, now())
             from devices d where d.id = l.device_id and d.telegram_id = $1 and d.id = $2",
            telegram_id.get(),
            device_id,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pad_and_the_token_together_are_the_password() {
        let token = SetupToken::from_random(*b"a token of the link.");
        let secret = DeviceSecret::from_random(*b"twenty random bytes!");
        let pad = token.xor(&secret.0);
        assert_ne!(pad, secret.0);
        assert_eq!(token.xor(&pad), secret.0);
    }

    #[test]
    fn token_is_read_back() {
        let token = SetupToken::from_random([7; SECRET_BYTES]);
        assert_eq!(SetupToken::parse(&token.reveal()).unwrap().0, token.0);
        for text in ["", "x", "../etc", &"a".repeat(33)] {
            assert!(SetupToken::parse(text).is_err(), "{text}");
        }
    }
}
