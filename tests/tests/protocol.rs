//! The invite loop, sentence by sentence: a calendar app on one side, a person in Telegram on the other.

use televent_tests::{
    ANN, BO, EVE, KIRILL, KIRILL_IS_ASKED, PressAnswer, World, attendee_lines, buttons, ics,
    meeting, plan, with_part_stat, without_schedule_status,
};

const FACTS: &str = "🕒 <tg-time unix=\"1800000000\" format=\"wDt\">Fri, 15 Jan 2027, 08:00</tg-time> – \
                     <tg-time unix=\"1800003600\" format=\"t\">09:00</tg-time> (UTC) · 1 h\n📍 Room 4.2\n👤 Ann";

const FACTS_AS_TEXT: &str = "🕒 Fri, 15 Jan 2027, 08:00 – 09:00 (UTC) · 1 h\n📍 Room 4.2\n👤 Ann";

fn notice(text: &str) -> PressAnswer {
    PressAnswer {
        text: text.to_owned(),
        alert: false,
    }
}

fn alert(text: &str) -> PressAnswer {
    PressAnswer {
        text: text.to_owned(),
        alert: true,
    }
}

#[tokio::test]
async fn put_of_a_raw_ics_becomes_a_card_with_three_buttons() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    assert_eq!(card.html, format!("📅 <b>Planning</b>\n{FACTS}"));
    assert_eq!(card.labels(), buttons());
    let event = world.event("plan").await;
    assert_eq!(card.data("Accept"), format!("rsvp:{}:ACCEPTED", event.id));
    assert_eq!(world.status("plan", KIRILL).await, "NEEDS-ACTION");
    assert_eq!(
        without_schedule_status(&ann.get("plan.ics").await.text()),
        plan()
    );
    // Nobody tells the organizer of what she has just done.
    assert_eq!(world.cards(ANN).await, []);
    world.finish().await;
}

#[tokio::test]
async fn answer_edits_the_card_and_change_answer_brings_the_buttons_back() {
    let world = World::start().await;
    let (_ann, card) = world.invite_kirill().await;
    assert_eq!(
        world.press(&card, "Accept").await,
        notice("✅ You accepted.")
    );
    let accepted = world.card(KIRILL).await;
    assert_eq!(
        accepted.html,
        format!("📅 <b>Planning</b>\n{FACTS}\n\n✅ You accepted this invitation.")
    );
    assert_eq!(
        accepted.text,
        format!("📅 Planning\n{FACTS_AS_TEXT}\n\n✅ You accepted this invitation.")
    );
    assert_eq!(accepted.labels(), ["Change answer"]);
    assert_eq!((accepted.id, accepted.edits), (card.id, 1));

    world.press(&accepted, "Change answer").await;
    let choosing = world.card(KIRILL).await;
    assert_eq!(choosing.labels(), buttons());
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");

    assert_eq!(
        world.press(&choosing, "Decline").await,
        notice("❌ You declined.")
    );
    let declined = world.card(KIRILL).await;
    assert!(
        declined
            .html
            .ends_with("\n\n❌ You declined this invitation."),
        "{}",
        declined.html
    );
    assert_eq!(declined.labels(), ["Change answer"]);
    assert_eq!(world.status("plan", KIRILL).await, "DECLINED");
    assert_eq!(
        world.telegram.call_count("sendMessage").await,
        3,
        "his card, her tally, and below it that he declines"
    );
    world.finish().await;
}

#[tokio::test]
async fn change_answer_and_the_same_answer_closes_the_card_again() {
    let world = World::start().await;
    let (_ann, card) = world.invite_kirill().await;
    world.press(&card, "Maybe").await;
    let maybe = world.card(KIRILL).await;
    world.press(&maybe, "Change answer").await;
    let choosing = world.card(KIRILL).await;
    let sequence = world.event("plan").await.sequence;
    assert_eq!(
        world.press(&choosing, "Maybe").await,
        notice("❔ You answered “maybe”.")
    );
    let again = world.card(KIRILL).await;
    assert_eq!(
        (&again.html, again.labels()),
        (&maybe.html, vec!["Change answer"])
    );
    assert_eq!(world.event("plan").await.sequence, sequence);
    world.finish().await;
}

