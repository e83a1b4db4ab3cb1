//! Ann, Bob and Sam with their calendars, and changes of their meetings: decided as the services decide them, and written
//! when a test wants it.

use anyhow::{Context as _, Result, bail};
use televent_calendar::{
    CalendarObject, CalendarUserAddress, CopyChange, CopyWrite, InternalDomain, Meeting, Owner,
    PartStat, Scope, TelegramUserId,
};
use televent_store::{Event, MeetingKey, MeetingRows, Slot, WriteOutcome};
use televent_tests::meeting;
use uuid::Uuid;

use super::decided::{Decided, NewPlace, Place, decided};
use crate::support::{ANN, BOB, Ground, SAM, account, at, person, press};

/// What everybody's client calls the resource of the one meeting.
pub const NAME: &str = "plan.ics";

/// The UID of the one meeting.
pub const UID: &str = "plan";

/// Three accounts with an empty calendar each.
pub struct Party {
    pub ground: Ground,
    /// Bob's calendar.
    pub bobs: Uuid,
}

/// A meeting of Ann's that invites these people and says this besides.
pub fn plan_of(people: &[i64], lines: &str) -> String {
    meeting(UID, ANN, &[&invitations(people), lines].join("\n")).replace("\r\n\r\n", "\r\n")
}

/// An ATTENDEE line for each.
pub fn invitations(people: &[i64]) -> String {
    let lines: Vec<String> = people
        .iter()
        .map(|id| format!("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:tg_{id}@televent.internal"))
        .collect();
    lines.join("\n")
}

pub fn parsed(text: &str) -> CalendarObject {
    CalendarObject::parse(text.as_bytes().to_vec()).expect("the object is sound")
}

fn owner(id: i64) -> Owner {
    Owner {
        telegram_id: person(id),
        common_name: "Ann".to_owned(),
    }
}

impl Party {
    pub async fn new() -> Result<Self> {
        let ground = Ground::new().await?;
        let bobs = Uuid::now_v7();
        ground.store.add_user(&account(BOB, bobs)).await?;
        ground.store.add_user(&account(SAM, Uuid::now_v7())).await?;
        Ok(Self { ground, bobs })
    }

    /// The same, with Ann's meeting, to which both are invited, and the id of it.
    pub async fn invited() -> Result<(Self, Uuid)> {
        let party = Self::new().await?;
        party
            .done(&party.puts(NAME, &plan_of(&[BOB, SAM], "")).await?)
            .await?;
        let id = party.event(ANN, NAME).await?.id;
        Ok((party, id))
    }

    pub async fn write(&self, decided: &Decided) -> Result<WriteOutcome> {
        decided.write(&self.ground.store).await
    }

    /// Writes what must succeed, and sees that the books are right after it.
    pub async fn done(&self, decided: &Decided) -> Result<()> {
        let outcome = self.write(decided).await?;
        if outcome != WriteOutcome::Done {
            bail!("it could not be written: {outcome:?}");
        }
        self.is_sound().await
    }

    /// Writes what must fail, and sees that nothing was written.
    pub async fn refused(&self, decided: &Decided) -> Result<WriteOutcome> {
        let before = self.ground.everything().await?;
        let outcome = self.write(decided).await?;
        assert_eq!(self.ground.everything().await?, before);
        Ok(outcome)
    }

    /// What is wrong with counters, tags and revisions, whatever was written before.
    pub async fn is_sound(&self) -> Result<()> {
        let wrong = self
            .ground
            .rows(
                "select concat_ws(' ', 'bytes', c.owner, c.slug, c.bytes, found.bytes)
                 from calendars c cross join lateral (
                     select coalesce(sum(length(object)), 0) as bytes from events
                     where calendar_id = c.id and deleted_at is null
                 ) found
                 where c.bytes <> found.bytes
                 union all
                 select concat_ws(' ', 'etag of', id, resource_name) from events
                 where deleted_at is null and etag <> left(encode(sha256(object), 'hex'), 32)
                 union all
                 select concat_ws(' ', 'revision of', e.id, e.resource_name)
                 from events e join calendars c on c.id = e.calendar_id where e.revision > c.ctag
                 union all
                 select concat_ws(' ', 'one revision for two names in', calendar_id, revision) from (
                     select calendar_id, revision from events where deleted_at is null
                     union all select calendar_id, revision from event_tombstones t where not exists (
                         select from events living where living.calendar_id = t.calendar_id
                           and living.resource_name = t.resource_name and living.deleted_at is null
                     )
                 ) told group by calendar_id, revision having count(*) > 1
                 union all
                 select concat_ws(' ', 'attendees of a copy', event_id) from event_attendees
                 where event_id in (select id from events where organizer_event_id is not null)",
            )
            .await?;
        assert_eq!(wrong, [""; 0]);
        Ok(())
    }

    pub async fn slot(&self, who: i64, slug: &str, name: &str) -> Result<Slot> {
        let slot = self.ground.store.slot(person(who), slug, name).await?;
        slot.with_context(|| format!("{who} has no {slug}"))
    }

    /// What is at a name in somebody's first calendar.
    pub async fn event(&self, who: i64, name: &str) -> Result<Event> {
        let slot = self.slot(who, "default", name).await?;
        slot.event.with_context(|| format!("{who} has no {name}"))
    }

    /// A copy of the one meeting as text.
    pub async fn copy(&self, who: i64) -> Result<String> {
        let event = self.event(who, NAME).await?;
        Ok(String::from_utf8(event.object)?)
    }

