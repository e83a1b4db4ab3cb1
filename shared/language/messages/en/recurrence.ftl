# How something repeats. Each beginning is a sentence's; weekdays are numbered from Monday (1) to Sunday (7).

# What repeats in a way that there are no words for.
recurrence-repeats = Repeats

recurrence-every-hour = Every hour
recurrence-every-hours =
    { PLURAL($count) ->
        [one] Every { $count } hour
       *[other] Every { $count } hours
    }
recurrence-every-day = Every day
recurrence-every-days =
    { PLURAL($count) ->
        [one] Every { $count } day
       *[other] Every { $count } days
    }
recurrence-every-week = Every week
recurrence-every-weeks =
    { PLURAL($count) ->
        [one] Every { $count } week
       *[other] Every { $count } weeks
    }
recurrence-every-month = Every month
recurrence-every-months =
    { PLURAL($count) ->
        [one] Every { $count } month
       *[other] Every { $count } months
    }
recurrence-every-year = Every year
recurrence-every-years =
    { PLURAL($count) ->
        [one] Every { $count } year
       *[other] Every { $count } years
    }

# Monday to Friday.
recurrence-every-workday = Every weekday (Monday to Friday)
recurrence-every-weekday =
    { $weekday ->
        [1] Every Monday
        [2] Every Tuesday
        [3] Every Wednesday
        [4] Every Thursday
        [5] Every Friday
        [6] Every Saturday
       *[7] Every Sunday
    }
# One of a list in the messages that follow.
recurrence-weekday =
    { $weekday ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    }
recurrence-every-two-weekdays = Every { $weekdays }
recurrence-every-several-weekdays = Every { $weekdays }
# $every is “Every 2 weeks”.
recurrence-every-weeks-on-one = { $every } on { $weekday }
recurrence-every-weeks-on-two = { $every } on { $weekdays }
recurrence-every-weeks-on-several = { $every } on { $weekdays }

# One of the days in the messages that follow; $every is “Every month” or “Every 2 months”.
recurrence-day-of-month =
    { ORDINAL($day) ->
        [one] { $day }st
        [two] { $day }nd
        [few] { $day }rd
       *[other] { $day }th
    }
recurrence-every-months-on-one-day = { $every } on the { $days }
recurrence-every-months-on-two-days = { $every } on the { $days }
recurrence-every-months-on-several-days = { $every } on the { $days }

# Days of a month, for $day in the messages that follow.
recurrence-on-last-day = on the last day
recurrence-on-nth-workday =
    { $nth ->
        [first] on the first weekday (Monday to Friday)
        [second] on the second weekday (Monday to Friday)
        [third] on the third weekday (Monday to Friday)
        [fourth] on the fourth weekday (Monday to Friday)
        [fifth] on the fifth weekday (Monday to Friday)
       *[last] on the last weekday (Monday to Friday)
    }
recurrence-on-nth-weekday =
    on the { $nth ->
        [first] first
        [second] second
        [third] third
        [fourth] fourth
        [fifth] fifth
       *[last] last
    } { $weekday ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    }
# $every is “Every month”.
recurrence-every-month-on = { $every } { $day }
# $every is “Every 2 months”: whose last day it is has to be said.
recurrence-every-months-on = { $every } { $day } of the month

# $every is “Every year” or “Every 2 years”, $dates are such as “15 June”.
recurrence-every-years-on-dates = { $every } on { $dates }
recurrence-every-years-on = { $every } { $day } { $month }
recurrence-of-month =
    { $month ->
        [1] of January
        [2] of February
        [3] of March
        [4] of April
        [5] of May
        [6] of June
        [7] of July
        [8] of August
        [9] of September
        [10] of October
        [11] of November
       *[12] of December
    }

# $rule is any of the sentences above.
recurrence-until = { $rule } until { $date }
# How often all together; 2 or more.
recurrence-times =
    { PLURAL($count) ->
        [one] { $rule }, { $count } time
       *[other] { $rule }, { $count } times
    }
# Some of the days have been taken out.
recurrence-exceptions = { $rule }, except on some days
