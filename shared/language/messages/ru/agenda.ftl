# Что запланировано по дням и что ждёт ответа. HTML Bot API; значения экранированы.
agenda-heading = 🗓 <b>{ $days }</b>
# День среди нескольких: день недели и дата.
agenda-day = { $weekday }, { $date }
agenda-all-day = весь день
# Событие, которое продолжается на следующий день или началось накануне.
agenda-from = с { $time }
agenda-until = до { $time }
agenda-no-title = Без названия
agenda-nothing = Ничего не запланировано.
agenda-more =
    { PLURAL($count) ->
        [one] … и ещё { $count } событие
        [few] … и ещё { $count } события
        [many] … и ещё { $count } событий
       *[other] … и ещё { $count } события
    }
agenda-incomplete = Событий больше, чем можно просмотреть здесь. Полностью их показывает приложение календаря.
agenda-unanswered = ⏳ Ещё без ответа: /pending
agenda-in-utc = Время указано по UTC. Часовой пояс можно выбрать в /settings.
agenda-earlier = ‹ Раньше
agenda-later = Позже ›
agenda-no-account = У вас здесь ещё нет календаря. Команда /start создаст его.

pending-heading = <b>Ждут вашего ответа</b>
pending-nothing = ✅ Приглашений без ответа нет.
pending-previous = ‹ Назад
pending-next = Дальше ›
