//! What workloads are held against: the least that could do the same, without our code.

pub mod handler;
pub mod hop;
pub mod pgbench;
pub mod publish;
