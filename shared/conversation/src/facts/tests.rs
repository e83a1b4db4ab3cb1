//! What counts as a change, and how it is told.

use super::*;

fn facts(lines: &str) -> Facts {
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\n\
         {lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let object = CalendarObject::parse(text.into_bytes()).unwrap();
    Facts::of(&object, object.master_or_first(), Language::English, None)
}

const PLAN: &str = "DTSTART;TZID=Europe/Berlin:20270115T090000\r\nDTEND;TZID=Europe/Berlin:20270115T100000\r\n\
    SUMMARY:Plan\r\nLOCATION:Room 4";

fn sentences(old: &str, new: &str, language: Language) -> String {
    let (old, new) = (facts(old), facts(new));
    let changes = new.since(&old);
    assert_eq!(
        changes.ask_anew(),
        !changes.sentences(language, None).is_empty()
    );
    changes.sentences(language, None).join(" ")
}

#[test]
fn a_move_is_told_as_shortly_as_says_it() {
    let later = PLAN
        .replace("T090000", "T100001")
        .replace("T100000", "T110000")
        .replace("T100001", "T100000");
    let longer = PLAN.replace("T100000", "T120000");
    let next_day = PLAN.replace("20270115", "20270116");
    let elsewhere = PLAN.replace("Room 4", "The <garden>");
    for (new, expected) in [
        (&later, "Moved: Fri, 15 Jan 2027, 09:00 → 10:00 (Berlin)."),
        (
            &longer,
            "Moved: Fri, 15 Jan 2027, 09:00 – 10:00 → 09:00 – 12:00 (Berlin).",
        ),
        (
            &next_day,
            "Moved: Fri, 15 Jan 2027, 09:00 → Sat, 16 Jan 2027, 09:00 (Berlin).",
        ),
        (&elsewhere, "Place: Room 4 → The <garden>."),
    ] {
        assert_eq!(sentences(PLAN, new, Language::English), expected);
    }
    let day = "DTSTART;VALUE=DATE:20270115";
    assert_eq!(
        sentences(
            PLAN,
            &format!("{day}\r\nLOCATION:Room 4"),
            Language::English
        ),
        "Moved: Fri, 15 Jan 2027, 09:00 – 10:00 (Berlin) → Fri, 15 Jan 2027."
    );
    assert_eq!(
        Language::ALL.map(|language| sentences(PLAN, &later, language)),
        [
            "Moved: Fri, 15 Jan 2027, 09:00 → 10:00 (Berlin).",
            "Verschoben: Fr., 15.01.2027, 09:00 → 10:00 (Berlin).",
            "Новое время: пт, 15 янв. 2027\u{202f}г., 09:00 → 10:00 (Берлин).",
            "تغيّر الموعد: الجمعة، 15 يناير 2027، 09:00 ← 10:00 (برلين).",
        ]
    );
    assert_eq!(
        Language::ALL.map(|language| sentences(
            PLAN,
            "DTSTART;TZID=Europe/Berlin:20270115T090000\r\nDURATION:PT1H",
            language
        )),
        [
            "Place: Room 4 → none.",
            "Ort: Room 4 → keiner.",
            "Новое место: Room 4 → не указано.",
            "تغيّر المكان: \u{200f}\u{2068}Room 4\u{2069} ← غير محدد.",
        ]
    );
}

#[test]
fn what_asks_anew_is_time_place_and_recurrence() {
    let plan = facts(PLAN);
    let is_asked = |new: &str| facts(new).since(&plan).ask_anew();
    assert!(!is_asked(&PLAN.replace("Plan", "Renamed")));
    assert!(!is_asked(&format!("{PLAN}\r\nDESCRIPTION:x")));
    assert!(!is_asked(&PLAN.replace("Room 4", " Room 4 ")));
    // The same moment in another zone.
    let in_utc = "DTSTART:20270115T080000Z\r\nDTEND:20270115T090000Z\r\nLOCATION:Room 4";
    assert!(!is_asked(in_utc));
    assert!(is_asked(&format!("{PLAN}\r\nRRULE:FREQ=DAILY")));
    let series = facts(&format!("{PLAN}\r\nRRULE:FREQ=DAILY"));
    let again = facts(&format!(
        "{PLAN}\r\nRRULE:FREQ=DAILY\r\nEXDATE;TZID=Europe/Berlin:20270116T090000"
    ));
    assert!(again.since(&series).is_empty());
    let cancelled = facts(&format!("{PLAN}\r\nSTATUS:CANCELLED"));
    assert!(cancelled.since(&plan).is_called_off && !plan.since(&cancelled).is_called_off);
}

#[test]
fn facts_come_back_from_their_json() {
    for lines in [
        PLAN.to_owned(),
        format!("{PLAN}\r\nRRULE:FREQ=DAILY"),
        "DTSTART;VALUE=DATE:20270115".to_owned(),
        "DTSTART;TZID=Middle Earth:20270115T090000".to_owned(),
    ] {
        let facts = facts(&lines);
        let json = serde_json::to_value(&facts).unwrap();
        assert_eq!(serde_json::from_value::<Facts>(json).unwrap(), facts);
    }
    // What another version of the program has written says what it can.
    assert_eq!(
        serde_json::from_str::<Facts>("{}").unwrap(),
        Facts::default()
    );
}

#[test]
fn what_is_over_is_known_by_its_end() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    assert!(!facts(PLAN).is_over(at("2027-01-15T08:59:59Z")));
    assert!(facts(PLAN).is_over(at("2027-01-15T09:00:00Z")));
    let day = facts("DTSTART;VALUE=DATE:20270115");
    assert!(!day.is_over(at("2027-01-16T11:59:59Z")) && day.is_over(at("2027-01-16T12:00:00Z")));
    assert!(!facts(&format!("{PLAN}\r\nRRULE:FREQ=DAILY")).is_over(at("2037-01-01T00:00:00Z")));
}
