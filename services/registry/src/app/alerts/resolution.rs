//! A possible hit, compared by two officers.

use serde_json::json;
use straznica_types::Timestamp;

use super::shown::{said_of, standing_of};
use crate::app::App;
use crate::app::entry::of_person;
use crate::domain::alerts::{ResolutionState, Standing, Verdict, check_grounds};
use crate::domain::{AlertFindingId, AlertResolutionId, Mandate, Refusal};
use crate::error::RegistryError;
use crate::store::{
    KeptResolution, find_finding, find_resolution, insert_resolution, resolutions_of, update_resolution,
};

impl App {
    /// The first officer says whether it is the person.
    pub(crate) async fn propose_resolution(
        &self,
        mandate: &Mandate,
        finding: AlertFindingId,
        verdict: Verdict,
        grounds: &str,
    ) -> Result<AlertResolutionId, RegistryError> {
        let now = self.clock.now();
        let id = AlertResolutionId::generate_at(now);
        let grounds = &check_grounds(grounds)?;
        self.store
            .write_tx(async move |tx| {
                let found = find_finding(tx, finding).await?.ok_or(Refusal::NoFinding)?;
                let resolutions = resolutions_of(tx, [found.person]).await?;
                // Of two in one millisecond the second is the later one all the same.
                let last = resolutions.last().map(|last| last.at);
                let at = last.map_or(now, |last| now.max(Timestamp::from_millis(last.millis() + 1)));
                let begun = said_of(&found, &resolutions).is_some_and(|said| said.state == ResolutionState::Proposed);
                if begun || standing_of(&found, &resolutions) != Standing::Possible {
                    return Err(Refusal::Resolved.into());
                }
                let kept = KeptResolution {
                    id,
                    person: found.person,
                    alert: found.alert,
                    compared: found.compared,
                    verdict,
                    state: ResolutionState::Proposed,
                    sealed: self.keys.seal_in(found.person.uuid(), id.uuid(), grounds)?,
                    by: mandate.officer.clone(),
                    at,
                    decided: None,
                };
                insert_resolution(tx, &kept).await?;
                let detail = json!({ "resolution": id.to_string(), "verdict": verdict.as_str() });
                let entry = of_person(&self.journal, "alert_resolution.proposed", mandate, kept.person, detail);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>(id)
            })
            .await
    }

    /// The second one agrees, or does not.
    pub(crate) async fn decide_resolution(
        &self,
        mandate: &Mandate,
        id: AlertResolutionId,
        agree: bool,
        grounds: &str,
    ) -> Result<ResolutionState, RegistryError> {
        let now = self.clock.now();
        self.store
            .write_tx(async move |tx| {
                let kept = find_resolution(tx, id).await?.ok_or(Refusal::NoResolution)?;
                let mut resolution = self.open_resolution(&kept)?;
                resolution.decide(agree, grounds, &mandate.officer, now)?;
                let state = resolution.state();
                let decided = resolution.decision.ok_or(Refusal::NoResolution)?;
                let sealed = self.keys.seal_in(kept.person.uuid(), id.uuid(), &decided.grounds)?;
                update_resolution(tx, id, state, (sealed, &decided.by, decided.at)).await?;
                let detail = json!({ "resolution": id.to_string(), "state": state.as_str() });
                let entry = of_person(&self.journal, "alert_resolution.decided", mandate, kept.person, detail);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>(state)
            })
            .await
    }
}
