-- Updates come in while JetStream is away, and what a message that was given up has been through is kept.

-- Updates of the Bot API that JetStream has not taken. They wait here until it does; in good times there are none.
create table received_updates (
    -- Its `Nats-Msg-Id`: an update is the same however often Telegram delivers it.
    message_id text primary key,
    subject    text not null,
    -- What is published, byte for byte. Not jsonb, which can't hold U+0000.
    payload    bytea not null,
    stored_at  timestamptz not null default now()
);
create index received_updates_by_age on received_updates (stored_at);

-- Messages that are, or were, in trouble: of all others there is nothing to remember between their deliveries.
create table troubled_messages (
    stream        text not null,
    -- Its `Nats-Msg-Id` up to the first dot; what follows tells deliberate repeats apart.
    message_id    text not null,
    -- Tries that were begun and came to no end: the process died, or the handler panicked.
    unended       integer not null default 0,
    -- Tries that ran out of time.
    timeouts      integer not null default 0,
    last_error    text,
    -- Of what an operator has retried: its dead letters so far, oldest first, and how many there were.
    retried       jsonb not null default '[]',
    retries       integer not null default 0,
    first_seen_at timestamptz,
    noted_at      timestamptz not null default now(),
    primary key (stream, message_id)
);
create index troubled_messages_by_age on troubled_messages (noted_at);

alter table dead_letters
    -- As in troubled_messages.
    add column message_id    text,
    -- When its outbox row was written, or when JetStream first stored it.
    add column first_seen_at timestamptz,
    -- What its tries came to.
    add column tries         jsonb,
    -- As troubled_messages.retried and retries, when it was given up.
    add column history       jsonb not null default '[]',
    add column retries       integer not null default 0;
