//! What somebody is told whose calendar app invites people under an address that is not theirs here.

use televent_calendar::{CalendarObject, CalendarUserAddress};
use televent_telegram::escape_html;

use super::{
    Reading, Rendered,
    text::{MAX_NAME, line, title},
};

/// `own` is the address that the app has to be told.
pub(crate) fn identity(
    object: &CalendarObject,
    own: &CalendarUserAddress,
    reading: Reading,
) -> Rendered {
    let language = reading.language;
    let title = title(object.master_or_first().summary.as_deref(), language);
    let title = format!("<b>{title}</b>");
    let organizer = object.organizer().map_or("", CalendarUserAddress::as_str);
    let organizer = escape_html(&line(organizer, MAX_NAME));
    let own = escape_html(&line(own.as_str(), MAX_NAME));
    Rendered {
        html: language.say(
            "card-nobody-invited",
            &[
                ("title", (&title).into()),
                ("organizer", (&organizer).into()),
                ("own", (&own).into()),
            ],
        ),
        keyboard: Vec::new(),
    }
}
