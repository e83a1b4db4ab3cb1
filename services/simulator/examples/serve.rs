//! Runs the simulator alone on a fixed port, to look at the page: `cargo run -p televent-simulator --example serve`.

use televent_simulator::{Simulator, SimulatorConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = Simulator::start(SimulatorConfig {
        listen: "127.0.0.1:8081".parse()?,
        token: "1000:simulated".to_owned(),
        bot_username: "televent_bot".to_owned(),
        state_file: None,
    })
    .await?;
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}
