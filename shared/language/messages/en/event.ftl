# New events, and invitations to events. HTML of the Bot API; values are escaped.

event-ask-title =
    What is it? Write a title, or everything at once:

    <i>Lunch with Bo tomorrow 13:00 @ Café</i>
event-ask-day = On which day? Press a button, or write the day: <i>Friday</i>, <i>15 Jan</i>.
event-ask-time = At what time on { $day }? Press a button, or write the time: <i>13:00</i>, <i>13:00-14:30</i>.
event-ask-place = Where is it? Write the place.
event-shall-i-save = Is it right so?
event-discarded = Discarded: nothing was saved.
event-saved = ✅ Saved
event-guests-wait = They get their cards now, or as soon as they press Start here.
event-pick-people = Press the button below and pick people: up to { $most } at once, and as often as you like.
event-pick-button = 👥 Pick people
event-coming = To which event do you want to invite people?
event-nothing-coming = There is no coming event of yours to invite people to. /new makes one.
event-invited = ✅ Invited: { $people }.
event-known = Invited already: { $people }.
event-nobody-new = Nobody was invited anew.
event-gone = This is not open any more. /new begins a new event, /invite shows those that there are.
event-no-room = Your calendars are full. Delete something first; nothing was saved.
event-no-calendar = None of your calendars takes events; nothing was saved.
event-too-many-people = So many people can't be invited to one event; nothing was changed.

event-today = Today
event-tomorrow = Tomorrow
event-all-day = All day
event-other-day = 📅 Another day
event-other-time = 🕒 Another time
event-place = 📍 Place
event-people = 👥 Invite people
event-save = ✅ Save
event-discard = ✖ Discard

# Why something is asked that was said.
event-doubt-ambiguous-date = Day and month can be taken for each other there.
event-doubt-no-such-day = There is no such day.
event-doubt-two-days = You have named more than one day.
event-doubt-past-day = That day is over.
event-doubt-unclear-time = That time can be in the night or in the afternoon: 03:00 or 15:00?
event-doubt-two-times = You have named more than one time.
event-doubt-past-time = That time is over already.
event-doubt-no-such-time = The clocks skip that time on this day.
