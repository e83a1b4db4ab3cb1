//! What everybody sees, and what of it is different from before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta, Utc};
use televent_tests::{CalendarApp, EventLines, Message, attendee_lines, event_lines};

use crate::scene::{ANN, PEOPLE, Scene, from_ics};

/// What was written less than this ago was written by the row.
const NOW: TimeDelta = TimeDelta::minutes(10);

/// The five columns.
#[derive(Default)]
pub(crate) struct Seen {
    devices: BTreeMap<i64, Device>,
    chats: BTreeMap<i64, Vec<Message>>,
    attendees: Vec<Row>,
}

/// What somebody's device sees.
#[derive(Default)]
struct Device {
    calendar: Collection,
    inbox: Collection,
}

#[derive(Default)]
struct Collection {
    ctag: String,
    resources: BTreeMap<String, Resource>,
}

#[derive(PartialEq, Eq)]
struct Resource {
    etag: String,
    schedule_tag: String,
    text: String,
}

/// A row of `event_attendees`, and of what.
#[derive(sqlx::FromRow)]
struct Row {
    uid: String,
    is_deleted: bool,
    recurrence_id: String,
    address: String,
    status: String,
    invited: bool,
}

impl Seen {
    /// What is to be seen once all is settled.
    pub(crate) async fn now(scene: &Scene) -> Self {
        let world = &scene.world;
        world.settled().await;
        let mut devices = BTreeMap::new();
        for (id, app) in &scene.devices {
            let device = Device {
                calendar: Collection::seen_by(app).await,
                inbox: Collection::seen_by(&app.in_collection("inbox")).await,
            };
            devices.insert(*id, device);
        }
        let mut chats = BTreeMap::new();
        for (id, _) in PEOPLE {
            chats.insert(id, world.telegram.messages(id).await);
        }
        let attendees = sqlx::query_as(
            "select e.uid, e.deleted_at is not null as is_deleted, a.recurrence_id, a.address, a.status, a.invited
             from event_attendees a join events e on e.id = a.event_id
             order by e.uid, a.recurrence_id, a.address",
        );
        let seen = Self {
            devices,
            chats,
            attendees: attendees
                .fetch_all(&world.sql)
                .await
                .expect("the attendees can be read"),
        };
        seen.check_rows();
        seen
    }

    /// The rows of what there is say what the organizer's device reads.
    fn check_rows(&self) {
        let mut served: Vec<_> = Vec::new();
        let ann = self.devices.get(&ANN).expect("she has a device");
        for resource in ann.calendar.resources.values() {
            let events = event_lines(resource.text.as_bytes());
            let uid = uid_of(&events).to_owned();
            for line in attendee_lines(resource.text.as_bytes()) {
                served.push((
                    uid.clone(),
                    line.recurrence_id,
                    line.address,
                    line.part_stat,
                ));
            }
        }
        served.sort();
        let living = self.attendees.iter().filter(|row| !row.is_deleted);
        let kept: Vec<_> = living
            .map(|row| {
                let Row {
                    uid,
                    recurrence_id,
                    address,
                    status,
                    ..
                } = row;
                (
                    uid.clone(),
                    recurrence_id.clone(),
                    short(address),
                    status.clone(),
                )
            })
            .collect();
        assert_eq!(kept, served);
    }

    /// What is different from before, column after column.
    pub(crate) fn since(&self, before: &Self) -> String {
        let mut text = String::new();
        for (id, device) in &self.devices {
            let old = before.devices.get(id);
            let changes = device.since(old);
            let ctag_stayed = old.is_some_and(|old| old.calendar.ctag == device.calendar.ctag);
            let ctag = match (changes.is_empty(), ctag_stayed) {
                (true, true) => "",
                (false, true) => ", ctag stayed",
                (_, false) => ", ctag changed",
            };
            say(
                &mut text,
                &format!("{}'s device{ctag}", name(*id)),
                &changes,
            );
        }
        let mut cards = Vec::new();
        for (id, messages) in &self.chats {
            let old = before.chats.get(id).map_or(&[][..], Vec::as_slice);
            cards.extend(cards_since(*id, messages, old));
        }
        say(&mut text, "Telegram", &cards);
        say(&mut text, "event_attendees", &self.rows());
        text
    }

