//! What the organizer does, on a device.

use crate::scene::{MEETING, MOVED, SERIES};
use crate::{ANN, BOB, CAT, Scene};

#[tokio::test]
async fn organizer_creates() {
    let scene = Scene::start().await;
    scene.put(ANN, "meeting.ics", &[MEETING]).await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: new
                + UID:meeting
                + DTSTAMP:20260101T000000Z
                + DTSTART:20370701T100000Z
                + DTEND:20370701T110000Z
                + SUMMARY:Planning
                + ORGANIZER;CN=Ann:@ann
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2:@bob
                + ATTENDEE;CN=Cat;SCHEDULE-STATUS=1.2:@cat
            bob's device, ctag changed
              meeting.ics: new
                + UID:meeting
                + DTSTAMP:20260101T000000Z
                + DTSTART:20370701T100000Z
                + DTEND:20370701T110000Z
                + SUMMARY:Planning
                + ORGANIZER;CN=Ann:@ann
                + ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Cat:@cat
              inbox: + REQUEST meeting
            cat's device, ctag changed
              meeting.ics: new
                + UID:meeting
                + DTSTAMP:20260101T000000Z
                + DTSTART:20370701T100000Z
                + DTEND:20370701T110000Z
                + SUMMARY:Planning
                + ORGANIZER;CN=Ann:@ann
                + ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Cat:@cat
              inbox: + REQUEST meeting
            Telegram
              bob: new
                + 📅 Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                + 👤 Ann
                + 👥 ⏳ 2
                + ⏳ Bob
                + ⏳ Cat
                + [✅ Accept] [❔ Maybe] [❌ Decline]
              cat: new
                + 📅 Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                + 👤 Ann
                + 👥 ⏳ 2
                + ⏳ Bob
                + ⏳ Cat
                + [✅ Accept] [❔ Maybe] [❌ Decline]
            event_attendees
              meeting: bob NEEDS-ACTION, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_reschedules() {
    let scene = Scene::with_meeting().await;
    let edits = [("DTEND:20370701T110000Z", "DTEND:20370701T120000Z")];
    scene.edit(ANN, "meeting.ics", &edits).await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - DTEND:20370701T110000Z
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:@bob
                - ATTENDEE;CN=Cat;SCHEDULE-STATUS=1.2:@cat
                + SEQUENCE:1
                + DTEND:20370701T120000Z
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:@bob
                + ATTENDEE;CN=Cat;SCHEDULE-STATUS=1.2;RSVP=TRUE:@cat
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - DTEND:20370701T110000Z
                - ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                - ATTENDEE;CN=Cat:@cat
                + SEQUENCE:1
                + DTEND:20370701T120000Z
                + ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:@bob
                + ATTENDEE;CN=Cat;RSVP=TRUE:@cat
              inbox: + REQUEST meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - DTEND:20370701T110000Z
                - ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                - ATTENDEE;CN=Cat:@cat
                + SEQUENCE:1
                + DTEND:20370701T120000Z
                + ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:@bob
                + ATTENDEE;CN=Cat;RSVP=TRUE:@cat
              inbox: REQUEST meeting again
            Telegram
              ann: edited
                - 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                - ✅ Bob accepted
                - 1 yes · 0 no · 1 waiting
                + 🕒 Wed, 1 Jul 2037, 12:00 – 14:00 (Berlin) · 2 h
                + ⏳ Bob has not answered
                + 0 yes · 0 no · 2 waiting
              bob: edited
                - 📅 Planning
                - 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                - 👥 ✅ 1 · ⏳ 1
                - ✅ Bob
                - ✅ You accepted this invitation.
                - [Change answer]
                + 🔄 Changed: Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) Wed, 1 Jul 2037, 12:00 – 14:00 (Berlin) · 2 h
                + 👥 ⏳ 2
                + ⏳ Bob
                + [✅ Accept] [❔ Maybe] [❌ Decline]
              bob: new
                + 🔄 Planning
                + Moved: Wed, 1 Jul 2037, 12:00 – 13:00 → 12:00 – 14:00 (Berlin).
              cat: edited
                - 📅 Planning
                - 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                - 👥 ✅ 1 · ⏳ 1
                - ✅ Bob
                + 🔄 Changed: Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) Wed, 1 Jul 2037, 12:00 – 14:00 (Berlin) · 2 h
                + 👥 ⏳ 2
                + ⏳ Bob
              cat: new
                + 🔄 Planning
                + Moved: Wed, 1 Jul 2037, 12:00 – 13:00 → 12:00 – 14:00 (Berlin).
            event_attendees
              meeting: bob NEEDS-ACTION, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_renames() {
    let scene = Scene::with_meeting().await;
    scene
        .edit(ANN, "meeting.ics", &[("SUMMARY:Planning", "SUMMARY:Plans")])
        .await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - SUMMARY:Planning
                + SUMMARY:Plans
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - SUMMARY:Planning
                + SUMMARY:Plans
              inbox: + REQUEST meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - SUMMARY:Planning
                + SUMMARY:Plans
              inbox: REQUEST meeting again
            Telegram
              ann: edited
                - 📊 Planning
                + 📊 Plans
              bob: edited
                - 📅 Planning
                + 🔄 Changed: Planning Plans
              cat: edited
                - 📅 Planning
                + 🔄 Changed: Planning Plans
            event_attendees
              meeting: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_adds_an_attendee() {
    let mut scene = Scene::start().await;
    let alone = MEETING.replace("ATTENDEE;CN=Cat:@cat\n", "");
    scene.put(ANN, "meeting.ics", &[&alone]).await;
    scene.press(BOB, "Accept").await;
    scene.begin().await;
    let edits = [("END:VEVENT", "ATTENDEE;CN=Cat:@cat\nEND:VEVENT")];
    scene.edit(ANN, "meeting.ics", &edits).await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + ATTENDEE;CN=Cat;SCHEDULE-STATUS=1.2:@cat
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + ATTENDEE;CN=Cat:@cat
              inbox: + REQUEST meeting
            cat's device, ctag changed
              meeting.ics: new
                + UID:meeting
                + DTSTAMP:20260101T000000Z
                + DTSTART:20370701T100000Z
                + DTEND:20370701T110000Z
                + SUMMARY:Planning
                + ORGANIZER;CN=Ann:@ann
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                + ATTENDEE;CN=Cat:@cat
              inbox: + REQUEST meeting
            Telegram
              ann: edited
                - 1 yes · 0 no · 0 waiting
                + ⏳ Cat has not answered
                + 1 yes · 0 no · 1 waiting
              bob: edited
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
                + ⏳ Cat
              cat: new
                + 📅 Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                + 👤 Ann
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
                + ⏳ Cat
                + [✅ Accept] [❔ Maybe] [❌ Decline]
            event_attendees
              meeting: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_removes_an_attendee() {
    let scene = Scene::with_meeting().await;
    scene.remove_attendee(ANN, "meeting.ics", ":@bob").await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:@bob
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + STATUS:CANCELLED
              inbox: + CANCEL meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
              inbox: REQUEST meeting again
            Telegram
              ann: edited
                - ✅ Bob accepted
                - 1 yes · 0 no · 1 waiting
                + 0 yes · 0 no · 1 waiting
              bob: edited
                - 📅 Planning
                - 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                - 👤 Ann
                - 👥 ✅ 1 · ⏳ 1
                - ✅ Bob
                - ⏳ Cat
                - ✅ You accepted this invitation.
                - [Change answer]
                + 🚫 You are no longer invited to this event.
              bob: new
                + 🚫 You are no longer invited to this event.
              cat: edited
                - 👥 ✅ 1 · ⏳ 1
                - ✅ Bob
                - ⏳ Cat
            event_attendees
              meeting: cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_invites_again_whom_she_removed() {
    let mut scene = Scene::with_meeting().await;
    scene.remove_attendee(ANN, "meeting.ics", ":@bob").await;
    scene.begin().await;
    let edits = [(
        "END:VEVENT",
        "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob\nEND:VEVENT",
    )];
    scene.edit(ANN, "meeting.ics", &edits).await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + SEQUENCE:1
                + ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;SCHEDULE-STATUS=1.2:@bob
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - STATUS:CANCELLED
                - ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                + SEQUENCE:1
                + ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION:@bob
              inbox: + REQUEST meeting, - CANCEL meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + SEQUENCE:1
                + ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION:@bob
              inbox: REQUEST meeting again
            Telegram
              ann: edited
                - 0 yes · 0 no · 1 waiting
                + ⏳ Bob has not answered
                + 0 yes · 0 no · 2 waiting
              bob: edited
                - 🚫 You are no longer invited to this event.
                + 📅 Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                + 👤 Ann
                + 👥 ⏳ 2
                + ⏳ Cat
                + ⏳ Bob
                + [✅ Accept] [❔ Maybe] [❌ Decline]
              bob: new
                + 📅 You are invited to Planning again.
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin)
              cat: edited
                + 👥 ⏳ 2
                + ⏳ Cat
                + ⏳ Bob
            event_attendees
              meeting: bob NEEDS-ACTION, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_deletes() {
    let scene = Scene::with_meeting().await;
    scene.delete(ANN, "meeting.ics", &[]).await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: gone
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + STATUS:CANCELLED
                + SEQUENCE:1
              inbox: + CANCEL meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + STATUS:CANCELLED
                + SEQUENCE:1
              inbox: + CANCEL meeting, - REQUEST meeting
            Telegram
              ann: edited
                - 📊 Planning
                + ❌ Cancelled: Planning
              bob: edited
                - 📅 Planning
                - 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                - 👥 ✅ 1 · ⏳ 1
                - ✅ Bob
                - ⏳ Cat
                - ✅ You accepted this invitation.
                - [Change answer]
                + ❌ Cancelled: Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin)
              bob: new
                + ❌ Planning was cancelled.
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin)
              cat: edited
                - 📅 Planning
                - 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                - 👥 ✅ 1 · ⏳ 1
                - ✅ Bob
                - ⏳ Cat
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + ❌ Cancelled: Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin)
              cat: new
                + ❌ Planning was cancelled.
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin)
            event_attendees
              meeting (deleted): bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_sets_status_cancelled() {
    let scene = Scene::with_meeting().await;
    let edits = [("END:VEVENT", "STATUS:CANCELLED\nEND:VEVENT")];
    scene.edit(ANN, "meeting.ics", &edits).await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + SEQUENCE:1
                + STATUS:CANCELLED
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + SEQUENCE:1
                + STATUS:CANCELLED
              inbox: + CANCEL meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + SEQUENCE:1
                + STATUS:CANCELLED
              inbox: + CANCEL meeting, - REQUEST meeting
            Telegram
              ann: edited
                - 📊 Planning
                + ❌ Cancelled: Planning
              bob: edited
                - 📅 Planning
                - 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                - 👥 ✅ 1 · ⏳ 1
                - ✅ Bob
                - ⏳ Cat
                - ✅ You accepted this invitation.
                - [Change answer]
                + ❌ Cancelled: Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin)
              bob: new
                + ❌ Planning was cancelled.
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin)
              cat: edited
                - 📅 Planning
                - 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                - 👥 ✅ 1 · ⏳ 1
                - ✅ Bob
                - ⏳ Cat
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + ❌ Cancelled: Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin)
              cat: new
                + ❌ Planning was cancelled.
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin)
            event_attendees
              meeting: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_moves_one_instance() {
    let scene = Scene::with_series().await;
    let moved = format!("{MOVED}\nEND:VCALENDAR");
    scene
        .edit(ANN, "series.ics", &[("END:VCALENDAR", &moved)])
        .await;
    let expected = "
            ann's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                20370603T100000Z: new
                  + UID:series
                  + DTSTAMP:20260101T000000Z
                  + RECURRENCE-ID:20370603T100000Z
                  + DTSTART:20370603T150000Z
                  + DTEND:20370603T160000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann:@ann
                  + ATTENDEE;CN=Bob;RSVP=TRUE;SCHEDULE-STATUS=1.2:@bob
                  + ATTENDEE;CN=Cat;RSVP=TRUE;SCHEDULE-STATUS=1.2:@cat
            bob's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                20370603T100000Z: new
                  + UID:series
                  + DTSTAMP:(now)
                  + RECURRENCE-ID:20370603T100000Z
                  + DTSTART:20370603T150000Z
                  + DTEND:20370603T160000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann:@ann
                  + ATTENDEE;CN=Bob;RSVP=TRUE:@bob
                  + ATTENDEE;CN=Cat;RSVP=TRUE:@cat
              inbox: + REQUEST series
            cat's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                20370603T100000Z: new
                  + UID:series
                  + DTSTAMP:20260101T000000Z
                  + RECURRENCE-ID:20370603T100000Z
                  + DTSTART:20370603T150000Z
                  + DTEND:20370603T160000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann:@ann
                  + ATTENDEE;CN=Bob;RSVP=TRUE:@bob
                  + ATTENDEE;CN=Cat;RSVP=TRUE:@cat
              inbox: REQUEST series again
            Telegram
              bob: new
                + 📅 Standup
                + 🕒 Wed, 3 Jun 2037, 17:00 – 18:00 (Berlin) · 1 h
                + ↪️ Instead of Wed, 3 Jun 2037, 12:00 (Berlin)
                + 👤 Ann
                + 👥 ⏳ 2
                + ⏳ Bob
                + ⏳ Cat
                + [✅ Accept] [❔ Maybe] [❌ Decline]
              cat: new
                + 📅 Standup
                + 🕒 Wed, 3 Jun 2037, 17:00 – 18:00 (Berlin) · 1 h
                + ↪️ Instead of Wed, 3 Jun 2037, 12:00 (Berlin)
                + 👤 Ann
                + 👥 ⏳ 2
                + ⏳ Bob
                + ⏳ Cat
                + [✅ Accept] [❔ Maybe] [❌ Decline]
            event_attendees
              series: bob ACCEPTED, cat NEEDS-ACTION
              series 20370603T100000Z: bob NEEDS-ACTION, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_cancels_one_instance() {
    let scene = Scene::with_series().await;
    let edits = [("SUMMARY", "EXDATE:20370603T100000Z\nSUMMARY")];
    scene.edit(ANN, "series.ics", &edits).await;
    let expected = "
            ann's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                + EXDATE:20370603T100000Z
            bob's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                + EXDATE:20370603T100000Z
              inbox: + REQUEST series
            cat's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                + EXDATE:20370603T100000Z
              inbox: REQUEST series again
            Telegram
              bob: edited
                - 🔁 Every day, 5 times
                + 🔁 Every day, 5 times, except on some days
              bob: new
                + ❌ Cancelled: Standup
                + 🕒 Wed, 3 Jun 2037, 12:00 – 13:00 (Berlin)
                + ↪️ Once, of a series
                + 👤 Ann
              cat: edited
                - 🔁 Every day, 5 times
                + 🔁 Every day, 5 times, except on some days
              cat: new
                + ❌ Cancelled: Standup
                + 🕒 Wed, 3 Jun 2037, 12:00 – 13:00 (Berlin)
                + ↪️ Once, of a series
                + 👤 Ann
            event_attendees
              series: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_invites_one_more_to_one_instance() {
    let mut scene = Scene::start().await;
    let without_cat = |text: &str| text.replace("ATTENDEE;CN=Cat:@cat\n", "");
    scene.put(ANN, "series.ics", &[&without_cat(SERIES)]).await;
    scene.press(BOB, "Accept").await;
    scene.begin().await;
    let instance = MOVED
        .replace("T150000Z", "T100000Z")
        .replace("T160000Z", "T110000Z");
    let instance = format!("{instance}\nEND:VCALENDAR");
    scene
        .edit(ANN, "series.ics", &[("END:VCALENDAR", &instance)])
        .await;
    let expected = "
            ann's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                20370603T100000Z: new
                  + UID:series
                  + DTSTAMP:20260101T000000Z
                  + RECURRENCE-ID:20370603T100000Z
                  + DTSTART:20370603T100000Z
                  + DTEND:20370603T110000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann:@ann
                  + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:@bob
                  + ATTENDEE;CN=Cat;SCHEDULE-STATUS=1.2:@cat
            bob's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                20370603T100000Z: new
                  + UID:series
                  + DTSTAMP:(now)
                  + RECURRENCE-ID:20370603T100000Z
                  + DTSTART:20370603T100000Z
                  + DTEND:20370603T110000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann:@ann
                  + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                  + ATTENDEE;CN=Cat:@cat
              inbox: + REQUEST series
            cat's device, ctag changed
              series.ics: new
                20370603T100000Z: new
                  + UID:series
                  + DTSTAMP:20260101T000000Z
                  + RECURRENCE-ID:20370603T100000Z
                  + DTSTART:20370603T100000Z
                  + DTEND:20370603T110000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann:@ann
                  + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                  + ATTENDEE;CN=Cat:@cat
              inbox: + REQUEST series
            Telegram
              ann: edited
                - 1 yes · 0 no · 0 waiting
                + ⏳ Cat has not answered
                + 1 yes · 0 no · 1 waiting
              cat: new
                + 📅 Standup
                + 🕒 Wed, 3 Jun 2037, 12:00 – 13:00 (Berlin) · 1 h
                + 👤 Ann
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
                + ⏳ Cat
                + [✅ Accept] [❔ Maybe] [❌ Decline]
            event_attendees
              series: bob ACCEPTED
              series 20370603T100000Z: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_shortens_the_series() {
    let scene = Scene::with_series().await;
    scene
        .edit(ANN, "series.ics", &[("COUNT=5", "COUNT=3")])
        .await;
    let expected = "
            ann's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                - RRULE:FREQ=DAILY;COUNT=5
                + RRULE:FREQ=DAILY;COUNT=3
            bob's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                - RRULE:FREQ=DAILY;COUNT=5
                + RRULE:FREQ=DAILY;COUNT=3
              inbox: + REQUEST series
            cat's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                - RRULE:FREQ=DAILY;COUNT=5
                + RRULE:FREQ=DAILY;COUNT=3
              inbox: REQUEST series again
            Telegram
              bob: edited
                - 📅 Standup
                - 🔁 Every day, 5 times
                + 🔄 Changed: Standup
                + 🔁 Every day, 5 times Every day, 3 times
              bob: new
                + 🔄 Standup
                + Repeats: Every day, 5 times → Every day, 3 times.
              cat: edited
                - 📅 Standup
                - 🔁 Every day, 5 times
                + 🔄 Changed: Standup
                + 🔁 Every day, 5 times Every day, 3 times
              cat: new
                + 🔄 Standup
                + Repeats: Every day, 5 times → Every day, 3 times.
            event_attendees
              series: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_splits_the_series() {
    let scene = Scene::with_series().await;
    scene
        .edit(ANN, "series.ics", &[("COUNT=5", "COUNT=2")])
        .await;
    let rest = SERIES
        .replace(
            "UID:series",
            "UID:series-2\nRELATED-TO;RELTYPE=SIBLING:series",
        )
        .replace("20370601T1", "20370603T1")
        .replace("T100000Z", "T150000Z")
        .replace("T110000Z", "T160000Z")
        .replace("COUNT=5", "COUNT=3");
    scene.put(ANN, "series-2.ics", &[&rest]).await;
    let expected = "
            ann's device, ctag changed
              series-2.ics: new
                + UID:series-2
                + RELATED-TO;RELTYPE=SIBLING:series
                + DTSTAMP:20260101T000000Z
                + DTSTART:20370603T150000Z
                + DTEND:20370603T160000Z
                + RRULE:FREQ=DAILY;COUNT=3
                + SUMMARY:Standup
                + ORGANIZER;CN=Ann:@ann
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2:@bob
                + ATTENDEE;CN=Cat;SCHEDULE-STATUS=1.2:@cat
              series.ics: etag changed, schedule-tag changed
                - RRULE:FREQ=DAILY;COUNT=5
                + RRULE:FREQ=DAILY;COUNT=2
            bob's device, ctag changed
              series-2.ics: new
                + UID:series-2
                + RELATED-TO;RELTYPE=SIBLING:series
                + DTSTAMP:20260101T000000Z
                + DTSTART:20370603T150000Z
                + DTEND:20370603T160000Z
                + RRULE:FREQ=DAILY;COUNT=3
                + SUMMARY:Standup
                + ORGANIZER;CN=Ann:@ann
                + ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Cat:@cat
              series.ics: etag changed, schedule-tag changed
                - RRULE:FREQ=DAILY;COUNT=5
                + RRULE:FREQ=DAILY;COUNT=2
              inbox: + REQUEST series, + REQUEST series-2
            cat's device, ctag changed
              series-2.ics: new
                + UID:series-2
                + RELATED-TO;RELTYPE=SIBLING:series
                + DTSTAMP:20260101T000000Z
                + DTSTART:20370603T150000Z
                + DTEND:20370603T160000Z
                + RRULE:FREQ=DAILY;COUNT=3
                + SUMMARY:Standup
                + ORGANIZER;CN=Ann:@ann
                + ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Cat:@cat
              series.ics: etag changed, schedule-tag changed
                - RRULE:FREQ=DAILY;COUNT=5
                + RRULE:FREQ=DAILY;COUNT=2
              inbox: + REQUEST series-2, REQUEST series again
            Telegram
              bob: edited
                - 📅 Standup
                - 🔁 Every day, 5 times
                + 🔄 Changed: Standup
                + 🔁 Every day, 5 times Every day, 2 times
              bob: new
                + 📅 Standup
                + 🕒 Wed, 3 Jun 2037, 17:00 – 18:00 (Berlin) · 1 h
                + 🔁 Every day, 3 times
                + 👤 Ann
                + 👥 ⏳ 2
                + ⏳ Bob
                + ⏳ Cat
                + [✅ Accept] [❔ Maybe] [❌ Decline]
              bob: new
                + 🔄 Standup
                + Repeats: Every day, 5 times → Every day, 2 times.
              cat: edited
                - 📅 Standup
                - 🔁 Every day, 5 times
                + 🔄 Changed: Standup
                + 🔁 Every day, 5 times Every day, 2 times
              cat: new
                + 📅 Standup
                + 🕒 Wed, 3 Jun 2037, 17:00 – 18:00 (Berlin) · 1 h
                + 🔁 Every day, 3 times
                + 👤 Ann
                + 👥 ⏳ 2
                + ⏳ Bob
                + ⏳ Cat
                + [✅ Accept] [❔ Maybe] [❌ Decline]
              cat: new
                + 🔄 Standup
                + Repeats: Every day, 5 times → Every day, 2 times.
            event_attendees
              series: bob ACCEPTED, cat NEEDS-ACTION
              series-2: bob NEEDS-ACTION, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn organizer_asks_somebody_again() {
    let mut scene = Scene::with_meeting().await;
    scene.press(CAT, "Accept").await;
    scene.begin().await;
    let forced = "PARTSTAT=NEEDS-ACTION;SCHEDULE-FORCE-SEND=REQUEST";
    scene
        .edit(ANN, "meeting.ics", &[("PARTSTAT=ACCEPTED", forced)])
        .await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:@bob
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:@bob
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                + ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:@bob
              inbox: + REQUEST meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                + ATTENDEE;CN=Bob;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:@bob
            Telegram
              ann: edited
                - ✅ Bob accepted
                - 2 yes · 0 no · 0 waiting
                + ⏳ Bob has not answered
                + 1 yes · 0 no · 1 waiting
              bob: edited
                - 👥 ✅ 2
                - ✅ Bob
                - ✅ You accepted this invitation.
                - [Change answer]
                + 👥 ✅ 1 · ⏳ 1
                + ⏳ Bob
                + [✅ Accept] [❔ Maybe] [❌ Decline]
              bob: new
                + 📅 Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                + 👤 Ann
                + 👥 ✅ 1 · ⏳ 1
                + ⏳ Bob
                + ✅ Cat
                + [✅ Accept] [❔ Maybe] [❌ Decline]
              cat: edited
                - 👥 ✅ 2
                - ✅ Bob
                + 👥 ✅ 1 · ⏳ 1
                + ⏳ Bob
            event_attendees
              meeting: bob NEEDS-ACTION, cat ACCEPTED
        ";
    scene.shows(expected).await;
}
