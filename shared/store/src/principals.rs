//! People who may know of each other: who is found by name. And the objects that make them busy; who may see that is in
//! `free_busy`.

use chrono::{DateTime, Utc};
use televent_calendar::TelegramUserId;
use uuid::Uuid;

use crate::{PAGE_BYTES, Page, Store, StoreError, users::telegram_id};

/// How many events are looked at for acquaintances, in each calendar of the asker's and of those that they attend: the
/// newest. It bounds what a search costs; whom one met before that, one meets in later events, too.
pub(crate) const ACQUAINTANCE_EVENTS: i64 = 1_000;

/// Whom an account may know of; and who sees when somebody is busy who has not chosen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directory {
    /// Those with whom it shares an event: as organizer, as attendee, or both as attendees.
    Acquaintances,
    /// All accounts.
    Everyone,
}

/// Somebody with an account, as others see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalInfo {
    /// Telegram's id of them.
    pub telegram_id: TelegramUserId,
    /// Their name.
    pub name: String,
    /// `@username` at Telegram, without the `@`.
    pub username: Option<String>,
}

/// Where an object stands among those that may make somebody busy: by when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusyPosition {
    /// When its first instance begins, in whatever zone; `None` for no bound.
    pub first_occurrence: Option<DateTime<Utc>>,
    /// Our id.
    pub id: Uuid,
}

/// An object that may make its calendar's owner busy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusyObject {
    /// Where it stands among the others.
    pub position: BusyPosition,
    /// What GET returns.
    pub object: Vec<u8>,
    /// `CALDAV:calendar-timezone` of its calendar.
    pub time_zone: Option<String>,
    /// `CALDAV:calendar-timezone-id` of its calendar.
    pub time_zone_id: Option<String>,
    /// IANA name of the zone of the calendar's owner.
    pub owner_time_zone: Option<String>,
}

struct Row {
    telegram_id: i64,
    name: String,
    username: Option<String>,
}

impl TryFrom<Row> for PrincipalInfo {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            telegram_id: telegram_id(row.telegram_id)?,
            name: row.name,
            username: row.username,
        })
    }
}

impl Store {
    /// Somebody with an account, if `asker` may know of them. Everybody may know of themselves.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn principal(
        &self,
        asker: TelegramUserId,
        id: TelegramUserId,
        directory: Directory,
    ) -> Result<Option<PrincipalInfo>, StoreError> {
        let found = self.principals(asker, directory, Some(id), &[], 1).await?;
        Ok(found.into_iter().next())
    }

    /// People with an account whom `asker` may know of, by name: those in whose name, username or Telegram id any of the
    /// needles stands, in any case of letters; all if there are no needles.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn search_principals(
        &self,
        asker: TelegramUserId,
        directory: Directory,
        needles: &[String],
        limit: i64,
    ) -> Result<Vec<PrincipalInfo>, StoreError> {
        self.principals(asker, directory, None, needles, limit)
            .await
    }

    async fn principals(
        &self,
        asker: TelegramUserId,
        directory: Directory,
        only: Option<TelegramUserId>,
        needles: &[String],
        limit: i64,
    ) -> Result<Vec<PrincipalInfo>, StoreError> {
        let patterns: Vec<String> = needles
            .iter()
            .filter_map(|needle| pattern(needle))
            .collect();
        sqlx::query_as!(
            Row,
            r#"
            select telegram_id, coalesce(name, '') as "name!", username from users
            where telegram_id between coalesce($3::bigint, 1) and coalesce($3, 9223372036854775807)
              and ($4 or name ~ any($5::text[]) or username ~ any($5) or telegram_id::text ~ any($5))
              and exists (select from calendars where owner = telegram_id and deleted_at is null)
              and ($2 or telegram_id in (select acquaintances($1, $6)))
            order by name, telegram_id limit $7
            "#,
            asker.get(),
            directory == Directory::Everyone,
            only.map(TelegramUserId::get),
            needles.is_empty(),
            &patterns,
            ACQUAINTANCE_EVENTS,
            limit,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(PrincipalInfo::try_from)
        .collect()
    }

    /// A page of the objects that may make `owner` busy between two instants, by when they begin.
    ///
    /// # Errors
    /// When Postgres does not answer.
    pub async fn busy_candidates(
        &self,
        owner: TelegramUserId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        after: Option<BusyPosition>,
        limit: i64,
    ) -> Result<Page<BusyObject>, StoreError> {
        let rows = sqlx::query!(
            r#"
            select id as "id!", nullif(first_occurrence, '-infinity') as first_occurrence,
                   case when up_to - length(object) < $7 then object end as "object?",
                   time_zone as "time_zone?", time_zone_id as "time_zone_id?", owner_time_zone as "owner_time_zone?"
            from (
                select *, sum(length(object)) over (order by first_occurrence, id) as up_to
                from (
                    select e.id, e.first_occurrence, e.object, c.time_zone, c.time_zone_id,
                           u.time_zone as owner_time_zone
                    from calendars c join users u on u.telegram_id = c.owner cross join lateral (
                        select id, first_occurrence, object from events
                        where calendar_id = c.id and deleted_at is null and component in ('VEVENT', 'VFREEBUSY')
                          and last_occurrence >= $2 and first_occurrence <= $3
                          and (first_occurrence, id) > (
                              coalesce($4, '-infinity'::timestamptz),
                              coalesce($5, '00000000-0000-0000-0000-000000000000'::uuid)
                          )
                        order by first_occurrence, id limit $6
                    ) e
                    where c.owner = $1 and c.kind = 'calendar' and not c.transparent and c.deleted_at is null
                    order by e.first_occurrence, e.id limit $6
                ) found
            ) page
            order by page.first_occurrence, id
            "#,
            owner.get(),
            from,
            to,
            after.and_then(|after| after.first_occurrence),
            after.map(|after| after.id),
            limit,
            PAGE_BYTES,
        )
        .fetch_all(&self.pool)
        .await?;
        let objects = rows.into_iter().map(|row| {
            Some(BusyObject {
                position: BusyPosition {
                    first_occurrence: row.first_occurrence,
                    id: row.id,
                },
                object: row.object?,
                time_zone: row.time_zone,
                time_zone_id: row.time_zone_id,
                owner_time_zone: row.owner_time_zone,
            })
        });
        Ok(Page::of(objects.collect(), limit))
    }
}

/// A regular expression of Postgres that finds `needle` in any case. Both cases of each letter are spelt out, because
/// what Postgres itself takes for a letter depends on the locale of the database, and in the locale C it is ASCII.
/// `None` for text that no column can hold.
fn pattern(needle: &str) -> Option<String> {
    let mut pattern = String::with_capacity(needle.len() * 4);
    for letter in needle.chars() {
        match letter {
            '\0' => return None,
            letter if letter.is_ascii_punctuation() => pattern.extend(['\\', letter]),
            letter => {
                pattern.push('[');
                pattern.push(letter);
                pattern.extend(letter.to_lowercase().chain(letter.to_uppercase()));
                pattern.push(']');
            }
        }
    }
    Some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_takes_letters_in_both_cases_and_signs_for_themselves() {
        assert_eq!(pattern("a_ 7").as_deref(), Some(r"[aaA]\_[   ][777]"));
        assert_eq!(pattern("Ж%").as_deref(), Some(r"[ЖжЖ]\%"));
        assert_eq!(pattern("").as_deref(), Some(""));
        assert_eq!(pattern("a\0"), None);
    }
}
