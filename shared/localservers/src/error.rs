//! What can go wrong, worded for the person who typed `./x run`.

use std::io;
use std::path::{Path, PathBuf};

/// Why a local server could not be found, started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalServerError {
    /// Nothing suitable is installed.
    #[error("no {program} was found: run `./x setup`, or set {variable} to {meaning}")]
    Missing {
        /// What was looked for.
        program: &'static str,
        /// The environment variable that names it.
        variable: &'static str,
        /// What the variable has to hold.
        meaning: &'static str,
    },

    /// The environment variable points somewhere else.
    #[error(
        "{variable} is {}, where no `{file}` is: correct it, or unset it and run `./x setup`",
        path.display()
    )]
    Misplaced {
        /// The environment variable.
        variable: &'static str,
        /// Its value.
        path: PathBuf,
        /// The file that is not there.
        file: &'static str,
    },

    /// A living process has the folder.
    #[error(
        "{} is in use by another Televent process: stop that one, or choose another folder",
        dir.display()
    )]
    InUse {
        /// The folder.
        dir: PathBuf,
    },

    /// Postgres refuses to run as root and every way around it is closed.
    #[error(
        "Postgres does not run as root, and no other user may use {} (or the programs in {}): \
         put the project outside of /root, or run this as another user",
        dir.display(),
        programs.display()
    )]
    Root {
        /// The folder of the data.
        dir: PathBuf,
        /// The folder of Postgres' programs.
        programs: PathBuf,
    },

    /// A program did not do what it was started for.
    #[error("{program} {problem}; the end of {}:\n{tail}", log.display())]
    Failed {
        /// Its name.
        program: &'static str,
        /// What happened.
        problem: String,
        /// The whole log.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },

    /// A server of an ended process cannot be stopped.
    #[error("{program} (process {pid}), left behind in {}, does not stop: end it by hand", dir.display())]
    Stuck {
        /// Its name.
        program: &'static str,
        /// Its process.
        pid: u32,
        /// The folder that it uses.
        dir: PathBuf,
    },

    /// The operating system refused something.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl LocalServerError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
