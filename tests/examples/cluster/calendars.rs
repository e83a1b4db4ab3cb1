//! Calendar apps that invite, change, read, poll and sync without a pause, through Caddy; each by its own account.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use reqwest::Method;
use televent_tests::{CalendarApp, Reply, attendee_lines, meeting};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{guests::Guests, report::Report};

/// How many there are.
pub(crate) const APPS: i64 = 8;

/// The pause of each between two requests.
const PAUSE: Duration = Duration::from_millis(60);

/// Each third meeting is changed, and the others are answered: whoever presses on a card that is just being changed is told so, and has
/// to press again.
const CHANGED: i64 = 3;

const FIRST_GUEST: i64 = 800_000;

const CTAG: &str = r#"<propfind xmlns="DAV:" xmlns:CS="http://calendarserver.org/ns/"><prop><CS:getctag/></prop></propfind>"#;

/// A meeting that the server has acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Meeting {
    pub(crate) app: CalendarApp,
    pub(crate) guest: i64,
    pub(crate) version: u32,
    pub(crate) phase: usize,
    pub(crate) begun: DateTime<Utc>,
}

impl Meeting {
    fn new(app: &CalendarApp, guest: i64, phase: usize) -> Self {
        Self {
            app: app.clone(),
            guest,
            version: 1,
            phase,
            begun: Utc::now(),
        }
    }

    fn file(&self) -> String {
        format!("load-{}.ics", self.guest)
    }

    /// Its name, which its card shows.
    pub(crate) fn title(&self) -> String {
        format!("Plan {} version {}.", self.guest, self.version)
    }

    /// Whether its guest answers, rather than its organizer changing it.
    pub(crate) const fn is_answered(&self) -> bool {
        self.guest % CHANGED != 0
    }

    fn object(&self) -> String {
        let uid = format!("load-{}", self.guest);
        let line = format!("ATTENDEE:mailto:tg_{}@televent.internal", self.guest);
        meeting(&uid, self.app.telegram_id, &line)
            .replace("SUMMARY:Planning", &format!("SUMMARY:{}", self.title()))
            .replace("SEQUENCE:3", &format!("SEQUENCE:{}", self.version + 2))
    }
}

/// The apps at work.
pub(crate) struct Calendars {
    tasks: JoinSet<Vec<Meeting>>,
    report: Arc<Report>,
}

impl Calendars {
    pub(crate) fn begin(
        apps: Vec<CalendarApp>,
        guests: &Guests,
        report: &Arc<Report>,
        stop: &CancellationToken,
    ) -> Self {
        let mut tasks = JoinSet::new();
        let next_guest = Arc::new(AtomicI64::new(FIRST_GUEST));
        for app in apps {
            let user = User {
                app,
                guests: guests.clone(),
                next_guest: Arc::clone(&next_guest),
                report: Arc::clone(report),
                meetings: Vec::new(),
                known: BTreeMap::new(),
                token: String::new(),
            };
            tasks.spawn(user.work(stop.clone()));
        }
        Self {
            tasks,
            report: Arc::clone(report),
        }
    }

    /// Everybody ends what they are at. Returns what was stored.
    pub(crate) async fn end(mut self) -> Vec<Meeting> {
        let mut all = Vec::new();
        while let Some(done) = self.tasks.join_next().await {
            match done {
                Ok(meetings) => all.extend(meetings),
                Err(error) => self.report.wrong(format!("a calendar app: {error}")),
            }
        }
        all
    }
}

/// One app.
struct User {
    app: CalendarApp,
    guests: Guests,
    next_guest: Arc<AtomicI64>,
    report: Arc<Report>,
    meetings: Vec<Meeting>,
    /// What it has learned by syncing: names and entity tags.
    known: BTreeMap<String, String>,
    token: String,
}

impl User {
    async fn work(mut self, stop: CancellationToken) -> Vec<Meeting> {
        let mut turn = 0_usize;
        while !stop.is_cancelled() {
            match turn % 6 {
                0 => self.invite().await,
                2 => self.read(turn).await,
                3 => self.change(turn).await,
                4 => self.sync().await,
                _ => self.poll().await,
            }
            turn += 1;
            tokio::time::sleep(PAUSE).await;
        }
        self.sync().await;
        self.knows_all();
        self.meetings
    }

    /// Sends a request, whose answer must have this status.
    async fn ask(
        &self,
        method: &'static str,
        name: &str,
        headers: &[(&str, &str)],
        body: String,
        status: u16,
    ) -> Option<Reply> {
        let phase = self.report.phase();
        let begun = Instant::now();
        let wanted = Method::from_bytes(method.as_bytes()).expect("a method");
        let reply = self.app.try_request(wanted, name, headers, body).await;
        match reply {
            Ok(reply) if reply.status == status => {
                self.report.answered(phase, method, begun.elapsed());
                Some(reply)
            }
            Ok(reply) => {
                let (got, text) = (reply.status, reply.text());
                self.report.wrong(format!("{method} {name}: {got} {text}"));
                None
            }
            Err(error) => {
                self.report.wrong(format!("{method} {name}: {error:?}"));
                None
            }
        }
    }

