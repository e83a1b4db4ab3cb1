//! Who is found by name.

use anyhow::Result;
use televent_store::{Directory, NewUser};
use uuid::Uuid;

use crate::support::{ANN, BOB, Draft, Ground, SAM, account, person};

/// Somebody who has nothing to do with anybody.
const ZOE: i64 = 555_000;

const EVERYONE: Directory = Directory::Everyone;
const ACQUAINTANCES: Directory = Directory::Acquaintances;

/// Ann, and three more accounts; and the calendars of the three.
async fn people() -> Result<(Ground, [Uuid; 3])> {
    let ground = Ground::new().await?;
    let calendars = [Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7()];
    let [bobs, sams, zoes] = calendars;
    for user in [
        NewUser {
            name: "Боб Иванов",
            username: Some("Bob_I"),
            ..account(BOB, bobs)
        },
        NewUser {
            name: "Sam 100%",
            ..account(SAM, sams)
        },
        NewUser {
            name: "Zoë",
            username: Some("zoe"),
            ..account(ZOE, zoes)
        },
    ] {
        ground.store.add_user(&user).await?;
    }
    // Was invited, and has no account.
    ground.store.set_reachable(person(4_242), true).await?;
    Ok((ground, calendars))
}

async fn search(
    ground: &Ground,
    asker: i64,
    directory: Directory,
    needles: &[&str],
) -> Result<Vec<i64>> {
    let needles: Vec<String> = needles.iter().map(|&needle| needle.to_owned()).collect();
    let found = ground
        .store
        .search_principals(person(asker), directory, &needles, 10)
        .await?;
    let mut ids: Vec<i64> = found.iter().map(|found| found.telegram_id.get()).collect();
    ids.sort_unstable();
    Ok(ids)
}

#[tokio::test]
async fn needle_is_found_in_name_username_and_id_in_any_case_and_script() -> Result<()> {
    let (ground, _) = people().await?;
    for (needles, expected) in [
        (vec![], vec![ANN, SAM, BOB, ZOE]),
        (vec![""], vec![ANN, SAM, BOB, ZOE]),
        (vec!["ann"], vec![ANN]),
        (vec!["боб"], vec![BOB]),
        (vec!["ИВАН"], vec![BOB]),
        (vec!["bob_"], vec![BOB]),
        (vec!["ZOË"], vec![ZOE]),
        (vec!["zoe"], vec![ZOE]),
        (vec!["100%"], vec![SAM]),
        (vec!["%"], vec![SAM]),
        (vec!["_"], vec![BOB]),
        (vec!["."], vec![]),
        (vec!["(", "[a-z]", "\\", "^", "$", "***=", "\n"], vec![]),
        (vec!["a\0"], vec![]),
        (vec!["9876"], vec![BOB]),
        (vec!["nobody", "sam", "555000"], vec![SAM, ZOE]),
        (vec!["4242"], vec![]),
    ] {
        assert_eq!(
            search(&ground, ANN, EVERYONE, &needles).await?,
            expected,
            "{needles:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn found_are_shown_by_name_and_no_more_than_asked_for() -> Result<()> {
    let (ground, _) = people().await?;
    let found = ground
        .store
        .search_principals(person(ANN), EVERYONE, &[], 2)
        .await?;
    let shown: Vec<_> = found
        .iter()
        .map(|found| (found.name.as_str(), found.username.as_deref()))
        .collect();
    assert_eq!(shown, [("Ann", None), ("Sam 100%", None)]);
    Ok(())
}

#[tokio::test]
async fn acquaintances_are_those_with_whom_one_shares_an_event() -> Result<()> {
    let (ground, [bobs, ..]) = people().await?;
    let know = async |asker| search(&ground, asker, ACQUAINTANCES, &[]).await;
    assert_eq!(know(ANN).await?, [ANN], "oneself");

    // Ann has Bob in her event.
    let lunch = ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    assert_eq!(know(ANN).await?, [ANN, BOB]);
    assert_eq!(know(BOB).await?, [ANN, BOB]);
    // Bob has Sam and Zoë in his, and it may be his copy of somebody else's.
    let party = ground
        .event_in(bobs, "b.ics", &Draft::new("uid-b", "two", &[SAM, ZOE]))
        .await?;
    assert_eq!(know(SAM).await?, [SAM, BOB, ZOE]);
    assert_eq!(
        know(ANN).await?,
        [ANN, BOB],
        "not the acquaintances of acquaintances"
    );

    // What is gone connects nobody any more.
    ground.store.remove_event(lunch, 1).await?;
    assert_eq!(know(ANN).await?, [ANN]);
    ground.store.remove_event(party, 1).await?;
    assert_eq!(know(ZOE).await?, [ZOE]);
    Ok(())
}

#[tokio::test]
async fn only_the_newest_events_make_acquaintances() -> Result<()> {
    let (ground, _) = people().await?;
    ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    let known = async |newest: i64| {
        ground
            .rows(&format!(
                "select acquaintances({ANN}, {newest})::text order by 1"
            ))
            .await
    };
    assert_eq!(known(1).await?, ["1001", "98765"]);
    ground
        .event("b.ics", &Draft::new("uid-b", "two", &[SAM]))
        .await?;
    assert_eq!(known(1).await?, ["1001", "4711"]);
    assert_eq!(known(2).await?, ["1001", "4711", "98765"]);
    Ok(())
}

#[tokio::test]
async fn principal_is_there_for_whom_it_may_be() -> Result<()> {
    let (ground, _) = people().await?;
    let name = async |asker, id, directory| {
        let found = ground
            .store
            .principal(person(asker), person(id), directory)
            .await?;
        anyhow::Ok(found.map(|found| found.name))
    };
    assert_eq!(name(ANN, ANN, ACQUAINTANCES).await?.as_deref(), Some("Ann"));
    assert_eq!(name(ANN, BOB, ACQUAINTANCES).await?, None);
    assert_eq!(
        name(ANN, BOB, EVERYONE).await?.as_deref(),
        Some("Боб Иванов")
    );
    assert_eq!(name(ANN, 4_242, EVERYONE).await?, None, "has no account");
    ground
        .event("a.ics", &Draft::new("uid-a", "one", &[BOB]))
        .await?;
    assert_eq!(
        name(ANN, BOB, ACQUAINTANCES).await?.as_deref(),
        Some("Боб Иванов")
    );
    assert_eq!(name(BOB, ANN, ACQUAINTANCES).await?.as_deref(), Some("Ann"));
    assert_eq!(name(SAM, ANN, ACQUAINTANCES).await?, None);
    Ok(())
}
