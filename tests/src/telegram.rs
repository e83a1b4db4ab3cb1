//! The simulated Telegram, and what people do in it.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use televent_simulator::{Simulator, SimulatorConfig};

use crate::until;

/// The bot's token.
pub const TOKEN: &str = "1000:secret-of-the-test";

/// The part of the token before its colon.
pub const BOT_ID: i64 = 1000;

/// A running simulator.
pub struct Telegram {
    simulator: Simulator,
    http: Client,
}

/// A message of the bot in somebody's chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id in the chat.
    pub id: i64,
    /// What it says, without formatting.
    pub text: String,
    /// What it says, in the Bot API's HTML.
    pub html: String,
    /// Its buttons, row after row.
    pub buttons: Vec<Button>,
    /// How often it was edited.
    pub edits: u64,
}

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What a press sends.
    pub data: String,
}

impl Message {
    /// What stands on the buttons.
    pub fn labels(&self) -> Vec<&str> {
        self.buttons
            .iter()
            .map(|button| button.label.as_str())
            .collect()
    }

    /// The data of the button whose label ends so.
    pub fn data(&self, label: &str) -> &str {
        let button = self
            .buttons
            .iter()
            .find(|button| button.label.ends_with(label));
        &button.unwrap_or_else(|| panic_no_button(self, label)).data
    }
}

#[expect(clippy::panic, reason = "a test has to fail here")]
fn panic_no_button(message: &Message, label: &str) -> ! {
    panic!("there is no button {label:?} in {message:?}")
}

/// The labels of a card that asks.
pub fn buttons() -> [&'static str; 3] {
    ["✅ Accept", "❔ Maybe", "❌ Decline"]
}

/// A press, on its way to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// The update that carries it.
    pub update_id: i64,
    /// The query that is to be answered.
    pub query_id: String,
}

/// What the presser reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PressAnswer {
    /// At the top of the chat, or in a dialog.
    pub text: String,
    /// Whether it is a dialog.
    pub alert: bool,
}

/// A call of the bot.
#[derive(Clone, Debug)]
pub struct Call {
    /// From 1.
    pub number: u64,
    /// Such as `sendMessage`.
    pub method: String,
    /// The HTTP status; 0 when the answer was withheld.
    pub status: u16,
    /// When it came, RFC 3339.
    pub time: chrono::DateTime<chrono::Utc>,
}

impl Telegram {
    /// Starts an empty one on a free port.
    pub async fn start() -> Self {
        let simulator = Simulator::start(SimulatorConfig {
            listen: "127.0.0.1:0".parse().expect("an address"),
            token: TOKEN.to_owned(),
            bot_username: "televent_bot".to_owned(),
            state_file: None,
        })
        .await
        .expect("the simulator starts");
        let http = Client::builder()
            .no_proxy()
            .build()
            .expect("an HTTP client");
        Self { simulator, http }
    }

    /// The URL of the Bot API.
    pub fn url(&self) -> String {
        self.simulator.url()
    }

    /// Somebody who has pressed Start before.
    pub async fn add_person(&self, id: i64, name: &str) {
        self.put(
            id,
            json!({ "first_name": name, "language_code": "en", "started": true }),
        )
        .await;
    }

    /// Somebody who has never pressed Start.
    pub async fn add_stranger(&self, id: i64, name: &str) {
        self.put(
            id,
            json!({ "first_name": name, "language_code": "en", "started": false }),
        )
        .await;
    }

    /// They press Start, or open the bot again after blocking it.
    pub async fn press_start(&self, id: i64) {
        self.post(&format!("/people/{id}/start"), json!({})).await;
    }

    /// They write to the bot.
    pub async fn say(&self, id: i64, text: &str) {
        self.post(&format!("/chats/{id}/text"), json!({ "text": text }))
            .await;
    }

    /// They block the bot.
    pub async fn block(&self, id: i64) {
        self.post(&format!("/people/{id}/block"), json!({})).await;
    }

    /// The bot's messages in a chat as they are now, oldest first.
    pub async fn messages(&self, id: i64) -> Vec<Message> {
        let messages = self.get(&format!("/chats/{id}/messages")).await;
        list(&messages)
            .iter()
            .filter(|message| field(message, "from_bot") == true)
            .map(message)
            .collect()
    }