    /// Whom the server invites to what, and what they have answered.
    fn rows(&self) -> Vec<String> {
        let mut lines: Vec<(String, Vec<String>)> = Vec::new();
        for row in self.attendees.iter().filter(|row| row.invited) {
            let deleted = if row.is_deleted { " (deleted)" } else { "" };
            let of = format!("{}{deleted} {}", row.uid, row.recurrence_id);
            let of = of.trim_end().to_owned();
            let answer = format!(
                "{} {}",
                short(&row.address).trim_start_matches('@'),
                row.status
            );
            match lines.last_mut().filter(|(last, _)| *last == of) {
                Some((_, answers)) => answers.push(answer),
                None => lines.push((of, vec![answer])),
            }
        }
        lines
            .into_iter()
            .map(|(of, answers)| format!("{of}: {}", answers.join(", ")))
            .collect()
    }
}

impl Device {
    fn since(&self, before: Option<&Self>) -> Vec<String> {
        let nothing = Self::default();
        let before = before.unwrap_or(&nothing);
        let mut lines = Vec::new();
        let (old, new) = (&before.calendar, &self.calendar);
        for name in names(old, new) {
            lines.extend(resource_since(
                name,
                old.resources.get(name),
                new.resources.get(name),
            ));
        }
        let (old, new) = (&before.inbox, &self.inbox);
        let mut messages = Vec::new();
        for name in names(old, new) {
            match (old.resources.get(name), new.resources.get(name)) {
                (None, Some(new)) => messages.push(format!("+ {}", message(new))),
                (Some(old), None) => messages.push(format!("- {}", message(old))),
                (Some(old), Some(new)) if method(old) != method(new) => {
                    messages.extend([format!("- {}", message(old)), format!("+ {}", message(new))]);
                }
                (Some(old), Some(new)) if old != new => {
                    messages.push(format!("{} again", message(new)));
                }
                _ => {}
            }
        }
        messages.sort();
        match (old.ctag == new.ctag, messages.is_empty()) {
            (true, true) => {}
            (false, true) if old.ctag.is_empty() => {}
            (false, true) => lines.push("inbox: ctag changed".to_owned()),
            (true, false) => lines.push(format!("inbox, ctag stayed: {}", messages.join(", "))),
            (false, false) => lines.push(format!("inbox: {}", messages.join(", "))),
        }
        lines
    }
}

impl Collection {
    async fn seen_by(app: &CalendarApp) -> Self {
        let state = app.calendar().await;
        let mut resources = BTreeMap::new();
        for (name, etag) in state.etags.into_iter().filter(|(name, _)| !name.is_empty()) {
            let reply = app.get(&name).await;
            assert_eq!(reply.etag(), etag);
            let resource = Resource {
                etag,
                schedule_tag: reply.header("schedule-tag").to_owned(),
                text: from_ics(&reply.body),
            };
            resources.insert(name, resource);
        }
        Self {
            ctag: state.ctag,
            resources,
        }
    }
}

fn names<'a>(old: &'a Collection, new: &'a Collection) -> impl Iterator<Item = &'a String> {
    let all: BTreeSet<_> = old.resources.keys().chain(new.resources.keys()).collect();
    all.into_iter()
}

fn resource_since(name: &str, old: Option<&Resource>, new: Option<&Resource>) -> Vec<String> {
    if old == new {
        return Vec::new();
    }
    let Some(new) = new else {
        return vec![format!("{name}: gone")];
    };
    let (head, old_events) = match old {
        None => (format!("{name}: new"), Vec::new()),
        Some(old) => {
            let outside = |text: &str| text.split("BEGIN:VEVENT").next().map(str::to_owned);
            assert_eq!(outside(&old.text), outside(&new.text));
            let changed = |old: &str, new: &str| if old == new { "stayed" } else { "changed" };
            let head = format!(
                "{name}: etag {}, schedule-tag {}",
                changed(&old.etag, &new.etag),
                changed(&old.schedule_tag, &new.schedule_tag)
            );
            (head, event_lines(old.text.as_bytes()))
        }
    };
    let mut lines = vec![head];
    let new_events = event_lines(new.text.as_bytes());
    let mut keys: Vec<_> = old_events
        .iter()
        .chain(&new_events)
        .map(|event| &event.recurrence_id)
        .collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let find = |events: &[EventLines]| {
            events
                .iter()
                .find(|event| event.recurrence_id == *key)
                .cloned()
        };
        let (old, new) = (find(&old_events), find(&new_events));
        let indent = if key.is_empty() { "  " } else { "    " };
        match (&old, &new) {
            (Some(_), None) => {
                let what = if key.is_empty() { "the series" } else { key };
                lines.push(format!("  {what}: gone"));
                continue;
            }
            _ if key.is_empty() || old == new => {}
            (None, _) => lines.push(format!("  {key}: new")),
            (Some(_), _) => lines.push(format!("  {key}")),
        }
        let shown = |event: Option<EventLines>| -> Vec<String> {
            event
                .iter()
                .flat_map(|event| &event.lines)
                .map(|line| without_clock(line))
                .collect()
        };
        let changes = difference(&shown(old), &shown(new));
        lines.extend(changes.iter().map(|line| format!("{indent}{line}")));
    }
    lines
}

