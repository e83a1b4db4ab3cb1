//! A simulator on a free port, a bot and a hand on the controls.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::path::PathBuf;
use televent_simulator::{Simulator, SimulatorConfig};

pub const TOKEN: &str = "1000:secret-of-the-test";
/// A person who has pressed START.
pub const BOB: i64 = 98_765;
/// A person who has not.
pub const SAM: i64 = 4_711;

pub struct World {
    pub simulator: Simulator,
    pub client: Client,
}

impl World {
    pub async fn start() -> Self {
        let world = Self::with_state_file(None).await;
        world.put_person(BOB, json!({ "first_name": "Bob", "username": "bob", "language_code": "en", "started": true })).await;
        world
            .put_person(SAM, json!({ "first_name": "Sam", "started": false }))
            .await;
        world
    }

    pub async fn with_state_file(state_file: Option<PathBuf>) -> Self {
        let simulator = Simulator::start(SimulatorConfig {
            listen: "127.0.0.1:0".parse().expect("an address"),
            token: TOKEN.to_owned(),
            bot_username: "televent_bot".to_owned(),
            state_file,
        })
        .await
        .expect("the simulator starts");
        let client = Client::builder().no_proxy().build().expect("a client");
        Self { simulator, client }
    }

    pub fn method_url(&self, method: &str) -> String {
        format!("{}/bot{TOKEN}/{method}", self.simulator.url())
    }

    /// Calls the Bot API with JSON: the HTTP status and the answer.
    pub async fn call(&self, method: &str, body: Value) -> (u16, Value) {
        let response = self
            .client
            .post(self.method_url(method))
            .json(&body)
            .send()
            .await
            .expect("an answer from the Bot API");
        let status = response.status().as_u16();
        (
            status,
            response.json().await.expect("JSON from the Bot API"),
        )
    }

    /// Calls the Bot API with fields and one file: the HTTP status and the answer.
    pub async fn upload(
        &self,
        method: &str,
        fields: Value,
        part: &str,
        file_name: &str,
        content: &[u8],
    ) -> (u16, Value) {
        let mut body = Vec::new();
        for (name, value) in fields.as_object().expect("fields") {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            body.extend(
                format!(
                    "--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .into_bytes(),
            );
        }
        body.extend(
            format!(
                "--X\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{file_name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            )
            .into_bytes(),
        );
        body.extend(content);
        body.extend(b"\r\n--X--\r\n");
        let response = self
            .client
            .post(self.method_url(method))
            .header("content-type", "multipart/form-data; boundary=X")
            .body(body)
            .send()
            .await
            .expect("an answer from the Bot API");
        let status = response.status().as_u16();
        (
            status,
            response.json().await.expect("JSON from the Bot API"),
        )
    }

    /// Calls the Bot API and expects a result.
    pub async fn ok(&self, method: &str, body: Value) -> Value {
        let (status, answer) = self.call(method, body).await;
        assert_eq!(
            (status, &answer["ok"]),
            (200, &json!(true)),
            "{method}: {answer}"
        );
        answer["result"].clone()
    }

    /// Calls the Bot API and expects this refusal.
    pub async fn refused(&self, method: &str, body: Value, code: u16, description: &str) {
        let (status, answer) = self.call(method, body.clone()).await;
        assert_eq!(answer["description"], description, "{method} {body}");
        assert_eq!(
            (status, &answer["ok"], &answer["error_code"]),
            (code, &json!(false), &json!(code)),
            "{method}"
        );
    }

    pub async fn send(&self, chat_id: i64, text: &str) -> Value {
        self.ok("sendMessage", json!({ "chat_id": chat_id, "text": text }))
            .await
    }

    /// Calls the control API: the HTTP status and the answer.
    pub async fn try_control(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = self
            .client
            .request(method, format!("{}/_sim{path}", self.simulator.url()));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request
            .send()
            .await
            .expect("an answer from the control API");
        let status = response.status();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    async fn control(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.try_control(method, path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.control(Method::POST, path, Some(body)).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.control(Method::GET, path, None).await
    }

    pub async fn delete(&self, path: &str) -> Value {
        self.control(Method::DELETE, path, None).await
    }

    pub async fn put_person(&self, id: i64, body: Value) -> Value {
        self.control(Method::PUT, &format!("/people/{id}"), Some(body))
            .await
    }

    pub async fn messages(&self, id: i64) -> Vec<Value> {
        let answer = self.get(&format!("/chats/{id}/messages")).await;
        answer.as_array().expect("a list").clone()
    }

    /// The waiting updates, without confirming any.
    pub async fn updates(&self) -> Vec<Value> {
        self.ok("getUpdates", json!({}))
            .await
            .as_array()
            .expect("a list")
            .clone()
    }

    /// A message with one button in the chat with Bob.
    pub async fn card(&self) -> i64 {
        let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "yes" }]] });
        let sent = self
            .ok(
                "sendMessage",
                json!({ "chat_id": BOB, "text": "Come?", "reply_markup": keyboard }),
            )
            .await;
        sent["message_id"].as_i64().expect("an id")
    }

    pub async fn press(&self, message_id: i64, body: Value) -> Value {
        self.post(&format!("/chats/{BOB}/messages/{message_id}/press"), body)
            .await
    }
}
