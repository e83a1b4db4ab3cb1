//! What the screens of devices say.

use televent_calendar::TelegramUserId;
use televent_store::Person;
use televent_telegram::Keyboard;
use uuid::Uuid;

use super::*;

/// UTF-16 units of a caption without its tags (Bot API, `sendPhoto`).
const MAX_CAPTION: usize = 1024;

/// UTF-16 units of a text without its tags (Bot API, `sendMessage`).
const MAX_TEXT: usize = 4096;

fn person() -> Person {
    Person {
        time_zone: Some("Europe/Berlin".to_owned()),
        ..Person::default()
    }
}

fn reader(person: &Person, language: Language) -> Reader<'_> {
    Reader {
        id: TelegramUserId::new(4_503_599_627_370_496).unwrap(),
        person,
        language,
    }
}

fn now() -> DateTime<Utc> {
    "2026-04-03T22:30:00Z".parse().unwrap()
}

fn device(label: &str, app: DeviceApp) -> Device {
    Device {
        id: Uuid::from_u128(7),
        label: label.to_owned(),
        app: Some(app.as_str().to_owned()),
        created_at: now(),
        last_used_at: None,
        last_client: None,
        revoked_at: None,
    }
}

fn access(server: &str) -> Access {
    Access {
        server: server.to_owned(),
        username: "tg_4503599627370496".to_owned(),
        password: Some(DeviceSecret::from_random([1; 20]).reveal()),
    }
}

fn keyboard(content: &Content) -> Keyboard {
    match &content.markup {
        Markup::Inline(keyboard) => keyboard.clone(),
        other => panic!("{other:?}"),
    }
}

/// What Telegram counts, at most.
fn units(html: &str) -> usize {
    html.encode_utf16().count()
}

#[test]
fn caption_fits_in_every_language_for_every_app() {
    let server = format!("https://{}.example.org", "a".repeat(120));
    let link = format!("{server}/setup/{}", "b".repeat(32));
    let person = person();
    for language in Language::ALL {
        for app in DeviceApp::ALL {
            let reader = reader(&person, language);
            let device = device(&"L".repeat(64), app);
            let content = new_device(&reader, &device, &access(&server), &link).unwrap();
            assert!(!content.html.contains("device-"), "{}", content.html);
            // The link stands in the text where no button can have it.
            let with_link = units(&content.html) + link.len();
            assert!(with_link <= MAX_CAPTION, "{with_link}: {}", content.html);
        }
    }
}

#[test]
fn button_opens_the_link_where_telegram_takes_it_else_the_text_tells_it() {
    let person = person();
    let reader = reader(&person, Language::English);
    for (server, is_button) in [
        ("https://cal.example.org", true),
        ("https://192.0.2.1:8443", true),
        ("https://localhost", false),
        ("http://cal.example.org", false),
        ("http://127.0.0.1:8080", false),
    ] {
        let link = format!("{server}/setup/abc");
        let device = device("iPhone", DeviceApp::Iphone);
        let content = new_device(&reader, &device, &access(server), &link).unwrap();
        let opens = keyboard(&content)
            .concat()
            .iter()
            .any(|button| button.action == ButtonAction::Open(Url::parse(&link).unwrap()));
        assert_eq!(opens, is_button, "{server}");
        assert_eq!(content.html.contains(&link), !is_button, "{server}");
    }
}

#[test]
fn what_others_wrote_is_escaped() {
    let person = person();
    let reader = reader(&person, Language::English);
    let mut device = device("<b>&", DeviceApp::Other);
    device.last_client = Some("<script> Thunderbird/1".to_owned());
    for content in [
        list(&reader, std::slice::from_ref(&device), now()),
        one(&reader, &device, now()),
        ask_revoke(&reader, &device),
        hidden(&reader, &device, &access("https://cal.example")),
    ] {
        assert!(content.html.contains("&lt;b&gt;&amp;"), "{}", content.html);
        assert!(!content.html.contains("script"), "{}", content.html);
    }
}

#[test]
fn list_of_as_many_devices_as_there_can_be_fits() {
    let person = person();
    let count = usize::try_from(MAX_DEVICES).unwrap();
    for language in Language::ALL {
        let mut used = device(&"L".repeat(64), DeviceApp::Other);
        used.last_client = Some("CalDavSynchronizer".to_owned());
        used.last_used_at = Some("2020-01-01T00:00:00Z".parse().unwrap());
        let content = list(&reader(&person, language), &vec![used; count], now());
        assert!(units(&content.html) <= MAX_TEXT);
        assert_eq!(keyboard(&content).len(), count + 1);
    }
}

#[test]
fn hidden_message_tells_all_but_the_password() {
    let person = person();
    let device = device("iPhone", DeviceApp::Iphone);
    let access = Access {
        password: None,
        ..access("https://cal.example")
    };
    let content = hidden(&reader(&person, Language::English), &device, &access);
    assert!(content.html.contains("https://cal.example"));
    assert!(content.html.contains("tg_4503599627370496"));
    assert!(!content.html.contains("Password:"));
    assert_eq!(content.markup, Markup::None);
}
