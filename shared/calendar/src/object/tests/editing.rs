//! What an edit changes, and what it leaves.

use super::*;

/// Which lines differ, as (before, after).
fn changed_lines(before: &CalendarObject, after: &CalendarObject) -> Vec<(String, String)> {
    let unfold = |object: &CalendarObject| -> Vec<(Vec<u8>, String)> {
        crate::content_line::lines(object.as_bytes())
            .map(|line| {
                (
                    line.raw().to_vec(),
                    String::from_utf8(line.unfolded().into_owned()).unwrap(),
                )
            })
            .collect()
    };
    let (before, after) = (unfold(before), unfold(after));
    assert_eq!(before.len(), after.len());
    before
        .into_iter()
        .zip(after)
        .filter(|(b, a)| b.0 != a.0)
        .map(|(b, a)| (b.1, a.1))
        .collect()
}

#[test]
fn an_answer_changes_one_parameter() {
    for (name, _) in FIXTURES {
        let object = fixture(name);
        let answered = object.set_part_stat(
            &friend(),
            &Scope::Instance(String::new()),
            &PartStat::Accepted,
        );
        let changed = changed_lines(&object, &answered);
        let [(before, after)] = changed.as_slice() else {
            panic!("{name}: {changed:?}")
        };
        let expected = if before.contains("PARTSTAT=NEEDS-ACTION") {
            before.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED")
        } else {
            let value = before.to_lowercase().rfind(":mailto:").unwrap();
            format!("{};PARTSTAT=ACCEPTED{}", &before[..value], &before[value..])
        };
        assert_eq!(*after, expected, "{name}");
        let statuses: Vec<_> = answered
            .attendees()
            .into_iter()
            .filter(|attendee| attendee.address == friend())
            .collect();
        assert_eq!(statuses[0].part_stat, PartStat::Accepted, "{name}");
        // Lines end as the file's lines do.
        let crlf = |object: &CalendarObject| {
            text(object).matches("\r\n").count() == text(object).matches('\n').count()
        };
        assert_eq!(crlf(&object), crlf(&answered), "{name}");
        assert_eq!(
            object.set_part_stat(&address("x@y.z"), &Scope::All, &PartStat::Accepted),
            object,
            "{name}"
        );
    }
}

#[test]
fn a_scope_is_kept_to() {
    let object = fixture("macos");
    let part_stats = |scope: Scope| -> Vec<PartStat> {
        let answered = object.set_part_stat(&friend(), &scope, &PartStat::Tentative);
        let attendees = answered
            .attendees()
            .into_iter()
            .filter(|attendee| attendee.address == friend());
        attendees.map(|attendee| attendee.part_stat).collect()
    };
    assert_eq!(
        part_stats(Scope::All),
        [PartStat::Tentative, PartStat::Tentative]
    );
    assert_eq!(
        part_stats(Scope::Instance(String::new())),
        [PartStat::Tentative, PartStat::NeedsAction]
    );
    let instance = Scope::Instance("20260112T080000Z".to_owned());
    assert_eq!(
        part_stats(instance),
        [PartStat::NeedsAction, PartStat::Tentative]
    );
    assert_eq!(
        part_stats(Scope::Instance("20260119T080000Z".to_owned())),
        [PartStat::NeedsAction, PartStat::NeedsAction]
    );
}

#[test]
fn part_stat_is_edited_however_it_is_written() {
    for (before, part_stat, after) in [
        (
            "ATTENDEE:MAILTO:a@B",
            "ACCEPTED",
            "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:a@B",
        ),
        ("ATTENDEE:mailto:a@b", "NEEDS-ACTION", "ATTENDEE:mailto:a@b"),
        (
            "ATTENDEE;PARTSTAT=:mailto:a@b",
            "NEEDS-ACTION",
            "ATTENDEE;PARTSTAT=:mailto:a@b",
        ),
        (
            "ATTENDEE;PARTSTAT=a b:mailto:a@b",
            "NEEDS-ACTION",
            "ATTENDEE;PARTSTAT=a b:mailto:a@b",
        ),
        (
            "ATTENDEE;PARTSTAT=needs-action:mailto:a@b",
            "NEEDS-ACTION",
            "ATTENDEE;PARTSTAT=needs-action:mailto:a@b",
        ),
        (
            "ATTENDEE;partstat=\"Accepted\":mailto:a@b",
            "ACCEPTED",
            "ATTENDEE;partstat=\"Accepted\":mailto:a@b",
        ),
        (
            "attendee;partstat=\"Accepted\";X=1:mailto:a@b",
            "DECLINED",
            "attendee;partstat=DECLINED;X=1:mailto:a@b",
        ),
        (
            "ATTENDEE;PARTSTAT=ACCEPTED;PARTSTAT=DECLINED:mailto:a@b",
            "ACCEPTED",
            "ATTENDEE;PARTSTAT=ACCEPTED;PARTSTAT=ACCEPTED:mailto:a@b",
        ),
        (
            "ATTENDEE;PART\n STAT=ACC\n\tEPTED:mail\n to:a@b",
            "ACCEPTED",
            "ATTENDEE;PART\n STAT=ACC\n\tEPTED:mail\n to:a@b",
        ),
        (
            "ATTENDEE;PART\n STAT=ACC\n\tEPTED:mail\n to:a@b",
            "DECLINED",
            "ATTENDEE;PARTSTAT=DECLINED:mailto:a@b",
        ),
        (
            "ATTENDEE;CN=\"x;PARTSTAT=ACCEPTED:y\":mailto:a@b",
            "DECLINED",
            "ATTENDEE;CN=\"x;PARTSTAT=ACCEPTED:y\";PARTSTAT=DECLINED:mailto:a@b",
        ),
        (
            "ATTENDEE;PARTSTAT=X-LATE:mailto:a@b",
            "x-late",
            "ATTENDEE;PARTSTAT=X-LATE:mailto:a@b",
        ),
    ] {
        let file = |line: &str| {
            calendar(&event("X-MARK\r\n"))
                .replace("\r\n", "\n")
                .replace("X-MARK", line)
        };
        let object = parse(&file(before)).unwrap();
        let edited = object.set_part_stat(
            &address("a@b"),
            &Scope::All,
            &PartStat::parse(part_stat).unwrap(),
        );
        assert_eq!(text(&edited), file(after), "{before}");
    }
}

