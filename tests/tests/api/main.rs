//! The api's router on a real Postgres: requests as calendar apps send them, and the whole answers.

mod access;
mod bad_input;
mod conditions;
mod discovery;
mod listener;
mod objects;
mod outbox;
mod propfind;
mod propfind_input;
mod support;
