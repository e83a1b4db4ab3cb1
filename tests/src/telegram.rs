//! The simulated Telegram, and what people do in it.

mod keyboard;
mod meter;

pub use keyboard::{ReplyButton, ReplyKeyboard};
pub use meter::{AnswerTimes, Meter};

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
    /// What it says, without formatting; of a photo or document, the caption.
    pub text: String,
    /// What it says, in the Bot API's HTML.
    pub html: String,
    /// The file of the photo that it is.
    pub photo: Option<String>,
    /// The document that it is.
    pub document: Option<Document>,
    /// Whether it came without a sound.
    pub silent: bool,
    /// The message that it answers.
    pub reply_to: Option<i64>,
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
    /// What a press sends; empty for a button that does something else.
    pub data: String,
    /// What it opens.
    pub url: Option<String>,
}

/// A file that the bot sent as a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// For `Telegram::file`.
    pub file_id: String,
    /// Such as `meeting.ics`.
    pub file_name: String,
    /// Such as `text/calendar`.
    pub mime_type: String,
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
    /// In whose chat.
    pub chat_id: Option<i64>,
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

    /// The bot's owner takes its token back at @BotFather, and gets this one.
    pub async fn revoke_token(&self, new: &str) {
        self.post("/bot/revoke", json!({ "token": new })).await;
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

    /// Somebody writes to the bot. Returns the id of the message.
    pub async fn say(&self, id: i64, text: &str) -> i64 {
        let path = format!("/chats/{id}/text");
        number(
            &self.post(&path, json!({ "text": text })).await,
            "message_id",
        )
    }

    /// Somebody writes to the bot, in answer to a message. Returns the id of the message.
    pub async fn reply(&self, id: i64, message_id: i64, text: &str) -> i64 {
        let path = format!("/chats/{id}/text");
        let body = json!({ "text": text, "reply_to": message_id });
        number(&self.post(&path, body).await, "message_id")
    }

    /// Somebody picks people, with the button of their keyboard that asks for them. They need not be known here.
    pub async fn share_users(&self, id: i64, request_id: i64, people: &[(i64, &str)]) {
        self.send_users(id, request_id, people, false).await;
    }

    /// A forged client of somebody shares people that no button asks for.
    pub async fn share_users_unasked(&self, id: i64, request_id: i64, people: &[(i64, &str)]) {
        self.send_users(id, request_id, people, true).await;
    }

    async fn send_users(&self, id: i64, request_id: i64, people: &[(i64, &str)], force: bool) {
        let users: Vec<Value> = people
            .iter()
            .map(|(id, name)| json!({ "id": id, "first_name": name }))
            .collect();
        let body = json!({ "request_id": request_id, "users": users, "force": force });
        self.post(&format!("/chats/{id}/users_shared"), body).await;
    }

    /// Somebody says where they are, with the button of their keyboard that asks for it. In degrees.
    pub async fn share_location(&self, id: i64, latitude: f64, longitude: f64) {
        let body = json!({ "latitude": latitude, "longitude": longitude });
        self.post(&format!("/chats/{id}/location"), body).await;
    }

    /// The keyboard under somebody's input field.
    pub async fn reply_keyboard(&self, id: i64) -> Option<ReplyKeyboard> {
        let answer = self.get(&format!("/chats/{id}/keyboard")).await;
        let keyboard = field(&answer, "keyboard");
        (!keyboard.is_null()).then(|| keyboard::reply_keyboard(keyboard))
    }

    /// What is in a photo or document that the bot sent.
    pub async fn file(&self, file_id: &str) -> Vec<u8> {
        let url = format!("{}/_sim/files/{file_id}", self.url());
        let response = self.http.get(url).send().await;
        let response = response
            .and_then(reqwest::Response::error_for_status)
            .expect("the file is there");
        response.bytes().await.expect("the file comes").to_vec()
    }

    /// How fast the bot was.
    pub async fn meter(&self) -> Meter {
        meter::meter(&self.get("/meter").await)
    }

    /// Starts to measure anew.
    pub async fn reset_meter(&self) {
        self.control(Method::DELETE, "/meter", None).await;
    }

    /// The commands, without slash, and their descriptions, that a private chat shows in a language such as `de`.
    pub async fn commands(&self, language: &str) -> Vec<(String, String)> {
        let commands = self.get(&format!("/commands?language={language}")).await;
        list(&commands)
            .iter()
            .map(|command| (text(command, "command"), text(command, "description")))
            .collect()
    }

    /// Somebody's app speaks another language from now on; the bot reads it with their next message or press.
    pub async fn set_language(&self, id: i64, code: &str) {
        let person = self.get(&format!("/people/{id}")).await;
        let mut changed = json!({ "language_code": code });
        if let Some(fields) = changed.as_object_mut() {
            for name in ["first_name", "last_name", "username"] {
                fields.insert(name.to_owned(), field(&person, name).clone());
            }
        }
        self.put(id, changed).await;
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
        until("the answer to a press", async || {
            self.answer_so_far(press).await
        })
        .await
    }

    /// What the bot has answered to a press, if it has.
    pub async fn answer_so_far(&self, press: &Pressed) -> Option<PressAnswer> {
        let callback = self.get(&format!("/callbacks/{}", press.query_id)).await;
        (field(&callback, "answered") == true).then(|| PressAnswer {
            text: text(&callback, "text"),
            alert: field(&callback, "show_alert") == true,
        })
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
                chat_id: field(call, "chat_id").as_i64(),
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
                url: optional_text(button, "url"),
            })
            .collect(),
        photo: list(field(message, "photo"))
            .last()
            .map(|size| text(size, "file_id")),
        document: message.get("document").map(|document| Document {
            file_id: text(document, "file_id"),
            file_name: text(document, "file_name"),
            mime_type: text(document, "mime_type"),
        }),
        silent: field(message, "silent") == true,
        reply_to: field(message, "reply_to").as_i64(),
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

