//! Steps of a dialog: what somebody is asked at present, and so what their next message answers.

use serde::{Deserialize, Serialize};

/// What somebody is asked at present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Their time zone: a city by name, or a place.
    TimeZone,
    /// Whether their account shall be deleted: by a button, which is of no use once they are asked something else.
    DeleteAccount,
}
