# Was der Bot sagt. HTML der Bot API; Werte sind maskiert.
bot-not-understood = Das habe ich nicht verstanden. /help sagt, was ich kann.
bot-cancelled = Alles bleibt, wie es war.
bot-welcome =
    Hallo { $name }! Du hast jetzt hier einen Kalender, und Einladungen erreichen dich in diesem Chat.

    Andere laden dich unter dieser Adresse ein: <code>{ $address }</code>

    /devices verbindet deine Kalender-App. Alles Weitere sagt /help.
bot-help-intro = Hier wirst du eingeladen, und ein Tipp antwortet. Deinen eigenen Kalender verbindest du mit /devices: Wen du von dort einlädst, der bekommt eine Karte in Telegram.
bot-settings = Einstellungen
bot-back = ‹ Zurück
bot-share-location = 📍 Meinen Standort senden
bot-city-placeholder = Eine Stadt
bot-ask-time-zone = In welcher Zeitzone lebst du? Schreib den Namen einer großen Stadt in deiner Nähe, oder sende einmal deinen Standort: Er wird nicht gespeichert.
bot-unknown-city = Eine Stadt { $city } kenne ich nicht. Schreib den Namen einer anderen großen Stadt in deiner Zeitzone.
bot-time-zone-chosen = ✅ Zeiten gelten nun für { $city }; dort ist es jetzt { $time }.
bot-time-zone-unknown = nicht gewählt
bot-setting-time-zone = 🕒 Zeitzone
bot-setting-language = 💬 Sprache
bot-setting-pings = 🔔 Antworten auf meine Termine
bot-setting-free-busy = 👁 Wer sieht, wann ich beschäftigt bin
bot-ask-language = In welcher Sprache soll ich schreiben?
bot-ask-pings = Wenn jemand auf eine Einladung von dir antwortet, ändern sich die Zahlen auf deiner Karte still. Welche Antworten sollen klingeln?
bot-pings-all = Alle
bot-pings-important = Die erste, Absagen und die letzte
bot-pings-none = Keine
bot-ask-free-busy = Wer darf in seiner Kalender-App sehen, wann du beschäftigt bist? Womit, sieht niemand.
bot-free-busy-server = Wie der Server es vorgibt
bot-free-busy-everyone = Alle, die hier ein Konto haben
bot-free-busy-acquaintances = Wer einen Termin mit mir teilt oder von mir ausgewählt wurde
bot-free-busy-nobody = Niemand

# Das Menü der Befehle: reiner Text, höchstens 256 Zeichen.
command-agenda = was in den nächsten Tagen kommt
command-today = was heute ansteht
command-week = was diese Woche ansteht
command-pending = Einladungen, die auf deine Antwort warten
command-new = ein neuer Termin
command-invite = zu einem deiner Termine einladen
command-devices = eine Kalender-App verbinden oder ihr den Zugang nehmen
command-settings = Zeitzone, Sprache, Benachrichtigungen
command-export = alle deine Kalender als Dateien
command-help = was dieser Bot kann
command-cancel = eine Frage von mir abbrechen
command-delete-account = dein Konto und alles darin löschen
