//! Calendars as files, and the end of an account.

use televent_calendar::{CalendarObject, Export};
use televent_conversation::BotButton;
use televent_language::Language;
use televent_store::{AccountContents, CalendarSize, CandidateQuery};
use televent_telegram::{File, Markup};
use uuid::Uuid;

use super::{Content, Reader, button, plain};
use crate::{
    card::{MAX_NAME, user_text},
    deliver::{DeliverError, Notifier},
};

/// Objects that are read at once.
const PAGE_OBJECTS: i64 = 100;

/// Largest calendar that is sent. Telegram takes 50 MB (Bot API, sendDocument), but not within the time of one call where the
/// network is slow; and it is in memory as a whole.
const MAX_FILE_BYTES: i64 = 20 * 1024 * 1024;

/// Calendars that are in memory at the same time.
pub(crate) const EXPORTS_AT_ONCE: usize = 2;

/// Characters of a file's name, without its ending.
const MAX_FILE_NAME: usize = 60;

impl Notifier {
    /// A calendar as a document, or where it is found if it is too large; `None` if it is gone.
    pub(super) async fn calendar_file(
        &self,
        reader: &Reader<'_>,
        calendar_id: Uuid,
    ) -> Result<Option<Content>, DeliverError> {
        let Some(calendar) = self.store.calendar_size(reader.id, calendar_id).await? else {
            return Ok(None);
        };
        if calendar.bytes > MAX_FILE_BYTES {
            return Ok(Some(self.too_large(reader, &calendar)));
        }
        let Ok(_permit) = self.exports.try_acquire() else {
            return Err(DeliverError::Busy);
        };
        let mut content = Export::header(&calendar.display_name, None);
        let mut export = Export::new();
        let mut after = None;
        loop {
            let query = CandidateQuery {
                after: after.as_ref(),
                limit: PAGE_OBJECTS,
                ..CandidateQuery::default()
            };
            let page = self.store.candidates(calendar_id, &query).await?;
            after = page.end;
            for stored in page.rows {
                content.extend(export.push(&CalendarObject::from_stored(stored.object)?));
            }
            if page.is_last {
                break;
            }
        }
        content.extend(Export::footer());
        let name = user_text(&calendar.display_name, MAX_NAME, reader.language);
        let caption = reader.language.say(
            "account-file-caption",
            &[("name", (&name).into()), ("count", calendar.objects.into())],
        );
        Ok(Some(Content {
            file: Some(File::Document {
                name: file_name(&calendar.display_name),
                media_type: "text/calendar",
                content,
            }),
            ..plain(caption)
        }))
    }

    fn too_large(&self, reader: &Reader<'_>, calendar: &CalendarSize) -> Content {
        let mut url = self.public_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .extend(["dav", "calendars"])
                .push(&reader.id.to_string())
                .push(&calendar.slug)
                .push("");
        }
        let name = user_text(&calendar.display_name, MAX_NAME, reader.language);
        plain(reader.language.say(
            "account-file-too-large",
            &[("name", (&name).into()), ("url", url.as_str().into())],
        ))
    }
}

/// The calendar's name, as far as it can be that of a file everywhere.
fn file_name(display_name: &str) -> String {
    let name: String = display_name
        .chars()
        .map(|letter| {
            let is_odd = letter.is_control() || "/\\:*?\"<>|".contains(letter);
            if is_odd { '_' } else { letter }
        })
        .take(MAX_FILE_NAME)
        .collect();
    let name = name.trim().trim_matches('.');
    if name.is_empty() {
        "calendar.ics".to_owned()
    } else {
        format!("{name}.ics")
    }
}

/// What would go, and the question.
pub(super) fn ask(reader: &Reader<'_>, contents: AccountContents) -> Content {
    let language = reader.language;
    let mut lines = vec![language.text("account-delete-heading"), String::new()];
    for (id, count) in [
        ("account-delete-entries", contents.objects),
        ("account-delete-devices", contents.devices),
        ("account-delete-organized", contents.organized),
    ] {
        if count > 0 {
            lines.push(language.say(id, &[("count", count.into())]));
        }
    }
    lines.push(language.text("account-delete-attended"));
    lines.push(String::new());
    lines.push(language.text("account-delete-final"));
    Content {
        markup: Markup::Inline(vec![vec![
            button(language.text("account-delete"), &BotButton::DeleteAccount),
            button(language.text("account-keep"), &BotButton::KeepAccount),
        ]]),
        ..plain(lines.join("\n"))
    }
}

/// The last word, in a language that is not known any more otherwise.
pub(super) fn deleted(language: &str) -> Content {
    plain(Language::of_tag(Some(language)).text("account-deleted"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_names_that_every_system_takes() {
        for (name, file) in [
            ("Televent", "Televent.ics"),
            ("Работа", "Работа.ics"),
            ("a/b\\c\r\n\"", "a_b_c___.ics"),
            ("..", "calendar.ics"),
            ("", "calendar.ics"),
        ] {
            assert_eq!(file_name(name), file, "{name:?}");
        }
        assert_eq!(file_name(&"x".repeat(500)).len(), MAX_FILE_NAME + 4);
    }
}
