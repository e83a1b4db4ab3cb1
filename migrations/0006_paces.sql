-- The limits of Telegram: which message goes first, and when the bot may call next.

alter table outbox_messages
    -- 0: somebody waits for it. 1: about what begins soon. 2: everything else.
    add column urgency      smallint not null default 2 check (urgency between 0 and 2),
    -- How often it was published anew because nobody had settled it; each time the wait is longer. `publication` counts what
    -- was given back to wait here, too.
    add column sweeps       integer not null default 0,
    add column published_at timestamptz;
drop index outbox_pending;
create index outbox_pending on outbox_messages (urgency, due_at) where state = 'pending';

-- The urgency of what is to be told of an event: a change of it matters more on the day before. Of a series only the bounds are
-- known here; one that has begun may meet again at any time.
create function urgency_of_event(first_occurrence timestamptz, last_occurrence timestamptz) returns smallint
    language sql stable
    return case
        when isfinite(first_occurrence)
            and first_occurrence <= now() + interval '24 hours'
            -- Null while it is written: without end.
            and coalesce(last_occurrence, 'infinity') >= now() then 1::smallint
        else 2::smallint
    end;

-- Where all processes together stand, of each bot. Nothing here outlives a crash of Postgres, and nothing need: so no write
-- waits for the disk.
create unlogged table bot_paces (
    bot_id       bigint primary key,
    -- The first moment that no call has taken.
    next_at      timestamptz not null default '-infinity',
    -- Telegram has asked for quiet until then (429).
    paused_until timestamptz not null default '-infinity'
) with (fillfactor = 10);

-- The same of each chat that the bot has written to.
create unlogged table chat_paces (
    chat_id bigint not null,
    bot_id  bigint not null,
    next_at timestamptz not null,
    primary key (chat_id, bot_id)
) with (fillfactor = 70);

-- Takes the right to make one call, `wait` seconds from now; or says why not, and after how many seconds to ask again.
-- Durations are in seconds. A gap is the time between two calls; with a gap of 0 there is no such limit.
-- `ahead` is how far into the future a call may be planned: who may plan further goes first. `again` is said by whoever has missed the
-- moment that was taken: the chat rests on account of that call, which is still to be made.
create function take_pace(
    bot bigint, chat bigint, gap double precision, chat_gap double precision, ahead double precision, again boolean,
    out outcome text, out wait double precision
) language plpgsql as $$
declare
    pace bot_paces;
    chat_next timestamptz := '-infinity';
    present timestamptz;
    moment timestamptz;
    -- A call to a chat that must wait longer is not planned: that would waste what all others could send until then.
    chat_ahead constant interval := interval '0.1 seconds';
begin
    insert into bot_paces (bot_id) select bot where not exists (select from bot_paces where bot_id = bot)
    on conflict do nothing;
    -- Whoever has this row is alone, so that chats need no lock.
    select * into pace from bot_paces where bot_id = bot for update;
    present := clock_timestamp();
    if chat_gap > 0 and not again then
        select next_at into chat_next from chat_paces where chat_id = chat and bot_id = bot;
        chat_next := coalesce(chat_next, '-infinity');
    end if;
    moment := greatest(present, pace.next_at, chat_next);
    if pace.paused_until > present then
        outcome := 'paused';
        moment := pace.paused_until;
    elsif chat_next > present + chat_ahead and chat_next > pace.next_at then
        outcome := 'chat';
    elsif gap > 0 and moment > present + ahead * interval '1 second' then
        outcome := 'later';
        moment := moment - ahead * interval '1 second';
    else
        outcome := 'taken';
        if gap > 0 then
            update bot_paces set next_at = moment + gap * interval '1 second' where bot_id = bot;
        end if;
        if chat_gap > 0 then
            insert into chat_paces (chat_id, bot_id, next_at) values (chat, bot, moment + chat_gap * interval '1 second')
            on conflict (chat_id, bot_id) do update set next_at = excluded.next_at;
        end if;
    end if;
    wait := extract(epoch from moment - present);
end
$$;
