//! The people of a life.

use televent_tests::{ANN, BO, EVE, KIRILL};

/// Somebody. Ann organizes; Kirill and Bo have accounts; Dan, another one in each life, has none before he presses Start;
/// nobody invites Eve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Person {
    Ann,
    Kirill,
    Bo,
    Dan,
    Eve,
}

/// Those whom Ann may invite.
pub(crate) const ATTENDEES: [Person; 3] = [Person::Kirill, Person::Bo, Person::Dan];

/// The Telegram id of the Dan before the first life.
const FIRST_DAN: i64 = 1_000_000;

impl Person {
    /// The Telegram id, in a life.
    pub(crate) fn id(self, life: u32) -> i64 {
        match self {
            Self::Ann => ANN,
            Self::Kirill => KIRILL,
            Self::Bo => BO,
            Self::Dan => FIRST_DAN + i64::from(life),
            Self::Eve => EVE,
        }
    }

    /// The address, without `mailto:`.
    pub(crate) fn address(self, life: u32) -> String {
        format!("tg_{}@televent.internal", self.id(life))
    }
}
