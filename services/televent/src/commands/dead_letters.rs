//! `televent dead-letters`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use televent_broker::{Broker, UPDATES};
use televent_runtime::config::Config;
use uuid::Uuid;

use super::{ready_store, say, serve::required_nats};
use crate::arguments::DeadLettersCommand;

/// Lines that `list` shows.
const LISTED: i64 = 100;

pub(crate) async fn run(config: &Config, command: DeadLettersCommand) -> anyhow::Result<ExitCode> {
    let store = ready_store(config).await?;
    match command {
        DeadLettersCommand::List => {
            let letters = store.dead_letters(LISTED).await?;
            if letters.is_empty() {
                say("there are none");
            }
            for letter in letters {
                say(format_args!(
                    "{}  {}  {}  {}",
                    letter.id,
                    letter.created_at.format("%F %R"),
                    letter.subject,
                    letter.reason
                ));
            }
        }
        DeadLettersCommand::Show { id } => {
            let letter = store.dead_letter(id).await?.with_context(|| unknown(id))?;
            say(format_args!("id          {}", letter.id));
            say(format_args!(
                "given up    {}",
                letter.created_at.to_rfc3339()
            ));
            say(format_args!("stream      {}", letter.stream));
            say(format_args!("subject     {}", letter.subject));
            say(format_args!("deliveries  {}", letter.deliveries));
            say(format_args!("reason      {}", letter.reason));
            if let Some(outbox_id) = letter.outbox_id {
                say(format_args!("outbox row  {outbox_id}"));
            }
            say(format_args!("payload     {}", letter.payload));
        }
        DeadLettersCommand::Retry { id } => {
            let letter = store.dead_letter(id).await?.with_context(|| unknown(id))?;
            // An update is in no table: it is published again before its letter is closed. A letter with
            // an outbox row is published by a relay, which finds it pending.
            if letter.outbox_id.is_none() {
                if letter.stream != UPDATES {
                    bail!(
                        "this message names no outbox row, so nothing is known of it to be sent again; drop it"
                    );
                }
                // What is no JSON that Postgres can hold is kept as a text.
                let payload = match letter.payload {
                    serde_json::Value::String(text) => text.into_bytes(),
                    json => serde_json::to_vec(&json)?,
                };
                let broker = Broker::connect(required_nats(config)?).await?;
                broker
                    .publish(letter.subject, &format!("retry-{id}"), payload)
                    .await?;
            }
            store.close_dead_letter(id, true).await?;
            say("it is sent again");
        }
        DeadLettersCommand::Drop { id } => {
            if !store.close_dead_letter(id, false).await? {
                bail!(unknown(id));
            }
            say("dropped");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(id: Uuid) -> String {
    format!("there is no dead letter {id}; see `televent dead-letters list`")
}