#[test]
fn repeated_lines_count_once_and_are_edited_together() {
    let lines = "ATTENDEE;CN=One;PARTSTAT=TENTATIVE:mailto:a@b.c\r\nATTENDEE;CN=Two:MAILTO:a@B.C\r\nATTENDEE:mailto:A@b.c\r\n";
    let object = parse(&calendar(&event(lines))).unwrap();
    let attendees = object.attendees();
    assert_eq!(attendees.len(), 2);
    assert_eq!(
        (attendees[0].common_name.as_deref(), &attendees[0].part_stat),
        (Some("One"), &PartStat::Tentative)
    );
    let edited = object.set_part_stat(&address("a@b.c"), &Scope::All, &PartStat::Accepted);
    assert_eq!(text(&edited).matches("PARTSTAT=ACCEPTED").count(), 2);
}

#[test]
fn a_made_up_part_stat_never_reaches_a_line() {
    let object = fixture("ios");
    for other in ["", "A:B", "A\r\nX:y", "A;B=C", "Ä"] {
        assert_eq!(
            object.set_part_stat(&friend(), &Scope::All, &PartStat::Other(other.to_owned())),
            object
        );
    }
}

#[test]
fn an_organizer_is_added_where_there_is_none() {
    let object = fixture("curl");
    let organizer = address("tg_1000@televent.internal");
    let organized = object.with_organizer(&organizer, Some("Doe, \"Jo\": 會議"));
    let line = "ORGANIZER;CN=\"Doe, ^'Jo^': 會議\":mailto:tg_1000@televent.internal\n";
    assert_eq!(
        text(&organized),
        text(&object).replace("ATTENDEE", &format!("{line}ATTENDEE"))
    );
    assert_eq!(organized.organizer(), Some(&organizer));
    assert_eq!(organized.organizer_name(), Some("Doe, \"Jo\": 會議"));
    assert_eq!(organized.with_organizer(&organizer, None), organized);

    let two = calendar(&format!(
        "{}{}",
        event("ATTENDEE:mailto:a@b\r\n"),
        event("RECURRENCE-ID:20260105T100000Z\r\n")
    ));
    let organized = parse(&two).unwrap().with_organizer(&organizer, None);
    let line = "ORGANIZER:mailto:tg_1000@televent.internal\r\n";
    let expected = two.replace("ATTENDEE", &format!("{line}ATTENDEE")).replace(
        "BEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260105T100000Z\r\nRECURRENCE-ID",
        &format!("BEGIN:VEVENT\r\n{line}UID:u\r\nDTSTART:20260105T100000Z\r\nRECURRENCE-ID"),
    );
    assert_eq!(text(&organized), expected);

    let google = fixture("google");
    assert_eq!(
        google.with_organizer(&organizer, Some("me")),
        google,
        "it has another organizer"
    );
}

#[test]
fn an_object_may_grow_over_the_limits_by_an_answer() {
    let lines = "ATTENDEE:mailto:a@b\r\n";
    let room = MAX_OBJECT_BYTES - calendar(&event(lines)).len() - "X:\r\n".len();
    let object = parse(&calendar(&event(&format!(
        "{lines}X:{}\r\n",
        "x".repeat(room)
    ))))
    .unwrap();
    assert_eq!(object.as_bytes().len(), MAX_OBJECT_BYTES);
    let answered = object.set_part_stat(&address("a@b"), &Scope::All, &PartStat::Accepted);
    assert!(answered.as_bytes().len() > MAX_OBJECT_BYTES);
    assert_eq!(answered.attendees()[0].part_stat, PartStat::Accepted);
}
