//! What the clocks say, in words.

use super::*;

const BERLIN: Tz = Tz::Europe__Berlin;

fn local(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn zoned(start: &str, end: Option<&str>) -> EventTime {
    EventTime::Zoned {
        start: start.parse().unwrap(),
        end: end.map(|end| end.parse().unwrap()),
        zone: BERLIN,
    }
}

fn all_day(first: &str, last: &str) -> EventTime {
    EventTime::AllDay {
        first: first.parse().unwrap(),
        last: last.parse().unwrap(),
    }
}

fn floating(start: &str, end: Option<&str>, zone_name: Option<&str>) -> EventTime {
    EventTime::Floating {
        start: local(start),
        end: end.map(local),
        zone_name: zone_name.map(str::to_owned),
    }
}

#[test]
fn an_hour_is_told_in_every_language() {
    let hour = zoned("2027-01-15T08:00:00Z", Some("2027-01-15T09:00:00Z"));
    assert_eq!(
        Language::ALL.map(|language| language.when(&hour, None)),
        [
            "Fri, 15 Jan 2027, 09:00 – 10:00 (Berlin)",
            "Fr., 15.01.2027, 09:00 – 10:00 (Berlin)",
            "пт, 15 янв. 2027\u{202f}г., 09:00 – 10:00 (Берлин)",
            "الجمعة، 15 يناير 2027، 09:00 – 10:00 (برلين)",
        ]
    );
}

#[test]
fn moments_are_told_in_the_readers_zone() {
    let hour = zoned("2027-01-15T08:00:00Z", Some("2027-01-15T09:00:00Z"));
    for (reader, expected) in [
        (Tz::Asia__Tokyo, "Fri, 15 Jan 2027, 17:00 – 18:00 (Tokyo)"),
        (
            Tz::America__Los_Angeles,
            "Fri, 15 Jan 2027, 00:00 – 01:00 (Los Angeles)",
        ),
        (
            Tz::Pacific__Honolulu,
            "Thu, 14 Jan 2027, 22:00 – 23:00 (Honolulu)",
        ),
        (Tz::UTC, "Fri, 15 Jan 2027, 08:00 – 09:00 (UTC)"),
    ] {
        assert_eq!(Language::English.when(&hour, Some(reader)), expected);
    }
}

#[test]
fn an_event_may_end_on_another_day_or_not_at_all() {
    let night = zoned("2027-01-15T22:30:00Z", Some("2027-01-16T01:00:00Z"));
    assert_eq!(
        Language::ALL.map(|language| language.when(&night, None)),
        [
            "Fri, 15 Jan 2027, 23:30 – Sat, 16 Jan 2027, 02:00 (Berlin)",
            "Fr., 15.01.2027, 23:30 – Sa., 16.01.2027, 02:00 (Berlin)",
            "пт, 15 янв. 2027\u{202f}г., 23:30 – сб, 16 янв. 2027\u{202f}г., 02:00 (Берлин)",
            "الجمعة، 15 يناير 2027، 23:30 – السبت، 16 يناير 2027، 02:00 (برلين)",
        ]
    );
    let open = zoned("2027-01-15T22:30:00Z", None);
    assert_eq!(
        Language::English.when(&open, None),
        "Fri, 15 Jan 2027, 23:30 (Berlin)"
    );
}

#[test]
fn days_and_local_times_never_shift() {
    for reader in [
        None,
        Some(Tz::Pacific__Kiritimati),
        Some(Tz::Pacific__Honolulu),
    ] {
        for (time, plain, html) in [
            (
                all_day("2027-01-15", "2027-01-15"),
                "Fri, 15 Jan 2027",
                "Fri, 15 Jan 2027",
            ),
            (
                all_day("2027-01-15", "2027-01-17"),
                "Fri, 15 Jan 2027 – Sun, 17 Jan 2027",
                "Fri, 15 Jan 2027 – Sun, 17 Jan 2027 · 3 days",
            ),
            (
                floating("2027-01-15T09:00:00", Some("2027-01-15T09:30:00"), None),
                "Fri, 15 Jan 2027, 09:00 – 09:30",
                "Fri, 15 Jan 2027, 09:00 – 09:30 · 30 min",
            ),
        ] {
            assert_eq!(Language::English.when(&time, reader), plain);
            assert_eq!(Language::English.when_html(&time, reader), html);
        }
    }
}

#[test]
fn moments_are_shown_by_the_client_where_it_can() {
    let hour = zoned("2027-01-15T08:00:00Z", Some("2027-01-15T09:00:00Z"));
    assert_eq!(
        Language::German.when_html(&hour, None),
        "<tg-time unix=\"1800000000\" format=\"wDt\">Fr., 15.01.2027, 09:00</tg-time> – \
         <tg-time unix=\"1800003600\" format=\"t\">10:00</tg-time> (Berlin) · 1 Std."
    );
    let night = zoned("2027-01-15T22:30:00Z", Some("2027-01-16T01:00:00Z"));
    assert_eq!(
        Language::English.when_html(&night, None),
        "<tg-time unix=\"1800052200\" format=\"wDt\">Fri, 15 Jan 2027, 23:30</tg-time> – \
         <tg-time unix=\"1800061200\" format=\"wDt\">Sat, 16 Jan 2027, 02:00</tg-time> (Berlin) · 2 h 30 min"
    );
    let open = zoned("2027-01-15T22:30:00Z", None);
    assert_eq!(
        Language::English.when_html(&open, Some(Tz::UTC)),
        "<tg-time unix=\"1800052200\" format=\"wDt\">Fri, 15 Jan 2027, 22:30</tg-time> (UTC)"
    );
}

#[test]
fn an_unknown_zone_is_told_as_it_was_written() {
    let time = floating("2027-01-15T09:00:00", None, Some(" Middle\n<Earth> & more"));
    assert_eq!(
        Language::English.when(&time, None),
        "Fri, 15 Jan 2027, 09:00 (Middle <Earth> & more)"
    );
    assert_eq!(
        Language::English.when_html(&time, None),
        "Fri, 15 Jan 2027, 09:00 (Middle &lt;Earth&gt; &amp; more)"
    );
    assert_eq!(
        Language::Arabic.when(&time, None),
        "الجمعة، 15 يناير 2027، 09:00 (\u{200f}\u{2068}Middle <Earth> & more\u{2069})"
    );
    let long = floating("2027-01-15T09:00:00", None, Some(&"x".repeat(5_000)));
    assert!(Language::English.when(&long, None).len() < 100);
    let blank = floating("2027-01-15T09:00:00", None, Some(" \r\n"));
    assert_eq!(
        Language::English.when(&blank, None),
        "Fri, 15 Jan 2027, 09:00"
    );
}
