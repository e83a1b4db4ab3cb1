//! Under which user Postgres runs: it refuses to be root.
//!
//! As an ordinary user it runs as we do. Root, common in containers, gives the
//! data to an unprivileged user and starts the server as that one. Where that
//! user cannot come, as below a closed `/root`, the server runs in a user
//! namespace: there it sees another user's number, yet keeps root's files.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::LocalServerError;
use crate::folder::{Folder, Owner};

const ROOT: Owner = Owner { uid: 0, gid: 0 };

/// Users without rights on most systems, the most fitting first.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Any number but 0 does: nothing on disk ever has it.
const NAMESPACE: [&str; 4] = ["--user", "--map-user=1000", "--map-group=1000", "--"];

/// The user that a server runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    /// Ours, as we are not root.
    Caller,
    /// An unprivileged one.
    User(Owner),
    /// Root, under another number in a user namespace.
    Namespace,
}

impl Account {
    /// Finds the account that can use both the folder and the programs, and
    /// gives it the folder with the named entries.
    pub(crate) fn choose(
        folder: &Folder,
        names: &[&str],
        postgres_bin: &Path,
    ) -> Result<Self, LocalServerError> {
        if current_uid() != Some(ROOT.uid) {
            return Ok(Self::Caller);
        }
        let user = fs::read_to_string("/etc/passwd")
            .ok()
            .and_then(|passwd| unprivileged(&passwd))
            .map(Self::User);
        for account in user.into_iter().chain([Self::Namespace]) {
            folder.hand_over(account.owner(), names)?;
            if account.works(folder.path(), postgres_bin) {
                tracing::debug!(?account, "root starts Postgres under another user");
                return Ok(account);
            }
        }
        Err(LocalServerError::Root {
            dir: folder.path().to_owned(),
            programs: postgres_bin.to_owned(),
        })
    }

    /// Starts building a command that runs as this account.
    pub(crate) fn command(self, program: &Path) -> Command {
        match self {
            Self::Caller => Command::new(program),
            Self::User(owner) => {
                let mut command = Command::new(program);
                command.uid(owner.uid).gid(owner.gid);
                command
            }
            Self::Namespace => {
                // It replaces itself by the program: the process number stays.
                let mut command = Command::new("unshare");
                command.args(NAMESPACE).arg(program);
                command
            }
        }
    }

    /// Gives the account what we made in the folder since.
    pub(crate) fn own(self, folder: &Folder, names: &[&str]) -> Result<(), LocalServerError> {
        match self {
            Self::Caller => Ok(()),
            Self::User(_) | Self::Namespace => folder.hand_over(self.owner(), names),
        }
    }

    fn owner(self) -> Owner {
        match self {
            Self::User(owner) => owner,
            Self::Caller | Self::Namespace => ROOT,
        }
    }

    /// Tried, not computed from modes: access lists, mounts and libraries have a say too.
    fn works(self, dir: &Path, postgres_bin: &Path) -> bool {
        const SCRIPT: &str = r#"test -w "$1" && cd "$1" && "$2" --version && "$3" --version"#;
        self.command(Path::new("/bin/sh"))
            .args(["-c", SCRIPT, "probe"])
            .arg(dir)
            .arg(postgres_bin.join("postgres"))
            .arg(postgres_bin.join("initdb"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// Without `unsafe` there is no `geteuid`: the kernel says whose process we are.
fn current_uid() -> Option<u32> {
    if let Ok(process) = fs::metadata("/proc/self") {
        return Some(process.uid());
    }
    let output = Command::new("id").arg("-u").output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn unprivileged(passwd: &str) -> Option<Owner> {
    UNPRIVILEGED.iter().find_map(|name| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let (user, _password) = (fields.next()?, fields.next()?);
            let (uid, gid) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            (user == *name && uid != ROOT.uid).then_some(Owner { uid, gid })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_is_preferred_to_nobody_and_root_is_never_taken() {
        let nobody = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n";
        let both = format!("{nobody}postgres:x:101:104::/var/lib/postgresql:/bin/bash\n");
        let owner = |uid, gid| Some(Owner { uid, gid });
        assert_eq!(unprivileged(&both), owner(101, 104));
        assert_eq!(unprivileged(nobody), owner(65534, 65534));
        assert_eq!(unprivileged("postgres:x:0:0::/:/bin/sh\n"), None);
        assert_eq!(unprivileged("nobody:*:-2:-2::/:/usr/bin/false\n"), None);
    }
}
