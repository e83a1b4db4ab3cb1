-- The whole life of an invitation: copies in the calendars of the invited, and the scheduling inbox (RFC 6638).

alter table calendars
    -- An inbox holds scheduling messages (RFC 6638 section 2.2): everybody with an account has one, and it is no calendar.
    add column kind text not null default 'calendar' check (kind in ('calendar', 'inbox'));

insert into calendars (id, owner, slug, display_name, kind)
select gen_random_uuid(), owner, 'inbox', 'Inbox', 'inbox'
from (select distinct owner from calendars where deleted_at is null) as account;

alter table events
    -- The calendar's owner, for scheduling object resources (those with an ORGANIZER); null for others and for messages.
    add column scheduling_owner   bigint,
    -- Of an attendee's copy, or of a message in an inbox: the organizer's object. Null once that is purged.
    add column organizer_event_id uuid references events on delete set null,
    -- METHOD of a scheduling message; null for calendar object resources.
    add column method             text check (method in ('REQUEST', 'CANCEL', 'REPLY'));
-- Several messages may speak of one object.
drop index events_uid;
create unique index events_uid on events (calendar_id, uid) where deleted_at is null and method is null;
-- Messages that nobody deals with go after a while.
create index events_messages_by_age on events (updated_at) where deleted_at is null and method is not null;
-- CALDAV:unique-scheduling-object-resource. Where somebody has one object in two calendars from before, the oldest counts.
update events e set scheduling_owner = c.owner
from calendars c
where c.id = e.calendar_id and e.organizer is not null and e.deleted_at is null and not exists (
    select from events other join calendars oc on oc.id = other.calendar_id
    where oc.owner = c.owner and other.uid = e.uid and other.deleted_at is null and other.organizer is not null
      and (other.created_at, other.id) < (e.created_at, e.id)
);
create unique index events_scheduling_uid on events (scheduling_owner, uid)
    where deleted_at is null and scheduling_owner is not null;
create index events_by_organizer_event on events (organizer_event_id) where organizer_event_id is not null;

alter table event_attendees
    -- When they were asked for the answer that is open or given: a press from before it answers another question.
    add column asked_at timestamptz not null default '-infinity';

alter table users
    -- SCHEDULE-STATUS of the last message to them in Telegram (RFC 6638 section 3.2.9): what the next one will meet.
    add column schedule_status text;

-- ORGANIZER addresses that are not their calendar owner's, and of which the owner was told: once.
create table foreign_organizers (
    telegram_id bigint not null references users on delete cascade,
    -- Normalised calendar user address.
    address     text not null,
    -- The object by which they were told.
    event_id    uuid not null references events on delete cascade,
    told_at     timestamptz not null default now(),
    primary key (telegram_id, address)
);
