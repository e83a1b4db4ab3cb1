//! What people read of hostile objects and words: HTML that the Bot API takes, no longer than it takes it, with buttons that
//! fit.

use chrono_tz::Tz;
use televent_calendar::CalendarObject;
use televent_conversation::EventDraft;
use televent_language::Language;
use televent_notifier::fuzzing::{Shown, cards, screens};
use televent_simulator::read_html;
use televent_telegram::{MAX_CALLBACK_DATA_BYTES, MAX_TEXT, without_tags, without_tg_time};

use super::{now, person};

/// Words of texts, and of iCalendar.
pub(crate) const WORDS: &[&str] = &[
    "<b>",
    "</b>",
    "<tg-time unix=\"1\">",
    "</tg-time>",
    "<a href=\"javascript:x\">",
    "<br>",
    "<p>",
    "</p>",
    "<li>",
    "<html-blob>",
    "&lt;",
    "&#0;",
    "&#x110000;",
    "&nbsp;",
    "<!--",
    "]]>",
    "\u{2066}",
    "\u{2069}",
    "\u{200f}",
    "שלום",
    "مرحبا",
    "\u{fdfa}",
    "e\u{301}",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "👩‍❤️‍💋‍👩",
    "https://meet.example/a?b=c&d=<e>",
    "SUMMARY:",
    "DESCRIPTION:",
    "LOCATION:",
    "URL:",
    "CONFERENCE;LABEL=x:",
    "GEO:",
    "ATTENDEE;CN=",
    "ORGANIZER;CN=",
    "\\n",
    "\\N\\n",
    "\\;",
    "RRULE:FREQ=YEARLY;BYDAY=1MO,2TU,3WE,-1FR;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12\r\n",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;WKST=SU\r\n",
    "STATUS:CANCELLED\r\n",
    "DTSTART;TZID=Pacific/Apia:20111230T000000\r\n",
    "DTSTART;VALUE=DATE:20260101\r\n",
    "DTEND;TZID=Asia/Tokyo:20260101T110000\r\n",
    "DTSTART:99991231T235959Z\r\n",
    "RECURRENCE-ID:20260102T100000Z\r\n",
    "\r\n ",
];

/// Shows it to everybody in it.
pub(crate) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let object = CalendarObject::parse(input.to_vec()).ok();
    let plain = CalendarObject::parse(PLAIN.to_vec()).expect("it is one");
    let mut draft = EventDraft::new(Default::default());
    draft.title.clone_from(&text.chars().take(KEPT).collect());
    draft.place = Some(text.chars().skip(KEPT).take(KEPT).collect());
    let words: Vec<String> = text.split(',').map(str::to_owned).collect();
    let words = words.get(..words.len().min(MAX_WORDS)).unwrap_or_default();
    // One after the other: all at once would take four times as long for an input.
    let chosen = input.len() % Language::ALL.len();
    let language = Language::ALL.get(chosen).copied().unwrap_or_default();
    let zone = (input.len() % 8 < 4).then_some(Tz::Asia__Kathmandu);
    for shown in screens(&draft, object.as_ref(), words, person(2), (language, zone)) {
        check(&shown);
    }
    if let Some(object) = &object {
        for (before, after) in [(&plain, object), (object, &plain)] {
            let shown = cards(
                before,
                after,
                (person(1), person(2)),
                (language, zone),
                now(),
            );
            shown.iter().for_each(check);
        }
    }
}

/// Characters of a message that become a title: a limit of `quick_event`.
const KEPT: usize = 250;

/// People that can be picked at once, and more.
const MAX_WORDS: usize = 50;

const PLAIN: &[u8] = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
    DTSTART:20270101T100000Z\r\nDTEND:20270101T110000Z\r\nSUMMARY:Plain\r\nRRULE:FREQ=DAILY\r\nORGANIZER:mailto:tg_1@televent.internal\r\n\
    ATTENDEE:mailto:tg_2@televent.internal\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn check(shown: &Shown) {
    let html = &shown.html;
    for html in [html.clone(), without_tg_time(html), without_tags(html)] {
        let text = read_html(&html).unwrap_or_else(|why| panic!("{why}: {html}"));
        let units = text.encode_utf16().count();
        assert!(units <= MAX_TEXT, "{units} UTF-16 units: {html}");
        assert!(!text.trim().is_empty(), "nothing is shown: {html}");
    }
    for data in &shown.callback_data {
        assert!(
            (1..=MAX_CALLBACK_DATA_BYTES).contains(&data.len()),
            "{data}"
        );
    }
    assert!(shown.labels.iter().all(|label| !label.trim().is_empty()));
}
