# Die Karte des Veranstalters: wer was geantwortet hat. HTML der Bot-API; Werte sind maskiert.

tally-accepted = ✅ { $name } hat zugesagt
tally-declined = ❌ { $name } hat abgesagt
tally-tentative = ❔ { $name } kommt vielleicht
tally-delegated = ❌ { $name } hat jemand anderen geschickt
tally-waiting = ⏳ { $name } hat noch nicht geantwortet
# Zu einem einzelnen Termin einer Serie.
tally-accepted-day = ✅ { $name } hat für { $day } zugesagt
tally-declined-day = ❌ { $name } hat für { $day } abgesagt
tally-tentative-day = ❔ { $name } kommt vielleicht: { $day }
tally-counts = { $yes } ja · { $no } nein · { $waiting } offen
tally-counts-with-maybe = { $yes } ja · { $no } nein · { $maybe } vielleicht · { $waiting } offen
tally-everyone = 🏁 Alle haben geantwortet.

# Wen die Einladung nicht erreicht hat. Der Link steht darunter.
tally-not-opened = ⏳ { $name } hat den Bot noch nicht geöffnet: leite diesen Link weiter
tally-blocked = 🚫 { $name } hat den Bot blockiert: leite diesen Link weiter
tally-unknown = 🚫 Telegram kennt niemanden mit der Adresse von { $name }
