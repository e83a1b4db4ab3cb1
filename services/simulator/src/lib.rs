//! A Bot API server for development and tests, as strict as the real one, with a chat page in the browser.
//!
//! It speaks HTTP on loopback and knows three sides: the bot's (`/bot<token>/<Method>`), the tests' and the page's
//! (`/_sim/…`), and the page itself (`/`). It shares no code with the client library of the services on purpose: it
//! is the oracle that their tests are held against.
//!
//! Elsewhere: there is no MTProto, no group and no inline mode here, and of media only photos and documents; Televent uses none of them.

mod app;
mod calls;
mod commands;
mod control;
mod entities;
mod events;
mod faults;
mod files;
mod guard;
mod html;
mod http;
mod images;
mod keyboard;
mod limits;
mod links;
mod messages;
mod meter;
mod methods;
mod page;
mod params;
mod people;
mod persist;
mod reply_keyboard;
mod server;
mod settings;
mod state;
mod updates;
mod webhook;

/// The parser for `parse_mode=HTML`: the plain text, or the complaint.
///
/// # Errors
/// What the real server complains of.
pub fn read_html(html: &str) -> Result<String, String> {
    html::parse(html, true).map(|(text, _)| text)
}

pub use server::{Simulator, SimulatorConfig, SimulatorError};
