//! What every process needs whatever its roles: configuration, telemetry, tasks that end in order,
//! readiness, and the HTTP listener.

pub mod config;
mod failpoint;
pub mod health;
pub mod listener;
pub mod metrics;
pub mod pages;
pub mod status;
pub mod tasks;
pub mod telemetry;
pub mod trace;
mod words;

mod backoff;
mod basic_credentials;
mod client_address;
mod connections;
mod guesses;
mod process_metrics;
mod recent_events;

pub use backoff::Backoff;
pub use basic_credentials::{basic_credentials, basic_credentials_of};
pub use client_address::{ClientAddress, client_address};
pub use failpoint::Failpoint;
pub use guesses::{Guesses, Turn};
pub use recent_events::{RecentEvent, recent_events};
pub use words::without_quotations;
