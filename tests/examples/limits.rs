//! A thousand invitations over three notifiers at Telegram's limits, while somebody presses: how fast it goes, and what the pressing
//! one waits for. `target/debug/with-servers -- cargo run -p televent-tests --example limits` runs it, for a minute; nothing else should
//! run meanwhile.

#![allow(clippy::print_stdout, reason = "it is a program that tells figures")]

#[path = "../tests/limits/crowd.rs"]
mod crowd;

use std::time::Duration;

use chrono::Utc;
use televent_tests::{KIRILL, until};
use tokio::time::Instant;

use crowd::{CROWD, add_crowd, calls_taken, invite, limited_world, refused, until_card};

#[tokio::main]
async fn main() {
    const PEOPLE: i64 = 1_000;
    let world = limited_world(2).await;
    let ann = world.add_people().await;
    invite(&ann, "plan", [KIRILL].into_iter()).await;
    let mut card = until_card(&world, KIRILL).await;
    add_crowd(&world, PEOPLE).await;
    world.telegram.reset_meter().await;
    let begun = Instant::now();
    let begun_at = Utc::now();
    for part in 0..10 {
        let first = CROWD + part * PEOPLE / 10;
        invite(&ann, &format!("crowd-{part}"), first..first + PEOPLE / 10).await;
    }
    let mut on_card = Vec::new();
    while world.telegram.meter().await.total < PEOPLE && begun.elapsed() < Duration::from_secs(120)
    {
        let pressed_at = Instant::now();
        let asks = card.labels().iter().any(|label| label.ends_with("Accept"));
        let label = if asks { "Accept" } else { "Change answer" };
        world.press(&card, label).await;
        card = until("the card to change", async || {
            let now = world.telegram.messages(KIRILL).await.pop()?;
            (now.edits > card.edits).then_some(now)
        })
        .await;
        on_card.push(pressed_at.elapsed());
        tokio::time::sleep(Duration::from_millis(900)).await;
    }
    let meter = world.telegram.meter().await;
    let last = calls_taken(&world).await.last().copied().expect("calls") - begun_at;
    on_card.sort_unstable();
    let of = |percent: usize| {
        on_card
            .get((on_card.len() * percent / 100).min(on_card.len() - 1))
            .copied()
    };
    println!("cards and edits      {}", meter.total);
    println!("most in a second     {}", meter.max_per_second);
    println!("most in a chat       {}", meter.max_per_second_per_chat);
    println!("refused (429)        {}", refused(&world).await);
    println!("answers to presses   {:?}", meter.answers);
    println!(
        "press to card        p50 {:?} p99 {:?} of {}",
        of(50),
        of(99),
        on_card.len()
    );
    println!("last card after      {} ms", last.num_milliseconds());
    world.abandon();
}
