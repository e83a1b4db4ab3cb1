//! People who write, read and press without a pause, and remember what they were told.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use televent_tests::{ANN, CalendarApp, DEADLINE, KIRILL, Message, Reply, World, meeting};
use tokio::task::JoinSet;

/// Ann's devices that write, and those that read.
const WRITERS: usize = 6;
const READERS: usize = 4;

/// Meetings whose cards are pressed while all goes on.
const PRESSED: usize = 12;

/// How long what was leased or claimed stays so when the answer to that was lost.
const LEASES_RUN_OUT: Duration = Duration::from_secs(45);

/// Those who are invited: many, since one chat gets one message after the other.
const GUESTS: Range<i64> = 700_000..700_000 + GUESTS_COUNT;
const GUESTS_COUNT: i64 = 200;

/// The pause of each between two requests.
const PAUSE: Duration = Duration::from_millis(5);

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// UIDs of the meetings that Ann was told are stored.
    pub(crate) stored: Vec<String>,
    /// Of these, those that were found there when Ann repeated the request.
    pub(crate) found_there: usize,
    /// Requests that were answered as asked, and those that were told to come back.
    pub(crate) answered: usize,
    pub(crate) turned_away: usize,
    /// The longest wait for an answer of any kind.
    pub(crate) longest: Duration,
    /// The longest time without any request that was done.
    pub(crate) stall: Duration,
    /// How long it took after the load until all cards were there.
    pub(crate) cards_after: Duration,
    last_done: Option<Instant>,
}

/// The load, until it is ended.
pub(crate) struct Load {
    is_over: Arc<AtomicBool>,
    told: Arc<Mutex<Told>>,
    tasks: JoinSet<()>,
}

impl Load {
    /// Begins.
    pub(crate) fn begin(ann: &CalendarApp) -> Self {
        let mut load = Self {
            is_over: Arc::default(),
            told: Arc::default(),
            tasks: JoinSet::new(),
        };
        for writer in 0..WRITERS {
            let hand = load.hand(ann);
            load.tasks.spawn(hand.write(writer));
        }
        for _ in 0..READERS {
            let hand = load.hand(ann);
            load.tasks.spawn(hand.read());
        }
        load
    }

    fn hand(&self, ann: &CalendarApp) -> Hand {
        Hand {
            ann: ann.clone(),
            is_over: Arc::clone(&self.is_over),
            told: Arc::clone(&self.told),
        }
    }

    /// What came of it so far.
    pub(crate) fn so_far(&self) -> Told {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Everybody ends what they are at.
    pub(crate) async fn end(mut self) -> Told {
        self.is_over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("nobody was answered wrongly");
        }
        self.so_far()
    }
}

/// One device.
struct Hand {
    ann: CalendarApp,
    is_over: Arc<AtomicBool>,
    told: Arc<Mutex<Told>>,
}

