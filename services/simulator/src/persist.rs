//! The state file: people with their chats, and the counters. Updates, faults and settings are not kept.

use crate::{app::App, people::Person};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Changes within this time are written together.
const DEBOUNCE: Duration = Duration::from_millis(200);

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Saved {
    pub people: Vec<Person>,
    pub commands: Vec<Value>,
    pub next_message_id: i64,
    pub next_update_id: i64,
    pub next_callback: u64,
}

/// `None` when there is no file yet.
pub(crate) fn load(path: &Path) -> io::Result<Option<Saved>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
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
        let saved = app.lock().to_saved();
        let target = path.clone();
        let written = tokio::task::spawn_blocking(move || save(&target, &saved)).await;
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

/// Writes beside the file and renames, so that a crash leaves the old file or the new one.
fn save(path: &Path, saved: &Saved) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let file = fs::File::create(&beside)?;
    let mut writer = io::BufWriter::new(file);
    serde_json::to_writer(&mut writer, saved)?;
    let file = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
