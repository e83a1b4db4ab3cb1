//! Answers to events that have no copies, and whose objects the store does not read.

use anyhow::{Result, bail};
use televent_calendar::{AttendeeRow, CalendarObject, Plan, Stored};
use televent_store::{
    MeetingRows, OrganizerRow, OrganizerWrite, PressRecord, SchedulingWrite, WriteOutcome,
};
use televent_tests::meeting;
use uuid::Uuid;

use crate::support::{ANN, Ground, attendee, person};

/// The organizer's object with somebody's answer, as [`Ground::answer`] writes it. The answer is its SUMMARY.
pub fn answered(telegram_id: i64, status: &str) -> CalendarObject {
    let said = format!("SUMMARY:{telegram_id} {status}");
    let text = meeting("uid-a", ANN, "").replace("SUMMARY:Planning", &said);
    CalendarObject::parse(text.into_bytes()).expect("the object is sound")
}

impl Ground {
    /// Bob or somebody answers for the whole event, which has no copies; the organizer's tally and their own card are told.
    pub async fn answer(
        &self,
        press: &PressRecord,
        event_id: Uuid,
        version: i64,
        status: &str,
    ) -> Result<bool> {
        self.answer_for(press, event_id, version, status, &[""])
            .await
    }

    /// As [`Self::answer`], for these components of the event.
    pub async fn answer_for(
        &self,
        press: &PressRecord,
        event_id: Uuid,
        version: i64,
        status: &str,
        keys: &[&str],
    ) -> Result<bool> {
        let who = press.telegram_id;
        let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
        let mut attendees = self.attendee_rows(event_id).await?;
        for row in &mut attendees {
            if row.telegram_id == Some(who) && keys.contains(&row.recurrence_id) {
                row.part_stat = status.parse()?;
            }
        }
        let plan = Plan {
            organizer: Some(Stored {
                object: answered(who.get(), status),
                attendees,
            }),
            answered: Some((who, keys)),
            stale_cards: [who].into(),
            stale_tally: true,
            ..Plan::default()
        };
        let organizer = self.store.organizer_row(event_id).await?;
        let rows = MeetingRows {
            owner: person(ANN),
            organizer: Some(OrganizerRow {
                version,
                ..organizer.unwrap_or_else(|| self.nothing_at(event_id))
            }),
            people: Vec::new(),
        };
        let write = SchedulingWrite {
            rows: &rows,
            plan: &plan,
            organizer: OrganizerWrite::AsPlanned,
            place: None,
            now: press.received_at,
            press: Some(press),
        };
        match self.store.write_scheduling(&write).await? {
            WriteOutcome::Done => Ok(true),
            WriteOutcome::Conflict => Ok(false),
            outcome => bail!("an answer wants no UID: {outcome:?}"),
        }
    }

    /// What somebody may think is there who does not know that it is gone altogether.
    fn nothing_at(&self, id: Uuid) -> OrganizerRow {
        OrganizerRow {
            id,
            calendar_id: self.calendar_id,
            inbox_id: None,
            owner: person(ANN),
            uid: "uid-a".to_owned(),
            organizer: None,
            component: "VEVENT".to_owned(),
            owner_name: String::new(),
            object: Vec::new(),
            version: 1,
            owner_organizes: true,
            deleted: false,
        }
    }

    async fn attendee_rows(&self, event_id: Uuid) -> Result<Vec<AttendeeRow>> {
        let mut connection = self.database.connect().await?;
        let rows: Vec<(String, i64, String, bool)> = sqlx::query_as(
            "select recurrence_id, telegram_id, status, invited from event_attendees where event_id = $1",
        )
        .bind(event_id)
        .fetch_all(&mut connection)
        .await?;
        rows.into_iter()
            .map(|(recurrence_id, telegram_id, status, invited)| {
                Ok(AttendeeRow {
                    recurrence_id,
                    part_stat: status.parse()?,
                    invited,
                    ..attendee(telegram_id)
                })
            })
            .collect()
    }
}
