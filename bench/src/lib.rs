//! Televent against floors: every figure that the documentation gives is measured here, by one command, on real servers.
//!
//! A workload ([`workloads`]) runs in alternation with its floor ([`floors`]), in rounds during which the CPU of each process of
//! ours, and of all others, is counted ([`cpu`]). The load is one thread that checks every answer ([`load`], [`http`], [`dav`]).
//! What was found ([`results`]) becomes pages ([`report`]) and pictures ([`plots`]).
//!
//! This is the one place besides the tests where SQL stands outside of the store: floors, filled calendars, and counting.

pub mod arguments;
pub mod callgrind;
pub mod cpu;
pub mod dav;
pub mod events;
pub mod fleet;
pub mod floors;
pub mod http;
pub mod load;
pub mod machine;
pub mod pace;
pub mod peers;
pub mod people;
pub mod plots;
pub mod progress;
pub mod pure;
pub mod readers;
pub mod report;
pub mod results;
pub mod rounds;
pub mod run;
pub mod scripts;
pub mod seed;
pub mod serving;
pub mod stage;
pub mod statistics;
pub mod telegram;
pub mod workloads;
