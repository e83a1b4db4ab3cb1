//! A resource that exists, with what its properties are read from, and how it is found.

use televent_store::{
    Calendar, DeadProperty, EventSummary, INBOX_SLUG, OwnCollection, PrincipalInfo, Store,
};
use uuid::Uuid;

use crate::{availability, error::ApiError, path::DavPath, scene::Scene};

/// A resource that exists.
#[derive(Clone, Debug)]
pub(crate) enum Resource {
    /// Under the path by which it was asked for.
    Root(String),
    Principals,
    Principal {
        principal: PrincipalInfo,
        own: OwnState,
    },
    Homes,
    Home(OwnState),
    /// Its messages are kept as the objects of a calendar are, so it counts their changes as one.
    Inbox {
        collection: Calendar,
        own: OwnState,
    },
    Outbox(OwnState),
    Calendar(Calendar),
    Object(Object),
}

/// What is stored for a collection of the asker's that is no calendar. Loaded only as far as it is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnState {
    pub(crate) dead_properties: Vec<DeadProperty>,
    /// Size of all objects of the account.
    pub(crate) used_bytes: Option<i64>,
    /// Where invitations go.
    pub(crate) default_calendar: Option<String>,
    /// CALDAV:calendar-availability, the whole element.
    pub(crate) availability: Option<String>,
}

/// A calendar object resource, or a scheduling message, in a listing or report.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) slug: String,
    pub(crate) summary: EventSummary,
    /// Its bytes, where the report loads them.
    pub(crate) data: Option<Vec<u8>>,
}

/// What has to be loaded beside the resource itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) dead_properties: bool,
    pub(crate) used_bytes: bool,
    pub(crate) default_calendar: bool,
    pub(crate) availability: bool,
}

impl Resource {
    pub(crate) fn path(&self, scene: &Scene) -> DavPath {
        let me = scene.user.telegram_id;
        match self {
            Self::Root(path) => DavPath::Root(path.clone()),
            Self::Principals => DavPath::Principals,
            Self::Principal { principal, .. } => DavPath::Principal(principal.telegram_id),
            Self::Homes => DavPath::Homes,
            Self::Home(_) => DavPath::Home(me),
            Self::Inbox { .. } => DavPath::Inbox(me),
            Self::Outbox(_) => DavPath::Outbox(me),
            Self::Calendar(calendar) => DavPath::Calendar {
                owner: me,
                slug: calendar.slug.clone(),
            },
            Self::Object(object) => DavPath::Object {
                owner: me,
                slug: object.slug.clone(),
                name: object.summary.resource_name.clone(),
            },
        }
    }

    /// What it is as a collection of objects: a calendar, or the inbox.
    pub(crate) const fn collection(&self) -> Option<&Calendar> {
        match self {
            Self::Calendar(collection) | Self::Inbox { collection, .. } => Some(collection),
            _ => None,
        }
    }

    /// Whether it is a scheduling message (RFC 6638 section 2.2).
    pub(crate) fn is_message(&self) -> bool {
        matches!(self, Self::Object(object) if object.slug == INBOX_SLUG)
    }

    /// Whether it is a principal that is somebody else.
    pub(crate) fn is_another_principal(&self, scene: &Scene) -> bool {
        matches!(self, Self::Principal { principal, .. } if principal.telegram_id != scene.user.telegram_id)
    }

    /// The properties that clients have set and that mean nothing to the server.
    pub(crate) fn dead_properties(&self) -> &[DeadProperty] {
        match self {
            Self::Root(_) | Self::Principals | Self::Homes => &[],
            Self::Principal { own, .. }
            | Self::Home(own)
            | Self::Inbox { own, .. }
            | Self::Outbox(own) => &own.dead_properties,
            Self::Calendar(calendar) => &calendar.properties.dead,
            Self::Object(object) => &object.summary.properties,
        }
    }

    /// An identifier that stays when the resource moves (RFC 5842 section 3.1). What is there once for each account
    /// gets one that is made of its kind and the Telegram id, which has 52 bits (UUID version 8, RFC 9562 section 5.8).
    pub(crate) fn id(&self, scene: &Scene) -> Option<Uuid> {
        let made = |kind: u64, id: i64| {
            let id = u128::from(id.unsigned_abs());
            Some(Uuid::from_u128(
                0x7465_6c65_7665_8000_8000_0000_0000_0000 | u128::from(kind) << 56 | id,
            ))
        };
        let me = scene.user.telegram_id.get();
        match self {
            Self::Root(_) | Self::Principals | Self::Homes => None,
            Self::Principal { principal, .. } => made(1, principal.telegram_id.get()),
            Self::Home(_) => made(2, me),
            Self::Inbox { .. } => made(3, me),
            Self::Outbox(_) => made(4, me),
            Self::Calendar(calendar) => Some(calendar.id),
            Self::Object(object) => Some(object.summary.id),
        }
    }
}

