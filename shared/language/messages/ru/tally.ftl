# Карточка организатора: кто что ответил. HTML Bot API; значения экранированы.

tally-accepted = ✅ { $name }: да
tally-declined = ❌ { $name }: нет
tally-tentative = ❔ { $name }: возможно
tally-delegated = ❌ { $name }: вместо себя отправлен другой человек
tally-waiting = ⏳ { $name }: ответа пока нет
# Об одной встрече из серии.
tally-accepted-day = ✅ { $name }: да, { $day }
tally-declined-day = ❌ { $name }: нет, { $day }
tally-tentative-day = ❔ { $name }: возможно, { $day }
tally-counts = да { $yes } · нет { $no } · ждём { $waiting }
tally-counts-with-maybe = да { $yes } · нет { $no } · возможно { $maybe } · ждём { $waiting }
tally-everyone = 🏁 Ответили все.

# До кого приглашение не дошло. Ссылка стоит ниже.
tally-not-opened = ⏳ { $name }: бот ещё не открыт, перешлите эту ссылку
tally-blocked = 🚫 { $name }: бот заблокирован, перешлите эту ссылку
tally-unknown = 🚫 { $name }: в Telegram нет никого с таким адресом
