//! One event's life: takes the operations against the real processes, and looks at everything after each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::Utc;
use proptest::{prelude::*, test_runner::TestCaseError};
use reqwest::Method;
use televent_broker::ACK_WAIT;
use televent_calendar::PartStat;
use televent_telegram::{CallbackData, CardButton, CardWish};
use televent_tests::{Attendee, AttendeeLine, CalendarApp, Reply, World, attendee_lines};
use uuid::Uuid;

use crate::operation::{Change, Condition, Operation};
use crate::people::{ATTENDEES, Person};
use crate::reference::Reference;
use crate::tables::{Place, Tables};
use crate::text::{self, Text, excluded, named};

/// What everybody reads in an organizer's object and in its copies.
const OF_ORGANIZER: [&str; 5] = ["DTSTART", "RRULE", "SUMMARY", "LOCATION", "SEQUENCE"];

/// How long something may be under way before time passes for what waits, how often it does, and how often it is looked.
const PATIENCE: Duration = Duration::from_secs(4);
const TIMES_FORWARD: u32 = 10;
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How far an operation reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It was refused, or says nothing new.
    Nothing,
    /// It concerns who has done it, and nobody else.
    Private(Person),
    /// It is an answer of theirs: it leaves the schedule tags of others.
    Reply(Person),
    /// It may concern everybody.
    All,
}

/// What a client has read.
#[derive(Clone, Debug)]
struct Known {
    name: String,
    text: Text,
    etag: String,
    schedule_tag: String,
}

pub(crate) struct Life<'a> {
    pub(crate) world: &'a World,
    /// Where the process serves.
    url: &'a str,
    number: u32,
    uid: String,
    devices: BTreeMap<Person, CalendarApp>,
    reference: Reference,
    /// What the organizer's app stored last, while there is something.
    stored: Option<String>,
    remembered: BTreeMap<Person, Known>,
    /// SEQUENCE by recurrence key, as served last, while somebody is invited.
    sequences: BTreeMap<String, i64>,
    presses: u32,
    /// Operations that had an effect, and all.
    pub(crate) operations: (u32, u32),
}

impl<'a> Life<'a> {
    pub(crate) async fn new(
        world: &'a World,
        url: &'a str,
        number: u32,
        devices: &BTreeMap<Person, CalendarApp>,
    ) -> Self {
        world
            .telegram
            .add_stranger(Person::Dan.id(number), "Dan")
            .await;
        Self {
            world,
            url,
            number,
            uid: format!("life-{number}"),
            devices: devices.clone(),
            reference: Reference::new(number),
            stored: None,
            remembered: BTreeMap::new(),
            sequences: BTreeMap::new(),
            presses: 0,
            operations: (0, 0),
        }
    }

    /// Does something; `disturb` happens right after it was acknowledged, while it still has its effects.
    pub(crate) async fn take(
        &mut self,
        operation: &Operation,
        disturb: impl Future<Output = ()>,
    ) -> Result<(), TestCaseError> {
        let before = self.tables().await;
        let effect = self.apply(operation).await?;
        disturb.await;
        self.settle().await;
        let after = self.tables().await;
        self.operations.0 += u32::from(effect != Effect::Nothing);
        self.operations.1 += 1;
        check_effect(effect, &before, &after, self.number)?;
        self.check(&after).await?;
        let dead = self.world.strings("select reason from dead_letters").await;
        prop_assert!(dead.is_empty(), "{dead:?}");
        Ok(())
    }

