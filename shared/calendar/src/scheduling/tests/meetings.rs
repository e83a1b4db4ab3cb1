//! Whatever happens in a meeting, all that is stored of it agrees.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{prelude::*, test_runner::RngSeed};

use super::world::World;
use super::*;
use crate::scheduling::answer::part_stat_of;
use crate::scheduling::exclusions::Exclusions;
use crate::scheduling::source::instance_keys;
use crate::tree::Node;

/// How many meetings are lived through, the same ones each time; `PROPTEST_CASES` asks for so many others.
const LIVES: u32 = 128;

/// How many operations each life has.
const OPERATIONS: usize = 40;

/// The days of which there are instances to speak, and one of which there is none.
const DAYS: [&str; 5] = ["20260106", "20260107", "20260109", "20260328", "20270601"];

/// Those who may be invited; the last has no account at first.
const PEOPLE: [i64; 4] = [1, 2, 3, 4];

/// In which form a meeting's times are.
#[derive(Debug, Clone, Copy)]
enum Form {
    Utc,
    Berlin,
    Floating,
    Days,
    OwnZone,
}

impl Form {
    fn property(self, name: &str, day: &str, hour: u32) -> String {
        match self {
            Self::Utc => format!("{name}:{day}T{hour}0000Z"),
            Self::Berlin => format!("{name};TZID=Europe/Berlin:{day}T{hour}0000"),
            Self::Floating => format!("{name}:{day}T{hour}0000"),
            Self::OwnZone => format!("{name};TZID=Mine:{day}T{hour}0000"),
            Self::Days => format!("{name};VALUE=DATE:{day}"),
        }
    }

    fn key(self, day: &str, hour: u32) -> String {
        match self {
            Self::Utc => format!("{day}T{hour}0000Z"),
            // Winter on all of the days but the last.
            Self::Berlin => format!(
                "{day}T{:02}0000Z",
                if day == "20270601" {
                    hour - 2
                } else {
                    hour - 1
                }
            ),
            Self::Floating | Self::OwnZone => format!("{day}T{hour}0000"),
            Self::Days => day.to_owned(),
        }
    }

    fn zone(self) -> &'static str {
        match self {
            Self::OwnZone => {
                "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE\n"
            }
            _ => "",
        }
    }
}

/// What the organizer's client puts, as far as it differs.
#[derive(Debug, Clone)]
struct Sent {
    /// The series; without it there are instances only.
    series: Option<Part>,
    hour: u32,
    instances: BTreeMap<usize, Part>,
    excluded: BTreeSet<usize>,
    sequence: Option<u8>,
}

#[derive(Debug, Clone)]
struct Part {
    attendees: Vec<&'static str>,
    line: &'static str,
    is_moved: bool,
}

#[derive(Debug, Clone)]
enum Operation {
    Put(Sent),
    /// What is stored, as who only wants to see it.
    PutStored,
    Delete,
    Press {
        who: i64,
        day: Option<usize>,
        part_stat: PartStat,
    },
    /// A device says something in one of the components of a copy.
    Say {
        who: i64,
        component: usize,
        part_stat: PartStat,
    },
    /// A device says something in the copy as it was some operations before, and does not know what it changes.
    SayLate {
        who: i64,
        before: usize,
        part_stat: PartStat,
    },
    /// A device takes an instance out.
    Exclude {
        who: i64,
        day: usize,
    },
    /// A device makes a component of an instance.
    Separate {
        who: i64,
        day: usize,
        part_stat: PartStat,
    },
    /// A device writes something of its owner's own.
    Note {
        who: i64,
    },
    DeleteCopy {
        who: i64,
    },
    Join,
    Delivered {
        who: i64,
        status: ScheduleStatus,
    },
}

fn any_part() -> impl Strategy<Value = Part> {
    let attendee = prop::sample::select(vec![
        "A:@ann",
        "A:@ann",
        "A;PS=DECLINED;RSVP=TRUE:@ann",
        "A:@bob",
        "A:@bob",
        "A;PS=ACCEPTED:@bob",
        "A;SCHEDULE-AGENT=CLIENT:@bob",
        "A:@cat",
        "A;SCHEDULE-FORCE-SEND=REQUEST;PS=ACCEPTED:@cat",
        "A:@dan",
        "A;PS=TENTATIVE:@eve",
        "A;PS=ACCEPTED:@me",
        "A:MAILTO:tg_1@TELEVENT.INTERNAL",
    ]);
    let line = prop::sample::select(vec![
        "",
        "",
        "",
        "SUMMARY:b",
        "LOCATION:x",
        "STATUS:CANCELLED",
        "TRANSP:OPAQUE",
        "X-ORG:1",
    ]);
    (
        prop::collection::vec(attendee, 0..6),
        line,
        prop::bool::weighted(0.3),
    )
        .prop_map(|(attendees, line, is_moved)| Part {
            attendees,
            line,
            is_moved,
        })
}

