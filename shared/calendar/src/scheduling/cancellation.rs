//! What of an object the organizer has called off by STATUS:CANCELLED, as a message says it (RFC 5546 section 3.2.5).

use super::copy::say_the_same_but;
use super::views::answered_as;
use crate::content_line::splice;
use crate::object::{CalendarObject, Component};
use crate::tree::Node;

/// The instances that were called off between two views of an object, and nothing else. `None` if there is none, or if it is
/// not all that has changed.
pub(super) fn cancelled_instances(
    before: &CalendarObject,
    after: &CalendarObject,
) -> Option<CalendarObject> {
    let is_called_off = |component: &Component| {
        let was = before.component(component.recurrence_key());
        component.recurrence_id.is_some()
            && component.is_cancelled()
            && !was.is_some_and(Component::is_cancelled)
    };
    let is_one = |component: &Component| {
        let after = after.component(component.recurrence_key());
        after.is_some_and(is_called_off)
    };
    let cancelled = part(after, is_one)?;
    let is_other = |component: &Component| !is_one(component);
    let (before, after) = (part(before, is_other)?, part(after, is_other)?);
    let before = answered_as(&before, &after);
    // Many clients raise it everywhere.
    say_the_same_but(&["SEQUENCE"], &before, &after).then_some(cancelled)
}

/// An object with some of its components only; `None` if there are none.
fn part(object: &CalendarObject, is_in: impl Fn(&Component) -> bool) -> Option<CalendarObject> {
    let calendar = Node::of(object);
    let components = object.components().iter().zip(calendar.kept(object));
    let left_out: Vec<_> = components
        .filter(|(component, _)| !is_in(component))
        .map(|(_, node)| (node.span.clone(), Vec::new()))
        .collect();
    if left_out.is_empty() {
        return Some(object.clone());
    }
    CalendarObject::from_stored(splice(object.as_bytes(), &left_out)).ok()
}
