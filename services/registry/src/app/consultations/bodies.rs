//! What a consulted body sees and does: its own questions, and of them the least.

use serde_json::json;
use straznica_journal::Entry;
use straznica_types::Timestamp;

use super::{Doer, LONGEST_REMARK, bound_to, check_text, law_of};
use crate::app::App;
use crate::domain::clock::Deadline;
use crate::domain::consultation::{
    Body, Consultation, Grounds, NewMove, Noted, QuestionState, Subject, decisions, events,
};
use crate::domain::{CallerClaims, ConsultationId, Refusal};
use crate::error::RegistryError;
use crate::store::{load_consultation, questions_to};

/// A question, as the body that is asked sees it.
pub(crate) struct BodyQuestion<'r> {
    pub(crate) file: Consultation,
    pub(crate) subject: Subject,
    pub(crate) asked_at: Timestamp,
    pub(crate) deadline: Option<Deadline<'r>>,
    pub(crate) state: QuestionState,
    /// What it replied itself, in time or late.
    pub(crate) reply: Option<OwnReply>,
}

/// A reply, as the body that gave it sees it.
pub(crate) struct OwnReply {
    pub(crate) objects: bool,
    pub(crate) at: Timestamp,
    pub(crate) reference: String,
}

/// Longest number a body has for something, in characters.
const LONGEST_REFERENCE: usize = 64;

