//! A calendar as one iCalendar file: GET on its collection (RFC 4791 leaves it open; calendar apps and people expect it), and
//! its feed.

use std::io;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use televent_calendar::{CalendarObject, Export};
use televent_runtime::without_quotations;
use televent_store::{Calendar, CandidateQuery, DeadProperty, PageEnd, Store};
use tracing::warn;

use crate::{
    error::ApiError,
    multistatus::PAGE_OBJECTS,
    xml::{self, APPLE_ICAL},
};

/// What is written of an export so far.
struct Pages {
    store: Store,
    calendar: Calendar,
    export: Export,
    after: Option<PageEnd>,
}

/// The file, loaded as the client reads it.
pub(crate) async fn calendar(store: &Store, calendar: Calendar) -> Result<Response, ApiError> {
    let file_name = utf8_percent_encode(&calendar.properties.display_name, NON_ALPHANUMERIC);
    let disposition =
        format!("attachment; filename=\"calendar.ics\"; filename*=UTF-8''{file_name}.ics");
    let mut pages = Pages {
        store: store.clone(),
        export: Export::new(),
        calendar,
        after: None,
    };
    let properties = &pages.calendar.properties;
    let color = color_of(&properties.dead);
    let mut first = Export::header(&properties.display_name, color.as_deref());
    let is_more = pages.write_next(&mut first).await?;
    let rest = stream::unfold(is_more.then_some(pages), |state| async move {
        let mut pages = state?;
        let mut page = Vec::new();
        match pages.write_next(&mut page).await {
            Ok(true) => Some((Ok(Bytes::from(page)), Some(pages))),
            Ok(false) => Some((Ok(Bytes::from(page)), None)),
            Err(error) => {
                let error = without_quotations(&format!("{error:?}"));
                warn!(error, "an export was cut off");
                Some((Err(io::Error::other("the export can't be completed")), None))
            }
        }
    });
    let body = Body::from_stream(stream::StreamExt::chain(
        stream::once(async move { Ok(Bytes::from(first)) }),
        // Compression asks once more after the end.
        stream::StreamExt::fuse(rest),
    ));
    Ok((
        [
            (
                header::CONTENT_TYPE,
                "text/calendar; charset=utf-8".to_owned(),
            ),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        body,
    )
        .into_response())
}

/// The color that a calendar app has given to the calendar, without its transparency.
fn color_of(dead: &[DeadProperty]) -> Option<String> {
    let name = APPLE_ICAL.name("calendar-color");
    let property = dead
        .iter()
        .find(|dead| dead.namespace == name.namespace && dead.name == name.local)?;
    let text = xml::parse(property.xml.as_bytes()).ok()?.text();
    let color = text.trim();
    let color = color
        .get(.."#RRGGBB".len())
        .filter(|_| color.starts_with('#'))
        .unwrap_or(color);
    (!color.is_empty()).then(|| color.to_owned())
}

impl Pages {
    /// Adds the next page to `out`; `false` when it was the last.
    async fn write_next(&mut self, out: &mut Vec<u8>) -> Result<bool, ApiError> {
        let query = CandidateQuery {
            after: self.after.as_ref(),
            limit: i64::try_from(PAGE_OBJECTS).unwrap_or(i64::MAX),
            ..CandidateQuery::default()
        };
        let page = self.store.candidates(self.calendar.id, &query).await?;
        self.after = page.end;
        for stored in page.rows {
            let object = CalendarObject::from_stored(stored.object).map_err(ApiError::Corrupt)?;
            out.extend(self.export.push(&object));
        }
        if page.is_last {
            out.extend(Export::footer());
        }
        Ok(!page.is_last)
    }
}
