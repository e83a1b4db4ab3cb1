//! Tests of content lines.

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;

fn unfolded(file: &[u8]) -> Vec<Vec<u8>> {
    lines(file)
        .map(|line| line.unfolded().into_owned())
        .collect()
}

fn property(text: &str) -> Property<'_> {
    Property::parse(Cow::Borrowed(text.as_bytes())).unwrap()
}

#[test]
fn lines_are_unfolded() {
    let cases: &[(&[u8], &[&[u8]])] = &[
        (b"", &[]),
        (b"A:1\r\nB:2\r\n", &[b"A:1", b"B:2"]),
        (b"A:1\nB:2\n", &[b"A:1", b"B:2"]),
        (b"A:1\nB:2", &[b"A:1", b"B:2"]),
        (b"A:o\r\n ne\r\nB:2\r\n", &[b"A:one", b"B:2"]),
        (b"A:o\n\tne\n  and\nB:2", &[b"A:one and", b"B:2"]),
        (b"A:1\r\n \r\n \r\nB:2", &[b"A:1", b"B:2"]),
        (b"A:1\r\n\r\nB:2\r\n", &[b"A:1", b"", b"B:2"]),
        (b"A:1\r\nB:2\n C\r\n", &[b"A:1", b"B:2C"]),
        ("A:\u{fc}".as_bytes(), &["A:\u{fc}".as_bytes()]),
        // A fold in the middle of a character.
        (b"A:\xC3\r\n \xBC\r\n", &["A:\u{fc}".as_bytes()]),
        (
            b"A:\xF0\n \x9F\n\t\x8E\r\n \x89\r\n",
            &["A:\u{1f389}".as_bytes()],
        ),
        // A byte order mark belongs to no line.
        (b"\xEF\xBB\xBFA:1\r\n", &[b"A:1"]),
        (b"A:1\r\n ", &[b"A:1"]),
        (b" A:1\r\n", &[b" A:1"]),
    ];
    for (file, expected) in cases {
        assert_eq!(
            unfolded(file),
            *expected,
            "{:?}",
            String::from_utf8_lossy(file)
        );
    }
}

#[test]
fn folding_cuts_at_75_octets_and_never_within_a_character() {
    let text = format!("DESCRIPTION:{}", "äöü€🎉x".repeat(100));
    for ending in [LineEnding::CrLf, LineEnding::Lf] {
        let folded = fold(text.as_bytes(), ending);
        for physical in std::str::from_utf8(&folded).unwrap().split('\n') {
            assert!(physical.trim_end_matches('\r').len() <= FOLD_AT_OCTETS);
        }
        assert_eq!(unfolded(&folded), [text.as_bytes()]);
    }
    assert_eq!(fold(&[b'x'; 75], LineEnding::Lf), [b'x'; 75]);
    assert_eq!(
        fold(&[b'x'; 76], LineEnding::Lf),
        [&[b'x'; 75][..], b"\n x"].concat()
    );
}

#[test]
fn properties_are_read() {
    let attendee = property(
        "attendee;CN=\"Doe; John, Jr: the 2nd\";X-EMPTY=;MEMBER=\"mailto:a@b\",\"mailto:c@d\";PARTSTAT=ACCEPTED:mailto:x@y:z",
    );
    assert!(attendee.is("ATTENDEE"));
    assert_eq!(
        attendee.parameter("cn").as_deref(),
        Some("Doe; John, Jr: the 2nd")
    );
    assert_eq!(attendee.parameter("X-EMPTY").as_deref(), Some(""));
    assert_eq!(
        attendee.parameter("MEMBER").as_deref(),
        Some("mailto:a@b,mailto:c@d")
    );
    assert_eq!(attendee.parameter("PARTSTAT").as_deref(), Some("ACCEPTED"));
    assert_eq!(attendee.parameter("ROLE"), None);
    assert_eq!(attendee.value(), b"mailto:x@y:z");

    assert_eq!(property("SUMMARY:").value(), b"");
    assert_eq!(property("X;FLAG:v").parameter("FLAG").as_deref(), Some(""));
    assert_eq!(
        property("X;A=it\"s:v").parameter("A").as_deref(),
        Some("it\"s")
    );
    // A quote in a quoted value ends it; the rest is taken as it comes.
    assert_eq!(
        property("X;A=\"b\"c;D=e:v").parameter("D").as_deref(),
        Some("e")
    );
    // RFC 6868.
    assert_eq!(
        property("X;CN=George ^'Babe^' Ruth:v")
            .parameter("CN")
            .as_deref(),
        Some("George \"Babe\" Ruth")
    );
    assert_eq!(
        property("X;CN=a^nb^^nc^xd^:v").parameter("CN").as_deref(),
        Some("a\nb^nc^xd^")
    );
}

