//! What a change of a meeting does to who was asked, who has answered, and the cards that ask.

use anyhow::{Context as _, Result};
use televent_calendar::{PartStat, Scope};
use televent_store::PressedMessage;
use uuid::Uuid;

use super::{
    decided::{Decided, Place, decided},
    party::{NAME, Party, plan_of},
};
use crate::{
    cards::{MINUTE, key, lease, record, request, sent, shown, take, take_and_record},
    support::{ANN, BOB, SAM, at, person, press},
};

/// Every Friday; the instance on the 22nd has this key.
const WEEKLY: &str = "RRULE:FREQ=WEEKLY;COUNT=4";
const INSTANCE: &str = "20270122T080000Z";

/// Each attendee: when they were asked, and when and by which update they have answered.
async fn asked(party: &Party) -> Result<Vec<String>> {
    let seconds = |column: &str| {
        format!(
            "coalesce(case when not isfinite({column}) then 'never'
                           else (extract(epoch from {column})::bigint - 1790000000)::text end, '-')"
        )
    };
    let columns = [seconds("asked_at"), seconds("answered_at")].join(", ");
    let query = format!(
        "select concat_ws(' ', nullif(recurrence_id, ''), telegram_id, status, {columns}, answered_by_update)
         from event_attendees order by recurrence_id, telegram_id"
    );
    party.ground.rows(&query).await
}

/// Ann's PUT at a second.
async fn puts_at(party: &Party, second: i64, text: &str) -> Result<()> {
    let mut put = party.puts(NAME, text).await?;
    put.now = at(second);
    party.done(&put).await
}

/// The meeting as it is, with a request that goes to Bob again.
fn forced_on_bob() -> String {
    plan_of(&[BOB, SAM], "").replace(
        "NEEDS-ACTION:mailto:tg_98765",
        "NEEDS-ACTION;SCHEDULE-FORCE-SEND=REQUEST:mailto:tg_98765",
    )
}

/// An answer for one instance.
async fn answers_instance(party: &Party, id: Uuid, update_id: i64, who: i64) -> Result<Decided> {
    let (rows, meeting) = party.meeting(id, who).await?;
    let scope = Scope::Instance(INSTANCE.to_owned());
    let plan = meeting.answer(person(who), &scope, &PartStat::Declined, at(update_id));
    Ok(Decided {
        press: Some(press(update_id, who)),
        ..decided(rows, plan.context("they are invited")?, Place::AsPlanned)
    })
}

#[tokio::test]
async fn who_is_asked_has_not_answered_and_who_is_not_has() -> Result<()> {
    let party = Party::new().await?;
    let first = plan_of(&[BOB, SAM], "");
    puts_at(&party, 10, &first).await?;
    let id = party.event(ANN, NAME).await?.id;
    assert_eq!(
        asked(&party).await?,
        ["4711 NEEDS-ACTION 10 -", "98765 NEEDS-ACTION 10 -"]
    );
    party
        .done(&party.answers(20, BOB, id, PartStat::Accepted).await?)
        .await?;
    let answered = ["4711 NEEDS-ACTION 10 -", "98765 ACCEPTED 10 20 20"];
    assert_eq!(asked(&party).await?, answered);

    let renamed = first.replace("Planning", "Plan");
    puts_at(&party, 30, &renamed).await?;
    assert_eq!(asked(&party).await?, answered, "nobody is asked again");

    let moved = renamed.replace("T090000Z", "T093000Z");
    puts_at(&party, 40, &moved).await?;
    assert_eq!(
        asked(&party).await?,
        ["4711 NEEDS-ACTION 40 -", "98765 NEEDS-ACTION 40 -"]
    );
    // The clock of the process that writes this is late.
    let back = moved.replace("T093000Z", "T094500Z");
    puts_at(&party, 35, &back).await?;
    assert_eq!(
        asked(&party).await?,
        ["4711 NEEDS-ACTION 40 -", "98765 NEEDS-ACTION 40 -"]
    );
    Ok(())
}

#[tokio::test]
async fn answer_of_an_app_is_newer_than_the_press_before_it() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party
        .done(&party.answers(20, BOB, id, PartStat::Accepted).await?)
        .await?;
    let said = party.copy(BOB).await?.replace("ACCEPTED", "TENTATIVE");
    let mut put = party.puts_copy(BOB, id, &said).await?;
    put.now = at(30);
    party.done(&put).await?;
    assert_eq!(
        asked(&party).await?,
        ["4711 NEEDS-ACTION 0 -", "98765 TENTATIVE 0 30"]
    );
    Ok(())
}

#[tokio::test]
async fn who_comes_back_is_asked_as_if_for_the_first_time() -> Result<()> {
    let (party, id) = Party::invited().await?;
    party
        .done(&party.answers(20, BOB, id, PartStat::Accepted).await?)
        .await?;
    puts_at(&party, 30, &plan_of(&[SAM], "")).await?;
    assert_eq!(asked(&party).await?, ["4711 NEEDS-ACTION 0 -"]);
    puts_at(&party, 40, &plan_of(&[SAM, BOB], "")).await?;
    assert_eq!(
        asked(&party).await?,
        ["4711 NEEDS-ACTION 0 -", "98765 NEEDS-ACTION 40 -"]
    );
    Ok(())
}

