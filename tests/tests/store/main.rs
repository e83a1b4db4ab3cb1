//! The store on a real Postgres, a database for each test. What is raced here is raced for certain: both sides wait
//! behind a lock of the test before either can go on.

mod accounts;
mod answering;
mod answers;
mod any_history;
mod calendar_removal;
mod calendars;
mod card_copies;
mod cards;
mod cards_together;
mod dead_letters;
mod device_links;
mod events;
mod feeds;
mod foreign_organizers;
mod free_busy;
mod leases;
mod migration;
mod moves;
mod outbox;
mod paces;
mod people;
mod pressed;
mod presses;
mod properties;
mod purge;
mod queries;
mod queue;
mod scheduling;
mod schema;
mod support;
mod sync;
