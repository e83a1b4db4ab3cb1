//! The simulated Telegram.

use std::{net::SocketAddr, path::Path};

use anyhow::Context as _;
use secrecy::SecretString;
use televent_runtime::config::{Config, Telegram};
use televent_simulator::{Simulator, SimulatorConfig};
use url::Url;

/// Where the chats are shown, or on the first free port after it.
const LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8081);

/// The simulated bot. Its token opens nothing but the simulator.
const BOT_ID: i64 = 1000;
const TOKEN: &str = "1000:simulated";
const USERNAME: &str = "televent_bot";

/// Starts it, and points the configuration at it.
pub(super) async fn simulate(data_dir: &Path, config: &mut Config) -> anyhow::Result<Simulator> {
    let simulator = Simulator::start(SimulatorConfig {
        listen: super::free_address(LISTEN)?,
        token: TOKEN.to_owned(),
        bot_username: USERNAME.to_owned(),
        state_file: Some(data_dir.join("telegram.json")),
    })
    .await
    .context("the simulated Telegram can't be started")?;
    config.bot_page = Some(Url::parse(&simulator.url())?);
    config.telegram = Some(Telegram {
        token: SecretString::from(TOKEN),
        bot_id: BOT_ID,
        api_url: Url::parse(&simulator.url())?,
    });
    Ok(simulator)
}
