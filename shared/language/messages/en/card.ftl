# The card of an invitation. HTML of the Bot API; values are escaped.

# What stands for a missing title.
card-no-title = (no title)
# $title is the title, struck through.
card-cancelled = ❌ Cancelled: { $title }
card-changed = 🔄 Changed: { $title }
# Of a changed instance of a series.
card-once-of-a-series = Once, of a series
card-instead-of = Instead of { $time }
card-more = … and { $count } more
# $events are things of the reader's own calendar, with their times.
card-overlaps = Overlaps: { $events }
card-overlap = { $title }, { $time }
card-overlap-all-day = { $title } (all day)
card-accepted = ✅ You accepted this invitation.
card-declined = ❌ You declined this invitation.
card-tentative = ❔ You answered “maybe” to this invitation.
card-removed = 🚫 You are no longer invited to this event.
card-removed-on-day = 🚫 You are no longer invited to { $title } on this day:

# Messages of one line that make the phone ring, below the card.
card-told-cancelled = ❌ { $title } was cancelled.
card-told-again = 📅 { $title } takes place after all.
card-told-invited-again = 📅 You are invited to { $title } again.

# Buttons.
card-button-accept = ✅ Accept
card-button-maybe = ❔ Maybe
card-button-decline = ❌ Decline
card-button-change = Change answer
card-button-join = 🎥 Join
card-button-map = 🗺 Map

# What is different. Also shown without formatting, and as shortly as can be.
change-time = Moved: { $old } → { $new }.
change-time-unknown = It is at another time.
change-place = Place: { $old } → { $new }.
change-no-place = none
change-repetition = Repeats: { $old } → { $new }.
# In the place of a recurrence.
change-once = once

# Somebody's calendar app invites people under an address that is not theirs.
card-nobody-invited =
    ⚠️ Nobody was invited to { $title }.

    Your calendar app names <code>{ $organizer }</code> as the organizer, and that is not your address here.

    Set the e-mail address of this account to <code>{ $own }</code> in the app (in DAVx⁵ it is the account’s name), and save the event once more.
