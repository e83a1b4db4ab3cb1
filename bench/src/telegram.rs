//! Telegram: the simulator, as a process of its own so that its work is not the load generator's, and what people do in it.

use std::{collections::HashMap, path::Path};

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use televent_simulator::{Simulator, SimulatorConfig};
use tokio::process::Command;

use crate::{
    http::Connection,
    serving::{Serving, free_address},
};

/// The bot's token.
pub const TOKEN: &str = "1000:secret-of-the-benchmark";

/// Where the process shall listen.
const LISTEN_VARIABLE: &str = "BENCH_SIMULATOR_LISTEN";

/// A running simulator.
#[derive(Debug)]
pub struct Telegram {
    serving: Serving,
    connection: Connection,
}

/// Is the simulator, until it is killed.
///
/// # Errors
/// When it can't listen.
pub async fn serve() -> Result<()> {
    let listen = std::env::var(LISTEN_VARIABLE)?.parse()?;
    let _simulator = Simulator::start(SimulatorConfig {
        listen,
        token: TOKEN.to_owned(),
        bot_username: "televent_bot".to_owned(),
        state_file: None,
    })
    .await?;
    std::future::pending().await
}

impl Telegram {
    /// Starts an empty one.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(folder: &Path) -> Result<Self> {
        let address = free_address()?;
        let log = folder.join("simulator.log");
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("simulator")
            .env(LISTEN_VARIABLE, address.to_string())
            .stderr(std::fs::File::create(&log)?);
        let serving = Serving::of_command(command, address, "/_sim/bot", &log).await?;
        Ok(Self {
            connection: Connection::new(serving.address),
            serving,
        })
    }

    /// The URL of the Bot API.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.serving.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> std::net::SocketAddr {
        self.serving.address
    }

    /// Somebody who has pressed Start before.
    ///
    /// # Errors
    /// When it refuses.
    pub async fn add_person(&mut self, id: i64) -> Result<()> {
        let person =
            json!({ "first_name": format!("Person {id}"), "language_code": "en", "started": true });
        self.control("PUT", &format!("people/{id}"), &person)
            .await?;
        Ok(())
    }

    /// How many messages and edits it has accepted.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn accepted(&mut self) -> Result<u64> {
        let meter = self.control("GET", "meter", &Value::Null).await?;
        meter
            .get("total")
            .and_then(Value::as_u64)
            .context("the meter has a total")
    }

    /// Starts to count anew.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn reset_meter(&mut self) -> Result<()> {
        self.control("DELETE", "meter", &Value::Null).await?;
        Ok(())
    }

    /// The number of the last call.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn calls_so_far(&mut self) -> Result<u64> {
        let calls = self
            .control("GET", "calls?after=18446744073709551615", &Value::Null)
            .await?;
        calls
            .get("total")
            .and_then(Value::as_u64)
            .context("the calls have a total")
    }

    /// When calls of a method came, after a number: by the value of a parameter.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn arrivals(
        &mut self,
        method: &str,
        parameter: &str,
        after: u64,
    ) -> Result<HashMap<String, DateTime<Utc>>> {
        let path = format!("calls?method={method}&after={after}");
        let answer = self.control("GET", &path, &Value::Null).await?;
        let calls = answer.get("calls").and_then(Value::as_array);
        let arrivals = calls.into_iter().flatten().filter_map(|call| {
            let time = call.get("time")?.as_str()?.parse().ok()?;
            let key = match call.get("parameters")?.get(parameter)? {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            Some((key, time))
        });
        // Of several with the same key the first counts.
        let mut first = HashMap::new();
        for (key, time) in arrivals {
            first.entry(key).or_insert(time);
        }
        Ok(first)
    }

    /// The bot's first message in somebody's chat: its id, and what its buttons send.
    ///
    /// # Errors
    /// When there is none.
    pub async fn card(&mut self, id: i64) -> Result<(i64, Vec<String>)> {
        let path = format!("chats/{id}/messages");
        let messages = self.control("GET", &path, &Value::Null).await?;
        let messages = messages.as_array().cloned().unwrap_or_default();
        let card = messages
            .iter()
            .find(|message| message.get("from_bot") == Some(&Value::Bool(true)))
            .context("there is no card")?;
        let message_id = card
            .get("message_id")
            .and_then(Value::as_i64)
            .context("a message has an id")?;
        let rows = card.pointer("/reply_markup/inline_keyboard");
        let rows = rows.and_then(Value::as_array).cloned().unwrap_or_default();
        let data = rows
            .iter()
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(|button| Some(button.get("callback_data")?.as_str()?.to_owned()))
            .collect();
        Ok((message_id, data))
    }

    /// A press of a button, as a request to [`Telegram::address`]; the answer names the query.
    #[must_use]
    pub fn press_request(chat: i64, message: i64, data: &str) -> Vec<u8> {
        let body = json!({ "data": data, "force": true }).to_string();
        control_request(
            "POST",
            &format!("chats/{chat}/messages/{message}/press"),
            &body,
        )
    }

    async fn control(&mut self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = control_request(method, path, &body);
        let answer = self.connection.send(&request).await?;
        answer.expect(&[200])?;
        Ok(serde_json::from_slice(answer.body)?)
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(self) -> Result<()> {
        self.serving.stop().await
    }
}

fn control_request(method: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} /_sim/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
