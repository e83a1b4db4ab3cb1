-- The invite loop: people, their calendars, events, attendees, cards, and the outbox.
-- Instants are timestamptz. Telegram ids are 1 to 2^52 (52 significant bits, Bot API, type User).

-- Everybody whose Telegram id we have met: owners of calendars, and people who were merely invited.
create table users (
    telegram_id bigint primary key check (telegram_id between 1 and 4503599627370496),
    name        text,
    username    text,
    language    text,
    -- IANA name; null until we know it.
    time_zone   text,
    -- Whether the bot can write to them; null until it was tried or they pressed Start.
    reachable   boolean,
    created_at  timestamptz not null default now()
);

-- One password for one calendar app, so that each can be revoked alone.
create table devices (
    id           uuid primary key,
    telegram_id  bigint not null references users on delete cascade,
    label        text not null,
    -- SHA-256 of 160 random bits; a slow hash would protect nothing more.
    secret_hash  bytea not null unique check (length(secret_hash) = 32),
    created_at   timestamptz not null default now(),
    last_used_at timestamptz,
    revoked_at   timestamptz
);
create index devices_by_owner on devices (telegram_id);

create table calendars (
    id           uuid primary key,
    owner        bigint not null references users on delete cascade,
    -- The last path segment of its URL.
    slug         text not null,
    display_name text not null,
    -- Raised by every change in it: getctag and the sync token.
    ctag         bigint not null default 1,
    created_at   timestamptz not null default now(),
    unique (owner, slug)
);

-- Calendar object resources (RFC 4791 section 4.1). A deleted one stays for a while as its own tombstone:
-- sync tells of it, and its cards still show what was cancelled.
create table events (
    id            uuid primary key,
    calendar_id   uuid not null references calendars on delete cascade,
    resource_name text not null,
    uid           text not null,
    component     text not null check (component in ('VEVENT', 'VTODO')),
    -- What GET returns. Not text: a fold may split a UTF-8 character (RFC 5545 section 3.1).
    object        bytea not null,
    etag          text not null,
    -- Raised by every change of the resource. Not the SEQUENCE property.
    sequence      bigint not null default 1,
    -- Raised by every write of the row: by a repeated answer, too, which changes nothing that a client sees
    -- and yet must be noticed by a press that was decided on before it.
    version       bigint not null default 1,
    -- The calendar's ctag at the last change.
    revision      bigint not null,
    -- The ORGANIZER as a normalised calendar user address; null where there is none.
    organizer     text,
    -- Whether the calendar's owner is the organizer, so that its attendees are ours to invite.
    owner_organizes boolean not null,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    deleted_at    timestamptz
);
create unique index events_resource_name on events (calendar_id, resource_name) where deleted_at is null;
create unique index events_uid on events (calendar_id, uid) where deleted_at is null;
create index events_by_revision on events (calendar_id, revision);

-- One row for each ATTENDEE of each component; status always equals the PARTSTAT in events.object.
create table event_attendees (
    event_id        uuid not null references events on delete cascade,
    -- '' for the master component.
    recurrence_id   text not null default '',
    -- Normalised calendar user address.
    address         text not null,
    -- Set for internal addresses.
    telegram_id     bigint,
    status          text not null,
    -- Whether we deliver to them: internal, not the organizer, SCHEDULE-AGENT=SERVER.
    invited         boolean not null,
    answered_at     timestamptz,
    -- The Bot API update that brought the answer.
    answered_by_update bigint,
    schedule_status text,
    primary key (event_id, recurrence_id, address)
);
create index event_attendees_by_person on event_attendees (telegram_id, event_id) where telegram_id is not null;

-- What the world must be told, written in the transaction that changes the state.
create table outbox_messages (
    id           uuid primary key,
    kind         text not null check (kind in ('invite_notification', 'rsvp_notification')),
    event_id     uuid not null references events on delete cascade,
    -- Whose card may be stale. Kind, event and person are the whole message: it carries keys, not content.
    telegram_id  bigint not null,
    state        text not null default 'pending' check (state in ('pending', 'published', 'completed', 'dead')),
    -- Raised when it has to be published anew: part of the message id, so that JetStream takes a repeat
    -- by a relay that crashed for what it is, and a deliberate one for a new message.
    publication  integer not null default 0,
    -- How often the consumer has tried.
    attempts     integer not null default 0,
    last_error   text,
    created_at   timestamptz not null default now(),
    -- pending: not to be claimed before. published: to be swept back to pending after.
    due_at       timestamptz not null default now(),
    settled_at   timestamptz
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
create index outbox_pending on outbox_messages (due_at) where state = 'pending';
create index outbox_published on outbox_messages (due_at) where state = 'published';
create index outbox_completed on outbox_messages (settled_at) where state = 'completed';
create index outbox_by_event on outbox_messages (event_id);

-- One card a person and event. The organizer's is the tally of the answers.
create table invite_cards (
    event_id      uuid not null references events on delete cascade,
    telegram_id   bigint not null,
    recurrence_id text not null default '',
    chat_id       bigint,
    message_id    bigint,
    -- Digest of what the message shows; null when that is unknown.
    rendered      text,
    -- "Change answer" was pressed: show the three buttons again.
    choosing      boolean not null default false,
    -- The one writer at present. A lease that ran out was held by a process that died in the middle.
    lease_holder  uuid,
    lease_until   timestamptz,
    primary key (event_id, telegram_id, recurrence_id)
);

create index invite_cards_by_message on invite_cards (telegram_id, message_id);

-- Further messages that show the same card: a send whose outcome was unknown was repeated.
create table invite_card_copies (
    event_id      uuid not null,
    telegram_id   bigint not null,
    recurrence_id text not null,
    message_id    bigint not null,
    rendered      text,
    primary key (event_id, telegram_id, recurrence_id, message_id),
    foreign key (event_id, telegram_id, recurrence_id) references invite_cards on delete cascade
);

create index invite_card_copies_by_message on invite_card_copies (telegram_id, message_id);

-- Bot API updates whose effect is committed. Ids are a bot's own.
create table processed_updates (
    bot_id       bigint not null,
    update_id    bigint not null,
    processed_at timestamptz not null default now(),
    primary key (bot_id, update_id)
);
create index processed_updates_by_age on processed_updates (processed_at);

-- Work that only one process of the fleet may do at a time.
create table leases (
    name       text primary key,
    holder     uuid not null,
    expires_at timestamptz not null
);

-- Messages that were given up, with everything needed to read and retry them.
create table dead_letters (
    id         uuid primary key,
    stream     text not null,
    subject    text not null,
    payload    jsonb not null,
    reason     text not null,
    deliveries bigint not null,
    -- The outbox row that it came from, if any.
    outbox_id  uuid,
    created_at timestamptz not null default now()
);
