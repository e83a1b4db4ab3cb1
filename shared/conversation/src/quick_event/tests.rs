//! What people write, and what it means on Thursday, 14 January 2027, at 10:30 in Berlin.

use super::*;
use chrono::TimeZone as _;
use proptest::prelude::*;
use televent_language::Language::{Arabic, English, German, Russian};

fn now() -> DateTime<Tz> {
    Tz::Europe__Berlin
        .with_ymd_and_hms(2027, 1, 14, 10, 30, 0)
        .unwrap()
}

#[test]
fn what_is_behind_the_end_of_a_long_message_is_not_read() {
    let long = format!("{}lunch tomorrow at 13:00", "x ".repeat(600));
    let event = QuickEvent::read(&long, English, now());
    assert_eq!((event.day, event.time), (None, None));
    // Each takes longer the more there were before.
    for said in ["255 um- ", "at 3 ", "@ a ", "12.3. "] {
        let event = QuickEvent::read(&said.repeat(100_000), German, now());
        assert!(event.title.chars().count() <= MAX_TEXT);
    }
}

/// `title | day | time | @ place`, and `?` for what has to be confirmed, or why something is asked.
fn told(event: &QuickEvent) -> String {
    let mut parts = vec![event.title.clone()];
    parts.push(
        event
            .day
            .map_or_else(|| "-".to_owned(), |day| day.to_string()),
    );
    parts.push(match event.time {
        None => "-".to_owned(),
        Some(TimeOfDay::AllDay) => "all day".to_owned(),
        Some(TimeOfDay::At { start, minutes }) => format!("{} +{minutes}", start.format("%H:%M")),
    });
    parts.extend(event.place.as_ref().map(|place| format!("@ {place}")));
    parts.extend(event.doubt.map(|doubt| format!("{doubt:?}")));
    if !event.is_certain {
        parts.push("?".to_owned());
    }
    parts.join(" | ")
}

