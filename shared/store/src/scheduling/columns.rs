//! The objects that a change of a meeting makes, replaces and removes, and the messages for inboxes, as the columns that the
//! statement takes.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use televent_calendar::{
    AttendeeRow, CalendarObject, CopyWrite, Method, Plan, TelegramUserId, occurrence_bounds,
};
use uuid::Uuid;

use super::{OrganizerWrite, SchedulingWrite};
use crate::{NewEvent, ObjectWrite, attendees::AttendeeColumns, digest};

/// The longest UID of which a copy's resource name is made. A name may have 255 bytes, and others read it.
const MAX_NAMING_UID_BYTES: usize = 200;

/// Objects to be made, as columns.
#[derive(Default)]
pub(super) struct Created {
    pub(super) ids: Vec<Uuid>,
    pub(super) calendar_ids: Vec<Uuid>,
    pub(super) names: Vec<String>,
    pub(super) objects: Vec<Vec<u8>>,
    pub(super) etags: Vec<String>,
    pub(super) are_organizers: Vec<bool>,
    pub(super) firsts: Vec<Option<DateTime<Utc>>>,
    pub(super) lasts: Vec<Option<DateTime<Utc>>>,
}

/// Objects to be replaced, as columns.
#[derive(Default)]
pub(super) struct Replaced {
    pub(super) ids: Vec<Uuid>,
    pub(super) objects: Vec<Vec<u8>>,
    pub(super) etags: Vec<String>,
    pub(super) are_organizers: Vec<bool>,
    /// Whether the schedule tag and the bounds change; an answer of others changes neither.
    pub(super) are_tagged: Vec<bool>,
    pub(super) firsts: Vec<Option<DateTime<Utc>>>,
    pub(super) lasts: Vec<Option<DateTime<Utc>>>,
}

/// Messages for inboxes, as columns.
#[derive(Default)]
pub(super) struct Messages {
    pub(super) ids: Vec<Uuid>,
    pub(super) calendar_ids: Vec<Uuid>,
    pub(super) names: Vec<String>,
    pub(super) objects: Vec<Vec<u8>>,
    pub(super) etags: Vec<String>,
    pub(super) methods: Vec<String>,
}

/// Everything that the statement takes.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) meeting: Uuid,
    pub(super) uid: String,
    pub(super) component: String,
    pub(super) organizer: Option<String>,
    pub(super) owner_organizes: bool,
    pub(super) expected_ids: Vec<Uuid>,
    pub(super) expected_versions: Vec<i64>,
    /// By how much the sizes of calendars change, in the order of their ids.
    pub(super) calendars: BTreeMap<Uuid, i64>,
    pub(super) created: Created,
    pub(super) replaced: Replaced,
    pub(super) removed: Vec<Uuid>,
    pub(super) messages: Messages,
    pub(super) read: Vec<Uuid>,
    pub(super) attendees: Option<AttendeeColumns>,
    pub(super) schedule_statuses: Vec<Option<String>>,
    pub(super) asked: Vec<bool>,
    pub(super) answered: Vec<bool>,
    last_view: Option<View>,
}

/// What was computed of an object, since most attendees have the same.
struct View {
    object: CalendarObject,
    etag: String,
    first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
}

impl Columns {
    pub(super) fn of(write: &SchedulingWrite<'_>) -> Self {
        let mut columns = Self::default();
        columns.add_organizer(write);
        columns.add_copies(write);
        columns.add_messages(write);
        columns
    }

    fn add_organizer(&mut self, write: &SchedulingWrite<'_>) {
        if let Some(row) = &write.rows.organizer {
            self.meeting = row.id;
            self.uid.clone_from(&row.uid);
            self.component.clone_from(&row.component);
            self.organizer.clone_from(&row.organizer);
            self.owner_organizes = row.owner_organizes;
            self.expected_ids.push(row.id);
            self.expected_versions.push(row.version);
        }
        match write.organizer {
            OrganizerWrite::Create(new, object) => {
                self.meeting = new.id;
                self.set_object(object);
                self.grow(new.calendar_id, object.object.len(), 0);
                self.created.push(&new, object, true);
                self.set_attendees(object.attendees, write.plan);
            }
            OrganizerWrite::Replace(object) => {
                self.set_object(object);
                if let Some(row) = &write.rows.organizer {
                    self.grow(row.calendar_id, object.object.len(), row.object.len());
                    self.replaced.push(row.id, object, true);
                    self.set_attendees(object.attendees, write.plan);
                }
            }
            OrganizerWrite::Remove => {
                if let Some(row) = &write.rows.organizer {
                    self.grow(row.calendar_id, 0, row.object.len());
                    self.removed.push(row.id);
                }
            }
            OrganizerWrite::AsPlanned => {
                if let (Some(row), Some(stored)) = (&write.rows.organizer, &write.plan.organizer) {
                    let bytes = stored.object.as_bytes();
                    self.grow(row.calendar_id, bytes.len(), row.object.len());
                    self.replaced.ids.push(row.id);
                    self.replaced.objects.push(bytes.to_vec());
                    self.replaced.etags.push(digest(bytes));
                    self.replaced.are_organizers.push(true);
                    self.replaced.are_tagged.push(false);
                    self.replaced.firsts.push(None);
                    self.replaced.lasts.push(None);
                    self.set_attendees(&stored.attendees, write.plan);
                }
            }
        }
    }

