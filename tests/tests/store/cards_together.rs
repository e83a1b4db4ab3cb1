//! Cards that are leased or recorded with others: each as if it were alone, and nobody waits for anybody.

use std::time::Duration;

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use televent_store::{CardLease, CardRecord, CardRequest, CardState, SentCard};
use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    cards::{
        MINUTE, key, lease, let_leases_run_out, record, request, sent, shown, take, take_and_record,
    },
    support::{BOB, Draft, EVE, Ground, SAM, person},
};

/// More than any of these statements takes, and less than the deadlock detector and whoever waits for a lock would.
const AT_ONCE: Duration = Duration::from_millis(800);

const INSTANCE: &str = "20270118T090000Z";

/// Two meetings: Bob and Sam are invited to the one, Bob and Eve to the other.
struct Meetings {
    ground: Ground,
    one: (Uuid, Draft),
    other: (Uuid, Draft),
}

impl Meetings {
    async fn new() -> Result<Self> {
        let ground = Ground::new().await?;
        let one = Draft::new("uid-a", "one", &[BOB, SAM]);
        let other = Draft::new("uid-b", "other", &[BOB, EVE]);
        let one = (ground.event("a.ics", &one).await?, one);
        let other = (ground.event("b.ics", &other).await?, other);
        Ok(Self { ground, one, other })
    }

    /// The rights to the cards of Bob and Sam in the one, and of Bob in the other, whose messages are known to arrive.
    async fn leased(&self) -> Result<[CardLease; 3]> {
        let known = format!(
            "insert into users (telegram_id, reachable, schedule_status)
             select id, true, '1.2' from unnest(array[{BOB}, {SAM}]) as id
             on conflict (telegram_id) do update set reachable = true, schedule_status = '1.2'"
        );
        self.ground.sql(&known).await?;
        let leases = [
            lease(self.one.0, BOB),
            lease(self.one.0, SAM),
            lease(self.other.0, BOB),
        ];
        for lease in &leases {
            take(&self.ground.store, lease).await?.context("a card")?;
        }
        Ok(leases)
    }

    /// Cards that are sent and not recorded, each under its lease.
    async fn sent() -> Result<(Self, [CardRecord; 3])> {
        let meetings = Self::new().await?;
        let leases = meetings.leased().await?;
        let records = meetings.records(&leases);
        Ok((meetings, records))
    }

    /// What was sent under each: messages 11, 12 and 13.
    fn records(&self, leases: &[CardLease; 3]) -> [CardRecord; 3] {
        let rows = [
            self.one.1.notices.first(),
            self.one.1.notices.get(1),
            self.other.1.notices.first(),
        ];
        let mut message_id = 10;
        let mut rows = rows.into_iter();
        leases.each_ref().map(|lease| {
            message_id += 1;
            let row = rows.next().flatten().expect("each is told");
            record(lease, sent(message_id, "new"), Some(row.id))
        })
    }

    async fn record(&self, records: &[CardRecord]) -> Result<Vec<bool>> {
        let recorded = self.ground.store.record_cards(records);
        Ok(timeout(AT_ONCE, recorded).await.context("it waits")??)
    }

    /// What the first messages of these cards show.
    async fn shown(&self, records: &[CardRecord]) -> Result<Vec<String>> {
        let mut all = Vec::new();
        for record in records {
            all.extend(shown(&self.ground, &record.lease.key).await?);
        }
        Ok(all)
    }

    /// How many cards are written by this one.
    async fn holds(&self, holder: Uuid) -> Result<usize> {
        let held =
            format!("select telegram_id::text from invite_cards where lease_holder = '{holder}'");
        Ok(self.ground.rows(&held).await?.len())
    }

    /// Another connection, in a transaction that has done this.
    async fn gate(&self, sql: String) -> Result<PgConnection> {
        let mut connection = self.ground.database.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(format!("begin; {sql}")))
            .execute(&mut connection)
            .await?;
        Ok(connection)
    }
}

fn asked(event_id: Uuid, id: i64, recurrence_id: Option<&str>) -> CardRequest {
    request((event_id, person(id)), recurrence_id, Uuid::new_v4())
}

