//! Which faults happen when: the same for the same seed.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value, json};

/// The simulator's faults that happen.
const TELEGRAM: [&str; 5] = ["429", "500", "502_html", "lost_answer", "hang"];

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// `kill -9` of a process; it is started again afterwards.
    Kill(usize),
    /// SIGSTOP of a process; afterwards it goes on.
    Freeze(usize),
    /// Connections to a server break, once.
    CutOpen(Server),
    /// A server is away.
    Cut(Server),
    /// A server takes connections and says nothing.
    HalfOpen(Server),
    /// A server is slow.
    Delay(Server),
    /// nats-server restarts.
    RestartNats,
    /// nats-server restarts with an empty disk.
    LoseJetStream,
    /// Telegram answers with this fault.
    Telegram(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Server {
    Postgres,
    Nats,
}

/// A fault with its time.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// After the one before has begun.
    pub(crate) after: Duration,
    pub(crate) fault: Fault,
    /// How long it lasts.
    pub(crate) lasts: Duration,
}

impl Fault {
    /// Its kind, for a table.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Kill(_) => "process killed (SIGKILL)".to_owned(),
            Self::Freeze(_) => "process frozen (SIGSTOP)".to_owned(),
            Self::CutOpen(server) => format!("{server:?}: connections cut"),
            Self::Cut(server) => format!("{server:?}: away"),
            Self::HalfOpen(server) => format!("{server:?}: half-open"),
            Self::Delay(server) => format!("{server:?}: slow"),
            Self::RestartNats => "nats-server restarted".to_owned(),
            Self::LoseJetStream => "JetStream's disk lost".to_owned(),
            Self::Telegram(kind) => format!("Telegram: {kind}"),
        }
    }

    /// The simulator's fault.
    pub(crate) fn at_telegram(kind: &str) -> Value {
        match kind {
            "429" => json!({ "kind": kind, "retry_after": 1, "times": 5 }),
            "hang" => json!({ "kind": kind, "seconds": 3, "performs": true, "times": 2 }),
            _ => json!({ "kind": kind, "times": 3 }),
        }
    }
}

/// Faults for this long, in a fleet of so many processes.
pub(crate) fn schedule(seed: u64, long: Duration, processes: usize) -> Vec<Planned> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut all = Vec::new();
    let mut at = Duration::ZERO;
    while at < long {
        let after = Duration::from_millis(random.random_range(200..2_500));
        at += after;
        let server = if random.random() {
            Server::Postgres
        } else {
            Server::Nats
        };
        let process = random.random_range(0..processes);
        let fault = match random.random_range(0..16) {
            0..4 => Fault::Kill(process),
            4..6 => Fault::Freeze(process),
            6 => Fault::CutOpen(server),
            7 => Fault::Cut(server),
            8 => Fault::HalfOpen(server),
            9 => Fault::Delay(server),
            10 => Fault::RestartNats,
            11 => Fault::LoseJetStream,
            _ => Fault::Telegram(TELEGRAM.choose(&mut random).copied().unwrap_or_default()),
        };
        all.push(Planned {
            after,
            fault,
            lasts: Duration::from_millis(random.random_range(300..4_000)),
        });
    }
    all
}