#[tokio::test]
async fn instance_that_only_an_answer_made_asks_nobody() -> Result<()> {
    let party = Party::new().await?;
    puts_at(&party, 0, &plan_of(&[BOB, SAM], WEEKLY)).await?;
    let id = party.event(ANN, NAME).await?.id;
    party
        .done(&answers_instance(&party, id, 20, BOB).await?)
        .await?;
    assert_eq!(
        asked(&party).await?,
        [
            "4711 NEEDS-ACTION 0 -".to_owned(),
            "98765 NEEDS-ACTION 0 -".to_owned(),
            format!("{INSTANCE} 4711 NEEDS-ACTION never -"),
            format!("{INSTANCE} 98765 DECLINED never 20 20"),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn answer_closes_the_cards_of_the_answerer() -> Result<()> {
    let (party, id) = Party::invited().await?;
    let mut cards = [key(id, BOB), key(id, BOB), key(id, SAM)];
    cards[1].recurrence_id = INSTANCE.to_owned();
    for (card, message_id) in cards.iter().zip(11..) {
        let message = PressedMessage {
            chat_id: card.telegram_id.get(),
            message_id,
        };
        party.ground.store.adopt_message(card, message).await?;
    }
    party
        .ground
        .sql("update invite_cards set choosing = true")
        .await?;
    party
        .done(&party.answers(5, BOB, id, PartStat::Accepted).await?)
        .await?;
    let choosing = "select concat_ws(' ', telegram_id, nullif(recurrence_id, ''), message_id)
                    from invite_cards where choosing";
    assert_eq!(party.ground.rows(choosing).await?, ["4711 13"]);
    Ok(())
}

#[tokio::test]
async fn who_is_asked_by_force_gets_a_new_card_and_the_old_one_is_kept_up_to_date() -> Result<()> {
    let (party, id) = Party::invited().await?;
    let store = &party.ground.store;
    let mut instance = lease(id, BOB);
    instance.key.recurrence_id = INSTANCE.to_owned();
    for (lease, message_id) in [(lease(id, BOB), 11), (lease(id, SAM), 12), (instance, 13)] {
        take_and_record(store, &lease, sent(message_id, "r"), None).await?;
    }
    party.forget_outbox().await?;
    puts_at(&party, 30, &forced_on_bob()).await?;
    let outbox = party.ground.outbox().await?;
    assert!(
        outbox.contains(&"invite_notification 98765 pending".to_owned()),
        "{outbox:?}"
    );
    let cards =
        "select concat_ws(' ', telegram_id, nullif(recurrence_id, ''), message_id, rendered)
                 from invite_cards order by 1";
    assert_eq!(
        party.ground.rows(cards).await?,
        [
            "4711 12 r".to_owned(),
            "98765".to_owned(),
            format!("98765 {INSTANCE} 13 r")
        ]
    );
    let copies = "select concat_ws(' ', telegram_id, message_id, rendered) from invite_card_copies";
    assert_eq!(party.ground.rows(copies).await?, ["98765 11 r"]);

    // The new card takes its place.
    let next = lease(id, BOB);
    let card = take(store, &next).await?.context("the card")?;
    assert_eq!((card.message, card.copies.len()), (None, 1));
    store
        .record_card(&record(&next, sent(14, "new"), None))
        .await?;
    let messages = shown(&party.ground, &key(id, BOB)).await?;
    assert!(messages.contains(&"14 new".to_owned()) && messages.contains(&"11 r".to_owned()));
    Ok(())
}

/// The notifier edits the card while Ann asks for a new one.
#[tokio::test]
async fn edit_that_is_recorded_after_the_card_was_given_up_does_not_bring_it_back() -> Result<()> {
    let (party, id) = Party::invited().await?;
    let store = &party.ground.store;
    let first = lease(id, BOB);
    take_and_record(store, &first, sent(11, "r"), None).await?;
    let edit = lease(id, BOB);
    take(store, &edit).await?.context("a card")?;
    puts_at(&party, 30, &forced_on_bob()).await?;
    let row = "select id::text from outbox_messages where telegram_id = 98765 order by id desc";
    let row: Uuid = party.ground.rows(row).await?[0].parse()?;
    assert!(
        !store
            .record_card(&record(&edit, sent(11, "edited"), Some(row)))
            .await?
    );

    assert!(store.outbox_is_open(row).await?);
    assert_eq!(
        shown(&party.ground, &key(id, BOB)).await?,
        ["", "11 edited"]
    );
    let next = lease(id, BOB);
    let card = take(store, &next).await?.context("the card")?;
    assert_eq!((card.message, card.copies.len()), (None, 1));
    Ok(())
}

#[tokio::test]
async fn instance_has_a_card_of_its_own_once() -> Result<()> {
    let (party, id) = Party::invited().await?;
    let mut put = party
        .puts(NAME, &plan_of(&[BOB, SAM], "").replace("Planning", "Plan"))
        .await?;
    put.plan.instance_cards = [
        (person(BOB), INSTANCE.to_owned()),
        (person(SAM), INSTANCE.to_owned()),
    ]
    .into();
    let mut bobs = lease(id, BOB);
    bobs.key.recurrence_id = INSTANCE.to_owned();
    let store = &party.ground.store;
    take_and_record(store, &bobs, sent(11, "r"), None).await?;
    party.done(&put).await?;
    let cards = "select concat_ws(' ', telegram_id, recurrence_id, message_id) from invite_cards order by 1";
    assert_eq!(
        party.ground.rows(cards).await?,
        [format!("4711 {INSTANCE}"), format!("98765 {INSTANCE} 11")]
    );
    let sams = store
        .lease_card(&request((id, person(SAM)), None, Uuid::new_v4()), MINUTE)
        .await?
        .context("a card")?;
    assert_eq!(sams.keys, ["", INSTANCE]);
    Ok(())
}
