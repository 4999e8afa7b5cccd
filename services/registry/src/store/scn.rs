//! Queries on what goes over the consultation network.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::Timestamp;

use super::entity::{
    consultation, consultation_event, scn_notification, scn_position, scn_received, scn_sent, scn_stray,
};
use crate::domain::ConsultationId;
use crate::domain::consultation::Flow;
use crate::domain::file::NO_DUE;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ } $count:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            pub(crate) const ALL: [Self; $count] = [$(Self::$variant),+];

            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

words! {
    /// What became of a form that came.
    Fate {
        /// It had its effect.
        Applied = "applied",
        /// It names something that has not come yet.
        Waiting = "waiting",
        /// Told, and nothing to be done.
        Kept = "kept",
        /// The rules had no place for it any more.
        Refused = "refused",
    }
    4
}

words! {
    /// Why something that came is no form of ours to deal with.
    StrayKind {
        /// No form.
        Unreadable = "unreadable",
        /// A delivery notification of what was never sent.
        UnknownReceipt = "unknown_receipt",
    }
    2
}

pub(crate) use scn_notification::Model as DueNotification;
pub(crate) use scn_received::Model as ReceivedRow;
pub(crate) use scn_sent::Model as SentRow;
pub(crate) use scn_stray::Model as StrayRow;

/// Longest lists of a report.
const REPORTED: u64 = 200;

/// Numbers of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) sent: u64,
    pub(crate) notified: u64,
    pub(crate) received: u64,
    pub(crate) copies: u64,
    pub(crate) conflicts: u64,
}

/// Writes a form that is to be sent.
pub(crate) async fn insert_sent(tx: &DatabaseTransaction, row: SentRow) -> Result<(), DbErr> {
    let row: scn_sent::ActiveModel = row.into();
    scn_sent::Entity::insert(row.reset_all()).exec_without_returning(tx).await?;
    Ok(())
}

