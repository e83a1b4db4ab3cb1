//! The store on a real Postgres, a database for each test. What is raced here is raced for certain: both sides wait
//! behind a lock of the test before either can go on.

mod accounts;
mod answers;
mod card_copies;
mod cards;
mod dead_letters;
mod events;
mod leases;
mod outbox;
mod presses;
mod schema;
mod support;
