-- What people read in Telegram, and what they tell the bot.

alter table users
    -- The language that they chose in the bot; null for what Telegram says (language).
    add column chosen_language text check (chosen_language in ('en', 'de', 'ru', 'ar')),
    -- Which answers to an organizer's meetings make their phone ring.
    add column pings           text not null default 'important' check (pings in ('all', 'important', 'none'));

alter table invite_cards
    -- The facts that the message shows, as the notifier wrote them: a press on other facts answers another question.
    add column shown      jsonb,
    -- The facts that the reader has answered to, or was first shown: what differs from them is shown as a change.
    add column baseline   jsonb,
    -- What a message of its own has told last: the time and place of an invitation, the answers of a tally.
    add column told       jsonb,
    -- When the message was last written.
    add column written_at timestamptz;

-- Messages of the bot that are no cards: what they show is named, and read and rendered when they are sent.
create table chat_messages (
    id          uuid primary key,
    telegram_id bigint not null,
    -- Which screen, and of what.
    screen      jsonb not null,
    -- The message to be edited, or the one that was sent.
    message_id  bigint,
    -- Raised whenever the message shall show something else.
    version     bigint not null default 0,
    -- The one writer at present, as of invite_cards.
    lease_holder uuid,
    lease_until  timestamptz,
    created_at  timestamptz not null default now(),
    unique (telegram_id, message_id)
);
create index chat_messages_by_age on chat_messages (created_at);

-- What somebody is asked by the bot at present.
create table dialogs (
    telegram_id bigint primary key references users on delete cascade,
    step        jsonb not null,
    updated_at  timestamptz not null default now()
);

alter table outbox_messages
    alter column event_id drop not null,
    add column chat_message_id uuid references chat_messages on delete cascade,
    drop constraint outbox_messages_kind_check,
    add constraint outbox_messages_kind_check
        check (kind in ('invite_notification', 'rsvp_notification', 'chat_message')),
    add constraint outbox_messages_subject_check check (num_nonnulls(event_id, chat_message_id) = 1);
create index outbox_by_chat_message on outbox_messages (chat_message_id) where chat_message_id is not null;
