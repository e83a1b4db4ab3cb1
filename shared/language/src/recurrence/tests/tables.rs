//! The words, to be read.

use chrono_tz::Tz;

use super::{event, repetition};
use crate::Language;

const MONDAY: &str = "DTSTART;TZID=Europe/Berlin:20270104T090000";
const LAST_OF_JANUARY: &str = "DTSTART;VALUE=DATE:20270131";

/// What is told of a rule in every language.
#[track_caller]
fn check(start: &str, rule: &str, expected: [&str; 4]) {
    let object = event(&[start, &format!("RRULE:{rule}")]);
    let repetition = repetition(&object);
    let told = Language::ALL.map(|language| language.repeats(&repetition, None));
    assert_eq!(told, expected, "{rule}");
}

/// That there are no words for it.
#[track_caller]
fn check_nothing(start: &str, rule: &str) {
    check(
        start,
        rule,
        ["Repeats", "Wiederholt sich", "Повторяется", "يتكرر"],
    );
}

#[test]
fn hours_and_days() {
    check(
        MONDAY,
        "FREQ=HOURLY",
        ["Every hour", "Jede Stunde", "Каждый час", "كل ساعة"],
    );
    check(
        MONDAY,
        "FREQ=HOURLY;INTERVAL=3",
        [
            "Every 3 hours",
            "Alle 3 Stunden",
            "Каждые 3 часа",
            "كل 3 ساعات",
        ],
    );
    check(
        MONDAY,
        "FREQ=DAILY",
        ["Every day", "Jeden Tag", "Каждый день", "كل يوم"],
    );
    check(
        MONDAY,
        "FREQ=DAILY;INTERVAL=2",
        ["Every 2 days", "Alle 2 Tage", "Каждые 2 дня", "كل يومين"],
    );
    check(
        MONDAY,
        "FREQ=DAILY;INTERVAL=5",
        ["Every 5 days", "Alle 5 Tage", "Каждые 5 дней", "كل 5 أيام"],
    );
    check(
        MONDAY,
        "FREQ=DAILY;INTERVAL=21",
        [
            "Every 21 days",
            "Alle 21 Tage",
            "Каждый 21 день",
            "كل 21 يومًا",
        ],
    );
    check(
        MONDAY,
        "FREQ=DAILY;INTERVAL=100",
        [
            "Every 100 days",
            "Alle 100 Tage",
            "Каждые 100 дней",
            "كل 100 يوم",
        ],
    );
}

#[test]
fn weekdays() {
    check(
        MONDAY,
        "FREQ=WEEKLY",
        [
            "Every Monday",
            "Jeden Montag",
            "Каждый понедельник",
            "كل يوم اثنين",
        ],
    );
    check(
        "DTSTART;VALUE=DATE:20270106",
        "FREQ=WEEKLY;BYDAY=WE",
        [
            "Every Wednesday",
            "Jeden Mittwoch",
            "Каждую среду",
            "كل يوم أربعاء",
        ],
    );
    check(
        "DTSTART;VALUE=DATE:20270110",
        "FREQ=WEEKLY",
        [
            "Every Sunday",
            "Jeden Sonntag",
            "Каждое воскресенье",
            "كل يوم أحد",
        ],
    );
    check(
        MONDAY,
        "FREQ=WEEKLY;BYDAY=MO,TH",
        [
            "Every Monday and Thursday",
            "Jeden Montag und Donnerstag",
            "По понедельникам и четвергам",
            "يومي الاثنين والخميس من كل أسبوع",
        ],
    );
    check(
        MONDAY,
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        [
            "Every Monday, Wednesday and Friday",
            "Jeden Montag, Mittwoch und Freitag",
            "По понедельникам, средам и пятницам",
            "أيام الاثنين والأربعاء والجمعة من كل أسبوع",
        ],
    );
    check(
        MONDAY,
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        [
            "Every weekday (Monday to Friday)",
            "Jeden Tag von Montag bis Freitag",
            "Каждый день с понедельника по пятницу",
            "كل يوم من الاثنين إلى الجمعة",
        ],
    );
    check(
        MONDAY,
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        ["Every day", "Jeden Tag", "Каждый день", "كل يوم"],
    );
}

