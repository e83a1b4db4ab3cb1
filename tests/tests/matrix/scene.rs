//! The people of a row, what they have, and what they do.

use std::collections::BTreeMap;

use reqwest::Method;
use televent_tests::{CalendarApp, Message, Reply, World, ics};

use crate::seen::Seen;

/// The organizer.
pub(crate) const ANN: i64 = 1001;

/// An attendee, who does what a row of theirs is about.
pub(crate) const BOB: i64 = 1002;

/// Another attendee.
pub(crate) const CAT: i64 = 1003;

/// Somebody who has never pressed Start.
pub(crate) const DAN: i64 = 1004;

/// Everybody, with the name by which they are `@name` in objects.
pub(crate) const PEOPLE: [(i64, &str); 4] =
    [(ANN, "ann"), (BOB, "bob"), (CAT, "cat"), (DAN, "dan")];

/// A meeting of Ann with Bob and Cat. (Far ahead: nobody gets a card for an instance that is over.)
pub(crate) const MEETING: &str = "
    BEGIN:VEVENT
    UID:meeting
    DTSTAMP:20260101T000000Z
    DTSTART:20370701T100000Z
    DTEND:20370701T110000Z
    SUMMARY:Planning
    ORGANIZER;CN=Ann:@ann
    ATTENDEE;CN=Bob:@bob
    ATTENDEE;CN=Cat:@cat
    END:VEVENT";

/// Five meetings, day after day.
pub(crate) const SERIES: &str = "
    BEGIN:VEVENT
    UID:series
    DTSTAMP:20260101T000000Z
    DTSTART:20370601T100000Z
    DTEND:20370601T110000Z
    RRULE:FREQ=DAILY;COUNT=5
    SUMMARY:Standup
    ORGANIZER;CN=Ann:@ann
    ATTENDEE;CN=Bob:@bob
    ATTENDEE;CN=Cat:@cat
    END:VEVENT";

/// The third of them, later in the day.
pub(crate) const MOVED: &str = "
    BEGIN:VEVENT
    UID:series
    DTSTAMP:20260101T000000Z
    RECURRENCE-ID:20370603T100000Z
    DTSTART:20370603T150000Z
    DTEND:20370603T160000Z
    SUMMARY:Standup
    ORGANIZER;CN=Ann:@ann
    ATTENDEE;CN=Bob:@bob
    ATTENDEE;CN=Cat:@cat
    END:VEVENT";

/// Everything and everybody around one change.
pub(crate) struct Scene {
    pub(crate) world: World,
    /// Of those who have an account.
    pub(crate) devices: BTreeMap<i64, CalendarApp>,
    before: Seen,
}

impl Scene {
    /// Ann, Bob and Cat have accounts and devices, Dan merely has Telegram. Nothing has happened yet.
    pub(crate) async fn start() -> Self {
        let world = World::start().await;
        let mut devices = BTreeMap::new();
        for (id, name) in PEOPLE {
            if id == DAN {
                world.telegram.add_stranger(id, name).await;
            } else {
                devices.insert(id, world.add_user(id, name).await);
            }
        }
        let mut scene = Self {
            world,
            devices,
            before: Seen::default(),
        };
        scene.begin().await;
        scene
    }

    /// What is done from now on is what the row is about.
    pub(crate) async fn begin(&mut self) {
        self.before = Seen::now(self).await;
    }

    /// [`Scene::start`], and Ann has stored [`MEETING`]; Bob has accepted, Cat has not answered.
    pub(crate) async fn with_meeting() -> Self {
        let mut scene = Self::start().await;
        scene.put(ANN, "meeting.ics", &[MEETING]).await;
        scene.press(BOB, "Accept").await;
        scene.begin().await;
        scene
    }

    /// [`Scene::start`], and Ann has stored [`SERIES`]; Bob has accepted, Cat has not answered.
    pub(crate) async fn with_series() -> Self {
        let mut scene = Self::start().await;
        scene.put(ANN, "series.ics", &[SERIES]).await;
        scene.press(BOB, "Accept").await;
        scene.begin().await;
        scene
    }

    fn device(&self, who: i64) -> &CalendarApp {
        self.devices.get(&who).expect("they have a device")
    }

