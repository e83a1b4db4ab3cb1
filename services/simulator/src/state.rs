//! The whole state of the simulated server, and the steps that several handlers need.

use crate::{
    app::App,
    calls::CallLog,
    commands::CommandLists,
    entities::detect,
    faults::Faults,
    files::FileStore,
    limits::RateLimiter,
    messages::StoredMessage,
    meter::Meter,
    people::Person,
    persist::{Loaded, Saved},
    settings::{Settings, seconds},
    updates::UpdateQueue,
    webhook::Webhook,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Callback queries that are remembered; the oldest go.
const MAX_CALLBACKS: usize = 10_000;

#[derive(Debug)]
pub(crate) struct State {
    pub people: BTreeMap<i64, Person>,
    pub updates: UpdateQueue,
    pub webhook: Option<Webhook>,
    pub callbacks: VecDeque<Callback>,
    pub commands: CommandLists,
    pub settings: Settings,
    pub faults: Faults,
    pub limiter: RateLimiter,
    pub calls: CallLog,
    pub meter: Meter,
    pub files: FileStore,
    /// Which long poll is the present one; an older one ends with a conflict.
    pub poll: u64,
    pub next_message_id: i64,
    pub next_callback: u64,
}

/// One press of a button.
#[derive(Debug, Clone)]
pub(crate) struct Callback {
    pub id: String,
    pub from: i64,
    pub chat_id: i64,
    pub message_id: i64,
    pub data: String,
    pub pressed_at: Instant,
    pub answer: Option<Answered>,
    /// How often the bot answered; the person sees the first only.
    pub answers: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Answered {
    pub text: String,
    pub show_alert: bool,
    pub answered_after_ms: u64,
}

impl State {
    pub fn new(loaded: Option<Loaded>) -> Self {
        let Loaded { saved, files } = loaded.unwrap_or_default();
        // Without a saved counter the clock is the start: after a lost state file no id comes a second time.
        let now = unix_now();
        Self {
            people: saved
                .people
                .into_iter()
                .map(|person| (person.id, person))
                .collect(),
            updates: UpdateQueue::new(saved.next_update_id.max(now)),
            webhook: None,
            callbacks: VecDeque::new(),
            commands: CommandLists::new(saved.commands),
            settings: Settings::default(),
            faults: Faults::default(),
            limiter: RateLimiter::default(),
            calls: CallLog::default(),
            meter: Meter::default(),
            files: FileStore::new(files, saved.next_file),
            poll: 0,
            next_message_id: saved.next_message_id.max(1),
            next_callback: saved.next_callback.max(now.unsigned_abs()),
        }
    }

    pub fn to_saved(&self) -> Saved {
        Saved {
            people: self.people.values().cloned().collect(),
            commands: self.commands.all().to_vec(),
            next_message_id: self.next_message_id,
            next_update_id: self.updates.next_id(),
            next_callback: self.next_callback,
            files: self.files.all().into_iter().map(|(info, _)| info).collect(),
            next_file: self.files.next(),
        }
    }

    /// Queues an update for the bot, unless it does not want the kind.
    pub fn enqueue(&mut self, kind: &str, payload: &Value, user_id: i64) -> Option<i64> {
        let ttl = seconds(if kind == "callback_query" {
            self.settings.callback_update_ttl_s
        } else {
            self.settings.update_ttl_s
        });
        let copies = if self.faults.for_update(Some(user_id)) {
            2
        } else {
            1
        };
        self.updates.push(kind, payload, Some(user_id), ttl, copies)
    }

    pub fn take_message_id(&mut self) -> i64 {
        let id = self.next_message_id;
        self.next_message_id += 1;
        id
    }

    pub fn callback(&self, id: &str) -> Option<&Callback> {
        self.callbacks
            .iter()
            .rev()
            .find(|callback| callback.id == id)
    }

    pub fn callback_mut(&mut self, id: &str) -> Option<&mut Callback> {
        self.callbacks
            .iter_mut()
            .rev()
            .find(|callback| callback.id == id)
    }

    pub fn add_callback(&mut self, callback: Callback) {
        if self.callbacks.len() >= MAX_CALLBACKS {
            self.callbacks.pop_front();
        }
        self.callbacks.push_back(callback);
    }

    /// A new id in the real server's form: the person in the upper half, a counter in the lower.
    pub fn take_callback_id(&mut self, from: i64) -> String {
        let counter = u128::from(self.next_callback) & u128::from(u32::MAX);
        self.next_callback += 1;
        ((u128::from(from.unsigned_abs()) << 32) | counter).to_string()
    }

    /// A person writes to the bot; id and date are given here. The message id and the id of the update, if the bot
    /// wants it.
    pub fn write_to_bot(
        &mut self,
        app: &App,
        person_id: i64,
        mut message: StoredMessage,
    ) -> Option<(i64, Option<i64>)> {
        let message_id = self.take_message_id();
        let person = self.people.get_mut(&person_id)?;
        message.message_id = message_id;
        message.date = unix_now();
        detect(&message.text, &mut message.entities);
        person.add_message(message.clone());
        let payload = message.to_bot_api(app, person);
        let update_id = self.enqueue("message", &payload, person_id);
        Some((message_id, update_id))
    }

    /// Tells the bot that a person blocked it or took it back (`my_chat_member`).
    pub fn member_changed(
        &mut self,
        app: &App,
        person_id: i64,
        old: &str,
        new: &str,
    ) -> Option<i64> {
        let person = self.people.get(&person_id)?;
        let member = |status: &str| {
            let mut member = json!({ "user": app.bot_user(), "status": status });
            if status == "kicked"
                && let Value::Object(fields) = &mut member
            {
                fields.insert("until_date".to_owned(), json!(0));
            }
            member
        };
        let payload = json!({
            "chat": person.chat(),
            "from": person.user(),
            "date": unix_now(),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        });
        self.enqueue("my_chat_member", &payload, person_id)
    }
}

/// Seconds since 1970.
pub(crate) fn unix_now() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}
