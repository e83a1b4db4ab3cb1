# Calendar apps in the chat. HTML of the Bot API; values are escaped.
device-title = Your calendar apps
device-none = None is connected yet.
device-more = { PLURAL($count) ->
    [one] … and { $count } more
   *[other] … and { $count } more
}
device-add = ➕ Connect a calendar app
device-never-used = never used
device-used-lately = used in the last two hours
device-used-hours = { PLURAL($count) ->
    [one] used { $count } hour ago
   *[other] used { $count } hours ago
}
device-used-days = { PLURAL($count) ->
    [one] used { $count } day ago
   *[other] used { $count } days ago
}
device-used-on = last used on { $date }
device-date = { $year }-{ $month }-{ $day }
device-added = Added on { $date }
device-client = The app calls itself { $name }.
device-revoke = 🚫 Revoke access
device-ask-revoke = Shall <b>{ $label }</b> have no access any more? Its password stops working at once. Your calendars stay as they are.
device-revoke-now = 🚫 Yes, revoke
device-revoked = Access revoked
device-gone = This device has no access any more.
device-too-many = { PLURAL($count) ->
    [one] You have { $count } device, which is as many as there can be. Revoke it first.
   *[other] You have { $count } devices, which is as many as there can be. Revoke one that you no longer use.
}
device-which = What do you want to connect?
device-app-iphone = iPhone / iPad
device-app-mac = Mac
device-app-android = Android (DAVx⁵)
device-app-thunderbird = Thunderbird
device-app-other = Another app
device-steps-iphone =
    Open the link on the iPhone or iPad, or point its camera at the code, and load the profile. Then: <b>Settings › Profile Downloaded › Install</b>.
device-steps-mac =
    Open the link on the Mac and load the profile, then install it in <b>System Settings › General › Device Management</b>. By hand: <b>Calendar › Add Account › Other CalDAV Account</b>.
device-steps-android =
    Install DAVx⁵, then open the link on the phone, or point its camera at the code: it can hand everything to DAVx⁵. By hand: <b>+ › Login with URL and user name</b>.
device-steps-thunderbird =
    In Thunderbird: <b>New Calendar › On the Network</b>. Type the username and the server; it asks for the password.
device-steps-other = Add a CalDAV account to the app, with these three.
device-once = The link works once, within an hour. The password is shown only here.
device-open = 📲 Open on this phone
device-hide = 🙈 Hide the password
device-hidden = The password is hidden, and the link has ended. /devices shows this device, and revokes it.