    /// Somebody's device stores components, which must be taken.
    pub(crate) async fn put(&self, who: i64, name: &str, components: &[&str]) {
        let object = format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{}\nEND:VCALENDAR",
            components.concat().trim()
        );
        self.device(who).save(name, to_ics(&object)).await;
    }

    /// Somebody's device changes texts of an object, where they first stand, and stores it under the condition that it is
    /// what it has read; that must be taken. What is added may have several lines.
    pub(crate) async fn edit(&self, who: i64, name: &str, edits: &[(&str, &str)]) {
        self.edit_in(self.device(who), name, edits).await;
    }

    /// As [`Scene::edit`]: takes somebody out of the series, or the one event.
    pub(crate) async fn remove_attendee(&self, who: i64, name: &str, attendee: &str) {
        self.world.settled().await;
        let text = from_ics(&self.device(who).get(name).await.body);
        let line = text.lines().find(|line| line.ends_with(attendee));
        let line = format!("{}\n", line.expect("there is such an attendee"));
        self.edit(who, name, &[(&line, "")]).await;
    }

    /// As [`Scene::edit`], of the one message in somebody's inbox.
    pub(crate) async fn edit_message(&self, who: i64, edits: &[(&str, &str)]) {
        self.world.settled().await;
        let inbox = self.device(who).in_collection("inbox");
        let messages = inbox.calendar().await.etags;
        let name = messages.keys().find(|name| !name.is_empty());
        self.edit_in(&inbox, name.expect("there is a message"), edits)
            .await;
    }

    async fn edit_in(&self, device: &CalendarApp, name: &str, edits: &[(&str, &str)]) {
        // Else the outcome of a delivery, which comes into the object later, may come in between.
        self.world.settled().await;
        let known = device.get(name).await;
        let mut text = from_ics(&known.body);
        for (old, new) in edits {
            assert!(text.contains(old), "there is no {old:?} in\n{text}");
            text = text.replacen(old, new, 1);
        }
        let reply = device
            .put_if(name, to_ics(&text), ("if-match", known.etag()))
            .await;
        assert_taken(&reply);
    }

    /// Somebody's device deletes an object, with these headers besides.
    pub(crate) async fn delete(&self, who: i64, name: &str, headers: &[(&str, &str)]) {
        self.world.settled().await;
        let reply = self
            .device(who)
            .request(Method::DELETE, name, headers, "")
            .await;
        assert_taken(&reply);
    }

    /// Somebody presses a button of their newest card, and has the answer to it.
    pub(crate) async fn press(&self, who: i64, label: &str) {
        let card = self.card(who).await;
        let answer = self.world.press_by(who, &card, label).await;
        assert!(!answer.alert, "the press is refused: {answer:?}");
    }

    /// The newest card in somebody's chat.
    pub(crate) async fn card(&self, who: i64) -> Message {
        let mut cards = self.world.cards(who).await;
        cards.pop().expect("there is a card")
    }

    /// Somebody presses Start, and then connects a device.
    pub(crate) async fn press_start(&mut self, who: i64) {
        self.world.telegram.press_start(who).await;
        self.world.settled().await;
        self.devices.insert(who, self.world.connect(who).await);
    }

    /// Looks at all the columns: just what is said here is what has changed since the row began. Nothing is left over
    /// in the outbox, in the streams, or among the dead letters.
    pub(crate) async fn shows(self, expected: &str) {
        let now = Seen::now(&self).await;
        let found = now.since(&self.before);
        let expected = unindented(expected);
        if found == expected {
            self.world.finish().await;
        } else {
            self.world.abandon();
        }
        assert!(
            found == expected,
            "expected\n\n{expected}\nfound\n\n{found}"
        );
    }
}

fn assert_taken(reply: &Reply) {
    assert!(
        (200..300).contains(&reply.status),
        "{} {}",
        reply.status,
        reply.text()
    );
}

/// As it is sent: without indentation, and with whole addresses.
fn to_ics(text: &str) -> String {
    let mut text = ics(text);
    for (id, name) in PEOPLE {
        text = text.replace(
            &format!(":@{name}\r"),
            &format!(":mailto:tg_{id}@televent.internal\r"),
        );
    }
    text
}

/// The opposite of [`to_ics`]: unfolded, and with short addresses.
pub(crate) fn from_ics(object: &[u8]) -> String {
    let text = String::from_utf8_lossy(object)
        .replace("\r\n", "\n")
        .replace("\n ", "");
    PEOPLE.into_iter().fold(text, |text, (id, name)| {
        text.replace(
            &format!("mailto:tg_{id}@televent.internal"),
            &format!("@{name}"),
        )
    })
}

/// Without the indentation that all lines have.
fn unindented(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let depth = |line: &str| line.len() - line.trim_start().len();
    let common = lines.clone().map(depth).min().unwrap_or_default();
    lines.map(|line| format!("{}\n", &line[common..])).collect()
}
