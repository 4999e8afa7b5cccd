//! Opens an inspection: judges a reading and keeps the verdict.

use std::sync::Arc;

use straznica_contracts::identity::events::v1::InspectionJudged;
use straznica_types::InspectionId;

use super::App;
use crate::domain::{
    BorderAlerts, CallerClaims, Inspection, KeptEvidence, Reading, ReadingParts, SessionTimes, Unchecked, verdict_name,
};
use crate::error::IdentityError;
use crate::store::insert_inspection;

impl App {
    /// Opens an inspection. The challenge an answer names is used up before the answer is looked at; alerts are asked for while the document is judged; the control centre is
    /// told after the verdict is written.
    pub(crate) async fn open_inspection(
        &self,
        caller: &CallerClaims,
        parts: ReadingParts,
    ) -> Result<Inspection, IdentityError> {
        let now = self.clock.now();
        let mission = caller.mission(&self.rules.purposes)?;
        let reading = Arc::new(Reading::new(parts, &self.rules.limits)?);
        self.rules.timing.check(reading.read_at, now)?;
        let judging = async {
            let trust = self.trust.in_force().await?;
            let challenge = self.use_challenge(&mission.terminal, reading.evidence.active_answer()).await?;
            let mut kept = KeptEvidence::beginning_with(&reading.sod);
            kept.add(&reading.evidence, challenge);
            let kept = Arc::new(kept);
            let judgement = self.judges.first(reading.clone(), kept.clone(), trust.clone()).await?;
            Ok::<_, IdentityError>((trust, kept, judgement))
        };
        let (judged, alerts) = tokio::join!(judging, self.check_alerts(caller, &mission, &reading.evidence));
        let (trust, kept, judgement) = judged?;

        let inspection = Inspection {
            id: InspectionId::generate_at(now),
            mission,
            document: self.journal.pseudonym("document", reading.document_ref.expose()).to_string(),
            access: reading.access,
            line: reading.line,
            judgement,
            profile: self.judges.profile_name().to_owned(),
            trust_generation: trust.generation,
            trust_confirmed_at: trust.confirmed_at,
            times: SessionTimes { opened_at: now, updated_at: now, open_until: now + self.rules.session_life },
            announced_at: None,
            referral: None,
            fingerprints: None,
            alerts: alerts.unwrap_or_else(BorderAlerts::not_yet),
            revision: 0,
        };
        self.store
            .write_tx(async |tx| {
                insert_inspection(tx, &inspection, &kept).await?;
                let entry = self
                    .entry("inspection.opened", caller, &inspection, judged_detail(&inspection))
                    .event(&judged_event(&inspection, true));
                self.journal.record(tx, entry).await?;
                Ok::<_, IdentityError>(())
            })
            .await?;
        Ok(self.announce(caller, inspection).await)
    }
}

/// What the journal is told of a verdict.
pub(super) fn judged_detail(inspection: &Inspection) -> serde_json::Value {
    serde_json::json!({
        "inspection_id": inspection.id,
        "document": inspection.document,
        "security_object": inspection.judgement.security_object,
        "verdict": verdict_name(inspection.judgement.verdict),
        "issuing_state": inspection.judgement.issuing_state,
        "line": inspection.line.as_str(),
        "profile": inspection.profile,
        "trust_generation": inspection.trust_generation,
        "trust_confirmed_at": inspection.trust_confirmed_at.to_string(),
        "alerts": inspection.alerts.result.as_str(),
        "alerts_unchecked": inspection.alerts.result.unchecked().map(Unchecked::as_str),
        "alert_check": inspection.alerts.check.map(|check| check.to_string()),
    })
}

/// What others are told of it.
pub(super) fn judged_event(inspection: &Inspection, first: bool) -> InspectionJudged {
    InspectionJudged {
        inspection_id: inspection.id.to_string(),
        terminal_id: inspection.mission.terminal.to_string(),
        verdict: verdict_name(inspection.judgement.verdict).to_owned(),
        issuing_state: inspection.judgement.issuing_state.clone().unwrap_or_default(),
        first,
    }
}
