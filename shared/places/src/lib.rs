//! The time zone of a city by its name, in whichever language, and of a place by its coordinates. Pure: no I/O.
//!
//! Cities are those of GeoNames (geonames.org, CC BY 4.0) that have 15,000 people or more: `cities.tsv`, which `cities.py`
//! writes. Borders of time zones are those of timezone-boundary-builder (`OpenStreetMap`, `ODbL`), which `tzf-rs` carries.

mod city;
mod coordinates;
mod name;

pub use city::{Place, places_named};
pub use coordinates::zone_at;
