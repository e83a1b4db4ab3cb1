# Neue Termine und Einladungen zu Terminen. HTML der Bot API; Werte sind maskiert.

event-ask-title =
    Was ist es? Schreib einen Titel, oder alles auf einmal:

    <i>Essen mit Bo morgen 13 Uhr @ Café</i>
event-ask-day = An welchem Tag? Drück einen Knopf, oder schreib den Tag: <i>Freitag</i>, <i>15.1.</i>
event-ask-time = Um wie viel Uhr am { $day }? Drück einen Knopf, oder schreib die Zeit: <i>13:00</i>, <i>13:00-14:30</i>.
event-ask-place = Wo ist es? Schreib den Ort.
event-shall-i-save = Stimmt das so?
event-discarded = Verworfen: Nichts wurde gespeichert.
event-saved = ✅ Gespeichert
event-guests-wait = Sie bekommen ihre Karten jetzt, oder sobald sie hier auf Start drücken.
event-pick-people = Drück unten den Knopf und wähle Personen aus: bis zu { $most } auf einmal, und so oft du willst.
event-pick-button = 👥 Personen auswählen
event-coming = Zu welchem Termin möchtest du einladen?
event-nothing-coming = Du hast keinen kommenden eigenen Termin, zu dem du einladen kannst. /new legt einen an.
event-invited = ✅ Eingeladen: { $people }.
event-known = Schon eingeladen: { $people }.
event-nobody-new = Niemand wurde neu eingeladen.
event-gone = Das ist nicht mehr offen. /new beginnt einen neuen Termin, /invite zeigt, welche es gibt.
event-no-room = Deine Kalender sind voll. Lösche zuerst etwas; nichts wurde gespeichert.
event-no-calendar = Keiner deiner Kalender nimmt Termine auf; nichts wurde gespeichert.
event-too-many-people = So viele Personen können nicht zu einem Termin eingeladen werden; nichts wurde geändert.

event-today = Heute
event-tomorrow = Morgen
event-all-day = Ganztägig
event-other-day = 📅 Anderer Tag
event-other-time = 🕒 Andere Zeit
event-place = 📍 Ort
event-people = 👥 Personen einladen
event-save = ✅ Speichern
event-discard = ✖ Verwerfen

# Warum nach etwas gefragt wird, was gesagt wurde.
event-doubt-ambiguous-date = Tag und Monat lassen sich da verwechseln.
event-doubt-no-such-day = Diesen Tag gibt es nicht.
event-doubt-two-days = Du hast mehr als einen Tag genannt.
event-doubt-past-day = Dieser Tag ist vorbei.
event-doubt-unclear-time = Das kann in der Nacht oder am Nachmittag sein: 03:00 oder 15:00?
event-doubt-two-times = Du hast mehr als eine Uhrzeit genannt.
event-doubt-past-time = Diese Uhrzeit ist schon vorbei.
event-doubt-no-such-time = Diese Uhrzeit wird an dem Tag bei der Zeitumstellung übersprungen.
