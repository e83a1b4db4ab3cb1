//! A calendar to work on, eyes for its tables, and a gate that makes races certain.

use std::future::Future;

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Connection as _};
use televent_calendar::{
    AttendeeRow, CalendarUserAddress, InternalDomain, PartStat, TelegramUserId,
};
use televent_store::{
    CalendarProperties, Change, CreateCalendarOutcome, DeadProperty, NewCalendar, NewEvent,
    NewUser, Notice, NoticeKind, ObjectWrite, PressRecord, RemoveOutcome, Slot, Store,
    WriteOutcome,
};
use televent_tests::TestDatabase;
use uuid::Uuid;

/// The owner of the calendar.
pub const ANN: i64 = 1_001;
/// Somebody who is invited.
pub const BOB: i64 = 98_765;
/// Somebody else who is invited.
pub const SAM: i64 = 4_711;
/// Somebody who is invited and has no account.
pub const EVE: i64 = 31_415;

/// The bot whose updates arrive.
pub const BOT: i64 = 7;

pub fn person(id: i64) -> TelegramUserId {
    TelegramUserId::new(id).expect("the ids of the tests are valid")
}

/// A moment on a day in 2026.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).expect("a moment that chrono knows")
}

/// Somebody who presses a button.
pub fn press(update_id: i64, telegram_id: i64) -> PressRecord {
    PressRecord {
        bot_id: BOT,
        update_id,
        telegram_id: person(telegram_id),
        received_at: at(update_id),
    }
}

pub fn notice(kind: NoticeKind, telegram_id: i64) -> Notice {
    Notice {
        id: Uuid::now_v7(),
        kind,
        telegram_id: person(telegram_id),
    }
}

/// An invited attendee who has not answered.
pub fn attendee(telegram_id: i64) -> AttendeeRow {
    AttendeeRow {
        recurrence_id: String::new(),
        address: CalendarUserAddress::internal(person(telegram_id), &InternalDomain::default()),
        telegram_id: Some(person(telegram_id)),
        common_name: None,
        part_stat: PartStat::NeedsAction,
        schedule_status: None,
        invited: true,
    }
}

/// An object to be written; the store does not read it.
#[derive(Clone)]
pub struct Draft {
    pub uid: &'static str,
    pub object: &'static str,
    pub component: &'static str,
    /// Its ORGANIZER; only those that have one must have a UID of their own among all calendars of their owner.
    pub organizer: Option<&'static str>,
    /// Whether that is the owner.
    pub owner_organizes: bool,
    /// When its first instance begins and its last one ends.
    pub occurrences: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    pub attendees: Vec<AttendeeRow>,
    pub notices: Vec<Notice>,
}

impl Draft {
    /// An object with this UID and text that invites `people`, all of whom are told.
    pub fn new(uid: &'static str, object: &'static str, people: &[i64]) -> Self {
        Self {
            uid,
            object,
            component: "VEVENT",
            organizer: Some("tg_1001@televent.internal"),
            owner_organizes: true,
            occurrences: (None, None),
            attendees: people.iter().copied().map(attendee).collect(),
            notices: people
                .iter()
                .map(|id| notice(NoticeKind::Invite, *id))
                .collect(),
        }
    }

    /// One without an ORGANIZER, that invites nobody.
    pub fn plain(uid: &'static str, object: &'static str) -> Self {
        Self {
            organizer: None,
            owner_organizes: false,
            ..Self::new(uid, object, &[])
        }
    }

    /// The outbox row of the first who is told.
    pub fn first_notice(&self) -> Uuid {
        self.notices.first().expect("the draft tells somebody").id
    }

    pub fn write(&self) -> ObjectWrite<'_> {
        ObjectWrite {
            object: self.object.as_bytes(),
            // A tag for each text, which one can read.
            etag: self.object,
            first_occurrence: self.occurrences.0,
            last_occurrence: self.occurrences.1,
            uid: self.uid,
            component: self.component,
            organizer: self.organizer,
            owner_organizes: self.owner_organizes,
            attendees: &self.attendees,
            has_foreign_organizer: false,
        }
    }
}

/// Ann's account with its default calendar.
pub struct Ground {
    pub store: Store,
    pub calendar_id: Uuid,
    pub database: TestDatabase,
}