fn any_sent() -> impl Strategy<Value = Sent> {
    let day = 0..DAYS.len();
    (
        prop::option::weighted(0.95, any_part()),
        prop::sample::select(vec![10, 10, 10, 11]),
        prop::collection::btree_map(day.clone(), any_part(), 0..3),
        prop::collection::btree_set(day, 0..2),
        prop::option::of(0..4_u8),
    )
        .prop_map(|(series, hour, instances, excluded, sequence)| Sent {
            series,
            hour,
            instances,
            excluded,
            sequence,
        })
}

fn any_operation() -> impl Strategy<Value = Operation> {
    let who = || prop::sample::select(PEOPLE.to_vec());
    let day = || 0..DAYS.len();
    let said = || {
        prop::sample::select(vec![
            PartStat::Accepted,
            PartStat::Declined,
            PartStat::Tentative,
            PartStat::NeedsAction,
        ])
    };
    let status = prop::sample::select(ScheduleStatus::ALL.to_vec());
    prop_oneof![
        1 => Just(Operation::PutStored),
        4 => any_sent().prop_map(Operation::Put),
        4 => (who(), prop::option::of(day()), said()).prop_map(|(who, day, part_stat)| Operation::Press { who, day, part_stat }),
        4 => (who(), 0..4_usize, said()).prop_map(|(who, component, part_stat)| Operation::Say { who, component, part_stat }),
        2 => (who(), 1..6_usize, said()).prop_map(|(who, before, part_stat)| Operation::SayLate { who, before, part_stat }),
        2 => (who(), day()).prop_map(|(who, day)| Operation::Exclude { who, day }),
        2 => (who(), day(), said()).prop_map(|(who, day, part_stat)| Operation::Separate { who, day, part_stat }),
        1 => who().prop_map(|who| Operation::Note { who }),
        1 => who().prop_map(|who| Operation::DeleteCopy { who }),
        1 => Just(Operation::Join),
        1 => (who(), status).prop_map(|(who, status)| Operation::Delivered { who, status }),
        1 => prop::sample::select(vec![Operation::Delete, Operation::PutStored]),
    ]
}

fn object_of(sent: &Sent, form: Form) -> Option<CalendarObject> {
    let component = |part: &Part, id: String, day: &str| {
        let hour = sent.hour + 2 * u32::from(part.is_moved && !id.is_empty());
        let end = if matches!(form, Form::Days) {
            "DURATION:P1D".to_owned()
        } else {
            form.property("DTEND", day, hour + 1)
        };
        let sequence = sent
            .sequence
            .map_or_else(String::new, |sequence| format!("SEQUENCE:{sequence}|"));
        let lines = format!(
            "BEGIN:VEVENT|UID:u|DTSTAMP:20260101T000000Z|{id}{}|{end}|{sequence}@ORG|{}|{}|END:VEVENT|",
            form.property("DTSTART", day, hour),
            part.line,
            part.attendees.join("|")
        );
        super::lines(&lines.replace("||", "|").replace("||", "|")).replace('|', "\n")
    };
    let mut file = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{}", form.zone());
    if let Some(series) = &sent.series {
        let excluded: String = sent
            .excluded
            .iter()
            .map(|day| format!("|{}", form.property("EXDATE", DAYS[*day], sent.hour)))
            .collect();
        let text = component(series, String::new(), "20260105");
        let rule = format!(
            "RRULE:FREQ=DAILY;UNTIL=20260401{}\nEND:VEVENT",
            excluded.replace('|', "\n")
        );
        file.push_str(&text.replace("END:VEVENT", &rule));
    }
    for (day, part) in &sent.instances {
        let id = format!("{}|", form.property("RECURRENCE-ID", DAYS[*day], sent.hour));
        file.push_str(&component(part, id, DAYS[*day]));
    }
    file.push_str("END:VCALENDAR\n");
    CalendarObject::parse(file.into_bytes()).ok()
}

/// A life as far as it has come.
struct Life {
    form: Form,
    world: World,
    hour: u32,
    /// The copies after each operation.
    history: Vec<BTreeMap<i64, CalendarObject>>,
    /// Who has something of their own in the series.
    noted: BTreeSet<i64>,
}

