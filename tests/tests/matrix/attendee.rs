//! What an attendee does, on a card or on a device.

use crate::scene::{MEETING, MOVED, SERIES};
use crate::{ANN, BOB, DAN, Scene};

async fn waiting_meeting() -> Scene {
    let mut scene = Scene::start().await;
    scene.put(ANN, "meeting.ics", &[MEETING]).await;
    scene.begin().await;
    scene
}

async fn waiting_series() -> Scene {
    let mut scene = Scene::start().await;
    scene.put(ANN, "series.ics", &[SERIES]).await;
    scene.begin().await;
    scene
}

#[tokio::test]
async fn card_accept() {
    let scene = waiting_meeting().await;
    scene.press(BOB, "Accept").await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2:@bob
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:@bob
              inbox: + REPLY bob ACCEPTED
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - DTSTAMP:20260101T000000Z
                - ATTENDEE;CN=Bob:@bob
                + DTSTAMP:(now)
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
              inbox: - REQUEST meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
            Telegram
              ann: new
                + 📊 Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                + ✅ Bob accepted
                + ⏳ Cat has not answered
                + 1 yes · 0 no · 1 waiting
              bob: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
                + ✅ You accepted this invitation.
                + [Change answer]
              cat: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
            event_attendees
              meeting: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn card_maybe() {
    let scene = waiting_meeting().await;
    scene.press(BOB, "Maybe").await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2:@bob
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=TENTATIVE:@bob
              inbox: + REPLY bob TENTATIVE
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - DTSTAMP:20260101T000000Z
                - ATTENDEE;CN=Bob:@bob
                + DTSTAMP:(now)
                + ATTENDEE;CN=Bob;PARTSTAT=TENTATIVE:@bob
              inbox: - REQUEST meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Bob;PARTSTAT=TENTATIVE:@bob
            Telegram
              ann: new
                + 📊 Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                + ❔ Bob may come
                + ⏳ Cat has not answered
                + 0 yes · 0 no · 1 maybe · 1 waiting
              bob: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + 👥 ❔ 1 · ⏳ 1
                + ❔ Bob
                + ❔ You answered “maybe” to this invitation.
                + [Change answer]
              cat: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                + 👥 ❔ 1 · ⏳ 1
                + ❔ Bob
            event_attendees
              meeting: bob TENTATIVE, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn card_decline() {
    let scene = waiting_meeting().await;
    scene.press(BOB, "Decline").await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2:@bob
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=DECLINED:@bob
              inbox: + REPLY bob DECLINED
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - DTSTAMP:20260101T000000Z
                - ATTENDEE;CN=Bob:@bob
                + DTSTAMP:(now)
                + ATTENDEE;CN=Bob;PARTSTAT=DECLINED:@bob
              inbox: - REQUEST meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Bob;PARTSTAT=DECLINED:@bob
            Telegram
              ann: new
                + 📊 Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                + ❌ Bob declined
                + ⏳ Cat has not answered
                + 0 yes · 1 no · 1 waiting
              bob: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + 👥 ❌ 1 · ⏳ 1
                + ❌ Bob
                + ❌ You declined this invitation.
                + [Change answer]
              cat: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                + 👥 ❌ 1 · ⏳ 1
                + ❌ Bob
            event_attendees
              meeting: bob DECLINED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn card_of_a_series() {
    let scene = waiting_series().await;
    scene.press(BOB, "Accept").await;
    let expected = "
            ann's device, ctag changed
              series.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2:@bob
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:@bob
              inbox: + REPLY bob ACCEPTED
            bob's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                - DTSTAMP:20260101T000000Z
                - ATTENDEE;CN=Bob:@bob
                + DTSTAMP:(now)
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
              inbox: - REQUEST series
            cat's device, ctag changed
              series.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
            Telegram
              ann: new
                + 📊 Standup
                + 🕒 Mon, 1 Jun 2037, 12:00 – 13:00 (Berlin) · 1 h
                + ✅ Bob accepted
                + ⏳ Cat has not answered
                + 1 yes · 0 no · 1 waiting
              bob: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
                + ✅ You accepted this invitation.
                + [Change answer]
              cat: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
            event_attendees
              series: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn card_of_a_moved_instance() {
    let mut scene = Scene::start().await;
    scene.put(ANN, "series.ics", &[SERIES, MOVED]).await;
    scene.begin().await;
    scene.press(BOB, "Decline").await;
    let expected = "
            ann's device, ctag changed
              series.ics: etag changed, schedule-tag stayed
                20370603T100000Z
                  - ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2:@bob
                  + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=DECLINED:@bob
              inbox: + REPLY 20370603T100000Z bob DECLINED
            bob's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                20370603T100000Z
                  - DTSTAMP:20260101T000000Z
                  - ATTENDEE;CN=Bob:@bob
                  + DTSTAMP:(now)
                  + ATTENDEE;CN=Bob;PARTSTAT=DECLINED:@bob
              inbox: - REQUEST series
            cat's device, ctag changed
              series.ics: etag changed, schedule-tag stayed
                20370603T100000Z
                  - ATTENDEE;CN=Bob:@bob
                  + ATTENDEE;CN=Bob;PARTSTAT=DECLINED:@bob
            Telegram
              ann: new
                + 📊 Standup
                + 🕒 Mon, 1 Jun 2037, 12:00 – 13:00 (Berlin) · 1 h
                + ⏳ Bob has not answered
                + ⏳ Cat has not answered
                + ❌ Bob declined Wed, 3 Jun 2037
                + 0 yes · 0 no · 2 waiting
              bob: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + 👥 ❌ 1 · ⏳ 1
                + ❌ Bob
                + ❌ You declined this invitation.
                + [Change answer]
              cat: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                + 👥 ❌ 1 · ⏳ 1
                + ❌ Bob
            event_attendees
              series: bob NEEDS-ACTION, cat NEEDS-ACTION
              series 20370603T100000Z: bob DECLINED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn card_change_answer() {
    let scene = Scene::with_meeting().await;
    scene.press(BOB, "Change answer").await;
    let expected = "
            ann's device: as before
            bob's device: as before
            cat's device: as before
            Telegram
              bob: edited
                - [Change answer]
                + [✅ Accept] [❔ Maybe] [❌ Decline]
            event_attendees
              meeting: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn device_answers_all() {
    let scene = waiting_series().await;
    let edits = [("ATTENDEE;CN=Bob", "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED")];
    scene.edit(BOB, "series.ics", &edits).await;
    let expected = "
            ann's device, ctag changed
              series.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2:@bob
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:@bob
              inbox: + REPLY bob ACCEPTED
            bob's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                - ORGANIZER;CN=Ann:@ann
                - ATTENDEE;CN=Bob:@bob
                + ORGANIZER;CN=Ann;SCHEDULE-STATUS=1.2:@ann
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
              inbox: - REQUEST series
            cat's device, ctag changed
              series.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
            Telegram
              ann: new
                + 📊 Standup
                + 🕒 Mon, 1 Jun 2037, 12:00 – 13:00 (Berlin) · 1 h
                + ✅ Bob accepted
                + ⏳ Cat has not answered
                + 1 yes · 0 no · 1 waiting
              bob: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
                + ✅ You accepted this invitation.
                + [Change answer]
              cat: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
            event_attendees
              series: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn device_answers_one_instance() {
    let scene = Scene::with_series().await;
    let instance = "BEGIN:VEVENT
        UID:series
        DTSTAMP:20260102T000000Z
        RECURRENCE-ID:20370603T100000Z
        DTSTART:20370603T100000Z
        DTEND:20370603T110000Z
        SUMMARY:Standup
        ORGANIZER;CN=Ann:@ann
        ATTENDEE;CN=Bob;PARTSTAT=DECLINED:@bob
        ATTENDEE;CN=Cat:@cat
        END:VEVENT
        END:VCALENDAR";
    scene
        .edit(BOB, "series.ics", &[("END:VCALENDAR", instance)])
        .await;
    let expected = "
            ann's device, ctag changed
              series.ics: etag changed, schedule-tag stayed
                20370603T100000Z: new
                  + RECURRENCE-ID:20370603T100000Z
                  + UID:series
                  + DTSTAMP:20260101T000000Z
                  + DTSTART:20370603T100000Z
                  + DTEND:20370603T110000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann:@ann
                  + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=DECLINED:@bob
                  + ATTENDEE;CN=Cat;SCHEDULE-STATUS=1.2:@cat
              inbox: REPLY 20370603T100000Z bob DECLINED again
            bob's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                - ORGANIZER;CN=Ann:@ann
                + ORGANIZER;CN=Ann;SCHEDULE-STATUS=1.2:@ann
                20370603T100000Z: new
                  + UID:series
                  + DTSTAMP:20260102T000000Z
                  + RECURRENCE-ID:20370603T100000Z
                  + DTSTART:20370603T100000Z
                  + DTEND:20370603T110000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann;SCHEDULE-STATUS=1.2:@ann
                  + ATTENDEE;CN=Bob;PARTSTAT=DECLINED:@bob
                  + ATTENDEE;CN=Cat:@cat
            cat's device, ctag changed
              series.ics: etag changed, schedule-tag stayed
                20370603T100000Z: new
                  + RECURRENCE-ID:20370603T100000Z
                  + UID:series
                  + DTSTAMP:20260101T000000Z
                  + DTSTART:20370603T100000Z
                  + DTEND:20370603T110000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann:@ann
                  + ATTENDEE;CN=Bob;PARTSTAT=DECLINED:@bob
                  + ATTENDEE;CN=Cat:@cat
            Telegram
              ann: edited
                + ❌ Bob declined Wed, 3 Jun 2037
              ann: new
                + ❌ Bob declined Wed, 3 Jun 2037
                + Standup: 1 yes · 0 no · 1 waiting
            event_attendees
              series: bob ACCEPTED, cat NEEDS-ACTION
              series 20370603T100000Z: bob DECLINED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn device_excludes_one_instance() {
    let scene = Scene::with_series().await;
    let edits = [("SUMMARY", "EXDATE:20370603T100000Z\nSUMMARY")];
    scene.edit(BOB, "series.ics", &edits).await;
    let expected = "
            ann's device, ctag changed
              series.ics: etag changed, schedule-tag stayed
                20370603T100000Z: new
                  + RECURRENCE-ID:20370603T100000Z
                  + UID:series
                  + DTSTAMP:20260101T000000Z
                  + DTSTART:20370603T100000Z
                  + DTEND:20370603T110000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann:@ann
                  + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=DECLINED:@bob
                  + ATTENDEE;CN=Cat;SCHEDULE-STATUS=1.2:@cat
              inbox: REPLY 20370603T100000Z bob DECLINED again
            bob's device, ctag changed
              series.ics: etag changed, schedule-tag changed
                - ORGANIZER;CN=Ann:@ann
                + EXDATE:20370603T100000Z
                + ORGANIZER;CN=Ann;SCHEDULE-STATUS=1.2:@ann
            cat's device, ctag changed
              series.ics: etag changed, schedule-tag stayed
                20370603T100000Z: new
                  + RECURRENCE-ID:20370603T100000Z
                  + UID:series
                  + DTSTAMP:20260101T000000Z
                  + DTSTART:20370603T100000Z
                  + DTEND:20370603T110000Z
                  + SUMMARY:Standup
                  + ORGANIZER;CN=Ann:@ann
                  + ATTENDEE;CN=Bob;PARTSTAT=DECLINED:@bob
                  + ATTENDEE;CN=Cat:@cat
            Telegram
              ann: edited
                + ❌ Bob declined Wed, 3 Jun 2037
              ann: new
                + ❌ Bob declined Wed, 3 Jun 2037
                + Standup: 1 yes · 0 no · 1 waiting
            event_attendees
              series: bob ACCEPTED, cat NEEDS-ACTION
              series 20370603T100000Z: bob DECLINED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn device_deletes_the_copy() {
    let scene = Scene::with_meeting().await;
    scene.delete(BOB, "meeting.ics", &[]).await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:@bob
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=DECLINED:@bob
              inbox: REPLY bob DECLINED again
            bob's device, ctag changed
              meeting.ics: gone
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                + ATTENDEE;CN=Bob;PARTSTAT=DECLINED:@bob
            Telegram
              ann: edited
                - ✅ Bob accepted
                - 1 yes · 0 no · 1 waiting
                + ❌ Bob declined
                + 0 yes · 1 no · 1 waiting
              ann: new
                + ❌ Bob declined
                + Planning: 0 yes · 1 no · 1 waiting
              bob: edited
                - 👥 ✅ 1 · ⏳ 1
                - ✅ Bob
                - ✅ You accepted this invitation.
                + 👥 ❌ 1 · ⏳ 1
                + ❌ Bob
                + ❌ You declined this invitation.
              cat: edited
                - 👥 ✅ 1 · ⏳ 1
                - ✅ Bob
                + 👥 ❌ 1 · ⏳ 1
                + ❌ Bob
            event_attendees
              meeting: bob DECLINED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn device_deletes_the_copy_without_a_reply() {
    let scene = Scene::with_meeting().await;
    scene
        .delete(BOB, "meeting.ics", &[("Schedule-Reply", "F")])
        .await;
    let expected = "
            ann's device: as before
            bob's device, ctag changed
              meeting.ics: gone
            cat's device: as before
            Telegram: as before
            event_attendees
              meeting: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn device_answers_in_the_inbox() {
    let scene = waiting_meeting().await;
    let edits = [("ATTENDEE;CN=Bob", "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED")];
    scene.edit_message(BOB, &edits).await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=1.2:@bob
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:@bob
              inbox: + REPLY bob ACCEPTED
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                - DTSTAMP:20260101T000000Z
                - ATTENDEE;CN=Bob:@bob
                + DTSTAMP:(now)
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
              inbox: - REQUEST meeting
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
            Telegram
              ann: new
                + 📊 Planning
                + 🕒 Wed, 1 Jul 2037, 12:00 – 13:00 (Berlin) · 1 h
                + ✅ Bob accepted
                + ⏳ Cat has not answered
                + 1 yes · 0 no · 1 waiting
              bob: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
                + ✅ You accepted this invitation.
                + [Change answer]
              cat: edited
                - 👥 ⏳ 2
                - ⏳ Bob
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
            event_attendees
              meeting: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn device_changes_what_is_private() {
    let scene = Scene::with_meeting().await;
    let private = "TRANSP:TRANSPARENT
        BEGIN:VALARM
        ACTION:DISPLAY
        TRIGGER:-PT15M
        DESCRIPTION:Now
        END:VALARM
        END:VEVENT";
    scene
        .edit(BOB, "meeting.ics", &[("END:VEVENT", private)])
        .await;
    let expected = "
            ann's device: as before
            bob's device, ctag changed
              meeting.ics: etag changed, schedule-tag changed
                + TRANSP:TRANSPARENT
                + BEGIN:VALARM
                + ACTION:DISPLAY
                + TRIGGER:-PT15M
                + DESCRIPTION:Now
                + END:VALARM
            cat's device: as before
            Telegram: as before
            event_attendees
              meeting: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn card_accept_after_the_copy_was_deleted() {
    let mut scene = Scene::with_meeting().await;
    scene.delete(BOB, "meeting.ics", &[]).await;
    scene.press(BOB, "Change answer").await;
    scene.begin().await;
    scene.press(BOB, "Accept").await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=DECLINED:@bob
                + ATTENDEE;CN=Bob;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED:@bob
              inbox: REPLY bob ACCEPTED again
            bob's device, ctag changed
              meeting.ics: new
                + UID:meeting
                + DTSTAMP:(now)
                + DTSTART:20370701T100000Z
                + DTEND:20370701T110000Z
                + SUMMARY:Planning
                + ORGANIZER;CN=Ann:@ann
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                + ATTENDEE;CN=Cat:@cat
            cat's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Bob;PARTSTAT=DECLINED:@bob
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
            Telegram
              ann: edited
                - ❌ Bob declined
                - 0 yes · 1 no · 1 waiting
                + ✅ Bob accepted
                + 1 yes · 0 no · 1 waiting
              bob: edited
                - 👥 ❌ 1 · ⏳ 1
                - ❌ Bob
                - ❌ You declined this invitation.
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
                + ✅ You accepted this invitation.
                + [Change answer]
              cat: edited
                - 👥 ❌ 1 · ⏳ 1
                - ❌ Bob
                + 👥 ✅ 1 · ⏳ 1
                + ✅ Bob
            event_attendees
              meeting: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn card_accept_after_the_copy_was_deleted_without_a_reply() {
    let mut scene = Scene::with_meeting().await;
    scene
        .delete(BOB, "meeting.ics", &[("Schedule-Reply", "F")])
        .await;
    scene.press(BOB, "Change answer").await;
    scene.begin().await;
    scene.press(BOB, "Accept").await;
    let expected = "
            ann's device: as before
            bob's device, ctag changed
              meeting.ics: new
                + UID:meeting
                + DTSTAMP:(now)
                + DTSTART:20370701T100000Z
                + DTEND:20370701T110000Z
                + SUMMARY:Planning
                + ORGANIZER;CN=Ann:@ann
                + ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:@bob
                + ATTENDEE;CN=Cat:@cat
            cat's device: as before
            Telegram
              bob: edited
                - [✅ Accept] [❔ Maybe] [❌ Decline]
                + [Change answer]
            event_attendees
              meeting: bob ACCEPTED, cat NEEDS-ACTION
        ";
    scene.shows(expected).await;
}

#[tokio::test]
async fn somebody_presses_start() {
    let mut scene = Scene::start().await;
    let with_dan = MEETING.replace("CN=Cat:@cat", "CN=Dan:@dan");
    scene.put(ANN, "meeting.ics", &[&with_dan]).await;
    scene.begin().await;
    scene.press_start(DAN).await;
    let expected = "
            ann's device, ctag changed
              meeting.ics: etag changed, schedule-tag stayed
                - ATTENDEE;CN=Dan;SCHEDULE-STATUS=1.0:@dan
                + ATTENDEE;CN=Dan;SCHEDULE-STATUS=1.2:@dan
            bob's device: as before
            cat's device: as before
            dan's device, ctag changed
              meeting.ics: new
                + UID:meeting
                + DTSTAMP:20260101T000000Z
                + DTSTART:20370701T100000Z
                + DTEND:20370701T110000Z
                + SUMMARY:Planning
                + ORGANIZER;CN=Ann:@ann
                + ATTENDEE;CN=Bob:@bob
                + ATTENDEE;CN=Dan:@dan
              inbox: + REQUEST meeting
            Telegram
              ann: edited
                - ⏳ Dan has not opened the bot yet: forward this link
                - https://t.me/televent_bot?start=invited
                + ⏳ Dan has not answered
              dan: new
                + Hello dan! You have a calendar here now, and invitations reach you in this chat.
                + Others invite you by this address: tg_1004@televent.internal
                + /devices connects your calendar app. /help tells everything else.
                + In which time zone do you live? Write the name of a large city near you, or share your location once: it is not kept.
              dan: new
                + 📅 Planning
                + 🕒 Wed, 1 Jul 2037, 10:00 – 11:00 (UTC) · 1 h
                + 👤 Ann
                + 👥 ⏳ 2
                + ⏳ Bob
                + ⏳ Dan
                + [✅ Accept] [❔ Maybe] [❌ Decline]
            event_attendees
              meeting: bob NEEDS-ACTION, dan NEEDS-ACTION
        ";
    scene.shows(expected).await;
}
