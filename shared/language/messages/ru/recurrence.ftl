# Как что-либо повторяется. Каждое начало — начало предложения; дни недели нумеруются с понедельника (1) до воскресенья (7).

# То, что повторяется так, что словами не сказать.
recurrence-repeats = Повторяется

recurrence-every-hour = Каждый час
recurrence-every-hours =
    { PLURAL($count) ->
        [one] Каждый { $count } час
        [few] Каждые { $count } часа
        [many] Каждые { $count } часов
       *[other] Каждые { $count } часа
    }
recurrence-every-day = Каждый день
recurrence-every-days =
    { PLURAL($count) ->
        [one] Каждый { $count } день
        [few] Каждые { $count } дня
        [many] Каждые { $count } дней
       *[other] Каждые { $count } дня
    }
recurrence-every-week = Каждую неделю
recurrence-every-weeks =
    { PLURAL($count) ->
        [one] Каждую { $count } неделю
        [few] Каждые { $count } недели
        [many] Каждые { $count } недель
       *[other] Каждые { $count } недели
    }
recurrence-every-month = Каждый месяц
recurrence-every-months =
    { PLURAL($count) ->
        [one] Каждый { $count } месяц
        [few] Каждые { $count } месяца
        [many] Каждые { $count } месяцев
       *[other] Каждые { $count } месяца
    }
recurrence-every-year = Каждый год
recurrence-every-years =
    { PLURAL($count) ->
        [one] Каждый { $count } год
        [few] Каждые { $count } года
        [many] Каждые { $count } лет
       *[other] Каждые { $count } года
    }

# С понедельника по пятницу: какие дни рабочие, решает не неделя.
recurrence-every-workday = Каждый день с понедельника по пятницу
recurrence-every-weekday =
    { $weekday ->
        [1] Каждый понедельник
        [2] Каждый вторник
        [3] Каждую среду
        [4] Каждый четверг
        [5] Каждую пятницу
        [6] Каждую субботу
       *[7] Каждое воскресенье
    }
# Один из списка в следующих сообщениях.
recurrence-weekday =
    { $weekday ->
        [1] понедельникам
        [2] вторникам
        [3] средам
        [4] четвергам
        [5] пятницам
        [6] субботам
       *[7] воскресеньям
    }
recurrence-every-two-weekdays = По { $weekdays }
recurrence-every-several-weekdays = По { $weekdays }
# $every — «Каждые 2 недели».
recurrence-every-weeks-on-one = { $every } по { $weekday }
recurrence-every-weeks-on-two = { $every } по { $weekdays }
recurrence-every-weeks-on-several = { $every } по { $weekdays }

# Один из дней в следующих сообщениях; $every — «Каждый месяц» или «Каждые 2 месяца».
recurrence-day-of-month = { $day }-го
recurrence-every-months-on-one-day = { $every } { $days } числа
recurrence-every-months-on-two-days = { $every } { $days } числа
recurrence-every-months-on-several-days = { $every } { $days } числа

# Дни месяца, $day в следующих сообщениях.
recurrence-on-last-day = в последний день
recurrence-on-nth-workday =
    { $nth ->
        [first] в первый будний день (с понедельника по пятницу)
        [second] во второй будний день (с понедельника по пятницу)
        [third] в третий будний день (с понедельника по пятницу)
        [fourth] в четвёртый будний день (с понедельника по пятницу)
        [fifth] в пятый будний день (с понедельника по пятницу)
       *[last] в последний будний день (с понедельника по пятницу)
    }
recurrence-on-nth-weekday =
    { $weekday ->
        [1] { $nth ->
            [first] в первый понедельник
            [second] во второй понедельник
            [third] в третий понедельник
            [fourth] в четвёртый понедельник
            [fifth] в пятый понедельник
           *[last] в последний понедельник
        }
        [2] { $nth ->
            [first] в первый вторник
            [second] во второй вторник
            [third] в третий вторник
            [fourth] в четвёртый вторник
            [fifth] в пятый вторник
           *[last] в последний вторник
        }
        [3] { $nth ->
            [first] в первую среду
            [second] во вторую среду
            [third] в третью среду
            [fourth] в четвёртую среду
            [fifth] в пятую среду
           *[last] в последнюю среду
        }
        [4] { $nth ->
            [first] в первый четверг
            [second] во второй четверг
            [third] в третий четверг
            [fourth] в четвёртый четверг
            [fifth] в пятый четверг
           *[last] в последний четверг
        }
        [5] { $nth ->
            [first] в первую пятницу
            [second] во вторую пятницу
            [third] в третью пятницу
            [fourth] в четвёртую пятницу
            [fifth] в пятую пятницу
           *[last] в последнюю пятницу
        }
        [6] { $nth ->
            [first] в первую субботу
            [second] во вторую субботу
            [third] в третью субботу
            [fourth] в четвёртую субботу
            [fifth] в пятую субботу
           *[last] в последнюю субботу
        }
       *[7] { $nth ->
            [first] в первое воскресенье
            [second] во второе воскресенье
            [third] в третье воскресенье
            [fourth] в четвёртое воскресенье
            [fifth] в пятое воскресенье
           *[last] в последнее воскресенье
        }
    }
# $every — «Каждый месяц».
recurrence-every-month-on = { $every } { $day }
# $every — «Каждые 2 месяца»: надо сказать, чей это последний день.
recurrence-every-months-on = { $every } { $day } месяца

# $every — «Каждый год» или «Каждые 2 года», $dates — например, «15 июня».
recurrence-every-years-on-dates = { $every } { $dates }
recurrence-every-years-on = { $every } { $day } { $month }
recurrence-of-month =
    { $month ->
        [1] января
        [2] февраля
        [3] марта
        [4] апреля
        [5] мая
        [6] июня
        [7] июля
        [8] августа
        [9] сентября
        [10] октября
        [11] ноября
       *[12] декабря
    }

# $rule — любое из предложений выше.
recurrence-until = { $rule } до { $date } включительно
# Сколько раз всего; не меньше 2.
recurrence-times =
    { PLURAL($count) ->
        [one] { $rule }, всего { $count } раз
        [few] { $rule }, всего { $count } раза
        [many] { $rule }, всего { $count } раз
       *[other] { $rule }, всего { $count } раза
    }
# Некоторые дни исключены.
recurrence-exceptions = { $rule }, кроме некоторых дней
