//! Scheduling between people (RFC 5546, RFC 6638), told in scripts: what calendar apps send, and what everybody finds
//! then. `scripts/README.md` has the language and the list of scripts.

mod object;
mod run;
mod script;
mod server;

use std::collections::BTreeSet;

use anyhow::Result;

/// A test for each script.
macro_rules! scripts {
    ($($name:ident)*) => {
        const SCRIPTS: &[&str] = &[$(stringify!($name)),*];
        $(
            #[tokio::test]
            async fn $name() -> Result<(), run::Failure> {
                run::run(stringify!($name)).await
            }
        )*
    };
}

scripts! {
    all_day_series
    answers_in_one_put
    attendee_of_one_instance_is_left
    bad_answer_to_a_cancelled_event
    bad_attendee_is_the_organizer
    bad_attendee_twice
    bad_attendees_without_organizer
    bad_common_names
    bad_delivery_statuses_of_clients
    bad_override_of_no_instance
    bad_rule_without_end
    bad_too_many_attendees
    bad_two_organizers
    busy_time_of_instances
    comment_with_an_answer
    copy_is_put_again
    copy_is_there_already
    deleted_and_put_again
    deletion_declines
    deletion_of_a_calendar
    insignificant_change_keeps_answers
    instance_named_in_utc
    invited_again
    mailto_in_upper_case
    move_between_calendars
    name_is_taken_at_the_attendee
    organizer_does_not_answer_for_others
    others_part_stat_is_not_an_attendees
    pending_answer_and_answered_instance
    pending_change_and_answered_instance
    private_instance
    private_parts_survive
    put_that_is_not_stored_as_sent
    reply_in_the_inbox
    rfc5546_4_2_1_group_event_request
    rfc5546_4_2_2_reply_to_a_group_event_request
    rfc5546_4_2_3_update_an_event
    rfc5546_4_2_4_countering_an_event_proposal
    rfc5546_4_2_5_delegating_an_event
    rfc5546_4_2_8_forwarding_an_event_request
    rfc5546_4_2_9_cancel_a_group_event
    rfc5546_4_2_10_removing_attendees
    rfc5546_4_2_11_replacing_the_organizer
    rfc5546_4_3_busy_time
    rfc5546_4_4_1_recurring_event_spanning_time_zones
    rfc5546_4_4_2_modify_a_recurring_instance
    rfc5546_4_4_3_cancel_an_instance
    rfc5546_4_4_4_cancel_a_recurring_event
    rfc5546_4_4_5_change_all_future_instances
    rfc5546_4_4_6_add_a_new_instance
    rfc5546_4_4_7_add_a_new_series_of_instances
    rfc5546_4_4_9_counter_an_instance
    rfc5546_4_5_1_vtodo_request
    rfc5546_4_5_7_recurring_vtodos
    rfc5546_4_6_journal
    rfc5546_4_7_2_bad_rrule
    rfc5546_party_crashing
    rfc6638_3_2_6_only_what_includes_the_attendee
    rfc6638_b1_organizer_inviting_multiple_attendees
    rfc6638_b2_attendee_receiving_an_invitation
    rfc6638_b3_attendee_replying_to_an_invitation
    rfc6638_b4_organizer_receiving_a_reply
    rfc6638_b5_busy_time_information
    rfc6638_b6_inviting_on_behalf_of_somebody
    rfc6638_b7_attendee_declining_an_instance
    rfc6638_b8_attendee_removing_an_instance
    rsvp_is_missing
    same_again
    same_uid_in_two_calendars
    schedule_agent_client_and_none
    schedule_force_send
    schedule_reply_f
    schedule_tag_is_stable
    sequence_rises_and_never_falls
    sequence_rises_for_who_is_invited_again
    stale_reply
    status_cancelled
    telegram_answer_brings_the_copy_back
    telegram_answer_reaches_every_copy
    telegram_answer_to_an_instance
    telegram_blocked
    telegram_cancelled_card
    telegram_start_makes_copies
    telegram_two_ways_at_once
    uid_is_taken_at_the_attendee
}

#[test]
fn every_script_is_a_test() -> Result<()> {
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(run::scripts())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        files.extend(name.strip_suffix(".itip").map(str::to_owned));
    }
    let tests: BTreeSet<_> = SCRIPTS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(files, tests);
    Ok(())
}
