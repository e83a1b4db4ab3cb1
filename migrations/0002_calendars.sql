-- Many calendars an account, reports, sync that expires, feeds, and people who find each other.

alter table calendars
    -- CALDAV:supported-calendar-component-set.
    add column components   text[] not null default '{VEVENT,VTODO,VJOURNAL,VFREEBUSY}',
    -- CALDAV:calendar-timezone as iCalendar text, or calendar-timezone-id (RFC 7809); at most one of them is set.
    add column time_zone    text,
    add column time_zone_id text,
    -- CALDAV:schedule-calendar-transp: its events leave the owner free.
    add column transparent  boolean not null default false,
    -- Dead properties: [{"namespace", "name", "xml"}].
    add column properties   jsonb not null default '[]',
    -- Sync tokens below this ctag have expired, since the tombstones from then are gone.
    add column sync_floor   bigint not null default 0,
    -- Sum of length(object) of its living events, kept by every statement that writes an object.
    add column bytes        bigint not null default 0,
    -- SHA-256 of the secret in the URL of its feed.
    add column feed_hash    bytea unique check (length(feed_hash) = 32),
    add column feed_made_at timestamptz,
    add column deleted_at   timestamptz,
    drop constraint calendars_owner_slug_key;
create unique index calendars_owner_slug on calendars (owner, slug) where deleted_at is null;
create index calendars_deleted on calendars (deleted_at) where deleted_at is not null;

update calendars c set bytes = (
    select coalesce(sum(length(e.object)), 0) from events e where e.calendar_id = c.id and e.deleted_at is null
);

alter table events
    drop constraint events_component_check,
    add constraint events_component_check check (component in ('VEVENT', 'VTODO', 'VJOURNAL', 'VFREEBUSY')),
    -- When its first instance begins and its last one ends, widened so that it holds in every zone. Rows from before
    -- this migration are not known to have bounds.
    add column first_occurrence timestamptz not null default '-infinity',
    add column last_occurrence  timestamptz not null default 'infinity',
    -- RFC 6638 section 3.2.10: changes with each write of the owner's, not with an answer of others.
    add column schedule_tag     text,
    -- Dead properties, as those of calendars.
    add column properties       jsonb not null default '[]';
update events set schedule_tag = etag;
alter table events alter column schedule_tag set not null;
-- In the order of the id, in which reports page. Series without end are as many rows in the order of time, too, and would
-- have to be sorted anew for each page.
create index events_by_occurrence on events (calendar_id, id, last_occurrence, first_occurrence)
    where deleted_at is null;
-- Those that have attendees.
create index events_scheduled on events (calendar_id, id) where deleted_at is null and organizer is not null;

-- What Postgres knows of the table chooses among its indexes, and a first import makes it wrong: it is refreshed sooner.
alter table events set (autovacuum_analyze_threshold = 200, autovacuum_analyze_scale_factor = 0.02);

-- Names at which a resource was and is no more, for sync. A row of events that is deleted stays for its cards.
create table event_tombstones (
    calendar_id   uuid not null references calendars on delete cascade,
    resource_name text not null,
    -- The calendar's ctag when it went.
    revision      bigint not null,
    gone_at       timestamptz not null default now(),
    primary key (calendar_id, resource_name)
);
create index event_tombstones_by_revision on event_tombstones (calendar_id, revision);
create index event_tombstones_by_age on event_tombstones (gone_at);

insert into event_tombstones (calendar_id, resource_name, revision, gone_at)
select calendar_id, resource_name, max(revision), max(deleted_at) from events e
where deleted_at is not null and not exists (
    select from events living
    where living.calendar_id = e.calendar_id and living.resource_name = e.resource_name and living.deleted_at is null
)
group by calendar_id, resource_name;

create index events_deleted on events (deleted_at) where deleted_at is not null;

alter table users
    -- Where invitations go (CALDAV:schedule-default-calendar-URL); null for the first that takes events.
    add column default_calendar uuid references calendars on delete set null;
create index users_default_calendar on users (default_calendar) where default_calendar is not null;

alter table devices
    -- What it said it was when it was last seen (User-Agent).
    add column last_client text;

-- Dead properties of collections that have no row of their own.
create table collection_properties (
    owner      bigint not null references users on delete cascade,
    collection text not null check (collection in ('principal', 'home', 'inbox', 'outbox')),
    properties jsonb not null,
    primary key (owner, collection)
);

-- Those who share a living meeting with somebody, as its organizer or as invited by it, and they themselves. Only invitations
-- that the server delivers count, for those are seen by whom they name: what anybody writes into an object of their own
-- must not make strangers known. Of each of the asker's calendars, and of the meetings that they are invited to, only the
-- newest are looked at.
create function acquaintances(asker bigint, newest bigint) returns setof bigint language sql stable as $$
    with meetings as (
        select own.id from calendars c cross join lateral (
            select e.id from events e
            where e.calendar_id = c.id and e.deleted_at is null and e.organizer is not null and e.owner_organizes
            order by e.id desc limit newest
        ) own
        where c.owner = asker and c.deleted_at is null
        union
        select attended.event_id from (
            select a.event_id from event_attendees a
            where a.telegram_id = asker and a.invited order by a.event_id desc limit newest
        ) attended
        join events e on e.id = attended.event_id
        where e.deleted_at is null and e.owner_organizes
    )
    select asker
    union
    select a.telegram_id from meetings m join event_attendees a on a.event_id = m.id
    where a.telegram_id is not null and a.invited
    union
    select c.owner from meetings m join events e on e.id = m.id join calendars c on c.id = e.calendar_id
$$;
