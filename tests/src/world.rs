//! A whole Televent: its servers, its processes, and the people around it.

use sqlx::{FromRow, PgPool, Row as _, postgres::PgPoolOptions};
use televent_broker::{NOTIFIER, RSVP};
use televent_store::Store;
use uuid::Uuid;

use crate::{
    CalendarApp, Message, Nats, Process, Roles, Telegram, TestDatabase, Updates, until_ok,
};

/// How the bot begins to speak to whoever presses Start.
const GREETING: &str = "Hello ";

/// A Televent of a test's own. [`World::finish`] it: that proves that nothing is left over.
pub struct World {
    /// Its database.
    pub database: TestDatabase,
    /// To look at tables with.
    pub sql: PgPool,
    /// Its nats-server.
    pub nats: Nats,
    /// Its Telegram.
    pub telegram: Telegram,
    /// Its processes; the first serves the calendar apps.
    pub processes: Vec<Process>,
    expected_dead_letters: i64,
    finished: bool,
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct EventRow {
    /// Our id.
    pub id: Uuid,
    /// Raised by every change.
    pub sequence: i64,
    /// The calendar's ctag at the last change.
    pub revision: i64,
    /// Entity tag.
    pub etag: String,
    /// What GET returns.
    pub object: Vec<u8>,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// A row of `event_attendees`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub struct Attendee {
    /// Empty for the series.
    pub recurrence_id: String,
    /// Normalised.
    pub address: String,
    /// The answer.
    pub status: String,
    /// Whether the server delivers to them.
    pub invited: bool,
}

impl World {
    /// One process with all roles that polls for updates.
    pub async fn start() -> Self {
        Self::with_processes(&[Roles::all(Updates::Polling)]).await
    }

    /// Servers and these processes.
    pub async fn with_processes(roles: &[Roles]) -> Self {
        let mut world = Self::around(TestDatabase::create().await.expect("a database")).await;
        for roles in roles {
            world.add_process(roles.clone()).await;
        }
        world
    }

    /// Servers around a database, and no process.
    pub async fn around(database: TestDatabase) -> Self {
        Self::around_servers(database, Nats::start().await).await
    }

    /// Telegram around a database and a nats-server, and no process.
    pub async fn around_servers(database: TestDatabase, nats: Nats) -> Self {
        init_logs();
        let telegram = Telegram::start().await;
        let sql = PgPoolOptions::new()
            .max_connections(2)
            .connect_lazy(&database.url)
            .expect("a URL of Postgres");
        Self {
            database,
            sql,
            nats,
            telegram,
            processes: Vec::new(),
            expected_dead_letters: 0,
            finished: false,
        }
    }

    /// Starts one more process of the fleet.
    pub async fn add_process(&mut self, roles: Roles) {
        let process = Process::start(
            &self.database.url,
            &self.nats.url(),
            &self.telegram.url(),
            roles,
        )
        .await;
        self.processes.push(process);
    }

    /// Where the first process serves HTTP; empty without one.
    pub fn url(&self) -> &str {
        self.processes.first().map_or("", |process| &process.url)
    }

    /// The test's own store.
    pub fn store(&self) -> &Store {
        &self.database.store
    }

    /// Somebody with an account and a device, who has pressed Start long ago.
    pub async fn add_user(&self, id: i64, name: &str) -> CalendarApp {
        self.telegram.add_person(id, name).await;
        self.database
            .add_account(id, name, Some("Europe/Berlin"))
            .await
            .expect("the account is made");
        self.connect(id).await
    }

    /// Connects a device of somebody who has an account.
    pub async fn connect(&self, id: i64) -> CalendarApp {
        let password = self.database.connect_device(id).await;
        let password = password.expect("the device is added");
        CalendarApp::new(self.url(), id, &format!("tg_{id}"), &password)
    }

    /// The cards in somebody's chat, once all is settled. What is told below a card is none.
    pub async fn cards(&self, id: i64) -> Vec<Message> {
        self.settled().await;
        let mut messages = self.telegram.messages(id).await;
        messages
            .retain(|message| message.reply_to.is_none() && !message.text.starts_with(GREETING));
        messages
    }

    /// What is told below cards in somebody's chat, once all is settled.
    pub async fn news(&self, id: i64) -> Vec<Message> {
        self.settled().await;
        let mut messages = self.telegram.messages(id).await;
        messages.retain(|message| message.reply_to.is_some());
        messages
    }

    /// The one card in somebody's chat, once all is settled.
    pub async fn card(&self, id: i64) -> Message {
        let mut cards = self.cards(id).await;
        assert_eq!(cards.len(), 1, "{cards:#?}");
        cards.remove(0)
    }