fn optional_text(value: &Value, name: &str) -> Option<String> {
    field(value, name).as_str().map(str::to_owned)
}

fn number(value: &Value, name: &str) -> i64 {
    field(value, name).as_i64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: i64 = 7;

    async fn world() -> Telegram {
        let telegram = Telegram::start().await;
        telegram.add_person(ANN, "Ann").await;
        telegram
    }

    #[tokio::test]
    async fn what_the_bot_sends_is_read_back() {
        let telegram = world().await;
        let asked = telegram.say(ANN, "/today").await;
        let keyboard =
            json!({ "inline_keyboard": [[{ "text": "Map", "url": "https://a.example/" }]] });
        let body = json!({
            "chat_id": ANN, "text": "a", "disable_notification": true, "reply_markup": keyboard,
            "reply_parameters": { "message_id": asked },
        });
        telegram.call("sendMessage", body).await;
        let message = telegram.messages(ANN).await.remove(0);
        assert_eq!((message.silent, message.reply_to), (true, Some(asked)));
        assert_eq!(message.photo, None);
        assert_eq!(
            message.buttons,
            [Button {
                label: "Map".to_owned(),
                data: String::new(),
                url: Some("https://a.example/".to_owned()),
            }]
        );
        let meter = telegram.meter().await;
        assert_eq!((meter.total, meter.busiest_chat), (1, ANN));
        telegram.reset_meter().await;
        assert_eq!(telegram.meter().await.by_second, []);
    }

    #[tokio::test]
    async fn people_and_places_are_shared_through_the_keyboard() {
        let telegram = world().await;
        assert_eq!(telegram.reply_keyboard(ANN).await, None);
        let keyboard = json!({ "keyboard": [
            [{ "text": "Who", "request_users": { "request_id": 3, "max_quantity": 2, "request_name": true } }],
            [{ "text": "Where", "request_location": true }, "Never mind"],
        ] });
        let body = json!({ "chat_id": ANN, "text": "?", "reply_markup": keyboard });
        telegram.call("sendMessage", body).await;
        let shown = telegram.reply_keyboard(ANN).await.expect("a keyboard");
        assert_eq!(shown.labels(), ["Who", "Where", "Never mind"]);
        assert_eq!(shown.request_users(), Some(3));
        telegram.share_users(ANN, 3, &[(8, "Bo"), (9, "Cy")]).await;
        telegram.share_location(ANN, 1.0, 2.0).await;
        let updates = telegram.call("getUpdates", json!({})).await;
        assert_eq!(
            updates["result"][0]["message"]["users_shared"]["users"],
            json!([{ "user_id": 8, "first_name": "Bo" }, { "user_id": 9, "first_name": "Cy" }])
        );
        assert_eq!(
            updates["result"][1]["message"]["location"]["longitude"],
            2.0
        );
    }

    #[tokio::test]
    async fn a_language_changes_and_commands_follow() {
        let telegram = world().await;
        for (code, name) in [("", "today"), ("de", "heute")] {
            let commands = json!([{ "command": name, "description": "x" }]);
            let body = json!({ "commands": commands, "language_code": code });
            telegram.call("setMyCommands", body).await;
        }
        let command = |name: &str| vec![(name.to_owned(), "x".to_owned())];
        assert_eq!(telegram.commands("de").await, command("heute"));
        assert_eq!(telegram.commands("fr").await, command("today"));
        telegram.set_language(ANN, "de").await;
        telegram.say(ANN, "hallo").await;
        let updates = telegram.call("getUpdates", json!({})).await;
        let from = &updates["result"][0]["message"]["from"];
        assert_eq!(
            (&from["language_code"], &from["first_name"]),
            (&json!("de"), &json!("Ann"))
        );
    }
}
