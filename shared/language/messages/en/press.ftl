# What stands at the top of the chat after a press. Plain text, at most 200 characters.
press-accepted = ✅ You accepted.
press-declined = ❌ You declined.
press-tentative = ❔ You answered “maybe”.
press-useless-button = This button is of no use any more.
