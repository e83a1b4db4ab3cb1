//! The folder of a server: its lock, its logs, its owner.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, lchown};
use std::path::{Path, PathBuf};

use crate::{LocalServerError, nats, postgres};

/// How much of a log an error quotes: enough for Postgres' FATAL line with its hints.
const QUOTED_LINES: usize = 15;
/// Lines are short; this bounds what is read of a log of any length.
const QUOTED_BYTES: u64 = 16 * 1024;

/// A user and a group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// A folder that no other process uses while this value lives.
pub(crate) struct Folder {
    path: PathBuf,
    /// Whether the folder is for our servers alone, so that we may give it to another user.
    dedicated: bool,
    /// The kernel frees the lock when the process ends, however it ends.
    lock: File,
}

impl Folder {
    /// Makes the folder if need be, and locks it for one server.
    pub(crate) fn open(dir: &Path, lock_file: &str) -> Result<Self, LocalServerError> {
        fs::create_dir_all(dir).map_err(|source| LocalServerError::io("create", dir, source))?;
        // Absolute, and equal in every run: a server of an earlier run is recognised by it.
        let path =
            fs::canonicalize(dir).map_err(|source| LocalServerError::io("find", dir, source))?;
        let dedicated = is_dedicated(&path);
        let lock_path = path.join(lock_file);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|source| LocalServerError::io("open", &lock_path, source))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path,
                dedicated,
                lock,
            }),
            Err(TryLockError::WouldBlock) => Err(LocalServerError::InUse { dir: path }),
            Err(TryLockError::Error(source)) => {
                Err(LocalServerError::io("lock", &lock_path, source))
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Gives the folder itself and the named entries in it to `owner`. Only
    /// root does this; a folder that others use too stays whose it is.
    pub(crate) fn hand_over(&self, owner: Owner, names: &[&str]) -> Result<(), LocalServerError> {
        let refused = |source| LocalServerError::io("give away", &self.path, source);
        if self.dedicated {
            lchown(&self.path, Some(owner.uid), Some(owner.gid)).map_err(refused)?;
        }
        for name in names {
            chown_tree(&self.join(name), owner).map_err(refused)?;
        }
        Ok(())
    }

    /// A fresh log. The one of the run before is kept beside it, as `….old`.
    pub(crate) fn log(&self, name: &str) -> Result<Log, LocalServerError> {
        let path = self.join(name);
        let failed = |source| LocalServerError::io("create", &path, source);
        match fs::rename(&path, path.with_extension("log.old")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let file = private_file(&path).map_err(failed)?;
        Ok(Log { path, file })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Closing alone is not enough: a child that another thread is just
        // starting has a copy of the handle until it runs its own program.
        if let Err(error) = self.lock.unlock() {
            tracing::debug!(%error, "the lock of a folder is freed late");
        }
    }
}

/// The file that a server writes its messages to.
pub(crate) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A handle for the server's standard output or error.
    pub(crate) fn handle(&self) -> Result<File, LocalServerError> {
        self.file
            .try_clone()
            .map_err(|source| LocalServerError::io("open", &self.path, source))
    }

    /// The last lines. Nothing, when it cannot be read: it decorates another error.
    pub(crate) fn tail(&self) -> String {
        let read = || -> io::Result<String> {
            let mut file = File::open(&self.path)?;
            let start = file.metadata()?.len().saturating_sub(QUOTED_BYTES);
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.take(QUOTED_BYTES).read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let skipped = lines.len().saturating_sub(QUOTED_LINES);
        let last: Vec<String> = lines
            .iter()
            .skip(skipped)
            .map(|line| format!("  {line}"))
            .collect();
        last.join("\n")
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = private_file(&new)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    fs::rename(new, path)
}

/// Appending, as two handles write to a log: standard output and error.
fn private_file(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new()
        .create_new(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

fn is_dedicated(path: &Path) -> bool {
    let empty = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    empty
        || [postgres::LOCK_FILE, nats::LOCK_FILE]
            .iter()
            .any(|name| path.join(name).exists())
}

/// Nothing to do when the top already has the owner: whole trees are handed over, never parts.
fn chown_tree(path: &Path, owner: Owner) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    if metadata.uid() == owner.uid && metadata.gid() == owner.gid {
        return Ok(());
    }
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            chown_tree(&entry?.path(), owner)?;
        }
    }
    // The top comes last, so that an interrupted hand-over is done again.
    lchown(path, Some(owner.uid), Some(owner.gid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_for_one_process_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::open(dir.path(), "postgres.lock").unwrap();
        let error = Folder::open(dir.path(), "postgres.lock").err().unwrap();
        assert!(
            error
                .to_string()
                .contains("in use by another Televent process")
        );
        drop(first);
        Folder::open(dir.path(), "postgres.lock").unwrap();
    }

    #[test]
    fn a_folder_with_other_files_is_not_given_away() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Folder::open(dir.path(), "postgres.lock").unwrap().dedicated);
        assert!(Folder::open(dir.path(), "nats.lock").unwrap().dedicated);
        let shared = tempfile::tempdir().unwrap();
        fs::write(shared.path().join("notes.txt"), "").unwrap();
        assert!(
            !Folder::open(shared.path(), "postgres.lock")
                .unwrap()
                .dedicated
        );
    }

    #[test]
    fn the_tail_is_the_last_lines_of_a_log_of_any_length() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path(), "postgres.lock").unwrap();
        let log = folder.log("postgres.log").unwrap();
        let mut file = log.handle().unwrap();
        for number in 0..10_000 {
            writeln!(file, "line {number}").unwrap();
        }
        let tail = log.tail();
        assert_eq!(tail.lines().count(), QUOTED_LINES);
        assert!(tail.ends_with("  line 9999"));
        drop(folder.log("postgres.log").unwrap());
        assert!(dir.path().join("postgres.log.old").exists());
    }
}
