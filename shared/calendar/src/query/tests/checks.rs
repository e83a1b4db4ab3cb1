//! What a filter means before any object is read.

use super::*;

#[test]
fn filters_that_mean_nothing_are_refused() {
    let alarm = |name| all(name, None, vec![], vec![in_range("VALARM", "20260105", "")]);
    for (filter, expected) in [
        (calendar(in_range("VEVENT", "20260105", "20260106")), ""),
        (calendar(in_range("vjournal", "", "20260106")), ""),
        (calendar(alarm("VTODO")), ""),
        (
            calendar(all("X-PRIVATE", None, vec![holds("X", "y")], vec![])),
            "",
        ),
        (
            calendar(all(
                "VEVENT",
                None,
                vec![is_at("last-modified", "20260105", "")],
                vec![],
            )),
            "",
        ),
        (calendar(no_component("VTODO")), ""),
        (
            in_range("VEVENT", "20260105", ""),
            "the filter begins with VEVENT, not with VCALENDAR",
        ),
        (
            calendar(alarm("VTODO").clone_in("VEVENT")),
            "there is no VTODO in a VEVENT",
        ),
        (
            calendar(calendar(no_component("VEVENT"))),
            "there is no VCALENDAR in a VCALENDAR",
        ),
        (
            calendar(in_range("VALARM", "20260105", "")),
            "there is no VALARM in a VCALENDAR",
        ),
        (
            calendar(in_range("VTIMEZONE", "20260105", "")),
            "a time range means nothing to VTIMEZONE",
        ),
        (
            calendar(all(
                "VEVENT",
                None,
                vec![is_at("SUMMARY", "20260105", "")],
                vec![],
            )),
            "a time range means nothing to SUMMARY",
        ),
        (
            calendar(in_range("VEVENT", "", "")),
            "the time range of VEVENT has no end and no beginning, or ends before it begins",
        ),
        (
            calendar(in_range("VEVENT", "20260105", "20260105")),
            "the time range of VEVENT has no end and no beginning, or ends before it begins",
        ),
    ] {
        let why = check(&filter).err().map(|error| error.to_string());
        assert_eq!(why.unwrap_or_default(), expected, "{filter:?}");
    }
}

impl ComponentFilter {
    fn clone_in(self, name: &str) -> Self {
        all(name, None, vec![], vec![self])
    }
}

#[test]
fn candidates_are_by_kind_and_time() {
    let january = range("20260101", "20260201");
    let of = |filter: ComponentFilter| {
        let candidates = candidates(&calendar(filter));
        (candidates.component, candidates.range)
    };
    let anywhen = TimeRange::default();
    assert_eq!(
        of(in_range("vevent", "20260101", "20260201")),
        (Some(ComponentKind::Event), january)
    );
    assert_eq!(
        of(all("VTODO", None, vec![], vec![])),
        (Some(ComponentKind::Todo), anywhen)
    );
    assert_eq!(of(no_component("VEVENT")), (None, anywhen));
    assert_eq!(of(all("X-PRIVATE", None, vec![], vec![])), (None, anywhen));
    let by_start = all(
        "VEVENT",
        None,
        vec![is_at("DTSTART", "20260101", "20260201")],
        vec![],
    );
    assert_eq!(of(by_start), (Some(ComponentKind::Event), january));
    let by_stamp = all(
        "VEVENT",
        None,
        vec![is_at("DTSTAMP", "20260101", "20260201")],
        vec![],
    );
    assert_eq!(of(by_stamp), (Some(ComponentKind::Event), anywhen));
    // An alarm may go off at any time.
    let by_alarm = all(
        "VEVENT",
        None,
        vec![],
        vec![in_range("VALARM", "20260101", "")],
    );
    assert_eq!(of(by_alarm), (Some(ComponentKind::Event), anywhen));
    assert_eq!(
        candidates(&all("VCALENDAR", None, vec![], vec![])),
        Candidates::default()
    );
    assert_eq!(
        candidates(&no_component("VCALENDAR")),
        Candidates::default()
    );
}
