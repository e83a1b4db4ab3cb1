//! Calendar apps that have access, and the message with which a new one is set up.

mod client;
mod last_use;
mod qr;

use chrono::{DateTime, Utc};
use televent_conversation::{BotButton, DeviceButton, DeviceScreen};
use televent_language::Language;
use televent_store::{Device, DeviceApp, DeviceSecret, LINK_LASTS, MAX_DEVICES, SetupToken};
use televent_telegram::{Button, ButtonAction, File, Keyboard, Markup, escape_html};
use url::{Host, Url};

pub(crate) use qr::PictureError;

use super::{Content, Reader, button, plain};
use crate::{
    card::{MAX_NAME, user_text},
    deliver::{DeliverError, Notifier},
};

/// Devices that the list tells about. It has a button for each, and together they must fit into a message.
const MAX_LISTED: usize = 25;

/// What is typed into a calendar app.
struct Access {
    server: String,
    username: String,
    /// Left out once it is hidden.
    password: Option<String>,
}

impl Notifier {
    pub(super) async fn device_content(
        &self,
        reader: &Reader<'_>,
        screen: DeviceScreen,
    ) -> Result<Content, DeliverError> {
        let now = Utc::now();
        let id = match screen {
            DeviceScreen::List => {
                let mut devices = self.store.devices(reader.id).await?;
                devices.retain(|device| device.revoked_at.is_none());
                return Ok(list(reader, &devices, now));
            }
            DeviceScreen::Apps => return Ok(apps(reader)),
            DeviceScreen::TooMany => return Ok(too_many(reader)),
            DeviceScreen::New { id }
            | DeviceScreen::Hidden { id }
            | DeviceScreen::One { id }
            | DeviceScreen::AskRevoke { id } => id,
        };
        let device = self.store.device(reader.id, id).await?;
        let Some(device) = device.filter(|device| device.revoked_at.is_none()) else {
            return Ok(gone(reader));
        };
        match screen {
            DeviceScreen::New { .. } => self.new_device(reader, &device, now).await,
            DeviceScreen::Hidden { .. } => Ok(hidden(reader, &device, &self.access(reader))),
            DeviceScreen::AskRevoke { .. } => Ok(ask_revoke(reader, &device)),
            _ => Ok(one(reader, &device, now)),
        }
    }

    /// The message that shows a password. The password is made here, at each attempt to send it, and only its hash is stored:
    /// an attempt whose outcome is unknown is repeated with another one, so that of two messages the last is valid. Nobody can
    /// be using the earlier one then: a device that is in use keeps its password, and the message tells of the device only.
    async fn new_device(
        &self,
        reader: &Reader<'_>,
        device: &Device,
        now: DateTime<Utc>,
    ) -> Result<Content, DeliverError> {
        let secret = DeviceSecret::from_random(rand::random());
        let token = SetupToken::from_random(rand::random());
        let is_armed = self
            .store
            .arm_device(reader.id, device.id, &secret, &token, LINK_LASTS)
            .await?;
        if !is_armed {
            return Ok(one(reader, device, now));
        }
        let access = Access {
            password: Some(secret.reveal()),
            ..self.access(reader)
        };
        let link = format!("{}/setup/{}", access.server, token.reveal());
        new_device(reader, device, &access, &link)
    }

    fn access(&self, reader: &Reader<'_>) -> Access {
        Access {
            server: self.public_url.as_str().trim_end_matches('/').to_owned(),
            username: format!("tg_{}", reader.id),
            password: None,
        }
    }
}

fn list(reader: &Reader<'_>, devices: &[Device], now: DateTime<Utc>) -> Content {
    let language = reader.language;
    let mut lines = vec![
        format!("<b>{}</b>", language.text("device-title")),
        String::new(),
    ];
    if devices.is_empty() {
        lines.push(language.text("device-none"));
    }
    lines.extend(devices.iter().take(MAX_LISTED).map(|device| {
        let mut facts = vec![format!("<b>{}</b>", label(device, language))];
        facts.extend(family(device).map(str::to_owned));
        facts.push(used(reader, device, now));
        facts.join(" · ")
    }));
    if devices.len() > MAX_LISTED {
        let more = devices.len() - MAX_LISTED;
        lines.push(language.say("device-more", &[("count", more.into())]));
    }
    let mut keyboard: Keyboard = devices
        .iter()
        .map(|device| {
            let name: String = device.label.chars().take(MAX_NAME).collect();
            vec![device_button(name, DeviceButton::Show(device.id))]
        })
        .collect();
    keyboard.push(vec![device_button(
        language.text("device-add"),
        DeviceButton::Add,
    )]);
    with_buttons(lines.join("\n"), keyboard)
}

