# Was nach einem Tipp oben im Chat steht. Reiner Text, höchstens 200 Zeichen.
press-accepted = ✅ Du hast zugesagt.
press-declined = ❌ Du hast abgesagt.
press-tentative = ❔ Du hast „vielleicht“ geantwortet.
press-useless-button = Dieser Knopf ist nicht mehr von Nutzen.
press-gone = Diese Einladung gibt es nicht mehr.
press-not-invited = Du bist zu diesem Termin nicht eingeladen.
press-no-room = In dieser Serie ist kein Platz für eine weitere Antwort zu einem einzelnen Tag. Du kannst für die ganze Serie antworten.
press-cancelled = Dieser Termin wurde abgesagt.
press-answered-since = Du hast inzwischen anders geantwortet.
press-asked-anew = Der Termin hat sich inzwischen geändert. Sieh ihn dir noch einmal an und antworte neu.
# $changes sind Sätze wie „Verschoben: … → ….“
press-changed = { $changes } Sieh noch einmal hin und antworte neu.
