//! What is recorded with the state that entered an alert, before a decision.

use serde_json::json;
use straznica_types::Timestamp;

use super::shown::{SealedAnswer, ShownAlertConsultation, standing_of};
use crate::app::App;
use crate::app::entry::of_case;
use crate::domain::alerts::{Finding, Owed};
use crate::domain::calendar::warsaw;
use crate::domain::{AlertConsultationId, AlertFindingId, CaseId, Mandate, Refusal};
use crate::error::RegistryError;
use crate::store::{
    KeptAlertConsultation, alert_consultations_of, find_alert_consultation, find_finding, insert_alert_consultation,
    load_case, resolutions_of, update_alert_consultation,
};

/// Longest note, in characters.
const LONGEST_NOTE: usize = 500;

/// What the state answered.
#[derive(Debug, Clone)]
pub(crate) struct IssuerReply {
    pub(crate) objects: bool,
    pub(crate) at: Timestamp,
    pub(crate) note: String,
}

impl App {
    /// Records that the state was asked, or told.
    pub(crate) async fn record_alert_consultation(
        &self,
        mandate: &Mandate,
        case: CaseId,
        finding: AlertFindingId,
        asked_at: Timestamp,
    ) -> Result<ShownAlertConsultation<'_>, RegistryError> {
        let now = self.clock.now();
        if asked_at > now {
            return Err(Refusal::Future.into());
        }
        let id = AlertConsultationId::generate_at(now);
        let kept = self
            .store
            .write_tx(async move |tx| {
                let case = load_case(tx, case).await?.ok_or(Refusal::NoCase)?;
                let found = find_finding(tx, finding).await?.ok_or(Refusal::NoFinding)?;
                let members = self.read_with(tx, found.person).await?;
                if case.persons.iter().all(|person| !members.contains(person)) {
                    return Err(Refusal::NoFinding.into());
                }
                let resolutions = resolutions_of(tx, [found.person]).await?;
                let alert: Finding = self.keys.unseal_in(found.person.uuid(), found.id.uuid(), &found.sealed)?;
                let rule = self.owed(&alert, asked_at).filter(|_| standing_of(&found, &resolutions).is_hit());
                let owed = rule.ok_or(Refusal::NothingOwed)?;
                let earlier = alert_consultations_of(tx, Some(&members), Some(case.file.id)).await?;
                if earlier.iter().any(|earlier| earlier.alert == found.alert) {
                    return Err(Refusal::OnRecord.into());
                }
                let kept = KeptAlertConsultation {
                    id,
                    case: case.file.id,
                    person: found.person,
                    alert: found.alert,
                    owed,
                    sealed: self.keys.seal_in(found.person.uuid(), id.uuid(), &Finding { likeness: None, ..alert })?,
                    asked_at,
                    asked_by: mandate.officer.clone(),
                    answered: None,
                };
                insert_alert_consultation(tx, &kept).await?;
                let detail = json!({ "consultation": id.to_string(), "owed": owed.as_str() });
                let entry = of_case(&self.journal, "alert_consultation.recorded", mandate, &case.file, detail);
                self.journal.record(tx, entry).await?;
                Ok::<_, RegistryError>(kept)
            })
            .await?;
        Ok(self.shown_consultation(&kept, now)?)
    }

    /// Records what it answered. What comes after the last day is kept, and changes nothing.
    pub(crate) async fn record_alert_consultation_answer(
        &self,
        mandate: &Mandate,
        id: AlertConsultationId,
        answer: IssuerReply,
    ) -> Result<ShownAlertConsultation<'_>, RegistryError> {
        let now = self.clock.now();
        if answer.at > now {
            return Err(Refusal::Future.into());
        }
        if answer.note.chars().count() > LONGEST_NOTE || answer.note.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member: "/note", expected: "up to 500 characters" }.into());
        }
        let answer = &answer;
        let kept = self
            .store
            .write_tx(async move |tx| {
                let mut kept = find_alert_consultation(tx, id).await?.ok_or(Refusal::NoAlertConsultation)?;
                if kept.owed == Owed::Inform {
                    return Err(Refusal::NothingOwed.into());
                }
                if kept.answered.is_some() {
                    return Err(Refusal::OnRecord.into());
                }
                if answer.at < kept.asked_at {
                    let expected = "a moment after the question";
                    return Err(Refusal::Invalid { member: "/answered_at_ms", expected }.into());
                }
                let case = load_case(tx, kept.case).await?.ok_or(Refusal::NoCase)?;
                let said = SealedAnswer { objects: answer.objects, note: answer.note.clone() };
                let sealed = self.keys.seal_in(kept.person.uuid(), id.uuid(), &said)?;
                update_alert_consultation(tx, id, (sealed.clone(), &mandate.officer, answer.at)).await?;
                let detail = json!({ "consultation": id.to_string() });
                let entry = of_case(&self.journal, "alert_consultation.answered", mandate, &case.file, detail);
                self.journal.record(tx, entry).await?;
                kept.answered = Some((sealed, mandate.officer.clone(), answer.at));
                Ok::<_, RegistryError>(kept)
            })
            .await?;
        Ok(self.shown_consultation(&kept, now)?)
    }

    /// What is owed at a moment to the state that entered an alert: to the node's own, nothing.
    pub(super) fn owed(&self, finding: &Finding, at: Timestamp) -> Option<Owed> {
        let rule = self.alerts.law.owed(finding, warsaw::date(at))?;
        (finding.issuing_state != self.alerts.own_state).then_some(rule.owed)
    }
}
