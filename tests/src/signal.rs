//! Signals to processes.

use tokio::process::Command;

/// Sends a signal, such as `STOP`, to a process that runs.
pub(crate) async fn send(name: &str, pid: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), pid])
        .status();
    assert!(sent.await.expect("kill runs").success());
}
