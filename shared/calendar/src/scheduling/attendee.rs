//! What an attendee's device may do to their copy (RFC 6638 section 3.2.2), and which answers are in it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::answer::{Answers, Comments, PartStats, part_stat_of};
use super::change::says_what_series_says;
use super::exclusions::Exclusions;
use super::instance::{find, with_found};
use super::source::instance_keys;
use crate::address::CalendarUserAddress;
use crate::object::{AttendeeEdit, CalendarObject, Component, ComponentKind, Edit};
use crate::occurrences::resolved;
use crate::part_stat::PartStat;
use crate::time::{EventTime, Key, Moment, Zone, Zones};
use crate::tree::Node;

/// Properties that are the organizer's, besides those that say what, when, where and who.
const FIXED: [&str; 10] = [
    "ATTACH",
    "CLASS",
    "CONFERENCE",
    "CONTACT",
    "GEO",
    "IMAGE",
    "PRIORITY",
    "RELATED-TO",
    "RESOURCES",
    "STYLED-DESCRIPTION",
];

/// A change of a copy that its owner may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CopyPut {
    /// What to store: what was sent, with the answers of others as they are.
    pub object: CalendarObject,
    /// What it answers, by component or instance.
    pub answers: Answers,
    /// What it says to the organizer that the copy did not say: of the components of the copy, or instances.
    pub comments: Comments,
    /// Whether it takes out instances that an older state of the copy had, so that this declines nothing.
    pub has_stale_exclusions: bool,
}

/// An object that an attendee's client has sent over the copy that is stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Put<'a> {
    pub copy: &'a CalendarObject,
    /// The organizer's object, if there still is one.
    pub organizers: Option<&'a CalendarObject>,
    pub sent: &'a CalendarObject,
    pub address: &'a CalendarUserAddress,
    /// Whether the client has named the state that it changes (If-Match, If-Schedule-Tag-Match): if it has not, an answer in
    /// a component with an older DTSTAMP than the stored one is an older answer, and does not count (RFC 5546 section 2.1.5).
    pub is_current: bool,
}

