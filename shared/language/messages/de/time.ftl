# Zeiten, Dauern, und wann ein Termin ist.

# Von einer Zeit oder einem Tag bis zum anderen.
time-range = { $from } – { $to }
# Ein Tag und was an ihm ist: eine Zeit, oder von wann bis wann.
time-on-day = { $day }, { $time }
# Eine Zeit und die Stadt ihrer Zeitzone.
time-in-zone = { $time } ({ $zone })
# Wann etwas ist, und wie lange es dauert.
time-lasting = { $time } · { $duration }

# Zwei Teile einer Dauer: „1 Std.“ und „30 Min.“
time-and = { $larger } { $smaller }
time-days =
    { PLURAL($days) ->
        [one] { $days } Tag
       *[other] { $days } Tage
    }
time-hours = { $hours } Std.
time-minutes = { $minutes } Min.