    async fn invite(&mut self) {
        let guest = self.next_guest.fetch_add(1, Ordering::Relaxed);
        self.guests.add(guest).await;
        let meeting = Meeting::new(&self.app, guest, self.report.phase());
        let headers = [("content-type", "text/calendar"), ("if-none-match", "*")];
        let (file, object) = (meeting.file(), meeting.object());
        let stored = self.ask("PUT", &file, &headers, object, 201).await;
        if stored.is_some() {
            if meeting.is_answered() {
                self.guests.will_answer(&meeting);
            }
            self.meetings.push(meeting);
        }
    }

    /// Changes one of those that nobody answers.
    async fn change(&mut self, turn: usize) {
        let changeable: Vec<usize> = (0..self.meetings.len())
            .filter(|index| {
                self.meetings
                    .get(*index)
                    .is_some_and(|one| !one.is_answered())
            })
            .collect();
        let Some(index) = changeable.get(turn % changeable.len().max(1)).copied() else {
            return;
        };
        let Some(mut meeting) = self.meetings.get(index).cloned() else {
            return;
        };
        meeting.version += 1;
        let headers = [("content-type", "text/calendar")];
        let (file, object) = (meeting.file(), meeting.object());
        let changed = self.ask("PUT", &file, &headers, object, 204).await;
        if changed.is_some()
            && let Some(stored) = self.meetings.get_mut(index)
        {
            stored.version = meeting.version;
        }
    }

    async fn read(&self, turn: usize) {
        if let Some(meeting) = self.meetings.get(turn % self.meetings.len().max(1)) {
            let reply = self
                .ask("GET", &meeting.file(), &[], String::new(), 200)
                .await;
            if let Some(reply) = reply
                && !reply.text().replace("\r\n ", "").contains(&meeting.title())
            {
                let file = meeting.file();
                self.report
                    .wrong(format!("{file} is not as it was stored: {}", reply.text()));
            }
        }
    }

    async fn poll(&self) {
        let headers = [("depth", "0"), ("content-type", "application/xml")];
        self.ask("PROPFIND", "", &headers, CTAG.to_owned(), 207)
            .await;
    }

    async fn sync(&mut self) {
        let body = format!(
            r#"<sync-collection xmlns="DAV:"><sync-token>{}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"#,
            self.token
        );
        let headers = [("content-type", "application/xml")];
        let Some(reply) = self.ask("REPORT", "", &headers, body, 207).await else {
            return;
        };
        let xml = reply.text();
        for response in xml.split(":response>").chain(xml.split("<response>")) {
            if let Some(href) = between(response, "href>", "<")
                && let Some(name) = href.rsplit('/').next().filter(|name| !name.is_empty())
                && let Some(etag) = between(response, "getetag>", "<")
            {
                self.known.insert(name.to_owned(), etag.to_owned());
            }
        }
        match between(&xml, "sync-token>", "<") {
            Some(token) => token.clone_into(&mut self.token),
            None => self.report.wrong(format!("no sync token: {xml}")),
        }
    }

    /// Whoever has synced from token to token has heard of everything.
    fn knows_all(&self) {
        for meeting in &self.meetings {
            if !self.known.contains_key(&meeting.file()) {
                self.report
                    .wrong(format!("{} was not told by a sync", meeting.file()));
            }
        }
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// What is stored is what was acknowledged last, and shows the answer of whoever was to answer.
pub(crate) async fn check(meetings: &[Meeting], report: &Report) {
    for meeting in meetings {
        let reply = meeting
            .app
            .try_request(Method::GET, &meeting.file(), &[], "")
            .await;
        let body = match reply {
            Ok(reply) if reply.status == 200 => reply.body,
            other => {
                report.wrong(format!("{} is lost: {other:?}", meeting.file()));
                continue;
            }
        };
        let text = String::from_utf8_lossy(&body).replace("\r\n ", "");
        let lines = attendee_lines(&body);
        let address = format!("tg_{}@televent.internal", meeting.guest);
        let answer = lines.iter().find(|line| line.address == address);
        let answer = answer.map_or("", |line| line.part_stat.as_str());
        let wanted = if meeting.is_answered() {
            "ACCEPTED"
        } else {
            "NEEDS-ACTION"
        };
        if !text.contains(&meeting.title()) || answer != wanted {
            report.wrong(format!("{} should be {wanted}: {text}", meeting.title()));
        }
    }
}