fn uid_of(events: &[EventLines]) -> &str {
    let uid = events.first().and_then(|event| event.value("UID"));
    uid.unwrap_or_default()
}

fn method(resource: &Resource) -> &str {
    let mut lines = resource.text.lines();
    lines
        .find_map(|line| line.strip_prefix("METHOD:"))
        .unwrap_or_default()
}

/// What a message says, in a word: of what, or whose answers.
fn message(resource: &Resource) -> String {
    let method = method(resource);
    if method != "REPLY" {
        let events = event_lines(resource.text.as_bytes());
        return format!("{method} {}", uid_of(&events));
    }
    let answers = attendee_lines(resource.text.as_bytes())
        .into_iter()
        .map(|line| {
            let who = line.address.trim_start_matches('@').to_owned();
            format!("{} {who} {}", line.recurrence_id, line.part_stat)
                .trim_start()
                .to_owned()
        });
    format!("{method} {}", answers.collect::<Vec<_>>().join(" and "))
}

fn cards_since(who: i64, now: &[Message], before: &[Message]) -> Vec<String> {
    let who = name(who);
    let mut messages = Vec::new();
    for message in now {
        let old = before.iter().find(|old| old.id == message.id);
        let changes = difference(&old.map(card).unwrap_or_default(), &card(message));
        if !changes.is_empty() {
            let how = if old.is_some() { "edited" } else { "new" };
            let lines = std::iter::once(format!("{who}: {how}"));
            let changes = changes.iter().map(|line| format!("  {line}"));
            messages.push(lines.chain(changes).collect::<Vec<_>>());
        }
    }
    // What is told of different cards comes in any order.
    messages.sort();
    messages.concat()
}

/// The lines of a card; the last are its buttons.
fn card(message: &Message) -> Vec<String> {
    let mut lines: Vec<_> = message
        .text
        .lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    let buttons: Vec<_> = message
        .labels()
        .iter()
        .map(|label| format!("[{label}]"))
        .collect();
    if !buttons.is_empty() {
        lines.push(buttons.join(" "));
    }
    lines
}

/// The lines that are in one only; each as often as it is.
fn difference(old: &[String], new: &[String]) -> Vec<String> {
    let without = |lines: &[String], taken: &[String]| {
        let mut left = taken.to_vec();
        let mut rest = lines.to_vec();
        rest.retain(|line| match left.iter().position(|other| other == line) {
            Some(at) => {
                left.remove(at);
                false
            }
            None => true,
        });
        rest
    };
    let gone = without(old, new)
        .into_iter()
        .map(|line| format!("- {line}"));
    let come = without(new, old)
        .into_iter()
        .map(|line| format!("+ {line}"));
    gone.chain(come).collect()
}

/// A time that the server has written just now is not the same in each run.
fn without_clock(line: &str) -> String {
    let Some((name, value)) = line.split_once(':') else {
        return line.to_owned();
    };
    let time = NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%SZ");
    match time {
        Ok(time) if (Utc::now().naive_utc() - time).abs() < NOW => format!("{name}:(now)"),
        _ => line.to_owned(),
    }
}

fn say(text: &mut String, column: &str, lines: &[String]) {
    let is_as_before = lines.is_empty() && !column.ends_with("ctag changed");
    text.push_str(column);
    text.push_str(if is_as_before { ": as before\n" } else { "\n" });
    for line in lines {
        text.push_str("  ");
        text.push_str(line);
        text.push('\n');
    }
}

fn name(id: i64) -> &'static str {
    PEOPLE
        .iter()
        .find(|(known, _)| *known == id)
        .map_or("?", |(_, name)| name)
}

/// `@name`, if it is somebody's of this test.
fn short(address: &str) -> String {
    let text = from_ics(format!("mailto:{address}").as_bytes());
    text.strip_prefix("mailto:").unwrap_or(&text).to_owned()
}