impl Life {
    fn run(&mut self, operation: &Operation) {
        let world = &mut self.world;
        match operation {
            Operation::Put(sent) => {
                let Some(object) = object_of(sent, self.form) else {
                    return;
                };
                let put = world.put_object(object.clone());
                let Ok(put) = put else { return };
                self.hour = sent.hour;
                for (key, who) in &put.plan.asked {
                    let asked = world.object().component(key).unwrap();
                    let address = CalendarUserAddress::internal(*who, &domain());
                    assert_eq!(part_stat_of(asked, &address), Some(&PartStat::NeedsAction));
                }
                self.assert_nothing_new(object);
            }
            Operation::PutStored => {
                if let Some(stored) = world.meeting.object.clone() {
                    self.assert_nothing_new(stored);
                }
            }
            Operation::Delete => {
                world.delete();
            }
            Operation::Press {
                who,
                day,
                part_stat,
            } => {
                let key = day.map(|day| self.form.key(DAYS[day], self.hour));
                let Some(plan) = world.press(*who, key.as_deref(), part_stat) else {
                    return;
                };
                for key in &plan.answered.unwrap().1 {
                    let component = world.object().component(key).unwrap();
                    let address = CalendarUserAddress::internal(id(*who), &domain());
                    assert_eq!(part_stat_of(component, &address), Some(part_stat));
                }
                let again = world.press(*who, key.as_deref(), part_stat).unwrap();
                assert!(
                    again.organizer.is_none()
                        && again.copies.is_empty()
                        && again.messages.is_empty()
                );
            }
            Operation::Say {
                who,
                component,
                part_stat,
            } => {
                let Some(copy) = world.copy_object(*who).cloned() else {
                    return;
                };
                let Some(sent) = saying(&copy, *who, *component, part_stat) else {
                    return;
                };
                world.device_puts(*who, &text_of(&sent)).unwrap();
                let again = world.device_puts(*who, &text_of(&sent)).unwrap();
                assert!(again.organizer.is_none() && again.messages.is_empty());
            }
            Operation::SayLate {
                who,
                before,
                part_stat,
            } => {
                let at = self.history.len().checked_sub(*before);
                let copy = at.and_then(|at| self.history[at].get(who)).cloned();
                let (Some(copy), Some(stored)) = (copy, world.copy_object(*who).cloned()) else {
                    return;
                };
                let said = world
                    .meeting
                    .object
                    .as_ref()
                    .map(|_| world.answers(*who))
                    .unwrap_or_default();
                let Some(sent) = saying(&copy, *who, 0, part_stat) else {
                    return;
                };
                if world
                    .device_puts_over(*who, &text_of(&sent), false)
                    .is_err()
                {
                    return;
                }
                let now = world
                    .meeting
                    .object
                    .as_ref()
                    .map(|_| world.answers(*who))
                    .unwrap_or_default();
                for component in sent.components() {
                    let key = component.recurrence_key();
                    let is_older = stored
                        .component(key)
                        .is_some_and(|stored| component.stamp < stored.stamp);
                    let of_key = |answers: &[String]| {
                        answers
                            .iter()
                            .find(|answer| answer.starts_with(&format!("{key}=")))
                            .cloned()
                    };
                    // Nothing is older than no answer.
                    let was_answered = of_key(&said) != Some(format!("{key}=NEEDS-ACTION"));
                    assert!(
                        !(is_older && was_answered) || of_key(&said) == of_key(&now),
                        "{key} of {said:?} became {now:?}"
                    );
                }
            }
            Operation::Exclude { who, day } => {
                let Some(copy) = world
                    .copy_object(*who)
                    .filter(|copy| copy.master().is_some())
                else {
                    return;
                };
                let key = self.form.key(DAYS[*day], self.hour);
                let exdate = self.form.property("EXDATE", DAYS[*day], self.hour);
                let sent = without(&text_of(copy), copy, &key).replacen(
                    "RRULE:",
                    &format!("{exdate}\nRRULE:"),
                    1,
                );
                let was_shown = copy.component(&key).is_some();
                if world.device_puts(*who, &sent).is_ok() && was_shown && self.invites(*who) {
                    assert!(
                        self.world
                            .answers(*who)
                            .contains(&format!("{key}=DECLINED"))
                    );
                }
            }
            Operation::Separate {
                who,
                day,
                part_stat,
            } => {
                let key = self.form.key(DAYS[*day], self.hour);
                let Some(copy) = world.copy_object(*who) else {
                    return;
                };
                let found = instance::find(copy, std::iter::once(key.as_str()));
                let Ok(separated) = instance::with_found(copy, &found) else {
                    return;
                };
                let address = CalendarUserAddress::internal(id(*who), &domain());
                let sent =
                    separated.set_part_stat(&address, &Scope::Instance(key.clone()), part_stat);
                let is_new = !found.is_empty();
                world.device_puts(*who, &text_of(&sent)).unwrap();
                if is_new && self.invites(*who) && *part_stat != PartStat::NeedsAction {
                    let series = self.world.answers(*who).contains(&format!("={part_stat}"));
                    assert!(
                        series
                            || self
                                .world
                                .answers(*who)
                                .contains(&format!("{key}={part_stat}"))
                    );
                }
            }
            Operation::Note { who } => {
                let Some(copy) = world
                    .copy_object(*who)
                    .filter(|copy| copy.master().is_some())
                else {
                    return;
                };
                let sent = text_of(copy).replacen("RRULE:", "X-NOTE:mine\nRRULE:", 1);
                let plan = world.device_puts(*who, &sent).unwrap();
                assert!(plan.organizer.is_none() && plan.messages.is_empty());
                self.noted.insert(*who);
            }
            Operation::DeleteCopy { who } => {
                if world.copy_object(*who).is_some() {
                    world.device_deletes(*who);
                    self.noted.remove(who);
                }
            }
            Operation::Join => {
                if world.meeting.people.contains_key(&id(4)) {
                    world.join(4);
                    assert_eq!(world.join(4), Plan::default());
                }
            }
            Operation::Delivered { who, status } => {
                if let Some(stored) = world.meeting.delivered(id(*who), *status) {
                    world.rows.clone_from(&stored.attendees);
                    world.meeting.object = Some(stored.object);
                }
                assert_eq!(world.meeting.delivered(id(*who), *status), None);
            }
        }
    }

