//! Accounts, calendars and devices.

use anyhow::{Context as _, Result};
use televent_store::{DeviceSecret, NewUser, OwnPlace};
use uuid::Uuid;

use crate::support::{ANN, BOB, Draft, Ground, SAM, account, person};

#[tokio::test]
async fn account_is_made_once_and_known_values_stay() -> Result<()> {
    let ground = Ground::new().await?;
    let calendar_id = Uuid::now_v7();
    let bob = NewUser {
        name: "Bob",
        username: Some("bob"),
        language: Some("de"),
        time_zone: Some("Europe/Vienna"),
        reachable: Some(true),
        ..account(BOB, calendar_id)
    };
    assert!(ground.store.add_user(&bob).await?);
    assert!(
        !ground
            .store
            .add_user(&NewUser {
                name: "Robert",
                ..account(BOB, Uuid::now_v7())
            })
            .await?
    );

    assert_eq!(
        ground.rows("select concat_ws(' ', name, username, language, time_zone, reachable) from users where telegram_id = 98765").await?,
        ["Robert bob de Europe/Vienna t"]
    );
    let calendars = ground.store.calendars(person(BOB)).await?;
    assert_eq!(
        calendars
            .iter()
            .map(|calendar| (calendar.id, calendar.slug.as_str(), calendar.ctag))
            .collect::<Vec<_>>(),
        [(calendar_id, "default", 1)]
    );
    Ok(())
}

