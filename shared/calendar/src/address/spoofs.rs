//! What is an internal address, and the many things that only look like one.

use proptest::prelude::*;

use super::*;

fn domain() -> InternalDomain {
    InternalDomain::default()
}

fn id(id: i64) -> TelegramUserId {
    TelegramUserId::new(id).unwrap()
}

#[test]
fn internal_addresses_are_recognised() {
    for (email, expected) in [
        ("tg_1@televent.internal", 1),
        ("tg_98765@televent.internal", 98_765),
        ("tg_98765@TELEVENT.internal", 98_765),
        ("tg_98765@Televent.Internal", 98_765),
        ("tg_10@televent.internal", 10),
        ("tg_4503599627370496@televent.internal", TelegramUserId::MAX),
    ] {
        assert_eq!(
            resolve_internal_email(email, &domain()),
            Some(id(expected)),
            "{email}"
        );
        assert!(is_internal_email(email, &domain()), "{email}");
    }
}

/// Everything here is an outsider, as a bare address.
const SPOOFS: &[&str] = &[
    // Nothing, or parts of it.
    "",
    "@",
    "tg_",
    "tg_1",
    "tg_@televent.internal",
    "_1@televent.internal",
    "@televent.internal",
    "televent.internal",
    "1@televent.internal",
    "tg1@televent.internal",
    "tg_1@",
    // Other domains.
    "tg_1@internal",
    "tg_1@sub.televent.internal",
    "tg_1@.televent.internal",
    "tg_1@televent.internal.",
    "tg_1@televent.internal.example.com",
    "tg_1@eviltelevent.internal",
    "tg_1@televent.internal-example.com",
    "tg_1@televent.internale",
    "tg_1@televent-internal",
    "tg_1@televent..internal",
    "tg_1@[televent.internal]",
    "tg_1@televent.internal:25",
    "tg_1@televent.internal/",
    "tg_1@127.0.0.1",
    "tg_1@xn--televent-.internal",
    // Doubled or misplaced @.
    "tg_1@@televent.internal",
    "tg_1@televent.internal@televent.internal",
    "tg_1@example.com@televent.internal",
    "tg_1@televent.internal@example.com",
    "@tg_1@televent.internal",
    "tg_@1@televent.internal",
    // Percent-encoding and other escapes.
    "tg_1%40televent.internal",
    "tg%5f1@televent.internal",
    "tg_%31@televent.internal",
    "tg_1@televent%2Einternal",
    "tg_1%00@televent.internal",
    "tg_1\\@televent.internal",
    "tg_1&#64;televent.internal",
    // Unicode digits, stops, letters, and what can't be seen.
    "tg_１@televent.internal",
    "tg_١@televent.internal",
    "tg_१@televent.internal",
    "tg_¹@televent.internal",
    "tg_①@televent.internal",
    "tg_1@televent．internal",
    "tg_1@televent。internal",
    "tg_1@televent｡internal",
    "tg＿1@televent.internal",
    "tg_1＠televent.internal",
    "tɡ_1@televent.internal",
    "tg_1@tеlevent.internal",
    "tg_1@televent.ınternal",
    "tg_1@televent.İnternal",
    "tg_1\u{200b}@televent.internal",
    "tg_\u{200d}1@televent.internal",
    "\u{feff}tg_1@televent.internal",
    "\u{202e}tg_1@televent.internal",
    "tg_1@televent.internal\u{200f}",
    "tg_1@tele\u{ad}vent.internal",
    "tg_1\u{301}@televent.internal",
    // Other spellings of the number.
    "tg_0@televent.internal",
    "tg_01@televent.internal",
    "tg_0001@televent.internal",
    "tg_00@televent.internal",
    "tg_-1@televent.internal",
    "tg_+1@televent.internal",
    "tg_1.0@televent.internal",
    "tg_1e3@televent.internal",
    "tg_0x1@televent.internal",
    "tg_1_000@televent.internal",
    "tg_1,000@televent.internal",
    "tg_4503599627370497@televent.internal",
    "tg_9223372036854775807@televent.internal",
    "tg_9223372036854775808@televent.internal",
    "tg_18446744073709551617@televent.internal",
    "tg_340282366920938463463374607431768211457@televent.internal",
    "tg_1a@televent.internal",
    "tg_a@televent.internal",
    // Case and shape of the local part.
    "TG_1@televent.internal",
    "Tg_1@televent.internal",
    "tG_1@televent.internal",
    "tg-1@televent.internal",
    "tg__1@televent.internal",
    "tg_tg_1@televent.internal",
    "xtg_1@televent.internal",
    "tg_1+tag@televent.internal",
    "\"tg_1\"@televent.internal",
    "tg_\"1\"@televent.internal",
    "tg_1(comment)@televent.internal",
    "(comment)tg_1@televent.internal",
    "tg_1.@televent.internal",
    ".tg_1@televent.internal",
    // Schemes, names, queries: not bare addresses.
    "mailto:tg_1@televent.internal",
    "MAILTO:tg_1@televent.internal",
    "<tg_1@televent.internal>",
    "Name <tg_1@televent.internal>",
    "tg_1@televent.internal <mallory@example.com>",
    "\"tg_1@televent.internal\" <mallory@example.com>",
    "tg_1@televent.internal?subject=x",
    "tg_1@televent.internal#x",
    "tg_1@televent.internal,tg_2@televent.internal",
    "tg_1@televent.internal;tg_2@televent.internal",
    "tg_1@televent.internal(comment)",
    // White space and control characters.
    " tg_1@televent.internal",
    "tg_1@televent.internal ",
    "tg_1 @televent.internal",
    "tg_ 1@televent.internal",
    "tg_1@ televent.internal",
    "tg_1@televent. internal",
    "\ttg_1@televent.internal",
    "tg_1@televent.internal\t",
    "tg_1@televent.internal\n",
    "\ntg_1@televent.internal",
    "tg_1@televent.internal\r\n",
    "tg_1\0@televent.internal",
    "tg_1@televent.internal\0",
    "tg_1@televent.internal\0.example.com",
    "tg_1@televent.internal\u{a0}",
    "tg_1@televent.internal\u{2028}",
    "tg_1\u{7f}@televent.internal",
];

