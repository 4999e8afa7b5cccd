//! Brings an open inspection up to date with what was read since.

use std::sync::Arc;

use straznica_types::InspectionId;

use super::App;
use super::open::{judged_detail, judged_event};
use super::trust::TrustInForce;
use crate::domain::{
    BorderAlerts, CHALLENGE_LENGTH, CallerClaims, Evidence, EvidenceParts, Inspection, KeptEvidence, Refusal,
};
use crate::error::IdentityError;
use crate::store::{find_inspection, find_kept, replace_kept, update_inspection};

/// How often a call is repeated when others change the same inspection. A terminal has one document in its hands: more than two at once
/// are a fault.
const ATTEMPTS: u32 = 5;

/// What a call brought, and what was learnt of it.
struct Brought {
    evidence: Arc<Evidence>,
    /// The value its answer to Active Authentication was given to.
    challenge: Option<[u8; CHALLENGE_LENGTH]>,
    /// Whether there are alerts, where it said on whom.
    alerts: Option<BorderAlerts>,
}

impl App {
    /// Adds evidence. Judging happens outside the transaction; if the inspection was changed meanwhile nothing is written, and the
    /// evidence is judged once more on top of what the other call left.
    pub(crate) async fn add_evidence(
        &self,
        caller: &CallerClaims,
        id: InspectionId,
        parts: EvidenceParts,
    ) -> Result<Inspection, IdentityError> {
        let evidence = Arc::new(Evidence::new(parts, &self.rules.limits)?);
        if evidence.is_empty() {
            return Err(Refusal::Missing { member: "/evidence" }.into());
        }
        let opened = find_inspection(self.store.reader(), id).await?;
        opened.may_add_evidence(caller, self.clock.now())?;
        let preparing = async {
            let trust = self.trust.in_force().await?;
            let challenge = self.use_challenge(&opened.mission.terminal, evidence.active_answer()).await?;
            Ok::<_, IdentityError>((trust, challenge))
        };
        let (prepared, alerts) = tokio::join!(preparing, self.check_alerts(caller, &opened.mission, &evidence));
        let (trust, challenge) = prepared?;
        let brought = Brought { evidence, challenge, alerts };
        for _ in 0..ATTEMPTS {
            if let Some(updated) = self.try_to_add(caller, id, &brought, &trust).await? {
                return Ok(self.announce(caller, updated).await);
            }
        }
        Err(IdentityError::Contended { attempts: ATTEMPTS })
    }

    /// `None` when somebody else changed the inspection meanwhile.
    async fn try_to_add(
        &self,
        caller: &CallerClaims,
        id: InspectionId,
        brought: &Brought,
        trust: &TrustInForce,
    ) -> Result<Option<Inspection>, IdentityError> {
        // What is kept is read after the inspection and written with it: a change in between shows in the revision.
        let mut inspection = find_inspection(self.store.reader(), id).await?;
        let mut kept = find_kept(self.store.reader(), id).await?;
        kept.add(&brought.evidence, brought.challenge);
        let kept = Arc::new(kept);
        let previous = inspection.judgement.clone();
        let verdict_before = previous.verdict;
        inspection.judgement = self
            .judges
            .again(previous, inspection.access, brought.evidence.clone(), kept.clone(), trust.clone())
            .await?;
        inspection.profile = self.judges.profile_name().to_owned();
        inspection.trust_generation = trust.generation;
        inspection.trust_confirmed_at = trust.confirmed_at;
        if let Some(alerts) = &brought.alerts {
            inspection.alerts = inspection.alerts.followed_by(alerts.clone());
        }
        let now = self.clock.now();
        inspection.may_add_evidence(caller, now)?;
        inspection.times.updated_at = now;

        let changed = inspection.judgement.verdict != verdict_before;
        let written = self.store.write_tx(async |tx| self.write(tx, caller, &inspection, &kept, changed).await).await?;
        inspection.revision += 1;
        Ok(written.then_some(inspection))
    }

    async fn write(
        &self,
        tx: &sea_orm::DatabaseTransaction,
        caller: &CallerClaims,
        inspection: &Inspection,
        kept: &KeptEvidence,
        changed: bool,
    ) -> Result<bool, IdentityError> {
        if !update_inspection(tx, inspection).await? {
            return Ok(false);
        }
        replace_kept(tx, inspection, kept).await?;
        let mut entry = self.entry("inspection.evidence_added", caller, inspection, judged_detail(inspection));
        if changed {
            entry = entry.event(&judged_event(inspection, false));
        }
        self.journal.record(tx, entry).await?;
        Ok(true)
    }
}
