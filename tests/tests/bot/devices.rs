//! Calendar apps: connected, listed, revoked.

use reqwest::{Client, Method};
use serde_json::json;
use televent_tests::{CalendarApp, KIRILL, Message, Roles, Updates, World, until};

use crate::{nth, press};

/// Kirill asks for a device and picks an app. The message with the password.
async fn add(world: &World, app: &str) -> Message {
    let said = world.telegram.messages(KIRILL).await.len();
    world.telegram.say(KIRILL, "/devices").await;
    let list = nth(world, KIRILL, said + 1).await;
    let apps = press(world, KIRILL, &list, "Connect a calendar app").await;
    press(world, KIRILL, &apps, app).await;
    let message = nth(world, KIRILL, said + 2).await;
    world.settled().await;
    message
}

/// What stands behind `name: ` in a message.
fn told(message: &Message, name: &str) -> String {
    let mut lines = message.text.lines();
    let line = lines.find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.expect(name).to_owned()
}

/// The set-up link in the text: these servers have no https, and so no button for it.
fn link(message: &Message) -> String {
    let mut words = message.text.split_whitespace();
    let link = words.find(|word| word.contains("/setup/"));
    link.expect("a link").to_owned()
}

fn app(message: &Message) -> CalendarApp {
    let password = told(message, "Password");
    let username = told(message, "Username");
    CalendarApp::new(&told(message, "Server"), KIRILL, &username, &password)
}

async fn status(app: &CalendarApp) -> u16 {
    let method = Method::from_bytes(b"PROPFIND").expect("a method");
    app.request(method, "", &[("depth", "0")], "").await.status
}

/// What the camera of a phone reads from a PNG.
fn read_code(file: &[u8]) -> String {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    let (width, height) = (info.width as usize, info.height as usize);
    assert_eq!(pixels.len(), width * height, "one byte for each pixel");
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        pixels.get(y * width + x).copied().unwrap_or_default()
    });
    let grids = image.detect_grids();
    let grid = grids.first().expect("a code");
    let (_, text) = grid.decode().expect("a code that can be read");
    text
}

#[tokio::test]
async fn one_message_connects_a_calendar_app() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    let message = add(&world, "iPhone / iPad").await;
    assert_eq!(told(&message, "Server"), world.url());
    assert_eq!(told(&message, "Username"), "tg_98765");
    let app = app(&message);
    assert_eq!(status(&app).await, 207);

    let picture = message.photo.clone().expect("a picture");
    let read = read_code(&world.telegram.file(&picture).await);
    assert_eq!(read, link(&message));
    let http = Client::builder().no_proxy().build().expect("a client");
    let page = http.get(&read).send().await.expect("a page");
    assert_eq!(page.status(), 200);
    let shown = http.post(format!("{read}/password")).send().await;
    let shown = shown.expect("a page").text().await.expect("a text");
    assert!(shown.contains(&app.password), "{shown}");
    assert_eq!(http.get(&read).send().await.expect("a page").status(), 410);

    // Nothing that is stored is the password.
    let stored = world
        .strings(
            "select t::text from chat_messages t union all select t::text from outbox_messages t
             union all select t::text from devices t union all select t::text from device_links t
             union all select t::text from processed_updates t union all select t::text from dialogs t",
        )
        .await
        .concat();
    assert!(!stored.contains(&app.password), "{stored}");
    world.finish().await;
}

#[tokio::test]
async fn password_is_hidden_in_place_and_goes_on_working() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    let message = add(&world, "Thunderbird").await;
    let (app, link) = (app(&message), link(&message));
    let hidden = press(&world, KIRILL, &message, "Hide the password").await;
    assert_eq!(hidden.edits, 1);
    assert!(!hidden.text.contains(&app.password), "{hidden:?}");
    assert!(!hidden.text.contains("/setup/"), "{hidden:?}");
    assert_eq!(told(&hidden, "Username"), "tg_98765");
    assert_eq!(hidden.labels(), Vec::<&str>::new());
    assert_eq!(status(&app).await, 207);
    let http = Client::builder().no_proxy().build().expect("a client");
    let page = http.post(format!("{link}/password")).send().await;
    assert_eq!(
        page.expect("a page").status(),
        410,
        "the picture still holds it"
    );
    world.finish().await;
}

#[tokio::test]
async fn repeat_of_a_message_that_went_out_makes_no_new_password() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    let message = add(&world, "Mac").await;
    let before = world.telegram.messages(KIRILL).await;
    let delivered = world.nats.invites().await;
    assert!(delivered.len() >= 3, "{delivered:?}");
    for again in delivered {
        let payload = again.payload.to_string().into();
        let published = world.nats.jetstream().publish(again.subject, payload).await;
        published.expect("a message").await.expect("it is stored");
    }
    world.settled().await;
    assert_eq!(world.telegram.messages(KIRILL).await, before);
    assert_eq!(status(&app(&message)).await, 207);
    world.finish().await;
}

