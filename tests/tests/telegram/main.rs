//! What people see in Telegram, and what becomes of it when something goes wrong there.

mod cards;
mod changes;
mod failures;
mod tally;
