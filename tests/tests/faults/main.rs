//! Whatever dies or is cut off in the middle: nothing that was acknowledged is lost, and nobody is written to twice where that can
//! be avoided.
//!
//! A bounded part runs with all other tests; `./x test faults` runs the whole.

mod crashes;
mod dead_letters;
mod fleet;
mod ingress;
mod life;
mod schedule;
mod storm;
mod telegram;

/// Whether this is `./x test faults`.
fn runs_all() -> bool {
    std::env::var_os("TELEVENT_FAULTS").is_some()
}
