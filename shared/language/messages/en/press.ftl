# What stands at the top of the chat after a press. Plain text, at most 200 characters.
press-accepted = ✅ You accepted.
press-declined = ❌ You declined.
press-tentative = ❔ You answered “maybe”.
press-useless-button = This button is of no use any more.
press-gone = This invitation does not exist any more.
press-not-invited = You are not invited to this event.
press-no-room = This series has no room for one more answer about a single date. You can answer for the whole series.
press-cancelled = This event was cancelled.
press-answered-since = You have answered again since.
press-asked-anew = The event has changed since. Please look at it again, and answer anew.
# $changes are sentences such as “Moved: … → ….”
press-changed = { $changes } Look again, and answer anew.
