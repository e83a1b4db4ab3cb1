//! The form of a time: a day, a local time, or a local time in a zone (RFC 5545 sections 3.3.4 and 3.3.5). All instances
//! of a series have the form of its DTSTART, in whatever form other properties speak of them.

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};

use crate::time::{Moment, Zone, Zones};

/// How the times of a series are written. As local times: a day is its midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    Date,
    Floating { zone_name: Option<String> },
    Zoned(Zone),
}

impl Form {
    pub(super) fn of(moment: &Moment) -> Self {
        match moment {
            Moment::Date(_) => Self::Date,
            Moment::Floating { zone_name, .. } => Self::Floating {
                zone_name: zone_name.clone(),
            },
            Moment::Zoned { zone, .. } => Self::Zoned(zone.clone()),
        }
    }

    /// A local time in this form.
    pub(super) fn moment(&self, local: NaiveDateTime) -> Moment {
        match self {
            Self::Date => Moment::Date(local.date()),
            Self::Floating { zone_name } => Moment::Floating {
                local,
                zone_name: zone_name.clone(),
            },
            Self::Zoned(zone) => Moment::Zoned {
                local,
                zone: zone.clone(),
            },
        }
    }

    /// The zone in which its local times are, if `floating` is that of those which have none.
    pub(super) fn zone<'a>(&'a self, floating: &'a Zone) -> &'a Zone {
        match self {
            Self::Date | Self::Floating { .. } => floating,
            Self::Zoned(zone) => zone,
        }
    }

    /// What tells instances apart: equal for local times that are the same.
    pub(super) fn key(&self, local: NaiveDateTime) -> NaiveDateTime {
        match self {
            Self::Date | Self::Floating { .. } => local,
            Self::Zoned(zone) => zone.to_utc(local).naive_utc(),
        }
    }

    /// What the clocks show at a local time: a later one, if they skip it. The key is that of [`Self::key`].
    pub(super) fn shown(&self, local: NaiveDateTime, key: NaiveDateTime) -> NaiveDateTime {
        match self {
            Self::Date | Self::Floating { .. } => local,
            Self::Zoned(zone) => zone.to_local(key.and_utc()),
        }
    }

    /// The local time in this form that a moment in another form means. A mere day means the time of day of the series.
    pub(super) fn local_of(&self, moment: &Moment, time_of_day: NaiveTime) -> NaiveDateTime {
        match (self, moment) {
            (Self::Date, moment) => moment.date().and_time(NaiveTime::MIN),
            (_, Moment::Date(date)) => date.and_time(time_of_day),
            (Self::Zoned(own), Moment::Zoned { local, zone }) if zone != own => {
                own.to_local(zone.to_utc(*local))
            }
            (_, moment) => moment.local(),
        }
    }

    /// The instant of a local time.
    pub(super) fn to_utc(&self, local: NaiveDateTime, floating: &Zone) -> DateTime<Utc> {
        self.zone(floating).to_utc(local)
    }
}

/// The moment with its zone, if a VTIMEZONE of the object says what its name does not.
pub(crate) fn resolved(moment: &Moment, zones: &Zones<'_>) -> Moment {
    if let Moment::Floating {
        local,
        zone_name: Some(tzid),
    } = moment
        && let Some(zone) = zones.resolve(tzid)
    {
        return Moment::Zoned {
            local: *local,
            zone,
        };
    }
    moment.clone()
}
