//! The devices of an account: by which name they come in, when they no longer do, and what is noted of them.

use anyhow::Result;
use televent_store::{DeviceSecret, NewUser};
use uuid::Uuid;

use crate::support::{ANN, CALENDAR, EVENT, Ground, basic, object, person};

/// Ann, as she is at Telegram.
fn ann(username: Option<&str>) -> NewUser<'_> {
    NewUser {
        telegram_id: person(ANN),
        name: "Ann",
        username,
        language: None,
        time_zone: None,
        reachable: None,
        calendar_id: Uuid::now_v7(),
    }
}

async fn with_device(ground: &Ground, secret: &DeviceSecret) -> Result<Uuid> {
    let id = Uuid::now_v7();
    assert!(
        ground
            .store
            .add_device(id, person(ANN), "laptop", secret)
            .await?
    );
    Ok(id)
}

async fn status(ground: &Ground, username: &str, secret: &DeviceSecret) -> Result<u16> {
    let authorization = basic(username, &secret.reveal())?;
    let headers = [("authorization", authorization.as_str())];
    Ok(ground.send("OPTIONS", CALENDAR, &headers, "").await?.status)
}

#[tokio::test]
async fn name_at_telegram_is_a_username_in_any_case() -> Result<()> {
    let ground = Ground::new().await?;
    ground.store.add_user(&ann(Some("Ann_Example"))).await?;
    let secret = DeviceSecret::from_random([1; 20]);
    with_device(&ground, &secret).await?;
    for username in [
        "@Ann_Example",
        "@ann_example",
        "@ANN_EXAMPLE",
        "tg_1001",
        "1001",
    ] {
        assert_eq!(status(&ground, username, &secret).await?, 200, "{username}");
    }
    for username in [
        "ann_example",
        "@ann",
        "@ann_example2",
        "@@ann_example",
        "@ ann_example",
        "@eve",
        "@",
    ] {
        assert_eq!(status(&ground, username, &secret).await?, 401, "{username}");
    }
    // The name of yesterday may be somebody else's by now.
    ground.store.add_user(&ann(Some("annie"))).await?;
    assert_eq!(status(&ground, "@ann_example", &secret).await?, 401);
    assert_eq!(status(&ground, "@annie", &secret).await?, 200);
    Ok(())
}

#[tokio::test]
async fn revoked_device_is_refused_from_its_next_request_on_and_others_are_not() -> Result<()> {
    let ground = Ground::new().await?;
    let secret = DeviceSecret::from_random([1; 20]);
    let id = with_device(&ground, &secret).await?;
    let authorization = basic("tg_1001", &secret.reveal())?;
    let headers = [("authorization", authorization.as_str())];
    assert_eq!(
        ground
            .send("PUT", EVENT, &headers, object("uid-a", ""))
            .await?
            .status,
        201
    );
    assert!(ground.store.revoke_device(person(ANN), id).await?);
    for method in ["GET", "PUT", "DELETE"] {
        let answer = ground
            .send(method, EVENT, &headers, object("uid-a", "X-A:1\r\n"))
            .await?;
        assert_eq!(answer.status, 401, "{method}");
    }
    assert_eq!(ground.get(EVENT).await?.text(), object("uid-a", ""));
    Ok(())
}

#[tokio::test]
async fn what_a_device_says_it_is_is_noted() -> Result<()> {
    let ground = Ground::new().await?;
    let secret = DeviceSecret::from_random([1; 20]);
    let id = with_device(&ground, &secret).await?;
    let authorization = basic("tg_1001", &secret.reveal())?;
    let seen = async |client: Option<&str>| -> Result<(Option<String>, bool)> {
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(client.map(|client| ("user-agent", client)));
        ground.send("OPTIONS", CALENDAR, &headers, "").await?;
        let devices = ground.store.devices(person(ANN)).await?;
        let device = devices
            .into_iter()
            .find(|device| device.id == id)
            .expect("the device");
        Ok((device.last_client, device.last_used_at.is_some()))
    };
    let known = |name: &str| (Some(name.to_owned()), true);
    assert_eq!(
        seen(Some("iOS/19.0 dataaccessd/1.0")).await?,
        known("iOS/19.0 dataaccessd/1.0")
    );
    ground
        .sql("update devices set last_used_at = last_used_at - interval '6 minutes'")
        .await?;
    assert_eq!(seen(None).await?, known("iOS/19.0 dataaccessd/1.0"));
    assert_eq!(
        seen(Some("iOS/19.0 remindd/1.0")).await?,
        known("iOS/19.0 remindd/1.0")
    );
    ground
        .sql("update devices set last_used_at = last_used_at - interval '6 minutes'")
        .await?;
    assert_eq!(
        seen(Some(&"x".repeat(1_000))).await?,
        known(&"x".repeat(200))
    );
    Ok(())
}

#[tokio::test]
async fn what_a_refused_device_says_is_not_noted() -> Result<()> {
    let ground = Ground::new().await?;
    let secret = DeviceSecret::from_random([1; 20]);
    let id = with_device(&ground, &secret).await?;
    ground.store.revoke_device(person(ANN), id).await?;
    let authorization = basic("tg_1001", &secret.reveal())?;
    let headers = [
        ("authorization", authorization.as_str()),
        ("user-agent", "curl"),
    ];
    assert_eq!(
        ground.send("OPTIONS", CALENDAR, &headers, "").await?.status,
        401
    );
    let noted = ground
        .rows("select last_client from devices where last_client is not null")
        .await?;
    assert_eq!(noted, [""; 0]);
    Ok(())
}
