# What somebody's days hold, and what waits for their answer. HTML of the Bot API; values are escaped.
agenda-heading = 🗓 <b>{ $days }</b>
# A day among several: its weekday and date.
agenda-day = { $weekday }, { $date }
agenda-all-day = all day
# An event that goes on the next day, or began the day before.
agenda-from = from { $time }
agenda-until = until { $time }
agenda-no-title = No title
agenda-nothing = Nothing is planned.
agenda-more =
    { PLURAL($count) ->
        [one] … and { $count } more
       *[other] … and { $count } more
    }
agenda-incomplete = There is more than I can look through here. Your calendar app shows everything.
agenda-unanswered = ⏳ Not answered yet: /pending
agenda-in-utc = Times are in UTC. Choose your time zone in /settings.
agenda-earlier = ‹ Earlier
agenda-later = Later ›
agenda-no-account = You have no calendar here yet. /start makes one.

pending-heading = <b>Waiting for your answer</b>
pending-nothing = ✅ No invitation waits for your answer.
pending-previous = ‹ Previous
pending-next = Next ›
