//! CALDAV:expand: a recurrence set as components that each are one instance (RFC 4791 section 9.6.5).

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::TooManyInstances;
use super::instance::Writer;
use crate::object::{CalendarObject, ComponentKind};
use crate::occurrences::{Occurrence, try_for_each_occurrence};
use crate::time::Zone;
use crate::time_range::{InstanceTest, TimeRange};
use crate::tree::Node;

/// The most instances of an object that are written. A daily meeting has so many in five years; clients ask for months.
pub const MAX_EXPANDED_INSTANCES: usize = 2_000;

/// The most bytes that are written for an object: each instance repeats what its component says.
pub const MAX_EXPANDED_BYTES: usize = 8 * 1024 * 1024;

const TOO_MANY: TooManyInstances = TooManyInstances {
    max: MAX_EXPANDED_INSTANCES,
};

/// The VCALENDAR with the instances that overlap the range, and without VTIMEZONEs. A VFREEBUSY has no instances and stays.
pub(super) fn expand<'o>(
    object: &'o CalendarObject,
    range: &TimeRange,
    floating: &Zone,
) -> Result<Cow<'o, [u8]>, TooManyInstances> {
    if object.kind() == ComponentKind::FreeBusy {
        return Ok(Cow::Borrowed(object.as_bytes()));
    }
    let calendar = Node::of(object);
    let nodes = calendar.kept(object);
    let zones = object.zones();
    let test = InstanceTest::new(object, &nodes, &zones, floating);
    let instances = instances(object, &test, range, floating)?;
    let mut writer = Writer::new(object.kind(), &zones, floating);
    writer.begin(&calendar);
    for component in &calendar.components {
        let is_replaced = component.name == "VTIMEZONE" || component.name == object.kind().as_str();
        if !is_replaced {
            writer.component(component);
        }
    }
    for instance in &instances {
        if let Some(node) = nodes.get(instance.component) {
            writer.instance(node, instance);
        }
        if writer.bytes() > MAX_EXPANDED_BYTES {
            return Err(TOO_MANY);
        }
    }
    Ok(Cow::Owned(writer.end(&calendar)))
}

/// Those that overlap the range, by their start.
fn instances(
    object: &CalendarObject,
    test: &InstanceTest,
    range: &TimeRange,
    floating: &Zone,
) -> Result<Vec<Occurrence>, TooManyInstances> {
    let mut instances = Vec::new();
    let has_seen_all = try_for_each_occurrence(object, &(*range).into(), floating, |occurrence| {
        if !test.overlaps(&occurrence, range) {
            return ControlFlow::Continue(());
        }
        if instances.len() == MAX_EXPANDED_INSTANCES {
            return ControlFlow::Break(());
        }
        instances.push(occurrence);
        ControlFlow::Continue(())
    });
    if !has_seen_all {
        return Err(TOO_MANY);
    }
    instances.sort_by_key(|instance| (instance.from, instance.component));
    Ok(instances)
}
