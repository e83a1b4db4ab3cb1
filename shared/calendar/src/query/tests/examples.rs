//! The examples of RFC 4791 section 7.8 on the calendar of its appendix B.

use super::*;

#[track_caller]
fn check(component: ComponentFilter, expected: &[&str]) {
    let filter = calendar(component);
    assert_eq!(super::check(&filter), Ok(()));
    let found: Vec<_> = RESOURCES
        .iter()
        .filter(|(_, text)| matches(&filter, &object(text), &eastern()))
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn events_by_time_range() {
    check(
        in_range("VEVENT", "20060104", "20060105"),
        &["abcd2", "abcd3"],
    );
    check(
        in_range("VEVENT", "20060103", "20060105"),
        &["abcd2", "abcd3"],
    );
}

#[test]
fn stored_free_busy() {
    check(in_range("VFREEBUSY", "20060102", "20060103"), &["abcd8"]);
}

#[test]
fn to_dos_by_alarm() {
    let alarms = |start, end| all("VTODO", None, vec![], vec![in_range("VALARM", start, end)]);
    // In the appendix the to-do is due on a day, in the example at noon of it.
    check(alarms("20060106T100000", "20060107T100000"), &[]);
    check(alarms("20060106T040000", "20060106T050000"), &["abcd5"]);
    let noon = object(
        &String::from_utf8(resource("abcd5").into_bytes())
            .unwrap()
            .replace(
                "DUE;VALUE=DATE:20060106",
                "DUE;TZID=US/Eastern:20060106T120000",
            ),
    );
    let filter = calendar(alarms("20060106T100000", "20060107T100000"));
    assert!(matches(&filter, &noon, &eastern()));
}

#[test]
fn an_event_by_uid() {
    let uid = TextMatch {
        text: "DC6C50A017428C5216A2F1CD@example.com".to_owned(),
        collation: Collation::Octet,
        negate: false,
    };
    let uid = property("UID", Some(ValueTest::Text(uid)), vec![]);
    check(all("VEVENT", None, vec![uid], vec![]), &["abcd3"]);
}

#[test]
fn events_by_part_stat() {
    let lisa = property(
        "ATTENDEE",
        Some(ValueTest::Text(text("mailto:lisa@example.com"))),
        vec![parameter("PARTSTAT", Some(text("NEEDS-ACTION")))],
    );
    check(all("VEVENT", None, vec![lisa], vec![]), &["abcd3"]);
}

#[test]
fn events_only() {
    check(
        all("VEVENT", None, vec![], vec![]),
        &["abcd1", "abcd2", "abcd3"],
    );
}

#[test]
fn pending_to_dos() {
    let pending = vec![no_property("COMPLETED"), holds("STATUS", "!CANCELLED")];
    check(all("VTODO", None, pending, vec![]), &["abcd4", "abcd5"]);
}

#[test]
fn an_unknown_property() {
    check(
        all("VEVENT", None, vec![holds("X-ABC-GUID", "ABC")], vec![]),
        &[],
    );
}
