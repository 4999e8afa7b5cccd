//! What officers of the Office do in a consultation.

use super::Doer;
use crate::app::App;
use crate::domain::consultation::{Grounds, NewMove, decisions, events};
use crate::domain::{ConsultationId, Mandate};
use crate::error::RegistryError;

impl App {
    /// The answer of the Head to whoever consulted.
    pub(crate) async fn record_answer(
        &self,
        mandate: &Mandate,
        id: ConsultationId,
        expected: u64,
        objects: bool,
        grounds: Option<Grounds>,
        remark: &str,
    ) -> Result<u64, RegistryError> {
        let decision = if objects { decisions::HEAD_OBJECTION } else { decisions::HEAD_NO_OBJECTION };
        let new = NewMove {
            decision: Some(decision.to_owned()),
            grounds,
            remark: remark.to_owned(),
            ..NewMove::of(events::ANSWERED, None)
        };
        self.officer_notes(mandate, id, expected, new).await
    }

    /// Makes the Head's own term longer.
    pub(crate) async fn prolong_answer(
        &self,
        mandate: &Mandate,
        id: ConsultationId,
        expected: u64,
        remark: &str,
    ) -> Result<u64, RegistryError> {
        let new = NewMove { remark: remark.to_owned(), ..NewMove::of(events::PROLONGED, None) };
        self.officer_notes(mandate, id, expected, new).await
    }

    /// The consul was told that a body, or the Head, has longer.
    pub(crate) async fn record_consul_told(
        &self,
        mandate: &Mandate,
        id: ConsultationId,
        expected: u64,
        of: Option<&str>,
    ) -> Result<u64, RegistryError> {
        self.officer_notes(mandate, id, expected, NewMove::of(events::CONSUL_TOLD, of)).await
    }

    /// Nobody wants an answer any more.
    pub(crate) async fn withdraw_consultation(
        &self,
        mandate: &Mandate,
        id: ConsultationId,
        expected: u64,
        remark: &str,
    ) -> Result<u64, RegistryError> {
        let new = NewMove { remark: remark.to_owned(), ..NewMove::of(events::WITHDRAWN, None) };
        self.officer_notes(mandate, id, expected, new).await
    }

    async fn officer_notes(
        &self,
        mandate: &Mandate,
        id: ConsultationId,
        expected: u64,
        new: NewMove,
    ) -> Result<u64, RegistryError> {
        let new = &new;
        self.store
            .write_tx(async move |tx| {
                let now = self.clock.now();
                let mut kept = self.consultation_for_change(tx, id, Some(expected)).await?;
                self.note(tx, &mut kept, std::slice::from_ref(new), &Doer::officer(mandate), now).await?;
                Ok::<_, RegistryError>(kept.whole.file.version)
            })
            .await
    }
}
