//! A meeting in which everything that is planned is written, as the store does it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::scheduling::answer::part_stat_of;

/// Ids of those who have a calendar from the beginning. (Only Dan has none.)
const WITH_CALENDARS: [i64; 3] = [1, 2, 3];

#[derive(Clone)]
pub(super) struct World {
    pub(super) meeting: Meeting,
    pub(super) rows: Vec<AttendeeRow>,
    pub(super) inboxes: BTreeMap<TelegramUserId, Vec<Message>>,
    /// How often each copy's schedule tag has changed.
    pub(super) tags: BTreeMap<TelegramUserId, usize>,
    pub(super) now: DateTime<Utc>,
}

impl World {
    /// It is the first of January 2026, and nobody has planned anything.
    pub(super) fn new() -> Self {
        Self {
            meeting: Meeting {
                organizer: owner(),
                object: None,
                people: BTreeMap::new(),
                domain: domain(),
            },
            rows: Vec::new(),
            inboxes: BTreeMap::new(),
            tags: BTreeMap::new(),
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
        }
    }

    /// A meeting that the organizer has just put.
    pub(super) fn of(components: &[&str]) -> Self {
        let mut world = Self::new();
        world.put(components);
        world
    }

    pub(super) fn put(&mut self, components: &[&str]) -> OrganizerPut {
        self.put_object(of(components)).unwrap()
    }

    pub(super) fn put_object(&mut self, sent: CalendarObject) -> Result<OrganizerPut, Refusal> {
        self.later();
        let people = [self.meeting.object.as_ref(), Some(&sent)];
        let people = people.into_iter().flatten();
        let people = people.flat_map(CalendarObject::attendees);
        for id in people.filter_map(|attendee| attendee.address.telegram_user_id(&domain())) {
            if id.get() != OWNER {
                self.meeting.people.entry(id).or_insert_with(|| Person {
                    has_calendar: WITH_CALENDARS.contains(&id.get()),
                    delivery: ScheduleStatus::Delivered,
                    copy: None,
                });
            }
        }
        let put = self.meeting.organizer_put(sent, false, self.now)?;
        assert_eq!(put.plan.organizer, None);
        self.write(&put.plan);
        self.rows.clone_from(&put.upsert.attendees);
        self.meeting.object = Some(put.upsert.object.clone());
        Ok(put)
    }

    pub(super) fn delete(&mut self) -> Plan {
        self.later();
        let plan = self.meeting.organizer_delete(self.now);
        self.write(&plan);
        self.meeting.object = None;
        self.rows.clear();
        plan
    }

    /// Somebody's device puts a copy, knowing what it changes.
    pub(super) fn device_puts(&mut self, who: i64, text: &str) -> Result<Plan, Refusal> {
        self.device_puts_over(who, text, true)
    }

    pub(super) fn device_puts_over(
        &mut self,
        who: i64,
        text: &str,
        is_current: bool,
    ) -> Result<Plan, Refusal> {
        self.later();
        let sent = CalendarObject::parse(text.as_bytes().to_vec()).unwrap();
        let put = self
            .meeting
            .attendee_put(id(who), &sent, is_current, self.now);
        let (object, mut plan) = put?;
        let has_own = plan.copies.iter().any(|change| change.of == id(who));
        if !has_own
            && self
                .meeting
                .people
                .get(&id(who))
                .and_then(|one| one.copy.as_ref())
                != Some(&object)
        {
            plan.copies.push(CopyChange {
                of: id(who),
                write: CopyWrite::Replace {
                    object,
                    changes_schedule_tag: true,
                },
            });
        }
        self.write(&plan);
        Ok(plan)
    }

    /// As [`Self::device_puts`], of the copy with one text in place of another, which is in it.
    pub(super) fn device_changes(
        &mut self,
        who: i64,
        from: &str,
        to: &str,
    ) -> Result<Plan, Refusal> {
        let copy = self.copy(who);
        let from = lines(from);
        assert!(copy.contains(&from), "{from} is not in {copy}");
        self.device_puts(who, &copy.replacen(&from, &lines(to), 1))
    }

