//! The feed of events: what other services may know, in order, without gaps.

use std::time::Duration;

use futures::{Stream, StreamExt as _, stream};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::Timestamp;
use tokio::sync::watch;

use crate::entity::{event, follower_position, lease};
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
    /// When the change happened.
    pub at: Timestamp,
    /// Full name of the message.
    pub type_name: String,
    /// The message.
    pub payload: Vec<u8>,
}

struct Tail {
    journal: Journal,
    after: u64,
    news: watch::Receiver<u64>,
}

impl Journal {
    /// Events after a position (0: from the oldest retained), and then those to come. Ends with the first failure.
    pub fn tail(&self, after: u64) -> impl Stream<Item = Result<NumberedEvent, JournalError>> + Send + use<> {
        let tail = Tail { journal: self.clone(), after, news: self.inner.events.subscribe() };
        stream::try_unfold(tail, |mut tail| async move {
            loop {
                tail.news.mark_unchanged();
                let page = tail.journal.events_after(tail.after).await?;
                if let Some(last) = page.last() {
                    tail.after = last.position;
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

    /// At most a hundred events after a position.
    ///
    /// # Errors
    /// [`JournalError::EventsGone`] when events right after the position are no longer retained, or when the position was never given: the database
    /// was set back to an earlier state.
    pub async fn events_after(&self, after: u64) -> Result<Vec<NumberedEvent>, JournalError> {
        let rows = event::Entity::find()
            .filter(event::Column::Position.gt(signed(after)))
            .order_by_asc(event::Column::Position)
            .limit(PAGE)
            .all(self.inner.store.reader())
            .await?;
        if rows.is_empty() && after > self.event_position().await? {
            // Positions never go back, unless the database was: those given anew are other events than the ones followed.
            return Err(JournalError::EventsGone);
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
            events.push(NumberedEvent { position, at, type_name: row.type_name, payload: row.payload });
        }
        Ok(events)
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

/// How far this service has followed the events of `source`, e.g. `service/spoc`: what to ask [`Journal::tail`] of the other for. 0 at the beginning.
///
/// # Errors
/// What the database says.
pub async fn follower_position(connection: &impl ConnectionTrait, source: &str) -> Result<u64, JournalError> {
    let row = follower_position::Entity::find_by_id(source).one(connection).await?;
    row.map_or(Ok(0), |row| unsigned(row.position))
}

/// Notes, in the transaction of the effect of an event, that events up to `position` were followed.
///
/// # Errors
/// [`JournalError::AlreadyFollowed`] when they were before: the caller gives the transaction, and with it the second effect, up.
pub async fn advance_follower(
    transaction: &DatabaseTransaction,
    source: &str,
    position: u64,
) -> Result<(), JournalError> {
    let beginning =
        follower_position::ActiveModel { source: ActiveValue::Set(source.to_owned()), position: ActiveValue::Set(0) };
    follower_position::Entity::insert(beginning)
        .on_conflict(OnConflict::column(follower_position::Column::Source).do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;
    let advanced = follower_position::Entity::update_many()
        .col_expr(follower_position::Column::Position, Expr::value(signed(position)))
        .filter(follower_position::Column::Source.eq(source))
        .filter(Expr::col(follower_position::Column::Position).lt(signed(position)))
        .exec(transaction)
        .await?;
    if advanced.rows_affected == 0 {
        return Err(JournalError::AlreadyFollowed);
    }
    Ok(())
}
