# Wie sich etwas wiederholt. Jeder Anfang ist der eines Satzes; Wochentage zählen von Montag (1) bis Sonntag (7).

# Was sich auf eine Weise wiederholt, für die es keine Worte gibt.
recurrence-repeats = Wiederholt sich

recurrence-every-hour = Jede Stunde
recurrence-every-hours =
    { PLURAL($count) ->
        [one] Alle { $count } Stunden
       *[other] Alle { $count } Stunden
    }
recurrence-every-day = Jeden Tag
recurrence-every-days =
    { PLURAL($count) ->
        [one] Alle { $count } Tage
       *[other] Alle { $count } Tage
    }
recurrence-every-week = Jede Woche
recurrence-every-weeks =
    { PLURAL($count) ->
        [one] Alle { $count } Wochen
       *[other] Alle { $count } Wochen
    }
recurrence-every-month = Jeden Monat
recurrence-every-months =
    { PLURAL($count) ->
        [one] Alle { $count } Monate
       *[other] Alle { $count } Monate
    }
recurrence-every-year = Jedes Jahr
recurrence-every-years =
    { PLURAL($count) ->
        [one] Alle { $count } Jahre
       *[other] Alle { $count } Jahre
    }

# Montag bis Freitag. Ein Werktag ist auch der Samstag.
recurrence-every-workday = Jeden Tag von Montag bis Freitag
recurrence-every-weekday =
    { $weekday ->
        [1] Jeden Montag
        [2] Jeden Dienstag
        [3] Jeden Mittwoch
        [4] Jeden Donnerstag
        [5] Jeden Freitag
        [6] Jeden Samstag
       *[7] Jeden Sonntag
    }
# Einer aus der Liste in den folgenden Meldungen.
recurrence-weekday =
    { $weekday ->
        [1] Montag
        [2] Dienstag
        [3] Mittwoch
        [4] Donnerstag
        [5] Freitag
        [6] Samstag
       *[7] Sonntag
    }
recurrence-every-two-weekdays = Jeden { $weekdays }
recurrence-every-several-weekdays = Jeden { $weekdays }
# $every ist „Alle 2 Wochen“.
recurrence-every-weeks-on-one = { $every } am { $weekday }
recurrence-every-weeks-on-two = { $every } am { $weekdays }
recurrence-every-weeks-on-several = { $every } am { $weekdays }

# Einer der Tage in den folgenden Meldungen; $every ist „Jeden Monat“ oder „Alle 2 Monate“.
recurrence-day-of-month = { $day }.
recurrence-every-months-on-one-day = { $every } am { $days }
recurrence-every-months-on-two-days = { $every } am { $days }
recurrence-every-months-on-several-days = { $every } am { $days }

# Tage eines Monats, als $day der folgenden Meldungen.
recurrence-on-last-day = am letzten Tag
recurrence-on-nth-workday =
    { $nth ->
        [first] am ersten Wochentag (Montag bis Freitag)
        [second] am zweiten Wochentag (Montag bis Freitag)
        [third] am dritten Wochentag (Montag bis Freitag)
        [fourth] am vierten Wochentag (Montag bis Freitag)
        [fifth] am fünften Wochentag (Montag bis Freitag)
       *[last] am letzten Wochentag (Montag bis Freitag)
    }
recurrence-on-nth-weekday =
    am { $nth ->
        [first] ersten
        [second] zweiten
        [third] dritten
        [fourth] vierten
        [fifth] fünften
       *[last] letzten
    } { $weekday ->
        [1] Montag
        [2] Dienstag
        [3] Mittwoch
        [4] Donnerstag
        [5] Freitag
        [6] Samstag
       *[7] Sonntag
    }
# $every ist „Jeden Monat“.
recurrence-every-month-on = { $every } { $day }
# $every ist „Alle 2 Monate“: Wessen letzter Tag es ist, muss gesagt werden.
recurrence-every-months-on = { $every } { $day } des Monats

# $every ist „Jedes Jahr“ oder „Alle 2 Jahre“, $dates ist etwa „15. Juni“.
recurrence-every-years-on-dates = { $every } am { $dates }
recurrence-every-years-on = { $every } { $day } { $month }
recurrence-of-month =
    { $month ->
        [1] im Januar
        [2] im Februar
        [3] im März
        [4] im April
        [5] im Mai
        [6] im Juni
        [7] im Juli
        [8] im August
        [9] im September
        [10] im Oktober
        [11] im November
       *[12] im Dezember
    }

# $rule ist einer der Sätze oben.
recurrence-until = { $rule } bis { $date }
# Wie oft insgesamt; 2-mal oder öfter.
recurrence-times =
    { PLURAL($count) ->
        [one] { $rule }, insgesamt { $count }-mal
       *[other] { $rule }, insgesamt { $count }-mal
    }
# Einige der Tage sind herausgenommen.
recurrence-exceptions = { $rule }, außer an einigen Tagen