#[test]
fn weekdays_of_some_weeks() {
    check(
        MONDAY,
        "FREQ=WEEKLY;INTERVAL=2",
        [
            "Every 2 weeks on Monday",
            "Alle 2 Wochen am Montag",
            "Каждые 2 недели по понедельникам",
            "كل أسبوعين يوم الاثنين",
        ],
    );
    check(
        MONDAY,
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=MO",
        [
            "Every 2 weeks on Monday and Thursday",
            "Alle 2 Wochen am Montag und Donnerstag",
            "Каждые 2 недели по понедельникам и четвергам",
            "كل أسبوعين يومي الاثنين والخميس",
        ],
    );
    check(
        MONDAY,
        "FREQ=WEEKLY;INTERVAL=5;BYDAY=MO,WE,FR;WKST=SU",
        [
            "Every 5 weeks on Monday, Wednesday and Friday",
            "Alle 5 Wochen am Montag, Mittwoch und Freitag",
            "Каждые 5 недель по понедельникам, средам и пятницам",
            "كل 5 أسابيع أيام الاثنين والأربعاء والجمعة",
        ],
    );
    // A week that begins on Sunday has this Sunday before the Monday, and not six days after it.
    check_nothing(MONDAY, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU");
}

#[test]
fn days_of_months() {
    check(
        MONDAY,
        "FREQ=MONTHLY",
        [
            "Every month on the 4th",
            "Jeden Monat am 4.",
            "Каждый месяц 4-го числа",
            "كل شهر في اليوم 4",
        ],
    );
    check(
        "DTSTART;VALUE=DATE:20270101",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,22",
        [
            "Every 2 months on the 1st and 22nd",
            "Alle 2 Monate am 1. und 22.",
            "Каждые 2 месяца 1-го и 22-го числа",
            "كل شهرين في اليومين 1 و22",
        ],
    );
    check(
        "DTSTART;VALUE=DATE:20270103",
        "FREQ=MONTHLY;INTERVAL=11;BYMONTHDAY=3,13,23",
        [
            "Every 11 months on the 3rd, 13th and 23rd",
            "Alle 11 Monate am 3., 13. und 23.",
            "Каждые 11 месяцев 3-го, 13-го и 23-го числа",
            "كل 11 شهرًا في الأيام 3 و13 و23",
        ],
    );
    check(
        LAST_OF_JANUARY,
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        [
            "Every month on the last day",
            "Jeden Monat am letzten Tag",
            "Каждый месяц в последний день",
            "كل شهر في آخر يوم من الشهر",
        ],
    );
    check(
        LAST_OF_JANUARY,
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-1",
        [
            "Every 2 months on the last day of the month",
            "Alle 2 Monate am letzten Tag des Monats",
            "Каждые 2 месяца в последний день месяца",
            "كل شهرين في آخر يوم من الشهر",
        ],
    );
}

#[test]
fn weekdays_of_months() {
    check(
        "DTSTART;VALUE=DATE:20270112",
        "FREQ=MONTHLY;BYDAY=2TU",
        [
            "Every month on the second Tuesday",
            "Jeden Monat am zweiten Dienstag",
            "Каждый месяц во второй вторник",
            "كل شهر في ثاني يوم ثلاثاء من الشهر",
        ],
    );
    check(
        "DTSTART;VALUE=DATE:20270129",
        "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1",
        [
            "Every month on the last Friday",
            "Jeden Monat am letzten Freitag",
            "Каждый месяц в последнюю пятницу",
            "كل شهر في آخر يوم جمعة من الشهر",
        ],
    );
    check(
        LAST_OF_JANUARY,
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1SU",
        [
            "Every 3 months on the last Sunday of the month",
            "Alle 3 Monate am letzten Sonntag des Monats",
            "Каждые 3 месяца в последнее воскресенье месяца",
            "كل 3 أشهر في آخر يوم أحد من الشهر",
        ],
    );
    check(
        "DTSTART;VALUE=DATE:20270129",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        [
            "Every month on the last weekday (Monday to Friday)",
            "Jeden Monat am letzten Wochentag (Montag bis Freitag)",
            "Каждый месяц в последний будний день (с понедельника по пятницу)",
            "كل شهر في آخر يوم من أيام الاثنين إلى الجمعة من الشهر",
        ],
    );
}

#[test]
fn dates() {
    check(
        MONDAY,
        "FREQ=YEARLY",
        [
            "Every year on 4 January",
            "Jedes Jahr am 4. Januar",
            "Каждый год 4 января",
            "كل سنة في 4 يناير",
        ],
    );
    check(
        MONDAY,
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=1,7;BYMONTHDAY=4",
        [
            "Every 2 years on 4 January and 4 July",
            "Alle 2 Jahre am 4. Januar und 4. Juli",
            "Каждые 2 года 4 января и 4 июля",
            "كل سنتين في 4 يناير و4 يوليو",
        ],
    );
    check(
        "DTSTART;VALUE=DATE:20271125",
        "FREQ=YEARLY;INTERVAL=5;BYMONTH=11;BYDAY=4TH",
        [
            "Every 5 years on the fourth Thursday of November",
            "Alle 5 Jahre am vierten Donnerstag im November",
            "Каждые 5 лет в четвёртый четверг ноября",
            "كل 5 سنوات في رابع يوم خميس من نوفمبر",
        ],
    );
}

#[test]
fn ends() {
    check(
        MONDAY,
        "FREQ=WEEKLY;UNTIL=20270630T220000Z",
        [
            "Every Monday until 30 Jun 2027",
            "Jeden Montag bis 30.06.2027",
            "Каждый понедельник до 30 июн. 2027\u{202f}г. включительно",
            "كل يوم اثنين حتى 30 يونيو 2027",
        ],
    );
    for (count, expected) in [
        (
            2,
            [
                "Every day, 2 times",
                "Jeden Tag, insgesamt 2-mal",
                "Каждый день, всего 2 раза",
                "كل يوم، مرتين",
            ],
        ),
        (
            10,
            [
                "Every day, 10 times",
                "Jeden Tag, insgesamt 10-mal",
                "Каждый день, всего 10 раз",
                "كل يوم، 10 مرات",
            ],
        ),
        (
            21,
            [
                "Every day, 21 times",
                "Jeden Tag, insgesamt 21-mal",
                "Каждый день, всего 21 раз",
                "كل يوم، 21 مرة",
            ],
        ),
    ] {
        check(MONDAY, &format!("FREQ=DAILY;COUNT={count}"), expected);
    }
    check_nothing(MONDAY, "FREQ=DAILY;COUNT=1");
    check_nothing(MONDAY, "FREQ=HOURLY;UNTIL=20270630T220000Z");
}

#[test]
fn what_cannot_be_said_exactly_is_not_said() {
    for rule in [
        "FREQ=WEEKLY;BYDAY=TU",
        "FREQ=DAILY;BYHOUR=9,15",
        "FREQ=DAILY;BYMINUTE=0,30",
        "FREQ=DAILY;BYMONTH=1",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU",
        "FREQ=WEEKLY;BYMONTH=1,2",
        "FREQ=MONTHLY;BYDAY=1MO,3MO",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2,-1",
        "FREQ=MONTHLY;BYMONTHDAY=4,-1",
        "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1,2,3,4",
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO",
        "FREQ=YEARLY;BYYEARDAY=4",
        "FREQ=YEARLY;BYDAY=1MO",
        "FREQ=YEARLY;BYMONTH=1,2;BYDAY=1MO",
        "FREQ=YEARLY;BYMONTH=1,2;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=4",
        "FREQ=MINUTELY;INTERVAL=30",
        "FREQ=SECONDLY",
    ] {
        check_nothing(MONDAY, rule);
    }
}

#[test]
fn a_rule_with_exceptions_says_so() {
    let object = event(&[
        MONDAY,
        "RRULE:FREQ=WEEKLY;COUNT=10",
        "EXDATE;TZID=Europe/Berlin:20270111T090000",
    ]);
    let repetition = repetition(&object);
    assert_eq!(
        Language::ALL.map(|language| language.recurrence(&repetition, None).unwrap()),
        [
            "Every Monday, 10 times, except on some days",
            "Jeden Montag, insgesamt 10-mal, außer an einigen Tagen",
            "Каждый понедельник, всего 10 раз, кроме некоторых дней",
            "كل يوم اثنين، 10 مرات، ما عدا بعض الأيام",
        ]
    );
}

#[test]
fn the_zone_is_told_to_those_who_may_have_another_day() {
    for (start, rule, reader, expected) in [
        (MONDAY, "FREQ=WEEKLY", Tz::Europe__London, "Every Monday"),
        (MONDAY, "FREQ=WEEKLY", Tz::Asia__Tokyo, "Every Monday"),
        (
            MONDAY,
            "FREQ=WEEKLY",
            Tz::Pacific__Honolulu,
            "Every Monday (Berlin)",
        ),
        (MONDAY, "FREQ=DAILY", Tz::Pacific__Honolulu, "Every day"),
        (
            MONDAY,
            "FREQ=DAILY;UNTIL=20270630T220000Z",
            Tz::Pacific__Honolulu,
            "Every day until 30 Jun 2027 (Berlin)",
        ),
        // At 22:30 in Berlin it is the next day in Moscow, but in winter only.
        (
            "DTSTART;TZID=Europe/Berlin:20270705T223000",
            "FREQ=WEEKLY",
            Tz::Europe__Moscow,
            "Every Monday (Berlin)",
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20270705T213000",
            "FREQ=WEEKLY",
            Tz::Europe__Moscow,
            "Every Monday",
        ),
        (
            "DTSTART:20270104T230000",
            "FREQ=WEEKLY",
            Tz::Asia__Tokyo,
            "Every Monday",
        ),
        (
            "DTSTART;VALUE=DATE:20270104",
            "FREQ=WEEKLY",
            Tz::Pacific__Honolulu,
            "Every Monday",
        ),
        (
            "DTSTART:20270104T230000Z",
            "FREQ=WEEKLY",
            Tz::Asia__Tokyo,
            "Every Monday (UTC)",
        ),
    ] {
        let object = event(&[start, &format!("RRULE:{rule}")]);
        let told = Language::English.repeats(&repetition(&object), Some(reader));
        assert_eq!(told, expected, "{start}, {reader}");
    }
}