impl Ground {
    pub async fn new() -> Result<Self> {
        let database = TestDatabase::create().await?;
        let store = database.store.clone();
        let calendar_id = Uuid::now_v7();
        store.add_user(&account(ANN, calendar_id)).await?;
        Ok(Self {
            store,
            calendar_id,
            database,
        })
    }

    /// Stores a new event, and has told those who are to be told.
    pub async fn event(&self, name: &str, draft: &Draft) -> Result<Uuid> {
        let id = Uuid::now_v7();
        let outcome = self.create(id, name, draft).await?;
        ensure!(
            outcome == WriteOutcome::Done,
            "{name} could not be made: {outcome:?}"
        );
        Ok(id)
    }

    pub async fn create(&self, id: Uuid, name: &str, draft: &Draft) -> Result<WriteOutcome> {
        self.create_in(self.calendar_id, id, name, draft).await
    }

    pub async fn create_in(
        &self,
        calendar_id: Uuid,
        id: Uuid,
        name: &str,
        draft: &Draft,
    ) -> Result<WriteOutcome> {
        let new = NewEvent {
            id,
            calendar_id,
            resource_name: name,
            premises: None,
        };
        let outcome = self.store.create_event(new, &draft.write()).await?;
        if outcome == WriteOutcome::Done {
            self.tell(id, &draft.notices).await?;
        }
        Ok(outcome)
    }

    /// Writes these outbox rows.
    pub async fn tell(&self, event_id: Uuid, notices: &[Notice]) -> Result<()> {
        for notice in notices {
            self.store.add_notice(event_id, notice).await?;
        }
        Ok(())
    }

    /// Removes an event, and has these told of it.
    pub async fn cancel(
        &self,
        id: Uuid,
        sequence: i64,
        notices: &[Notice],
    ) -> Result<RemoveOutcome> {
        let outcome = self.store.remove_event(id, sequence).await?;
        if outcome == RemoveOutcome::Done {
            self.tell(id, notices).await?;
        }
        Ok(outcome)
    }

    /// Stores a new event in another calendar.
    pub async fn event_in(&self, calendar_id: Uuid, name: &str, draft: &Draft) -> Result<Uuid> {
        let id = Uuid::now_v7();
        let outcome = self.create_in(calendar_id, id, name, draft).await?;
        ensure!(
            outcome == WriteOutcome::Done,
            "{name} could not be made: {outcome:?}"
        );
        Ok(id)
    }

    /// Makes another calendar of somebody's.
    pub async fn calendar(&self, owner: i64, slug: &str) -> Result<Uuid> {
        let id = Uuid::now_v7();
        let properties = properties(slug);
        let new = NewCalendar {
            id,
            owner: person(owner),
            slug,
            properties: &properties,
        };
        let outcome = self.store.create_calendar(&new).await?;
        ensure!(
            outcome == CreateCalendarOutcome::Done,
            "{slug} could not be made: {outcome:?}"
        );
        Ok(id)
    }

    /// What has changed in a calendar of Ann's.
    pub async fn changes(&self, slug: &str, since: i64, limit: i64) -> Result<Vec<Change>> {
        let found = self.store.changes(person(ANN), slug, since, limit).await?;
        let (calendar, changes) = found.context("there is no such calendar")?;
        // What sync says of the calendar is what every other answer says.
        let listed = self.store.calendar(person(ANN), slug).await?;
        ensure!(Some(calendar) == listed, "two stories of one calendar");
        Ok(changes)
    }

    /// Each calendar, but no inbox: ctag, bytes, and whether it is deleted.
    pub async fn calendars(&self) -> Result<Vec<String>> {
        self.rows(
            "select concat_ws(' ', slug, ctag, bytes, case when deleted_at is not null then 'deleted' end)
             from calendars where kind = 'calendar' order by 1",
        )
        .await
    }

    pub async fn replace(&self, id: Uuid, sequence: i64, draft: &Draft) -> Result<WriteOutcome> {
        let outcome = self
            .store
            .replace_event(self.calendar_id, id, sequence, &draft.write())
            .await?;
        if outcome == WriteOutcome::Done {
            self.tell(id, &draft.notices).await?;
        }
        Ok(outcome)
    }

    pub async fn slot(&self, name: &str) -> Result<Slot> {
        self.store
            .slot(person(ANN), "default", name)
            .await?
            .context("the default calendar is gone")
    }

