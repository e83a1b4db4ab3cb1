# Время, продолжительность и время события.

# От одного времени или дня до другого.
time-range = { $from } – { $to }
# День и то, что в этот день: время начала или от и до.
time-on-day = { $day }, { $time }
# Время и город часового пояса.
time-in-zone = { $time } ({ $zone })
# Когда и сколько длится.
time-lasting = { $time } · { $duration }

# Две части продолжительности: «1 ч» и «30 мин».
time-and = { $larger } { $smaller }
time-days =
    { PLURAL($days) ->
        [one] { $days } день
        [few] { $days } дня
        [many] { $days } дней
       *[other] { $days } дня
    }
time-hours = { $hours } ч
time-minutes = { $minutes } мин
