//! The state file: people with their chats, files, and the counters. Updates, faults and settings are not kept.
//!
//! What is in the files stands in a folder beside it, each under its id.

use crate::{
    app::App,
    commands::CommandList,
    files::{FileInfo, is_file_id},
    people::Person,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Changes within this time are written together.
const DEBOUNCE: Duration = Duration::from_millis(200);
/// What follows the state file's name in that of the folder.
const FOLDER_SUFFIX: &str = ".files";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Saved {
    pub people: Vec<Person>,
    pub commands: Vec<CommandList>,
    pub next_message_id: i64,
    pub next_update_id: i64,
    pub next_callback: u64,
    pub files: Vec<FileInfo>,
    pub next_file: u64,
}

/// What an earlier run has left.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub saved: Saved,
    pub files: Vec<(FileInfo, Bytes)>,
}

/// `None` when there is no file yet.
pub(crate) fn load(path: &Path) -> io::Result<Option<Loaded>> {
    let mut saved: Saved = match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let folder = folder(path);
    let mut files = Vec::new();
    for info in std::mem::take(&mut saved.files) {
        // Nobody but us writes ids, but they become paths here.
        if !is_file_id(&info.file_id) {
            continue;
        }
        match fs::read(folder.join(&info.file_id)) {
            Ok(content) => files.push((info, content.into())),
            Err(error) => {
                tracing::warn!(file_id = info.file_id, %error, "a file of the simulator is gone");
            }
        }
    }
    Ok(Some(Loaded { saved, files }))
}

/// Writes what changes, soon after it changes, and once more at the end.
pub(crate) async fn run(app: Arc<App>, path: PathBuf) {
    let mut unsaved = app.watch_unsaved();
    loop {
        let stopping = tokio::select! {
            changed = unsaved.changed() => changed.is_err(),
            () = app.quiet.cancelled() => true,
        };
        if !stopping {
            tokio::select! {
                () = tokio::time::sleep(DEBOUNCE) => {}
                () = app.quiet.cancelled() => {}
            }
        }
        unsaved.borrow_and_update();
        let (saved, files) = {
            let state = app.lock();
            (state.to_saved(), state.files.all())
        };
        let target = path.clone();
        let written = tokio::task::spawn_blocking(move || {
            save_files(&folder(&target), &files)?;
            save(&target, &saved)
        })
        .await;
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(path = %path.display(), %error, "cannot write the simulator's state file");
            }
            Err(error) => tracing::error!(%error, "writing the simulator's state file was cut off"),
        }
        if stopping {
            return;
        }
    }
}

fn folder(path: &Path) -> PathBuf {
    let mut folder = path.as_os_str().to_owned();
    folder.push(FOLDER_SUFFIX);
    folder.into()
}

/// Writes the files that are not there yet, and removes those that are no longer kept.
fn save_files(folder: &Path, files: &[(FileInfo, Bytes)]) -> io::Result<()> {
    let mut there = BTreeSet::new();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                there.extend(entry?.file_name().into_string().ok());
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if files.is_empty() {
                return Ok(());
            }
            fs::create_dir_all(folder)?;
        }
        Err(error) => return Err(error),
    }
    for (info, content) in files {
        if !there.remove(&info.file_id) {
            replace(&folder.join(&info.file_id), |file| {
                io::Write::write_all(file, content)
            })?;
        }
    }
    for name in there.iter().filter(|name| is_file_id(name)) {
        fs::remove_file(folder.join(name))?;
    }
    Ok(())
}

fn save(path: &Path, saved: &Saved) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    replace(path, |file| Ok(serde_json::to_writer(file, saved)?))
}

/// Writes beside the file and renames, so that a crash leaves the old file or the new one.
fn replace(
    path: &Path,
    write: impl FnOnce(&mut io::BufWriter<fs::File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut writer = io::BufWriter::new(fs::File::create(&beside)?);
    write(&mut writer)?;
    let file = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
