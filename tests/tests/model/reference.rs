//! The reference: what everybody has answered, in plain maps, computed from the operations and their outcomes alone.

use std::collections::{BTreeMap, BTreeSet};

use televent_tests::{EventLines, normal_address};

use crate::people::{ATTENDEES, Person};
use crate::text::{Named, Text, excluded, named};

const NEEDS_ACTION: &str = "NEEDS-ACTION";
const DECLINED: &str = "DECLINED";

/// A component of the organizer's object, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Component {
    start: String,
    place: String,
    rule: Option<String>,
    excluded: BTreeSet<String>,
    invited: BTreeSet<Person>,
    /// Whether only answers have made it, so that the organizer's app may not know of it.
    is_made: bool,
}

/// What there should be.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    life: u32,
    components: BTreeMap<String, Component>,
    /// What the server has been told, by person and recurrence key: just of those whom it invites.
    pub(crate) answers: BTreeMap<(Person, String), String>,
    /// Who has an object of this UID in a calendar.
    pub(crate) has_object: BTreeSet<Person>,
    /// Who has an account.
    pub(crate) has_account: BTreeSet<Person>,
}

impl Component {
    fn of(event: &EventLines, life: u32) -> Self {
        let value = |name: &str| event.value(name).unwrap_or_default().to_owned();
        let all = named(event);
        let is_ours = match event.value("ORGANIZER") {
            None => true,
            Some(organizer) => normal_address(organizer) == Person::Ann.address(life),
        };
        let invited = ATTENDEES.into_iter().filter(|who| {
            let address = who.address(life);
            is_ours
                && all
                    .iter()
                    .any(|line| line.by_server && line.address == address)
        });
        Self {
            start: value("DTSTART"),
            place: value("LOCATION"),
            rule: event.value("RRULE").map(str::to_owned),
            excluded: excluded(event),
            invited: invited.collect(),
            is_made: false,
        }
    }

    /// Whether a change asks everybody again.
    fn asks_again(&self, old: &Self) -> bool {
        let count = |rule: &str| {
            rule.split_once("COUNT=")
                .map(|(_, count)| count.parse::<u32>().expect("a number"))
        };
        let rule_is_longer = match (&old.rule, &self.rule) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(old), Some(new)) => match (count(old), count(new)) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(old), Some(new)) => new > old,
            },
        };
        self.start != old.start
            || self.place != old.place
            || rule_is_longer
            || !old.excluded.is_subset(&self.excluded)
    }

    /// Whether an instance is not when and where its series says.
    fn differs(&self, key: &str, series: &Self) -> bool {
        self.start != key || self.place != series.place
    }
}

impl Reference {
    pub(crate) fn new(life: u32) -> Self {
        Self {
            life,
            components: BTreeMap::new(),
            answers: BTreeMap::new(),
            has_object: BTreeSet::new(),
            has_account: BTreeSet::from([Person::Kirill, Person::Bo]),
        }
    }

    pub(crate) fn is_invited(&self, who: Person) -> bool {
        self.components
            .values()
            .any(|component| component.invited.contains(&who))
    }

