//! Devices that get their password when it is shown, and the links under which they are set up.

use std::time::Duration;

use anyhow::{Context as _, Result};
use televent_store::{
    DeviceApp, DeviceSecret, LinkState, MAX_DEVICES, PrepareDeviceOutcome, SetupToken,
};
use uuid::Uuid;

use crate::support::{ANN, BOB, Ground, person};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn secret(byte: u8) -> DeviceSecret {
    DeviceSecret::from_random([byte; 20])
}

fn token(byte: u8) -> SetupToken {
    SetupToken::from_random([byte; 20])
}

impl Ground {
    async fn phone(&self) -> Result<Uuid> {
        let id = Uuid::now_v7();
        let outcome = self
            .store
            .prepare_device(id, person(ANN), "iPhone", DeviceApp::Iphone)
            .await?;
        assert_eq!(outcome, PrepareDeviceOutcome::Done);
        Ok(id)
    }

    async fn arm(&self, id: Uuid, secret: &DeviceSecret, token: &SetupToken) -> Result<bool> {
        Ok(self
            .store
            .arm_device(person(ANN), id, secret, token, HOUR)
            .await?)
    }

    async fn opens(&self, secret: &DeviceSecret) -> Result<bool> {
        Ok(self.store.authenticate(secret, None, None).await?.is_some())
    }

    async fn state(&self, token: &SetupToken) -> Result<Option<LinkState>> {
        Ok(self.store.setup_link(token).await?.map(|link| link.state))
    }

    /// The password that a link gives.
    async fn given(&self, token: &SetupToken) -> Result<Option<String>> {
        let used = self.store.use_setup_link(token).await?;
        Ok(used.map(|link| link.secret.reveal()))
    }
}

#[tokio::test]
async fn link_gives_the_password_once_and_the_rows_alone_do_not() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground.phone().await?;
    assert!(ground.arm(id, &secret(0x5a), &token(0x33)).await?);
    assert!(ground.opens(&secret(0x5a)).await?);
    let rows = ground
        .rows("select d::text || l::text from devices d join device_links l on l.device_id = d.id")
        .await?
        .concat();
    assert!(
        !rows.contains("5a5a5a") && !rows.contains("333333"),
        "{rows}"
    );

    let link = ground.store.setup_link(&token(0x33)).await?;
    let link = link.context("the link is known")?;
    assert_eq!(
        (link.label.as_str(), link.app, link.state),
        ("iPhone", DeviceApp::Iphone, LinkState::Open)
    );
    assert_eq!(ground.given(&token(0x34)).await?, None);
    assert_eq!(
        ground.given(&token(0x33)).await?,
        Some(secret(0x5a).reveal())
    );
    assert_eq!(ground.given(&token(0x33)).await?, None);
    assert_eq!(ground.state(&token(0x33)).await?, Some(LinkState::Used));
    Ok(())
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_gets_the_password() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground.phone().await?;
    ground.arm(id, &secret(1), &token(2)).await?;
    let (token, again) = (token(2), token(2));
    let (one, other) = ground
        .race(
            "select from device_links for update",
            ground.given(&token),
            ground.given(&again),
        )
        .await?;
    let given: Vec<String> = [one?, other?].into_iter().flatten().collect();
    assert_eq!(given, [secret(1).reveal()]);
    Ok(())
}

#[tokio::test]
async fn a_new_password_replaces_one_that_nobody_has_used() -> Result<()> {
    let ground = Ground::new().await?;
    let id = ground.phone().await?;
    assert!(ground.arm(id, &secret(1), &token(2)).await?);
    assert!(ground.arm(id, &secret(3), &token(4)).await?);
    assert!(!ground.opens(&secret(1)).await?);
    assert_eq!(ground.state(&token(2)).await?, None);
    assert_eq!(ground.given(&token(4)).await?, Some(secret(3).reveal()));
    // The link was used, and then the password.
    assert!(!ground.arm(id, &secret(5), &token(6)).await?);
    assert!(ground.opens(&secret(3)).await?);
    assert!(!ground.arm(id, &secret(5), &token(6)).await?);
    assert!(!ground.opens(&secret(5)).await?);

    let used = ground.phone().await?;
    assert!(ground.arm(used, &secret(7), &token(8)).await?);
    assert!(ground.opens(&secret(7)).await?);
    assert!(!ground.arm(used, &secret(9), &token(10)).await?);
    assert!(ground.opens(&secret(7)).await?);
    Ok(())
}