#[tokio::test]
async fn of_two_messages_the_last_is_valid_when_the_first_was_in_doubt() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    world
        .telegram
        .fault(json!({ "kind": "lost_answer", "method": "sendPhoto" }))
        .await;
    world.telegram.say(KIRILL, "/devices").await;
    let list = nth(&world, KIRILL, 1).await;
    let apps = press(&world, KIRILL, &list, "Connect a calendar app").await;
    world.press_by(KIRILL, &apps, "Mac").await;
    let first = nth(&world, KIRILL, 2).await;
    let last = until("the second message", async || {
        // So that the test need not wait until the lease runs out.
        world
            .execute("update chat_messages set lease_until = now() where lease_until is not null")
            .await;
        let messages = world.telegram.messages(KIRILL).await;
        messages.get(2).cloned()
    })
    .await;
    world.settled().await;
    assert_eq!(world.telegram.messages(KIRILL).await.len(), 3);
    assert_eq!(status(&app(&first)).await, 401);
    assert_eq!(status(&app(&last)).await, 207);
    let http = Client::builder().no_proxy().build().expect("a client");
    for (message, expected) in [(&first, 404), (&last, 200)] {
        let page = http.get(link(message)).send().await.expect("a page");
        assert_eq!(page.status(), expected);
    }
    world.finish().await;
}

#[tokio::test]
async fn revoked_device_is_out_at_once_everywhere() {
    let mut world = World::start().await;
    world
        .add_process(Roles {
            notifier: false,
            apply: false,
            ..Roles::all(Updates::None)
        })
        .await;
    world.add_user(KIRILL, "Kirill").await;
    let message = add(&world, "Android (DAVx⁵)").await;
    let here = app(&message);
    let there = here.at(&world.processes[1].url);
    assert_eq!((status(&here).await, status(&there).await), (207, 207));

    world.telegram.say(KIRILL, "/devices").await;
    let list = nth(&world, KIRILL, 3).await;
    assert!(list.text.contains("Android (DAVx⁵)"), "{list:?}");
    assert!(list.text.contains("used in the last two hours"), "{list:?}");
    let device = press(&world, KIRILL, &list, "Android (DAVx⁵)").await;
    let asked = press(&world, KIRILL, &device, "Revoke access").await;
    assert_eq!((status(&here).await, status(&there).await), (207, 207));
    let answer = world.press_by(KIRILL, &asked, "Yes, revoke").await;
    assert_eq!(answer.text, "Access revoked");
    assert_eq!((status(&here).await, status(&there).await), (401, 401));
    world.settled().await;
    let list = world.telegram.messages(KIRILL).await.remove(2);
    assert!(!list.text.contains("Android"), "{list:?}");
    world.finish().await;
}

#[tokio::test]
async fn nobody_reaches_the_devices_of_others() {
    let world = World::start().await;
    let ann = world.add_people().await;
    world.add_user(KIRILL, "Kirill").await;
    let id = world
        .strings("select replace(id::text, '-', '') from devices where telegram_id = 12345")
        .await
        .remove(0);
    let list = {
        world.telegram.say(KIRILL, "/devices").await;
        nth(&world, KIRILL, 1).await
    };
    for what in ["show", "revoke", "revoked", "hide"] {
        let data = format!("bot:device:{what}:{id}");
        world.press_data(KIRILL, &list, &data).await;
        world.settled().await;
        for message in world.telegram.messages(KIRILL).await {
            assert!(!message.text.contains("tg_12345"), "{message:?}");
        }
    }
    assert_eq!(status(&ann).await, 207);
    world.finish().await;
}

#[tokio::test]
async fn there_is_a_most_of_devices() {
    let world = World::start().await;
    world.add_user(KIRILL, "Kirill").await;
    world
        .execute(
            "insert into devices (id, telegram_id, label)
             select gen_random_uuid(), 98765, 'Old ' || n from generate_series(1, 49) n",
        )
        .await;
    world.telegram.say(KIRILL, "/devices").await;
    let list = nth(&world, KIRILL, 1).await;
    let apps = press(&world, KIRILL, &list, "Connect a calendar app").await;
    let refused = press(&world, KIRILL, &apps, "Mac").await;
    assert!(refused.text.contains("You have 50 devices"), "{refused:?}");
    assert_eq!(world.telegram.messages(KIRILL).await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn start_leads_to_the_first_device() {
    let world = World::start().await;
    world.telegram.add_stranger(KIRILL, "Kirill").await;
    world.telegram.press_start(KIRILL).await;
    nth(&world, KIRILL, 1).await;
    world.telegram.say(KIRILL, "London").await;
    let chosen = nth(&world, KIRILL, 2).await;
    assert!(chosen.text.contains("/devices"), "{chosen:?}");
    world.telegram.say(KIRILL, "/start").await;
    let welcome = nth(&world, KIRILL, 3).await;
    press(&world, KIRILL, &welcome, "Connect a calendar app").await;
    let apps = nth(&world, KIRILL, 4).await;
    press(&world, KIRILL, &apps, "Mac").await;
    let message = nth(&world, KIRILL, 5).await;
    assert_eq!(status(&app(&message)).await, 207);
    world.finish().await;
}
