//! Which program it was that used a device, by what it says of itself (`User-Agent`).

/// What a program's `User-Agent` has in it, and what people call the program. The first that fits counts: DAVx⁵ names Android
/// and its HTTP library, too, and Thunderbird calls itself Mozilla.
const FAMILIES: [(&str, &str); 20] = [
    ("davx5", "DAVx⁵"),
    ("davdroid", "DAVx⁵"),
    ("thunderbird", "Thunderbird"),
    ("evolution", "Evolution"),
    ("gnome-online-accounts", "GNOME"),
    ("gnome-calendar", "GNOME"),
    ("akonadi", "KDE"),
    ("kontact", "KDE"),
    ("korganizer", "KDE"),
    ("fantastical", "Fantastical"),
    ("busycal", "BusyCal"),
    ("caldavsynchronizer", "Outlook CalDav Synchronizer"),
    ("vdirsyncer", "vdirsyncer"),
    ("pimsync", "pimsync"),
    ("org.tasks", "Tasks.org"),
    ("ipados/", "iPadOS"),
    ("ios/", "iOS"),
    ("macos/", "macOS"),
    ("mac os x/", "macOS"),
    ("mac+os+x/", "macOS"),
];

/// The name of the program, or of the system whose calendar it is. `None` for one that is not known.
pub(super) fn client_family(user_agent: &str) -> Option<&'static str> {
    let said = user_agent.to_lowercase();
    FAMILIES
        .into_iter()
        .find(|(sign, _)| said.contains(sign))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_by_what_they_say_of_themselves() {
        for (said, family) in [
            ("iOS/18.1 (22B83) dataaccessd/1.0", Some("iOS")),
            ("iOS/17.5.1 (21F90) remindd/1.0", Some("iOS")),
            ("macOS/14.5 (23F79) dataaccessd/1.0", Some("macOS")),
            (
                "Mac OS X/10.15.7 (19H2) CalendarAgent/930.5.1",
                Some("macOS"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0",
                Some("Thunderbird"),
            ),
            (
                "DAVx5/4.4.3-ose (dav4jvm; okhttp/4.12.0) Android/14",
                Some("DAVx⁵"),
            ),
            ("Evolution/3.52.1", Some("Evolution")),
            ("vdirsyncer/0.19.2", Some("vdirsyncer")),
            (
                "CalDavSynchronizer/4.5",
                Some("Outlook CalDav Synchronizer"),
            ),
            ("curl/8.5.0", None),
            ("", None),
        ] {
            assert_eq!(client_family(said), family, "{said}");
        }
    }
}
