//! Whether the server allows what a user has to do, asked without doing it.

use std::time::Duration;

use async_nats::jetstream::message::PublishMessage;

use crate::{
    Broker,
    access::{Care, NatsUser},
    provision::subjects_of,
    pull::NO_REQUEST,
    refusals::Refusal,
};

/// Nothing has this name: no stream takes a message that is meant for it, and no message has such an ack.
const NOTHING: &str = "none";

/// How long the last refusals may take to be told, once the server has answered what was asked after them.
const SETTLING: Duration = Duration::from_millis(100);

impl Broker {
    /// The permissions that this connection's user lacks, in the server's words.
    ///
    /// # Errors
    /// When there is no connection.
    pub async fn lacking_permissions(&self) -> Result<Vec<String>, String> {
        self.refusals.take_all();
        self.ask_for_everything()
            .await
            .map_err(|error| error.to_string())?;
        self.round_trip().await;
        tokio::time::sleep(SETTLING).await;
        let lacking = self.refusals.take_all();
        Ok(lacking
            .into_iter()
            .filter_map(|refusal| match refusal {
                Refusal::Permission(what) => Some(what),
                Refusal::Key => None,
            })
            .collect())
    }

    async fn ask_for_everything(&self) -> Result<(), async_nats::Error> {
        for subject in asked_for(self.user) {
            let inbox = self.client.new_inbox();
            self.client
                .publish_with_reply(subject, inbox, NO_REQUEST.into())
                .await?;
        }
        for stream in self.user.publishes_to() {
            for subject in subjects_of(stream) {
                let message = PublishMessage::build().expected_stream(NOTHING);
                // Nobody waits for the ack.
                let _ack = self
                    .jetstream
                    .send_publish(subject.replace('>', NOTHING), message)
                    .await?;
            }
        }
        Ok(())
    }

    /// Returns once the server has read what was sent before, or after a while.
    pub(crate) async fn round_trip(&self) {
        if let Some((stream, _)) = self.user.streams().first() {
            // Any answer will do: it comes after whatever was asked before.
            let _answer = self.jetstream.get_stream(stream).await;
        }
    }
}

fn asked_for(user: NatsUser) -> Vec<String> {
    let mut subjects = Vec::new();
    for (stream, care) in user.streams() {
        let mut verbs = vec!["INFO", "CREATE"];
        if *care == Care::Keep {
            verbs.push("UPDATE");
        }
        subjects.extend(
            verbs
                .iter()
                .map(|verb| format!("$JS.API.STREAM.{verb}.{stream}")),
        );
    }
    for consumer in user.consumers() {
        let name = format!("{}.{}", consumer.stream, consumer.durable);
        for verb in ["INFO", "CREATE", "MSG.NEXT"] {
            subjects.push(format!("$JS.API.CONSUMER.{verb}.{name}"));
        }
        subjects.push(format!("$JS.ACK.{name}.{NOTHING}"));
    }
    subjects
}