#[tokio::test]
async fn answer_changes_one_part_stat_and_the_tags_but_no_other_byte() {
    let world = World::start().await;
    let ann = world.add_people().await;
    // What servers like to lose: folds, unknown properties, odd parameters, alarms, time zones.
    let object = ics("BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Example//EN
        X-WR-CALNAME;X-P=\"a:b;c\":Größe
        BEGIN:VTIMEZONE
        TZID:Europe/Berlin
        BEGIN:STANDARD
        DTSTART:19961027T030000
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        END:STANDARD
        END:VTIMEZONE
        BEGIN:VEVENT
        UID:plan
        DTSTAMP:20270101T000000Z
        DTSTART;TZID=Europe/Berlin:20270115T090000
        SEQUENCE:7
        SUMMARY:Plan\\, with \\;signs\\n
        X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=\"Café\":geo:48.1,11.5
        ATTENDEE;CN=\"Doe, John\";X-NUM-GUESTS=0;PARTSTAT=TENTATIVE:MAILTO:john@Example.org
        ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT:mailto:tg_98765@televent.internal
        ORGANIZER:mailto:tg_12345@televent.internal
        BEGIN:VALARM
        ACTION:DISPLAY
        TRIGGER:-PT15M
        END:VALARM
        END:VEVENT
        END:VCALENDAR")
    .replace("REQ-PARTICIPANT", "REQ-PART\r\n ICIPANT");
    ann.save("plan.ics", object.as_str()).await;
    let card = world.card(KIRILL).await;
    let before = (
        world.event("plan").await,
        ann.calendar().await,
        ann.get("plan.ics").await,
    );
    assert_eq!(
        without_schedule_status(&before.2.text()),
        without_schedule_status(&object)
    );

    world.press(&card, "Accept").await;
    world.settled().await;

    let after = (
        world.event("plan").await,
        ann.calendar().await,
        ann.get("plan.ics").await,
    );
    let expected =
        with_part_stat(&object, "ACCEPTED").replace("REQ-PART\r\n ICIPANT", "REQ-PARTICIPANT");
    assert_eq!(
        without_schedule_status(&after.2.text()),
        without_schedule_status(&expected)
    );
    // All other lines are as they were, folds included.
    let others = |text: &str| -> Vec<String> {
        let lines = text.replace("\r\n ", "\u{1}");
        lines
            .lines()
            .filter(|line| !line.starts_with("ATTENDEE"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(others(&after.2.text()), others(&object));
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
    assert!(
        after.2.text().contains("SEQUENCE:7\r\n"),
        "a reply does not raise SEQUENCE"
    );

    assert_eq!(after.0.sequence, before.0.sequence + 1);
    assert_ne!(after.1.ctag, before.1.ctag);
    assert_ne!(after.1.sync_token, before.1.sync_token);
    assert_ne!(after.2.etag(), before.2.etag());
    assert_eq!(after.1.etags["plan.ics"], after.2.etag());
    assert_eq!(after.0.revision.to_string(), after.1.ctag);
    world.finish().await;
}

#[tokio::test]
async fn organizer_is_told_by_one_card_that_follows_the_answers() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let bo_is_asked = format!("{KIRILL_IS_ASKED}\nATTENDEE;CN=Bo:mailto:tg_555@televent.internal");
    ann.save("plan.ics", meeting("plan", ANN, &bo_is_asked))
        .await;
    let card = world.card(KIRILL).await;
    world.press(&card, "Accept").await;
    let head = "📊 Planning\n🕒 Fri, 15 Jan 2027, 09:00 – 10:00 (Berlin) · 1 h\n\n";
    let tally = world.card(ANN).await;
    assert_eq!(
        tally.text,
        format!("{head}✅ Kirill accepted\n⏳ Bo has not answered\n\n1 yes · 0 no · 1 waiting")
    );
    assert_eq!(tally.buttons, []);

    let card = world.card(BO).await;
    world.press_by(BO, &card, "Decline").await;
    let again = world.card(ANN).await;
    assert_eq!(
        again.text,
        format!("{head}✅ Kirill accepted\n❌ Bo declined\n\n1 yes · 1 no · 0 waiting")
    );
    assert_eq!(again.id, tally.id);
    world.finish().await;
}

#[tokio::test]
async fn same_put_again_sends_nothing() {
    let world = World::start().await;
    let (ann, _card) = world.invite_kirill().await;
    let before = (
        world.event("plan").await,
        ann.calendar().await,
        world.outbox_rows().await,
    );
    let reply = ann.put("plan.ics", plan()).await;
    assert_eq!(reply.status, 204);
    assert_eq!(reply.etag(), "", "what GET returns is not what was sent");
    world.settled().await;
    let after = (
        world.event("plan").await,
        ann.calendar().await,
        world.outbox_rows().await,
    );
    assert_eq!(after, before);
    assert_eq!(world.card(KIRILL).await.edits, 0);
    world.finish().await;
}

#[tokio::test]
async fn same_put_without_organizer_again_sends_nothing() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let lunch = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:lunch\nDTSTAMP:20260105T130000Z\n\
                 DTSTART:20270122T110000Z\nDURATION:PT45M\nSUMMARY:Lunch\n\
                 ATTENDEE:mailto:tg_98765@televent.internal\nEND:VEVENT\nEND:VCALENDAR\n";
    // As curl sends it with --data-binary.
    let curl = [("content-type", "application/x-www-form-urlencoded")];
    let reply = ann
        .request(reqwest::Method::PUT, "lunch.ics", &curl, lunch)
        .await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.etag(), "", "what GET returns is not what was sent");
    let card = world.card(KIRILL).await;
    assert!(card.html.ends_with("\n👤 Ann"), "{}", card.html);
    let stored = without_schedule_status(&ann.get("lunch.ics").await.text());
    let organizer = "ORGANIZER;CN=Ann:mailto:tg_12345@televent.internal\n";
    assert_eq!(
        stored,
        lunch.replace("ATTENDEE:", &format!("{organizer}ATTENDEE:"))
    );

    let before = (
        world.event("lunch").await,
        ann.calendar().await,
        world.outbox_rows().await,
    );
    assert_eq!(ann.put("lunch.ics", lunch).await.status, 204);
    world.settled().await;
    let after = (
        world.event("lunch").await,
        ann.calendar().await,
        world.outbox_rows().await,
    );
    assert_eq!(after, before);

    // And it keeps the answer that has come meanwhile.
    world.press(&card, "Accept").await;
    world.settled().await;
    let before = (world.event("lunch").await, world.outbox_rows().await);
    assert_eq!(ann.put("lunch.ics", lunch).await.status, 204);
    world.settled().await;
    assert_eq!(
        (world.event("lunch").await, world.outbox_rows().await),
        before
    );
    assert_eq!(world.status("lunch", KIRILL).await, "ACCEPTED");
    world.finish().await;
}

#[tokio::test]
async fn same_press_again_changes_nothing() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    world.press(&card, "Accept").await;
    world.settled().await;
    let state = async || {
        (
            world.event("plan").await,
            ann.calendar().await,
            world.card(KIRILL).await,
            world.card(ANN).await,
        )
    };
    let before = state().await;
    let again = world.press_old(&card, "Accept").await;
    assert_eq!(
        world.telegram.answer(&again).await,
        notice("✅ You accepted.")
    );
    assert_eq!(state().await, before);
    world.finish().await;
}

