//! What this process was told last of devices, of their calendars and of people: enough to decide on a new resource without asking
//! again. Nothing is answered from it. A write that relies on it says so, and Postgres does nothing unless all of it still holds: so
//! a revoked password, a full account or a new account of somebody invited is noticed by the write itself.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hashlink::LruCache;
use televent_calendar::TelegramUserId;

use crate::{
    Calendar, CalendarProperties, DeviceSecret, INBOX_SLUG, OwnPlace, PersonRow, Slot, Store, User,
};

/// Devices of which something is remembered.
const MAX_REMEMBERED_DEVICES: usize = 2_048;

/// Calendars that are remembered of one device, half a kilobyte each.
const MAX_REMEMBERED_CALENDARS: usize = 16;

/// People who are remembered, some hundred bytes each.
const MAX_REMEMBERED_PEOPLE: usize = 16_384;

/// The most people of a meeting that is decided on without asking. A larger one has more to do than a question.
const MAX_INVITED: usize = 50;

/// After this Postgres is asked all the same: the question is what notes that a device is in use.
const REMEMBERED_FOR: Duration = Duration::from_secs(30 * 60);

/// Whose device it is and what their calendar is like, as Postgres said once.
#[derive(Clone)]
pub struct Recalled {
    pub(crate) secret_hash: [u8; 32],
    pub(crate) user: User,
    pub(crate) calendar: Calendar,
    owner_bytes: i64,
    told_at: Instant,
}

impl Recalled {
    /// Whose device it is.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// Their calendar, in which nothing is at the place that is asked for. Of its properties only the components are remembered.
    #[must_use]
    pub fn empty_slot(&self) -> Slot {
        Slot {
            calendar: self.calendar.clone(),
            event: None,
            owner_bytes: self.owner_bytes,
        }
    }

    fn is_of(&self, slug: &str) -> bool {
        self.calendar.slug == slug && self.told_at.elapsed() < REMEMBERED_FOR
    }

    /// Whether it is what Postgres has just said.
    fn says(&self, user: &User, slot: &Slot) -> bool {
        self.is_of(&slot.calendar.slug)
            && self.user == *user
            && self.calendar.id == slot.calendar.id
            && self.calendar.properties.components == slot.calendar.properties.components
    }
}

impl fmt::Debug for Recalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recalled").finish_non_exhaustive()
    }
}

/// What a decision rests on that was made without asking: the device, its owner, the calendar, and those who are invited.
#[derive(Debug)]
pub struct Premises<'a> {
    pub(crate) recalled: &'a Recalled,
    /// Everybody who is invited.
    pub(crate) people: Vec<i64>,
    /// Those of them of whom Postgres will have something to say, as it will say it: the id and SCHEDULE-STATUS of the last message, in
    /// the order of the bytes.
    pub(crate) met: Vec<String>,
}

/// Somebody who may be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Invitee {
    /// SCHEDULE-STATUS of the last message to somebody without an account, if there was one.
    HasNone(Option<String>),
    /// There is more to know of them.
    HasAccount,
}

/// All that is remembered.
pub(crate) struct Memory {
    devices: Mutex<LruCache<[u8; 32], Vec<Arc<Recalled>>>>,
    people: Mutex<LruCache<TelegramUserId, Invitee>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            devices: Mutex::new(LruCache::new(MAX_REMEMBERED_DEVICES)),
            people: Mutex::new(LruCache::new(MAX_REMEMBERED_PEOPLE)),
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

impl Memory {
    /// Postgres has let a device in.
    pub(crate) fn note_device(&self, secret_hash: [u8; 32], user: &User, slot: &Slot) {
        if slot.calendar.slug == INBOX_SLUG {
            return;
        }
        let mut devices = locked(&self.devices);
        if let Some(known) = devices.get(&secret_hash)
            && known.iter().any(|recalled| recalled.says(user, slot))
        {
            return;
        }
        let mut known = devices.remove(&secret_hash).unwrap_or_default();
        known.retain(|recalled| recalled.calendar.slug != slot.calendar.slug);
        if known.len() >= MAX_REMEMBERED_CALENDARS {
            known.remove(0);
        }
        known.push(Arc::new(Recalled {
            secret_hash,
            user: user.clone(),
            calendar: Calendar {
                slug: slot.calendar.slug.clone(),
                properties: CalendarProperties {
                    display_name: String::new(),
                    components: slot.calendar.properties.components.clone(),
                    time_zone: None,
                    time_zone_id: None,
                    transparent: slot.calendar.properties.transparent,
                    dead: Vec::new(),
                },
                ..slot.calendar
            },
            owner_bytes: slot.owner_bytes,
            told_at: Instant::now(),
        }));
        devices.insert(secret_hash, known);
    }

    /// Postgres has said what people are.
    pub(crate) fn note_people(
        &self,
        invitees: impl IntoIterator<Item = (TelegramUserId, Invitee)>,
    ) {
        let mut people = locked(&self.people);
        for (id, invitee) in invitees {
            people.insert(id, invitee);
        }
    }

    /// What to rest a decision on about a new meeting of these people, and what they are for it; `None` if they are many, or one of
    /// them has an account. Of whom nothing is known is taken for somebody to whom nobody has written.
    pub(crate) fn premises<'a>(
        &self,
        recalled: &'a Recalled,
        ids: &[TelegramUserId],
    ) -> Option<(Vec<PersonRow>, Premises<'a>)> {
        if ids.len() > MAX_INVITED {
            return None;
        }
        let mut people = locked(&self.people);
        let mut met = Vec::new();
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            let delivery = match people.get(id) {
                Some(Invitee::HasAccount) => return None,
                Some(Invitee::HasNone(Some(delivery))) => {
                    met.push(format!("{id} {delivery}"));
                    Some(delivery.clone())
                }
                Some(Invitee::HasNone(None)) | None => None,
            };
            rows.push(PersonRow::stranger(*id, delivery));
        }
        met.sort_unstable();
        let premises = Premises {
            recalled,
            people: ids.iter().map(|id| id.get()).collect(),
            met,
        };
        Some((rows, premises))
    }
}

impl Store {
    /// What is remembered of the device with this secret and of the calendar at `place`; `None` if Postgres has to be asked.
    #[must_use]
    pub fn recall(&self, secret: &DeviceSecret, place: OwnPlace<'_>) -> Option<Arc<Recalled>> {
        let mut devices = locked(&self.memory.devices);
        let known = devices.get(&secret.hash())?;
        let mut known = known.iter();
        known
            .find(|recalled| recalled.is_of(place.slug))
            .map(Arc::clone)
    }

    /// Something in `recalled` does not hold any more.
    pub fn forget(&self, recalled: &Recalled) {
        locked(&self.memory.devices).remove(&recalled.secret_hash);
    }
}

fn locked<T>(memory: &Mutex<T>) -> MutexGuard<'_, T> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}
