//! What happens in a life: random operations.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use televent_tests::normal_address;

use crate::fault::Fault;
use crate::people::Person;

/// An operation, and what goes wrong with it.
pub(crate) type Step = (Operation, Option<Fault>);

/// The weeks of a series in which things happen to one instance.
pub(crate) const WEEKS: u8 = 3;

/// An ATTENDEE line as a client may write it. `{dan}` is this life's Dan.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    pub(crate) address: &'static str,
    pub(crate) part_stat: &'static str,
    pub(crate) agent: &'static str,
}

/// What the organizer's app stores.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) day: u8,
    pub(crate) place: u8,
    pub(crate) title: u8,
    pub(crate) organizer: &'static str,
    /// The RRULE of a series.
    pub(crate) rule: Option<&'static str>,
    /// The week of an instance that the organizer takes out of the series.
    pub(crate) excluded: Option<u8>,
    pub(crate) guests: Vec<Guest>,
    /// Changed instances: the week, the hour to which it is moved, and its own guests, if it has any.
    pub(crate) instances: BTreeMap<u8, (u8, Option<Vec<Guest>>)>,
}

/// What a device changes in a copy.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    AnswerAll(&'static str),
    AnswerInstance(u8, &'static str),
    Exclude(u8),
    Alarm,
    AlarmOfInstance(u8),
}

/// With which of the tags of what it has read a client makes its request conditional.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    None,
    ScheduleTag,
    EntityTag,
}

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// The organizer's app stores an object, whatever is there.
    Put(Object),
    /// The organizer's app changes what it has from the server, or had when it looked last.
    Edit {
        title: u8,
        day: Option<u8>,
        /// Whom it asks again, by SCHEDULE-FORCE-SEND.
        forced: Option<Person>,
        is_remembered: bool,
        condition: Condition,
    },
    /// The organizer's app stores the same bytes as last time.
    Repeat,
    Delete,
    /// Somebody's app looks at what there is.
    Remember(Person),
    /// Somebody presses a button of the card of all, or of the card of an instance.
    Press {
        who: Person,
        week: Option<u8>,
        answer: &'static str,
    },
    /// An attendee's app changes the copy that there is, or that was there when it looked last.
    Device {
        who: Person,
        change: Change,
        is_remembered: bool,
        condition: Condition,
        /// Whether it writes a new DTSTAMP, as it should.
        stamps: bool,
    },
    DeviceDelete {
        who: Person,
        replies: bool,
    },
    /// Dan presses Start.
    Start,
}

fn guest() -> impl Strategy<Value = Guest> {
    let address = prop_oneof![
        8 => prop::sample::select(vec![
            "mailto:tg_98765@televent.internal",
            "mailto:tg_555@televent.internal",
            "mailto:{dan}@televent.internal",
        ]),
        2 => prop::sample::select(vec![
            "MAILTO:TG_98765@TELEVENT.INTERNAL",
            "mailto:tg_98765@Televent.Internal",
            "tg_555@televent.internal",
            "mailto:tg_12345@televent.internal",
            "mailto:tg_0555@televent.internal",
            "mailto:john@example.org",
            "mailto:John@Example.ORG",
            "urn:uuid:1f2e",
        ]),
    ];
    let part_stat = prop::sample::select(vec![
        "",
        ";PARTSTAT=NEEDS-ACTION",
        ";PARTSTAT=ACCEPTED",
        ";PARTSTAT=declined",
        ";partstat=\"TENTATIVE\"",
        ";PARTSTAT=X-LATE",
    ]);
    let agent = prop_oneof![
        8 => Just(""),
        1 => Just(";SCHEDULE-AGENT=CLIENT"),
        1 => Just(";SCHEDULE-AGENT=SERVER"),
    ];
    (address, part_stat, agent).prop_map(|(address, part_stat, agent)| Guest {
        address,
        part_stat,
        agent,
    })
}

/// Each person once, but for a second line now and then that says the same of who asks them.
fn guests() -> impl Strategy<Value = Vec<Guest>> {
    let second = prop::option::weighted(0.1, any::<prop::sample::Index>());
    (prop::collection::vec(guest(), 0..6), second).prop_map(|(mut guests, second)| {
        let mut known = BTreeSet::new();
        guests.retain(|guest| known.insert(normal_address(guest.address)));
        if let Some(second) = second
            && !guests.is_empty()
        {
            let mut again = second.get(&guests).clone();
            again.part_stat = ";PARTSTAT=TENTATIVE";
            guests.push(again);
        }
        guests
    })
}

