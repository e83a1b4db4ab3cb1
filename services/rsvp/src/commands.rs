//! The menu of commands that the app shows, in each language.

use televent_conversation::Command;
use televent_language::Language;
use televent_telegram::{BotApi, CallError};
use tokio_util::sync::CancellationToken;

use crate::registration::keep_registered;

/// What the menu leaves out: it is pressed once, or named wherever it helps.
const NOT_IN_MENU: [Command; 2] = [Command::Start, Command::Cancel];

/// Registers the commands with Telegram, trying until it is done. Every process of the fleet registers the same.
pub async fn keep_commands_registered(bot: BotApi, shutdown: CancellationToken) {
    keep_registered("the commands", || register(&bot), shutdown).await;
}

async fn register(bot: &BotApi) -> Result<(), CallError> {
    let everybody_else = (None, Language::default());
    let each = Language::ALL.map(|language| (Some(language.code()), language));
    for (code, language) in [everybody_else].into_iter().chain(each) {
        bot.set_my_commands(code, &menu(language)).await?;
    }
    Ok(())
}

fn menu(language: Language) -> Vec<televent_telegram::Command> {
    Command::ALL
        .into_iter()
        .filter(|command| !NOT_IN_MENU.contains(command))
        .map(|command| televent_telegram::Command {
            name: command.name(),
            description: command.description(language),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters of a description (Bot API, `BotCommand`).
    const MAX_DESCRIPTION: usize = 256;

    #[test]
    fn every_command_of_the_menu_is_described_in_every_language() {
        for language in Language::ALL {
            let menu = menu(language);
            assert_eq!(menu.len(), Command::ALL.len() - NOT_IN_MENU.len());
            for command in menu {
                let length = command.description.chars().count();
                assert!((1..=MAX_DESCRIPTION).contains(&length), "{command:?}");
                assert!(!command.description.starts_with("command-"), "{command:?}");
            }
        }
    }
}