#[test]
fn what_is_no_property_is_refused() {
    for (text, why) in [
        ("", NotAProperty::Value),
        ("SUMMARY", NotAProperty::Value),
        (":value", NotAProperty::Name),
        (";A=b:value", NotAProperty::Name),
        ("Hello world: this is prose", NotAProperty::Name),
        ("\u{dc}BER:1", NotAProperty::Name),
        ("A;B=c", NotAProperty::Value),
        ("A;B", NotAProperty::Value),
        ("A;CN=\"open:mailto:x@y", NotAProperty::Quote),
        ("A;CN=a,\"open:mailto:x@y", NotAProperty::Quote),
    ] {
        assert_eq!(
            Property::parse(Cow::Borrowed(text.as_bytes())),
            Err(why),
            "{text}"
        );
    }
}

#[test]
fn a_parameter_is_set_where_it_stands() {
    for (before, after) in [
        ("A:v", "A;P=NEW:v"),
        ("A;P=old:v", "A;P=NEW:v"),
        ("A;P=:v", "A;P=NEW:v"),
        ("A;P:v", "A;P=NEW:v"),
        ("A;p=old;Q=\"x;P=no:\":v", "A;p=NEW;Q=\"x;P=no:\":v"),
        ("A;Q=1;P=\"a:b\";R=2:P=old", "A;Q=1;P=NEW;R=2:P=old"),
        ("A;P=one;Q=1;P=two:v", "A;P=NEW;Q=1;P=NEW:v"),
        ("A;PP=1:v", "A;PP=1;P=NEW:v"),
    ] {
        assert_eq!(
            String::from_utf8(property(before).with_parameter("P", "NEW")).unwrap(),
            after
        );
    }
}

proptest! {
    #[test]
    fn the_spans_cover_any_file(file in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut at = if file.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
        for line in lines(&file) {
            prop_assert_eq!(line.span.start, at);
            prop_assert_eq!(line.raw(), &file[line.span.clone()]);
            prop_assert!(!line.span.is_empty());
            at = line.span.end;
        }
        prop_assert_eq!(at, file.len());
        prop_assert_eq!(splice(&file, &[]), file);
    }

    #[test]
    fn what_is_folded_unfolds_to_itself(text in "[^\r\n \t\u{feff}][^\r\n]{0,300}", lf in any::<bool>()) {
        let folded = fold(text.as_bytes(), if lf { LineEnding::Lf } else { LineEnding::CrLf });
        prop_assert_eq!(unfolded(&folded), vec![text.into_bytes()]);
    }

    #[test]
    fn any_bytes_fold_and_unfold(mut text in prop::collection::vec(any::<u8>(), 0..400)) {
        text.retain(|byte| !matches!(byte, b'\r' | b'\n'));
        text.insert(0, b'A');
        prop_assert_eq!(unfolded(&fold(&text, LineEnding::CrLf)), vec![text]);
    }

    #[test]
    fn any_line_is_read_or_refused(text in prop::collection::vec(
        prop::sample::select(b"A;=:\",^nx\\ \xC3\xBC".to_vec()), 0..60,
    )) {
        if let Ok(property) = Property::parse(Cow::Borrowed(&text)) {
            let edited = property.with_parameter("PARTSTAT", "DECLINED");
            let edited = Property::parse(Cow::Owned(edited)).unwrap();
            prop_assert_eq!(edited.parameter("PARTSTAT"), Some("DECLINED".to_owned()));
            prop_assert_eq!(edited.value(), property.value());
            prop_assert_eq!(edited.parameter("A"), property.parameter("A"));
        }
    }

    #[test]
    fn an_encoded_parameter_is_read_back(name in "[^\\pC]{0,40}") {
        let text = format!("ORGANIZER;CN={}:mailto:a@b", encode_parameter(&name));
        prop_assert_eq!(property(&text).parameter("CN"), Some(name));
        let lines = encode_parameter("two\nlines \"quoted\"; a\tb");
        let text = format!("ORGANIZER;CN={lines}:mailto:a@b");
        prop_assert_eq!(property(&text).parameter("CN"), Some("two\nlines \"quoted\"; ab".to_owned()));
    }
}
