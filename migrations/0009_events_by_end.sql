-- Of a time range in a calendar of many years, what was over before is not even looked at: the index is in the order of the
-- ends. Series without an end are in the order of their ids there, so that pages need no sorting. Whole calendars are still paged
-- by events_by_occurrence, in the order of the ids.
create index events_by_end on events (calendar_id, last_occurrence, id, first_occurrence) where deleted_at is null;