fn one(reader: &Reader<'_>, device: &Device, now: DateTime<Utc>) -> Content {
    let language = reader.language;
    let added = last_use::date(device.created_at, reader.person.zone(), language);
    let mut lines = vec![
        format!("<b>{}</b>", label(device, language)),
        String::new(),
        language.say("device-added", &[("date", (&added).into())]),
        used(reader, device, now),
    ];
    lines
        .extend(family(device).map(|name| language.say("device-client", &[("name", name.into())])));
    with_buttons(
        lines.join("\n"),
        vec![
            vec![device_button(
                language.text("device-revoke"),
                DeviceButton::AskRevoke(device.id),
            )],
            back(language),
        ],
    )
}

fn ask_revoke(reader: &Reader<'_>, device: &Device) -> Content {
    let language = reader.language;
    let html = language.say(
        "device-ask-revoke",
        &[("label", (&label(device, language)).into())],
    );
    with_buttons(
        html,
        vec![
            vec![device_button(
                language.text("device-revoke-now"),
                DeviceButton::Revoke(device.id),
            )],
            vec![device_button(
                language.text("bot-back"),
                DeviceButton::Show(device.id),
            )],
        ],
    )
}

fn apps(reader: &Reader<'_>) -> Content {
    let language = reader.language;
    let mut keyboard: Keyboard = DeviceApp::ALL
        .into_iter()
        .map(|app| {
            vec![device_button(
                language.text(&format!("device-app-{}", app.as_str())),
                DeviceButton::App(app.as_str().to_owned()),
            )]
        })
        .collect();
    keyboard.push(back(language));
    with_buttons(language.text("device-which"), keyboard)
}

fn too_many(reader: &Reader<'_>) -> Content {
    let language = reader.language;
    with_buttons(
        language.say("device-too-many", &[("count", MAX_DEVICES.into())]),
        vec![back(language)],
    )
}

fn gone(reader: &Reader<'_>) -> Content {
    with_buttons(
        reader.language.text("device-gone"),
        vec![back(reader.language)],
    )
}

fn new_device(
    reader: &Reader<'_>,
    device: &Device,
    access: &Access,
    link: &str,
) -> Result<Content, DeliverError> {
    let language = reader.language;
    let app = device
        .app
        .as_deref()
        .and_then(DeviceApp::parse)
        .unwrap_or(DeviceApp::Other);
    let opens = Url::parse(link).ok().filter(is_taken_in_buttons);
    let mut lines = facts(device, access, language);
    lines.push(String::new());
    lines.push(language.text(&format!("device-steps-{}", app.as_str())));
    lines.push(language.text("device-once"));
    if opens.is_none() {
        lines.push(format!("<code>{}</code>", escape_html(link)));
    }
    let mut keyboard: Keyboard = opens
        .map(|url| {
            vec![Button {
                label: language.text("device-open"),
                action: ButtonAction::Open(url),
            }]
        })
        .into_iter()
        .collect();
    keyboard.push(vec![device_button(
        language.text("device-hide"),
        DeviceButton::Hide(device.id),
    )]);
    Ok(Content {
        file: Some(File::Photo(qr::png(link)?)),
        ..with_buttons(lines.join("\n"), keyboard)
    })
}

fn hidden(reader: &Reader<'_>, device: &Device, access: &Access) -> Content {
    let language = reader.language;
    let mut lines = facts(device, access, language);
    lines.push(String::new());
    lines.push(language.text("device-hidden"));
    plain(lines.join("\n"))
}

fn facts(device: &Device, access: &Access, language: Language) -> Vec<String> {
    let code = |id: &str, value: &str| {
        format!("{}: <code>{}</code>", language.text(id), escape_html(value))
    };
    let mut lines = vec![
        format!("📅 <b>{}</b>", label(device, language)),
        String::new(),
        code("setup-server", &access.server),
        code("setup-username", &access.username),
    ];
    lines.extend(
        access
            .password
            .as_deref()
            .map(|password| code("setup-password", password)),
    );
    lines
}

/// Telegram refuses a whole message for the sake of a button whose link leads to no public host (Bot API,
/// `InlineKeyboardButton`), and plain http would show the link to everybody on the way.
fn is_taken_in_buttons(url: &Url) -> bool {
    let is_public = match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').contains('.'),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    };
    url.scheme() == "https" && is_public
}

fn label(device: &Device, language: Language) -> String {
    user_text(&device.label, MAX_NAME, language)
}

fn family(device: &Device) -> Option<&'static str> {
    client::client_family(device.last_client.as_deref()?)
}

fn used(reader: &Reader<'_>, device: &Device, now: DateTime<Utc>) -> String {
    last_use::last_use(
        device.last_used_at,
        now,
        reader.person.zone(),
        reader.language,
    )
}

pub(super) fn device_button(label: String, does: DeviceButton) -> Button {
    button(label, &BotButton::Device(does))
}

fn back(language: Language) -> Vec<Button> {
    vec![device_button(language.text("bot-back"), DeviceButton::List)]
}

fn with_buttons(html: String, keyboard: Keyboard) -> Content {
    Content {
        markup: Markup::Inline(keyboard),
        ..plain(html)
    }
}

#[cfg(test)]
mod tests;
