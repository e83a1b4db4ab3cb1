//! Hostile input: for each reader of what comes from outside, a target that reads any bytes and checks what must hold of
//! them. `./x fuzz` feeds them what libFuzzer finds by coverage; `./x test` feeds them the same corpus, every input that was
//! once a finding, and mutations of both by a fixed seed.
//!
//! Whatever is fed runs within [`bounds`]: in CPU time, and on a small stack.

pub mod bounds;
pub mod corpus;
pub mod mutation;
mod target;
pub mod targets;

pub use target::{TARGETS, Target};
