//! Caddy with the project's configuration, and what it tells about requests that it had to try again.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, process::Stdio, time::Duration};

use serde_json::Value;
use televent_tests::until;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A running Caddy.
pub(crate) struct Caddy {
    child: Child,
    folder: TempDir,
}

/// How often Caddy did not get an answer from a process, by the reason.
pub(crate) type Retries = BTreeMap<String, usize>;

impl Caddy {
    /// Starts it before these processes, and waits until it lets requests through.
    pub(crate) async fn start(
        program: &Path,
        caddyfile: &Path,
        front: SocketAddr,
        apis: &str,
        rsvps: &str,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let caddyfile = caddyfile.canonicalize().expect("the Caddyfile is there");
        let wrapper = folder.path().join("Caddyfile");
        // The configuration itself is the one that is recommended; this only says where to log, and how much.
        let text = format!(
            "{{\n\tadmin off\n\tlog {{\n\t\toutput file {}\n\t\tformat json\n\t\tlevel DEBUG\n\t}}\n}}\nimport {}\n",
            folder.path().join("log").display(),
            caddyfile.display()
        );
        std::fs::write(&wrapper, text).expect("the file is written");
        let child = Command::new(program)
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(&wrapper)
            .env("TELEVENT_HOST", format!("http://{front}"))
            .env("TELEVENT_APIS", apis)
            .env("TELEVENT_RSVPS", rsvps)
            .env("HOME", folder.path())
            .env("XDG_DATA_HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Caddy starts");
        until("Caddy to let requests through", async || {
            let answer = reqwest::get(format!("http://{front}/")).await.ok()?;
            (answer.status().as_u16() < 500).then_some(())
        })
        .await;
        Self { child, folder }
    }

    /// Ends it, and reads its log.
    pub(crate) async fn end(mut self) -> Retries {
        // What it logs is written at once; a moment is enough.
        tokio::time::sleep(Duration::from_millis(200)).await;
        self.child.kill().await.expect("a child can be killed");
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let mut retries = Retries::new();
        for line in log.lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            let text = |pointer: &str| line.pointer(pointer).and_then(Value::as_str);
            let is_try = text("/msg") == Some("upstream roundtrip");
            if let Some(error) = text("/error").filter(|_| is_try) {
                let method = text("/request/method").unwrap_or("?");
                // Without the addresses.
                let reason = error.rsplit(": ").next().unwrap_or(error);
                *retries.entry(format!("{method}: {reason}")).or_default() += 1;
            }
        }
        retries
    }
}
