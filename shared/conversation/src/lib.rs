//! What people and the bot say to each other: the commands that people write, the bot's buttons, the screens that it shows,
//! the steps of its dialogs, and what its cards have told. Pure vocabulary, between the service that applies updates and the one that sends messages.

mod button;
mod command;
mod devices;
mod event;
mod facts;
mod quick_event;
mod screen;
mod step;

pub use button::{BotButton, InvalidButton, MAX_AGENDA_DAYS};
pub use command::Command;
pub use devices::{DeviceButton, DeviceScreen};
pub use event::{Asked, EventButton, EventDraft, EventScreen, Guest, MAX_GUESTS, PICK_GUESTS};
pub use facts::{Changes, Facts, Time, repetition};
pub use quick_event::{
    DEFAULT_MINUTES, Doubt, MAX_MINUTES, MAX_TEXT, QuickEvent, TimeOfDay, doubt_of,
};
pub use screen::{City, Screen};
pub use step::Step;