    /// Changes tables behind the store's back: the past, or what another program does.
    pub async fn sql(&self, statement: &str) -> Result<()> {
        let mut connection = self.database.connect().await?;
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    /// The rows of a query of one text column.
    pub async fn rows(&self, query: &str) -> Result<Vec<String>> {
        let mut connection = self.database.connect().await?;
        Ok(sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_all(&mut connection)
            .await?)
    }

    /// Each event: sequence, revision, tag, and whether it is deleted; and the calendar's ctag. The tag of what an answer
    /// has written is the digest of it: instead of that the answer is told.
    pub async fn versions(&self) -> Result<Vec<String>> {
        self.rows(
            "select concat_ws(' ', resource_name, sequence, revision,
                        case when etag = left(encode(sha256(object), 'hex'), 32)
                             then substring(convert_from(object, 'UTF8') from 'SUMMARY:([^\\r]*)') else etag end,
                        case when deleted_at is not null then 'deleted' end)
             from events
             union all select 'ctag ' || ctag from calendars where slug = 'default'
             order by 1",
        )
        .await
    }

    /// Each attendee: who, the status, and by which update it came.
    pub async fn attendees(&self) -> Result<Vec<String>> {
        self.rows(
            "select concat_ws(' ', nullif(recurrence_id, ''), telegram_id, status, answered_by_update)
             from event_attendees order by recurrence_id, telegram_id",
        )
        .await
    }

    /// Each outbox row: what, to whom, and its state.
    pub async fn outbox(&self) -> Result<Vec<String>> {
        self.rows("select concat_ws(' ', kind, telegram_id, state) from outbox_messages order by 1")
            .await
    }

    /// Everything in all tables, to see that nothing was written.
    pub async fn everything(&self) -> Result<Vec<String>> {
        self.rows(
            "select 'user ' || t::text from users t
             union all select 'device ' || t::text from devices t
             union all select 'device link ' || t::text from device_links t
             union all select 'calendar ' || t::text from calendars t
             union all select 'event ' || t::text from events t
             union all select 'tombstone ' || t::text from event_tombstones t
             union all select 'foreign organizer ' || t::text from foreign_organizers t
             union all select 'collection ' || t::text from collection_properties t
             union all select 'attendee ' || t::text from event_attendees t
             union all select 'outbox ' || t::text from outbox_messages t
             union all select 'card ' || t::text from invite_cards t
             union all select 'copy ' || t::text from invite_card_copies t
             union all select 'update ' || t::text from processed_updates t
             union all select 'lease ' || t::text from leases t
             union all select 'dead letter ' || t::text from dead_letters t
             union all select 'received update ' || t::text from received_updates t
             union all select 'troubled message ' || t::text from troubled_messages t
             order by 1",
        )
        .await
    }

    /// Runs both, neither of which gets past the rows that `gate` locks before the other has come to them or to
    /// something that the other holds.
    pub async fn race<A, B>(
        &self,
        gate: &str,
        a: impl Future<Output = A>,
        b: impl Future<Output = B>,
    ) -> Result<(A, B)> {
        let mut keeper = self.database.connect().await?;
        let mut held = keeper.begin().await?;
        sqlx::query(AssertSqlSafe(gate)).execute(&mut *held).await?;
        let open = async {
            self.database.until_waiting(2).await?;
            held.rollback().await?;
            anyhow::Ok(())
        };
        let (a, b, opened) = tokio::join!(a, b, open);
        opened?;
        Ok((a, b))
    }
}

/// An account of which nothing but the name is known.
pub fn account(telegram_id: i64, calendar_id: Uuid) -> NewUser<'static> {
    NewUser {
        telegram_id: person(telegram_id),
        name: "Ann",
        username: None,
        language: None,
        time_zone: None,
        reachable: None,
        calendar_id,
    }
}

/// What a calendar is when nobody has chosen anything.
pub fn properties(display_name: &str) -> CalendarProperties {
    CalendarProperties {
        display_name: display_name.to_owned(),
        components: vec!["VEVENT".to_owned()],
        time_zone: None,
        time_zone_id: None,
        transparent: false,
        dead: Vec::new(),
    }
}

/// A property that clients keep with something.
pub fn dead(name: &str, value: &str) -> DeadProperty {
    DeadProperty {
        namespace: "http://apple.com/ns/ical/".to_owned(),
        name: name.to_owned(),
        xml: format!("<{name} xmlns=\"http://apple.com/ns/ical/\">{value}</{name}>"),
    }
}
