# Карточка приглашения. HTML Bot API; значения экранированы.

# Вместо отсутствующего названия.
card-no-title = (без названия)
# $title — зачёркнутое название.
card-cancelled = ❌ Отменено: { $title }
card-changed = 🔄 Изменено: { $title }
# Об изменённой встрече из серии.
card-once-of-a-series = Одна встреча из серии
card-instead-of = Вместо { $time }
card-more = … и ещё { $count }
# $events — события из своего календаря, со временем.
card-overlaps = Пересекается с: { $events }
card-overlap = { $title }, { $time }
card-overlap-all-day = { $title } (весь день)
card-accepted = ✅ Вы приняли приглашение.
card-declined = ❌ Вы отклонили приглашение.
card-tentative = ❔ Вы ответили «возможно».
card-removed = 🚫 Вас больше нет в списке приглашённых на эту встречу.
card-removed-on-day = 🚫 Вас больше нет в списке приглашённых на { $title } в этот день:

# Сообщения в одну строку, со звуком, под карточкой.
card-told-cancelled = ❌ Встреча отменена: { $title }.
card-told-again = 📅 Встреча всё-таки состоится: { $title }.
card-told-invited-again = 📅 Вы снова в списке приглашённых: { $title }.

# Кнопки.
card-button-accept = ✅ Приду
card-button-maybe = ❔ Возможно
card-button-decline = ❌ Не приду
card-button-change = Изменить ответ
card-button-join = 🎥 Подключиться
card-button-map = 🗺 Карта

# Что изменилось. Показывается и без форматирования, как можно короче.
change-time = Новое время: { $old } → { $new }.
change-time-unknown = Время изменилось.
change-place = Новое место: { $old } → { $new }.
change-no-place = не указано
change-repetition = Повторение: { $old } → { $new }.
# Вместо повторения.
change-once = один раз

# Приложение приглашает людей от чужого адреса.
card-nobody-invited =
    ⚠️ На { $title } никто не приглашён.

    Ваше приложение указало организатором <code>{ $organizer }</code>, а это не ваш адрес на этом сервере.

    Укажите в приложении <code>{ $own }</code> как адрес электронной почты этой учётной записи (в DAVx⁵ это имя учётной записи) и сохраните событие ещё раз.