    /// Whether the same is answered, and the same people have it in their calendars.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.answers == other.answers && self.has_object == other.has_object
    }

    pub(crate) fn invites_somebody(&self) -> bool {
        ATTENDEES.into_iter().any(|who| self.is_invited(who))
    }

    /// Whether somebody has a copy that follows the organizer's object.
    pub(crate) fn has_living_copy(&self, who: Person) -> bool {
        self.has_object.contains(&who) && self.is_invited(who)
    }

    fn answer(&self, who: Person, key: &str) -> Option<&String> {
        self.answers.get(&(who, key.to_owned()))
    }

    /// The organizer's app has stored an object, and reads `served` there. What is served beyond what was sent are
    /// instances of which the app may not know.
    ///
    /// # Errors
    /// If the components that are served can't be right.
    pub(crate) fn organizer_put(&mut self, sent: &Text, served: &Text) -> Result<(), String> {
        let old = std::mem::take(&mut self.components);
        let old_answers = std::mem::take(&mut self.answers);
        let new: BTreeMap<String, Component> = sent
            .events
            .iter()
            .map(|event| (event.recurrence_id.clone(), Component::of(event, self.life)))
            .collect();
        let series = new.get("");
        let series_asks = match (old.get(""), series) {
            (Some(old), Some(new)) => new.asks_again(old),
            _ => true,
        };
        let mut asked = BTreeSet::new();
        for (key, component) in &new {
            let (known_at, stands) = match (old.get(key), series) {
                (Some(old), _) => (key.as_str(), !component.asks_again(old)),
                (None, Some(series)) => ("", !series_asks && !component.differs(key, series)),
                (None, None) => ("", false),
            };
            let lines = sent.event(key).map(named).unwrap_or_default();
            for who in &component.invited {
                let line = lines
                    .iter()
                    .find(|line| line.address == who.address(self.life));
                let is_forced = |line: &Named| line.forces && line.part_stat == NEEDS_ACTION;
                let stands = stands && !line.is_some_and(is_forced);
                let known = old_answers.get(&(*who, known_at.to_owned()));
                if known.is_none() || !stands || line.is_some_and(|line| line.forces) {
                    asked.insert(*who);
                }
                let answer = known.filter(|_| stands).cloned();
                let answer = answer.unwrap_or_else(|| NEEDS_ACTION.to_owned());
                self.answers.insert((*who, key.clone()), answer);
            }
        }
        self.components = new;
        for (key, component) in &old {
            if self.components.contains_key(key) || key.is_empty() {
                continue;
            }
            let series = self.components.get("");
            let is_still_invited =
                |who: &&Person| series.is_some_and(|series| series.invited.contains(who));
            let says_something = component
                .invited
                .iter()
                .filter(is_still_invited)
                .any(|who| {
                    old_answers.get(&(*who, key.clone())) != old_answers.get(&(*who, String::new()))
                });
            let must_be_kept =
                component.is_made && says_something && !series_asks && sent.has_instance(key);
            let is_kept = served.event(key).is_some();
            if must_be_kept && !is_kept {
                return Err(format!("the answers for {key} are lost"));
            }
            if !is_kept {
                continue;
            }
            if series_asks || !sent.has_instance(key) {
                return Err(format!("the instance {key} is still there"));
            }
            let Some(series) = self.components.get("") else {
                return Err("the series is missing".to_owned());
            };
            let kept = Component {
                start: key.clone(),
                place: series.place.clone(),
                rule: None,
                excluded: BTreeSet::new(),
                invited: series.invited.clone(),
                is_made: component.is_made,
            };
            let series_lines = sent.event("").map(named).unwrap_or_default();
            for who in &kept.invited {
                let address = who.address(self.life);
                let is_forced = |line: &Named| {
                    line.address == address && line.forces && line.part_stat == NEEDS_ACTION
                };
                let answer = old_answers.get(&(*who, key.clone())).cloned();
                // Who is asked about the series again is asked about what the app takes for a part of it.
                let answer = answer.filter(|_| !series_lines.iter().any(is_forced));
                let answer = answer.unwrap_or_else(|| NEEDS_ACTION.to_owned());
                self.answers.insert((*who, key.clone()), answer);
            }
            self.components.insert(key.clone(), kept);
        }
        for who in asked {
            if self.has_account.contains(&who) {
                self.has_object.insert(who);
            }
        }
        Ok(())
    }

    pub(crate) fn organizer_delete(&mut self) {
        self.components.clear();
        self.answers.clear();
    }

    /// Takes answers in, by component or instance.
    pub(crate) fn take(&mut self, who: Person, said: &BTreeMap<String, String>, organizer: &Text) {
        for (key, part_stat) in said {
            if !self.components.contains_key(key) {
                let Some(series) = self
                    .components
                    .get("")
                    .filter(|series| series.invited.contains(&who))
                else {
                    continue;
                };
                if !organizer.has_instance(key) {
                    continue;
                }
                let made = Component {
                    start: key.clone(),
                    rule: None,
                    excluded: BTreeSet::new(),
                    is_made: true,
                    ..series.clone()
                };
                for other in &made.invited {
                    let answer = self.answer(*other, "").cloned().unwrap_or_default();
                    self.answers.insert((*other, key.clone()), answer);
                }
                self.components.insert(key.clone(), made);
            }
            if let Some(answer) = self.answers.get_mut(&(who, key.clone())) {
                answer.clone_from(part_stat);
            }
        }
    }

    /// Somebody presses a button.
    pub(crate) fn press(
        &mut self,
        who: Person,
        instance: Option<&str>,
        part_stat: &str,
        organizer: &Text,
    ) {
        let keys: Vec<String> = match instance {
            Some(key) => vec![key.to_owned()],
            None => self.all(who),
        };
        let is_asked = keys.iter().any(|key| match self.components.get(key) {
            Some(component) => component.invited.contains(&who),
            None => {
                let series = self.components.get("");
                series.is_some_and(|series| series.invited.contains(&who))
                    && organizer.has_instance(key)
            }
        });
        if !is_asked {
            return;
        }
        let said = keys
            .into_iter()
            .map(|key| (key, part_stat.to_owned()))
            .collect();
        self.take(who, &said, organizer);
        if part_stat != DECLINED && self.has_account.contains(&who) {
            self.has_object.insert(who);
        }
    }

    /// What an answer to all is for: the series, and the instances that are as it is.
    fn all(&self, who: Person) -> Vec<String> {
        let series = self
            .components
            .get("")
            .filter(|series| series.invited.contains(&who));
        let invited = self
            .components
            .iter()
            .filter(|(_, component)| component.invited.contains(&who));
        let as_series = invited.filter(|(key, component)| {
            series.is_none_or(|series| {
                key.is_empty()
                    || !component.differs(key, series)
                        && self.answer(who, key) == self.answer(who, "")
            })
        });
        as_series.map(|(key, _)| key.clone()).collect()
    }

    /// What an attendee's object says that they have not said before. `stored` is the copy over which it is put, or the
    /// organizer's object if there is none; `is_current` as the request's condition says.
    pub(crate) fn said(
        &self,
        who: Person,
        sent: &Text,
        stored: &Text,
        is_current: bool,
    ) -> BTreeMap<String, String> {
        let address = who.address(self.life);
        let mut said = BTreeMap::new();
        let stored_event = |key: &str| stored.event(key).or_else(|| stored.event(""));
        let is_older = |event: &EventLines, key: &str| {
            let before = stored_event(key).and_then(|before| before.value("DTSTAMP"));
            !is_current && event.value("DTSTAMP") < before
        };
        let mut events: Vec<_> = sent.events.iter().collect();
        events.sort_by_key(|event| !event.recurrence_id.is_empty());
        for event in events {
            let key = &event.recurrence_id;
            let lines = named(event);
            let Some(line) = lines.iter().find(|line| line.address == address) else {
                continue;
            };
            // What is a component in this copy alone is as the series is, and as it is answered here.
            let stands = if self.components.contains_key(key) {
                self.answer(who, key)
            } else {
                said.get("").or_else(|| self.answer(who, ""))
            };
            if stands != Some(&line.part_stat) && !is_older(event, key) {
                said.insert(key.clone(), line.part_stat.clone());
            }
        }
        // Who does not know of an instance that somebody else has answered alone means it with the series.
        if let (Some(series), Some(part_stat)) = (sent.event(""), said.get("").cloned()) {
            let out = excluded(series);
            for event in &stored.events {
                let key = &event.recurrence_id;
                let is_unknown = sent.event(key).is_none() && !out.contains(key);
                let is_as_series = self.answer(who, key) == self.answer(who, "");
                if is_unknown && is_as_series && !is_older(series, key) {
                    said.insert(key.clone(), part_stat.clone());
                }
            }
        }
        if let Some(series) = sent.event("") {
            let before = stored.event("").map(excluded).unwrap_or_default();
            for key in excluded(series).difference(&before) {
                if !is_older(series, key) {
                    said.insert(key.clone(), DECLINED.to_owned());
                }
            }
        }
        said
    }

    /// An attendee's app has deleted the copy.
    pub(crate) fn attendee_delete(&mut self, who: Person, replies: bool) {
        self.has_object.remove(&who);
        if !replies {
            return;
        }
        for ((answerer, _), answer) in &mut self.answers {
            if *answerer == who {
                DECLINED.clone_into(answer);
            }
        }
    }

    /// Somebody presses Start: has an account from now on, and what waited for that, but for what they have declined.
    /// Whoever had one, and has put something away, does not get it again.
    pub(crate) fn join(&mut self, who: Person) {
        let mut answers = self.answers.iter();
        let waits = answers.any(|((answerer, _), said)| *answerer == who && said != DECLINED);
        if self.has_account.insert(who) && waits {
            self.has_object.insert(who);
        }
    }
}
