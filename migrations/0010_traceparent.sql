-- What a change sets in motion belongs to its trace. Versions that do not know the columns leave them empty: then a trace begins
-- with the message.

alter table outbox_messages
    -- Of the change that has written the row, as W3C Trace Context has it in the header of this name.
    add column traceparent text;

alter table received_updates
    -- Of the update's arrival.
    add column traceparent text;