#[tokio::test]
async fn press_by_somebody_else_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    let before = (
        world.event("plan").await,
        ann.calendar().await,
        world.outbox_rows().await,
    );
    let refusal = alert("You are not invited to this event.");
    for stranger in [EVE, ANN] {
        for label in ["Accept", "Decline"] {
            let press = world
                .telegram
                .press_as(stranger, KIRILL, card.id, card.data(label))
                .await;
            assert_eq!(world.telegram.answer(&press).await, refusal);
        }
    }
    world.settled().await;
    let after = (
        world.event("plan").await,
        ann.calendar().await,
        world.outbox_rows().await,
    );
    assert_eq!(after, before);
    assert_eq!(world.status("plan", KIRILL).await, "NEEDS-ACTION");
    assert_eq!(world.card(KIRILL).await, card);
    world.finish().await;
}

#[tokio::test]
async fn press_of_a_button_that_is_not_ours_is_refused() {
    let world = World::start().await;
    let (_ann, card) = world.invite_kirill().await;
    let unknown = "rsvp:0199aabb-0000-7000-8000-000000000001:ACCEPTED";
    for (data, text) in [
        (unknown, "This invitation does not exist any more."),
        (
            "rsvp:not-a-uuid:ACCEPTED",
            "This button is of no use any more.",
        ),
        ("drop table users", "This button is of no use any more."),
    ] {
        let answer = world.press_data(KIRILL, &card, data).await;
        assert_eq!(answer, alert(text), "{data}");
    }
    assert_eq!(world.card(KIRILL).await, card);
    world.finish().await;
}