#[test]
fn spoofs_are_outsiders() {
    assert!(SPOOFS.len() >= 60);
    for spoof in SPOOFS {
        assert_eq!(resolve_internal_email(spoof, &domain()), None, "{spoof:?}");
        assert!(!is_internal_email(spoof, &domain()), "{spoof:?}");
    }
}

/// The same as the values of properties, where only `mailto:` is taken away.
#[test]
fn spoofs_are_outsiders_as_cal_addresses() {
    for spoof in SPOOFS {
        let has_scheme = spoof.to_ascii_lowercase().starts_with("mailto:");
        for text in [
            format!("mailto:{spoof}"),
            format!("MailTo:{spoof}"),
            (*spoof).to_owned(),
        ] {
            if has_scheme && text == **spoof {
                continue;
            }
            let address = CalendarUserAddress::parse(&text);
            assert_eq!(
                address
                    .ok()
                    .and_then(|address| address.telegram_user_id(&domain())),
                None,
                "{text:?}"
            );
        }
    }
}

#[test]
fn another_domain_is_another_rule() {
    let domain: InternalDomain = "Meet.Example.ORG".parse().unwrap();
    assert_eq!(domain.as_str(), "meet.example.org");
    assert_eq!(
        resolve_internal_email("tg_7@MEET.example.org", &domain),
        Some(id(7))
    );
    assert!(!is_internal_email("tg_7@televent.internal", &domain));
    assert_eq!(
        generate_internal_email(id(7), &domain),
        "tg_7@meet.example.org"
    );
}

#[test]
fn domains_are_host_names() {
    for good in [
        "televent.internal",
        "localhost",
        "a-b.c1",
        "1.example",
        "XN--MNCHEN-3YA.de",
    ] {
        assert_eq!(
            good.parse::<InternalDomain>().unwrap().as_str(),
            good.to_ascii_lowercase()
        );
    }
    let long_label = format!("{}.de", "a".repeat(64));
    let long = ["abcdefg"; 40].join(".");
    for bad in [
        "",
        ".",
        "a..b",
        ".a",
        "a.",
        "-a.b",
        "a-.b",
        "a_b.c",
        "a b",
        "münchen.de",
        "a@b",
        "a/b",
        "a:25",
        "a\0",
        &long_label,
        &long,
    ] {
        let error = bad.parse::<InternalDomain>().unwrap_err();
        assert!(error.to_string().contains("is not a host name"), "{error}");
    }
}

#[test]
fn telegram_ids_have_one_spelling() {
    for good in ["1", "98765", "4503599627370496"] {
        assert_eq!(good.parse::<TelegramUserId>().unwrap().to_string(), good);
    }
    for bad in [
        "",
        "0",
        "01",
        "+1",
        "-1",
        " 1",
        "1 ",
        "1_0",
        "１",
        "4503599627370497",
        "99999999999999999999",
    ] {
        assert_eq!(
            bad.parse::<TelegramUserId>(),
            Err(InvalidTelegramUserId),
            "{bad:?}"
        );
    }
    for bad in [i64::MIN, -1, 0, TelegramUserId::MAX + 1, i64::MAX] {
        assert_eq!(
            TelegramUserId::new(bad),
            Err(InvalidTelegramUserId),
            "{bad}"
        );
    }
}

