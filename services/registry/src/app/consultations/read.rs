//! Consultations as officers of the Office see them.

use serde_json::json;
use straznica_journal::Entry;

use super::{Doer, bound_to};
use crate::app::App;
use crate::app::entry::context;
use crate::domain::clock::Deadline;
use crate::domain::consultation::{Consultation, Outcome, QuestionState, Standing, Subject, WholeConsultation};
use crate::domain::rules::Party;
use crate::domain::{CaseId, ConsultationId, Mandate, Refusal};
use crate::error::RegistryError;
use crate::store::{consultations_of_case, load_consultation, open_consultations};

/// A consultation as shown.
pub(crate) struct ShownConsultation<'r> {
    pub(crate) whole: WholeConsultation,
    /// `None`: it was erased.
    pub(crate) subject: Option<Subject>,
    pub(crate) standing: Standing<'r>,
}

/// A consultation in a list.
pub(crate) struct Summary<'r> {
    pub(crate) file: Consultation,
    pub(crate) outcome: Outcome,
    pub(crate) waits_for: Vec<String>,
    pub(crate) next: Option<Deadline<'r>>,
}

impl App {
    /// A consultation with everything in it.
    pub(crate) async fn consultation(
        &self,
        mandate: &Mandate,
        id: ConsultationId,
    ) -> Result<ShownConsultation<'_>, RegistryError> {
        let found = self.store.read_tx(async |tx| load_consultation(tx, id).await).await?;
        let kept = found.ok_or(Refusal::NoConsultation)?;
        let standing = self.consultation_standing(&kept, self.clock.now())?;
        let subject = if kept.is_erased() { None } else { Some(self.keys.unseal_for(bound_to(id), &kept.sealed)?) };
        let detail = json!({ "consultation": id.to_string(), "outcome": standing.outcome.as_str() });
        let entry = self.about(&kept.whole.file, "consultation.read", &Doer::officer(mandate), detail);
        self.journal.record_read(entry).await?;
        Ok(ShownConsultation { whole: kept.whole, subject, standing })
    }

    /// Those of a case, or the open ones.
    pub(crate) async fn list_consultations(
        &self,
        mandate: &Mandate,
        case: Option<CaseId>,
        limit: u64,
    ) -> Result<Vec<Summary<'_>>, RegistryError> {
        let found = self.store.read_tx(async |tx| match case {
            Some(case) => consultations_of_case(tx, case, limit).await,
            None => open_consultations(tx, limit).await,
        });
        let found = found.await?;
        let now = self.clock.now();
        let mut list = Vec::with_capacity(found.len());
        for kept in found {
            let standing = self.consultation_standing(&kept, now)?;
            // What ended by silence since it was last written is not open.
            if case.is_some() || !standing.closed {
                list.push(summary(kept.whole.file, standing));
            }
        }
        let detail = json!({ "case": case.map(|case| case.to_string()), "consultations": list.len() });
        let entry =
            Entry::new("consultations.read", context(mandate)).legal_basis(mandate.legal_basis.clone()).detail(detail);
        self.journal.record_read(entry).await?;
        Ok(list)
    }
}

fn summary(file: Consultation, standing: Standing<'_>) -> Summary<'_> {
    let waiting = standing.questions.iter().filter(|question| question.state == QuestionState::Open);
    let waits_for = waiting.map(|question| question.of.clone()).collect();
    let closed = standing.closed;
    let by_head = |deadline: &Deadline<'_>| deadline.is_open() && deadline.rule.owed_by == Party::Head && !closed;
    let next = standing.deadlines.into_iter().filter(by_head).min_by_key(|deadline| deadline.due.instant());
    Summary { file, outcome: standing.outcome, waits_for, next }
}
