//! Invitations and the answers to them, from the calendar app to Telegram and back. Apps write under the condition that
//! `Schedule-Tag` is as they know it (RFC 6638 section 3.2.10), which an answer must not break.

use anyhow::{Context as _, Result};
use televent_tests::{ANN, KIRILL, World, attendee_lines, buttons, meeting};

use crate::{
    client::{Account, Client},
    davx5,
    ios::{HABITS, set_up},
    ios_calendars::first_calendar,
    ios_sync::{multiget, sync},
    server::Login,
};

/// As iOS writes it: without RSVP, which macOS leaves out for whom it adds later.
const KIRILL_WITHOUT_RSVP: &str = "ATTENDEE;CN=Kirill;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT:mailto:tg_98765@televent.internal";

/// Ann's phone, and the calendar in which it puts new events.
async fn phone_of_ann(world: &World) -> Result<(Client, Account, String)> {
    let device = world.add_people().await;
    let login = Login {
        server: world.url().to_owned(),
        username: device.username,
        password: device.password,
    };
    let client = Client::new(&login, HABITS)?;
    let account = set_up(&client).await?;
    let calendar = first_calendar(&client, &account).await?;
    Ok((client, account, calendar))
}

/// What a client knows of an object.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    etag: String,
    schedule_tag: String,
    data: String,
}

async fn fetch(client: &Client, calendar: &str, href: &str) -> Result<Known> {
    let found = multiget(client, calendar, &[href]).await?;
    let object = found.of(href)?;
    Ok(Known {
        etag: object.text("D:getetag")?.to_owned(),
        schedule_tag: object.text("C:schedule-tag")?.to_owned(),
        data: object.prop("C:calendar-data")?.text.clone(),
    })
}

fn answer_of_kirill(object: &str) -> Result<String> {
    let lines = attendee_lines(object.as_bytes());
    let kirill = lines
        .into_iter()
        .find(|line| line.address.starts_with("tg_98765@"))
        .with_context(|| format!("no Kirill in {object}"))?;
    Ok(kirill.part_stat)
}

#[tokio::test]
async fn answer_changes_etag_ctag_and_sync_token_but_not_the_schedule_tag() -> Result<()> {
    let world = World::start().await;
    let (phone, _, calendar) = phone_of_ann(&world).await?;
    let href = format!("{calendar}plan.ics");
    let plan = meeting("plan", ANN, KIRILL_WITHOUT_RSVP);
    let created = phone.create(&href, &plan).await?;
    let before = fetch(&phone, &calendar, &href).await?;
    assert_eq!(created.header("schedule-tag")?, before.schedule_tag);
    let state = phone.state(&calendar).await?;
    let card = world.card(KIRILL).await;
    world.press(&card, "Accept").await;
    world.settled().await;

    let after_state = phone.state(&calendar).await?;
    assert_ne!(after_state.0, state.0, "getctag");
    assert_ne!(after_state.1, state.1, "sync-token");
    let changes = sync(&phone, &calendar, &state.1).await?;
    assert_eq!(changes.hrefs(), [&href], "{changes:#?}");
    let after = fetch(&phone, &calendar, &href).await?;
    assert_ne!(after.etag, before.etag);
    assert_eq!(after.schedule_tag, before.schedule_tag);
    assert_eq!(answer_of_kirill(&after.data)?, "ACCEPTED");
    world.finish().await;
    Ok(())
}

/// The organizer has edited what she knew before the answer: she neither fails nor undoes the answer.
#[tokio::test]
async fn write_under_the_schedule_tag_succeeds_after_an_answer_and_keeps_it() -> Result<()> {
    let world = World::start().await;
    let (phone, _, calendar) = phone_of_ann(&world).await?;
    let href = format!("{calendar}plan.ics");
    let plan = meeting("plan", ANN, KIRILL_WITHOUT_RSVP);
    phone.create(&href, &plan).await?;
    let before = fetch(&phone, &calendar, &href).await?;
    let card = world.card(KIRILL).await;
    world.press(&card, "Accept").await;
    world.settled().await;

    let edited = plan.replace("SUMMARY:Planning", "SUMMARY:Planning the year");
    let under_etag = phone
        .put(&href, ("if-match", &before.etag), &edited)
        .await?;
    under_etag.expect(412)?;
    let written = phone
        .put(
            &href,
            ("if-schedule-tag-match", &before.schedule_tag),
            &edited,
        )
        .await?
        .expect(204)?;
    // The answer was put back into what was sent.
    assert!(!written.has_header("etag"), "{written}");
    let after = fetch(&phone, &calendar, &href).await?;
    assert_eq!(answer_of_kirill(&after.data)?, "ACCEPTED");
    assert!(after.data.contains("Planning the year"), "{}", after.data);
    assert_ne!(after.schedule_tag, before.schedule_tag);
    assert_eq!(written.header("schedule-tag")?, after.schedule_tag);
    // A second device that has not seen this write must not undo it.
    phone
        .put(
            &href,
            ("if-schedule-tag-match", &before.schedule_tag),
            &plan,
        )
        .await?
        .expect(412)?;
    world.finish().await;
    Ok(())
}