    /// Waits until every message has had its effect: in the order in which data travels, so that what was
    /// found empty stays so.
    pub async fn settled(&self) {
        until_ok("all to be settled", async || self.idle().await).await;
    }

    /// Whether every message has had its effect.
    ///
    /// # Errors
    /// What has not.
    pub async fn idle(&self) -> Result<(), String> {
        let waiting = self.telegram.waiting_updates().await;
        if waiting > 0 {
            return Err(format!("{waiting} updates wait at Telegram"));
        }
        let received = self
            .strings("select message_id from received_updates")
            .await;
        if !received.is_empty() {
            return Err(format!("the updates {received:?} wait in Postgres"));
        }
        self.nats.idle(RSVP).await?;
        let open = self
            .strings(
                "select concat_ws(' ', kind, state, 'attempts', attempts, last_error)
                 from outbox_messages where state in ('pending', 'published')",
            )
            .await;
        if !open.is_empty() {
            return Err(format!("the outbox holds {open:?}"));
        }
        self.nats.idle(NOTIFIER).await
    }

    /// As many messages as this are given up in this test.
    pub fn expect_dead_letters(&mut self, count: i64) {
        self.expected_dead_letters = count;
    }

    /// Everything is settled, nothing is left over, and everything stops in good order.
    pub async fn finish(mut self) {
        self.finished = true;
        self.settled().await;
        let dead = self.strings("select reason from dead_letters").await;
        assert_eq!(
            i64::try_from(dead.len()).expect("a count"),
            self.expected_dead_letters,
            "dead letters: {dead:#?}"
        );
        let leased = self
            .strings("select event_id::text from invite_cards where lease_holder is not null")
            .await;
        assert_eq!(leased, Vec::<String>::new(), "cards that are still leased");
        for process in self.processes.drain(..) {
            process.stop().await;
        }
        let leases = self.strings("select name from leases").await;
        assert_eq!(
            leases,
            Vec::<String>::new(),
            "leases that were not given back"
        );
        self.sql.close().await;
        self.store().close().await;
    }

    /// The test has failed already, and says why: whatever is left over goes with the servers.
    pub fn abandon(mut self) {
        self.finished = true;
    }

    /// The newest event with this UID that is neither an attendee's copy nor a message.
    pub async fn event(&self, uid: &str) -> EventRow {
        sqlx::query_as(
            "select id, sequence, revision, etag, object, deleted_at is not null as deleted
             from events where uid = $1 and organizer_event_id is null and method is null
             order by created_at desc limit 1",
        )
        .bind(uid)
        .fetch_one(&self.sql)
        .await
        .expect("the event is there")
    }

    /// The rows of `event_attendees` of the newest event with this UID, sorted.
    pub async fn attendees(&self, uid: &str) -> Vec<Attendee> {
        let event = self.event(uid).await;
        let mut rows: Vec<Attendee> = sqlx::query_as(
            "select recurrence_id, address, status, invited from event_attendees where event_id = $1",
        )
        .bind(event.id)
        .fetch_all(&self.sql)
        .await
        .expect("the attendees");
        rows.sort();
        rows
    }

    /// The status of one attendee of the series.
    pub async fn status(&self, uid: &str, person: i64) -> String {
        let address = format!("tg_{person}@televent.internal");
        let rows = self.attendees(uid).await;
        let row = rows
            .into_iter()
            .find(|row| row.recurrence_id.is_empty() && row.address == address);
        row.expect("the attendee has a row").status
    }

    /// How many outbox rows there ever were.
    pub async fn outbox_rows(&self) -> i64 {
        self.number("select count(*) from outbox_messages").await
    }

    /// One number.
    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query(sql)
            .fetch_one(&self.sql)
            .await
            .expect("a row")
            .get(0)
    }

    /// One column of text.
    pub async fn strings(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql)
            .fetch_all(&self.sql)
            .await
            .expect("rows")
    }

    /// Changes tables behind the back of the processes.
    pub async fn execute(&self, sql: &'static str) {
        sqlx::query(sql)
            .execute(&self.sql)
            .await
            .expect("the statement is right");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        assert!(
            self.finished || std::thread::panicking(),
            "World::finish was not called: nobody knows whether anything is left over"
        );
    }
}

/// `TELEVENT_TEST_LOG=debug` shows what the processes log.
fn init_logs() {
    if let Ok(filter) = std::env::var("TELEVENT_TEST_LOG") {
        let filter = filter.parse().expect("TELEVENT_TEST_LOG is a filter");
        let text = televent_runtime::config::LogFormat::Text;
        let _nothing_is_sent = televent_runtime::telemetry::init_logs(&filter, text, None);
    }
}
