//! Queries on citizens, what they have activated, and phones being confirmed.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder};
use straznica_types::Timestamp;

use super::entity::{activation, citizen, phone_proof};
use super::rows::UnreadableRow;
use crate::domain::verification::{CitizenId, DocumentKind, PhoneProofId};
use crate::error::IdentityError;
use crate::keys::{Field, Index};

/// A citizen as kept: what is personal is encrypted.
#[derive(Debug, Clone)]
pub(crate) struct KeptCitizen {
    pub(crate) id: CitizenId,
    pub(crate) pesel_sealed: Vec<u8>,
    pub(crate) phone_sealed: Option<Vec<u8>>,
}

impl From<citizen::Model> for KeptCitizen {
    fn from(row: citizen::Model) -> Self {
        Self { id: CitizenId::from_uuid(row.id), pesel_sealed: row.pesel_sealed, phone_sealed: row.phone_sealed }
    }
}

/// The citizen found under an index.
pub(crate) async fn find_citizen(
    connection: &impl ConnectionTrait,
    field: Field,
    index: Index,
) -> Result<Option<KeptCitizen>, DbErr> {
    let column = match field {
        Field::Pesel => citizen::Column::PeselIndex,
        Field::Phone => citizen::Column::PhoneIndex,
        // Nobody is found by name.
        Field::Name => return Ok(None),
    };
    let row = citizen::Entity::find().filter(column.eq(index.0.to_vec())).one(connection).await?;
    Ok(row.map(KeptCitizen::from))
}

/// The citizen of this id.
pub(crate) async fn citizen_of(connection: &impl ConnectionTrait, id: CitizenId) -> Result<Option<KeptCitizen>, DbErr> {
    Ok(citizen::Entity::find_by_id(id.uuid()).one(connection).await?.map(KeptCitizen::from))
}

/// Writes a new citizen, as yet without a phone.
pub(crate) async fn insert_citizen(
    tx: &DatabaseTransaction,
    id: CitizenId,
    pesel: Index,
    pesel_sealed: &[u8],
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = citizen::ActiveModel {
        id: Set(id.uuid()),
        pesel_index: Set(pesel.0.to_vec()),
        pesel_sealed: Set(pesel_sealed.to_vec()),
        phone_index: NotSet,
        phone_sealed: NotSet,
        created_at: Set(at.millis()),
    };
    citizen::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether this kind of document is activated.
pub(crate) async fn is_active(
    connection: &impl ConnectionTrait,
    citizen: CitizenId,
    kind: DocumentKind,
) -> Result<bool, DbErr> {
    let key = (citizen.uuid(), kind.as_str().to_owned());
    Ok(activation::Entity::find_by_id(key).one(connection).await?.is_some())
}

/// What is activated, and since when.
pub(crate) async fn activations(
    connection: &impl ConnectionTrait,
    citizen: CitizenId,
) -> Result<Vec<(DocumentKind, Timestamp)>, IdentityError> {
    let rows = activation::Entity::find()
        .filter(activation::Column::CitizenId.eq(citizen.uuid()))
        .order_by_asc(activation::Column::Kind)
        .all(connection)
        .await?;
    let kind_of = |row: &activation::Model| {
        DocumentKind::named(&row.kind).ok_or_else(|| UnreadableRow::new("activation", row.citizen_id, "kind"))
    };
    rows.iter().map(|row| Ok((kind_of(row)?, Timestamp::from_millis(row.activated_at)))).collect()
}

/// Activates a kind; `false` if it was.
pub(crate) async fn activate(
    tx: &DatabaseTransaction,
    citizen: CitizenId,
    kind: DocumentKind,
    at: Timestamp,
) -> Result<bool, DbErr> {
    if is_active(tx, citizen, kind).await? {
        return Ok(false);
    }
    let row = activation::ActiveModel {
        citizen_id: Set(citizen.uuid()),
        kind: Set(kind.as_str().to_owned()),
        activated_at: Set(at.millis()),
    };
    activation::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([activation::Column::CitizenId, activation::Column::Kind]).do_nothing().to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(true)
}

/// Withdraws a kind; `false` if it was not activated.
pub(crate) async fn withdraw(tx: &DatabaseTransaction, citizen: CitizenId, kind: DocumentKind) -> Result<bool, DbErr> {
    let key = (citizen.uuid(), kind.as_str().to_owned());
    Ok(activation::Entity::delete_by_id(key).exec(tx).await?.rows_affected == 1)
}

/// A phone being confirmed.
#[derive(Debug, Clone)]
pub(crate) struct PhoneProof {
    pub(crate) id: PhoneProofId,
    pub(crate) citizen: CitizenId,
    pub(crate) phone: Index,
    pub(crate) phone_sealed: Vec<u8>,
    pub(crate) expires_at: Timestamp,
}

/// Writes a new one.
pub(crate) async fn insert_phone_proof(tx: &DatabaseTransaction, proof: &PhoneProof) -> Result<(), DbErr> {
    let row = phone_proof::ActiveModel {
        id: Set(proof.id.uuid()),
        citizen_id: Set(proof.citizen.uuid()),
        phone_index: Set(proof.phone.0.to_vec()),
        phone_sealed: Set(proof.phone_sealed.clone()),
        expires_at: Set(proof.expires_at.millis()),
    };
    phone_proof::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The one of this id.
pub(crate) async fn find_phone_proof(
    connection: &impl ConnectionTrait,
    id: PhoneProofId,
) -> Result<Option<PhoneProof>, IdentityError> {
    let Some(row) = phone_proof::Entity::find_by_id(id.uuid()).one(connection).await? else { return Ok(None) };
    let bad = UnreadableRow::new("phone_proof", row.id, "phone_index");
    Ok(Some(PhoneProof {
        id,
        citizen: CitizenId::from_uuid(row.citizen_id),
        phone: Index(row.phone_index.as_slice().try_into().map_err(|_| bad)?),
        phone_sealed: row.phone_sealed,
        expires_at: Timestamp::from_millis(row.expires_at),
    }))
}

/// Makes a confirmed number the citizen's; whose it was before has none any more. The confirmation is used up: `false` if it was before.
pub(crate) async fn take_phone(tx: &DatabaseTransaction, proof: &PhoneProof) -> Result<bool, DbErr> {
    if phone_proof::Entity::delete_by_id(proof.id.uuid()).exec(tx).await?.rows_affected != 1 {
        return Ok(false);
    }
    citizen::Entity::update_many()
        .col_expr(citizen::Column::PhoneIndex, Expr::value(Option::<Vec<u8>>::None))
        .col_expr(citizen::Column::PhoneSealed, Expr::value(Option::<Vec<u8>>::None))
        .filter(citizen::Column::PhoneIndex.eq(proof.phone.0.to_vec()))
        .exec(tx)
        .await?;
    citizen::Entity::update_many()
        .col_expr(citizen::Column::PhoneIndex, Expr::value(proof.phone.0.to_vec()))
        .col_expr(citizen::Column::PhoneSealed, Expr::value(proof.phone_sealed.clone()))
        .filter(citizen::Column::Id.eq(proof.citizen.uuid()))
        .exec(tx)
        .await?;
    Ok(true)
}

/// Deletes confirmations that were not completed; returns how many.
pub(crate) async fn delete_dead_proofs(tx: &DatabaseTransaction, now: Timestamp) -> Result<u64, DbErr> {
    let dead = phone_proof::Column::ExpiresAt.lte(now.millis());
    Ok(phone_proof::Entity::delete_many().filter(dead).exec(tx).await?.rows_affected)
}
