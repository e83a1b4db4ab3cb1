# Was nach einem Tipp oben im Chat steht. Reiner Text, höchstens 200 Zeichen.
press-accepted = ✅ Du hast zugesagt.
press-declined = ❌ Du hast abgesagt.
press-tentative = ❔ Du hast „vielleicht“ geantwortet.
press-useless-button = Dieser Knopf ist nicht mehr von Nutzen.
