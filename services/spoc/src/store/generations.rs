//! Generation counters: how replicas and callers notice that trust has changed.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait as _, IntoActiveModel, QueryFilter,
    sea_query::{Expr, Func, Query},
};
use straznica_store::StoreError;
use straznica_types::Timestamp;

use super::entity::generation::{ActiveModel, Column, Entity, Model};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Trust in documents: CSCAs, CRLs, defect lists.
    Documents,
    /// CV certificates, keys and suspensions.
    Certificates,
    /// Partners, their roots and outages, and the verifiers of theirs that our CVCA certifies.
    Partners,
}

impl Subject {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Documents => "csca",
            Self::Certificates => "cv",
            Self::Partners => "partner",
        }
    }
}

/// One state of a body of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation {
    pub(crate) number: u64,
    pub(crate) changed_at: Timestamp,
}

impl Default for Generation {
    fn default() -> Self {
        Self { number: 0, changed_at: Timestamp::from_millis(0) }
    }
}

impl From<Model> for Generation {
    fn from(row: Model) -> Self {
        // The column's CHECK keeps it from being negative.
        Self { number: row.number.unsigned_abs(), changed_at: Timestamp::from_millis(row.changed_at) }
    }
}

/// The generation as committed, or as this transaction sees it; zero before the first change.
pub(crate) async fn current(db: &impl ConnectionTrait, subject: Subject) -> Result<Generation, StoreError> {
    let row = Entity::find_by_id(subject.as_str()).one(db).await?;
    Ok(row.map(Generation::from).unwrap_or_default())
}

/// The numbers of several generations in one look.
pub(crate) async fn numbers<const N: usize>(
    db: &impl ConnectionTrait,
    subjects: [Subject; N],
) -> Result<[u64; N], StoreError> {
    let names = subjects.map(Subject::as_str);
    let rows = Entity::find().filter(Column::Subject.is_in(names)).all(db).await?;
    let number = |name: &str| rows.iter().find(|row| row.subject == name).map_or(0, |row| row.number.unsigned_abs());
    Ok(names.map(number))
}

/// That generations are still these: a condition of a statement in the transaction that rests on them, which spares that transaction a look.
pub(crate) fn are_still<const N: usize>(held: [(Subject, u64); N]) -> Condition {
    held.into_iter().fold(Condition::all(), |all, (subject, number)| {
        let mut current = Query::select();
        current.column(Column::Number).from(Entity).and_where(Column::Subject.eq(subject.as_str()));
        // Zero before the first change.
        let current = Func::coalesce([Expr::SubQuery(None, Box::new(current.into())), Expr::value(0_i64)]);
        all.add(Expr::from(current).eq(i64::try_from(number).unwrap_or(i64::MAX)))
    })
}

/// Raises the generation by one, in the transaction of the change it stands for.
pub(crate) async fn raise(
    db: &impl ConnectionTrait,
    subject: Subject,
    now: Timestamp,
) -> Result<Generation, StoreError> {
    let Some(row) = Entity::find_by_id(subject.as_str()).one(db).await? else {
        let first = Model { subject: subject.as_str().to_owned(), number: 1, changed_at: now.millis() };
        return Ok(first.into_active_model().insert(db).await?.into());
    };
    let next = ActiveModel { number: Set(row.number + 1), changed_at: Set(now.millis()), ..row.into_active_model() };
    Ok(next.update(db).await?.into())
}
