//! The command line. Each configuration key is a flag as well.

use std::path::PathBuf;

use clap::{Arg, Subcommand, ValueEnum};
use televent_calendar::TelegramUserId;
use televent_runtime::config::KEYS;
use uuid::Uuid;

/// The flag that names the configuration file.
pub(crate) const CONFIG_FLAG: &str = "config";

/// Calendars whose invitations arrive in Telegram.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Everything on this machine, for trying it out: its own Postgres and nats-server, all roles, and,
    /// without a bot token, a simulated Telegram with a web page
    Up(UpArguments),
    /// The roles, against the configured Postgres and NATS
    Serve {
        /// Which roles this process has
        #[arg(long, value_delimiter = ',', default_value = "api,notifier,rsvp")]
        roles: Vec<Role>,
    },
    /// Brings the database's schema up to date
    Migrate,
    /// Once after Postgres was restored from a backup, before anything serves: makes calendar apps, cards
    /// and JetStream take the restored state for the newest
    AfterRestore,
    /// Accounts
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Passwords of calendar apps
    Device {
        #[command(subcommand)]
        command: DeviceCommand,
    },
    /// Secret URLs under which a calendar can be read without a password
    Feed {
        #[command(subcommand)]
        command: FeedCommand,
    },
    /// Asks the process that serves with this configuration on this machine whether it is well
    Healthy {
        /// Whether it can do the work of its roles, and not only whether it runs
        #[arg(long)]
        ready: bool,
    },
    /// Checks configuration, Postgres, NATS and the bot, and says how to mend what is wrong
    Doctor {
        /// The roles of the process whose configuration this is
        #[arg(long, value_delimiter = ',', default_value = "api,notifier,rsvp")]
        roles: Vec<Role>,
    },
    /// Makes the keys with which the roles come to NATS, shows them once, and says what goes where
    NatsKeys {
        /// Print an object with the keys of each user
        #[arg(long)]
        json: bool,
    },
    /// Messages that were given up
    DeadLetters {
        #[command(subcommand)]
        command: DeadLettersCommand,
    },
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// CalDAV, discovery, the set-up page.
    Api,
    /// Cards in Telegram.
    Notifier,
    /// Presses of their buttons.
    Rsvp,
}

impl Role {
    /// As it is written on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Notifier => "notifier",
            Self::Rsvp => "rsvp",
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct UpArguments {
    /// Where the servers keep their data
    #[arg(long, default_value = ".televent")]
    pub(crate) data_dir: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Makes an account with its default calendar
    Add {
        /// The person's id at Telegram
        #[arg(long)]
        telegram_id: TelegramUserId,
        /// What others see
        #[arg(long)]
        name: String,
        /// IANA time zone, such as Europe/Berlin
        #[arg(long)]
        time_zone: Option<String>,
        /// IETF tag of the language that they read, such as de
        #[arg(long)]
        language: Option<String>,
    },
    /// Changes what somebody has chosen
    Set {
        /// Whose account
        #[arg(long)]
        telegram_id: TelegramUserId,
        /// Who sees when they are busy
        #[arg(long)]
        free_busy: FreeBusy,
    },
}

/// Who sees when somebody is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FreeBusy {
    /// Whoever has an account and asks by the address.
    Everyone,
    /// People with whom they share an event.
    Acquaintances,
    /// They alone.
    Nobody,
}

/// What a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum App {
    /// The calendar of an iPhone or iPad.
    Iphone,
    /// The calendar of a Mac.
    Mac,
    /// DAVx⁵ on an Android phone.
    Android,
    /// Thunderbird.
    Thunderbird,
    /// Anything else.
    Other,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Makes a password for one calendar app, and shows it once
    Add {
        /// Whose it is
        #[arg(long)]
        telegram_id: TelegramUserId,
        /// A name to know it by, such as "iPhone"
        #[arg(long)]
        label: String,
        /// Print an object with username and password
        #[arg(long)]
        json: bool,
    },
    /// Makes a link that sets up one calendar app, once, within an hour, as the bot does
    Link {
        /// Whose it is
        #[arg(long)]
        telegram_id: TelegramUserId,
        /// A name to know it by, such as "iPhone"
        #[arg(long)]
        label: String,
        /// What is set up
        #[arg(long)]
        app: App,
    },
    /// Shows the devices of an account, without their passwords
    List {
        /// Whose
        #[arg(long)]
        telegram_id: TelegramUserId,
    },
    /// Takes a password back at once
    Revoke {
        /// Whose
        #[arg(long)]
        telegram_id: TelegramUserId,
        /// The id that `device list` shows
        #[arg(long)]
        id: Uuid,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum FeedCommand {
    /// Makes the feed of a calendar, and shows its URL once; an older URL ends
    Add {
        /// Whose calendar
        #[arg(long)]
        telegram_id: TelegramUserId,
        /// The last part of the calendar's URL
        #[arg(long, default_value = "default")]
        calendar: String,
    },
    /// Shows which calendars of an account have a feed
    List {
        /// Whose
        #[arg(long)]
        telegram_id: TelegramUserId,
    },
    /// Ends a feed at once
    Revoke {
        /// Whose calendar
        #[arg(long)]
        telegram_id: TelegramUserId,
        /// The last part of the calendar's URL
        #[arg(long, default_value = "default")]
        calendar: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLettersCommand {
    /// Shows the newest, a line each
    List {
        /// Print an array of objects with everything that is known of each
        #[arg(long)]
        json: bool,
    },
    /// Shows one whole, with what it has been through
    Show {
        /// The id that `list` shows
        id: Uuid,
    },
    /// Sends some again
    Retry(ChosenLetters),
    /// Forgets some
    Drop(ChosenLetters),
}

/// Which dead letters.
#[derive(Debug, clap::Args)]
pub(crate) struct ChosenLetters {
    /// The ids that `list` shows
    #[arg(value_name = "ID", required_unless_present = "all")]
    pub(crate) ids: Vec<Uuid>,
    /// All that there are
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
}

/// The whole command line.
pub(crate) fn command_line() -> clap::Command {
    let base = clap::Command::new("televent")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            Arg::new(CONFIG_FLAG)
                .long(CONFIG_FLAG)
                .global(true)
                .value_name("FILE")
                .help("Configuration file [default: televent.toml, if it is there]"),
        );
    let with_keys = KEYS.iter().fold(base, |command, key| {
        let mut help = format!("{} [env: {}]", key.about, key.variable());
        if let Some(default) = key.default {
            help.push_str(&format!(" [default: {default}]"));
        }
        command.arg(
            Arg::new(key.name)
                .long(key.flag())
                .global(true)
                .value_name("VALUE")
                .help(help)
                .help_heading("Configuration"),
        )
    });
    Command::augment_subcommands(with_keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_line_is_sound() {
        command_line().debug_assert();
    }

    #[test]
    fn every_key_is_a_flag_of_every_command() {
        for key in KEYS {
            let flag = format!("--{}", key.flag());
            let matches = command_line()
                .try_get_matches_from(["televent", "serve", &flag, "value"])
                .unwrap();
            let (_, serve) = matches.subcommand().unwrap();
            assert_eq!(
                serve.get_one::<String>(key.name).unwrap(),
                "value",
                "{flag}"
            );
        }
    }
}
