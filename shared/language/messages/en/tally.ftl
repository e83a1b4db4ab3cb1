# The organizer's card: who has answered what. HTML of the Bot API; values are escaped.

tally-accepted = ✅ { $name } accepted
tally-declined = ❌ { $name } declined
tally-tentative = ❔ { $name } may come
tally-delegated = ❌ { $name } delegated it
tally-waiting = ⏳ { $name } has not answered
# Of one instance of a series.
tally-accepted-day = ✅ { $name } accepted { $day }
tally-declined-day = ❌ { $name } declined { $day }
tally-tentative-day = ❔ { $name } may come { $day }
tally-counts = { $yes } yes · { $no } no · { $waiting } waiting
tally-counts-with-maybe = { $yes } yes · { $no } no · { $maybe } maybe · { $waiting } waiting
tally-everyone = 🏁 Everyone has answered.

# Whom the invitation did not reach. The link stands below.
tally-not-opened = ⏳ { $name } has not opened the bot yet: forward this link
tally-blocked = 🚫 { $name } has blocked the bot: forward this link
tally-unknown = 🚫 Telegram knows nobody with the address of { $name }