/// Forms without a notification that are due to be sent, the oldest first.
pub(crate) async fn due_forms(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<SentRow>, DbErr> {
    scn_sent::Entity::find()
        .filter(scn_sent::Column::NotifiedAt.is_null())
        .filter(scn_sent::Column::NextAttemptAt.lte(now.millis()))
        .order_by_asc(scn_sent::Column::NextAttemptAt)
        .order_by_asc(scn_sent::Column::Unifier)
        .limit(limit)
        .all(connection)
        .await
}

/// Takes a due form for a hand-over until a moment; `false` where another replica was quicker, or its notification came.
pub(crate) async fn take_form(tx: &DatabaseTransaction, row: &SentRow, until: Timestamp) -> Result<bool, DbErr> {
    move_attempt(tx, &row.unifier, row.next_attempt_at, until.millis()).await
}

/// Gives a form back that could not be handed over: it is as due as it was, unless somebody wants it at another moment.
pub(crate) async fn give_form_back(tx: &DatabaseTransaction, row: &SentRow, until: Timestamp) -> Result<(), DbErr> {
    move_attempt(tx, &row.unifier, until.millis(), row.next_attempt_at).await.map(|_| ())
}

/// Moves the next attempt of a form without a notification, where it is the one seen.
async fn move_attempt(tx: &DatabaseTransaction, unifier: &str, seen: i64, to: i64) -> Result<bool, DbErr> {
    let updated = scn_sent::Entity::update_many()
        .col_expr(scn_sent::Column::NextAttemptAt, Expr::value(to))
        .filter(scn_sent::Column::Unifier.eq(unifier))
        .filter(scn_sent::Column::NextAttemptAt.eq(seen))
        .filter(scn_sent::Column::NotifiedAt.is_null())
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Writes that a form taken until a moment was handed to the network; when it is sent again, unless its notification was faster or somebody wants it at
/// another moment.
pub(crate) async fn mark_sent(
    tx: &DatabaseTransaction,
    unifier: &str,
    until: Timestamp,
    next: Option<Timestamp>,
) -> Result<(), DbErr> {
    scn_sent::Entity::update_many()
        .col_expr(scn_sent::Column::Attempts, Expr::col(scn_sent::Column::Attempts).add(1_i64))
        .filter(scn_sent::Column::Unifier.eq(unifier))
        .exec(tx)
        .await?;
    move_attempt(tx, unifier, until.millis(), next.unwrap_or(NO_DUE).millis()).await.map(|_| ())
}

/// Has a form sent again at a moment; `false` where there is none without a notification.
pub(crate) async fn send_again(tx: &DatabaseTransaction, unifier: &str, at: Timestamp) -> Result<bool, DbErr> {
    let updated = scn_sent::Entity::update_many()
        .col_expr(scn_sent::Column::NextAttemptAt, Expr::value(at.millis()))
        .filter(scn_sent::Column::Unifier.eq(unifier))
        .filter(scn_sent::Column::NotifiedAt.is_null())
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// A form we sent to a state.
pub(crate) async fn find_sent(
    connection: &impl ConnectionTrait,
    state: &str,
    unifier: &str,
) -> Result<Option<SentRow>, DbErr> {
    let found = scn_sent::Entity::find_by_id(unifier).one(connection).await?;
    Ok(found.filter(|row| row.state == state))
}

/// The consultation a state is asked in by a request of this number.
pub(crate) async fn asked_in(
    connection: &impl ConnectionTrait,
    state: &str,
    reference: &str,
) -> Result<Option<ConsultationId>, DbErr> {
    let row = scn_sent::Entity::find()
        .filter(scn_sent::Column::State.eq(state))
        .filter(scn_sent::Column::Reference.eq(reference))
        .filter(scn_sent::Column::Letter.eq("A"))
        .one(connection)
        .await?;
    Ok(row.and_then(|row| row.consultation_id).map(ConsultationId::from_uuid))
}

/// The consultation a state asked for under its number, by the network.
pub(crate) async fn asked_by(
    connection: &impl ConnectionTrait,
    state: &str,
    reference: &str,
) -> Result<Option<ConsultationId>, DbErr> {
    let by_network = sea_orm::sea_query::Query::select()
        .column(consultation_event::Column::ConsultationId)
        .from(consultation_event::Entity)
        .and_where(consultation_event::Column::Event.eq(Flow::Incoming.opened_by()))
        .and_where(consultation_event::Column::RecordedBy.eq(format!("state/{state}")))
        .to_owned();
    let row = consultation::Entity::find()
        .filter(consultation::Column::AskedBy.eq(state))
        .filter(consultation::Column::Reference.eq(reference))
        .filter(consultation::Column::Flow.eq(Flow::Incoming.as_str()))
        .filter(consultation::Column::Id.in_subquery(by_network))
        .one(connection)
        .await?;
    Ok(row.map(|row| ConsultationId::from_uuid(row.id)))
}

/// Writes that the delivery of a form was notified; `false` where it was before.
pub(crate) async fn mark_notified(tx: &DatabaseTransaction, unifier: &str, at: Timestamp) -> Result<bool, DbErr> {
    let updated = scn_sent::Entity::update_many()
        .col_expr(scn_sent::Column::NotifiedAt, Expr::value(Some(at.millis())))
        .filter(scn_sent::Column::Unifier.eq(unifier))
        .filter(scn_sent::Column::NotifiedAt.is_null())
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Writes that a delivery is to be notified.
pub(crate) async fn insert_notification(tx: &DatabaseTransaction, state: &str, unifier: &str) -> Result<(), DbErr> {
    let row =
        scn_notification::ActiveModel { id: NotSet, state: Set(state.to_owned()), unifier: Set(unifier.to_owned()) };
    scn_notification::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Notifications to be handed over, in their order.
pub(crate) async fn due_notifications(
    connection: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<DueNotification>, DbErr> {
    scn_notification::Entity::find().order_by_asc(scn_notification::Column::Id).limit(limit).all(connection).await
}

/// Forgets a notification that was handed over.
pub(crate) async fn delete_notification(tx: &DatabaseTransaction, id: i64) -> Result<(), DbErr> {
    scn_notification::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// A form that came from a state.
pub(crate) async fn find_received(
    connection: &impl ConnectionTrait,
    state: &str,
    unifier: &str,
) -> Result<Option<ReceivedRow>, DbErr> {
    scn_received::Entity::find_by_id((state.to_owned(), unifier.to_owned())).one(connection).await
}

/// Writes a form that came.
pub(crate) async fn insert_received(tx: &DatabaseTransaction, row: ReceivedRow) -> Result<(), DbErr> {
    let row: scn_received::ActiveModel = row.into();
    scn_received::Entity::insert(row.reset_all()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes that it came again, the same or another under its name.
pub(crate) async fn count_copy(tx: &DatabaseTransaction, state: &str, unifier: &str, same: bool) -> Result<(), DbErr> {
    let column = if same { scn_received::Column::Copies } else { scn_received::Column::Conflicts };
    scn_received::Entity::update_many()
        .col_expr(column, Expr::col(column).add(1_i64))
        .filter(scn_received::Column::State.eq(state))
        .filter(scn_received::Column::Unifier.eq(unifier))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes what became of a form that waited.
pub(crate) async fn set_fate(tx: &DatabaseTransaction, state: &str, unifier: &str, fate: Fate) -> Result<(), DbErr> {
    scn_received::Entity::update_many()
        .col_expr(scn_received::Column::Fate, Expr::value(fate.as_str()))
        .filter(scn_received::Column::State.eq(state))
        .filter(scn_received::Column::Unifier.eq(unifier))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forms of a state about a matter that wait for it, in the order they came.
pub(crate) async fn waiting_for(
    connection: &impl ConnectionTrait,
    state: &str,
    reference: &str,
) -> Result<Vec<ReceivedRow>, DbErr> {
    scn_received::Entity::find()
        .filter(scn_received::Column::State.eq(state))
        .filter(scn_received::Column::Reference.eq(reference))
        .filter(scn_received::Column::Fate.eq(Fate::Waiting.as_str()))
        .order_by_asc(scn_received::Column::ReceivedAt)
        .order_by_asc(scn_received::Column::Unifier)
        .all(connection)
        .await
}

/// Forms of this fate, the oldest or the latest first.
pub(crate) async fn of_fate(
    connection: &impl ConnectionTrait,
    fate: Fate,
    latest: bool,
    limit: u64,
) -> Result<Vec<ReceivedRow>, DbErr> {
    let order = if latest { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    scn_received::Entity::find()
        .filter(scn_received::Column::Fate.eq(fate.as_str()))
        .order_by(scn_received::Column::ReceivedAt, order)
        .order_by_asc(scn_received::Column::Unifier)
        .limit(limit)
        .all(connection)
        .await
}

/// Writes what came and is nothing to deal with.
pub(crate) async fn insert_stray(
    tx: &DatabaseTransaction,
    state: &str,
    kind: StrayKind,
    what: &str,
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = scn_stray::ActiveModel {
        id: NotSet,
        state: Set(state.to_owned()),
        kind: Set(kind.as_str().to_owned()),
        what: Set(what.to_owned()),
        at: Set(at.millis()),
    };
    scn_stray::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The latest of them.
pub(crate) async fn strays(connection: &impl ConnectionTrait) -> Result<Vec<StrayRow>, DbErr> {
    scn_stray::Entity::find().order_by_desc(scn_stray::Column::Id).limit(REPORTED).all(connection).await
}

/// Forms without a notification, the oldest first.
pub(crate) async fn unmatched(connection: &impl ConnectionTrait) -> Result<Vec<SentRow>, DbErr> {
    scn_sent::Entity::find()
        .filter(scn_sent::Column::NotifiedAt.is_null())
        .order_by_asc(scn_sent::Column::MadeAt)
        .order_by_asc(scn_sent::Column::Unifier)
        .limit(REPORTED)
        .all(connection)
        .await
}

/// Forms without a notification that are older than any notification takes, and were not reported.
pub(crate) async fn newly_overdue(
    connection: &impl ConnectionTrait,
    made_before: Timestamp,
    limit: u64,
) -> Result<Vec<SentRow>, DbErr> {
    scn_sent::Entity::find()
        .filter(scn_sent::Column::NotifiedAt.is_null())
        .filter(scn_sent::Column::Overdue.eq(false))
        .filter(scn_sent::Column::MadeAt.lte(made_before.millis()))
        .order_by_asc(scn_sent::Column::MadeAt)
        .limit(limit)
        .all(connection)
        .await
}

/// Writes that a form is overdue; `false` where somebody else did, or its notification came.
pub(crate) async fn mark_overdue(tx: &DatabaseTransaction, unifier: &str) -> Result<bool, DbErr> {
    let updated = scn_sent::Entity::update_many()
        .col_expr(scn_sent::Column::Overdue, Expr::value(true))
        .filter(scn_sent::Column::Unifier.eq(unifier))
        .filter(scn_sent::Column::NotifiedAt.is_null())
        .filter(scn_sent::Column::Overdue.eq(false))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// How many went and came.
pub(crate) async fn counted(connection: &impl ConnectionTrait) -> Result<Counted, DbErr> {
    let sent = scn_sent::Entity::find().count(connection).await?;
    let notified =
        scn_sent::Entity::find().filter(scn_sent::Column::NotifiedAt.is_not_null()).count(connection).await?;
    let received = scn_received::Entity::find().count(connection).await?;
    let copies = scn_received::Entity::find().filter(scn_received::Column::Copies.gt(0)).count(connection).await?;
    let conflicts =
        scn_received::Entity::find().filter(scn_received::Column::Conflicts.gt(0)).count(connection).await?;
    Ok(Counted { sent, notified, received, copies, conflicts })
}

/// How far the network was read.
pub(crate) async fn position(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let row = scn_position::Entity::find_by_id(1).one(connection).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.position).unwrap_or(0)))
}

/// Moves it on; `false` where somebody else read further.
pub(crate) async fn move_position(tx: &DatabaseTransaction, to: u64) -> Result<bool, DbErr> {
    let Ok(to) = i64::try_from(to) else { return Ok(false) };
    match scn_position::Entity::find_by_id(1).one(tx).await? {
        Some(row) if row.position >= to => Ok(false),
        Some(_) => {
            scn_position::Entity::update_many()
                .col_expr(scn_position::Column::Position, Expr::value(to))
                .filter(scn_position::Column::Id.eq(1))
                .exec(tx)
                .await?;
            Ok(true)
        }
        None => {
            let row = scn_position::ActiveModel { id: Set(1), position: Set(to) };
            scn_position::Entity::insert(row).exec_without_returning(tx).await?;
            Ok(true)
        }
    }
}
