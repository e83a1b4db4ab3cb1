//! Tests of what a report returns of an object.

use super::*;
use crate::rfc4791::{RESOURCES, component, components, eastern, object, range, resource};

mod examples;
mod expanded;
mod limited;
mod properties;
mod selected;

const ALL: CalendarDataRequest = CalendarDataRequest {
    selection: None,
    recurrence: None,
    limit_freebusy: None,
    omit_time_zones: false,
};

fn applied(request: &CalendarDataRequest, object: &CalendarObject, floating: &Zone) -> String {
    let data = request.apply(object, floating).unwrap();
    String::from_utf8(data.into_owned()).unwrap()
}

fn expanded(object: &CalendarObject, start: &str, end: &str) -> String {
    let request = CalendarDataRequest {
        recurrence: Some(RecurrenceSet::Expand(range(start, end))),
        ..ALL
    };
    applied(&request, object, &Zone::UTC)
}

fn named(names: &[&str]) -> PropertySelection {
    let name = |name: &&str| SelectedProperty {
        name: name.trim_end_matches(':').to_owned(),
        no_value: name.ends_with(':'),
    };
    PropertySelection::Named(names.iter().map(name).collect())
}

fn selection(
    name: &str,
    properties: PropertySelection,
    components: Vec<ComponentSelection>,
) -> ComponentSelection {
    ComponentSelection {
        name: name.to_owned(),
        properties,
        components: SubcomponentSelection::Named(components),
    }
}

/// The lines of what stands between the BEGIN and the END of each component of this name.
fn lines_of(text: &str, name: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut inside = None;
    for line in text.lines() {
        if line == format!("BEGIN:{name}") {
            inside = Some(Vec::new());
        } else if line == format!("END:{name}") {
            found.extend(inside.take());
        } else if let Some(lines) = &mut inside {
            lines.push(line.to_owned());
        }
    }
    found
}

#[test]
fn without_a_request_an_object_is_what_it_is() {
    for (name, _) in RESOURCES {
        let object = resource(name);
        for request in [
            ALL,
            CalendarDataRequest {
                selection: Some(ComponentSelection::whole("VCALENDAR")),
                ..ALL
            },
        ] {
            assert!(request.is_whole());
            let data = request.apply(&object, &Zone::UTC).unwrap();
            assert!(
                matches!(data, Cow::Borrowed(bytes) if bytes == object.as_bytes()),
                "{name}"
            );
        }
    }
    let anything = range("20260101", "");
    for request in [
        CalendarDataRequest {
            omit_time_zones: true,
            ..ALL
        },
        CalendarDataRequest {
            limit_freebusy: Some(anything),
            ..ALL
        },
        CalendarDataRequest {
            recurrence: Some(RecurrenceSet::Limit(anything)),
            ..ALL
        },
        CalendarDataRequest {
            selection: Some(selection("VCALENDAR", named(&[]), vec![])),
            ..ALL
        },
    ] {
        assert!(!request.is_whole(), "{request:?}");
    }
}