    /// Ann's client puts an object into her first calendar.
    pub async fn puts(&self, name: &str, text: &str) -> Result<Decided> {
        self.puts_as(ANN, name, text).await
    }

    /// The client of somebody who organizes a meeting puts it into their first calendar.
    pub async fn puts_as(&self, who: i64, name: &str, text: &str) -> Result<Decided> {
        let sent = parsed(text);
        let slot = self.slot(who, "default", name).await?;
        let organizer = CalendarUserAddress::internal(person(who), &InternalDomain::default());
        let people: Vec<TelegramUserId> = sent
            .attendees()
            .iter()
            .filter_map(|attendee| {
                attendee
                    .address
                    .telegram_user_id(&InternalDomain::default())
            })
            .filter(|id| *id != person(who))
            .collect();
        let key = MeetingKey {
            owner: person(who),
            most: None,
            event_id: slot.event.as_ref().map(|event| event.id),
            uid: sent.uid(),
            organizer: organizer.as_str(),
            component: sent.kind().as_str(),
            people: &people,
        };
        let rows = self.ground.store.meeting(&key).await?;
        let meeting = rows.meeting(owner(who), &InternalDomain::default())?;
        let put = meeting.organizer_put(sent, false, at(0))?;
        let place = match slot.event {
            Some(_) => Place::Over(Box::new(put.upsert)),
            None => Place::New(
                NewPlace::in_calendar(slot.calendar.id, name),
                Box::new(put.upsert),
            ),
        };
        Ok(decided(rows, put.plan, place))
    }

    /// Ann's client removes her meeting.
    pub async fn removes(&self, event_id: Uuid) -> Result<Decided> {
        let (rows, meeting) = self.meeting(event_id, BOB).await?;
        let plan = meeting.organizer_delete(at(0));
        Ok(decided(rows, plan, Place::Gone))
    }

    /// Somebody presses a button of the card of the whole meeting, at the second `update_id`.
    pub async fn answers(
        &self,
        update_id: i64,
        who: i64,
        event_id: Uuid,
        part_stat: PartStat,
    ) -> Result<Decided> {
        let (rows, meeting) = self.meeting(event_id, who).await?;
        let press = press(update_id, who);
        let plan = meeting
            .answer(person(who), &Scope::All, &part_stat, press.received_at)
            .context("they are not invited")?;
        Ok(Decided {
            press: Some(press),
            now: press.received_at,
            ..decided(rows, plan, Place::AsPlanned)
        })
    }

    /// The client of somebody who is invited puts this text over their copy, or anew into their first calendar.
    pub async fn puts_copy(&self, who: i64, event_id: Uuid, text: &str) -> Result<Decided> {
        let (rows, meeting) = self.meeting(event_id, who).await?;
        let (object, mut plan) = meeting.attendee_put(person(who), &parsed(text), true, at(0))?;
        if !plan.copies.iter().any(|change| change.of == person(who)) {
            plan.copies.push(CopyChange {
                of: person(who),
                write: CopyWrite::Replace {
                    object,
                    changes_schedule_tag: true,
                },
            });
        }
        let mut people = rows.people.iter();
        let has_copy = people.any(|row| row.telegram_id == person(who) && row.copy.is_some());
        let place = if has_copy {
            Place::AsPlanned
        } else {
            let calendar_id = self.slot(who, "default", NAME).await?.calendar.id;
            Place::NewCopy(person(who), NewPlace::in_calendar(calendar_id, NAME))
        };
        Ok(decided(rows, plan, place))
    }

    /// The client of somebody who is invited deletes their copy.
    pub async fn removes_copy(&self, who: i64, event_id: Uuid) -> Result<Decided> {
        let (rows, meeting) = self.meeting(event_id, who).await?;
        let plan = meeting.attendee_delete(person(who), true, at(0));
        Ok(decided(rows, plan, Place::AsPlanned))
    }

    /// Somebody who is invited has an account now.
    pub async fn joins(&self, who: i64, event_id: Uuid) -> Result<Decided> {
        let (rows, meeting) = self.meeting(event_id, who).await?;
        let plan = meeting.join(person(who), at(0));
        Ok(decided(rows, plan, Place::AsPlanned))
    }

    /// The meeting as it is, with somebody in it.
    pub async fn meeting(&self, event_id: Uuid, who: i64) -> Result<(MeetingRows, Meeting)> {
        let rows = self
            .ground
            .store
            .meeting_by_id(event_id, &[person(who)])
            .await?
            .context("the meeting is gone")?;
        let meeting = rows.stored_meeting(&InternalDomain::default())?;
        let meeting = meeting.context("the organizer's object is gone")?;
        Ok((rows, meeting))
    }

    /// All that is alive: whose, where, name, sequence, revision, and METHOD or what of it is a copy.
    pub async fn places(&self) -> Result<Vec<String>> {
        self.ground
            .rows(
                "select concat_ws(' ', c.owner, c.slug, e.resource_name, e.sequence, e.revision,
                                  coalesce(e.method, case when e.organizer_event_id is not null then 'copy' end))
                 from events e join calendars c on c.id = e.calendar_id
                 where e.deleted_at is null order by 1",
            )
            .await
    }

    /// Each calendar and inbox that has changed: whose, and its ctag.
    pub async fn ctags(&self) -> Result<Vec<String>> {
        self.ground
            .rows(
                "select concat_ws(' ', owner, slug, ctag) from calendars where ctag > 1 order by 1",
            )
            .await
    }

    /// Forgets what was told before.
    pub async fn forget_outbox(&self) -> Result<()> {
        self.ground.sql("delete from outbox_messages").await
    }
}