#[tokio::test]
async fn put_with_a_stale_part_stat_keeps_the_answer() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    world.press(&card, "Accept").await;
    world.settled().await;
    // Her app has not synced: it renames the event with the PARTSTAT that it knows.
    let renamed = plan().replace("Planning", "Great plans");
    let reply = ann.put("plan.ics", renamed.as_str()).await;
    assert_eq!((reply.status, reply.etag()), (204, ""));
    let card = world.card(KIRILL).await;
    assert_eq!(
        card.html,
        format!(
            "🔄 Changed: <s>Planning</s> <b>Great plans</b>\n{FACTS}\n\n✅ You accepted this invitation."
        )
    );
    assert_eq!(card.labels(), ["Change answer"]);
    assert_eq!(
        without_schedule_status(&ann.get("plan.ics").await.text()),
        with_part_stat(&renamed, "ACCEPTED")
    );
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
    assert!(
        world
            .card(ANN)
            .await
            .html
            .starts_with("📊 <b>Great plans</b>\n")
    );
    world.finish().await;
}

#[tokio::test]
async fn client_can_not_answer_for_an_invited_person() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let forged = plan().replace("NEEDS-ACTION", "ACCEPTED");
    ann.save("plan.ics", forged).await;
    assert_eq!(world.card(KIRILL).await.labels(), buttons());
    assert_eq!(world.status("plan", KIRILL).await, "NEEDS-ACTION");
    assert_eq!(
        without_schedule_status(&ann.get("plan.ics").await.text()),
        plan()
    );
    world.finish().await;
}

#[tokio::test]
async fn reschedule_asks_again() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    world.press(&card, "Accept").await;
    world.settled().await;
    let moved = with_part_stat(&plan(), "ACCEPTED")
        .replace("20270115T", "20270118T")
        .replace("SEQUENCE:3", "SEQUENCE:4");
    ann.save("plan.ics", moved.as_str()).await;
    let asked = world.card(KIRILL).await;
    assert_eq!(
        asked.text,
        "🔄 Changed: Planning\n🕒 Fri, 15 Jan 2027, 08:00 – 09:00 (UTC) \
         Mon, 18 Jan 2027, 08:00 – 09:00 (UTC) · 1 h\n📍 Room 4.2\n👤 Ann"
    );
    assert_eq!((asked.id, asked.labels()), (card.id, buttons().to_vec()));
    assert_eq!(world.status("plan", KIRILL).await, "NEEDS-ACTION");
    let stored = without_schedule_status(&ann.get("plan.ics").await.text());
    assert_eq!(
        stored,
        moved.replace("PARTSTAT=ACCEPTED", "PARTSTAT=NEEDS-ACTION;RSVP=TRUE")
    );
    // The organizer must not go on reading that he comes.
    let tally = world.card(ANN).await;
    assert!(
        tally.html.contains("⏳ Kirill has not answered"),
        "{}",
        tally.html
    );

    world.press(&asked, "Accept").await;
    assert_eq!(world.card(KIRILL).await.labels(), ["Change answer"]);
    assert_eq!(world.status("plan", KIRILL).await, "ACCEPTED");
    world.finish().await;
}

#[tokio::test]
async fn delete_cancels_the_card() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    world.press(&card, "Accept").await;
    world.settled().await;
    ann.delete("plan.ics").await;
    let cancelled = world.card(KIRILL).await;
    assert_eq!(
        cancelled.html,
        "❌ Cancelled: <s>Planning</s>\n🕒 <s>Fri, 15 Jan 2027, 08:00 – 09:00 (UTC)</s>\n👤 Ann"
    );
    assert_eq!((cancelled.id, &cancelled.buttons), (card.id, &vec![]));
    assert!(
        world
            .card(ANN)
            .await
            .html
            .starts_with("❌ Cancelled: <s>Planning</s>\n")
    );
    let late = world.press_old(&card, "Decline").await;
    assert_eq!(
        world.telegram.answer(&late).await,
        alert("This event was cancelled.")
    );
    assert_eq!(world.card(KIRILL).await, cancelled);
    assert!(world.event("plan").await.deleted);
    world.finish().await;
}

