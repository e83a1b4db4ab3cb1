//! Files that the bot has sent: photos and documents, bounded in number and size. The oldest go first.

use crate::params::Upload;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;

/// Files that are kept.
const MAX_FILES: usize = 1_000;
/// Bytes of all kept files together.
const MAX_TOTAL_BYTES: usize = 256 * 1024 * 1024;
/// Characters of a file's name; what is longer is cut at the front, so that the extension stays.
const MAX_NAME_CHARS: usize = 128;
/// A name for a part of a body that has an empty one.
const NAMELESS: &str = "file";

/// Types of files by the end of their names, as the real server tells them; it does not ask the sender.
const TYPES: [(&str, &str); 12] = [
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ics", "text/calendar"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("vcf", "text/vcard"),
];
const UNKNOWN_TYPE: &str = "application/octet-stream";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FileKind {
    Photo,
    Document,
}

impl FileKind {
    /// As error messages of the real server call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Photo => "Photo",
            Self::Document => "Document",
        }
    }

    /// How ids of this kind begin.
    fn prefix(self) -> &'static str {
        match self {
            Self::Photo => "AgACAgIAAxkDAA",
            Self::Document => "BQACAgIAAxkDAA",
        }
    }
}

/// What is known about a file without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileInfo {
    pub file_id: String,
    pub file_unique_id: String,
    pub kind: FileKind,
    pub file_name: String,
    pub mime_type: String,
    /// Bytes.
    pub file_size: usize,
    /// Pixels; 0 for a document.
    pub width: usize,
    pub height: usize,
}

impl FileInfo {
    /// `photo` or `document`, and what stands there in a `Message` of the Bot API.
    pub fn to_bot_api(&self) -> (&'static str, Value) {
        let mut file = Map::new();
        file.insert("file_id".to_owned(), json!(self.file_id));
        file.insert("file_unique_id".to_owned(), json!(self.file_unique_id));
        file.insert("file_size".to_owned(), json!(self.file_size));
        match self.kind {
            FileKind::Photo => {
                file.insert("width".to_owned(), json!(self.width));
                file.insert("height".to_owned(), json!(self.height));
                // The real server adds smaller versions before it; nothing here scales pictures.
                ("photo", json!([file]))
            }
            FileKind::Document => {
                file.insert("file_name".to_owned(), json!(self.file_name));
                file.insert("mime_type".to_owned(), json!(self.mime_type));
                ("document", Value::Object(file))
            }
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct FileStore {
    files: VecDeque<(FileInfo, Bytes)>,
    total_bytes: usize,
    next: u64,
}

impl FileStore {
    /// With the files of an earlier run; `next` is the number of the next one.
    pub fn new(files: Vec<(FileInfo, Bytes)>, next: u64) -> Self {
        let mut store = Self {
            next,
            ..Self::default()
        };
        for (info, content) in files {
            store.push(info, content);
        }
        store
    }

    /// Keeps an upload. `size` is that of a photo, in pixels.
    pub fn add(&mut self, kind: FileKind, upload: &Upload, size: (usize, usize)) -> FileInfo {
        let number = self.next;
        self.next += 1;
        let file_name = clean_name(&upload.file_name);
        let mime_type = match kind {
            FileKind::Photo => upload_type(&upload.content),
            FileKind::Document => type_of(&file_name, upload.mime_type.as_deref()),
        };
        let info = FileInfo {
            file_id: format!("{}{number:016x}", kind.prefix()),
            file_unique_id: format!("AQAD{number:012x}"),
            kind,
            file_name,
            mime_type,
            file_size: upload.content.len(),
            width: size.0,
            height: size.1,
        };
        self.push(info.clone(), upload.content.clone());
        info
    }

    fn push(&mut self, info: FileInfo, content: Bytes) {
        self.total_bytes += content.len();
        self.files.push_back((info, content));
        while self.files.len() > MAX_FILES || self.total_bytes > MAX_TOTAL_BYTES {
            let Some((_, oldest)) = self.files.pop_front() else {
                return;
            };
            self.total_bytes -= oldest.len();
        }
    }

    pub fn get(&self, file_id: &str) -> Option<&(FileInfo, Bytes)> {
        self.files.iter().find(|(info, _)| info.file_id == file_id)
    }

    pub fn all(&self) -> Vec<(FileInfo, Bytes)> {
        self.files.iter().cloned().collect()
    }

    pub fn next(&self) -> u64 {
        self.next
    }
}

/// Whether a text can be an id of ours, and so the name of a file on disk.
pub(crate) fn is_file_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Without folders and control characters.
fn clean_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: Vec<char> = name.chars().filter(|c| !c.is_control()).collect();
    let surplus = clean.len().saturating_sub(MAX_NAME_CHARS);
    let clean: String = clean.into_iter().skip(surplus).collect();
    if clean.trim().is_empty() {
        NAMELESS.to_owned()
    } else {
        clean
    }
}

fn type_of(file_name: &str, said: Option<&str>) -> String {
    let extension = file_name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    TYPES
        .iter()
        .find(|(known, _)| Some(*known) == extension.as_deref())
        .map(|(_, mime_type)| *mime_type)
        .or(said)
        .unwrap_or(UNKNOWN_TYPE)
        .to_owned()
}

/// The type of a picture that was checked before.
fn upload_type(content: &[u8]) -> String {
    match imagesize::image_type(content) {
        Ok(imagesize::ImageType::Png) => "image/png",
        _ => "image/jpeg",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(name: &str, content: Vec<u8>) -> Upload {
        Upload {
            file_name: name.to_owned(),
            mime_type: None,
            content: content.into(),
        }
    }

    #[test]
    fn names_and_types() {
        for (name, clean, mime_type) in [
            ("meeting.ics", "meeting.ics", "text/calendar"),
            ("../../etc/passwd", "passwd", UNKNOWN_TYPE),
            ("C:\\x\\a.PDF", "a.PDF", "application/pdf"),
            ("a\r\nb.txt", "ab.txt", "text/plain"),
            (" ", NAMELESS, UNKNOWN_TYPE),
        ] {
            let info = FileStore::default().add(FileKind::Document, &upload(name, vec![1]), (0, 0));
            assert_eq!(
                (info.file_name.as_str(), info.mime_type.as_str()),
                (clean, mime_type)
            );
            assert!(is_file_id(&info.file_id), "{}", info.file_id);
        }
        assert!(!is_file_id("../a") && !is_file_id(""));
    }

    #[test]
    fn the_oldest_files_go() {
        let mut store = FileStore::default();
        let mut first = None;
        for _ in 0..=MAX_FILES {
            let info = store.add(FileKind::Document, &upload("a", vec![1]), (0, 0));
            first.get_or_insert(info);
        }
        let first = first.expect("a file");
        assert!(store.get(&first.file_id).is_none());
        assert_eq!(
            (store.all().len(), store.total_bytes),
            (MAX_FILES, MAX_FILES)
        );

        store.push(first.clone(), vec![0; MAX_TOTAL_BYTES].into());
        assert_eq!(store.all().len(), 1, "a big one takes the place of many");
        assert!(store.get(&first.file_id).is_some());
    }
}
