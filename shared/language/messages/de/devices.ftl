# Kalender-Apps im Chat. HTML der Bot API; Werte sind maskiert.
device-title = Deine Kalender-Apps
device-none = Noch ist keine verbunden.
device-more = { PLURAL($count) ->
    [one] … und { $count } weitere
   *[other] … und { $count } weitere
}
device-add = ➕ Kalender-App verbinden
device-never-used = nie benutzt
device-used-lately = in den letzten zwei Stunden benutzt
device-used-hours = { PLURAL($count) ->
    [one] vor { $count } Stunde benutzt
   *[other] vor { $count } Stunden benutzt
}
device-used-days = { PLURAL($count) ->
    [one] vor { $count } Tag benutzt
   *[other] vor { $count } Tagen benutzt
}
device-used-on = zuletzt benutzt am { $date }
device-date = { $day }.{ $month }.{ $year }
device-added = Hinzugefügt am { $date }
device-client = Die App nennt sich { $name }.
device-revoke = 🚫 Zugang entziehen
device-ask-revoke = Soll <b>{ $label }</b> keinen Zugang mehr haben? Das Passwort gilt dann sofort nicht mehr. Deine Kalender bleiben, wie sie sind.
device-revoke-now = 🚫 Ja, entziehen
device-revoked = Zugang entzogen
device-gone = Dieses Gerät hat keinen Zugang mehr.
device-too-many = { PLURAL($count) ->
    [one] Du hast { $count } Gerät, mehr geht nicht. Entzieh ihm zuerst den Zugang.
   *[other] Du hast { $count } Geräte, mehr gehen nicht. Entzieh einem den Zugang, das du nicht mehr benutzt.
}
device-which = Was möchtest du verbinden?
device-app-iphone = iPhone / iPad
device-app-mac = Mac
device-app-android = Android (DAVx⁵)
device-app-thunderbird = Thunderbird
device-app-other = Andere App
device-steps-iphone =
    Öffne den Link auf dem iPhone oder iPad, oder richte dessen Kamera auf den Code, und lade das Profil. Danach: <b>Einstellungen › Profil geladen › Installieren</b>.
device-steps-mac =
    Öffne den Link auf dem Mac, lade das Profil und installiere es unter <b>Systemeinstellungen › Allgemein › Geräteverwaltung</b>. Von Hand: <b>Kalender › Account hinzufügen › Anderer CalDAV-Account</b>.
device-steps-android =
    Installiere DAVx⁵ und öffne dann den Link auf dem Handy, oder richte dessen Kamera auf den Code: Von dort geht alles an DAVx⁵. Von Hand: <b>+ › Mit URL und Benutzername anmelden</b>.
device-steps-thunderbird =
    In Thunderbird: <b>Neuer Kalender › Im Netzwerk</b>. Gib Benutzernamen und Server ein; nach dem Passwort wirst du gefragt.
device-steps-other = Füge in der App ein CalDAV-Konto mit diesen drei Angaben hinzu.
device-once = Der Link gilt einmal, eine Stunde lang. Das Passwort steht nur hier.
device-open = 📲 Auf diesem Handy öffnen
device-hide = 🙈 Passwort verbergen
device-hidden = Das Passwort ist verborgen, und der Link gilt nicht mehr. /devices zeigt dieses Gerät und entzieht ihm den Zugang.