#[test]
fn cal_addresses_have_a_normal_form() {
    for (text, normal, cal_address) in [
        (
            "mailto:Ann@Example.ORG",
            "Ann@example.org",
            "mailto:Ann@example.org",
        ),
        (
            "MAILTO:ann@example.org",
            "ann@example.org",
            "mailto:ann@example.org",
        ),
        (
            "ann@EXAMPLE.org",
            "ann@example.org",
            "mailto:ann@example.org",
        ),
        (
            "MAILTO:tg_5@TELEVENT.INTERNAL",
            "tg_5@televent.internal",
            "mailto:tg_5@televent.internal",
        ),
        ("URN:UUID:6F1A", "urn:UUID:6F1A", "urn:UUID:6F1A"),
        ("invalid:nomail", "invalid:nomail", "invalid:nomail"),
        (
            "/principals/ann@home/",
            "/principals/ann@home/",
            "/principals/ann@home/",
        ),
        (
            "https://Example.org/Ann@x",
            "https://Example.org/Ann@x",
            "https://Example.org/Ann@x",
        ),
        ("mailto:", "mailto:", "mailto:"),
        ("mailto:ann", "mailto:ann", "mailto:ann"),
        ("ann", "ann", "ann"),
        // Taking away one `mailto:` must not make an address of what was none.
        (
            "mailto:mailto:tg_5@televent.internal",
            "mailto:mailto:tg_5@televent.internal",
            "mailto:mailto:tg_5@televent.internal",
        ),
    ] {
        let address = CalendarUserAddress::parse(text).unwrap();
        assert_eq!(address.as_str(), normal, "{text}");
        assert_eq!(address.to_cal_address(), cal_address, "{text}");
    }
}

#[test]
fn cal_addresses_are_bounded() {
    assert_eq!(CalendarUserAddress::parse(""), Err(InvalidAddress::Empty));
    for bad in ["mailto:a\0@b", "a\nb@c", "a\tb@c", "a@b\u{85}"] {
        assert_eq!(
            CalendarUserAddress::parse(bad),
            Err(InvalidAddress::ControlCharacter),
            "{bad:?}"
        );
    }
    let long = format!("mailto:{}@example.org", "a".repeat(MAX_ADDRESS_BYTES));
    assert_eq!(
        CalendarUserAddress::parse(&long),
        Err(InvalidAddress::TooLong { bytes: long.len() })
    );
}

proptest! {
    #[test]
    fn generated_addresses_resolve_to_their_id(number in 1..=TelegramUserId::MAX) {
        let email = generate_internal_email(id(number), &domain());
        prop_assert_eq!(resolve_internal_email(&email, &domain()), Some(id(number)));
        prop_assert_eq!(resolve_internal_email(&email.replace("televent", "TeleVent"), &domain()), Some(id(number)));
        let address = CalendarUserAddress::internal(id(number), &domain());
        prop_assert_eq!(address.telegram_user_id(&domain()), Some(id(number)));
        prop_assert_eq!(CalendarUserAddress::parse(&address.to_cal_address()), Ok(address));
    }

    #[test]
    fn whatever_is_accepted_is_canonical(email in near_internal()) {
        if let Some(id) = resolve_internal_email(&email, &domain()) {
            let (local_part, host) = email.split_once('@').unwrap();
            let canonical = format!("{local_part}@{}", host.to_ascii_lowercase());
            prop_assert_eq!(canonical, generate_internal_email(id, &domain()));
        }
    }

    #[test]
    fn the_normal_form_is_stable(text in "(mailto:|MAILTO:|urn:|/)?(mailto:)?\\PC{0,12}@?\\PC{0,12}") {
        if let Ok(address) = CalendarUserAddress::parse(&text) {
            prop_assert_eq!(CalendarUserAddress::parse(address.as_str()), Ok(address.clone()));
            // A mail address longer than the limit only with its `mailto:` is not made here.
            prop_assert_eq!(CalendarUserAddress::parse(&address.to_cal_address()), Ok(address));
        }
    }
}

/// An internal address with up to three characters changed, so that the interesting cases are hit.
fn near_internal() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..3_u8, any::<char>());
    (1..=1_i64 << 53, prop::collection::vec(edit, 0..3)).prop_map(|(number, edits)| {
        let mut email: Vec<char> = format!("tg_{number}@televent.internal").chars().collect();
        for (at, kind, character) in edits {
            let at = at.index(email.len());
            match kind {
                0 => email[at] = character,
                1 => email.insert(at, character),
                _ => email[at] = email[at].to_ascii_uppercase(),
            }
        }
        email.into_iter().collect()
    })
}
