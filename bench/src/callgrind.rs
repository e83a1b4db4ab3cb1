//! Instructions of the pure code, counted by valgrind: a program of ours does a case once and some times more, and the
//! difference is what the case takes.

use std::{collections::BTreeMap, path::Path, process::Stdio};

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::{progress::say, pure::CASES};

/// How often a case is done in the longer run, beyond the shorter one.
const TIMES: u64 = 20;

/// The shorter run: the first times make tables that are kept.
const BEFORE: u64 = 2;

/// Counts all cases; `None` where valgrind is not installed.
///
/// # Errors
/// When a run fails.
pub async fn count(folder: &Path) -> Result<Option<BTreeMap<String, u64>>> {
    let version = Command::new("valgrind").arg("--version").output().await;
    if !version.is_ok_and(|output| output.status.success()) {
        say("==> Skipped: instructions (valgrind is not installed)");
        return Ok(None);
    }
    let mut counts = BTreeMap::new();
    for case in CASES {
        let (short, long) = tokio::join!(
            instructions(folder, case, BEFORE),
            instructions(folder, case, BEFORE + TIMES)
        );
        let count = (long?.saturating_sub(short?)) / TIMES;
        say(format_args!("    {count:>10} instructions: {case}"));
        counts.insert(case.to_owned(), count);
    }
    Ok(Some(counts))
}

async fn instructions(folder: &Path, case: &str, times: u64) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--error-exitcode=1"])
        .arg(format!(
            "--callgrind-out-file={}",
            folder.join(format!("callgrind-{times}")).display()
        ))
        .arg(std::env::current_exe()?)
        .args(["pure-case", case, &times.to_string()])
        .stdin(Stdio::null())
        .output()
        .await?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("valgrind: {said}");
    }
    // ==1234== Collected : 5678
    let line = said.lines().find_map(|line| line.split_once("Collected :"));
    let (_, count) = line.context("callgrind tells how many instructions there were")?;
    Ok(count.trim().parse()?)
}
