//! Who changes what from where, and what each of the others sees of it: on the organizer's device, on the attendee's, on
//! another attendee's, in Telegram and in the database. `README.md` has the whole as a table.
//!
//! A test is a row of it. What is before the row is made by [`Scene`], and [`Scene::shows`] compares all the columns at
//! once with a text: each says what has changed for somebody, line by line, and what is not in it has not changed.

mod attendee;
mod organizer;
mod scene;
mod seen;

use scene::{ANN, BOB, CAT, DAN, Scene};
