//! Whatever the lines, the folds and the bytes.

use proptest::prelude::*;

use super::*;

/// Lines that may stand in a VEVENT: attendees in odd spellings, and other lines.
fn any_line() -> impl Strategy<Value = String> {
    let part_stat = prop::sample::select(vec![
        "",
        ";PARTSTAT=NEEDS-ACTION",
        ";PARTSTAT=accepted",
        ";PARTSTAT=\"DECLINED\"",
        ";PARTSTAT=,",
        ";PARTSTAT",
    ]);
    let other = "(;CN=(\"[^\\pC\"]{0,70}\"|[^\\pC\":;,]{0,70}))?";
    let address = prop::sample::select(vec![
        "mailto:a@b.c",
        "MAILTO:a@B.c",
        "mailto:d@e.f",
        "urn:x:y",
        "",
    ]);
    let attendee = (part_stat, other, address)
        .prop_map(|(part_stat, other, address)| format!("ATTENDEE{other}{part_stat}:{address}"));
    prop_oneof![
        attendee,
        "X-[A-Z]{1,5}(;A=[a-z]{0,5})?:[^\\pC]{0,150}",
        Just(String::new())
    ]
}

proptest! {
    #[test]
    fn an_answer_twice_is_an_answer_once(
        content in prop::collection::vec(any_line(), 0..8),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        lf in any::<bool>(),
        part_stat in prop::sample::select(vec![PartStat::NeedsAction, PartStat::Accepted, PartStat::Declined]),
    ) {
        let mut content: Vec<u8> = content.iter().flat_map(|line| [line.as_bytes(), b"\r\n"].concat()).collect();
        // Folds anywhere within a line, also within a character.
        for cut in cuts {
            let Some(at) = (!content.is_empty()).then(|| cut.index(content.len())) else { continue };
            let free = |byte: Option<&u8>| byte.is_some_and(|byte| !matches!(byte, b'\r' | b'\n' | b' ' | b'\t'));
            if at > 0 && free(content.get(at - 1)) && free(content.get(at)) {
                content.splice(at..at, *b"\r\n ");
            }
        }
        let file = calendar(&event("\u{1}"));
        let (head, tail) = file.split_once('\u{1}').unwrap();
        let mut bytes = [head.as_bytes(), &content, tail.as_bytes()].concat();
        if lf {
            bytes.retain(|byte| *byte != b'\r');
        }
        let object = CalendarObject::parse(bytes.clone()).unwrap();
        prop_assert_eq!(object.as_bytes(), &bytes);
        let who = address("a@b.c");
        let once = object.set_part_stat(&who, &Scope::All, &part_stat);
        let twice = once.set_part_stat(&who, &Scope::All, &part_stat);
        prop_assert_eq!(&once, &twice);
        // What is in memory is what a reader of the bytes sees.
        let again = CalendarObject::parse(once.as_bytes().to_vec()).unwrap();
        prop_assert_eq!(again.attendees(), once.attendees());
        for (before, after) in object.attendees().into_iter().zip(once.attendees()) {
            let expected = if before.address == who { part_stat.clone() } else { before.part_stat.clone() };
            prop_assert_eq!(after, Attendee { part_stat: expected, ..before });
        }
        // Every line of anybody else is byte for byte the same.
        let before: Vec<_> = crate::content_line::lines(object.as_bytes()).collect();
        let after: Vec<_> = crate::content_line::lines(once.as_bytes()).collect();
        prop_assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            let theirs = before.unfolded().to_ascii_lowercase().ends_with(b":mailto:a@b.c");
            prop_assert!(theirs || before.raw() == after.raw());
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = CalendarObject::parse(bytes);
    }

    #[test]
    fn no_mutant_panics(
        fixture in 0..FIXTURES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 1..6),
    ) {
        let mut bytes = FIXTURES[fixture].1.to_vec();
        for (at, to, kind, byte) in edits {
            let (at, to) = (at.index(bytes.len()), to.index(bytes.len()));
            match kind {
                0 => bytes[at] = byte,
                1 => { bytes.drain(at..to.clamp(at, at + 20)); }
                _ => { let copy = bytes[at..to.clamp(at, at + 40)].to_vec(); bytes.splice(at..at, copy); }
            }
            if bytes.is_empty() { return Ok(()); }
        }
        if let Ok(object) = CalendarObject::parse(bytes.clone()) {
            prop_assert_eq!(object.as_bytes(), &bytes);
            let organizer = address("tg_1000@televent.internal");
            let edited = object.with_organizer(&organizer, Some("A, B")).set_part_stat(&friend(), &Scope::All, &PartStat::Accepted);
            prop_assert!(CalendarObject::parse(edited.into_bytes()).is_ok());
        }
    }
}
