//! What of a life is in the tables: which calendars were touched, and what that did to their ctags.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;
use televent_tests::World;

/// A calendar or an inbox.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub(crate) struct Place {
    pub(crate) owner: i64,
    pub(crate) slug: String,
}

/// A resource that is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub(crate) struct Resource {
    pub(crate) owner: i64,
    pub(crate) slug: String,
    pub(crate) name: String,
    is_message: bool,
    etag: String,
    schedule_tag: String,
    revision: i64,
}

/// The rows of one life.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    ctags: BTreeMap<Place, i64>,
    resources: BTreeSet<Resource>,
}

impl Tables {
    pub(crate) async fn now(world: &World, uid: &str, owners: &[i64]) -> Self {
        let ctags: Vec<(i64, String, i64)> =
            sqlx::query_as("select owner, slug, ctag from calendars where owner = any($1)")
                .bind(owners)
                .fetch_all(&world.sql)
                .await
                .expect("the calendars can be read");
        let resources: Vec<Resource> = sqlx::query_as(
            "select c.owner, c.slug, e.resource_name as name, e.method is not null as is_message, e.etag,
                    e.schedule_tag, e.revision
             from events e join calendars c on c.id = e.calendar_id
             where e.uid = $1 and c.owner = any($2) and e.deleted_at is null",
        )
        .bind(uid)
        .bind(owners)
        .fetch_all(&world.sql)
        .await
        .expect("the events can be read");
        let ctags = ctags
            .into_iter()
            .map(|(owner, slug, ctag)| (Place { owner, slug }, ctag));
        Self {
            ctags: ctags.collect(),
            resources: resources.into_iter().collect(),
        }
    }

    /// The object that somebody has in a calendar.
    pub(crate) fn object_of(&self, owner: i64) -> Option<&Resource> {
        let mut objects = self
            .resources
            .iter()
            .filter(|resource| !resource.is_message);
        objects.find(|resource| resource.owner == owner)
    }

    /// Where resources have come, changed or gone.
    pub(crate) fn touched(&self, before: &Self) -> BTreeSet<Place> {
        let differing = self.resources.symmetric_difference(&before.resources);
        let places = differing.map(|resource| Place {
            owner: resource.owner,
            slug: resource.slug.clone(),
        });
        places.collect()
    }

    /// Which of the calendars that were there have a higher ctag, or another that is wrong.
    pub(crate) fn raised(&self, before: &Self) -> BTreeSet<Place> {
        let raised = self.ctags.iter().filter(|(place, ctag)| {
            // A new calendar begins with its first resource.
            match before.ctags.get(place) {
                Some(before) => **ctag > *before,
                None => self.touched(before).contains(place),
            }
        });
        raised.map(|(place, _)| place.clone()).collect()
    }

    /// Whose objects have another schedule tag than before.
    pub(crate) fn changed_schedule_tags(&self, before: &Self) -> BTreeSet<Place> {
        let objects = self
            .resources
            .iter()
            .filter(|resource| !resource.is_message);
        let changed = objects.filter(|resource| {
            let old = before.object_of(resource.owner);
            old.is_some_and(|old| old.schedule_tag != resource.schedule_tag)
        });
        let places = changed.map(|resource| Place {
            owner: resource.owner,
            slug: resource.slug.clone(),
        });
        places.collect()
    }
}
