//! Import of defect lists (TR-03129-2 §7.2).

use emrtd::{
    lists::{Anchor, DefectList},
    x509::Certificate,
};
use serde_json::json;
use straznica_types::Timestamp;
use time::OffsetDateTime;

use super::{
    App, blocking,
    call::Call,
    documents_changed,
    issuing::fingerprint,
    master_lists::{moment, refusal, signed_before, within_limit},
    record,
};
use crate::{
    error::SpocError,
    store::{entity::defect_list, trust},
};

/// Imports a defect list whose signer is issued by a confirmed anchor. It takes the place of the anchor's previous list. Returns the number of defects
/// and the generation.
///
/// # Errors
/// [`SpocError::NotVouched`] without such an anchor, [`SpocError::ListUnreadable`] for a list that breaks a rule, [`SpocError::Outdated`] for one that
/// was signed before the one held.
pub(crate) async fn import(app: &App, call: &Call, list: Vec<u8>) -> Result<(u32, u64), SpocError> {
    let officer = call.operator()?.to_owned();
    within_limit(app, &list)?;
    let now = app.clock.now();
    let state = app.documents.current();
    let (row, signed_at) = blocking(move || verify(list, &state.defect_list_anchors, &officer, now)).await?;
    let generation = app
        .store
        .write_tx(async |tx| {
            let anchor = trust::find_anchor(tx, &row.anchor_fingerprint, "defect_list").await?;
            if anchor.is_none_or(|anchor| anchor.state != "confirmed") {
                return Err(SpocError::NotVouched("the anchor was withdrawn meanwhile".to_owned()));
            }
            let held = trust::defect_lists(tx).await?;
            let held = held.iter().find(|list| list.anchor_fingerprint == row.anchor_fingerprint);
            if held.is_some_and(|list| signed_before(signed_at, &list.list)) {
                return Err(SpocError::Outdated);
            }
            trust::replace_defect_list(tx, row.clone()).await?;
            let generation = documents_changed(app, tx, "defect_list", now).await?.number;
            let detail = json!({ "sha256": row.sha256, "anchor": row.anchor_fingerprint, "defects": row.defects });
            record(app, tx, call, "defect_list.imported", detail).await?;
            Ok::<_, SpocError>(generation)
        })
        .await?;
    app.refresh().await?;
    Ok((u32::try_from(row.defects).unwrap_or(u32::MAX), generation))
}

fn verify(
    list: Vec<u8>,
    anchors: &[Certificate],
    officer: &str,
    now: Timestamp,
) -> Result<(defect_list::Model, Option<OffsetDateTime>), SpocError> {
    let pinned: Vec<Anchor> = anchors.iter().cloned().map(Anchor::Certificate).collect();
    let parsed = DefectList::parse(&list).map_err(|why| SpocError::ListUnreadable(why.to_string()))?;
    let parsed = parsed.verify(&pinned, moment(now)).map_err(refusal)?;
    let row = defect_list::Model {
        anchor_fingerprint: parsed.anchor().fingerprint().to_string(),
        sha256: fingerprint(&list),
        defects: i64::try_from(parsed.list().defects().len()).unwrap_or(i64::MAX),
        list,
        imported_by: officer.to_owned(),
        imported_at: now.millis(),
    };
    Ok((row, parsed.signed_at()))
}
