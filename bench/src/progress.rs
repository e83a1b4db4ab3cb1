//! What the person who waits sees, on standard error.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

/// One line.
pub fn say(line: impl Display) {
    // Nobody is left to tell if this fails.
    let _ = writeln!(io::stderr(), "{line}");
}
