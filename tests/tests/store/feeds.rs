//! Secret URLs of calendars.

use anyhow::Result;
use televent_store::{FeedSecret, INBOX_SLUG};

use crate::support::{ANN, BOB, Ground, person};

#[tokio::test]
async fn feed_opens_its_calendar_until_it_is_revoked_or_renewed() -> Result<()> {
    let ground = Ground::new().await?;
    ground.calendar(ANN, "work").await?;
    let secrets = [1, 2, 3].map(|byte| FeedSecret::from_random([byte; 20]));
    let [first, second, other] = &secrets;
    let opens = async |secret: &FeedSecret| {
        let read = FeedSecret::parse(&secret.reveal())?;
        let found = ground.store.feed_calendar(&read).await?;
        anyhow::Ok(found.map(|calendar| (calendar.owner, calendar.slug)))
    };
    let ctags = ground.calendars().await?;
    assert_eq!(opens(first).await?, None);
    assert!(ground.store.set_feed(person(ANN), "default", first).await?);
    assert!(ground.store.set_feed(person(ANN), "work", other).await?);
    assert_eq!(
        opens(first).await?,
        Some((person(ANN), "default".to_owned()))
    );
    assert_eq!(opens(other).await?, Some((person(ANN), "work".to_owned())));

    assert!(
        ground
            .store
            .set_feed(person(ANN), "default", second)
            .await?
    );
    assert_eq!(opens(first).await?, None, "the old URL works no more");
    assert_eq!(
        opens(second).await?,
        Some((person(ANN), "default".to_owned()))
    );
    let feeds = ground.store.feeds(person(ANN)).await?;
    assert_eq!(
        feeds
            .iter()
            .map(|feed| feed.slug.as_str())
            .collect::<Vec<_>>(),
        ["default", "work"]
    );

    assert!(ground.store.revoke_feed(person(ANN), "default").await?);
    assert!(
        !ground.store.revoke_feed(person(ANN), "default").await?,
        "once is enough"
    );
    assert_eq!(opens(second).await?, None);
    assert_eq!(ground.store.feeds(person(ANN)).await?.len(), 1);
    assert_eq!(ground.calendars().await?, ctags, "devices need not notice");
    Ok(())
}

#[tokio::test]
async fn feed_is_made_by_the_owner_and_its_secret_is_not_kept() -> Result<()> {
    let ground = Ground::new().await?;
    let secret = FeedSecret::from_random([1; 20]);
    assert!(
        !ground
            .store
            .set_feed(person(BOB), "default", &secret)
            .await?
    );
    assert!(
        !ground
            .store
            .set_feed(person(ANN), "nothing", &secret)
            .await?
    );
    assert!(
        !ground
            .store
            .set_feed(person(ANN), INBOX_SLUG, &secret)
            .await?,
        "messages are nobody else's to read"
    );
    assert!(!ground.store.revoke_feed(person(BOB), "default").await?);
    assert_eq!(ground.store.feeds(person(ANN)).await?, []);
    assert!(
        ground
            .store
            .set_feed(person(ANN), "default", &secret)
            .await?
    );
    let stored = ground
        .rows("select encode(feed_hash, 'hex') from calendars where feed_hash is not null")
        .await?;
    assert!(
        !stored[0].contains("0101010101"),
        "what is stored must not be the secret"
    );
    Ok(())
}
