# The time zone, calendars as files, and the end of an account. HTML of the Bot API; values are escaped.
account-time-zone-of-place = ✅ { $place }: times are shown for { $city }, where it is { $time } now.
account-other-places = If you mean another one, press it:
account-connect = /devices connects your calendar app.

account-file-caption =
    { PLURAL($count) ->
        [one] <b>{ $name }</b>: { $count } entry
       *[other] <b>{ $name }</b>: { $count } entries
    }
account-file-too-large = <b>{ $name }</b> is too large for a message here. A browser downloads it from <code>{ $url }</code>, with the username and password of a device (/devices).

account-delete-heading = <b>Delete your account?</b>
account-delete-entries =
    { PLURAL($count) ->
        [one] • { $count } entry of your calendars is deleted.
       *[other] • { $count } entries of your calendars are deleted.
    }
account-delete-devices =
    { PLURAL($count) ->
        [one] • { $count } calendar app loses its access at once.
       *[other] • { $count } calendar apps lose their access at once.
    }
account-delete-organized =
    { PLURAL($count) ->
        [one] • { $count } meeting that you organize is cancelled for everybody whom you have invited.
       *[other] • { $count } meetings that you organize are cancelled for everybody whom you have invited.
    }
account-delete-attended = • Invitations of others are declined.
account-delete-final = This can't be undone. /export gives you your calendars as files first.
account-delete = Delete everything
account-keep = Keep
account-kept = Nothing was deleted.
account-deleted = Everything is deleted. What was in your calendars is erased from the server after 30 days; until then, those whom you invited can see what was cancelled. /start begins anew.
