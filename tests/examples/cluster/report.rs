//! What everybody waited for, in which phase, and what went wrong.

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use televent_tests::World;

use crate::{caddy::Retries, calendars::Meeting};

/// How many complaints are printed.
const MOST_COMPLAINTS: usize = 20;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A request of a calendar app, until its whole answer is there.
    Request,
    /// From the request that invites to the card that Telegram has taken.
    Card,
    /// From the press to the answer that its presser reads.
    Press,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Request, Self::Card, Self::Press];
}

/// What came of it so far.
pub(crate) struct Report {
    told: Mutex<Told>,
}

struct Told {
    phases: Vec<&'static str>,
    times: BTreeMap<(usize, Kind), Vec<Duration>>,
    methods: BTreeMap<&'static str, usize>,
    complaints: Vec<String>,
}

impl Report {
    pub(crate) fn new(phase: &'static str) -> Self {
        Self {
            told: Mutex::new(Told {
                phases: vec![phase],
                times: BTreeMap::new(),
                methods: BTreeMap::new(),
                complaints: Vec::new(),
            }),
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What begins from now on belongs to this phase.
    pub(crate) fn begin(&self, phase: &'static str) {
        println!("{}  {phase}", Utc::now().format("%H:%M:%S"));
        let mut told = self.told();
        if told.phases.last() != Some(&phase) {
            told.phases.push(phase);
        }
    }

    /// The number of the present phase.
    pub(crate) fn phase(&self) -> usize {
        self.told().phases.len() - 1
    }

    /// Something took so long that began in `phase`.
    pub(crate) fn took(&self, phase: usize, kind: Kind, time: Duration) {
        self.told()
            .times
            .entry((phase, kind))
            .or_default()
            .push(time);
    }

    /// A request was answered as it should be.
    pub(crate) fn answered(&self, phase: usize, method: &'static str, time: Duration) {
        self.took(phase, Kind::Request, time);
        *self.told().methods.entry(method).or_default() += 1;
    }

    /// Something failed, or was lost.
    pub(crate) fn wrong(&self, what: impl Display) {
        let mut told = self.told();
        let phase = told.phases.last().copied().unwrap_or_default();
        println!("{}  wrong: {what}", Utc::now().format("%H:%M:%S"));
        told.complaints.push(format!("{phase}: {what}"));
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.told().complaints.is_empty()
    }

    /// The table.
    pub(crate) async fn print(&self, meetings: &[Meeting], retries: &Retries, world: &World) {
        let mut sent: BTreeMap<i64, DateTime<Utc>> = BTreeMap::new();
        for call in world.telegram.calls("sendMessage").await {
            if let Some(person) = call.chat_id.filter(|_| call.status == 200) {
                sent.entry(person).or_insert(call.time);
            }
        }
        for meeting in meetings {
            let time = sent.get(&meeting.guest).map(|sent| *sent - meeting.begun);
            if let Some(time) = time.and_then(|time| time.to_std().ok()) {
                self.took(meeting.phase, Kind::Card, time);
            }
        }
        let told = self.told();
        println!();
        println!(
            "| phase | requests | p50 / p99 / longest ms | cards | p50 / p99 / longest ms | presses | p50 / p99 / longest ms |"
        );
        println!("|---|---|---|---|---|---|---|");
        for (phase, name) in told.phases.iter().enumerate() {
            let of = |kind| {
                told.times
                    .get(&(phase, kind))
                    .map_or(&[][..], Vec::as_slice)
            };
            if Kind::ALL.iter().all(|kind| of(*kind).is_empty()) {
                continue;
            }
            let columns: Vec<String> = Kind::ALL
                .map(|kind| format!("{} | {}", of(kind).len(), spread(of(kind))))
                .into();
            println!("| {name} | {} |", columns.join(" | "));
        }
        println!();
        let all: usize = told.methods.values().sum();
        println!(
            "{all} requests were answered as they should: {:?}",
            told.methods
        );
        println!("Caddy's tries without an answer, which went to another process: {retries:?}");
        println!("{} went wrong", told.complaints.len());
        for complaint in told.complaints.iter().take(MOST_COMPLAINTS) {
            println!("  {complaint}");
        }
    }
}

fn spread(times: &[Duration]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(index).map_or(0, Duration::as_millis)
    };
    format!("{} / {} / {}", at(50), at(99), at(100))
}
