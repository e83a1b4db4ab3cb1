//! Calendar apps: which have access, one more, one less. A new device is made here without a password; the notifier makes that
//! when it sends the message that shows it, so that nothing between here and there ever holds it.

use televent_conversation::{DeviceButton, DeviceScreen, Screen};
use televent_store::{Device, DeviceApp, PrepareDeviceOutcome};

use super::{Reply, Turn, start};
use crate::apply::ApplyError;

pub(super) fn list() -> Reply {
    Reply::with(Screen::Device(DeviceScreen::List)).ending()
}

pub(super) async fn pressed(turn: &Turn<'_>, button: DeviceButton) -> Result<Reply, ApplyError> {
    let here = |screen| Ok(Reply::here(Screen::Device(screen)));
    match button {
        DeviceButton::List => here(DeviceScreen::List),
        DeviceButton::Connect => Ok(Reply::with(Screen::Device(DeviceScreen::Apps))),
        DeviceButton::Add => here(DeviceScreen::Apps),
        DeviceButton::App(name) => match DeviceApp::parse(&name) {
            Some(app) => add(turn, app).await,
            None => here(DeviceScreen::Apps),
        },
        DeviceButton::Show(id) => here(DeviceScreen::One { id }),
        DeviceButton::AskRevoke(id) => here(DeviceScreen::AskRevoke { id }),
        DeviceButton::Revoke(id) => {
            turn.apply.store.revoke_device(turn.from.id, id).await?;
            Ok(Reply {
                toast: Some(turn.language.text("device-revoked")),
                ..Reply::here(Screen::Device(DeviceScreen::List))
            })
        }
        DeviceButton::Hide(id) => {
            // The picture in the message still holds the link.
            turn.apply.store.end_setup_link(turn.from.id, id).await?;
            here(DeviceScreen::Hidden { id })
        }
    }
}

async fn add(turn: &Turn<'_>, app: DeviceApp) -> Result<Reply, ApplyError> {
    let store = &turn.apply.store;
    let name = turn.language.text(&format!("device-app-{}", app.as_str()));
    let label = free_label(&name, &store.devices(turn.from.id).await?);
    let id = turn.record.derived_id("device");
    let outcome = store.prepare_device(id, turn.from.id, &label, app).await?;
    match outcome {
        PrepareDeviceOutcome::Done => Ok(Reply {
            screen: Some(Screen::Device(DeviceScreen::New { id })),
            ..Reply::here(Screen::Device(DeviceScreen::List))
        }),
        PrepareDeviceOutcome::TooMany => Ok(Reply::here(Screen::Device(DeviceScreen::TooMany))),
        PrepareDeviceOutcome::NoAccount => start::start(turn).await,
    }
}

/// The name, with a number where a device in use has it already.
fn free_label(name: &str, devices: &[Device]) -> String {
    let is_taken = |label: &str| {
        devices
            .iter()
            .any(|device| device.revoked_at.is_none() && device.label == label)
    };
    std::iter::once(name.to_owned())
        .chain((2..).map(|number| format!("{name} {number}")))
        .find(|label| !is_taken(label))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn label_gets_a_number_when_it_is_taken() {
        let device = |label: &str, is_revoked: bool| Device {
            id: Uuid::nil(),
            label: label.to_owned(),
            app: None,
            created_at: chrono::DateTime::UNIX_EPOCH,
            last_used_at: None,
            last_client: None,
            revoked_at: is_revoked.then_some(chrono::DateTime::UNIX_EPOCH),
        };
        assert_eq!(free_label("Mac", &[]), "Mac");
        assert_eq!(free_label("Mac", &[device("Mac", true)]), "Mac");
        assert_eq!(free_label("Mac", &[device("Mac", false)]), "Mac 2");
        let devices = [device("Mac", false), device("Mac 2", false)];
        assert_eq!(free_label("Mac", &devices), "Mac 3");
    }
}