impl Put<'_> {
    /// Decides about it.
    ///
    /// # Errors
    /// What was changed that is the organizer's.
    pub(super) fn decide(&self) -> Result<CopyPut, String> {
        let sent = with_unheard_instances(self.copy, self.sent);
        let heard = Put {
            copy: self.copy,
            organizers: self.organizers,
            sent: &sent,
            address: self.address,
            is_current: self.is_current,
        };
        heard.decide_all(self.sent)
    }

    /// As [`Self::decide`], where `unheard` was sent, and nothing is missing any more that the client could not know of.
    fn decide_all(&self, unheard: &CalendarObject) -> Result<CopyPut, String> {
        let (copy, sent) = (self.copy, self.sent);
        let is_another = [
            ("UID", sent.uid() != copy.uid()),
            ("the kind of component", sent.kind() != copy.kind()),
            ("ORGANIZER", sent.organizer() != copy.organizer()),
        ];
        if let Some((what, _)) = is_another.iter().find(|(_, is_another)| *is_another) {
            return Err(format!("{what} is not for an attendee to change"));
        }
        // As if each instance that the client has made a component of had been one before.
        let sent_keys = sent.components().iter().map(Component::recurrence_key);
        let new_keys = sent_keys.filter(|key| copy.component(key).is_none());
        let base = with_found(copy, &find(copy, new_keys))
            .map_err(|_| "the series has no room for so many instances of their own".to_owned())?;
        let calendars = (Node::of(sent), Node::of(&base));
        let nodes = (calendars.0.kept(sent), calendars.1.kept(&base));
        let excluded = Excluded {
            stored: Exclusions::of(&Node::of(copy).kept(copy), copy),
            sent: Exclusions::of(&nodes.0, sent),
        };
        let instance_keys = instance_keys(copy);
        self.check_components(&base, &excluded, &instance_keys)?;
        let zones = (sent.zones(), copy.zones());
        for component in sent.components() {
            if let Some(before) = base.component(component.recurrence_key()) {
                check((component, &zones.0), (before, &zones.1), sent)?;
            }
        }
        check_fixed_values((sent, &nodes.0), (&base, &nodes.1))?;
        let comments = self.comments(&nodes.0, (&base, &nodes.1), unheard);
        let (own, mut answers) = self.said(&base, unheard);
        let has_stale_exclusions = self.exclude(&excluded, &instance_keys, &mut answers);
        let others = PartStats::of(&base);
        let mut edit = Edit::of(sent);
        edit.attendees(|component, attendee| {
            let key = component.recurrence_key();
            let part_stat = if attendee.address == *self.address {
                own.get(key).cloned()
            } else {
                others.get(key, &attendee.address).cloned()
            };
            AttendeeEdit {
                part_stat,
                ..AttendeeEdit::default()
            }
        });
        Ok(CopyPut {
            object: edit.finish(),
            answers,
            comments,
            has_stale_exclusions,
        })
    }

    fn is_older(&self, sent: &Component, stored: &Component) -> bool {
        !self.is_current && sent.stamp < stored.stamp
    }

    /// Whether a component says less of the answer than what stands: against the first answer nothing is older.
    fn is_outdated(&self, sent: &Component, stored: &Component, stands: Option<&PartStat>) -> bool {
        let is_answered = stands.is_some_and(|stands| *stands != PartStat::NeedsAction);
        is_answered && self.is_older(sent, stored)
    }

    /// Whether a component is one in the copy only, as for an alarm: for others it is as the series says.
    fn is_separated(&self, key: &str) -> bool {
        let organizers = self.organizers;
        !key.is_empty() && organizers.is_some_and(|organizers| organizers.component(key).is_none())
    }

    /// What the attendee's lines shall say, by component, and which answers that is.
    fn said(
        &self,
        base: &CalendarObject,
        unheard: &CalendarObject,
    ) -> (HashMap<&str, PartStat>, Answers) {
        let of_series = self.copy.master();
        let of_series = of_series.and_then(|series| part_stat_of(series, self.address));
        let mut own = HashMap::new();
        let mut answers = Answers::new();
        let mut series = None;
        // The series first: what is separated from it is compared with what it says now.
        let components = self.sent.master().into_iter();
        let all = self.sent.components().iter();
        for component in components.chain(all.filter(|one| one.recurrence_id.is_some())) {
            let key = component.recurrence_key();
            let before = base.component(key);
            let Some((before, said)) = before.zip(part_stat_of(component, self.address)) else {
                continue;
            };
            let stands = match (&series, part_stat_of(before, self.address)) {
                (Some(series), _) if self.is_separated(key) => Some(series),
                (_, stands) => stands,
            };
            // Of an instance that they had answered for alone, a client that does not know it has not spoken.
            let is_unheard = unheard.component(key).is_none()
                && self.copy.component(key).is_some()
                && part_stat_of(before, self.address) != of_series;
            let holds = if is_unheard || self.is_outdated(component, before, stands) {
                stands
            } else {
                Some(said)
            };
            let holds = holds.cloned().unwrap_or_default();
            if stands != Some(&holds) {
                answers.insert(key.to_owned(), holds.clone());
            }
            if key.is_empty() {
                series = Some(holds.clone());
            }
            own.insert(key, holds);
        }
        (own, answers)
    }

    /// The COMMENTs of what was sent that its component did not have, but for those that come with an older answer.
    fn comments(
        &self,
        sent_nodes: &[&Node<'_>],
        (base, base_nodes): (&CalendarObject, &[&Node<'_>]),
        unheard: &CalendarObject,
    ) -> Comments {
        let components = self.sent.components().iter().zip(sent_nodes);
        let comments = components.filter_map(|(component, node)| {
            let key = component.recurrence_key();
            let index = base.position(key)?;
            let before = base.components().get(index)?;
            let stands = part_stat_of(before, self.address);
            // What the server has made of the series for a client that does not know the instance.
            let is_said = unheard.component(key).is_some();
            if !is_said || self.is_outdated(component, before, stands) {
                return None;
            }
            let known = base_nodes.get(index).map(|node| comments_in(node));
            let known: HashSet<_> = known?.map(|(value, _)| value).collect();
            let new = comments_in(node).filter(|(value, _)| !known.contains(value));
            let new: Vec<_> = new.map(|(_, line)| line).collect();
            (!new.is_empty()).then(|| (key.to_owned(), new))
        });
        comments.collect()
    }

    /// Adds that instances which are taken out are declined. Returns whether some are not, since that is older than what the
    /// copy says.
    fn exclude(
        &self,
        excluded: &Excluded,
        instance_keys: &[Option<Key>],
        answers: &mut Answers,
    ) -> bool {
        let mut are_stale = false;
        let components = instance_keys.iter().zip(self.copy.components());
        let by_instance: HashMap<Key, &Component> = components
            .filter_map(|(key, component)| Some(((*key)?, component)))
            .collect();
        for key in excluded.sent.keys() {
            let component = by_instance.get(&key).copied();
            let was_shown = component
                .is_some_and(|component| self.sent.component(component.recurrence_key()).is_none());
            if excluded.stored.contains(key) && !was_shown {
                continue;
            }
            let before = component.or_else(|| self.copy.master());
            let stands = before.and_then(|before| part_stat_of(before, self.address));
            if before
                .zip(self.sent.master())
                .is_some_and(|(before, sent)| self.is_outdated(sent, before, stands))
            {
                are_stale = true;
                continue;
            }
            let said = component.and_then(|component| part_stat_of(component, self.address));
            // By the name that the organizer's object has for it.
            let name = component.map_or_else(
                || key.to_string(),
                |component| component.recurrence_key().to_owned(),
            );
            if said != Some(&PartStat::Declined) || self.is_separated(&name) {
                answers.insert(name, PartStat::Declined);
            }
        }
        are_stale
    }

    /// Components may come, if they are instances of the series, and go, if EXDATE says so.
    fn check_components(
        &self,
        base: &CalendarObject,
        excluded: &Excluded,
        instance_keys: &[Option<Key>],
    ) -> Result<(), String> {
        for component in self.sent.components() {
            let key = component.recurrence_key();
            if base.component(key).is_none() {
                return Err(if key.is_empty() {
                    "you are invited to some instances only, not to the series".to_owned()
                } else {
                    format!("the series has no instance {key}")
                });
            }
        }
        if !excluded.stored.is_subset(&excluded.sent) && self.sent.master().is_some() {
            let why = "an EXDATE is missing: the recurrence is the organizer's to change";
            return Err(why.to_owned());
        }
        for (component, instance_key) in self.copy.components().iter().zip(instance_keys) {
            let key = component.recurrence_key();
            if self.sent.component(key).is_some()
                || instance_key.is_some_and(|key| excluded.sent.contains(key))
                || self.is_separated(key)
            {
                continue;
            }
            return Err(if key.is_empty() {
                "the series is missing".to_owned()
            } else {
                format!("the instance {key} is missing, and no EXDATE says that it is not wanted")
            });
        }
        Ok(())
    }
}

/// What was sent with the components that the server has made of instances because others have answered for them alone. A
/// client may not know them: that leaves the schedule tag as it is, so that a pending answer is not lost (RFC 6638 section
/// 3.2.10.1).
fn with_unheard_instances(copy: &CalendarObject, sent: &CalendarObject) -> CalendarObject {
    let Some(series) = copy.master() else {
        return sent.clone();
    };
    let unheard = copy.components().iter().filter(|component| {
        let key = component.recurrence_key();
        sent.component(key).is_none() && says_what_series_says(component, series)
    });
    let found = find(sent, unheard.map(Component::recurrence_key));
    with_found(sent, &found).unwrap_or_else(|_| sent.clone())
}

/// The instances that EXDATE takes out.
struct Excluded {
    stored: Exclusions,
    sent: Exclusions,
}

/// Whether each component has the values of [`FIXED`] that it had.
fn check_fixed_values(
    (sent, sent_nodes): (&CalendarObject, &[&Node<'_>]),
    (stored, stored_nodes): (&CalendarObject, &[&Node<'_>]),
) -> Result<(), String> {
    let values = (fixed_values(sent_nodes), fixed_values(stored_nodes));
    for (component, sent) in sent.components().iter().zip(&values.0) {
        let stored = stored.position(component.recurrence_key());
        let stored = stored.and_then(|index| values.1.get(index));
        let difference = stored.and_then(|stored| sent.symmetric_difference(stored).next());
        if let Some((name, _)) = difference {
            return Err(format!("{name} is the organizer's to change"));
        }
    }
    Ok(())
}

/// Of each component, the values of [`FIXED`] that say something.
fn fixed_values(nodes: &[&Node<'_>]) -> Vec<BTreeSet<(&'static str, Vec<u8>)>> {
    // What a missing one says (RFC 5545 sections 3.8.1.3 and 3.8.1.9); some programs write it out.
    let says_nothing = |name: &str, value: &[u8]| match name {
        "CLASS" => value.eq_ignore_ascii_case(b"PUBLIC"),
        "PRIORITY" => value == b"0",
        _ => false,
    };
    let values = nodes.iter().map(|node| {
        let lines = node.properties.iter().filter_map(|line| {
            let name = FIXED.into_iter().find(|name| line.is(name))?;
            let value = line.property()?.value().trim_ascii().to_vec();
            (!says_nothing(name, &value)).then_some((name, value))
        });
        lines.collect()
    });
    values.collect()
}

/// The COMMENTs of a component that say something: each by its value, with its line.
fn comments_in(node: &Node<'_>) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let lines = node.properties_named("COMMENT");
    lines.filter_map(|line| {
        let value = line.property()?.value().trim_ascii().to_vec();
        (!value.is_empty()).then(|| (value, line.line.unfolded().into_owned()))
    })
}

/// Whether a component says what it said, in all that is the organizer's.
fn check(
    (sent, sent_zones): (&Component, &Zones<'_>),
    (stored, stored_zones): (&Component, &Zones<'_>),
    object: &CalendarObject,
) -> Result<(), String> {
    let refuse = |what: &str| Err(format!("{what} is the organizer's to change"));
    if !is_at_same_time((sent, sent_zones), (stored, stored_zones), object.kind()) {
        return refuse("the time");
    }
    // An answer for this and all that follow can't be said of instances one by one.
    if sent.this_and_future != stored.this_and_future {
        return refuse("RANGE");
    }
    if sent.schedule.rules != stored.schedule.rules
        || sent.schedule.extra_dates != stored.schedule.extra_dates
    {
        return refuse("the recurrence");
    }
    let text = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        text.replace("\r\n", "\n").trim().to_owned()
    };
    for (what, sent, stored) in [
        ("SUMMARY", &sent.summary, &stored.summary),
        ("LOCATION", &sent.location, &stored.location),
        ("DESCRIPTION", &sent.description, &stored.description),
        ("URL", &sent.url, &stored.url),
    ] {
        if text(sent) != text(stored) {
            return refuse(what);
        }
    }
    // How far somebody is with a to-do is theirs to say. Some programs write out that an event takes place.
    let status = |component: &Component| match component.status.as_deref() {
        Some("CONFIRMED") | None => String::new(),
        Some(other) => other.to_owned(),
    };
    if object.kind() != ComponentKind::Todo && status(sent) != status(stored) {
        return refuse("STATUS");
    }
    fn others<'c>(
        component: &'c Component,
        object: &CalendarObject,
    ) -> Vec<&'c CalendarUserAddress> {
        // Some programs list the organizer among the attendees.
        let addresses = component
            .attendees()
            .iter()
            .map(|attendee| &attendee.address);
        let mut all: Vec<&CalendarUserAddress> = addresses
            .filter(|address| Some(*address) != object.organizer())
            .collect();
        all.sort_unstable();
        all
    }
    if others(sent, object) != others(stored, object) {
        return refuse("the list of attendees");
    }
    Ok(())
}

/// Clients write the same time in several ways: with DTEND or DURATION, in a zone that they name otherwise, or, where nothing
/// repeats, in UTC.
fn is_at_same_time(
    (sent, sent_zones): (&Component, &Zones<'_>),
    (stored, stored_zones): (&Component, &Zones<'_>),
    kind: ComponentKind,
) -> bool {
    if sent.schedule.times == stored.schedule.times {
        return true;
    }
    let (sent_start, sent_time) = time(sent, sent_zones, kind);
    let (stored_start, stored_time) = time(stored, stored_zones, kind);
    match (sent_time, stored_time) {
        (
            Some(EventTime::Zoned { start, end, .. }),
            Some(EventTime::Zoned {
                start: stored_start_at,
                end: stored_end,
                ..
            }),
        ) => {
            let repeats = sent.repeats || stored.repeats;
            start == stored_start_at
                && end == stored_end
                && (!repeats || is_in_same_zone(sent_start.as_ref(), stored_start.as_ref()))
        }
        (sent, stored) => sent == stored,
    }
}

/// Whether two starts that are one instant are so each week: what a VTIMEZONE describes is known by its offset only.
fn is_in_same_zone(one: Option<&Moment>, other: Option<&Moment>) -> bool {
    let (
        Some(Moment::Zoned { local, zone }),
        Some(Moment::Zoned {
            local: other,
            zone: other_zone,
        }),
    ) = (one, other)
    else {
        return false;
    };
    let is_custom = |zone: &Zone| matches!(zone, Zone::Custom(_));
    zone == other_zone || local == other && (is_custom(zone) || is_custom(other_zone))
}

/// When a component is, and how its start is written, with the zones of its object.
fn time(
    component: &Component,
    zones: &Zones<'_>,
    kind: ComponentKind,
) -> (Option<Moment>, Option<EventTime>) {
    let timing = &component.timing;
    let in_zone = |moment: &Moment| resolved(moment, zones);
    let start = timing.start.as_ref().map(in_zone);
    let end = timing.end.as_ref().map(in_zone);
    let time = EventTime::new(kind, start.clone(), end.clone(), timing.duration);
    (start.or(end), time)
}
