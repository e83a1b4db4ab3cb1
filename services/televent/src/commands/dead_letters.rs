//! `televent dead-letters`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use televent_broker::UPDATES;
use televent_runtime::config::Config;
use televent_store::{DeadLetter, RetryOutcome, Store, Tries};
use uuid::Uuid;

use super::{ready_store, say};
use crate::arguments::{ChosenLetters, DeadLettersCommand};

/// Letters that `list` shows.
const LISTED: i64 = 100;

const NONE: &str = "there are none";

pub(crate) async fn run(config: &Config, command: DeadLettersCommand) -> anyhow::Result<ExitCode> {
    let store = ready_store(config).await?;
    match command {
        DeadLettersCommand::List { json } => list(&store, json).await?,
        DeadLettersCommand::Show { id } => {
            show(&store.dead_letter(id).await?.with_context(|| unknown(id))?);
        }
        DeadLettersCommand::Retry(chosen) => return retry(&store, &chosen).await,
        DeadLettersCommand::Drop(chosen) => return drop_letters(&store, &chosen).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(store: &Store, json: bool) -> anyhow::Result<()> {
    let letters = store.dead_letters(LISTED).await?;
    if json {
        say(serde_json::to_string(&letters)?);
        return Ok(());
    }
    if letters.is_empty() {
        say(NONE);
    }
    for letter in &letters {
        say(format_args!(
            "{}  {}  {}  {}",
            letter.id,
            letter.created_at.format("%F %R"),
            letter.subject,
            letter.reason
        ));
    }
    let more = store.count_dead_letters().await? - i64::try_from(letters.len())?;
    if more > 0 {
        say(format_args!("and {more} older ones"));
    }
    Ok(())
}

fn show(letter: &DeadLetter) {
    say(format_args!("id          {}", letter.id));
    if let Some(first_seen_at) = letter.first_seen_at {
        say(format_args!("first seen  {}", first_seen_at.to_rfc3339()));
    }
    say(format_args!(
        "given up    {}",
        letter.created_at.to_rfc3339()
    ));
    say(format_args!("stream      {}", letter.stream));
    say(format_args!("subject     {}", letter.subject));
    say(format_args!("deliveries  {}", letter.deliveries));
    if let Some(tries) = &letter.tries {
        say(format_args!("tries       {}", in_words(tries)));
        if let Some(error) = &tries.last_error {
            say(format_args!("last error  {error}"));
        }
    }
    say(format_args!("reason      {}", letter.reason));
    say(format_args!("retries     {}", letter.retries));
    for earlier in letter.history.iter() {
        say(format_args!(
            "earlier     given up {}, retried {}: {}",
            earlier.created_at.to_rfc3339(),
            earlier.retried_at.to_rfc3339(),
            earlier.reason
        ));
    }
    if let Some(outbox_id) = letter.outbox_id {
        say(format_args!("outbox row  {outbox_id}"));
    }
    say(format_args!("payload     {}", letter.payload));
}

fn in_words(tries: &Tries) -> String {
    let counted = [
        (tries.failed, "failed"),
        (Some(tries.unended), "came to no end"),
        (Some(tries.timeouts), "ran out of time"),
        (tries.publications, "publications"),
        (tries.sweeps, "of them because nothing was heard of it"),
    ];
    let parts: Vec<String> = counted
        .into_iter()
        .filter_map(|(count, what)| Some(format!("{} {what}", count?)))
        .collect();
    parts.join(", ")
}

async fn retry(store: &Store, chosen: &ChosenLetters) -> anyhow::Result<ExitCode> {
    let mut failed = Vec::new();
    let ids = ids(store, chosen).await?;
    for id in ids {
        match store.retry_dead_letter(id, UPDATES).await? {
            RetryOutcome::Retried if chosen.ids.len() == 1 => say("it is sent again"),
            RetryOutcome::Retried => say(format_args!("{id} is sent again")),
            RetryOutcome::NothingToSend => failed.push(format!(
                "{id} names no outbox row that is there, so nothing is known of it to be sent again; drop it"
            )),
            // Somebody else has dealt with it meanwhile.
            RetryOutcome::NoSuchLetter if chosen.all => {}
            RetryOutcome::NoSuchLetter => failed.push(unknown(id)),
        }
    }
    unless_failed(&failed)
}

async fn drop_letters(store: &Store, chosen: &ChosenLetters) -> anyhow::Result<ExitCode> {
    let mut failed = Vec::new();
    let ids = ids(store, chosen).await?;
    for id in ids {
        match store.drop_dead_letter(id).await? {
            true if chosen.ids.len() == 1 => say("dropped"),
            true => say(format_args!("{id} is dropped")),
            false if chosen.all => {}
            false => failed.push(unknown(id)),
        }
    }
    unless_failed(&failed)
}

/// What was chosen; says so if that is nothing.
async fn ids(store: &Store, chosen: &ChosenLetters) -> anyhow::Result<Vec<Uuid>> {
    if !chosen.all {
        return Ok(chosen.ids.clone());
    }
    let ids = store.dead_letter_ids().await?;
    if ids.is_empty() {
        say(NONE);
    }
    Ok(ids)
}

fn unless_failed(failed: &[String]) -> anyhow::Result<ExitCode> {
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    bail!(failed.join("\n"))
}

fn unknown(id: Uuid) -> String {
    format!("there is no dead letter {id}; see `televent dead-letters list`")
}
