# Die Karte einer Einladung. HTML der Bot-API; Werte sind maskiert.

# Steht für einen fehlenden Titel.
card-no-title = (ohne Titel)
# $title ist der durchgestrichene Titel.
card-cancelled = ❌ Abgesagt: { $title }
card-changed = 🔄 Geändert: { $title }
# Von einem geänderten Termin einer Serie.
card-once-of-a-series = Ein einzelner Termin einer Serie
card-instead-of = Statt { $time }
card-more = … und { $count } weitere
# $events sind Termine aus dem eigenen Kalender, mit ihren Zeiten.
card-overlaps = Überschneidet sich mit: { $events }
card-overlap = { $title }, { $time }
card-overlap-all-day = { $title } (ganztägig)
card-accepted = ✅ Du hast zugesagt.
card-declined = ❌ Du hast abgesagt.
card-tentative = ❔ Du hast „vielleicht“ geantwortet.
card-removed = 🚫 Du bist zu diesem Termin nicht mehr eingeladen.
card-removed-on-day = 🚫 Du bist an diesem Tag nicht mehr zu { $title } eingeladen:

# Nachrichten von einer Zeile, mit Ton, unter der Karte.
card-told-cancelled = ❌ { $title } wurde abgesagt.
card-told-again = 📅 { $title } findet doch statt.
card-told-invited-again = 📅 Du bist wieder eingeladen: { $title }.

# Knöpfe.
card-button-accept = ✅ Zusagen
card-button-maybe = ❔ Vielleicht
card-button-decline = ❌ Absagen
card-button-change = Antwort ändern
card-button-join = 🎥 Teilnehmen
card-button-map = 🗺 Karte

# Was anders ist. Auch ohne Formatierung gezeigt, und so kurz wie möglich.
change-time = Verschoben: { $old } → { $new }.
change-time-unknown = Der Termin ist zu einer anderen Zeit.
change-place = Ort: { $old } → { $new }.
change-no-place = keiner
change-repetition = Wiederholung: { $old } → { $new }.
# Anstelle einer Wiederholung.
change-once = einmalig

# Eine Kalender-App lädt unter einer fremden Adresse ein.
card-nobody-invited =
    ⚠️ Zu { $title } wurde niemand eingeladen.

    Deine Kalender-App nennt <code>{ $organizer }</code> als Veranstalter, und das ist hier nicht deine Adresse.

    Trage in der App <code>{ $own }</code> als E-Mail-Adresse dieses Kontos ein (in DAVx⁵ ist es der Name des Kontos) und speichere den Termin noch einmal.