    /// Whether nothing of others is made, changed or removed.
    pub(super) fn are_of_organizer_alone(&self) -> bool {
        self.created.ids.iter().all(|id| *id == self.meeting)
            && self.expected_ids.is_empty()
            && self.messages.ids.is_empty()
            && self.read.is_empty()
    }

    /// Whether something comes into being at others while the organizer's object stays.
    pub(super) fn notes_copy(&self) -> bool {
        let mut organizers = self
            .created
            .are_organizers
            .iter()
            .chain(&self.replaced.are_organizers);
        let stays =
            !organizers.any(|is_organizer| *is_organizer) && !self.removed.contains(&self.meeting);
        let is_new = !self.created.ids.is_empty() || !self.messages.ids.is_empty();
        stays && is_new
    }

    fn set_object(&mut self, object: &ObjectWrite<'_>) {
        object.uid.clone_into(&mut self.uid);
        object.component.clone_into(&mut self.component);
        self.organizer = object.organizer.map(str::to_owned);
        self.owner_organizes = object.owner_organizes;
    }

    fn set_attendees(&mut self, rows: &[AttendeeRow], plan: &Plan) {
        let asked: HashSet<(&str, TelegramUserId)> = plan
            .asked
            .iter()
            .map(|(key, id)| (key.as_str(), *id))
            .collect();
        let answered: HashSet<(&str, TelegramUserId)> = plan
            .answered
            .iter()
            .flat_map(|(id, keys)| keys.iter().map(move |key| (key.as_str(), *id)))
            .collect();
        for row in rows {
            self.schedule_statuses.push(row.schedule_status.clone());
            let who = row.telegram_id.map(|id| (row.recurrence_id.as_str(), id));
            self.asked.push(who.is_some_and(|who| asked.contains(&who)));
            self.answered
                .push(who.is_some_and(|who| answered.contains(&who)));
        }
        self.attendees = Some(AttendeeColumns::from_rows(rows));
    }

    fn add_copies(&mut self, write: &SchedulingWrite<'_>) {
        for change in &write.plan.copies {
            let person = write
                .rows
                .people
                .iter()
                .find(|person| person.telegram_id == change.of);
            let row = person.and_then(|person| person.copy.as_ref());
            if let Some(row) = row {
                self.expected_ids.push(row.id);
                self.expected_versions.push(row.version);
            }
            let place = write.place.filter(|(who, _)| *who == change.of);
            match (&change.write, row) {
                (CopyWrite::Remove, Some(row)) => {
                    self.grow(row.calendar_id, 0, row.object.len());
                    self.removed.push(row.id);
                }
                (
                    CopyWrite::Replace {
                        object,
                        changes_schedule_tag,
                    },
                    Some(row),
                ) => {
                    self.grow(row.calendar_id, object.as_bytes().len(), row.object.len());
                    self.replace_copy(row.id, object, *changes_schedule_tag);
                }
                (CopyWrite::Create(object) | CopyWrite::Replace { object, .. }, None) => {
                    let own = place.map(|(_, new)| new);
                    let chosen = person.and_then(|person| person.calendar_id);
                    let name = resource_name(object.uid());
                    let id = Uuid::now_v7();
                    let ours = chosen.map(|calendar_id| NewEvent {
                        id,
                        calendar_id,
                        resource_name: name.as_deref().unwrap_or_default(),
                        premises: None,
                    });
                    if let Some(new) = own.or(ours) {
                        self.create_copy(&new, object);
                    }
                }
                (CopyWrite::Create(_), Some(_)) | (CopyWrite::Remove, None) => {}
            }
        }
    }

    fn create_copy(&mut self, new: &NewEvent<'_>, object: &CalendarObject) {
        self.grow(new.calendar_id, object.as_bytes().len(), 0);
        let name = if new.resource_name.is_empty() {
            format!("{}.ics", new.id)
        } else {
            new.resource_name.to_owned()
        };
        let (etag, first, last) = self.view(object);
        self.created.ids.push(new.id);
        self.created.calendar_ids.push(new.calendar_id);
        self.created.names.push(name);
        self.created.objects.push(object.as_bytes().to_vec());
        self.created.etags.push(etag);
        self.created.are_organizers.push(false);
        self.created.firsts.push(first);
        self.created.lasts.push(last);
    }

