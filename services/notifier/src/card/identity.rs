//! What somebody is told whose calendar app invites people under an address that is not theirs here.

use televent_calendar::{CalendarObject, CalendarUserAddress};

use super::{
    Rendered,
    text::{MAX_NAME, line, title},
};

/// `own` is the address that the app has to be told.
pub(crate) fn identity(object: &CalendarObject, own: &CalendarUserAddress) -> Rendered {
    let title = title(object.master_or_first().summary.as_deref());
    let organizer = object.organizer().map_or("", CalendarUserAddress::as_str);
    let organizer = line(organizer, MAX_NAME);
    let own = line(own.as_str(), MAX_NAME);
    Rendered {
        html: format!(
            "⚠️ Nobody was invited to <b>{title}</b>.\n\n\
             Your calendar app names <code>{organizer}</code> as the organizer, and that is not your address here.\n\n\
             Set the e-mail address of this account to <code>{own}</code> in the app (in DAVx⁵ it is the account\u{2019}s name), \
             and save the event once more."
        ),
        keyboard: Vec::new(),
    }
}