fn check(language: Language, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(message, expected)| {
            let told = told(&QuickEvent::read(message, language, now()));
            (told != *expected).then(|| format!("{message:?}\n  is {told}\n not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn english() {
    check(
        English,
        &[
            (
                "Lunch with Bo tomorrow 13:00",
                "Lunch with Bo | 2027-01-15 | 13:00 +60",
            ),
            ("tomorrow at 1pm Lunch", "Lunch | 2027-01-15 | 13:00 +60"),
            ("Lunch tomorrow 1 pm", "Lunch | 2027-01-15 | 13:00 +60"),
            (
                "Lunch tomorrow, 1:30 p.m.",
                "Lunch | 2027-01-15 | 13:30 +60",
            ),
            ("Call 12am tomorrow", "Call | 2027-01-15 | 00:00 +60"),
            ("Call 12pm tomorrow", "Call | 2027-01-15 | 12:00 +60"),
            ("2027-01-15 09:00 Plan", "Plan | 2027-01-15 | 09:00 +60"),
            (
                "Plan 2027-01-15 9:00-10:30",
                "Plan | 2027-01-15 | 09:00 +90",
            ),
            ("Plan 15 Jan 9:00 – 10:30", "Plan | 2027-01-15 | 09:00 +90"),
            (
                "Plan Jan 15 from 9:00 to 10:30",
                "Plan | 2027-01-15 | 09:00 +90",
            ),
            (
                "Plan on the 15th of January at 9:00",
                "Plan | 2027-01-15 | 09:00 +60",
            ),
            (
                "Plan January 15, 2028, 9:00",
                "Plan | 2028-01-15 | 09:00 +60",
            ),
            ("Fri 15 Jan 9:00 Plan", "Plan | 2027-01-15 | 09:00 +60"),
            ("Plan 1/15 9:00", "Plan | 2027-01-15 | 09:00 +60"),
            ("Plan 15/1/2027 9:00", "Plan | 2027-01-15 | 09:00 +60"),
            ("Plan 1-2pm tomorrow", "Plan | 2027-01-15 | 13:00 +60"),
            ("Plan 11-1pm tomorrow", "Plan | 2027-01-15 | 11:00 +120"),
            ("Plan 9am-5pm tomorrow", "Plan | 2027-01-15 | 09:00 +480"),
            ("Plan 9-5pm tomorrow", "Plan | 2027-01-15 | 09:00 +480"),
            (
                "Plan tomorrow from 9 to 17",
                "Plan | 2027-01-15 | 09:00 +480",
            ),
            (
                "Walk tomorrow 13:00 for 2 hours",
                "Walk | 2027-01-15 | 13:00 +120",
            ),
            (
                "Walk tomorrow 13:00 for 1.5 hours",
                "Walk | 2027-01-15 | 13:00 +90",
            ),
            (
                "Walk tomorrow 13:00, 90 min",
                "Walk | 2027-01-15 | 13:00 +90",
            ),
            ("Walk tomorrow 13:00 1h30", "Walk | 2027-01-15 | 13:00 +90"),
            (
                "Walk tomorrow 13:00 for half an hour",
                "Walk | 2027-01-15 | 13:00 +30",
            ),
            (
                "Party on Saturday 22:00-01:00",
                "Party | 2027-01-16 | 22:00 +180",
            ),
            ("Walk in 2 hours", "Walk | 2027-01-14 | 12:30 +60"),
            (
                "Walk in half an hour for 20 min",
                "Walk | 2027-01-14 | 11:00 +20",
            ),
            ("Trip in 3 days", "Trip | 2027-01-17 | all day"),
            ("Trip in a week at 13:00", "Trip | 2027-01-21 | 13:00 +60"),
            ("Holiday tomorrow", "Holiday | 2027-01-15 | all day"),
            ("Holiday tomorrow all day", "Holiday | 2027-01-15 | all day"),
            ("Drinks tonight at 8", "Drinks | 2027-01-14 | 20:00 +60"),
            (
                "Class tomorrow evening at 7",
                "Class | 2027-01-15 | 19:00 +60",
            ),
            (
                "Evening class tomorrow 19:00",
                "Evening class | 2027-01-15 | 19:00 +60",
            ),
            ("Lunch today at noon", "Lunch | 2027-01-14 | 12:00 +60"),
            (
                "Lunch tomorrow 13:00 @ Café Einstein",
                "Lunch | 2027-01-15 | 13:00 +60 | @ Café Einstein",
            ),
            (
                "Lunch @ Café Einstein tomorrow 13:00",
                "Lunch | 2027-01-15 | 13:00 +60 | @ Café Einstein",
            ),
            (
                "Lunch with @bo tomorrow 13:00",
                "Lunch with @bo | 2027-01-15 | 13:00 +60",
            ),
            (
                "the day after tomorrow 13:00: Lunch",
                "Lunch | 2027-01-16 | 13:00 +60",
            ),
            (
                "Sun in the garden tomorrow",
                "Sun in the garden | 2027-01-15 | all day",
            ),
            (
                "May comes tomorrow 13:00",
                "May comes | 2027-01-15 | 13:00 +60",
            ),
            // To be confirmed.
            ("Lunch 13:00", "Lunch | 2027-01-14 | 13:00 +60 | ?"),
            ("Breakfast 9:00", "Breakfast | 2027-01-15 | 09:00 +60 | ?"),
            ("Lunch Thursday 13:00", "Lunch | 2027-01-21 | 13:00 +60 | ?"),
            (
                "Lunch next Monday 13:00",
                "Lunch | 2027-01-18 | 13:00 +60 | ?",
            ),
            ("Lunch tomorrow at 9", "Lunch | 2027-01-15 | 09:00 +60 | ?"),
            ("Review 13 Jan 9:00", "Review | 2028-01-13 | 09:00 +60 | ?"),
            // To be asked.
            ("Lunch", "Lunch | - | -"),
            ("", " | - | -"),
            ("tomorrow 13:00", " | 2027-01-15 | 13:00 +60"),
            (
                "Lunch tomorrow at 3",
                "Lunch | 2027-01-15 | - | UnclearTime",
            ),
            (
                "Lunch tomorrow at 3:00",
                "Lunch | 2027-01-15 | - | UnclearTime",
            ),
            ("Lunch tomorrow 13", "Lunch 13 | 2027-01-15 | - | ?"),
            ("Lunch tomorrow evening", "Lunch | 2027-01-15 | -"),
            ("Lunch 1/2 13:00", "Lunch | - | 13:00 +60 | AmbiguousDate"),
            ("Lunch 30 Feb 13:00", "Lunch | - | 13:00 +60 | NoSuchDay"),
            ("Lunch Mon 15 Jan 13:00", "Lunch | - | 13:00 +60 | TwoDays"),
            (
                "Lunch Monday or Tuesday 13:00",
                "Lunch or | - | 13:00 +60 | TwoDays",
            ),
            (
                "Lunch tomorrow 13:00 or 14:00",
                "Lunch or | 2027-01-15 | - | TwoTimes",
            ),
            ("Lunch 2026-01-15 13:00", "Lunch | - | 13:00 +60 | PastDay"),
            ("Lunch today 9:00", "Lunch | 2027-01-14 | - | PastTime"),
            ("Run 2027-03-28 02:30", "Run | 2027-03-28 | - | NoSuchTime"),
            (
                "Release 1.2 13:00",
                "Release 1.2 | 2027-01-14 | 13:00 +60 | ?",
            ),
            (
                "Sprint 12 tomorrow 13:00",
                "Sprint 12 | 2027-01-15 | 13:00 +60",
            ),
            ("Do 5 pushups", "Do 5 pushups | - | - | ?"),
            // In another language.
            (
                "завтра в 10 планёрка",
                "планёрка | 2027-01-15 | 10:00 +60 | ?",
            ),
        ],
    );
    let german = QuickEvent::read("Essen morgen 13 Uhr", English, now());
    assert_eq!(told(&german), "Essen | 2027-01-15 | 13:00 +60 | ?");
}

#[test]
fn german() {
    check(
        German,
        &[
            (
                "Freitag 15:30-16:15 Zahnarzt",
                "Zahnarzt | 2027-01-15 | 15:30 +45",
            ),
            ("15.1. 9–10 Uhr Planung", "Planung | 2027-01-15 | 09:00 +60"),
            (
                "Planung am 15.01.2027 um 9 Uhr",
                "Planung | 2027-01-15 | 09:00 +60",
            ),
            (
                "Planung am 15.1.27 9:00",
                "Planung | 2027-01-15 | 09:00 +60",
            ),
            (
                "Planung am 15. Januar um 9",
                "Planung | 2027-01-15 | 09:00 +60",
            ),
            (
                "Planung am Fr. 15.1. von 9 bis 10:30",
                "Planung | 2027-01-15 | 09:00 +90",
            ),
            ("Fr 13 Uhr Essen", "Essen | 2027-01-15 | 13:00 +60"),
            ("Essen morgen 13 Uhr", "Essen | 2027-01-15 | 13:00 +60"),
            (
                "Essen morgen um 13.30 Uhr",
                "Essen | 2027-01-15 | 13:30 +60",
            ),
            (
                "Essen übermorgen 13:00 2 Std.",
                "Essen | 2027-01-16 | 13:00 +120",
            ),
            (
                "Essen morgen 13:00 für eine halbe Stunde",
                "Essen | 2027-01-15 | 13:00 +30",
            ),
            (
                "Essen morgen 13:00, 1,5 Std",
                "Essen | 2027-01-15 | 13:00 +90",
            ),
            ("Kino heute Abend um 8", "Kino | 2027-01-14 | 20:00 +60"),
            ("Kino morgen um 8 abends", "Kino | 2027-01-15 | 20:00 +60"),
            ("Laufen morgen früh um 6", "Laufen | 2027-01-15 | 06:00 +60"),
            ("Laufen morgen 6:00", "Laufen | 2027-01-15 | 06:00 +60"),
            ("Anruf in 2 Stunden", "Anruf | 2027-01-14 | 12:30 +60"),
            ("Urlaub in einer Woche", "Urlaub | 2027-01-21 | all day"),
            (
                "Urlaub am Montag ganztägig",
                "Urlaub | 2027-01-18 | all day",
            ),
            (
                "Markt kommenden Samstag 9 Uhr @ Marktplatz",
                "Markt | 2027-01-16 | 09:00 +60 | @ Marktplatz",
            ),
            (
                "So machen wir das morgen 13:00",
                "So machen wir das | 2027-01-15 | 13:00 +60",
            ),
            (
                "Lunch mit Bo 1/2 13:00",
                "Lunch mit Bo | 2027-02-01 | 13:00 +60",
            ),
            (
                "Essen nächsten Montag 13:00",
                "Essen | 2027-01-18 | 13:00 +60 | ?",
            ),
            (
                "Essen Donnerstag 13:00",
                "Essen | 2027-01-21 | 13:00 +60 | ?",
            ),
            ("Essen morgen 13.30", "Essen 13.30 | 2027-01-15 | - | ?"),
            ("Essen morgen um 3", "Essen | 2027-01-15 | - | UnclearTime"),
            ("Essen morgen Mittag", "Essen | 2027-01-15 | -"),
            ("Essen 31.2. 13:00", "Essen | - | 13:00 +60 | NoSuchDay"),
            ("Essen", "Essen | - | -"),
        ],
    );
}

#[test]
fn russian() {
    check(
        Russian,
        &[
            ("завтра в 10 планёрка", "планёрка | 2027-01-15 | 10:00 +60"),
            (
                "Обед с Бо завтра в 13:00",
                "Обед с Бо | 2027-01-15 | 13:00 +60",
            ),
            ("Обед послезавтра в 13.30", "Обед | 2027-01-16 | 13:30 +60"),
            (
                "Обед в пятницу в 13 часов на 2 часа",
                "Обед | 2027-01-15 | 13:00 +120",
            ),
            ("Обед в 2 часа дня завтра", "Обед | 2027-01-15 | 14:00 +60"),
            ("Планёрка 15.01 в 9:00", "Планёрка | 2027-01-15 | 09:00 +60"),
            (
                "Планёрка 15.01.2027 9:00–10:30",
                "Планёрка | 2027-01-15 | 09:00 +90",
            ),
            (
                "Планёрка 15 января с 9 до 11",
                "Планёрка | 2027-01-15 | 09:00 +120",
            ),
            (
                "Планёрка 15 янв. 2027 г. в 9",
                "Планёрка | 2027-01-15 | 09:00 +60",
            ),
            (
                "Кино сегодня в 7 вечера @ Октябрь",
                "Кино | 2027-01-14 | 19:00 +60 | @ Октябрь",
            ),
            ("Кино завтра вечером в 7", "Кино | 2027-01-15 | 19:00 +60"),
            ("Звонок через 2 часа", "Звонок | 2027-01-14 | 12:30 +60"),
            ("Звонок через полчаса", "Звонок | 2027-01-14 | 11:00 +60"),
            ("Отпуск через неделю", "Отпуск | 2027-01-21 | all day"),
            ("Отпуск завтра весь день", "Отпуск | 2027-01-15 | all day"),
            ("Отпуск в субботу", "Отпуск | 2027-01-16 | all day"),
            (
                "Поход с 3 друзьями завтра 10:00",
                "Поход с 3 друзьями | 2027-01-15 | 10:00 +60",
            ),
            (
                "Обед в четверг в 13:00",
                "Обед | 2027-01-21 | 13:00 +60 | ?",
            ),
            (
                "Обед в следующую пятницу в 13:00",
                "Обед | 2027-01-15 | 13:00 +60 | ?",
            ),
            ("Обед завтра 13.30", "Обед 13.30 | 2027-01-15 | - | ?"),
            ("Обед завтра в 3", "Обед | 2027-01-15 | - | UnclearTime"),
            ("Обед завтра вечером", "Обед | 2027-01-15 | -"),
            (
                "Обед 31 февраля в 13:00",
                "Обед | - | 13:00 +60 | NoSuchDay",
            ),
            ("Обед", "Обед | - | -"),
        ],
    );
}

#[test]
fn arabic() {
    check(
        Arabic,
        &[
            ("غدا 10:00 اجتماع", "اجتماع | 2027-01-15 | 10:00 +60"),
            ("غدًا ١٠:٠٠ اجتماع", "اجتماع | 2027-01-15 | 10:00 +60"),
            (
                "اجتماع غداً الساعة 3 مساءً",
                "اجتماع | 2027-01-15 | 15:00 +60",
            ),
            (
                "اجتماع بعد غد الساعة 9 صباحا",
                "اجتماع | 2027-01-16 | 09:00 +60",
            ),
            (
                "اجتماع يوم الجمعة 13:00 لمدة ساعتين",
                "اجتماع | 2027-01-15 | 13:00 +120",
            ),
            (
                "اجتماع الاثنين القادم من 13:00 إلى 14:30",
                "اجتماع | 2027-01-18 | 13:00 +90",
            ),
            (
                "اجتماع 15 يناير 10:00 - 11:00",
                "اجتماع | 2027-01-15 | 10:00 +60",
            ),
            ("اجتماع 15/1 10:00", "اجتماع | 2027-01-15 | 10:00 +60"),
            (
                "اجتماع ١٥ كانون الثاني ٢٠٢٧ الساعة ١٠:٠٠",
                "اجتماع | 2027-01-15 | 10:00 +60",
            ),
            (
                "غداء غدا 13:00 @ مقهى النيل",
                "غداء | 2027-01-15 | 13:00 +60 | @ مقهى النيل",
            ),
            ("مكالمة بعد ساعتين", "مكالمة | 2027-01-14 | 12:30 +60"),
            ("مكالمة بعد 30 دقيقة", "مكالمة | 2027-01-14 | 11:00 +60"),
            ("إجازة بعد أسبوع", "إجازة | 2027-01-21 | all day"),
            ("إجازة غدا طوال اليوم", "إجازة | 2027-01-15 | all day"),
            ("اجتماع الخميس 13:00", "اجتماع | 2027-01-21 | 13:00 +60 | ?"),
            ("اجتماع غدا الساعة 9", "اجتماع | 2027-01-15 | 09:00 +60 | ?"),
            (
                "اجتماع غدا الساعة 3",
                "اجتماع | 2027-01-15 | - | UnclearTime",
            ),
            ("اجتماع غدا مساء", "اجتماع | 2027-01-15 | -"),
            ("اجتماع", "اجتماع | - | -"),
        ],
    );
}

#[test]
fn a_mere_number_is_a_time_where_one_is_asked_for() {
    for (language, message, expected) in [
        (English, "13", " | 2027-01-14 | 13:00 +60 | ?"),
        (English, "9-10", " | 2027-01-15 | 09:00 +60 | ?"),
        (German, "13.30", " | 2027-01-14 | 13:30 +60 | ?"),
        (German, "3", " | - | - | UnclearTime"),
        (Russian, "с 13 до 15", " | 2027-01-14 | 13:00 +120 | ?"),
        (Arabic, "١٣", " | 2027-01-14 | 13:00 +60 | ?"),
        (English, "whenever", "whenever | - | -"),
    ] {
        let event = QuickEvent::read_time(message, language, now());
        assert_eq!(told(&event), expected, "{message}");
    }
}

#[test]
fn a_long_message_makes_a_bounded_title() {
    let message = format!("{} tomorrow 13:00", "x".repeat(900));
    let event = QuickEvent::read(&message, English, now());
    assert_eq!(event.title.chars().count(), MAX_TEXT);
    assert!(event.is_complete());
}

proptest! {
    #[test]
    fn whatever_is_written_is_read(message in "(\\PC|[0-9:./@ -]|tomorrow|um|в|الساعة){0,60}", language in 0_usize..4) {
        let language = Language::ALL[language];
        for event in [
            QuickEvent::read(&message, language, now()),
            QuickEvent::read_time(&message, language, now()),
        ] {
            prop_assert!(event.day.is_none_or(|day| doubt_of(day, event.time, now()).is_none()));
            prop_assert!(event.title.chars().count() <= MAX_TEXT);
            if let Some(TimeOfDay::At { minutes, .. }) = event.time {
                prop_assert!((1..=MAX_MINUTES).contains(&minutes));
            }
        }
    }
}
