//! Radicale: files, passwords in plain text as its configuration allows, so that hashing is nobody's cost.

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

const USER: &str = "bench";
const PASSWORD: &str = "of-the-benchmark";

pub(super) async fn start(stage: &Stage, python: &Path) -> Result<Peer> {
    let folder = stage.folder().join("radicale");
    fs::create_dir_all(&folder)?;
    let users = folder.join("users");
    fs::write(&users, format!("{USER}:{PASSWORD}\n"))?;
    let address = free_address()?;
    let config = folder.join("config");
    fs::write(
        &config,
        format!(
            "[server]\nhosts = {address}\nmax_connections = 64\n[auth]\ntype = htpasswd\nhtpasswd_filename = {}\nhtpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = {}\n[logging]\nlevel = warning\n",
            users.display(),
            folder.join("data").display()
        ),
    )?;
    let log = folder.join("log");
    let mut command = Command::new(python.join("bin/python"));
    command
        .args(["-m", "radicale", "--config"])
        .arg(&config)
        .stderr(fs::File::create(&log)?);
    let serving = Serving::of_command(command, address, "/", &log).await?;
    let target = |slug: &str| Target {
        address,
        account: Account::basic(0, USER, PASSWORD),
        calendar: format!("/{USER}/{slug}/"),
    };
    Ok(Peer {
        name: "Radicale",
        target: target("bench"),
        other: target("other"),
        serving,
        database: None,
    })
}
