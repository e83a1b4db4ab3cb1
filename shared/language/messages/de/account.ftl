# Zeitzone, Kalender als Dateien, und das Ende eines Kontos. HTML der Bot API; Werte sind maskiert.
account-time-zone-of-place = ✅ { $place }: Zeiten gelten nun für { $city }; dort ist es jetzt { $time }.
account-other-places = Wenn du einen anderen Ort meinst, tippe ihn an:
account-connect = /devices verbindet deine Kalender-App.

account-file-caption =
    { PLURAL($count) ->
        [one] <b>{ $name }</b>: { $count } Eintrag
       *[other] <b>{ $name }</b>: { $count } Einträge
    }
account-file-too-large = <b>{ $name }</b> ist zu groß für eine Nachricht. Ein Browser lädt den Kalender von <code>{ $url }</code>, mit Benutzername und Passwort eines Geräts (/devices).

account-delete-heading = <b>Dein Konto löschen?</b>
account-delete-entries =
    { PLURAL($count) ->
        [one] • { $count } Eintrag in deinen Kalendern wird gelöscht.
       *[other] • { $count } Einträge in deinen Kalendern werden gelöscht.
    }
account-delete-devices =
    { PLURAL($count) ->
        [one] • { $count } Kalender-App verliert sofort ihren Zugang.
       *[other] • { $count } Kalender-Apps verlieren sofort ihren Zugang.
    }
account-delete-organized =
    { PLURAL($count) ->
        [one] • { $count } Termin, zu dem du eingeladen hast, wird für alle abgesagt.
       *[other] • { $count } Termine, zu denen du eingeladen hast, werden für alle abgesagt.
    }
account-delete-attended = • Einladungen von anderen werden abgelehnt.
account-delete-final = Das lässt sich nicht rückgängig machen. /export gibt dir vorher deine Kalender als Dateien.
account-delete = Alles löschen
account-keep = Behalten
account-kept = Nichts wurde gelöscht.
account-deleted = Alles ist gelöscht. Was in deinen Kalendern stand, verschwindet nach 30 Tagen vom Server; bis dahin sehen die, die du eingeladen hast, was abgesagt wurde. /start fängt neu an.
