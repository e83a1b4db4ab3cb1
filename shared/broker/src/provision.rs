//! Streams and consumers: the one place that says what they are, and makes them so.

use std::time::Duration;

use async_nats::{
    Client,
    jetstream::{
        self,
        consumer::{AckPolicy, pull},
        context::{CreateStreamError, CreateStreamErrorKind, GetStreamError, GetStreamErrorKind},
        stream::{
            Config, ConsumerError, ConsumerErrorKind, DiscardPolicy, PersistenceMode,
            RetentionPolicy, StorageType,
        },
    },
};

use tracing::warn;

use crate::{
    access::{Care, NatsUser},
    consumer::Consumer,
};

/// Cards that may be stale, and what the bot has to say.
pub const INVITES: &str = "INVITES";

/// Updates of the Bot API.
pub const UPDATES: &str = "UPDATES";

/// How long a message is kept, done or not: with Limits retention this bounds how full a stream gets. What
/// is lost of the invitations is published again from Postgres.
const INVITES_MAX_AGE: Duration = Duration::from_secs(6 * 60 * 60);

/// A single server does not wait for its disk at each message: that would be a thousand a second at most. What a power cut
/// or a killed server takes is published again by the relays. Of updates there is no other copy, so theirs waits; in a cluster the replicas'
/// log is written for many messages at once.
const INVITES_PERSIST_MODE: PersistenceMode = PersistenceMode::Async;

/// Longer than an update is tried; by then nobody waits for an answer.
const UPDATES_MAX_AGE: Duration = Duration::from_secs(12 * 60 * 60);

/// How much a stream may hold. When it is full a publish is refused, never an old message dropped. A
/// message has less than a kilobyte, so this is room for ten a second over the longest age.
const MAX_BYTES: i64 = 512 * 1024 * 1024;

/// How long `Nats-Msg-Id` is remembered.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// Replicas in a cluster that has as many nodes.
const CLUSTER_REPLICAS: usize = 3;

/// How long a consumer may work on a message before it is delivered again. Longer than a card's lease,
/// which is longer than the calls that are made under it.
pub const ACK_WAIT: Duration = Duration::from_secs(60);

/// Messages that all instances of a consumer together may be working on.
const MAX_ACK_PENDING: i64 = 1_000;

/// The notifier's durable consumer.
pub const NOTIFIER: Consumer = Consumer {
    stream: INVITES,
    durable: "notifier",
    // What waits for its moment must not keep what is urgent from being looked at: more than the relay's windows let through.
    concurrency: 96,
    ack_wait: ACK_WAIT,
};

/// The rsvp service's durable consumer.
pub const RSVP: Consumer = Consumer {
    stream: UPDATES,
    durable: "rsvp",
    concurrency: 16,
    ack_wait: ACK_WAIT,
};

