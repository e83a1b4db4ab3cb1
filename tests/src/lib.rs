//! What the end-to-end tests share: a database for each test, and a whole Televent around it.
//!
//! `./x test` starts a Postgres and a nats-server and names them in the environment. Each [`World`] has a
//! database, a nats-server and a Bot API simulator of its own, so that tests run beside each other.

mod address;
mod binary;
mod calendar_app;
mod cluster;
mod collector;
mod database;
mod ics;
mod inbox;
mod nats;
mod people;
mod process;
mod proxy;
mod signal;
mod supervisor;
mod telegram;
mod time;
mod until;
mod world;

pub use address::free_addresses;
pub use binary::{Said, Serving, Televent};
pub use calendar_app::{CalendarApp, CalendarState, Reply};
pub use cluster::{Cluster, Cut};
pub use collector::{Collector, Span};
pub use database::TestDatabase;
pub use ics::{
    AttendeeLine, EventLines, attendee_lines, content_line, event_lines, ics, meeting, message,
    normal_address, with_part_stat, without_schedule_status,
};
pub use nats::{Nats, StoredMessage};
pub use people::{ANN, BO, EVE, KIRILL, KIRILL_IS_ASKED, plan};
pub use process::{Process, Roles, Updates, usual_limits};
pub use proxy::Proxy;
pub use supervisor::{Supervisor, ambiguous_sends};
pub use telegram::{
    AnswerTimes, BOT_ID, Button, Call, Document, Message, Meter, PressAnswer, Pressed, ReplyButton,
    ReplyKeyboard, TOKEN, Telegram, buttons,
};
pub use until::{DEADLINE, until, until_ok};
pub use world::{Attendee, EventRow, World};
