//! What calendar apps say to a server, from the host name to the synced calendar, replayed app by app; and each
//! habit that breaks apps elsewhere as a test of its own.
//!
//! A client knows nothing but the server's address, its user name and its password: every other URL is followed from
//! answer to answer.

mod client;
mod davx5;
mod evolution;
mod invitations;
mod ios;
mod ios_calendars;
mod ios_sync;
mod macos;
mod multistatus;
mod people;
mod quirks_collections;
mod quirks_objects;
mod quirks_urls;
mod server;
mod thunderbird;
mod xml;