    fn replace_copy(&mut self, id: Uuid, object: &CalendarObject, changes_schedule_tag: bool) {
        let (etag, first, last) = if changes_schedule_tag {
            self.view(object)
        } else {
            (digest(object.as_bytes()), None, None)
        };
        self.replaced.ids.push(id);
        self.replaced.objects.push(object.as_bytes().to_vec());
        self.replaced.etags.push(etag);
        self.replaced.are_organizers.push(false);
        self.replaced.are_tagged.push(changes_schedule_tag);
        self.replaced.firsts.push(first);
        self.replaced.lasts.push(last);
    }

    /// Entity tag and bounds.
    fn view(
        &mut self,
        object: &CalendarObject,
    ) -> (String, Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        if self
            .last_view
            .as_ref()
            .is_none_or(|view| view.object != *object)
        {
            let bounds = occurrence_bounds(object);
            self.last_view = Some(View {
                object: object.clone(),
                etag: digest(object.as_bytes()),
                first: bounds.first,
                last: bounds.last,
            });
        }
        self.last_view.as_ref().map_or_else(
            || (digest(object.as_bytes()), None, None),
            |view| (view.etag.clone(), view.first, view.last),
        )
    }

    fn add_messages(&mut self, write: &SchedulingWrite<'_>) {
        let organizer = write.rows.organizer.as_ref();
        let person = |id: TelegramUserId| {
            let mut people = write.rows.people.iter();
            people.find(move |person| person.telegram_id == id)
        };
        for message in &write.plan.messages {
            let inbox = match message.method {
                Method::Reply => organizer.and_then(|row| row.inbox_id),
                Method::Request | Method::Cancel => {
                    person(message.to).and_then(|person| person.inbox_id)
                }
            };
            let Some(inbox) = inbox else { continue };
            // By UID where that is a name, so that a meeting that is made anew says nothing beside what was said before.
            let name = resource_name(&self.uid);
            let name = name.unwrap_or_else(|| format!("{}.ics", self.meeting));
            let name = format!("{}-{name}", message.from.unwrap_or(write.rows.owner));
            self.grow(inbox, message.text.len(), 0);
            self.messages.ids.push(Uuid::now_v7());
            self.messages.calendar_ids.push(inbox);
            self.messages.names.push(name);
            self.messages.objects.push(message.text.clone());
            self.messages.etags.push(digest(&message.text));
            self.messages
                .methods
                .push(message.method.as_str().to_owned());
        }
        for id in &write.plan.read {
            let inbox = person(*id).filter(|person| person.has_message);
            if let Some(inbox) = inbox.and_then(|person| person.inbox_id) {
                self.grow(inbox, 0, 0);
                self.read.push(inbox);
            }
        }
    }

    /// A calendar is touched: its ctag rises, and it grows by the difference.
    fn grow(&mut self, calendar_id: Uuid, new: usize, old: usize) {
        let size = |bytes: usize| i64::try_from(bytes).unwrap_or(i64::MAX);
        *self.calendars.entry(calendar_id).or_default() += size(new) - size(old);
    }
}

impl Created {
    fn push(&mut self, new: &NewEvent<'_>, object: &ObjectWrite<'_>, is_organizer: bool) {
        self.ids.push(new.id);
        self.calendar_ids.push(new.calendar_id);
        self.names.push(new.resource_name.to_owned());
        self.objects.push(object.object.to_vec());
        self.etags.push(object.etag.to_owned());
        self.are_organizers.push(is_organizer);
        self.firsts.push(object.first_occurrence);
        self.lasts.push(object.last_occurrence);
    }
}

impl Replaced {
    fn push(&mut self, id: Uuid, object: &ObjectWrite<'_>, is_organizer: bool) {
        self.ids.push(id);
        self.objects.push(object.object.to_vec());
        self.etags.push(object.etag.to_owned());
        self.are_organizers.push(is_organizer);
        self.are_tagged.push(true);
        self.firsts.push(object.first_occurrence);
        self.lasts.push(object.last_occurrence);
    }
}

/// The name that clients, too, would give to an object with this UID: who puts the invitation from their inbox into the
/// calendar meets the copy that is there. `None` where the UID would be an odd name.
fn resource_name(uid: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte);
    let is_name = !uid.starts_with('.') && uid.len() <= MAX_NAMING_UID_BYTES;
    (is_name && uid.bytes().all(is_plain)).then(|| format!("{uid}.ics"))
}
