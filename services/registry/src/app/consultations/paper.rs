//! Other states on paper: where the node is at no network, or a state is not reached by it.
//!
//! An officer writes down what came, with the moment it came and what proves it. A reply in time counts though silence was written down meanwhile: what was late is the writing.

use straznica_types::Timestamp;

use super::{Doer, check_text};
use crate::app::App;
use crate::domain::consultation::{NewMove, QuestionState, decisions, events};
use crate::domain::{ConsultationId, Mandate, Refusal};
use crate::error::RegistryError;

/// Longest number of a letter, in characters.
const LONGEST_REFERENCE: usize = 64;

/// A letter from or to another state.
pub(crate) struct Letter<'c> {
    /// The state.
    pub(crate) of: &'c str,
    /// When it was delivered there, or came here.
    pub(crate) at: Timestamp,
    /// What it is called.
    pub(crate) reference: &'c str,
}

impl App {
    /// A question was delivered in another state.
    pub(crate) async fn record_foreign_delivery(
        &self,
        mandate: &Mandate,
        id: ConsultationId,
        expected: u64,
        letter: &Letter<'_>,
    ) -> Result<u64, RegistryError> {
        let new = of_letter(events::DELIVERED, letter)?;
        Ok(self.officer_read(mandate, id, expected, new).await?.0)
    }

    /// Another state replied; tells also whether that came too late to matter.
    pub(crate) async fn record_foreign_reply(
        &self,
        mandate: &Mandate,
        id: ConsultationId,
        expected: u64,
        objects: bool,
        letter: &Letter<'_>,
    ) -> Result<(u64, bool), RegistryError> {
        let decision = if objects { decisions::OBJECTION } else { decisions::NO_OBJECTION };
        let new = NewMove { decision: Some(decision.to_owned()), ..of_letter(events::REPLIED, letter)? };
        self.officer_read(mandate, id, expected, new).await
    }

    async fn officer_read(
        &self,
        mandate: &Mandate,
        id: ConsultationId,
        expected: u64,
        new: NewMove,
    ) -> Result<(u64, bool), RegistryError> {
        let new = &new;
        self.store
            .write_tx(async move |tx| {
                let now = self.clock.now();
                let mut kept = self.consultation_for_change(tx, id, Some(expected)).await?;
                // A body replies itself: nobody writes down its word for it.
                if !kept.whole.file.flow.asks_states() {
                    let expected = "a state that was asked; bodies reply themselves";
                    return Err(Refusal::Invalid { member: "/of", expected }.into());
                }
                self.note(tx, &mut kept, std::slice::from_ref(new), &Doer::officer(mandate), now).await?;
                let standing = self.consultation_standing(&kept, now)?;
                let question = new.of.as_deref().and_then(|of| standing.question(of));
                let late = question.is_some_and(|question| matches!(question.state, QuestionState::Silent { .. }));
                Ok::<_, RegistryError>((kept.whole.file.version, late))
            })
            .await
    }
}

fn of_letter(event: &str, letter: &Letter<'_>) -> Result<NewMove, Refusal> {
    check_text(letter.reference, LONGEST_REFERENCE, "/reference")?;
    if letter.reference.trim().is_empty() {
        return Err(Refusal::Missing { member: "/reference" });
    }
    let remark = letter.reference.to_owned();
    Ok(NewMove { at: Some(letter.at), remark, ..NewMove::of(event, Some(letter.of)) })
}
