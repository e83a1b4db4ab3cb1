//! Who is told of a change of a meeting, and whose cards it makes stale.

use std::collections::BTreeSet;

use televent_calendar::{Plan, TelegramUserId};
use uuid::Uuid;

use super::{OrganizerWrite, SchedulingWrite};
use crate::{Notice, NoticeKind};

/// The most people on whose cards the counts of answers change with each answer.
const MAX_LIVE_COUNTS: usize = 20;

/// Whom to tell.
pub(super) fn notices(write: &SchedulingWrite<'_>) -> Vec<Notice> {
    let plan = write.plan;
    let cards = plan.stale_cards.iter().map(|id| (NoticeKind::Invite, *id));
    let organizer = write.rows.organizer.as_ref().map(|row| row.owner);
    let tally = organizer
        .filter(|_| plan.stale_tally)
        .map(|id| (NoticeKind::Rsvp, id));
    cards
        .chain(tally)
        .map(|(kind, telegram_id)| Notice {
            id: Uuid::now_v7(),
            kind,
            telegram_id,
        })
        .collect()
}

/// Whose cards name people and count answers that have changed, besides those that are stale anyway. In a large meeting that is
/// shown with the next change: else a thousand answers would be a million edits.
pub(super) fn with_stale_counts(write: &SchedulingWrite<'_>) -> BTreeSet<TelegramUserId> {
    let plan = write.plan;
    if plan.answered.is_none() && plan.stale_cards.is_empty() {
        // What has become known of a delivery, which the tally says, if there is one.
        let organizer = write.rows.organizer.as_ref().map(|row| row.owner);
        return organizer
            .filter(|_| plan.organizer.is_some() && !plan.stale_tally)
            .into_iter()
            .collect();
    }
    let rows = match write.organizer {
        OrganizerWrite::Replace(object) => object.attendees,
        OrganizerWrite::AsPlanned => plan
            .organizer
            .as_ref()
            .map_or(&[][..], |stored| &stored.attendees),
        OrganizerWrite::Create(..) | OrganizerWrite::Remove => &[],
    };
    let invited: BTreeSet<TelegramUserId> = rows
        .iter()
        .filter(|row| row.invited)
        .filter_map(|row| row.telegram_id)
        .collect();
    if invited.len() > MAX_LIVE_COUNTS {
        return BTreeSet::new();
    }
    invited.difference(&plan.stale_cards).copied().collect()
}

/// The cards that an answer was for: the component's own, and for the whole event that of the event, too, which may be about
/// an instance alone.
pub(super) fn answered_keys(plan: &Plan) -> Vec<String> {
    let answered = plan.answered.as_ref();
    let mut keys = answered.map_or_else(Vec::new, |(_, keys)| keys.clone());
    if plan.organizer.is_some() && keys.len() > 1 {
        keys.push(String::new());
    }
    keys
}
