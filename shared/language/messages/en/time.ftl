# Times, durations, and when an event is.

# From one time or day to another.
time-range = { $from } – { $to }
# A day and what happens on it: a time, or from when to when.
time-on-day = { $day }, { $time }
# A time and the city of its zone.
time-in-zone = { $time } ({ $zone })
# When something is, and how long it takes.
time-lasting = { $time } · { $duration }

# Two parts of a duration: “1 h” and “30 min”.
time-and = { $larger } { $smaller }
time-days =
    { PLURAL($days) ->
        [one] { $days } day
       *[other] { $days } days
    }
time-hours = { $hours } h
time-minutes = { $minutes } min
