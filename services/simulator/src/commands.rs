//! The bot's commands: a list for each scope and language, and which of them somebody sees.

use serde::{Deserialize, Serialize};

/// Lists that are kept; the Bot API has no such limit, but lists per chat could be as many as there are people.
const MAX_LISTS: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Command {
    /// Without the slash.
    pub command: String,
    pub description: String,
}

/// `BotCommandScope`, as far as there are such chats here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Scope {
    Default,
    AllPrivateChats,
    AllGroupChats,
    AllChatAdministrators,
    Chat { chat_id: i64 },
}

/// Which list it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    pub scope: Scope,
    /// Two letters, or empty for everybody without a list of their own language.
    pub language_code: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CommandList {
    #[serde(rename = "for")]
    key: Key,
    commands: Vec<Command>,
}

#[derive(Debug, Default)]
pub(crate) struct CommandLists(Vec<CommandList>);

impl CommandLists {
    pub fn new(lists: Vec<CommandList>) -> Self {
        Self(lists)
    }

    pub fn all(&self) -> &[CommandList] {
        &self.0
    }

    /// Puts a list in the place of an earlier one; an empty one is none. False when there are too many.
    pub fn set(&mut self, key: Key, commands: Vec<Command>) -> bool {
        self.0.retain(|list| list.key != key);
        if commands.is_empty() {
            return true;
        }
        if self.0.len() >= MAX_LISTS {
            return false;
        }
        self.0.push(CommandList { key, commands });
        true
    }

    /// Exactly this list.
    pub fn get(&self, key: &Key) -> &[Command] {
        self.find(key).unwrap_or_default()
    }

    fn find(&self, key: &Key) -> Option<&[Command]> {
        let list = self.0.iter().find(|list| list.key == *key)?;
        Some(&list.commands)
    }

    /// What the app of somebody with this language shows: the first list there is, from the closest on (Bot API,
    /// "Determining list of commands"). `chat_id` is that of their private chat.
    pub fn shown(&self, chat_id: Option<i64>, language_code: &str) -> &[Command] {
        let language = language_code
            .split(['-', '_'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let scopes = chat_id
            .map(|chat_id| Scope::Chat { chat_id })
            .into_iter()
            .chain([Scope::AllPrivateChats, Scope::Default]);
        for scope in scopes {
            for language_code in [language.as_str(), ""] {
                let key = Key {
                    scope: scope.clone(),
                    language_code: language_code.to_owned(),
                };
                if let Some(commands) = self.find(&key) {
                    return commands;
                }
            }
        }
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(scope: Scope, language_code: &str) -> Key {
        Key {
            scope,
            language_code: language_code.to_owned(),
        }
    }

    fn list(name: &str) -> Vec<Command> {
        vec![Command {
            command: name.to_owned(),
            description: "x".to_owned(),
        }]
    }

    #[test]
    fn the_closest_list_is_shown() {
        let mut lists = CommandLists::default();
        let shown = |lists: &CommandLists, chat: i64, language: &str| {
            lists
                .shown(Some(chat), language)
                .first()
                .map(|command| command.command.clone())
                .unwrap_or_default()
        };
        assert_eq!(shown(&lists, 1, "de"), "");
        lists.set(key(Scope::Default, ""), list("default"));
        lists.set(key(Scope::Default, "de"), list("german"));
        assert_eq!(shown(&lists, 1, "en"), "default");
        assert_eq!(shown(&lists, 1, "de-AT"), "german");
        lists.set(key(Scope::AllPrivateChats, ""), list("private"));
        assert_eq!(shown(&lists, 1, "de"), "private");
        lists.set(key(Scope::Chat { chat_id: 1 }, ""), list("mine"));
        assert_eq!(
            (shown(&lists, 1, "de"), shown(&lists, 2, "de")),
            ("mine".to_owned(), "private".to_owned())
        );
        lists.set(key(Scope::AllPrivateChats, ""), Vec::new());
        assert_eq!(shown(&lists, 2, "de"), "german");
    }
}