    pub(super) fn device_deletes(&mut self, who: i64) -> Plan {
        self.later();
        let plan = self.meeting.attendee_delete(id(who), true, self.now);
        self.write(&plan);
        plan
    }

    pub(super) fn press(
        &mut self,
        who: i64,
        key: Option<&str>,
        part_stat: &PartStat,
    ) -> Option<Plan> {
        self.later();
        let scope = key.map_or(Scope::All, |key| Scope::Instance(key.to_owned()));
        let plan = self.meeting.answer(id(who), &scope, part_stat, self.now)?;
        self.write(&plan);
        Some(plan)
    }

    pub(super) fn join(&mut self, who: i64) -> Plan {
        self.later();
        self.meeting.people.get_mut(&id(who)).unwrap().has_calendar = true;
        let plan = self.meeting.join(id(who), self.now);
        self.write(&plan);
        plan
    }

    fn later(&mut self) {
        self.now += TimeDelta::minutes(1);
    }

    fn write(&mut self, plan: &Plan) {
        let changed: BTreeSet<_> = plan.copies.iter().map(|change| change.of).collect();
        assert_eq!(changed.len(), plan.copies.len(), "two changes of one copy");
        for who in &plan.read {
            self.inboxes.remove(who);
        }
        for message in &plan.messages {
            let inbox = self.inboxes.entry(message.to).or_default();
            inbox.retain(|known| known.from != message.from);
            inbox.push(message.clone());
        }
        for change in &plan.copies {
            let person = self.meeting.people.get_mut(&change.of).unwrap();
            let tag = self.tags.entry(change.of).or_default();
            match &change.write {
                CopyWrite::Create(object) => {
                    assert!(person.copy.is_none() && person.has_calendar);
                    person.copy = Some(object.clone());
                    *tag += 1;
                }
                CopyWrite::Replace {
                    object,
                    changes_schedule_tag,
                } => {
                    person.copy = Some(object.clone());
                    *tag += usize::from(*changes_schedule_tag);
                }
                CopyWrite::Remove => person.copy = None,
            }
        }
        if let Some(stored) = &plan.organizer {
            self.rows.clone_from(&stored.attendees);
            self.meeting.object = Some(stored.object.clone());
        }
    }

    pub(super) fn object(&self) -> &CalendarObject {
        self.meeting.object.as_ref().unwrap()
    }

    pub(super) fn copy_object(&self, who: i64) -> Option<&CalendarObject> {
        self.meeting.people.get(&id(who))?.copy.as_ref()
    }

    /// Somebody's copy, unfolded.
    pub(super) fn copy(&self, who: i64) -> String {
        self.copy_object(who).map(text).unwrap_or_default()
    }

    /// `["=ACCEPTED", "20260107T100000Z=DECLINED"]`: somebody's answers as the organizer's object says them.
    pub(super) fn answers(&self, who: i64) -> Vec<String> {
        answers_in(self.object(), who)
    }

    /// As [`Self::answers`], in the copy of another.
    pub(super) fn answers_in_copy(&self, of: i64, who: i64) -> Vec<String> {
        self.copy_object(of)
            .map(|copy| answers_in(copy, who))
            .unwrap_or_default()
    }

    /// The methods of what is in somebody's inbox.
    pub(super) fn inbox(&self, who: i64) -> Vec<&'static str> {
        let inbox = self.inboxes.get(&id(who));
        let messages = inbox.into_iter().flatten();
        messages.map(|message| message.method.as_str()).collect()
    }
}

pub(super) fn answers_in(object: &CalendarObject, who: i64) -> Vec<String> {
    let address = CalendarUserAddress::internal(id(who), &domain());
    let components = object.components().iter();
    components
        .filter_map(|component| {
            let said = part_stat_of(component, &address)?;
            Some(format!("{}={said}", component.recurrence_key()))
        })
        .collect()
}