/// Finds what a path names. The path is the asker's own or nobody's; of other principals only those are found that the asker
/// may know of.
pub(crate) async fn find(
    store: &Store,
    scene: &Scene,
    path: &DavPath,
    wanted: Wanted,
) -> Result<Resource, ApiError> {
    let own = |name| own_state(store, scene, name, wanted);
    Ok(match path {
        DavPath::Root(path) => Resource::Root(path.clone()),
        DavPath::Principals => Resource::Principals,
        DavPath::Homes => Resource::Homes,
        DavPath::Principal(id) if *id == scene.user.telegram_id => Resource::Principal {
            principal: scene.own_principal(),
            own: own(OwnCollection::Principal).await?,
        },
        DavPath::Principal(id) => Resource::Principal {
            principal: store
                .principal(scene.user.telegram_id, *id, scene.directory)
                .await?
                .ok_or(ApiError::NotFound)?,
            own: OwnState::default(),
        },
        DavPath::Home(_) => Resource::Home(own(OwnCollection::Home).await?),
        DavPath::Inbox(owner) => Resource::Inbox {
            collection: store
                .calendar(*owner, INBOX_SLUG)
                .await?
                .ok_or(ApiError::NotFound)?,
            own: own(OwnCollection::Inbox).await?,
        },
        DavPath::Outbox(_) => Resource::Outbox(own(OwnCollection::Outbox).await?),
        DavPath::Calendar { owner, slug } => Resource::Calendar(
            store
                .calendar(*owner, slug)
                .await?
                .ok_or(ApiError::NotFound)?,
        ),
        DavPath::Object { owner, slug, name } => Resource::Object(Object {
            slug: slug.clone(),
            summary: store
                .event_summary(*owner, slug, name)
                .await?
                .ok_or(ApiError::NotFound)?,
            data: None,
        }),
    })
}

/// The members of a collection, but for those of a calendar or the inbox, which may be many.
pub(crate) async fn members(
    store: &Store,
    scene: &Scene,
    path: &DavPath,
    wanted: Wanted,
) -> Result<Vec<Resource>, ApiError> {
    let me = scene.user.telegram_id;
    let paths = match path {
        DavPath::Root(_) => vec![DavPath::Principals, DavPath::Homes],
        DavPath::Principals => vec![DavPath::Principal(me)],
        DavPath::Homes => vec![DavPath::Home(me)],
        DavPath::Home(_) => vec![DavPath::Inbox(me), DavPath::Outbox(me)],
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    if matches!(path, DavPath::Home(_)) {
        let calendars = store.calendars(me).await?;
        found.extend(calendars.into_iter().map(Resource::Calendar));
    }
    for path in paths {
        match find(store, scene, &path, wanted).await {
            Ok(member) => found.push(member),
            // An account that had no calendar when inboxes came has none until it is completed; what else is there is listed.
            Err(ApiError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

async fn own_state(
    store: &Store,
    scene: &Scene,
    collection: OwnCollection,
    wanted: Wanted,
) -> Result<OwnState, ApiError> {
    let me = scene.user.telegram_id;
    let mut own = OwnState::default();
    let wants_availability = wanted.availability && collection == OwnCollection::Inbox;
    if wanted.dead_properties || wants_availability {
        own.dead_properties = store.collection_properties(me, collection).await?;
    }
    if collection == OwnCollection::Inbox {
        own.availability = availability::take(&mut own.dead_properties).map(|found| found.xml);
    }
    if wanted.used_bytes && collection == OwnCollection::Home {
        own.used_bytes = Some(store.owner_bytes(me).await?);
    }
    if wanted.default_calendar && collection == OwnCollection::Inbox {
        own.default_calendar = default_calendar(store, scene).await?;
    }
    Ok(own)
}

/// The slug of the calendar that invitations go to: the one that was chosen, else the first that takes events.
pub(crate) async fn default_calendar(
    store: &Store,
    scene: &Scene,
) -> Result<Option<String>, ApiError> {
    let calendars = store.calendars(scene.user.telegram_id).await?;
    let chosen = calendars
        .iter()
        .find(|calendar| Some(calendar.id) == scene.user.default_calendar);
    let takes_events = |calendar: &&Calendar| {
        calendar
            .properties
            .components
            .iter()
            .any(|kind| kind == "VEVENT")
    };
    let first = || calendars.iter().find(takes_events);
    Ok(chosen.or_else(first).map(|calendar| calendar.slug.clone()))
}
