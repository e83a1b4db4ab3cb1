//! The simulator over HTTP, as a bot and a test see it: one module per side of it.

#![cfg(test)]

mod calls_and_faults;
mod commands;
mod files;
mod harness;
mod messages;
mod meter;
mod page;
mod people;
mod persistence;
mod polling;
mod presses;
mod reply_keyboards;
mod webhook;
