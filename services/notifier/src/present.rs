//! What a card must show now: the present state of its event, as its reader stands to it.

use chrono_tz::Tz;
use televent_calendar::{
    CalendarObject, CalendarUserAddress, Component, PartStat, ScheduleAgent, instance,
};
use televent_store::{Card, CardKey, CardSubject};

use crate::{
    card::{About, InvitationState, Rendered, has_answers, identity, invitation, tally},
    deliver::{DeliverError, Notifier},
};

impl Notifier {
    /// `None` when there is nothing to tell the reader.
    pub(crate) async fn render(
        &self,
        key: &CardKey,
        card: &Card,
        subject: &CardSubject,
    ) -> Result<Option<Rendered>, DeliverError> {
        let object = CalendarObject::from_stored(subject.object.clone())?;
        let reader = key.telegram_id;
        let zone = subject
            .reader
            .time_zone
            .as_deref()
            .and_then(|name| name.parse::<Tz>().ok());
        let address = CalendarUserAddress::internal(reader, &self.domain);
        if reader == subject.owner {
            if !subject.owner_organizes {
                return Ok((!subject.deleted).then(|| identity(&object, &address)));
            }
            let cancelled = subject.deleted || is_cancelled(object.master_or_first());
            let is_new = card.message.is_none();
            if is_new && (cancelled || !has_answers(&object, reader, &self.domain)) {
                return Ok(None);
            }
            let names = self.store.attendee_names(key.event_id).await?;
            let card = tally(&object, reader, cancelled, &names, &self.domain, zone);
            return Ok(Some(card));
        }
        Ok(self.invitation(&object, key, card, subject, zone))
    }

    fn invitation(
        &self,
        object: &CalendarObject,
        key: &CardKey,
        card: &Card,
        subject: &CardSubject,
        zone: Option<Tz>,
    ) -> Option<Rendered> {
        let address = CalendarUserAddress::internal(key.telegram_id, &self.domain);
        let of_instance = !key.recurrence_id.is_empty();
        let (component, is_gone, original) = if of_instance {
            let instance = instance(object, &key.recurrence_id)?;
            (instance.component, instance.is_gone, instance.original)
        } else {
            let component = object.component_of(&address);
            let component = component.unwrap_or_else(|| object.master_or_first());
            (component.clone(), false, None)
        };
        let attendee = component.attendees().iter().find(|attendee| {
            attendee.address == address && attendee.schedule_agent == ScheduleAgent::Server
        });
        let is_invited = subject.invited && subject.owner_organizes && attendee.is_some();
        let state = if subject.deleted || is_invited && (is_gone || is_cancelled(&component)) {
            // Who was removed before it was cancelled is not told of that.
            if subject.invited && subject.owner_organizes {
                InvitationState::Cancelled
            } else {
                InvitationState::Removed
            }
        } else if is_invited {
            InvitationState::Invited {
                answer: attendee
                    .map_or(PartStat::NeedsAction, |attendee| attendee.part_stat.clone()),
                choosing: card.choosing,
            }
        } else {
            InvitationState::Removed
        };
        // Nobody is told of the end of what they never heard of, nor asked for what they have declined already; an instance
        // belongs to a series that they know.
        let is_news = matches!(
            &state,
            InvitationState::Invited { answer, .. } if *answer != PartStat::Declined
        );
        let is_of_known = of_instance && !subject.deleted;
        if card.message.is_none() && !is_news && !is_of_known {
            return None;
        }
        let series = object
            .master()
            .filter(|master| names(master, &address) && of_instance);
        let about = About {
            event_id: key.event_id,
            recurrence_id: &key.recurrence_id,
            component: &component,
            organizer: object.organizer_name().unwrap_or(&subject.owner_name),
            series,
            original: original.as_ref(),
        };
        Some(invitation(&about, &state, zone))
    }
}

fn names(component: &Component, address: &CalendarUserAddress) -> bool {
    let mut attendees = component.attendees().iter();
    attendees.any(|attendee| attendee.address == *address)
}

fn is_cancelled(component: &Component) -> bool {
    component.status.as_deref() == Some("CANCELLED")
}
