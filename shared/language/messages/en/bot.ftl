# What the bot says. HTML of the Bot API; values are escaped.
bot-not-understood = I did not understand that. /help tells what I can do.
bot-cancelled = Left as it was.
bot-welcome =
    Hello { $name }! You have a calendar here now, and invitations reach you in this chat.

    Others invite you by this address: <code>{ $address }</code>

    /devices connects your calendar app. /help tells everything else.
bot-help-intro = You are invited here, and one tap answers. Your own calendar is connected with /devices: whom you invite from it gets a card in Telegram.
bot-settings = Settings
bot-back = ‹ Back
bot-share-location = 📍 Share my location
bot-city-placeholder = A city
bot-ask-time-zone = In which time zone do you live? Write the name of a large city near you, or share your location once: it is not kept.
bot-unknown-city = I know no city { $city }. Write the name of another large city in your time zone.
bot-time-zone-chosen = ✅ Times are shown for { $city }, where it is { $time } now.
bot-time-zone-unknown = not chosen
bot-setting-time-zone = 🕒 Time zone
bot-setting-language = 💬 Language
bot-setting-pings = 🔔 Answers to my meetings
bot-setting-free-busy = 👁 Who sees when I am busy
bot-ask-language = In which language shall I write?
bot-ask-pings = When somebody answers an invitation of yours, the counts on your card change silently. Which answers shall ring?
bot-pings-all = All
bot-pings-important = The first, those who decline, and the last
bot-pings-none = None
bot-ask-free-busy = Who may see in their calendar app when you are busy? Nobody ever sees with what.
bot-free-busy-server = As the server has it
bot-free-busy-everyone = Everyone with an account here
bot-free-busy-acquaintances = Those with whom I share a meeting, or whom I have picked
bot-free-busy-nobody = Nobody

# The menu of commands: plain text, at most 256 characters.
command-agenda = what comes in the next days
command-today = what there is today
command-week = what there is this week
command-pending = invitations that wait for your answer
command-new = a new event
command-invite = invite people to one of your events
command-devices = connect a calendar app, or take its access back
command-settings = time zone, language, notifications
command-export = all your calendars as files
command-help = what this bot can do
command-cancel = leave what I have asked
command-delete-account = delete your account and all that is in it
