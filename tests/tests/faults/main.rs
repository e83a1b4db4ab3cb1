//! Whatever dies or is cut off in the middle: nothing that was acknowledged is lost, and nobody is written to twice where that can
//! be avoided.
//!
//! A bounded part runs with all other tests; `./x test faults` runs the whole.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the helpers of tests, which tell figures and have to fail"
)]

mod closed_loop;
mod cluster;
mod crashes;
mod dead_letters;
mod fleet;
mod handshakes;
mod ingress;
mod jetstream;
mod life;
mod load;
mod overload;
mod postgres;
mod restore;
mod rotations;
mod schedule;
mod serving;
mod shutdown;
mod slow_clients;
mod storm;
mod telegram;
mod upgrades;

/// Whether this is `./x test faults`.
fn runs_all() -> bool {
    std::env::var_os("TELEVENT_FAULTS").is_some()
}