#[tokio::test]
async fn attendee_who_is_removed_sees_it_and_may_be_invited_again() {
    let world = World::start().await;
    let (ann, card) = world.invite_kirill().await;
    let other = "ATTENDEE:mailto:tg_555@televent.internal";
    ann.save("plan.ics", meeting("plan", ANN, other)).await;
    let removed = world.card(KIRILL).await;
    // And sees no more of it: what it has become is for those who are invited.
    assert_eq!(removed.html, "🚫 You are no longer invited to this event.");
    assert_eq!((removed.id, &removed.buttons), (card.id, &vec![]));
    assert_eq!(world.card(BO).await.labels(), buttons());
    let late = world.press_old(&card, "Accept").await;
    assert_eq!(
        world.telegram.answer(&late).await,
        alert("You are not invited to this event.")
    );

    ann.save(
        "plan.ics",
        meeting("plan", ANN, &format!("{KIRILL_IS_ASKED}\n{other}")),
    )
    .await;
    let again = world.card(KIRILL).await;
    let counts =
        "\n👥 ⏳ 2\n<blockquote expandable>⏳ Kirill\n⏳ tg_555@televent.internal</blockquote>";
    assert_eq!(
        (again.html, again.id),
        (format!("{}{counts}", card.html), card.id)
    );
    assert_eq!(again.buttons, card.buttons);
    world.finish().await;
}

#[tokio::test]
async fn event_of_another_organizer_invites_nobody() {
    let world = World::start().await;
    let ann = world.add_people().await;
    for (name, organizer) in [
        ("a", "mailto:tg_555@televent.internal"),
        ("b", "mailto:boss@example.org"),
        ("c", "mailto:tg_12345@televent.internal.example.org"),
        ("d", "mailto:boss@example.org"),
    ] {
        let object = meeting(name, ANN, KIRILL_IS_ASKED)
            .replace("mailto:tg_12345@televent.internal", organizer);
        let reply = ann.put(&format!("{name}.ics"), object.as_str()).await;
        assert_eq!(reply.status, 201);
        assert_ne!(reply.etag(), "", "a copy is kept as it was sent");
        assert_eq!(ann.get(&format!("{name}.ics")).await.text(), object);
    }
    assert_eq!(world.cards(KIRILL).await, []);
    // She is told what is wrong, once for each address from elsewhere.
    let told = world.cards(ANN).await;
    assert_eq!(told.len(), 3, "{told:#?}");
    // In whatever order the three are sent.
    let text = "⚠️ Nobody was invited to Planning.\n\nYour calendar app names boss@example.org as the organizer, and that is not \
         your address here.\n\nSet the e-mail address of this account to tg_12345@televent.internal in the app (in DAVx⁵ it \
         is the account\u{2019}s name), and save the event once more.";
    assert!(told.iter().any(|told| told.text == text), "{told:#?}");
    assert_eq!(world.outbox_rows().await, 3);
    world.finish().await;
}

#[tokio::test]
async fn only_exact_internal_addresses_of_others_are_invited() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let outsiders = "ATTENDEE:mailto:tg_98765@televent.internal.example.org
        ATTENDEE:mailto:x@tg_98765@televent.internal
        ATTENDEE:mailto:tg_098765@televent.internal
        ATTENDEE:mailto:tg_98765%40televent.internal
        ATTENDEE;CN=tg_98765@televent.internal:mailto:eve@example.org
        ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:tg_98765@televent.internal
        ATTENDEE;PARTSTAT=ACCEPTED:mailto:tg_12345@televent.internal";
    ann.save("plan.ics", meeting("plan", ANN, outsiders)).await;
    assert_eq!(world.cards(KIRILL).await, []);
    assert_eq!(world.outbox_rows().await, 0);
    let rows = world.attendees("plan").await;
    assert_eq!(
        rows.len(),
        attendee_lines(&ann.get("plan.ics").await.body).len()
    );
    assert!(rows.iter().all(|row| !row.invited), "{rows:#?}");
    world.finish().await;
}

#[tokio::test]
async fn times_are_told_in_the_invitees_zone() {
    let world = World::start().await;
    let ann = world.add_user(ANN, "Ann").await;
    world.add_user(KIRILL, "Kirill").await;
    ann.save("plan.ics", plan()).await;
    let card = world.card(KIRILL).await;
    assert!(
        card.text
            .contains("🕒 Fri, 15 Jan 2027, 09:00 – 10:00 (Berlin) · 1 h\n"),
        "{}",
        card.html
    );
    world.finish().await;
}

