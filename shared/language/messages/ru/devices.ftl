# Календари-приложения в чате. HTML Bot API; значения экранированы.
device-title = Ваши приложения-календари
device-none = Пока ничего не подключено.
device-more = { PLURAL($count) ->
    [one] … и ещё { $count }
   *[other] … и ещё { $count }
}
device-add = ➕ Подключить календарь
device-never-used = ещё не использовалось
device-used-lately = использовалось в последние два часа
device-used-hours = { PLURAL($count) ->
    [one] использовалось { $count } час назад
    [few] использовалось { $count } часа назад
   *[other] использовалось { $count } часов назад
}
device-used-days = { PLURAL($count) ->
    [one] использовалось { $count } день назад
    [few] использовалось { $count } дня назад
   *[other] использовалось { $count } дней назад
}
device-used-on = последний раз использовалось { $date }
device-date = { $day }.{ $month }.{ $year }
device-added = Добавлено { $date }
device-client = Приложение называет себя { $name }.
device-revoke = 🚫 Отозвать доступ
device-ask-revoke = Отозвать доступ у <b>{ $label }</b>? Пароль сразу перестанет действовать. Сами календари останутся как есть.
device-revoke-now = 🚫 Да, отозвать
device-revoked = Доступ отозван
device-gone = У этого устройства больше нет доступа.
device-too-many = { PLURAL($count) ->
    [one] У вас { $count } устройство — больше нельзя. Отзовите доступ у того, которым больше не пользуетесь.
    [few] У вас { $count } устройства — больше нельзя. Отзовите доступ у того, которым больше не пользуетесь.
   *[other] У вас { $count } устройств — больше нельзя. Отзовите доступ у того, которым больше не пользуетесь.
}
device-which = Что вы хотите подключить?
device-app-iphone = iPhone / iPad
device-app-mac = Mac
device-app-android = Android (DAVx⁵)
device-app-thunderbird = Thunderbird
device-app-other = Другое приложение
device-server = Сервер
device-username = Имя пользователя
device-password = Пароль
device-steps-iphone =
    Откройте ссылку на iPhone или iPad либо наведите его камеру на код и загрузите профиль. Затем: <b>Настройки › Профиль загружен › Установить</b>.
device-steps-mac =
    Откройте ссылку на Mac, загрузите профиль и установите его: <b>Системные настройки › Основные › Управление устройством</b>. Вручную: <b>Календарь › Добавить учётную запись › Другая учётная запись CalDAV</b>.
device-steps-android =
    Установите DAVx⁵, затем откройте ссылку на телефоне или наведите его камеру на код: оттуда всё можно передать в DAVx⁵. Вручную: <b>+ › Войти с URL и именем пользователя</b>.
device-steps-thunderbird =
    В Thunderbird: <b>Создать календарь › В сети</b>. Введите имя пользователя и сервер; пароль он спросит сам.
device-steps-other = Добавьте в приложении учётную запись CalDAV с этими тремя данными.
device-once = Ссылка действует один раз в течение часа. Пароль показан только здесь.
device-open = 📲 Открыть на этом телефоне
device-hide = 🙈 Скрыть пароль
device-hidden = Пароль скрыт, ссылка больше не действует. Команда /devices покажет это устройство и отзовёт доступ.