#[tokio::test]
async fn link_ends_with_its_time_its_device_and_when_it_is_told_to() -> Result<()> {
    let ground = Ground::new().await?;
    let phones = [
        ground.phone().await?,
        ground.phone().await?,
        ground.phone().await?,
    ];
    for (byte, id) in (1..).zip(phones) {
        ground.arm(id, &secret(byte), &token(byte)).await?;
    }
    ground.store.end_setup_link(person(BOB), phones[0]).await?;
    assert_eq!(ground.state(&token(1)).await?, Some(LinkState::Open));
    ground.store.end_setup_link(person(ANN), phones[0]).await?;
    assert!(ground.store.revoke_device(person(ANN), phones[1]).await?);
    ground
        .sql("update device_links set expires_at = now() - interval '1 second' where expires_at > now() + interval '59 minutes'
              and device_id = (select id from devices where revoked_at is null order by id desc limit 1)")
        .await?;
    for byte in 1..=3 {
        assert_eq!(ground.state(&token(byte)).await?, Some(LinkState::Expired));
        assert_eq!(ground.given(&token(byte)).await?, None);
    }
    assert!(ground.opens(&secret(1)).await?, "the password goes on");
    assert!(!ground.opens(&secret(2)).await?);
    ground
        .sql("update device_links set expires_at = now() - interval '25 hours'")
        .await?;
    assert_eq!(ground.store.purge().await?, 3);
    assert_eq!(ground.state(&token(1)).await?, None);
    Ok(())
}

#[tokio::test]
async fn device_is_prepared_once_for_an_account_with_room_for_it() -> Result<()> {
    let ground = Ground::new().await?;
    let prepare = async |id: Uuid, who: i64| {
        ground
            .store
            .prepare_device(id, person(who), "Phone", DeviceApp::Android)
            .await
    };
    assert_eq!(
        prepare(Uuid::now_v7(), BOB).await?,
        PrepareDeviceOutcome::NoAccount
    );
    let mut last = Uuid::now_v7();
    for _ in 0..MAX_DEVICES {
        last = Uuid::now_v7();
        assert_eq!(prepare(last, ANN).await?, PrepareDeviceOutcome::Done);
    }
    assert_eq!(prepare(last, ANN).await?, PrepareDeviceOutcome::Done);
    let next = Uuid::now_v7();
    assert_eq!(prepare(next, ANN).await?, PrepareDeviceOutcome::TooMany);
    assert!(ground.store.revoke_device(person(ANN), last).await?);
    assert_eq!(prepare(next, ANN).await?, PrepareDeviceOutcome::Done);
    let device = ground.store.device(person(ANN), next).await?;
    let device = device.context("the device is there")?;
    assert_eq!(
        (
            device.label.as_str(),
            device.app.as_deref(),
            device.last_used_at
        ),
        ("Phone", Some("android"), None)
    );
    assert!(ground.store.device(person(BOB), next).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn no_device_is_prepared_for_an_account_that_is_gone() -> Result<()> {
    let ground = Ground::new().await?;
    for calendar in ground.store.collections(person(ANN)).await? {
        ground.store.remove_calendar(calendar).await?;
    }
    let outcome = ground
        .store
        .prepare_device(Uuid::now_v7(), person(ANN), "Phone", DeviceApp::Android)
        .await?;
    assert_eq!(outcome, PrepareDeviceOutcome::NoAccount);
    assert_eq!(ground.rows("select label from devices").await?, [""; 0]);
    Ok(())
}
