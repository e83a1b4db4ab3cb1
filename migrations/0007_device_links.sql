-- Devices that are added in the bot, and the links under which they are set up.

alter table devices
    -- Null until the message is written that shows the password: it is made there, and stored nowhere.
    alter column secret_hash drop not null,
    -- What it is set up in, as its owner said in the bot.
    add column app text check (app in ('iphone', 'mac', 'android', 'thunderbird', 'other'));

-- One link a device, for one use.
create table device_links (
    device_id  uuid primary key references devices on delete cascade,
    -- SHA-256 of the token that stands in the link: 160 random bits.
    token_hash bytea not null unique check (length(token_hash) = 32),
    -- The device's password XOR the token, a one-time pad: the row alone tells nothing. Null once it was used.
    pad        bytea check (length(pad) = 20),
    expires_at timestamptz not null,
    used_at    timestamptz,
    check ((pad is null) = (used_at is not null))
);
create index device_links_by_age on device_links (expires_at);
