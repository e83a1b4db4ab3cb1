//! The pace of the bot: two processes, chats, groups, urgency, and a pause.

use std::time::Duration;

use anyhow::{Result, bail};
use televent_store::{Pace, PaceRequest, Store, Urgency};

use crate::support::{BOB, BOT, Ground, SAM};

const ZERO: Duration = Duration::ZERO;
/// So long that a slow machine does not come to its end meanwhile.
const GAP: Duration = Duration::from_secs(10);
/// How much later the statement after may be.
const SLACK: Duration = Duration::from_secs(3);

fn request(chat_id: i64, urgency: Urgency) -> PaceRequest {
    PaceRequest {
        bot_id: BOT,
        chat_id,
        gap: ZERO,
        chat_gap: ZERO,
        urgency,
        again: false,
    }
}

fn is_about(wait: Duration, expected: Duration) -> bool {
    wait <= expected && wait + SLACK >= expected
}

fn other_process(ground: &Ground) -> Result<Store> {
    Ok(Store::connect_lazy(&ground.database.url)?)
}

#[tokio::test]
async fn two_processes_share_one_pace() -> Result<()> {
    let ground = Ground::new().await?;
    let other = other_process(&ground)?;
    let gap = Duration::from_millis(50);
    let ask = |chat_id| PaceRequest {
        gap,
        ..request(chat_id, Urgency::Awaited)
    };
    // Planned at once, they are a gap apart, whoever asks.
    let mut waits = Vec::new();
    for round in 0..10 {
        let (a, b) = (ask(2 * round), ask(2 * round + 1));
        let (one, two) = tokio::join!(ground.store.take_pace(&a), other.take_pace(&b));
        for pace in [one?, two?] {
            let Pace::Taken(wait) = pace else {
                bail!("{pace:?}");
            };
            waits.push(wait);
        }
    }
    // What has passed since the first is taken off the later ones.
    let last = waits.iter().max().copied().unwrap_or_default();
    assert!(last <= gap * 19, "{waits:?}");
    let next_at =
        "select (extract(epoch from next_at - clock_timestamp()) > 0)::text from bot_paces";
    let taken: Vec<String> = ground.rows("select count(*)::text from chat_paces").await?;
    assert_eq!(taken, ["0"], "chats without a limit leave nothing behind");
    assert_eq!(ground.rows(next_at).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn chat_rests_after_a_message_and_others_do_not() -> Result<()> {
    let ground = Ground::new().await?;
    let other = other_process(&ground)?;
    let ask = |chat_id, chat_gap| PaceRequest {
        chat_gap,
        ..request(chat_id, Urgency::Awaited)
    };
    assert_eq!(
        ground.store.take_pace(&ask(BOB, GAP)).await?,
        Pace::Taken(ZERO)
    );
    let again = other.take_pace(&ask(BOB, GAP)).await?;
    assert!(
        matches!(again, Pace::ChatRests(wait) if is_about(wait, GAP)),
        "{again:?}"
    );
    assert_eq!(other.take_pace(&ask(SAM, GAP)).await?, Pace::Taken(ZERO));
    // A group rests for longer; its id is another's than any person's.
    let group = ask(-1_001_234, GAP * 3);
    assert_eq!(ground.store.take_pace(&group).await?, Pace::Taken(ZERO));
    let again = other.take_pace(&group).await?;
    assert!(
        matches!(again, Pace::ChatRests(wait) if is_about(wait, GAP * 3)),
        "{again:?}"
    );
    // Nor do the chats of another bot.
    let other_bot = PaceRequest {
        bot_id: BOT + 1,
        ..ask(BOB, GAP)
    };
    assert_eq!(other.take_pace(&other_bot).await?, Pace::Taken(ZERO));
    Ok(())
}

#[tokio::test]
async fn urgent_takes_its_moment_from_under_bulk() -> Result<()> {
    let ground = Ground::new().await?;
    let gap = Duration::from_secs(1);
    let ask = |urgency| {
        let request = PaceRequest {
            gap,
            ..request(BOB, urgency)
        };
        let store = ground.store.clone();
        async move { store.take_pace(&request).await }
    };
    assert_eq!(ask(Urgency::Bulk).await?, Pace::Taken(ZERO));
    // Bulk must come back just before the moment is there; it has taken nothing.
    for _ in 0..3 {
        let bulk = ask(Urgency::Bulk).await?;
        assert!(matches!(bulk, Pace::Later(wait) if wait <= gap), "{bulk:?}");
    }
    // What somebody waits for has it, and the one after.
    let urgent = ask(Urgency::Awaited).await?;
    assert!(
        matches!(urgent, Pace::Taken(wait) if wait <= gap),
        "{urgent:?}"
    );
    let urgent = ask(Urgency::Awaited).await?;
    assert!(
        matches!(urgent, Pace::Taken(wait) if wait > Duration::from_millis(500) && wait <= gap * 2),
        "{urgent:?}"
    );
    // Not without bounds: then it is late as well.
    let urgent = ask(Urgency::Awaited).await?;
    assert!(matches!(urgent, Pace::Later(_)), "{urgent:?}");
    let soon = ask(Urgency::Soon).await?;
    assert!(matches!(soon, Pace::Later(wait) if wait > gap), "{soon:?}");
    Ok(())
}

#[tokio::test]
async fn pause_holds_for_all_processes_and_is_never_shortened() -> Result<()> {
    let ground = Ground::new().await?;
    let other = other_process(&ground)?;
    assert_eq!(other.bot_pause(BOT).await?, ZERO);
    ground.store.pause_bot(BOT, GAP).await?;
    other.pause_bot(BOT, Duration::from_secs(1)).await?;
    assert!(is_about(other.bot_pause(BOT).await?, GAP));
    for urgency in [Urgency::Awaited, Urgency::Bulk] {
        let pace = other.take_pace(&request(BOB, urgency)).await?;
        assert!(
            matches!(pace, Pace::Paused(wait) if is_about(wait, GAP)),
            "{pace:?}"
        );
    }
    assert_eq!(other.bot_pause(BOT + 1).await?, ZERO);
    // It ends exactly then.
    let short = Duration::from_millis(300);
    ground.store.pause_bot(BOT + 1, short).await?;
    let ask = PaceRequest {
        bot_id: BOT + 1,
        ..request(BOB, Urgency::Bulk)
    };
    let begun = std::time::Instant::now();
    loop {
        match other.take_pace(&ask).await? {
            Pace::Paused(wait) => tokio::time::sleep(wait).await,
            pace => {
                assert_eq!(pace, Pace::Taken(ZERO));
                break;
            }
        }
    }
    assert!(begun.elapsed() + Duration::from_millis(50) >= short);
    Ok(())
}
