//! Who may write a card now, and what it has to speak of.

use std::{collections::HashMap, time::Duration};

use serde_json::Value;
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use super::{Card, CardCopy, CardKey, CardRequest, CardState, CardSubject, KnownAttendee};
use crate::{Person, Pings, Store, StoreError};

impl Store {
    /// Takes the right to write these cards for `time_to_live`, and reads what they show and what they speak of, in one statement. The
    /// answers are in the order of the requests: `None` when the event is gone altogether.
    ///
    /// What a card speaks of is as new as this call: a card that somebody writes meanwhile, maybe with what is newer still, is not
    /// given, nor waited for. Whatever changes it later asks for the card again. A holder who has been given a card and was not told
    /// is given it again.
    ///
    /// # Errors
    /// When Postgres does not answer: the rights may have been taken all the same, and [`Self::release_card`] gives each back, whichever
    /// card it is for.
    #[tracing::instrument(level = "debug", skip_all, fields(otel.kind = "client", db.system.name = "postgresql"))]
    pub async fn lease_cards(
        &self,
        requests: &[CardRequest],
        time_to_live: Duration,
    ) -> Result<Vec<Option<CardState>>, StoreError> {
        let event_ids: Vec<Uuid> = requests.iter().map(|request| request.event_id).collect();
        let readers: Vec<i64> = requests
            .iter()
            .map(|request| request.telegram_id.get())
            .collect();
        let recurrence_ids: Vec<Option<String>> = requests
            .iter()
            .map(|request| request.recurrence_id.clone())
            .collect();
        let holders: Vec<Uuid> = requests.iter().map(|request| request.holder).collect();
        let rows = sqlx::query_as!(
            LeaseRow,
            r#"
            with asked as materialized (
                select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[])
                    as row (event_id, telegram_id, recurrence_id, holder)
            ), known as materialized (
                -- Once for a meeting, and not for each of its readers.
                select meeting.event_id, people.* from (select distinct event_id from asked) meeting
                cross join lateral (
                    select array_agg(u.telegram_id) as ids, array_agg(u.name) as names, array_agg(u.reachable) as reachable
                    from users u
                    where u.telegram_id = any(array(
                        select a.telegram_id from event_attendees a where a.event_id = meeting.event_id
                    ))
                ) people
            ), own as materialized (
                select asked.event_id, asked.telegram_id, asked.holder, reader.invited, reader.keys,
                       coalesce(asked.recurrence_id, reader.keys[1], '') as recurrence_id
                from asked
                cross join lateral (
                    -- The key of the whole event comes before all others.
                    select case when invited_to_all and keys[1] is distinct from '' then array_prepend('', keys) else keys end as keys,
                           invited
                    from (
                        select array(
                                   select recurrence_id from invite_cards card
                                   where card.event_id = asked.event_id and card.telegram_id = asked.telegram_id
                                   order by recurrence_id
                               ) as keys,
                               bool_or(a.invited) as invited, bool_or(a.invited and a.recurrence_id = '') as invited_to_all
                        from event_attendees a
                        where a.event_id = asked.event_id and a.telegram_id = asked.telegram_id
                    ) cards
                ) reader
            ), free as materialized (
                select own.event_id, own.telegram_id, own.recurrence_id, own.holder, card.* from own
                cross join lateral (
                    select card.ctid as place,
                           card.lease_holder is not null and card.lease_holder <> own.holder as unfinished
                    from invite_cards card
                    where card.event_id = own.event_id and card.telegram_id = own.telegram_id
                      and card.recurrence_id = own.recurrence_id
                      -- Its own one was given before, and the answer was lost.
                      and (card.lease_until is null or card.lease_until < now() or card.lease_holder = own.holder)
                    -- Who is writing it just now may show a later state than this statement sees.
                    for no key update of card skip locked
                ) card
            ), taken as (
                update invite_cards card set
                    lease_holder = free.holder, lease_until = now() + $5 * interval '1 second',
                    -- Whoever died in the middle may have edited it.
                    rendered = case when free.unfinished then null else card.rendered end
                from free
                -- Nor is one found that was written after this statement had looked at the meeting: it has another place.
                where card.ctid = free.place
                returning free.holder, free.unfinished, card.event_id, card.telegram_id, card.recurrence_id, card.chat_id,
                    card.message_id, card.rendered, card.choosing, card.shown, card.baseline, card.told, card.written_at
            ), forgotten as (
                update invite_card_copies copy set rendered = null
                from free
                where free.unfinished and copy.event_id = free.event_id and copy.telegram_id = free.telegram_id
                  and copy.recurrence_id = free.recurrence_id
            ), made as (
                insert into invite_cards as card (event_id, telegram_id, recurrence_id, lease_holder, lease_until)
                -- One that is asked for twice is given once; in an order, so that of two who ask for the same neither has what the other
                -- waits for.
                select distinct on (own.event_id, own.telegram_id, own.recurrence_id)
                       own.event_id, own.telegram_id, own.recurrence_id, own.holder, now() + $5 * interval '1 second'
                from own
                where exists (select from events e where e.id = own.event_id offset 0)
                  and not exists (
                      select from invite_cards card
                      where card.event_id = own.event_id and card.telegram_id = own.telegram_id
                        and card.recurrence_id = own.recurrence_id
                      offset 0
                  )
                order by own.event_id, own.telegram_id, own.recurrence_id
                on conflict (event_id, telegram_id, recurrence_id) do nothing
                returning lease_holder as holder, false as unfinished, event_id, telegram_id, recurrence_id, chat_id,
                    message_id, rendered, choosing, shown, baseline, told, written_at
            ), card as (
                select * from taken union all select * from made
            )
            select own.holder as "holder!", own.event_id as "event_id!", own.telegram_id as "telegram_id!",
                   own.recurrence_id as "recurrence_id!", own.keys as "keys!", coalesce(own.invited, false) as "invited!",
                   card.holder is not null as "leased!",
                   card.chat_id as "chat_id?", card.message_id as "message_id?", card.rendered as "rendered?",
                   card.choosing as "choosing?", card.shown as "shown?", card.baseline as "baseline?", card.told as "told?",
                   extract(epoch from now() - card.written_at)::float8 as "written_ago?", card.unfinished as "unfinished?",
                   copies.message_ids as "copy_ids?: Vec<i64>", copies.rendered as "copy_rendered?: Vec<String>",
                   event.object as "object!", event.deleted_at is not null as "deleted!",
                   event.owner_organizes as "owner_organizes!",
                   calendar.owner as "owner!", coalesce(owner.name, '') as "owner_name!",
                   reader.name as "reader_name?", reader.username as "username?", reader.time_zone as "time_zone?",
                   coalesce(reader.chosen_language, reader.language) as "language?", reader.pings as "pings?",
                   exists (
                       select from calendars where owner = own.telegram_id and deleted_at is null offset 0
                   ) as "has_account!",
                   known.ids as "known_ids?: Vec<i64>", known.names as "known_names?: Vec<Option<String>>",
                   known.reachable as "known_reachable?: Vec<Option<bool>>"
            from own
            join known on known.event_id = own.event_id
            -- One by one, which `offset 0` makes them: joined, whole tables would be read that Postgres takes for small.
            cross join lateral (select * from events e where e.id = own.event_id offset 0) event
            cross join lateral (select c.owner from calendars c where c.id = event.calendar_id offset 0) calendar
            cross join lateral (select u.name from users u where u.telegram_id = calendar.owner offset 0) owner
            left join card on card.holder = own.holder
            left join lateral (select * from users u where u.telegram_id = own.telegram_id offset 0) reader on true
            left join lateral (
                select array_agg(copy.message_id order by copy.message_id) as message_ids,
                       array_agg(coalesce(copy.rendered, '') order by copy.message_id) as rendered
                from invite_card_copies copy
                where copy.event_id = card.event_id and copy.telegram_id = card.telegram_id
                  and copy.recurrence_id = card.recurrence_id
            ) copies on true
            "#,
            &event_ids,
            &readers,
            &recurrence_ids as &[Option<String>],
            &holders,
            time_to_live.as_secs_f64(),
        )
        .fetch_all(&self.pool)
        .await?;
        let mut states: HashMap<Uuid, CardState> = rows
            .into_iter()
            .map(|row| Ok((row.holder, row.state()?)))
            .collect::<Result<_, StoreError>>()?;
        Ok(requests
            .iter()
            .map(|request| states.remove(&request.holder))
            .collect())
    }

    /// Takes the right to write one card: see [`Self::lease_cards`].
    ///
    /// # Errors
    /// As [`Self::lease_cards`].
    pub async fn lease_card(
        &self,
        request: &CardRequest,
        time_to_live: Duration,
    ) -> Result<Option<CardState>, StoreError> {
        let requests = std::slice::from_ref(request);
        let mut states = self.lease_cards(requests, time_to_live).await?;
        Ok(states.pop().flatten())
    }
}

