//! Who asks, and under which settings: what every property of an answer may depend on.

use std::sync::Arc;

use televent_calendar::{
    CalendarUserAddress, InternalDomain, TelegramUserId, Zone, time_zone_property,
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
        zone_of(
            properties.time_zone_id.as_deref(),
            properties.time_zone.as_deref(),
            self.user.time_zone.as_deref(),
        )
    }
}

/// By the time zone properties of a calendar (RFC 4791 section 5.2.2, RFC 7809 section 5.2), else that of its owner, else UTC.
pub(crate) fn zone_of(id: Option<&str>, text: Option<&str>, of_owner: Option<&str>) -> Zone {
    let by_text = |text: &str| Some(time_zone_property(text.as_bytes()).ok()?.zone);
    id.and_then(Zone::by_name)
        .or_else(|| text.and_then(by_text))
        .or_else(|| of_owner.and_then(Zone::by_name))
        .unwrap_or(Zone::UTC)
}
