//! The rsvp service: presses of buttons come in (`ingress`) and become answers (`apply`). It never sends
//! a message: it answers the press, changes Postgres, and the change reaches every card by the outbox.

mod apply;
mod bot;
mod commands;
mod ingress;
mod registration;

pub use apply::run_apply;
pub use commands::keep_commands_registered;
pub use ingress::{Ingress, WEBHOOK_PATH, keep_webhook_registered, run_polling, webhook_router};
