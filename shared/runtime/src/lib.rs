//! What every process needs whatever its roles: configuration, telemetry, tasks that end in order,
//! readiness, and the HTTP listener.

pub mod config;
mod failpoint;
pub mod health;
pub mod listener;
pub mod tasks;
pub mod telemetry;
pub mod trace;
mod words;

mod backoff;
mod client_address;
mod connections;

pub use backoff::Backoff;
pub use client_address::{ClientAddress, client_address};
pub use failpoint::Failpoint;
pub use words::without_quotations;