/// DAVx5 deletes under the Schedule-Tag alone.
#[tokio::test]
async fn delete_under_the_schedule_tag_succeeds_after_an_answer() -> Result<()> {
    let world = World::start().await;
    let device = world.add_people().await;
    let login = Login {
        server: world.url().to_owned(),
        username: device.username,
        password: device.password,
    };
    let app = Client::new(&login, davx5::HABITS)?;
    let calendar = first_calendar(&app, &set_up(&app).await?).await?;
    let href = format!("{calendar}plan.ics");
    let plan = meeting("plan", ANN, KIRILL_WITHOUT_RSVP);
    let created = app.create(&href, &plan).await?;
    let tag = created.header("schedule-tag")?.to_owned();
    let card = world.card(KIRILL).await;
    world.press(&card, "Decline").await;
    world.settled().await;
    app.send("DELETE", &href, &[("if-schedule-tag-match", &tag)], "")
        .await?
        .expect(204)?;
    let cancelled = world.card(KIRILL).await;
    assert_eq!(cancelled.buttons, [], "{cancelled:#?}");
    world.finish().await;
    Ok(())
}

#[tokio::test]
async fn invitee_without_the_rsvp_parameter_is_asked() -> Result<()> {
    let world = World::start().await;
    let (phone, _, calendar) = phone_of_ann(&world).await?;
    let href = format!("{calendar}plan.ics");
    let plan = meeting("plan", ANN, KIRILL_WITHOUT_RSVP);
    phone.create(&href, &plan).await?;
    assert_eq!(world.card(KIRILL).await.labels(), buttons());
    world.finish().await;
    Ok(())
}

#[tokio::test]
async fn whoever_is_invited_by_the_client_itself_gets_no_card() -> Result<()> {
    let world = World::start().await;
    let (phone, _, calendar) = phone_of_ann(&world).await?;
    let attendees = format!(
        "{KIRILL_WITHOUT_RSVP}\n\
         ATTENDEE;SCHEDULE-AGENT=CLIENT;PARTSTAT=NEEDS-ACTION:mailto:tg_555@televent.internal\n\
         ATTENDEE;SCHEDULE-AGENT=NONE;PARTSTAT=NEEDS-ACTION:mailto:tg_4711@televent.internal"
    );
    let href = format!("{calendar}plan.ics");
    let plan = meeting("plan", ANN, &attendees);
    phone.create(&href, &plan).await?;
    world.card(KIRILL).await;
    for uninvited in [555, 4_711] {
        assert_eq!(world.cards(uninvited).await, []);
    }
    let stored = fetch(&phone, &calendar, &href).await?;
    for agent in ["CLIENT", "NONE"] {
        let line = stored
            .data
            .replace("\r\n ", "")
            .lines()
            .find(|line| line.contains(&format!("SCHEDULE-AGENT={agent}")))
            .map(str::to_owned)
            .with_context(|| stored.data.clone())?;
        assert!(!line.contains("SCHEDULE-STATUS"), "{line}");
    }
    world.finish().await;
    Ok(())
}

#[tokio::test]
async fn invitation_that_moves_to_another_calendar_is_not_cancelled() -> Result<()> {
    let world = World::start().await;
    let (phone, account, calendar) = phone_of_ann(&world).await?;
    let from = format!("{calendar}plan.ics");
    let plan = meeting("plan", ANN, KIRILL_WITHOUT_RSVP);
    phone.create(&from, &plan).await?;
    let card = world.card(KIRILL).await;
    world.press(&card, "Accept").await;
    let accepted = world.card(KIRILL).await;
    let told = world.outbox_rows().await;

    let work = format!("{}work/", account.home);
    phone
        .send("MKCALENDAR", &work, &[], "")
        .await?
        .expect(201)?;
    let states = (phone.state(&calendar).await?, phone.state(&work).await?);
    let to = format!("{work}plan.ics");
    let absolute = format!("{}{to}", world.url());
    let headers = [("destination", absolute.as_str()), ("overwrite", "F")];
    phone.send("MOVE", &from, &headers, "").await?.expect(201)?;

    assert_eq!(world.card(KIRILL).await, accepted);
    assert_eq!(world.outbox_rows().await, told);
    let moved = fetch(&phone, &work, &to).await?;
    assert_eq!(answer_of_kirill(&moved.data)?, "ACCEPTED");
    let gone = sync(&phone, &calendar, &states.0.1).await?;
    assert_eq!(gone.of(&from)?.status, Some(404), "{gone:#?}");
    let came = sync(&phone, &work, &states.1.1).await?;
    assert_eq!(came.hrefs(), [&to], "{came:#?}");
    // The card still answers for it.
    world.press(&accepted, "Change answer").await;
    let choosing = world.card(KIRILL).await;
    world.press(&choosing, "Decline").await;
    world.settled().await;
    let answered = fetch(&phone, &work, &to).await?;
    assert_eq!(answer_of_kirill(&answered.data)?, "DECLINED");
    world.finish().await;
    Ok(())
}