    /// What was sent before, or is stored, changes nothing and tells nobody.
    fn assert_nothing_new(&mut self, sent: CalendarObject) {
        let forces = sent
            .attendees()
            .iter()
            .any(|attendee| attendee.forces_request);
        let put = self.world.put_object(sent).unwrap();
        assert!(put.upsert.unchanged || forces);
        assert!(
            forces || put.plan == Plan::default(),
            "{:?}",
            put.plan.instance_cards
        );
    }

    fn invites(&self, who: i64) -> bool {
        self.world
            .rows
            .iter()
            .any(|row| row.invited && row.telegram_id == Some(id(who)))
    }

    /// Compares with what was before the operation.
    fn assert_continuity(&self, before: &World, operation: &Operation) {
        let (Some(old), Some(new)) = (&before.meeting.object, &self.world.meeting.object) else {
            return;
        };
        for component in old.components() {
            if let Some(now) = new.component(component.recurrence_key()) {
                assert!(now.sequence >= component.sequence, "SEQUENCE fell");
            }
        }
        for who in &self.noted {
            let series = |world: &World| series_of(world.copy_object(*who)?);
            if let (Some(before), Some(now)) = (series(before), series(&self.world)) {
                // A late device does not know the note.
                let is_late = matches!(operation, Operation::SayLate { .. });
                let is_kept = now.contains("X-NOTE") || !before.contains("X-NOTE");
                assert!(is_kept || is_late, "{who} has lost a note");
            }
        }
    }

    /// What is stored agrees.
    fn assert_agreement(&self) {
        let world = &self.world;
        let Some(object) = &world.meeting.object else {
            assert!(
                PEOPLE
                    .iter()
                    .all(|who| world.copy_object(*who).is_none_or(is_cancelled))
            );
            return;
        };
        let stored = CalendarObject::parse(object.as_bytes().to_vec()).unwrap();
        assert_eq!(world.rows, attendee_rows(&stored, &owner(), &domain()));
        for who in PEOPLE {
            let Some(copy) = world.copy_object(who) else {
                continue;
            };
            let copy = CalendarObject::parse(copy.as_bytes().to_vec()).unwrap();
            if !self.invites(who) {
                assert!(is_cancelled(&copy), "{who} is not invited any more");
                continue;
            }
            self.assert_copy(who, &copy);
        }
    }

