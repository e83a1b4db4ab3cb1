# Was an den Tagen ansteht, und was auf Antwort wartet. HTML der Bot API; Werte sind maskiert.
agenda-heading = 🗓 <b>{ $days }</b>
# Ein Tag unter mehreren: Wochentag und Datum.
agenda-day = { $weekday }, { $date }
agenda-all-day = ganztägig
# Ein Termin, der am nächsten Tag weitergeht oder am Tag davor begonnen hat.
agenda-from = ab { $time }
agenda-until = bis { $time }
agenda-no-title = Ohne Titel
agenda-nothing = Nichts geplant.
agenda-more =
    { PLURAL($count) ->
        [one] … und { $count } weiterer Termin
       *[other] … und { $count } weitere Termine
    }
agenda-incomplete = Es gibt mehr, als ich hier durchsehen kann. Deine Kalender-App zeigt alles.
agenda-unanswered = ⏳ Noch nicht beantwortet: /pending
agenda-in-utc = Zeiten sind in UTC angegeben. Wähle deine Zeitzone unter /settings.
agenda-earlier = ‹ Früher
agenda-later = Später ›
agenda-no-account = Du hast hier noch keinen Kalender. /start legt einen an.

pending-heading = <b>Wartet auf deine Antwort</b>
pending-nothing = ✅ Keine Einladung wartet auf deine Antwort.
pending-previous = ‹ Zurück
pending-next = Weiter ›