#[tokio::test]
async fn account_made_twice_at_once_has_one_calendar() -> Result<()> {
    let ground = Ground::new().await?;
    let (first, second) = (account(BOB, Uuid::now_v7()), account(BOB, Uuid::now_v7()));
    let gate = format!("insert into users (telegram_id) values ({BOB})");
    let (a, b) = ground
        .race(
            &gate,
            ground.store.add_user(&first),
            ground.store.add_user(&second),
        )
        .await?;
    assert_ne!(a?, b?, "one of them must make it");
    assert_eq!(ground.store.calendars(person(BOB)).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn who_was_merely_invited_has_no_account() -> Result<()> {
    let ground = Ground::new().await?;
    ground.store.set_reachable(person(BOB), false).await?;
    ground.store.set_reachable(person(BOB), true).await?;
    assert_eq!(
        ground
            .rows("select reachable::text from users where telegram_id = 98765")
            .await?,
        ["true"]
    );
    assert_eq!(ground.store.user(person(BOB)).await?, None);
    assert_eq!(ground.store.user(person(SAM)).await?, None);
    assert_eq!(
        ground.store.user(person(ANN)).await?.map(|user| user.name),
        Some("Ann".to_owned())
    );
    assert!(
        !ground
            .store
            .add_device(
                Uuid::now_v7(),
                person(BOB),
                "phone",
                &DeviceSecret::from_random([1; 20])
            )
            .await?
    );
    Ok(())
}

#[tokio::test]
async fn default_calendar_comes_first() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .sql("insert into calendars (id, owner, slug, display_name, created_at) values (gen_random_uuid(), 1001, 'a', 'Old', 'epoch')")
        .await?;
    let slugs: Vec<_> = ground
        .store
        .calendars(person(ANN))
        .await?
        .into_iter()
        .map(|calendar| calendar.slug)
        .collect();
    assert_eq!(slugs, ["default", "a"]);
    assert_eq!(
        ground
            .store
            .calendar(person(ANN), "a")
            .await?
            .map(|calendar| calendar.properties.display_name),
        Some("Old".to_owned())
    );
    assert_eq!(ground.store.calendar(person(ANN), "b").await?, None);
    assert_eq!(ground.store.calendar(person(BOB), "default").await?, None);
    assert!(
        ground
            .store
            .slot(person(BOB), "default", "a.ics")
            .await?
            .is_none()
    );
    Ok(())
}

#[tokio::test]
async fn device_opens_its_owners_account_and_no_other() -> Result<()> {
    let ground = Ground::new().await?;
    ground
        .store
        .add_user(&NewUser {
            name: "Bob",
            ..account(BOB, Uuid::now_v7())
        })
        .await?;
    let (anns, bobs) = (
        DeviceSecret::from_random([1; 20]),
        DeviceSecret::from_random([2; 20]),
    );
    assert!(
        ground
            .store
            .add_device(Uuid::now_v7(), person(ANN), "phone", &anns)
            .await?
    );
    assert!(
        ground
            .store
            .add_device(Uuid::now_v7(), person(BOB), "laptop", &bobs)
            .await?
    );

    let may = async |secret: &DeviceSecret| {
        let login = ground.store.authenticate(secret, None, None).await?;
        anyhow::Ok(login.map(|asker| (asker.user.telegram_id, asker.user.name)))
    };
    assert_eq!(may(&anns).await?, Some((person(ANN), "Ann".to_owned())));
    assert_eq!(may(&bobs).await?, Some((person(BOB), "Bob".to_owned())));
    assert_eq!(may(&DeviceSecret::from_random([3; 20])).await?, None);
    Ok(())
}

/// A device of Ann's.
async fn phone(ground: &Ground) -> Result<DeviceSecret> {
    let secret = DeviceSecret::from_random([1; 20]);
    ground
        .store
        .add_device(Uuid::now_v7(), person(ANN), "phone", &secret)
        .await?;
    Ok(secret)
}

#[tokio::test]
async fn with_the_asker_comes_what_is_at_a_place_of_their_own() -> Result<()> {
    let ground = Ground::new().await?;
    let secret = phone(&ground).await?;
    ground
        .event("one.ics", &Draft::new("uid-one", "one", &[]))
        .await?;
    let seen = async |slug, resource_name| {
        let place = OwnPlace {
            slug,
            resource_name,
        };
        let asker = ground
            .store
            .authenticate(&secret, None, Some(place))
            .await?;
        anyhow::Ok(asker.context("she may")?.slot)
    };
    let slot = seen("default", Some("one.ics")).await?.context("her own")?;
    let same = ground.store.slot(person(ANN), "default", "one.ics").await?;
    let same = same.context("the same")?;
    assert_eq!(
        (&slot.calendar, &slot.event, slot.owner_bytes),
        (&same.calendar, &same.event, same.owner_bytes)
    );
    assert!(slot.event.is_some_and(|event| event.object == b"one"));
    let slot = seen("default", Some("two.ics")).await?.context("her own")?;
    assert_eq!(slot.event, None);
    let slot = seen("default", None).await?.context("her own")?;
    assert_eq!((slot.calendar, slot.event), (same.calendar, None));
    assert!(seen("work", Some("one.ics")).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn revoked_device_is_out_at_once_and_the_others_stay() -> Result<()> {
    let ground = Ground::new().await?;
    let (phone, laptop) = (
        DeviceSecret::from_random([1; 20]),
        DeviceSecret::from_random([2; 20]),
    );
    let (phone_id, laptop_id) = (Uuid::now_v7(), Uuid::now_v7());
    ground
        .store
        .add_device(phone_id, person(ANN), "phone", &phone)
        .await?;
    ground
        .store
        .add_device(laptop_id, person(ANN), "laptop", &laptop)
        .await?;

    assert!(
        !ground.store.revoke_device(person(BOB), phone_id).await?,
        "it is not Bob's"
    );
    assert!(ground.store.revoke_device(person(ANN), phone_id).await?);
    assert!(
        !ground.store.revoke_device(person(ANN), phone_id).await?,
        "once is enough"
    );
    assert!(
        ground
            .store
            .authenticate(&phone, None, None)
            .await?
            .is_none()
    );
    assert!(
        ground
            .store
            .authenticate(&laptop, None, None)
            .await?
            .is_some()
    );

    let devices = ground.store.devices(person(ANN)).await?;
    let listed: Vec<_> = devices
        .iter()
        .map(|device| (device.label.as_str(), device.revoked_at.is_some()))
        .collect();
    assert_eq!(listed, [("laptop", false), ("phone", true)]);
    Ok(())
}

#[tokio::test]
async fn password_can_not_be_given_to_two_devices() -> Result<()> {
    let ground = Ground::new().await?;
    let secret = phone(&ground).await?;
    assert!(
        ground
            .store
            .add_device(Uuid::now_v7(), person(ANN), "laptop", &secret)
            .await
            .is_err()
    );
    let stored = ground
        .rows("select encode(secret_hash, 'hex') from devices")
        .await?;
    assert!(
        !stored[0].contains("0101010101"),
        "what is stored must not be the password"
    );
    Ok(())
}

#[tokio::test]
async fn last_use_of_a_device_is_known_to_the_hour() -> Result<()> {
    let ground = Ground::new().await?;
    let secret = phone(&ground).await?;
    let last_use = async || anyhow::Ok(ground.store.devices(person(ANN)).await?[0].last_used_at);
    assert_eq!(last_use().await?, None);
    ground.store.authenticate(&secret, None, None).await?;
    let first = last_use().await?;
    assert!(first.is_some());
    ground.store.authenticate(&secret, None, None).await?;
    assert_eq!(last_use().await?, first);
    ground
        .sql("update devices set last_used_at = now() - interval '61 minutes'")
        .await?;
    ground.store.authenticate(&secret, None, None).await?;
    assert!(last_use().await? > first);
    Ok(())
}

#[tokio::test]
async fn device_tells_which_app_used_it_now_and_then() -> Result<()> {
    let ground = Ground::new().await?;
    let secret = phone(&ground).await?;
    let client_after = async |client: Option<&str>| {
        assert!(
            ground
                .store
                .authenticate(&secret, client, None)
                .await?
                .is_some()
        );
        anyhow::Ok(
            ground.store.devices(person(ANN)).await?[0]
                .last_client
                .clone(),
        )
    };
    let used_before =
        |minutes| format!("update devices set last_used_at = now() - interval '{minutes} minutes'");
    assert_eq!(
        client_after(Some("iOS/18 accountsd")).await?.as_deref(),
        Some("iOS/18 accountsd")
    );
    // The programs of one phone take turns: that is no news each time.
    assert_eq!(
        client_after(Some("iOS/18 dataaccessd")).await?.as_deref(),
        Some("iOS/18 accountsd")
    );
    ground.sql(&used_before(6)).await?;
    assert_eq!(
        client_after(None).await?.as_deref(),
        Some("iOS/18 accountsd")
    );
    assert_eq!(
        client_after(Some("iOS/18 dataaccessd")).await?.as_deref(),
        Some("iOS/18 dataaccessd")
    );
    ground.sql(&used_before(61)).await?;
    assert_eq!(
        client_after(None).await?.as_deref(),
        Some("iOS/18 dataaccessd")
    );
    ground.sql(&used_before(61)).await?;
    let long = "é".repeat(300);
    assert_eq!(client_after(Some(&long)).await?, Some("é".repeat(200)));
    Ok(())
}
