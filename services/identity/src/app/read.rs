//! Shows an inspection, after the reading is in the journal.

use straznica_types::InspectionId;

use super::App;
use crate::domain::{CallerClaims, Inspection};
use crate::error::IdentityError;
use crate::store::find_inspection;

impl App {
    /// One inspection. If the journal cannot be written, nothing is shown.
    pub(crate) async fn get_inspection(
        &self,
        caller: &CallerClaims,
        id: InspectionId,
    ) -> Result<Inspection, IdentityError> {
        let inspection = find_inspection(self.store.reader(), id).await?;
        inspection.may_read(caller)?;
        let detail = serde_json::json!({ "inspection_id": id });
        self.journal.record_read(self.entry("inspection.read", caller, &inspection, detail)).await?;
        Ok(inspection)
    }
}
