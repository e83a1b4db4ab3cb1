//! The components and properties that a client selects (RFC 4791 sections 9.6.1 to 9.6.4).

use super::{ComponentSelection, Edits, PropertySelection, SubcomponentSelection};
use crate::content_line::LineEnding;
use crate::tree::{Node, PropertyLine};

/// Takes out what is not selected. `bytes` are those of an object, or what an earlier step made of them.
pub(super) fn selected(bytes: &[u8], selection: &ComponentSelection) -> Edits {
    let mut edits = Vec::new();
    let calendar = Node::read(bytes).expect("every step leaves a VCALENDAR of nested components");
    if selection.name.eq_ignore_ascii_case(&calendar.name) {
        select(&calendar, selection, &mut edits);
    }
    // The properties of a component may stand behind the components in it.
    edits.sort_by_key(|(span, _)| span.start);
    edits
}

/// Recurses no deeper than the components nest.
fn select(component: &Node<'_>, selection: &ComponentSelection, edits: &mut Edits) {
    if let PropertySelection::Named(names) = &selection.properties {
        for line in &component.properties {
            let mut named = names.iter().filter(|name| line.is(&name.name)).peekable();
            if named.peek().is_none() {
                edits.push((line.line.span.clone(), Vec::new()));
            } else if named.all(|name| name.no_value) {
                edits.extend(without_value(line));
            }
        }
    }
    let SubcomponentSelection::Named(selections) = &selection.components else {
        return;
    };
    for inner in &component.components {
        let selection = selections
            .iter()
            .find(|selection| selection.name.eq_ignore_ascii_case(&inner.name));
        match selection {
            Some(selection) => select(inner, selection, edits),
            None => edits.push((inner.span.clone(), Vec::new())),
        }
    }
}

/// The line up to its colon.
fn without_value(line: &PropertyLine<'_>) -> Option<(std::ops::Range<usize>, Vec<u8>)> {
    let property = line.property()?;
    let rewritten = line
        .line
        .rewritten(property.before_value(), LineEnding::CrLf);
    Some((line.line.span.clone(), rewritten))
}