#[tokio::test]
async fn text_of_the_event_can_not_break_the_card() {
    let world = World::start().await;
    let ann = world.add_people().await;
    let object = plan()
        .replace("Planning", "<b>&lt;R&D \"x\"</a>")
        .replace("Room 4.2", "<script>\\n<tg-spoiler>");
    ann.save("plan.ics", object).await;
    let card = world.card(KIRILL).await;
    assert!(
        card.text.starts_with("📅 <b>&lt;R&D \"x\"</a>\n"),
        "{}",
        card.text
    );
    assert!(
        card.text.contains("📍 <script> <tg-spoiler>\n"),
        "{}",
        card.text
    );
    world.finish().await;
}

#[tokio::test]
async fn many_quick_edits_end_in_the_last_one() {
    let world = World::start().await;
    let (ann, _card) = world.invite_kirill().await;
    for n in 1..=10 {
        let object = plan().replace("Planning", &format!("Plan {n}"));
        ann.save("plan.ics", object).await;
    }
    let card = world.card(KIRILL).await;
    assert!(
        card.html
            .starts_with("🔄 Changed: <s>Planning</s> <b>Plan 10</b>\n"),
        "{}",
        card.html
    );
    assert!(card.edits <= 10);
    world.finish().await;
}

#[tokio::test]
async fn of_two_creations_at_once_exactly_one_wins() {
    let world = World::start().await;
    let ann = world.add_people().await;
    for round in 0..8 {
        let name = format!("race-{round}.ics");
        let object = |title: &str| {
            meeting(&format!("race-{round}"), ANN, KIRILL_IS_ASKED).replace("Planning", title)
        };
        let condition = ("if-none-match", "*");
        let (one, other) = tokio::join!(
            ann.put_if(&name, object("One"), condition),
            ann.put_if(&name, object("Other"), condition),
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 412]);
        let winner = if one.status == 201 { "One" } else { "Other" };
        assert_eq!(
            without_schedule_status(&ann.get(&name).await.text()),
            object(winner)
        );
    }
    assert_eq!(world.cards(KIRILL).await.len(), 8);
    world.finish().await;
}

#[tokio::test]
async fn of_two_changes_at_once_exactly_one_wins() {
    let world = World::start().await;
    let (ann, _card) = world.invite_kirill().await;
    let mut etag = ann.get("plan.ics").await.etag().to_owned();
    for round in 0..8 {
        let object = |who: &str| plan().replace("Planning", &format!("{who} {round}"));
        let before = world.event("plan").await.sequence;
        let (one, other) = tokio::join!(
            ann.put_if("plan.ics", object("One"), ("if-match", &etag)),
            ann.put_if("plan.ics", object("Other"), ("if-match", &etag)),
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 412]);
        let winner = if one.status == 204 { "One" } else { "Other" };
        let stored = ann.get("plan.ics").await;
        assert_eq!(without_schedule_status(&stored.text()), object(winner));
        assert_eq!(world.event("plan").await.sequence, before + 1);
        stored.etag().clone_into(&mut etag);
    }
    world.finish().await;
}

#[tokio::test]
async fn press_and_put_at_once_lose_neither() {
    let world = World::start().await;
    let (ann, mut card) = world.invite_kirill().await;
    for round in 0..6 {
        let label = if round % 2 == 0 { "Accept" } else { "Decline" };
        let title = format!("Round {round}");
        let object = plan().replace("Planning", &title);
        let pressed = async {
            let press = world.press_old(&card, label).await;
            world.telegram.answer(&press).await
        };
        tokio::join!(pressed, ann.save("plan.ics", object));
        let status = if round % 2 == 0 {
            "ACCEPTED"
        } else {
            "DECLINED"
        };
        assert_eq!(world.status("plan", KIRILL).await, status);
        let stored = ann.get("plan.ics").await;
        let [line] = &attendee_lines(&stored.body)[..] else {
            panic!("one attendee");
        };
        assert_eq!(line.part_stat, status);
        let now = world.card(KIRILL).await;
        assert!(
            now.html.contains(&format!("<b>{title}</b>\n")),
            "{}",
            now.html
        );
        assert!(
            now.html.contains(&format!("You {}", status.to_lowercase())),
            "{}",
            now.html
        );
        // The data of the first card's buttons stays what it is.
        card.id = now.id;
    }
    world.finish().await;
}