impl Hand {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, begun: Instant, reply: &Reply) {
        let mut told = self.told();
        told.longest = told.longest.max(begun.elapsed());
        if reply.status == 503 {
            assert!(
                !reply.header("retry-after").is_empty(),
                "503 without Retry-After: {}",
                reply.text()
            );
            told.turned_away += 1;
        } else {
            let now = Instant::now();
            if let Some(last) = told.last_done.replace(now) {
                told.stall = told.stall.max(now - last);
            }
            told.answered += 1;
        }
    }

    /// Stores one meeting after the other; whatever was turned away is sent again until it is there.
    async fn write(self, writer: usize) {
        let mut n = 0;
        while !self.is_over() {
            let uid = format!("load-{writer}-{n}");
            n += 1;
            let guest =
                GUESTS.start + i64::try_from(n * WRITERS + writer).unwrap_or(0) % GUESTS_COUNT;
            let line = format!("ATTENDEE:mailto:tg_{guest}@televent.internal");
            let object = meeting(&uid, ANN, &line);
            let mut tries = 0;
            loop {
                tries += 1;
                let begun = Instant::now();
                let reply = self
                    .ann
                    .put_if(
                        &format!("{uid}.ics"),
                        object.as_str(),
                        ("if-none-match", "*"),
                    )
                    .await;
                self.note(begun, &reply);
                tokio::time::sleep(PAUSE).await;
                match (reply.status, tries) {
                    (201, _) => break,
                    // It was stored, and the answer was lost.
                    (412, 2..) => {
                        self.told().found_there += 1;
                        break;
                    }
                    (status, _) => assert_eq!(status, 503, "PUT {uid}: {}", reply.text()),
                }
            }
            self.told().stored.push(uid);
        }
    }

    async fn read(self) {
        while !self.is_over() {
            let begun = Instant::now();
            let reply = self
                .ann
                .request(reqwest::Method::GET, "plan-0.ics", &[], "")
                .await;
            self.note(begun, &reply);
            assert!(
                matches!(reply.status, 200 | 503),
                "GET: {} {}",
                reply.status,
                reply.text()
            );
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// The meetings whose cards are pressed meanwhile, and these cards.
pub(crate) async fn invite_to_plans(world: &World, ann: &CalendarApp) -> Vec<Message> {
    for guest in GUESTS {
        world.telegram.add_person(guest, "Guest").await;
    }
    for n in 0..PRESSED {
        let line = format!("ATTENDEE:mailto:tg_{KIRILL}@televent.internal");
        ann.save(
            &format!("plan-{n}.ics"),
            meeting(&format!("plan-{n}"), ANN, &line),
        )
        .await;
    }
    world.cards(KIRILL).await
}

/// Kirill accepts all of them, or does so again.
pub(crate) async fn press_plans(world: &World, cards: &[Message]) {
    for card in cards {
        world
            .telegram
            .press_as(KIRILL, KIRILL, card.id, card.data("Accept"))
            .await;
    }
}

/// All that was told is so: each meeting is there once, with one card; each press has become an answer. Returns how many cards came
/// twice.
pub(crate) async fn check(world: &World, told: &mut Told) -> usize {
    let begun = Instant::now();
    // Longer than anything else waits here.
    while world
        .number("select count(*) from outbox_messages where state in ('pending', 'published')")
        .await
        > 0
    {
        let open = world.strings(
            "select concat_ws(' ', kind, state, 'due in', due_at - now(), 'sweeps', sweeps, 'attempts', attempts, last_error)
             from outbox_messages where state in ('pending', 'published') order by due_at limit 8",
        );
        let is_patient = begun.elapsed() < LEASES_RUN_OUT + DEADLINE;
        assert!(is_patient, "the outbox still holds {:?}", open.await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.settled().await;
    told.cards_after = begun.elapsed();
    let mut stored = told.stored.clone();
    stored.sort_unstable();
    let there = world
        .strings(
            "select uid from events where uid like 'load-%' and deleted_at is null
               and organizer_event_id is null and method is null order by uid collate \"C\"",
        )
        .await;
    assert_eq!(there, stored, "what is there is what was told to be");
    let unanswered = world
        .strings(
            "select e.uid from events e join event_attendees a on a.event_id = e.id
             where e.uid like 'plan-%' and a.telegram_id = 98765 and a.status <> 'ACCEPTED'",
        )
        .await;
    assert_eq!(unanswered, Vec::<String>::new(), "presses that were lost");
    let mut cards = 0;
    for guest in GUESTS {
        cards += world.telegram.messages(guest).await.len();
    }
    let without_card = world
        .strings(
            "select e.uid from events e where e.uid like 'load-%' and e.organizer_event_id is null and e.method is null
               and not exists (select from invite_cards c where c.event_id = e.id and c.telegram_id >= 700000 and c.message_id is not null)",
        )
        .await;
    assert_eq!(
        without_card,
        Vec::<String>::new(),
        "invitations without a card"
    );
    cards - stored.len()
}
