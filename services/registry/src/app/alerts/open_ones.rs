//! Possible hits that wait for officers.

use serde_json::json;
use straznica_types::{OfficerId, Timestamp};

use super::shown::{said_of, standing_of};
use crate::app::App;
use crate::app::entry::of_person;
use crate::domain::alerts::{ResolutionState, Standing};
use crate::domain::{AlertCheckId, AlertFindingId, AlertResolutionId, CaseId, Mandate, PersonId};
use crate::error::RegistryError;
use crate::store::{latest_possible, resolutions_of};

/// Most findings looked through: those that were resolved are among them for as long as they are kept.
const LOOKED_THROUGH: u64 = 10_000;

/// A possible hit nobody has resolved.
pub(crate) struct OpenAlert {
    pub(crate) finding: AlertFindingId,
    pub(crate) check: AlertCheckId,
    pub(crate) person: PersonId,
    pub(crate) case: Option<CaseId>,
    pub(crate) checked_at: Timestamp,
    /// What one officer says already.
    pub(crate) proposed: Option<(AlertResolutionId, OfficerId)>,
}

impl App {
    /// The oldest of them. Whose they are is journalled, each person by themselves.
    pub(crate) async fn open_alerts(&self, mandate: &Mandate, limit: usize) -> Result<Vec<OpenAlert>, RegistryError> {
        let (found, resolutions) = self
            .store
            .read_tx(async |tx| {
                let found = latest_possible(tx, LOOKED_THROUGH).await?;
                let resolutions = resolutions_of(tx, found.iter().map(|(finding, _)| finding.person)).await?;
                Ok::<_, RegistryError>((found, resolutions))
            })
            .await?;
        let open: Vec<OpenAlert> = found
            .into_iter()
            .filter(|(finding, _)| standing_of(finding, &resolutions) == Standing::Possible)
            .take(limit)
            .map(|(finding, check)| OpenAlert {
                proposed: said_of(&finding, &resolutions)
                    .filter(|said| said.state == ResolutionState::Proposed)
                    .map(|said| (said.id, said.by.clone())),
                finding: finding.id,
                check: check.id,
                person: finding.person,
                case: check.case,
                checked_at: check.checked_at,
            })
            .collect();
        for alert in &open {
            let detail = json!({ "check": alert.check.to_string() });
            let entry = of_person(&self.journal, "alerts.listed", mandate, alert.person, detail);
            self.journal.record_read(entry).await?;
        }
        Ok(open)
    }
}