fn object() -> impl Strategy<Value = Object> {
    let organizer = prop_oneof![
        6 => Just("ORGANIZER;CN=Ann:mailto:tg_12345@televent.internal\n"),
        2 => Just("ORGANIZER:MAILTO:tg_12345@Televent.internal\n"),
        2 => Just(""),
        1 => Just("ORGANIZER:mailto:boss@example.org\n"),
    ];
    let rule = prop_oneof![
        1 => Just(None),
        1 => Just(Some("FREQ=WEEKLY")),
        1 => Just(Some("FREQ=WEEKLY;COUNT=2")),
        1 => Just(Some("FREQ=WEEKLY;COUNT=4")),
    ];
    let instance = (8u8..10, prop::option::of(guests()));
    let instances = prop::collection::btree_map(0..WEEKS, instance, 0..3);
    let excluded = prop::option::weighted(0.2, 0..WEEKS);
    (
        (0u8..3, 0u8..2, 0u8..3),
        organizer,
        rule,
        excluded,
        guests(),
        instances,
    )
        .prop_map(
            |((day, place, title), organizer, rule, excluded, guests, mut instances)| {
                instances.retain(|week, _| rule.is_some() && excluded != Some(*week));
                Object {
                    day,
                    place,
                    title,
                    organizer,
                    rule,
                    excluded: excluded.filter(|_| rule.is_some()),
                    guests,
                    instances,
                }
            },
        )
}

fn answer() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["ACCEPTED", "DECLINED", "TENTATIVE"])
}

fn condition() -> impl Strategy<Value = Condition> {
    prop::sample::select(vec![
        Condition::None,
        Condition::ScheduleTag,
        Condition::EntityTag,
    ])
}

fn attendee() -> impl Strategy<Value = Person> {
    prop::sample::select(vec![
        Person::Kirill,
        Person::Kirill,
        Person::Bo,
        Person::Dan,
    ])
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => answer().prop_map(Change::AnswerAll),
        4 => (0..WEEKS, answer()).prop_map(|(week, answer)| Change::AnswerInstance(week, answer)),
        2 => (0..WEEKS).prop_map(Change::Exclude),
        1 => Just(Change::Alarm),
        1 => (0..WEEKS).prop_map(Change::AlarmOfInstance),
    ]
}

/// A life begins with an object. With each operation something may go wrong, as `fault` has it.
pub(crate) fn life(
    most_operations: usize,
    fault: impl Strategy<Value = Option<Fault>>,
) -> impl Strategy<Value = Vec<Step>> {
    let rest = prop::collection::vec((operation(), fault), 0..most_operations);
    (object(), rest).prop_map(|(object, rest)| {
        let mut all = vec![(Operation::Put(object), None)];
        all.extend(rest);
        all
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    let edit = (
        0u8..3,
        prop::option::weighted(0.3, 0u8..3),
        prop::option::weighted(0.1, attendee()),
        prop::bool::weighted(0.4),
        condition(),
    );
    let press = (
        prop_oneof![9 => attendee(), 1 => prop::sample::select(vec![Person::Ann, Person::Eve])],
        prop::option::weighted(0.3, 0..WEEKS),
        answer(),
    );
    let device = (
        attendee(),
        change(),
        prop::bool::weighted(0.3),
        condition(),
        prop::bool::weighted(0.7),
    );
    let anybody = prop_oneof![1 => Just(Person::Ann), 2 => attendee()];
    prop_oneof![
        3 => object().prop_map(Operation::Put),
        4 => edit.prop_map(|(title, day, forced, is_remembered, condition)| Operation::Edit {
            title, day, forced, is_remembered, condition
        }),
        1 => Just(Operation::Repeat),
        1 => Just(Operation::Delete),
        2 => anybody.prop_map(Operation::Remember),
        6 => press.prop_map(|(who, week, answer)| Operation::Press { who, week, answer }),
        12 => device.prop_map(|(who, change, is_remembered, condition, stamps)| Operation::Device {
            who, change, is_remembered, condition, stamps
        }),
        2 => (attendee(), prop::bool::weighted(0.7))
            .prop_map(|(who, replies)| Operation::DeviceDelete { who, replies }),
        1 => Just(Operation::Start),
    ]
}
