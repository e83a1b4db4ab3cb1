-- Who may see when somebody is busy.

alter table users
    -- Who is told when they are busy: their own choice. Null for what the server's directory says.
    add column free_busy text check (free_busy in ('everyone', 'acquaintances', 'nobody'));

-- Whom somebody has picked in Telegram, to invite them. It is the picker who knows the picked, and lets them see when the
-- picker is busy; the picked have agreed to nothing.
create table picked_users (
    picker    bigint not null references users on delete cascade,
    -- They need not be known otherwise.
    picked    bigint not null check (picked between 1 and 4503599627370496),
    picked_at timestamptz not null default now(),
    primary key (picker, picked),
    check (picker <> picked)
);
