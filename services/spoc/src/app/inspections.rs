//! Inspections as the identity service reports them: what a signature has to name.

use serde_json::json;
use straznica_types::{InspectionId, Timestamp};

use super::{App, call::Call, record};
use crate::{domain::inspection_grant::InspectionGrant, error::SpocError, store::inspections};

/// Keeps a newly opened inspection. Reporting the same one again changes nothing, so that identity may repeat the call.
///
/// # Errors
/// [`SpocError::InspectionConflict`] when it was reported before for another terminal, officer or purpose.
pub(crate) async fn open(app: &App, call: &Call, id: InspectionId, opened_at: Timestamp) -> Result<(), SpocError> {
    let call = call.for_terminal()?;
    let grant = InspectionGrant {
        terminal_id: call.terminal_id.clone(),
        officer: call.officer.clone(),
        purpose: call.purpose.clone(),
        case_number: call.case_number.clone(),
        opened_at,
    };
    app.store
        .write_tx(async |tx| {
            match inspections::find(tx, id).await? {
                Some(known) if known == grant => return Ok(()),
                Some(_) => return Err(SpocError::InspectionConflict),
                None => inspections::insert(tx, id, &grant).await?,
            }
            let detail = json!({ "inspectionId": id, "openedAt": opened_at.millis() });
            record(app, tx, call, "inspection.registered", detail).await
        })
        .await
}