    /// Somebody presses a button of a message in their chat.
    pub async fn press(&self, id: i64, message_id: i64, data: &str) -> Pressed {
        self.send_press(id, message_id, json!({ "data": data }))
            .await
    }

    /// A forged client of `from` presses a button in somebody else's chat, or one that is not there.
    pub async fn press_as(&self, from: i64, id: i64, message_id: i64, data: &str) -> Pressed {
        self.send_press(
            id,
            message_id,
            json!({ "data": data, "from": from, "force": true }),
        )
        .await
    }

    async fn send_press(&self, id: i64, message_id: i64, body: Value) -> Pressed {
        let answer = self
            .post(&format!("/chats/{id}/messages/{message_id}/press"), body)
            .await;
        Pressed {
            update_id: number(&answer, "update_id"),
            query_id: text(&answer, "callback_query_id"),
        }
    }

    /// What the bot answers to a press, as soon as it does.
    pub async fn answer(&self, press: &Pressed) -> PressAnswer {
        let path = format!("/callbacks/{}", press.query_id);
        until("the answer to a press", async || {
            let callback = self.get(&path).await;
            (field(&callback, "answered") == true).then(|| PressAnswer {
                text: text(&callback, "text"),
                alert: field(&callback, "show_alert") == true,
            })
        })
        .await
    }

    /// Something goes wrong from now on; see the simulator's `faults`.
    pub async fn fault(&self, fault: Value) {
        self.post("/faults", fault).await;
    }

    /// Something goes right again.
    pub async fn clear_faults(&self) {
        self.control(Method::DELETE, "/faults", None).await;
    }

    /// Changes the simulator's settings.
    pub async fn set(&self, settings: Value) {
        self.post("/settings", settings).await;
    }

    /// Queues an update that nobody made; see the simulator's `updates`. Returns its id.
    pub async fn inject(&self, update: Value) -> i64 {
        number(&self.post("/updates", update).await, "update_id")
    }

    /// How many updates wait for the bot.
    pub async fn waiting_updates(&self) -> i64 {
        number(&self.get("/updates").await, "waiting")
    }

    /// The calls of a method that were answered, oldest first.
    pub async fn calls(&self, method: &str) -> Vec<Call> {
        let answer = self.get(&format!("/calls?method={method}")).await;
        list(field(&answer, "calls"))
            .iter()
            .map(|call| Call {
                number: number(call, "number").unsigned_abs(),
                method: text(call, "method"),
                status: u16::try_from(number(call, "status")).unwrap_or_default(),
                time: text(call, "time").parse().expect("a time"),
            })
            .collect()
    }

    /// How often the bot called a method.
    pub async fn call_count(&self, method: &str) -> usize {
        self.calls(method).await.len()
    }

    /// Calls a method of the Bot API as the bot would.
    pub async fn call(&self, method: &str, body: Value) -> Value {
        let response = self
            .http
            .post(format!("{}/bot{TOKEN}/{method}", self.url()))
            .json(&body)
            .send()
            .await;
        response
            .expect("the Bot API answers")
            .json()
            .await
            .expect("JSON")
    }

    async fn put(&self, id: i64, person: Value) {
        self.control(Method::PUT, &format!("/people/{id}"), Some(person))
            .await;
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.control(Method::POST, path, Some(body)).await
    }

    async fn get(&self, path: &str) -> Value {
        self.control(Method::GET, path, None).await
    }

    async fn control(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self
            .http
            .request(method, format!("{}/_sim{path}", self.url()));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("the simulator answers");
        let status = response.status();
        let answer = response.json().await.unwrap_or(Value::Null);
        assert!(
            status.is_success(),
            "the simulator refuses {path}: {status} {answer}"
        );
        answer
    }
}

fn message(message: &Value) -> Message {
    let rows = message.pointer("/reply_markup/inline_keyboard");
    Message {
        id: number(message, "message_id"),
        text: text(message, "text"),
        html: text(message, "html"),
        buttons: rows
            .map(list)
            .unwrap_or_default()
            .iter()
            .flat_map(list)
            .map(|button| Button {
                label: text(button, "text"),
                data: text(button, "callback_data"),
            })
            .collect(),
        edits: number(message, "edits").unsigned_abs(),
    }
}

fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, name: &str) -> String {
    field(value, name).as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value, name: &str) -> i64 {
    field(value, name).as_i64().unwrap_or_default()
}