/// Why streams and consumers are not as they must be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProvisionError {
    #[error(
        "JetStream is not enabled on the NATS server: start it with the project's nats.conf, or with -js"
    )]
    NoJetStream,
    #[error("a stream can't be read: {0}")]
    Get(#[from] GetStreamError),
    #[error("a stream can't be made or brought up to date: {0}")]
    Write(#[from] CreateStreamError),
    #[error("a consumer can't be made: {0}")]
    Consumer(#[from] ConsumerError),
}

impl ProvisionError {
    /// Whether nobody has answered, or only to say that JetStream can't be used now: another node of the cluster may be able to.
    pub(crate) fn is_of_the_node(&self) -> bool {
        let code = match self {
            Self::NoJetStream => return false,
            Self::Get(error) => match error.kind() {
                GetStreamErrorKind::Request => return true,
                GetStreamErrorKind::JetStream(error) => error.error_code(),
                _ => return false,
            },
            Self::Write(error) => match error.kind() {
                CreateStreamErrorKind::TimedOut | CreateStreamErrorKind::JetStreamUnavailable => {
                    return true;
                }
                CreateStreamErrorKind::JetStream(error) => error.error_code(),
                _ => return false,
            },
            Self::Consumer(error) => match error.kind() {
                ConsumerErrorKind::TimedOut | ConsumerErrorKind::Request => return true,
                ConsumerErrorKind::JetStream(error) => error.error_code(),
                _ => return false,
            },
        };
        code == jetstream::ErrorCode::CLUSTER_NOT_AVAILABLE
    }
}

/// Makes or updates what `user` looks after. Running it twice, or in two processes at once, changes nothing.
pub(crate) async fn provision(
    client: &Client,
    jetstream: &jetstream::Context,
    user: NatsUser,
) -> Result<(), ProvisionError> {
    let server = client.server_info();
    if !server.jetstream {
        return Err(ProvisionError::NoJetStream);
    }
    // A cluster may hide its nodes from clients, so they can't be counted here: the server knows whether
    // it has enough.
    let replicas = if server.cluster.is_some() {
        CLUSTER_REPLICAS
    } else {
        1
    };
    for (name, care) in user.streams() {
        ensure_stream(jetstream, stream_config(name, replicas), *care).await?;
    }
    for consumer in user.consumers() {
        jetstream
            .get_stream_no_info(consumer.stream)
            .await?
            .create_consumer(consumer_config(*consumer))
            .await?;
    }
    Ok(())
}

/// What is published to a stream.
pub(crate) fn subjects_of(stream: &str) -> &'static [&'static str] {
    match stream {
        UPDATES => &["televent.update.>"],
        _ => &["televent.invite.>", "televent.chat.>"],
    }
}

fn stream_config(name: &str, replicas: usize) -> Config {
    let max_age = match name {
        UPDATES => UPDATES_MAX_AGE,
        _ => INVITES_MAX_AGE,
    };
    Config {
        name: name.to_owned(),
        subjects: subjects_of(name)
            .iter()
            .map(|subject| (*subject).to_owned())
            .collect(),
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        max_age,
        max_bytes: MAX_BYTES,
        duplicate_window: DUPLICATE_WINDOW,
        num_replicas: replicas,
        persist_mode: (name == INVITES && replicas == 1).then_some(INVITES_PERSIST_MODE),
        ..Config::default()
    }
}

/// The configuration that consumers are made with.
pub(crate) fn consumer_config(consumer: Consumer) -> pull::Config {
    pull::Config {
        durable_name: Some(consumer.durable.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: consumer.ack_wait,
        max_ack_pending: MAX_ACK_PENDING,
        ..pull::Config::default()
    }
}

async fn ensure_stream(
    jetstream: &jetstream::Context,
    wanted: Config,
    care: Care,
) -> Result<(), ProvisionError> {
    let present = match jetstream.get_stream(&wanted.name).await {
        Ok(stream) => stream.cached_info().config.clone(),
        Err(error) if is_not_found(&error) => {
            return write_stream(jetstream, wanted, None).await;
        }
        Err(error) => return Err(error.into()),
    };
    if care == Care::Make {
        return Ok(());
    }
    // The server can't replicate a stream that does not wait for the disk, nor change that.
    let one_server = present.persist_mode == Some(PersistenceMode::Async);
    if one_server && wanted.num_replicas > 1 {
        warn!(
            stream = wanted.name,
            "the stream was made for a single server, and stays on one: delete it (nats stream rm), and restart this process; \
             what was in it is published again from Postgres"
        );
    }
    // Replicas are only ever raised: a node that is down must not shrink a stream.
    let wanted = Config {
        num_replicas: if one_server {
            present.num_replicas
        } else {
            wanted.num_replicas.max(present.num_replicas)
        },
        persist_mode: present.persist_mode,
        ..wanted
    };
    let differs = present.subjects != wanted.subjects
        || present.max_age != wanted.max_age
        || present.max_bytes != wanted.max_bytes
        || present.discard != wanted.discard
        || present.duplicate_window != wanted.duplicate_window
        || present.num_replicas != wanted.num_replicas;
    if differs {
        write_stream(jetstream, wanted, Some(&present)).await?;
    }
    Ok(())
}

/// Makes or updates a stream; with as many replicas as there are where the cluster has too few nodes for the wanted.
async fn write_stream(
    jetstream: &jetstream::Context,
    wanted: Config,
    present: Option<&Config>,
) -> Result<(), ProvisionError> {
    let write = |config: Config| async {
        match present {
            None => jetstream.create_stream(config).await.map(|_| ()),
            Some(_) => jetstream.update_stream(config).await.map(|_| ()),
        }
    };
    let fallback = present.map_or(1, |present| present.num_replicas);
    match write(wanted.clone()).await {
        Ok(()) => Ok(()),
        Err(error) if wanted.num_replicas > fallback && has_too_few_nodes(&error) => {
            warn!(%error, stream = wanted.name, replicas = fallback, "the cluster has too few nodes for three replicas");
            let fewer = Config {
                num_replicas: fallback,
                ..wanted
            };
            Ok(write(fewer).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Says what of a user's is missing, and makes nothing.
pub(crate) async fn missing(
    jetstream: &jetstream::Context,
    user: NatsUser,
) -> Result<Vec<String>, ProvisionError> {
    let mut missing = Vec::new();
    for (name, _) in user.streams() {
        match jetstream.get_stream(name).await {
            Ok(_) => {}
            Err(error) if is_not_found(&error) => missing.push(format!("stream {name}")),
            Err(error) => return Err(error.into()),
        }
    }
    for consumer in user.consumers() {
        let found = jetstream
            .get_stream_no_info(consumer.stream)
            .await?
            .consumer_info(consumer.durable)
            .await;
        if found.is_err() {
            missing.push(format!("consumer {}", consumer.durable));
        }
    }
    Ok(missing)
}

fn has_too_few_nodes(error: &CreateStreamError) -> bool {
    matches!(
        error.kind(),
        CreateStreamErrorKind::JetStream(error)
            if [
                jetstream::ErrorCode::CLUSTER_NO_PEERS,
                jetstream::ErrorCode::INSUFFICIENT_RESOURCES,
                jetstream::ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED,
            ]
            .contains(&error.error_code())
    )
}

fn is_not_found(error: &GetStreamError) -> bool {
    matches!(
        error.kind(),
        GetStreamErrorKind::JetStream(error)
            if error.error_code() == jetstream::ErrorCode::STREAM_NOT_FOUND
    )
}
