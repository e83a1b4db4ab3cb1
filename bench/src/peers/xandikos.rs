//! Xandikos: a git repository for each calendar, and no password.

use std::{fs, path::Path};

use anyhow::Result;
use tokio::process::Command;

use super::Peer;
use crate::{
    dav::Target,
    people::Account,
    serving::{Serving, free_address},
    stage::Stage,
};

pub(super) async fn start(stage: &Stage, python: &Path) -> Result<Peer> {
    let folder = stage.folder().join("xandikos");
    fs::create_dir_all(&folder)?;
    let address = free_address()?;
    let log = folder.join("log");
    let mut command = Command::new(python.join("bin/python"));
    command
        .args(["-m", "xandikos", "serve", "--defaults"])
        .args([
            "--current-user-principal",
            "/user/",
            "-l",
            "127.0.0.1",
            "-p",
        ])
        .arg(address.port().to_string())
        .arg("-d")
        .arg(folder.join("data"))
        .stderr(fs::File::create(&log)?);
    let serving = Serving::of_command(command, address, "/", &log).await?;
    let target = |slug: &str| Target {
        address,
        account: Account::basic(0, "user", "none"),
        calendar: format!("/user/calendars/{slug}/"),
    };
    Ok(Peer {
        name: "Xandikos",
        target: target("bench"),
        other: target("other"),
        serving,
        database: None,
    })
}
