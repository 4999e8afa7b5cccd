//! Trust in documents: anchors, master lists and who vouches for what, CRLs, defect lists.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use straznica_store::StoreError;
use straznica_types::Timestamp;

use super::entity::{anchor, csca, defect_list, master_list, revocation_list, vouching};

/// Rows of one `INSERT`: well below the parameters either engine takes.
const ROWS_AT_ONCE: usize = 200;

/// Every anchor, whatever its state.
pub(crate) async fn anchors(db: &impl ConnectionTrait) -> Result<Vec<anchor::Model>, StoreError> {
    Ok(anchor::Entity::find().order_by_asc(anchor::Column::ProposedAt).all(db).await?)
}

/// One anchor.
pub(crate) async fn find_anchor(
    db: &impl ConnectionTrait,
    fingerprint: &str,
    purpose: &str,
) -> Result<Option<anchor::Model>, StoreError> {
    Ok(anchor::Entity::find_by_id((fingerprint.to_owned(), purpose.to_owned())).one(db).await?)
}

/// Keeps a proposed anchor; one withdrawn before starts again with one officer.
pub(crate) async fn propose_anchor(db: &impl ConnectionTrait, row: anchor::Model) -> Result<(), StoreError> {
    anchor::Entity::delete_by_id((row.fingerprint.clone(), row.purpose.clone())).exec(db).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Confirms an anchor.
pub(crate) async fn confirm_anchor(
    db: &impl ConnectionTrait,
    row: anchor::Model,
    officer: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let confirmed = anchor::ActiveModel {
        state: Set("confirmed".to_owned()),
        confirmed_by: Set(Some(officer.to_owned())),
        confirmed_at: Set(Some(now.millis())),
        ..row.into_active_model()
    };
    confirmed.update(db).await?;
    Ok(())
}

/// Withdraws an anchor.
pub(crate) async fn withdraw_anchor(
    db: &impl ConnectionTrait,
    row: anchor::Model,
    officer: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let withdrawn = anchor::ActiveModel {
        state: Set("withdrawn".to_owned()),
        withdrawn_by: Set(Some(officer.to_owned())),
        withdrawn_at: Set(Some(now.millis())),
        ..row.into_active_model()
    };
    withdrawn.update(db).await?;
    Ok(())
}

/// The newest master list of each anchor.
pub(crate) async fn current_master_lists(db: &impl ConnectionTrait) -> Result<Vec<master_list::Model>, StoreError> {
    let current = master_list::Entity::find().filter(master_list::Column::Current.eq(true));
    Ok(current.order_by_asc(master_list::Column::ImportedAt).all(db).await?)
}

/// One master list by its digest.
pub(crate) async fn find_master_list(
    db: &impl ConnectionTrait,
    sha256: &str,
) -> Result<Option<master_list::Model>, StoreError> {
    Ok(master_list::Entity::find_by_id(sha256).one(db).await?)
}

/// Keeps a master list, makes it its anchor's current one, and notes what it vouches for. `cscas` are (fingerprint, certificate).
pub(crate) async fn insert_master_list(
    db: &impl ConnectionTrait,
    list: master_list::Model,
    cscas: Vec<(String, Vec<u8>)>,
) -> Result<(), StoreError> {
    master_list::Entity::update_many()
        .col_expr(master_list::Column::Current, Expr::value(false))
        .filter(master_list::Column::AnchorFingerprint.eq(list.anchor_fingerprint.as_str()))
        .exec(db)
        .await?;
    let (sha256, imported_at) = (list.sha256.clone(), list.imported_at);
    list.into_active_model().insert(db).await?;
    for chunk in cscas.chunks(ROWS_AT_ONCE) {
        let certificates = chunk.iter().map(|(fingerprint, certificate)| csca::ActiveModel {
            fingerprint: Set(fingerprint.clone()),
            certificate: Set(certificate.clone()),
            first_seen_at: Set(imported_at),
        });
        csca::Entity::insert_many(certificates)
            .on_conflict(OnConflict::column(csca::Column::Fingerprint).do_nothing().to_owned())
            .exec_without_returning(db)
            .await?;
        let vouchings = chunk.iter().map(|(fingerprint, _)| vouching::ActiveModel {
            list_sha256: Set(sha256.clone()),
            csca_fingerprint: Set(fingerprint.clone()),
        });
        vouching::Entity::insert_many(vouchings).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Fingerprints of the CSCAs a list names.
pub(crate) async fn cscas_of(db: &impl ConnectionTrait, list_sha256: &str) -> Result<Vec<String>, StoreError> {
    let rows = vouching::Entity::find().filter(vouching::Column::ListSha256.eq(list_sha256)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.csca_fingerprint).collect())
}

/// Every CSCA certificate any list ever named, by fingerprint.
pub(crate) async fn cscas(db: &impl ConnectionTrait) -> Result<Vec<csca::Model>, StoreError> {
    Ok(csca::Entity::find().order_by_asc(csca::Column::Fingerprint).all(db).await?)
}

/// The newest CRL of each issuer.
pub(crate) async fn revocation_lists(db: &impl ConnectionTrait) -> Result<Vec<revocation_list::Model>, StoreError> {
    Ok(revocation_list::Entity::find().order_by_asc(revocation_list::Column::IssuerSha256).all(db).await?)
}

/// The CRL of one issuer.
pub(crate) async fn find_revocation_list(
    db: &impl ConnectionTrait,
    issuer_sha256: &str,
) -> Result<Option<revocation_list::Model>, StoreError> {
    Ok(revocation_list::Entity::find_by_id(issuer_sha256).one(db).await?)
}

/// Puts a CRL in the place of the issuer's previous one.
pub(crate) async fn replace_revocation_list(
    db: &impl ConnectionTrait,
    row: revocation_list::Model,
) -> Result<(), StoreError> {
    revocation_list::Entity::delete_by_id(row.issuer_sha256.clone()).exec(db).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// The newest defect list of each anchor.
pub(crate) async fn defect_lists(db: &impl ConnectionTrait) -> Result<Vec<defect_list::Model>, StoreError> {
    Ok(defect_list::Entity::find().order_by_asc(defect_list::Column::ImportedAt).all(db).await?)
}

/// Puts a defect list in the place of the anchor's previous one.
pub(crate) async fn replace_defect_list(db: &impl ConnectionTrait, row: defect_list::Model) -> Result<(), StoreError> {
    defect_list::Entity::delete_by_id(row.anchor_fingerprint.clone()).exec(db).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}
