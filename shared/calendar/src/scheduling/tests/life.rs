//! Whatever happens to an object, rows and object agree.

use proptest::prelude::*;

use super::*;

/// A step in the life of an object.
#[derive(Debug, Clone)]
enum Step {
    Put(Vec<String>),
    Press {
        who: i64,
        instance: bool,
        part_stat: PartStat,
    },
}

fn any_component(recurrence: &'static str) -> impl Strategy<Value = String> {
    let part_stat = prop::sample::select(vec![
        "",
        ";PS=ACCEPTED",
        ";PS=NEEDS-ACTION",
        ";PS=DECLINED",
        ";PS=?",
    ]);
    let agent = prop::sample::select(vec!["", "", "", ";SCHEDULE-AGENT=CLIENT"]);
    let who = prop::sample::select(vec![
        "@ann",
        "@bob",
        "@me",
        "@eve",
        "MAILTO:tg_1@TELEVENT.INTERNAL",
    ]);
    let attendee = (part_stat, agent, who)
        .prop_map(|(part_stat, agent, who)| format!("A{part_stat}{agent}:{who}"));
    let other = prop::sample::select(vec![
        "SUMMARY:b",
        "LOCATION:x",
        "LOCATION:",
        "X-FOO:y",
        "DTEND:20260105T113000Z",
        "RDATE:20260113T090000Z",
    ]);
    let organizer = prop::sample::select(vec!["", "@ORG", "@ORG", "@ORG"]);
    (
        organizer,
        prop::collection::vec(attendee, 0..5),
        prop::option::of(other),
    )
        .prop_map(move |(organizer, attendees, other)| {
            format!(
                "{recurrence}|{organizer}|{}|{}",
                other.unwrap_or_default(),
                attendees.join("|")
            )
        })
}

fn any_step() -> impl Strategy<Value = Step> {
    let series = any_component("RRULE:FREQ=DAILY");
    let instance = prop::option::of(any_component("RECURRENCE-ID:20260105T100000Z"));
    let put = (series, instance)
        .prop_map(|(series, instance)| Step::Put([series].into_iter().chain(instance).collect()));
    let part_stats = vec![
        PartStat::Accepted,
        PartStat::Declined,
        PartStat::Tentative,
        PartStat::NeedsAction,
    ];
    let press = (1..=3_i64, any::<bool>(), prop::sample::select(part_stats)).prop_map(
        |(who, instance, part_stat)| Step::Press {
            who,
            instance,
            part_stat,
        },
    );
    prop_oneof![put, press]
}

proptest! {
    /// Whatever happens, the rows are what the object says; a PUT of what is stored, and a second press, change nothing; and
    /// whoever is invited and not told anew keeps what they said.
    #[test]
    fn rows_and_object_agree_through_any_life(steps in prop::collection::vec(any_step(), 1..12)) {
        let mut stored: Option<CalendarObject> = None;
        for step in steps {
            match step {
                Step::Put(components) => {
                    let sent = of(&components.iter().map(String::as_str).collect::<Vec<_>>());
                    let first = put(stored.as_ref(), sent.clone());
                    let known: Vec<_> = stored.as_ref().map(|old| attendee_rows(old, &owner(), &domain())).unwrap_or_default();
                    for row in first.attendees.iter().filter(|row| row.invited) {
                        let before = known.iter().find(|known| known.invited && known.address == row.address && known.recurrence_id == row.recurrence_id);
                        let expected = before.map_or(&PartStat::NeedsAction, |before| &before.part_stat);
                        prop_assert!(row.part_stat == *expected || (row.part_stat == PartStat::NeedsAction && first.asked.contains(&(row.recurrence_id.clone(), row.telegram_id.unwrap()))) || before.is_none());
                    }
                    let again = put(Some(&first.object), first.object.clone());
                    prop_assert!(again.unchanged && again.stored_as_sent);
                    prop_assert!(again.newly_invited.is_empty() && again.stale_cards.is_empty() && again.asked.is_empty());
                    let resent = put(Some(&first.object), sent);
                    prop_assert!(resent.unchanged);
                    prop_assert_eq!(&resent.attendees, &first.attendees);
                    prop_assert!(resent.newly_invited.is_empty() && resent.stale_cards.is_empty() && resent.asked.is_empty());
                    stored = Some(first.object);
                }
                Step::Press { who, instance, part_stat } => {
                    let Some(object) = &stored else { continue };
                    let scope = if instance { Scope::Instance("20260105T100000Z".to_owned()) } else { Scope::All };
                    let rows_of = |object: &CalendarObject| -> Vec<AttendeeRow> {
                        let rows = attendee_rows(object, &owner(), &domain()).into_iter();
                        rows.filter(|row| row.invited && row.telegram_id == Some(id(who))).collect()
                    };
                    let before = rows_of(object);
                    // Each instance that has no component of its own is one of the series.
                    let is_as_series = object.component("20260105T100000Z").is_none();
                    let asks = |row: &AttendeeRow| {
                        scope.includes(&row.recurrence_id) || row.recurrence_id.is_empty() && is_as_series
                    };
                    let invited = before.iter().any(asks);
                    match answer(object, who, &scope, &part_stat) {
                        Answer::NotInvited => prop_assert!(!invited),
                        Answer::Unchanged => prop_assert!(invited),
                        Answer::Changed(answered) => {
                            prop_assert!(invited);
                            // What is answered says so: one instance; or the series, or instances alone if they are in no
                            // series. Everything else says what it said, or, for all, the same.
                            let is_in_series = before.iter().any(|row| row.recurrence_id.is_empty());
                            for row in rows_of(&answered) {
                                let key = row.recurrence_id.as_str();
                                let said = before.iter().find(|said| said.recurrence_id == key);
                                let is_answered = if instance { !key.is_empty() } else { key.is_empty() || !is_in_series };
                                prop_assert!(row.part_stat == part_stat || !is_answered);
                                prop_assert!(
                                    is_answered || said == Some(&row) || !instance && row.part_stat == part_stat
                                );
                            }
                            prop_assert_eq!(answer(&answered, who, &scope, &part_stat), Answer::Unchanged);
                            stored = Some(answered);
                        }
                    }
                }
            }
        }
    }
}
