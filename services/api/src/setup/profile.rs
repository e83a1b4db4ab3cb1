//! The configuration profile that sets up the calendar of an iPhone, iPad or Mac (Apple, "Configuration Profile Reference",
//! CalDAV payload). Its ids follow from the device, so that one that is loaded again takes the place of the first.

use plist::{Dictionary, Value};
use sha2::{Digest as _, Sha256};
use televent_store::UsedLink;
use url::Url;
use uuid::Uuid;

/// Of profiles: what makes the system offer to install one.
pub(super) const MEDIA_TYPE: &str = "application/x-apple-aspen-config";

/// Of each payload, by Apple.
const PAYLOAD_VERSION: i64 = 1;

const NAME: &str = "Televent";

/// The profile, as XML.
pub(super) fn profile_of(
    used: &UsedLink,
    server: &Url,
    username: &str,
) -> Result<Vec<u8>, plist::Error> {
    let is_secure = server.scheme() == "https";
    let identifier = format!("televent.device.{}", used.device_id);
    let base = server.path().trim_end_matches('/');
    let mut account = payload(
        "com.apple.caldav.account",
        &format!("{identifier}.caldav"),
        derived(used.device_id, "caldav"),
    );
    for (key, value) in [
        ("CalDAVAccountDescription", Value::from(NAME)),
        (
            "CalDAVHostName",
            Value::from(server.host_str().unwrap_or_default()),
        ),
        (
            "CalDAVPort",
            Value::from(server.port_or_known_default().unwrap_or_default()),
        ),
        ("CalDAVUseSSL", Value::from(is_secure)),
        (
            "CalDAVPrincipalURL",
            Value::from(format!("{base}/dav/principals/{}/", used.telegram_id)),
        ),
        ("CalDAVUsername", Value::from(username)),
        ("CalDAVPassword", Value::from(used.secret.reveal())),
    ] {
        account.insert(key.to_owned(), value);
    }
    let mut profile = payload(
        "Configuration",
        &identifier,
        derived(used.device_id, "profile"),
    );
    profile.insert(
        "PayloadDescription".to_owned(),
        Value::from(format!("CalDAV, {}", server.host_str().unwrap_or_default())),
    );
    profile.insert(
        "PayloadContent".to_owned(),
        Value::Array(vec![Value::Dictionary(account)]),
    );
    let mut xml = Vec::new();
    Value::Dictionary(profile).to_writer_xml(&mut xml)?;
    Ok(xml)
}

fn payload(kind: &str, identifier: &str, id: Uuid) -> Dictionary {
    [
        ("PayloadType", Value::from(kind)),
        ("PayloadVersion", Value::from(PAYLOAD_VERSION)),
        ("PayloadIdentifier", Value::from(identifier)),
        (
            "PayloadUUID",
            Value::from(id.hyphenated().to_string().to_uppercase()),
        ),
        ("PayloadDisplayName", Value::from(NAME)),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// The same for the same device.
fn derived(device_id: Uuid, what: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(format!("televent {device_id} {what}")).into();
    let mut bytes = [0; 16];
    for (byte, source) in bytes.iter_mut().zip(digest) {
        *byte = source;
    }
    Uuid::new_v8(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use televent_calendar::TelegramUserId;
    use televent_store::{DeviceApp, DeviceSecret};

    fn used() -> UsedLink {
        UsedLink {
            device_id: Uuid::from_u128(7),
            telegram_id: TelegramUserId::new(98_765).unwrap(),
            label: "iPhone".to_owned(),
            app: DeviceApp::Iphone,
            language: None,
            secret: DeviceSecret::from_random([1; 20]),
        }
    }

    /// The account in a profile for this server.
    fn account(server: &str) -> Dictionary {
        let xml = profile_of(&used(), &server.parse().unwrap(), "tg_98765").unwrap();
        let profile = Value::from_reader_xml(&*xml).unwrap();
        let profile = profile.as_dictionary().unwrap();
        assert_eq!(
            profile.get("PayloadType").unwrap().as_string(),
            Some("Configuration")
        );
        let content = profile.get("PayloadContent").unwrap().as_array().unwrap();
        assert_eq!(content.len(), 1);
        content[0].as_dictionary().unwrap().clone()
    }

    #[test]
    fn profile_has_what_the_calendar_asks_for() {
        let account = account("https://cal.example/");
        let text = |key: &str| account.get(key).unwrap().as_string().unwrap();
        assert_eq!(text("PayloadType"), "com.apple.caldav.account");
        assert_eq!(text("CalDAVHostName"), "cal.example");
        assert_eq!(text("CalDAVPrincipalURL"), "/dav/principals/98765/");
        assert_eq!(text("CalDAVUsername"), "tg_98765");
        assert_eq!(text("CalDAVPassword"), used().secret.reveal());
        assert_eq!(
            account.get("CalDAVPort").unwrap().as_signed_integer(),
            Some(443)
        );
        assert_eq!(
            account.get("CalDAVUseSSL").unwrap().as_boolean(),
            Some(true)
        );
    }

    #[test]
    fn port_scheme_and_path_are_those_of_the_public_url() {
        let account = account("http://127.0.0.1:8080/cal/");
        assert_eq!(
            account.get("CalDAVPort").unwrap().as_signed_integer(),
            Some(8080)
        );
        assert_eq!(
            account.get("CalDAVUseSSL").unwrap().as_boolean(),
            Some(false)
        );
        assert_eq!(
            account.get("CalDAVPrincipalURL").unwrap().as_string(),
            Some("/cal/dav/principals/98765/")
        );
    }

    #[test]
    fn ids_stay_and_differ() {
        let device = Uuid::from_u128(7);
        assert_eq!(derived(device, "caldav"), derived(device, "caldav"));
        assert_ne!(derived(device, "caldav"), derived(device, "profile"));
        assert_ne!(
            derived(device, "caldav"),
            derived(Uuid::from_u128(8), "caldav")
        );
    }
}