/// A card as it is read when it is leased.
struct LeaseRow {
    holder: Uuid,
    event_id: Uuid,
    telegram_id: i64,
    recurrence_id: String,
    keys: Vec<String>,
    invited: bool,
    leased: bool,
    chat_id: Option<i64>,
    message_id: Option<i64>,
    rendered: Option<String>,
    choosing: Option<bool>,
    shown: Option<Value>,
    baseline: Option<Value>,
    told: Option<Value>,
    written_ago: Option<f64>,
    unfinished: Option<bool>,
    copy_ids: Option<Vec<i64>>,
    copy_rendered: Option<Vec<String>>,
    object: Vec<u8>,
    deleted: bool,
    owner_organizes: bool,
    owner: i64,
    owner_name: String,
    reader_name: Option<String>,
    username: Option<String>,
    time_zone: Option<String>,
    language: Option<String>,
    pings: Option<String>,
    has_account: bool,
    known_ids: Option<Vec<i64>>,
    known_names: Option<Vec<Option<String>>>,
    known_reachable: Option<Vec<Option<bool>>>,
}

impl LeaseRow {
    fn state(self) -> Result<CardState, StoreError> {
        let unfinished = self.unfinished.unwrap_or_default();
        let copy_ids = self.copy_ids.unwrap_or_default().into_iter();
        let card = self.leased.then(|| Card {
            message: self.chat_id.zip(self.message_id),
            rendered: self.rendered,
            shown: self.shown,
            baseline: self.baseline,
            told: self.told,
            written_ago: self
                .written_ago
                .map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default()),
            choosing: self.choosing.unwrap_or_default(),
            unfinished,
            copies: copy_ids
                .zip(self.copy_rendered.unwrap_or_default())
                .map(|(message_id, rendered)| CardCopy {
                    message_id,
                    rendered: Some(rendered).filter(|rendered| !rendered.is_empty() && !unfinished),
                })
                .collect(),
        });
        let subject = CardSubject {
            object: self.object,
            deleted: self.deleted,
            owner: user_id(self.owner, "calendar owner")?,
            owner_name: self.owner_name,
            owner_organizes: self.owner_organizes,
            invited: self.invited,
            reader: Person {
                name: self.reader_name,
                username: self.username,
                time_zone: self.time_zone,
                language: self.language,
                pings: self
                    .pings
                    .and_then(|pings| Pings::parse(&pings))
                    .unwrap_or_default(),
                has_account: self.has_account,
            },
            known: known(
                self.known_ids.unwrap_or_default(),
                self.known_names.unwrap_or_default(),
                self.known_reachable.unwrap_or_default(),
            ),
        };
        Ok(CardState {
            keys: self.keys,
            key: CardKey {
                event_id: self.event_id,
                telegram_id: user_id(self.telegram_id, "reader of a card")?,
                recurrence_id: self.recurrence_id,
            },
            card,
            subject,
        })
    }
}

fn user_id(id: i64, what: &'static str) -> Result<TelegramUserId, StoreError> {
    TelegramUserId::new(id).map_err(|_| StoreError::Corrupt { what })
}

/// By columns of the same length; ids that no Telegram user has are nobody's.
fn known(
    ids: Vec<i64>,
    names: Vec<Option<String>>,
    reachable: Vec<Option<bool>>,
) -> HashMap<TelegramUserId, KnownAttendee> {
    let known = names
        .into_iter()
        .zip(reachable)
        .map(|(name, reachable)| KnownAttendee { name, reachable });
    ids.into_iter()
        .zip(known)
        .filter_map(|(id, known)| Some((TelegramUserId::new(id).ok()?, known)))
        .collect()
}