impl App {
    /// Questions to a body that wait for its reply.
    pub(crate) async fn body_questions(
        &self,
        body: &Body,
        caller: CallerClaims,
        limit: u64,
    ) -> Result<Vec<BodyQuestion<'_>>, RegistryError> {
        let doer = Doer::body(body, caller, String::new())?;
        let now = self.clock.now();
        let kept = self.store.read_tx(async |tx| questions_to(tx, body.as_str(), limit).await).await?;
        let mut questions = Vec::with_capacity(kept.len());
        for kept in kept {
            let standing = self.consultation_standing(&kept, now)?;
            // What has been taken for consent since it was last written waits no more.
            let open = standing.questions.into_iter().find(|question| {
                question.of == body.as_str() && question.state == QuestionState::Open && !standing.closed
            });
            let Some(question) = open else { continue };
            questions.push(BodyQuestion {
                subject: self.keys.unseal_for(bound_to(kept.whole.file.id), &kept.sealed)?,
                file: kept.whole.file,
                asked_at: question.asked_at,
                deadline: question.deadline,
                state: question.state,
                reply: None,
            });
        }
        let numbers: Vec<&str> = questions.iter().map(|question| question.file.number.as_str()).collect();
        let detail = json!({ "body": body.as_str(), "consultations": numbers });
        let basis = questions.first().and_then(|question| question.deadline.as_ref());
        let basis = basis.map(|deadline| law_of(&deadline.rule.basis)).unwrap_or_default();
        let entry = Entry::new("consultation.inbox_read", doer.context).legal_basis(basis).detail(detail);
        self.journal.record_read(entry).await?;
        Ok(questions)
    }

    /// A question to a body, replied to or not.
    pub(crate) async fn body_question(
        &self,
        body: &Body,
        caller: &CallerClaims,
        id: ConsultationId,
    ) -> Result<BodyQuestion<'_>, RegistryError> {
        let now = self.clock.now();
        let kept = self.store.read_tx(async |tx| load_consultation(tx, id).await).await?;
        let kept = kept.filter(|kept| !kept.is_erased()).ok_or(Refusal::NoConsultation)?;
        let standing = self.consultation_standing(&kept, now)?;
        let question = standing.questions.into_iter().find(|question| question.of == body.as_str());
        let question = question.ok_or(Refusal::NoConsultation)?;
        let doer = self.body_doer(body, caller, &kept.whole.file, now)?;
        let detail = json!({ "consultation": id.to_string(), "body": body.as_str() });
        self.journal.record_read(self.about(&kept.whole.file, "consultation.question_read", &doer, detail)).await?;
        let own = |noted: &Noted| {
            noted.happened.event == events::REPLIED && noted.happened.of.as_deref() == Some(body.as_str())
        };
        let reply = kept.whole.noted.iter().find(|noted| own(noted)).map(|noted| OwnReply {
            objects: noted.happened.decision.as_deref() == Some(decisions::OBJECTION),
            at: noted.happened.at,
            reference: noted.remark.clone(),
        });
        Ok(BodyQuestion {
            subject: self.keys.unseal_for(bound_to(id), &kept.sealed)?,
            file: kept.whole.file,
            asked_at: question.asked_at,
            deadline: question.deadline,
            state: question.state,
            reply,
        })
    }

    /// A body replies; tells whether that came too late to matter.
    pub(crate) async fn body_replies(
        &self,
        body: &Body,
        caller: CallerClaims,
        id: ConsultationId,
        objects: bool,
        grounds: Option<Grounds>,
        reference: &str,
    ) -> Result<bool, RegistryError> {
        check_text(reference, LONGEST_REFERENCE, "/reference")?;
        let decision = if objects { decisions::OBJECTION } else { decisions::NO_OBJECTION };
        let new = NewMove {
            decision: Some(decision.to_owned()),
            grounds,
            remark: reference.to_owned(),
            ..NewMove::of(events::REPLIED, Some(body.as_str()))
        };
        self.body_notes(body, caller, id, new, |question| matches!(question, QuestionState::Silent { .. })).await
    }

    /// A body asks for a longer term, which it has if the law lets it; tells until when.
    pub(crate) async fn body_extends(
        &self,
        body: &Body,
        caller: CallerClaims,
        id: ConsultationId,
        remark: &str,
    ) -> Result<Option<Deadline<'_>>, RegistryError> {
        check_text(remark, LONGEST_REMARK, "/remark")?;
        let new = NewMove { remark: remark.to_owned(), ..NewMove::of(events::EXTENDED, Some(body.as_str())) };
        let (new, caller) = (&new, &caller);
        self.store
            .write_tx(async move |tx| {
                let now = self.clock.now();
                let mut kept = self.asked(tx, body, id).await?;
                let doer = self.body_doer(body, caller, &kept.whole.file, now)?;
                self.note(tx, &mut kept, std::slice::from_ref(new), &doer, now).await?;
                let standing = self.consultation_standing(&kept, now)?;
                let question = standing.questions.into_iter().find(|question| question.of == body.as_str());
                Ok::<_, RegistryError>(question.and_then(|question| question.deadline))
            })
            .await
    }

    async fn body_notes(
        &self,
        body: &Body,
        caller: CallerClaims,
        id: ConsultationId,
        new: NewMove,
        told: impl Fn(&QuestionState) -> bool + Clone,
    ) -> Result<bool, RegistryError> {
        let (new, caller) = (&new, &caller);
        self.store
            .write_tx(async move |tx| {
                // Within the transaction: who waits for it while the clock strikes is late.
                let now = self.clock.now();
                let mut kept = self.asked(tx, body, id).await?;
                let doer = self.body_doer(body, caller, &kept.whole.file, now)?;
                self.note(tx, &mut kept, std::slice::from_ref(new), &doer, now).await?;
                let standing = self.consultation_standing(&kept, now)?;
                Ok::<_, RegistryError>(standing.question(body.as_str()).is_some_and(|question| told(&question.state)))
            })
            .await
    }

    fn body_doer(
        &self,
        body: &Body,
        caller: &CallerClaims,
        file: &Consultation,
        now: Timestamp,
    ) -> Result<Doer, RegistryError> {
        let law = self.consultation_law(file, now)?;
        Ok(Doer::body(body, caller.clone(), law_of(&law.basis))?)
    }

    /// A consultation in which this body was asked. To others there is no such consultation.
    async fn asked(
        &self,
        tx: &sea_orm::DatabaseTransaction,
        body: &Body,
        id: ConsultationId,
    ) -> Result<crate::store::KeptConsultation, RegistryError> {
        let kept = self.consultation_for_change(tx, id, None).await?;
        let asked = |noted: &Noted| {
            noted.happened.event == events::ASKED && noted.happened.of.as_deref() == Some(body.as_str())
        };
        if !kept.whole.noted.iter().any(asked) {
            return Err(Refusal::NoConsultation.into());
        }
        Ok(kept)
    }
}
