//! Commands (Bot API, entity `bot_command`): `/name`, `/name@bot`, and what is written behind it.

use televent_language::Language;

/// What the bot can be told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Make an account, and begin.
    Start,
    /// What there is in the next days.
    Agenda,
    /// What there is today.
    Today,
    /// What there is this week.
    Week,
    /// Invitations that are not answered yet.
    Pending,
    /// A new event.
    New,
    /// Invite people to an event.
    Invite,
    /// The calendar apps that have access.
    Devices,
    /// Time zone, language, pings.
    Settings,
    /// All calendars as files.
    Export,
    /// What can be done here.
    Help,
    /// Leave the dialog.
    Cancel,
    /// Remove the account and everything in it.
    DeleteAccount,
}

impl Command {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 13] = [
        Self::Agenda,
        Self::Today,
        Self::Week,
        Self::Pending,
        Self::New,
        Self::Invite,
        Self::Devices,
        Self::Settings,
        Self::Export,
        Self::Help,
        Self::Cancel,
        Self::Start,
        Self::DeleteAccount,
    ];

    /// Its name, without the slash.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Agenda => "agenda",
            Self::Today => "today",
            Self::Week => "week",
            Self::Pending => "pending",
            Self::New => "new",
            Self::Invite => "invite",
            Self::Devices => "devices",
            Self::Settings => "settings",
            Self::Export => "export",
            Self::Help => "help",
            Self::Cancel => "cancel",
            Self::DeleteAccount => "delete_account",
        }
    }

    /// What it does, in a few words. There are none for [`Start`](Self::Start), which the app names itself.
    #[must_use]
    pub fn description(self, language: Language) -> String {
        language.text(&format!("command-{}", self.name().replace('_', "-")))
    }

    /// The command that a message is, and the text behind it. `None` for anything else, and for commands that are none of ours.
    #[must_use]
    pub fn read(text: &str) -> Option<(Self, &str)> {
        let rest = text.trim().strip_prefix('/')?;
        let (name, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let name = name.split('@').next().unwrap_or_default();
        let command = Self::ALL
            .into_iter()
            .find(|command| command.name().eq_ignore_ascii_case(name))?;
        Some((command, behind.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_however_they_are_written() {
        for (text, written) in [
            ("/start", Some((Command::Start, ""))),
            ("/start abc", Some((Command::Start, "abc"))),
            (
                "/NEW@televent_bot Lunch tomorrow\n13:00",
                Some((Command::New, "Lunch tomorrow\n13:00")),
            ),
            ("/delete_account", Some((Command::DeleteAccount, ""))),
            ("/started", None),
            ("/", None),
            (" hello ", None),
        ] {
            assert_eq!(Command::read(text), written, "{text:?}");
        }
    }

    #[test]
    fn names_are_what_the_bot_api_takes() {
        for command in Command::ALL {
            let name = command.name();
            assert!((1..=32).contains(&name.len()));
            assert!(
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            );
        }
    }
}
