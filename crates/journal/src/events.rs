//! The feed of events: what other services may know, in order, without gaps.

use std::time::Duration;

use futures::{Stream, StreamExt as _, stream};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use crate::entity::{event, follower_position, journal, lease};
use crate::sequencer::{LEASE_NAME, signed, unsigned};
use crate::{Journal, JournalError};

/// Events read from the database at once.
const PAGE: u64 = 100;
/// How often a follower that has everything looks again, in case another replica's sequencer numbered something.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// An event in the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedEvent {
    /// Position, from 1, without gaps.
    pub position: u64,
    /// Which event it is: that of its entry. A feed that was set back gives its positions anew, to others.
    pub id: Uuid,
    /// When the change happened.
    pub at: Timestamp,
    /// Full name of the message.
    pub type_name: String,
    /// The message.
    pub payload: Vec<u8>,
}

/// The last event a follower has: where to go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Its position; 0 at the beginning.
    pub position: u64,
    /// Which it is. Unknown at the beginning, and where only the position was kept.
    pub event: Option<Uuid>,
}

impl Followed {
    /// A position, whichever event is there.
    #[must_use]
    pub const fn position(position: u64) -> Self {
        Self { position, event: None }
    }
}

impl From<&NumberedEvent> for Followed {
    fn from(event: &NumberedEvent) -> Self {
        Self { position: event.position, event: Some(event.id) }
    }
}

struct Tail {
    journal: Journal,
    after: Followed,
    news: watch::Receiver<u64>,
}

impl Journal {
    /// Events after the last one followed (position 0: from the oldest retained), and then those to come. Ends with the first failure.
    pub fn tail(&self, after: Followed) -> impl Stream<Item = Result<NumberedEvent, JournalError>> + Send + use<> {
        let tail = Tail { journal: self.clone(), after, news: self.inner.events.subscribe() };
        stream::try_unfold(tail, |mut tail| async move {
            loop {
                tail.news.mark_unchanged();
                let page = tail.journal.events_after(tail.after).await?;
                if let Some(last) = page.last() {
                    tail.after = last.into();
                    return Ok(Some((stream::iter(page.into_iter().map(Ok)), tail)));
                }
                // The sender lives in the journal held above, so `changed` ends with news only.
                let _ = tokio::time::timeout(LOOK_AGAIN, tail.news.changed()).await;
            }
        })
        .flat_map(|page| match page {
            Ok(page) => page.left_stream(),
            Err(failure) => stream::iter([Err(failure)]).right_stream(),
        })
    }

    /// At most a hundred events after the last one followed.
    ///
    /// # Errors
    /// [`JournalError::EventsGone`] when events right after it are no longer retained, [`JournalError::EventsSetBack`] when its position was never given, or to
    /// another event: the database was set back to an earlier state.
    pub async fn events_after(&self, after: Followed) -> Result<Vec<NumberedEvent>, JournalError> {
        if let Some(event) = after.event {
            self.was_followed(event, after.position).await?;
        }
        let after = after.position;
        let rows = event::Entity::find()
            .filter(event::Column::Position.gt(signed(after)))
            .order_by_asc(event::Column::Position)
            .limit(PAGE)
            .all(self.inner.store.reader())
            .await?;
        if rows.is_empty() && after > self.event_position().await? {
            // Positions never go back, unless the database was: those given anew are other events than the ones followed.
            return Err(JournalError::EventsSetBack);
        }
        let mut events = Vec::with_capacity(rows.len());
        let mut expected = after.saturating_add(1);
        for row in rows {
            let position = unsigned(row.position.ok_or(JournalError::Damaged("an event lost its position"))?)?;
            let oldest_retained = after == 0 && events.is_empty();
            if position != expected && !oldest_retained {
                return Err(JournalError::EventsGone);
            }
            expected = position + 1;
            let at = Timestamp::from_millis(row.at);
            events.push(NumberedEvent {
                position,
                id: row.entry_id,
                at,
                type_name: row.type_name,
                payload: row.payload,
            });
        }
        Ok(events)
    }

    /// Refuses an event that is not of this log at this position. One that is retained no more has left its entry.
    async fn was_followed(&self, event: Uuid, position: u64) -> Result<(), JournalError> {
        let reader = self.inner.store.reader();
        let is_here = match event::Entity::find_by_id(event).one(reader).await? {
            Some(row) => row.position == Some(signed(position)),
            None => journal::Entity::find().filter(journal::Column::EntryId.eq(event)).one(reader).await?.is_some(),
        };
        if is_here { Ok(()) } else { Err(JournalError::EventsSetBack) }
    }

    /// Position of the last event numbered, by whichever replica; 0 when there is none.
    async fn event_position(&self) -> Result<u64, JournalError> {
        let row = lease::Entity::find_by_id(LEASE_NAME).one(self.inner.store.reader()).await?;
        unsigned(row.ok_or(JournalError::Damaged("the row of the sequencer is missing"))?.event_position)
    }

    /// Deletes numbered events older than a time; their digests stay in the journal. Returns how many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn purge_events(&self, before: Timestamp) -> Result<u64, JournalError> {
        self.inner
            .store
            .write_tx(async |transaction| {
                // The oldest that stays decides: clocks of replicas differ, the feed has no holes.
                let first_kept = event::Entity::find()
                    .filter(event::Column::At.gte(before.millis()))
                    .filter(event::Column::Position.is_not_null())
                    .order_by_asc(event::Column::Position)
                    .one(transaction)
                    .await?
                    .and_then(|row| row.position)
                    .unwrap_or(i64::MAX);
                let deleted = event::Entity::delete_many()
                    .filter(event::Column::Position.lt(first_kept))
                    .exec(transaction)
                    .await?;
                Ok(deleted.rows_affected)
            })
            .await
    }
}

/// How far this service has followed the events of `source`, e.g. `service/spoc`: what to ask [`Journal::tail`] of the other for. Position 0 at the beginning.
///
/// # Errors
/// What the database says.
pub async fn follower_position(connection: &impl ConnectionTrait, source: &str) -> Result<Followed, JournalError> {
    let row = follower_position::Entity::find_by_id(source).one(connection).await?;
    row.map_or(Ok(Followed::default()), |row| Ok(Followed { position: unsigned(row.position)?, event: row.event_id }))
}

/// Notes, in the transaction of the effect of an event, that events up to it were followed.
///
/// # Errors
/// [`JournalError::AlreadyFollowed`] when they were before: the caller gives the transaction, and with it the second effect, up.
pub async fn advance_follower(
    transaction: &DatabaseTransaction,
    source: &str,
    followed: Followed,
) -> Result<(), JournalError> {
    let beginning = follower_position::ActiveModel {
        source: ActiveValue::Set(source.to_owned()),
        position: ActiveValue::Set(0),
        event_id: ActiveValue::Set(None),
    };
    follower_position::Entity::insert(beginning)
        .on_conflict(OnConflict::column(follower_position::Column::Source).do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;
    let advanced = follower_position::Entity::update_many()
        .col_expr(follower_position::Column::Position, Expr::value(signed(followed.position)))
        .col_expr(follower_position::Column::EventId, Expr::value(followed.event))
        .filter(follower_position::Column::Source.eq(source))
        .filter(Expr::col(follower_position::Column::Position).lt(signed(followed.position)))
        .exec(transaction)
        .await?;
    if advanced.rows_affected == 0 {
        return Err(JournalError::AlreadyFollowed);
    }
    Ok(())
}