    /// Waits until all is settled. What waits because of a fault, for an ack wait or for its next try, does not keep the test for long.
    async fn settle(&self) {
        for _ in 0..TIMES_FORWARD {
            let settled = async {
                while self.world.idle().await.is_err() {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            };
            if tokio::time::timeout(PATIENCE, settled).await.is_ok() {
                return;
            }
            self.world.let_time_pass(2 * ACK_WAIT).await;
        }
        self.world.settled().await;
    }

    async fn apply(&mut self, operation: &Operation) -> Result<Effect, TestCaseError> {
        match operation {
            Operation::Put(object) => {
                let dan = format!("tg_{}", Person::Dan.id(self.number));
                let text = text::written(&self.uid, &dan, object);
                self.organizer_put(&text, None, Condition::None).await
            }
            Operation::Repeat => match self.stored.clone() {
                Some(stored) => {
                    let text = Text::read(stored.as_bytes());
                    self.organizer_put(&text, None, Condition::None).await
                }
                None => Ok(Effect::Nothing),
            },
            Operation::Edit {
                title,
                day,
                forced,
                is_remembered,
                condition,
            } => {
                let known = self.known(Person::Ann, *is_remembered).await;
                let Some(known) = known else {
                    return Ok(Effect::Nothing);
                };
                let mut text = known.text.clone();
                edit(&mut text, *title, *day);
                if let Some(forced) = forced {
                    let address = forced.address(self.number);
                    let parameters = [
                        ("PARTSTAT", "NEEDS-ACTION"),
                        ("SCHEDULE-FORCE-SEND", "REQUEST"),
                    ];
                    for event in &mut text.events {
                        text::set_parameters(event, &address, &parameters);
                    }
                }
                self.organizer_put(&text, Some(&known), *condition).await
            }
            Operation::Delete => {
                if self.stored.take().is_none() {
                    return Ok(Effect::Nothing);
                }
                self.device(Person::Ann).delete(&self.name()).await;
                self.reference.organizer_delete();
                self.sequences.clear();
                Ok(Effect::All)
            }
            Operation::Remember(who) => {
                if let Some(known) = self.read(*who).await {
                    self.remembered.insert(*who, known);
                }
                Ok(Effect::Nothing)
            }
            Operation::Press { who, week, answer } => self.press(*who, *week, answer).await,
            Operation::Device {
                who,
                change,
                is_remembered,
                condition,
                stamps,
            } => {
                let known = self.known(*who, *is_remembered).await;
                let Some(known) = known else {
                    return Ok(Effect::Nothing);
                };
                let mut text = known.text.clone();
                let address = who.address(self.number);
                match change_copy(&mut text, &address, change, *stamps) {
                    Some(()) => {
                        self.attendee_put(*who, &text, &known, *is_remembered, *condition)
                            .await
                    }
                    None => Ok(Effect::Nothing),
                }
            }
            Operation::DeviceDelete { who, replies } => self.attendee_delete(*who, *replies).await,
            Operation::Start => {
                self.start().await;
                Ok(Effect::All)
            }
        }
    }

    fn device(&self, who: Person) -> &CalendarApp {
        self.devices.get(&who).expect("they have a device")
    }

    fn name(&self) -> String {
        format!("{}.ics", self.uid)
    }

    async fn tables(&self) -> Tables {
        let people = [Person::Ann, Person::Kirill, Person::Bo, Person::Dan];
        let owners = people.map(|who| who.id(self.number));
        Tables::now(self.world, &self.uid, &owners).await
    }

    /// What somebody's app finds, if it finds something.
    async fn read(&self, who: Person) -> Option<Known> {
        let device = self.devices.get(&who)?;
        let tables = self.tables().await;
        let resource = tables.object_of(who.id(self.number))?;
        let reply = device.get(&resource.name).await;
        Some(Known {
            name: resource.name.clone(),
            text: Text::read(&reply.body),
            etag: reply.etag().to_owned(),
            schedule_tag: reply.header("schedule-tag").to_owned(),
        })
    }

    async fn known(&self, who: Person, is_remembered: bool) -> Option<Known> {
        if is_remembered {
            self.remembered.get(&who).cloned()
        } else {
            self.read(who).await
        }
    }

    /// Stores under a condition with the tags of what was known. `None` if that is not to be tried; else the answer, and
    /// whether the condition holds.
    async fn put(
        &self,
        who: Person,
        name: &str,
        text: &Text,
        known: Option<&Known>,
        condition: Condition,
    ) -> Option<(Reply, bool)> {
        let device = self.device(who);
        let now = self.read(who).await;
        let body = text.to_ics();
        let (header, tag, current) = match (condition, known) {
            (Condition::None, _) | (_, None) => return Some((device.put(name, body).await, true)),
            (Condition::EntityTag, Some(known)) => {
                ("if-match", &known.etag, now.map(|now| now.etag))
            }
            (Condition::ScheduleTag, Some(known)) => (
                "if-schedule-tag-match",
                &known.schedule_tag,
                now.map(|now| now.schedule_tag),
            ),
        };
        if tag.is_empty() {
            return None;
        }
        let holds = current.as_ref() == Some(tag);
        Some((device.put_if(name, body, (header, tag)).await, holds))
    }

    async fn organizer_put(
        &mut self,
        text: &Text,
        known: Option<&Known>,
        condition: Condition,
    ) -> Result<Effect, TestCaseError> {
        let name = self.name();
        let put = self.put(Person::Ann, &name, text, known, condition).await;
        let Some((reply, holds)) = put else {
            return Ok(Effect::Nothing);
        };
        let told = || format!("{} {}\n{}", reply.status, reply.text(), text.to_ics());
        if !holds {
            prop_assert_eq!(reply.status, 412, "{}", told());
            return Ok(Effect::Nothing);
        }
        // A meeting keeps its organizer.
        let mut organizers = text
            .events
            .iter()
            .filter_map(|event| event.value("ORGANIZER"));
        let is_foreign = organizers.any(|organizer| organizer.contains("boss"));
        if is_foreign && self.reference.invites_somebody() {
            prop_assert_eq!(reply.status, 403, "{}", told());
            let condition = "allowed-organizer-scheduling-object-change";
            prop_assert!(reply.text().contains(condition), "{}", told());
            return Ok(Effect::Nothing);
        }
        let expected = if self.stored.is_some() { 204 } else { 201 };
        prop_assert_eq!(reply.status, expected, "{}", told());
        self.stored = Some(text.to_ics());
        self.settle().await;
        let served = Text::read(&self.device(Person::Ann).get(&name).await.body);
        let outcome = self.reference.organizer_put(text, &served);
        prop_assert!(
            outcome.is_ok(),
            "{outcome:?}\n{}\nserved\n{}",
            told(),
            served.to_ics()
        );
        Ok(Effect::All)
    }

    /// Presses as Telegram would tell of it; without a card as well, as a forged client can.
    async fn press(
        &mut self,
        who: Person,
        week: Option<u8>,
        answer: &str,
    ) -> Result<Effect, TestCaseError> {
        let event: Option<Uuid> = sqlx::query_scalar(
            "select id from events where uid = $1 and organizer_event_id is null and method is null
             and calendar_id in (select id from calendars where owner = $2) order by created_at desc limit 1",
        )
        .bind(&self.uid)
        .bind(Person::Ann.id(self.number))
        .fetch_optional(&self.world.sql)
        .await
        .expect("the events can be read");
        let organizer = self.read(Person::Ann).await.map(|known| known.text);
        let key = match (week, &organizer) {
            (None, _) => String::new(),
            (Some(week), Some(organizer)) => instance(organizer, week).unwrap_or_default(),
            (Some(_), None) => return Ok(Effect::Nothing),
        };
        let Some(event_id) = event.filter(|_| week.is_none() || !key.is_empty()) else {
            return Ok(Effect::Nothing);
        };
        self.presses += 1;
        let data = CallbackData::Card(CardButton {
            event_id,
            recurrence_id: key.clone(),
            wish: CardWish::Answer(PartStat::parse(answer).expect("an answer")),
        });
        let update = serde_json::json!({ "callback_query": {
            "id": format!("{}-{}", self.uid, self.presses),
            "from": { "id": who.id(self.number), "is_bot": false, "first_name": "Somebody" },
            "chat_instance": "1",
            "data": data.to_string(),
        }});
        self.world.telegram.inject(update).await;
        let before = self.reference.clone();
        if let Some(organizer) = &organizer {
            let instance = week.map(|_| key.as_str());
            self.reference.press(who, instance, answer, organizer);
        }
        Ok(if self.reference.says_the_same(&before) {
            Effect::Nothing
        } else {
            Effect::Reply(who)
        })
    }

    async fn attendee_put(
        &mut self,
        who: Person,
        text: &Text,
        known: &Known,
        is_remembered: bool,
        condition: Condition,
    ) -> Result<Effect, TestCaseError> {
        let now = self.read(who).await;
        let organizer = self.read(Person::Ann).await.map(|known| known.text);
        let put = self
            .put(who, &known.name, text, Some(known), condition)
            .await;
        let Some((reply, holds)) = put else {
            return Ok(Effect::Nothing);
        };
        let told = || {
            let show = |text: Option<&Text>| text.map(Text::to_ics).unwrap_or_default();
            format!(
                "{} {}\n{}\nover\n{}",
                reply.status,
                reply.text(),
                text.to_ics(),
                show(now.as_ref().map(|now| &now.text))
            )
        };
        if !holds {
            prop_assert_eq!(reply.status, 412, "{}", told());
            return Ok(Effect::Nothing);
        }
        let same_tag = now
            .as_ref()
            .is_some_and(|now| now.schedule_tag == known.schedule_tag);
        if reply.status == 403 && is_remembered && !same_tag {
            let condition = "allowed-attendee-scheduling-object-change";
            prop_assert!(reply.text().contains(condition), "{}", told());
            return Ok(Effect::Nothing);
        }
        let expected = if now.is_some() { 204 } else { 201 };
        prop_assert_eq!(reply.status, expected, "{}", told());
        let before = self.reference.clone();
        if let Some(organizer) = organizer.filter(|_| self.reference.is_invited(who)) {
            let stored = now.as_ref().map_or(&organizer, |now| &now.text);
            let said = self
                .reference
                .said(who, text, stored, condition != Condition::None);
            self.reference.take(who, &said, &organizer);
        }
        let is_private = self.reference.says_the_same(&before);
        self.reference.has_object.insert(who);
        Ok(if is_private {
            Effect::Private(who)
        } else {
            Effect::Reply(who)
        })
    }

    async fn attendee_delete(
        &mut self,
        who: Person,
        replies: bool,
    ) -> Result<Effect, TestCaseError> {
        let Some(known) = self.read(who).await else {
            return Ok(Effect::Nothing);
        };
        let headers: &[(&str, &str)] = if replies {
            &[]
        } else {
            &[("schedule-reply", "F")]
        };
        let device = self.device(who);
        let reply = device
            .request(Method::DELETE, &known.name, headers, "")
            .await;
        prop_assert_eq!(reply.status, 204, "{}", reply.text());
        let before = self.reference.answers.clone();
        self.reference.attendee_delete(who, replies);
        Ok(if self.reference.answers == before {
            Effect::Private(who)
        } else {
            Effect::Reply(who)
        })
    }

    async fn start(&mut self) {
        let id = Person::Dan.id(self.number);
        self.world.telegram.press_start(id).await;
        self.settle().await;
        self.reference.join(Person::Dan);
        if self.devices.contains_key(&Person::Dan) {
            return;
        }
        let device = self.world.connect(id).await.at(self.url);
        self.devices.insert(Person::Dan, device);
    }

    async fn check(&mut self, tables: &Tables) -> Result<(), TestCaseError> {
        let organizer = self.check_organizer().await?;
        for who in ATTENDEES {
            let object = tables.object_of(who.id(self.number));
            let should = self.reference.has_object.contains(&who);
            prop_assert_eq!(object.is_some(), should, "an object of {:?}", who);
            let (Some(object), Some(organizer)) = (object, &organizer) else {
                continue;
            };
            if !self.reference.has_living_copy(who) {
                continue;
            }
            let body = self.device(who).get(&object.name).await.body;
            if let Err(why) = check_copy(&who.address(self.number), &body, organizer) {
                let copy = String::from_utf8_lossy(&body);
                let organizer = String::from_utf8_lossy(organizer);
                let why = format!("{who:?}: {why}\n{copy}\nof\n{organizer}");
                return Err(TestCaseError::fail(why));
            }
        }
        Ok(())
    }

    /// The organizer's object, the rows and the reference say the same of everybody.
    async fn check_organizer(&mut self) -> Result<Option<Vec<u8>>, TestCaseError> {
        if self.stored.is_none() {
            return Ok(None);
        }
        let object = self.device(Person::Ann).get(&self.name()).await;
        let mut seen = BTreeSet::new();
        let mut served: Vec<AttendeeLine> = attendee_lines(&object.body)
            .into_iter()
            // A second line for the same person counts for nothing.
            .filter(|line| seen.insert((line.recurrence_id.clone(), line.address.clone())))
            .collect();
        served.sort();
        let rows: Vec<Attendee> = sqlx::query_as(
            "select a.recurrence_id, a.address, a.status, a.invited
             from event_attendees a join events e on e.id = a.event_id join calendars c on c.id = e.calendar_id
             where e.uid = $1 and c.owner = $2 and e.deleted_at is null",
        )
        .bind(&self.uid)
        .bind(Person::Ann.id(self.number))
        .fetch_all(&self.world.sql)
        .await
        .expect("the attendees can be read");
        let mut kept: Vec<AttendeeLine> = rows
            .iter()
            .map(|row| AttendeeLine {
                recurrence_id: row.recurrence_id.clone(),
                address: row.address.clone(),
                part_stat: row.status.clone(),
            })
            .collect();
        kept.sort();
        prop_assert_eq!(kept, served, "\n{}", object.text());
        // Of those whom we invite, a second line says what the first does.
        let invited: BTreeMap<(&str, &str), &str> = rows
            .iter()
            .filter(|row| row.invited)
            .map(|row| {
                (
                    (row.recurrence_id.as_str(), row.address.as_str()),
                    row.status.as_str(),
                )
            })
            .collect();
        for line in attendee_lines(&object.body) {
            let status = invited.get(&(line.recurrence_id.as_str(), line.address.as_str()));
            prop_assert!(
                status.is_none_or(|status| *status == line.part_stat),
                "{status:?} {line:?}\n{}",
                object.text()
            );
        }
        let answers: BTreeMap<(String, String), String> = self
            .reference
            .answers
            .iter()
            .map(|((who, key), said)| ((key.clone(), who.address(self.number)), said.clone()))
            .collect();
        let found: BTreeMap<(String, String), String> = invited
            .iter()
            .map(|((key, address), said)| {
                (
                    ((*key).to_owned(), (*address).to_owned()),
                    (*said).to_owned(),
                )
            })
            .collect();
        prop_assert_eq!(
            found,
            answers,
            "what is answered, and what should be\n{}",
            object.text()
        );
        let sequences: BTreeMap<String, i64> = Text::read(&object.body)
            .events
            .iter()
            .map(|event| {
                let sequence = event
                    .value("SEQUENCE")
                    .map_or(0, |value| value.parse().expect("a number"));
                (event.recurrence_id.clone(), sequence)
            })
            .collect();
        // What invites nobody is its owner's alone, as it was sent.
        if !self.reference.invites_somebody() {
            self.sequences.clear();
            return Ok(Some(object.body));
        }
        for (key, sequence) in &sequences {
            let before = self.sequences.get(key).copied().unwrap_or_default();
            prop_assert!(*sequence >= before, "SEQUENCE falls\n{}", object.text());
        }
        self.sequences = sequences;
        Ok(Some(object.body))
    }
}

/// What was touched has another ctag, and nothing else has; the operation touches no more than it may.
fn check_effect(
    effect: Effect,
    before: &Tables,
    after: &Tables,
    life: u32,
) -> Result<(), TestCaseError> {
    let touched = after.touched(before);
    let raised = after.raised(before);
    prop_assert_eq!(
        &touched,
        &raised,
        "touched, and with another ctag: {:#?}\n{:#?}",
        before,
        after
    );
    let may_touch = |place: &Place| match effect {
        Effect::Nothing => false,
        Effect::Private(who) => place.owner == who.id(life),
        Effect::Reply(_) | Effect::All => true,
    };
    let beyond: Vec<_> = touched.iter().filter(|place| !may_touch(place)).collect();
    prop_assert!(
        beyond.is_empty(),
        "{effect:?} touches {beyond:?}\n{before:#?}\n{after:#?}"
    );
    if let Effect::Reply(who) = effect {
        let changed = after.changed_schedule_tags(before);
        let of_others: Vec<_> = changed
            .iter()
            .filter(|place| place.owner != who.id(life))
            .collect();
        prop_assert!(
            of_others.is_empty(),
            "the schedule tags of {of_others:?} change"
        );
    }
    Ok(())
}

/// A living copy has what includes its owner, as the organizer's object says it.
fn check_copy(address: &str, copy: &[u8], organizer: &[u8]) -> Result<(), String> {
    let (copy, organizer) = (Text::read(copy), Text::read(organizer));
    let own_exclusions = copy.event("").map(excluded).unwrap_or_default();
    let names_owner = |event| {
        named(event)
            .iter()
            .any(|line| line.by_server && line.address == address)
    };
    for event in &copy.events {
        let key = &event.recurrence_id;
        let lines = named(event);
        if !lines.iter().any(|line| line.address == address) {
            return Err(format!("{key:?} does not name the owner"));
        }
        let theirs = organizer.event(key);
        let Some(of) = theirs.or_else(|| organizer.event("")) else {
            return Err(format!("the organizer has nothing of {key:?}"));
        };
        let expected = named(of);
        for line in &lines {
            let is_said = expected
                .iter()
                .any(|other| other.address == line.address && other.part_stat == line.part_stat);
            if !is_said {
                return Err(format!(
                    "{key:?}: {line:?}, where the organizer reads {expected:?}"
                ));
            }
        }
        if lines.len() != expected.len() {
            return Err(format!("{key:?} has other attendees"));
        }
        let said = |name: &str| {
            (
                event.value(name),
                theirs.and_then(|theirs| theirs.value(name)),
            )
        };
        let mut differing = OF_ORGANIZER.into_iter().filter(|name| {
            let (own, theirs) = said(name);
            own != theirs
        });
        if let (Some(name), true) = (differing.next(), theirs.is_some()) {
            return Err(format!("{key:?} has another {name}"));
        }
        let private = ["SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND"];
        let shown = event.lines.iter().find(|line| {
            line.starts_with("ATTENDEE") && private.iter().any(|name| line.contains(name))
        });
        if let Some(line) = shown {
            return Err(format!("{line} is between the organizer and the server"));
        }
    }
    for event in organizer.events.iter().filter(|event| names_owner(event)) {
        let key = &event.recurrence_id;
        let is_declined = named(event)
            .iter()
            .any(|line| line.address == address && line.part_stat == "DECLINED");
        if copy.event(key).is_none() && !(own_exclusions.contains(key) && is_declined) {
            return Err(format!("{key:?} is missing"));
        }
    }
    let by_organizer = organizer.event("").map(excluded).unwrap_or_default();
    for key in own_exclusions.difference(&by_organizer) {
        let hidden = organizer
            .event(key)
            .ok_or_else(|| format!("{key} is taken out"))?;
        let lines = named(hidden);
        let own = lines
            .iter()
            .find(|line| line.by_server && line.address == address);
        if own.is_some_and(|own| own.part_stat != "DECLINED") {
            return Err(format!("{key} is taken out, and not declined"));
        }
    }
    Ok(())
}

/// A recurrence key of the object for a week: of an instance of the series, or of a component.
fn instance(object: &Text, week: u8) -> Option<String> {
    let mut keys: BTreeSet<String> = object.instances().into_iter().collect();
    keys.extend(object.keys());
    keys.remove("");
    keys.into_iter().nth(week.into())
}

/// What an organizer's app changes: the title, and the day, which begins the series anew.
fn edit(object: &mut Text, title: u8, day: Option<u8>) {
    for event in &mut object.events {
        text::set_value(event, "SUMMARY", &format!("Title {title}"));
    }
    let Some(series) = object.event_mut("") else {
        return;
    };
    if let Some(day) = day {
        let start = format!("203701{:02}T080000Z", day + 1);
        if series.value("DTSTART") != Some(&start) {
            text::set_value(series, "DTSTART", &start);
            series.lines.retain(|line| !line.starts_with("EXDATE"));
            object.events.retain(|event| event.recurrence_id.is_empty());
        }
    }
}

/// What an attendee's app changes; `None` if there is nothing of the kind.
fn change_copy(copy: &mut Text, address: &str, change: &Change, stamps: bool) -> Option<()> {
    let now = Utc::now().format("%Y%m%dT%H%M%SZ").to_string();
    let mut changed = Vec::new();
    match change {
        Change::AnswerAll(answer) => {
            for event in &mut copy.events {
                text::set_part_stat(event, address, answer);
                changed.push(event.recurrence_id.clone());
            }
        }
        Change::AnswerInstance(week, answer) => {
            let key = separated(copy, *week)?;
            text::set_part_stat(copy.event_mut(&key)?, address, answer);
            changed.push(key);
        }
        Change::Exclude(week) => {
            let key = instance(copy, *week).filter(|key| copy.has_instance(key))?;
            copy.event_mut("")?.lines.push(format!("EXDATE:{key}"));
            copy.events.retain(|event| event.recurrence_id != key);
            changed.push(String::new());
        }
        Change::Alarm => {
            let event = copy.events.first_mut()?;
            ring(&mut event.lines);
            changed.push(event.recurrence_id.clone());
        }
        Change::AlarmOfInstance(week) => {
            let key = separated(copy, *week)?;
            ring(&mut copy.event_mut(&key)?.lines);
            changed.push(key);
        }
    }
    for key in changed.iter().filter(|_| stamps) {
        text::set_value(copy.event_mut(key)?, "DTSTAMP", &now);
    }
    Some(())
}

/// The key of an instance that has a component of its own by now.
fn separated(copy: &mut Text, week: u8) -> Option<String> {
    let key = instance(copy, week)?;
    if copy.event(&key).is_none() {
        if !copy.has_instance(&key) {
            return None;
        }
        copy.separate(&key);
    }
    Some(key)
}

fn ring(lines: &mut Vec<String>) {
    let alarm = [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT5M",
        "DESCRIPTION:Now",
        "END:VALARM",
    ];
    lines.extend(alarm.map(str::to_owned));
}
