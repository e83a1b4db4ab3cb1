//! As whom a process comes to the NATS server: the users of `nats.conf`, their keys, and what each of them has to do there.

use nkeys::{KeyPair, KeyPairType};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    consumer::Consumer,
    provision::{INVITES, NOTIFIER, RSVP, UPDATES},
};

/// A user of `nats.conf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NatsUser {
    /// A process with the api role alone.
    Api,
    /// A process with the notifier role alone.
    Notifier,
    /// A process with the rsvp role alone.
    Rsvp,
    /// A process with several roles.
    All,
}

/// How a stream is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// It is made where it is missing.
    Make,
    /// It is made, and brought up to date.
    Keep,
}

impl NatsUser {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Api, Self::Notifier, Self::Rsvp, Self::All];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Notifier => "notifier",
            Self::Rsvp => "rsvp",
            Self::All => "all",
        }
    }

    /// The variable in which `nats.conf` finds its public key.
    #[must_use]
    pub fn variable(self) -> String {
        format!("TELEVENT_NATS_{}_NKEY", self.as_str().to_ascii_uppercase())
    }

    /// Where it gets its answers; nobody else may listen there.
    pub(crate) fn inbox_prefix(self) -> String {
        format!("_INBOX_{}", self.as_str())
    }

    /// The streams that it looks after. Whoever publishes to a stream must be able to make it: those who consume it may be away.
    pub(crate) const fn streams(self) -> &'static [(&'static str, Care)] {
        match self {
            Self::Api => &[(INVITES, Care::Make)],
            Self::Notifier => &[(INVITES, Care::Keep)],
            Self::Rsvp => &[(INVITES, Care::Make), (UPDATES, Care::Keep)],
            Self::All => &[(INVITES, Care::Keep), (UPDATES, Care::Keep)],
        }
    }

    /// The consumers that it makes and pulls from.
    pub(crate) const fn consumers(self) -> &'static [Consumer] {
        match self {
            Self::Api => &[],
            Self::Notifier => &[NOTIFIER],
            Self::Rsvp => &[RSVP],
            Self::All => &[NOTIFIER, RSVP],
        }
    }

    /// The streams that it publishes to.
    pub(crate) const fn publishes_to(self) -> &'static [&'static str] {
        match self {
            Self::Api => &[INVITES],
            Self::Notifier => &[],
            Self::Rsvp | Self::All => &[INVITES, UPDATES],
        }
    }
}

/// The secret half of a user's nkey (an Ed25519 seed in NATS's BASE32).
#[derive(Clone, Debug)]
pub struct NatsKey(SecretString);

/// The text is not the seed of a user's nkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the seed of a user's nkey, which begins with SU; `televent nats-keys` makes one")]
pub struct InvalidNatsKey;

impl NatsKey {
    /// Reads a seed, with or without spaces around it.
    ///
    /// # Errors
    /// [`InvalidNatsKey`].
    pub fn parse(seed: &str) -> Result<Self, InvalidNatsKey> {
        let seed = seed.trim();
        match KeyPair::from_seed(seed) {
            Ok(pair) if matches!(pair.key_pair_type(), KeyPairType::User) => {
                Ok(Self(SecretString::from(seed)))
            }
            _ => Err(InvalidNatsKey),
        }
    }

    pub(crate) fn seed(&self) -> String {
        self.0.expose_secret().to_owned()
    }
}

/// A new key, both halves.
#[derive(Clone, Debug)]
pub struct NatsKeyPair {
    /// What the server knows: `U…`.
    pub public: String,
    /// What the process knows: `SU…`.
    pub seed: SecretString,
}

impl NatsKeyPair {
    /// Makes a random one.
    ///
    /// # Errors
    /// [`InvalidNatsKey`] if the key can't be written, which does not happen.
    pub fn random() -> Result<Self, InvalidNatsKey> {
        let pair = KeyPair::new_user();
        Ok(Self {
            public: pair.public_key(),
            seed: SecretString::from(pair.seed().map_err(|_| InvalidNatsKey)?),
        })
    }

    /// What a process comes with.
    #[must_use]
    pub fn key(&self) -> NatsKey {
        NatsKey(self.seed.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_key_is_read_back_and_not_shown() {
        let pair = NatsKeyPair::random().unwrap();
        let seed = pair.seed.expose_secret();
        let key = NatsKey::parse(&format!(" {seed}\n")).unwrap();
        assert_eq!(&key.seed(), seed);
        assert!(pair.public.starts_with('U'));
        for shown in [format!("{key:?}"), format!("{pair:?}")] {
            assert!(!shown.contains(seed), "{shown}");
        }
    }

    #[test]
    fn anything_but_a_users_seed_is_refused() {
        let pair = NatsKeyPair::random().unwrap();
        let account = KeyPair::new_account().seed().unwrap();
        let cut = pair.seed.expose_secret().get(1..).unwrap().to_owned();
        for text in ["", "SU", &pair.public, &account, &cut] {
            assert_eq!(NatsKey::parse(text).err(), Some(InvalidNatsKey), "{text}");
        }
    }
}