#[tokio::test]
async fn each_is_leased_as_if_it_were_alone() -> Result<()> {
    let meetings = Meetings::new().await?;
    let ((one, _), (other, _)) = (&meetings.one, &meetings.other);
    let store = &meetings.ground.store;
    let named = format!(
        "insert into users (telegram_id, name, time_zone)
         values ({BOB}, 'Bob', 'Asia/Tokyo'), ({SAM}, 'Sam', null), ({EVE}, 'Eve', null)
         on conflict (telegram_id) do update set name = excluded.name, time_zone = excluded.time_zone"
    );
    meetings.ground.sql(&named).await?;
    // Eve's is being written, Sam's was written once.
    take(store, &lease(*other, EVE)).await?.context("a card")?;
    let sams = lease(*one, SAM);
    take_and_record(store, &sams, sent(7, "old"), None).await?;
    let requests = [
        asked(*one, SAM, None),
        asked(Uuid::now_v7(), BOB, None),
        asked(*other, BOB, None),
        asked(*other, EVE, None),
        asked(*one, BOB, Some(INSTANCE)),
    ];
    let states = store.lease_cards(&requests, MINUTE).await?;
    let told: Vec<Option<String>> = states
        .iter()
        .map(|state| state.as_ref().map(told))
        .collect();
    let expected = [
        Some("one, Sam, \"\", shows old, known: Bob, Sam"),
        // The event is not there.
        None,
        Some("other, Bob Asia/Tokyo, \"\", shows nothing, known: Bob, Eve"),
        // Somebody else writes it.
        Some("other, Eve, \"\", not given, known: Bob, Eve"),
        Some("one, Bob Asia/Tokyo, \"20270118T090000Z\", shows nothing, known: Bob, Sam"),
    ];
    assert_eq!(told, expected.map(|state| state.map(str::to_owned)));
    assert!(states.iter().flatten().all(|state| state.subject.invited));
    // What was given is held by who has asked for it.
    for (request, is_held) in requests.iter().zip([true, false, true, false, true]) {
        assert_eq!(meetings.holds(request.holder).await?, usize::from(is_held));
    }
    Ok(())
}

/// Of what, who reads it, which card, what it shows, and whom it knows.
fn told(state: &CardState) -> String {
    let subject = &state.subject;
    let mut known: Vec<&str> = subject
        .known
        .values()
        .filter_map(|known| known.name.as_deref())
        .collect();
    known.sort_unstable();
    let shows = state.card.as_ref().map_or("not given".to_owned(), |card| {
        format!("shows {}", card.rendered.as_deref().unwrap_or("nothing"))
    });
    let reader = [&subject.reader.name, &subject.reader.time_zone];
    let reader: Vec<&str> = reader.into_iter().flatten().map(String::as_str).collect();
    format!(
        "{}, {}, {:?}, {shows}, known: {}",
        String::from_utf8_lossy(&subject.object),
        reader.join(" "),
        state.key.recurrence_id,
        known.join(", ")
    )
}

#[tokio::test]
async fn one_that_is_asked_for_twice_is_given_once() -> Result<()> {
    let meetings = Meetings::new().await?;
    // The first time it is made, and then it is there.
    for _ in 0..2 {
        let requests = [0; 2].map(|_| asked(meetings.one.0, BOB, None));
        let states = meetings.ground.store.lease_cards(&requests, MINUTE).await?;
        assert_eq!(states.iter().flatten().count(), 2);
        for (request, state) in requests.iter().zip(&states) {
            let given = state.iter().filter(|state| state.card.is_some()).count();
            assert_eq!(meetings.holds(request.holder).await?, given);
        }
        let given = states.iter().flatten().filter(|state| state.card.is_some());
        assert_eq!(given.count(), 1);
        let_leases_run_out(&meetings.ground).await?;
    }
    Ok(())
}

