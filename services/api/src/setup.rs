//! Pages for people in a browser: `/`, which says how to connect a calendar app, and `/setup/<token>`, which connects one
//! device. Nothing is fetched besides the page, and it works without its script.

mod accept_language;
mod device;
mod home;
mod layout;
mod profile;
mod qr;
mod steps;

#[cfg(feature = "fuzzing")]
pub(crate) use accept_language::preferred as preferred_language;
pub(crate) use device::{back, password, profile, show};
pub(crate) use home::home;
