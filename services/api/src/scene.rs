//! Who asks, and under which settings: what every property of an answer may depend on.

use std::sync::Arc;

use televent_calendar::{
    CalendarUserAddress, InternalDomain, TelegramUserId, Zone, zone_of_calendar,
};
use televent_store::{Calendar, Directory, PrincipalInfo, User};

/// Whose request it is. All collections that it reaches are the asker's own. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) user: Arc<User>,
    pub(crate) domain: InternalDomain,
    /// Of which other people the asker may know.
    pub(crate) directory: Directory,
}

impl Scene {
    pub(crate) fn own_principal(&self) -> PrincipalInfo {
        PrincipalInfo {
            telegram_id: self.user.telegram_id,
            name: self.user.name.clone(),
            username: self.user.username.clone(),
        }
    }

    /// `mailto:tg_<id>@<domain>`.
    pub(crate) fn address_of(&self, id: TelegramUserId) -> String {
        CalendarUserAddress::internal(id, &self.domain).to_cal_address()
    }

    /// The zone in which the floating times of a calendar of the asker's are meant.
    pub(crate) fn floating_zone(&self, calendar: &Calendar) -> Zone {
        let properties = &calendar.properties;
        zone_of_calendar(
            properties.time_zone_id.as_deref(),
            properties.time_zone.as_deref(),
            self.user.time_zone.as_deref(),
        )
    }
}