#[tokio::test]
async fn one_that_somebody_else_is_writing_keeps_no_other_back() -> Result<()> {
    let meetings = Meetings::new().await?;
    for lease in meetings.leased().await? {
        meetings.ground.store.release_card(&lease).await?;
    }
    let writing = format!("update invite_cards set rendered = 'newer' where telegram_id = {SAM}");
    let gate = meetings.gate(writing).await?;
    let requests = [BOB, SAM].map(|id| asked(meetings.one.0, id, None));
    let leased = meetings.ground.store.lease_cards(&requests, MINUTE);
    let states = timeout(AT_ONCE, leased).await.context("it waits")??;
    let given: Vec<bool> = states
        .iter()
        .flatten()
        .map(|state| state.card.is_some())
        .collect();
    assert_eq!(given, [true, false]);
    gate.close().await?;
    Ok(())
}

/// Two who ask for the same cards in opposite orders, again and again.
#[tokio::test]
async fn those_who_ask_for_the_same_do_not_wait_for_each_other_in_a_circle() -> Result<()> {
    let ground = Ground::new().await?;
    let people: Vec<i64> = (50_001..50_017).collect();
    let id = ground
        .event("a.ics", &Draft::new("uid-a", "one", &people))
        .await?;
    for _ in 0..20 {
        let requests = |people: &mut dyn Iterator<Item = &i64>| -> Vec<CardRequest> {
            people.map(|person| asked(id, *person, None)).collect()
        };
        let forwards = requests(&mut people.iter());
        let backwards = requests(&mut people.iter().rev());
        let (a, b) = tokio::join!(
            timeout(AT_ONCE, ground.store.lease_cards(&forwards, MINUTE)),
            timeout(AT_ONCE, ground.store.lease_cards(&backwards, MINUTE)),
        );
        let states = a??.into_iter().chain(b??);
        let given = states.flatten().filter(|state| state.card.is_some());
        assert_eq!(given.count(), people.len());
        let_leases_run_out(&ground).await?;
    }
    Ok(())
}

#[tokio::test]
async fn each_is_recorded_and_settles_its_row() -> Result<()> {
    let (meetings, mut records) = Meetings::sent().await?;
    assert_eq!(meetings.record(&records).await?, [true; 3]);
    let expected = ["11 new", "12 new", "13 new"];
    assert_eq!(meetings.shown(&records).await?, expected);
    let mut outbox = meetings.ground.outbox().await?;
    outbox.sort();
    assert_eq!(
        outbox,
        [
            format!("invite_notification {EVE} pending"),
            format!("invite_notification {SAM} completed"),
            format!("invite_notification {BOB} completed"),
            format!("invite_notification {BOB} completed"),
        ]
    );
    // Once more, and of rows that are settled.
    for record in &mut records {
        record.lease.holder = Uuid::new_v4();
        take(&meetings.ground.store, &record.lease)
            .await?
            .context("a card")?;
        record.sent.rendered = "newer".to_owned();
    }
    assert_eq!(meetings.record(&records).await?, [true; 3]);
    let expected = ["11 newer", "12 newer", "13 newer"];
    assert_eq!(meetings.shown(&records).await?, expected);
    Ok(())
}

#[tokio::test]
async fn what_is_not_as_it_mostly_is_stays_as_it_was_and_keeps_nobody_back() -> Result<()> {
    for (what, spoil) in [
        ("replaced", Spoil::Replaced),
        ("not held", Spoil::NotHeld),
        (
            "unreached",
            Spoil::Sql("update users set reachable = false where telegram_id = 4711"),
        ),
        (
            "unknown",
            Spoil::Sql("update users set reachable = null where telegram_id = 4711"),
        ),
        (
            "with another message",
            Spoil::Sql("update invite_cards set message_id = 99 where telegram_id = 4711"),
        ),
        (
            "given up",
            Spoil::Sql(
                "insert into invite_card_copies (event_id, telegram_id, recurrence_id, message_id)
                 select event_id, telegram_id, '', 12 from invite_cards where telegram_id = 4711",
            ),
        ),
    ] {
        let (meetings, mut records) = Meetings::sent().await?;
        let [_, sams, _] = &mut records;
        match spoil {
            Spoil::Replaced => {
                sams.sent = SentCard {
                    replaces: true,
                    ..sams.sent.clone()
                }
            }
            Spoil::NotHeld => sams.lease.holder = Uuid::new_v4(),
            Spoil::Sql(sql) => meetings.ground.sql(sql).await?,
        }
        let before = shown(&meetings.ground, &key(meetings.one.0, SAM)).await?;
        assert_eq!(
            meetings.record(&records).await?,
            [true, false, true],
            "{what}"
        );
        assert_eq!(
            shown(&meetings.ground, &key(meetings.one.0, SAM)).await?,
            before,
            "{what}"
        );
        let pending = format!("invite_notification {SAM} pending");
        assert!(meetings.ground.outbox().await?.contains(&pending), "{what}");
    }
    Ok(())
}