    fn assert_copy(&self, who: i64, copy: &CalendarObject) {
        let object = self.world.object();
        let address = CalendarUserAddress::internal(id(who), &domain());
        for component in copy.components() {
            let key = component.recurrence_key();
            // What is a component of the copy only is as the series is.
            let of_organizer = object.component(key).or(object.master()).unwrap();
            let is_separated = object.component(key).is_none();
            assert!(reaches(of_organizer, &address), "{who} must not see {key}");
            assert!(is_separated || component.schedule.times == of_organizer.schedule.times);
            assert_eq!(
                (&component.summary, &component.status),
                (&of_organizer.summary, &of_organizer.status)
            );
            // The organizer's own line is nobody's answer; a program may list them.
            let organizer = object.organizer();
            let attendees = component.attendees().iter();
            for attendee in attendees.filter(|one| Some(&one.address) != organizer) {
                let said = part_stat_of(of_organizer, &attendee.address);
                assert_eq!(
                    said,
                    Some(&attendee.part_stat),
                    "{key} in the copy of {who}"
                );
                assert_eq!(
                    (&attendee.schedule_status, attendee.forces_request),
                    (&None, false)
                );
                let row = self.world.rows.iter().find(|row| {
                    row.recurrence_id == of_organizer.recurrence_key()
                        && row.address == attendee.address
                });
                assert_eq!(row.map(|row| &row.part_stat), Some(&attendee.part_stat));
            }
        }
        // Each instance that includes them is shown, or they have taken it out.
        let calendar = Node::of(copy);
        let excluded = Exclusions::of(&calendar.kept(copy), copy);
        for (component, key) in object.components().iter().zip(instance_keys(object)) {
            let is_shown = copy.component(component.recurrence_key()).is_some();
            let is_declined = part_stat_of(component, &address) == Some(&PartStat::Declined);
            assert!(
                !reaches(component, &address)
                    || is_shown
                    || key.is_some_and(|key| excluded.contains(key)) && is_declined,
                "{who} does not see {key:?}"
            );
            let hides = copy.master().is_none()
                || component.recurrence_id.is_none()
                || key.is_some_and(|key| excluded.contains(key));
            assert!(
                is_shown || hides,
                "{who} sees the series where {key:?} is without them"
            );
        }
    }
}

fn is_cancelled(copy: &CalendarObject) -> bool {
    copy.components()
        .iter()
        .all(|component| component.status.as_deref() == Some("CANCELLED"))
}

/// Not unfolded: as it is.
fn text_of(object: &CalendarObject) -> String {
    String::from_utf8(object.as_bytes().to_vec()).unwrap()
}

/// The text of the series in an object.
fn series_of(object: &CalendarObject) -> Option<String> {
    let calendar = Node::of(object);
    let span = calendar
        .kept(object)
        .get(object.position("")?)?
        .span
        .clone();
    Some(text_of(object)[span].to_owned())
}

/// A copy in which somebody says something of one of its components.
fn saying(
    copy: &CalendarObject,
    who: i64,
    component: usize,
    part_stat: &PartStat,
) -> Option<CalendarObject> {
    let address = CalendarUserAddress::internal(id(who), &domain());
    let components = copy.components();
    let key = components
        .get(component % components.len())?
        .recurrence_key()
        .to_owned();
    Some(copy.set_part_stat(&address, &Scope::Instance(key), part_stat))
}

/// The text of an object without the component of a key.
fn without(text: &str, object: &CalendarObject, key: &str) -> String {
    let calendar = Node::of(object);
    let index = object.position(key);
    match index.and_then(|index| {
        calendar
            .kept(object)
            .get(index)
            .map(|node| node.span.clone())
    }) {
        Some(span) => format!("{}{}", &text[..span.start], &text[span.end..]),
        None => text.to_owned(),
    }
}

fn config() -> ProptestConfig {
    let of_environment = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return of_environment;
    }
    ProptestConfig {
        cases: LIVES,
        rng_seed: RngSeed::Fixed(0),
        ..of_environment
    }
}

proptest! {
    #![proptest_config(config())]

    /// After each operation: what somebody has answered is the same in the organizer's object, in the rows, and in each copy
    /// that shows it; each copy shows what includes its owner, and nothing else; what was cancelled stays so; SEQUENCE does not
    /// fall, an older answer does not win, the same again is nothing, and what is somebody's own is kept.
    #[test]
    fn all_that_is_stored_of_a_meeting_agrees(
        form in prop::sample::select(vec![Form::Utc, Form::Berlin, Form::Floating, Form::Days, Form::OwnZone]),
        first in any_sent(),
        operations in prop::collection::vec(any_operation(), OPERATIONS - 1),
    ) {
        let mut life = Life { form, world: World::new(), hour: 10, history: Vec::new(), noted: BTreeSet::new() };
        for operation in std::iter::once(Operation::Put(first)).chain(operations) {
            let before = life.world.clone();
            life.run(&operation);
            life.assert_continuity(&before, &operation);
            life.assert_agreement();
            let copies = PEOPLE.iter().filter_map(|who| Some((*who, life.world.copy_object(*who)?.clone())));
            life.history.push(copies.collect());
        }
    }
}
