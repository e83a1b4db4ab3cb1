//! Which reports each resource answers (RFC 3253 section 3.1.5).

use super::{Property, Value, named};
use crate::{
    path::DavPath,
    resource::Resource,
    scene::Scene,
    xml::{CALDAV, CALENDARSERVER, DAV, Element, Name},
};

pub(super) const PROPERTIES: &[Property] =
    &[named(DAV.name("supported-report-set"), supported_reports)];

/// A report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    AclPrincipalPropSet,
    CalendarMultiget,
    CalendarQuery,
    ExpandProperty,
    FreeBusyQuery,
    PrincipalMatch,
    PrincipalPropertySearch,
    PrincipalSearch,
    PrincipalSearchPropertySet,
    SyncCollection,
}

const REPORTS: [(Report, Name<'static>); 10] = [
    (
        Report::AclPrincipalPropSet,
        DAV.name("acl-principal-prop-set"),
    ),
    (Report::CalendarMultiget, CALDAV.name("calendar-multiget")),
    (Report::CalendarQuery, CALDAV.name("calendar-query")),
    (Report::ExpandProperty, DAV.name("expand-property")),
    (Report::FreeBusyQuery, CALDAV.name("free-busy-query")),
    (Report::PrincipalMatch, DAV.name("principal-match")),
    (
        Report::PrincipalPropertySearch,
        DAV.name("principal-property-search"),
    ),
    (
        Report::PrincipalSearch,
        CALENDARSERVER.name("calendarserver-principal-search"),
    ),
    (
        Report::PrincipalSearchPropertySet,
        DAV.name("principal-search-property-set"),
    ),
    (Report::SyncCollection, DAV.name("sync-collection")),
];

impl Report {
    /// The report that the root element of a request names.
    pub(crate) fn named(name: Name<'_>) -> Option<Self> {
        REPORTS
            .into_iter()
            .find(|(_, known)| *known == name)
            .map(|(report, _)| report)
    }

    /// Its name, without the namespace.
    pub(crate) fn name(self) -> &'static str {
        REPORTS
            .into_iter()
            .find(|(report, _)| *report == self)
            .map_or("", |(_, name)| name.local)
    }
}

/// Whether a report is answered on what a path names.
pub(crate) const fn supports(path: &DavPath, report: Report) -> bool {
    use Report::{
        AclPrincipalPropSet, CalendarMultiget, CalendarQuery, ExpandProperty, FreeBusyQuery,
        PrincipalMatch, PrincipalPropertySearch, PrincipalSearch, PrincipalSearchPropertySet,
        SyncCollection,
    };
    match report {
        AclPrincipalPropSet | ExpandProperty => true,
        PrincipalMatch => !matches!(path, DavPath::Object { .. }),
        PrincipalPropertySearch | PrincipalSearch | PrincipalSearchPropertySet => matches!(
            path,
            DavPath::Root(_) | DavPath::Principals | DavPath::Principal(_)
        ),
        CalendarQuery | CalendarMultiget => matches!(
            path,
            DavPath::Inbox(_) | DavPath::Calendar { .. } | DavPath::Object { .. }
        ),
        SyncCollection => matches!(path, DavPath::Inbox(_) | DavPath::Calendar { .. }),
        // RFC 6638 section 2.3: not of messages.
        FreeBusyQuery => matches!(path, DavPath::Calendar { .. }),
    }
}

fn supported_reports(scene: &Scene, resource: &Resource) -> Option<Value> {
    let path = resource.path(scene);
    let reports = REPORTS
        .into_iter()
        .filter(|(report, _)| supports(&path, *report))
        .map(|(_, name)| {
            Element::new(DAV.name("supported-report"))
                .with(Element::new(DAV.name("report")).with(Element::new(name)))
        });
    Some(Value::Elements(reports.collect()))
}