enum Spoil {
    Replaced,
    NotHeld,
    Sql(&'static str),
}

/// Neither the card nor its row is written where one of them is just being written by somebody else.
#[tokio::test]
async fn what_somebody_else_is_writing_is_left_alone() -> Result<()> {
    for table in ["invite_cards", "outbox_messages"] {
        let (meetings, records) = Meetings::sent().await?;
        let gate =
            format!("update {table} set telegram_id = telegram_id where telegram_id = {SAM}");
        let gate = meetings.gate(gate).await?;
        assert_eq!(
            meetings.record(&records).await?,
            [true, false, true],
            "{table}"
        );
        let [_, sams, _] = &records;
        gate.close().await?;
        let mut outbox = meetings.ground.outbox().await?;
        outbox.retain(|row| row.contains(&SAM.to_string()));
        assert_eq!(
            outbox,
            [format!("invite_notification {SAM} pending")],
            "{table}"
        );
        assert!(meetings.ground.store.record_card(sams).await?, "{table}");
        assert_eq!(
            meetings.shown(&records).await?,
            ["11 new", "12 new", "13 new"]
        );
    }
    Ok(())
}

/// The same record again: because its answer was lost, or while it is still being written.
#[tokio::test]
async fn what_was_recorded_already_is_recorded() -> Result<()> {
    let (meetings, records) = Meetings::sent().await?;
    assert_eq!(meetings.record(&records).await?, [true; 3]);
    // Somebody has told more since, and the rows ask for it.
    for statement in [
        r#"update invite_cards set told = '"later"'"#,
        "update outbox_messages set state = 'published'",
    ] {
        meetings.ground.sql(statement).await?;
    }
    assert_eq!(meetings.record(&records).await?, [true; 3]);
    for record in &records {
        assert!(meetings.ground.store.record_card(record).await?);
    }
    assert_eq!(
        meetings.shown(&records).await?,
        ["11 new", "12 new", "13 new"]
    );
    let told = "select distinct told::text from invite_cards";
    assert_eq!(meetings.ground.rows(told).await?, [r#""later""#]);
    let open = "select telegram_id::text from outbox_messages where state = 'published'";
    assert_eq!(meetings.ground.rows(open).await?, [EVE.to_string()]);
    Ok(())
}

#[tokio::test]
async fn what_is_being_recorded_does_not_become_a_copy_of_itself() -> Result<()> {
    let (meetings, records) = Meetings::sent().await?;
    let [_, sams, _] = &records;
    let recording = format!(
        "update invite_cards set message_id = 12, rendered = 'new', lease_holder = null, lease_until = null
         where telegram_id = {SAM};
         update outbox_messages set state = 'completed' where telegram_id = {SAM}"
    );
    let mut gate = meetings.gate(recording).await?;
    let (recorded, committed) = tokio::join!(meetings.ground.store.record_card(sams), async {
        meetings.ground.database.until_waiting(1).await?;
        sqlx::raw_sql("commit").execute(&mut gate).await?;
        anyhow::Ok(())
    });
    committed?;
    assert!(recorded?);
    let shown = shown(&meetings.ground, &key(meetings.one.0, SAM)).await?;
    assert_eq!(shown, ["12 new"]);
    Ok(())
}
