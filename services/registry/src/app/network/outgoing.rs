//! From what happens to what other states are told.

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_journal::{Context, Entry};
use straznica_types::Timestamp;

use super::{Network, bound_to_sent};
use crate::app::App;
use crate::app::consultations::bound_to;
use crate::domain::calendar::warsaw;
use crate::domain::consultation::{By, Flow, Noted, Subject, decisions, events};
use crate::domain::scn::{Content, FileNumber, Form, Message, Reply, Request, Unifier, Unreadable, encode};
use crate::domain::{ConsultationId, Refusal};
use crate::error::RegistryError;
use crate::store::{
    KeptConsultation, SentRow, delete_notification, due_forms, due_notifications, give_form_back, insert_sent,
    mark_sent, take_form,
};

/// Messages handed over in a turn, at most.
const A_TURN: u64 = 500;
/// How long a form is one replica's to hand over, in milliseconds, or twice as long as a call may take where that is more. Who stops in between leaves it
/// to the others after that.
const HAND_OVER: i64 = 60_000;
/// For calls that may take so many milliseconds.
pub(super) fn hand_over(call_ms: u64) -> i64 {
    i64::try_from(call_ms).unwrap_or(i64::MAX).saturating_mul(2).max(HAND_OVER)
}

/// After so many failures in a row the network is down, and the turn over.
const DOWN: u32 = 3;

impl App {
    /// Writes what other states are to be told of what was written down.
    pub(in crate::app) async fn queue_forms(
        &self,
        tx: &DatabaseTransaction,
        kept: &KeptConsultation,
        written: &[Noted],
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        let Some(network) = &self.network else { return Ok(()) };
        let file = &kept.whole.file;
        let by_network = kept.whole.noted.first().is_some_and(|opening| matches!(opening.by, By::State(_)));
        let own = || FileNumber::of_consultation(&network.state, &file.number).map_err(wrong);
        for noted in written {
            let happened = &noted.happened;
            match (happened.event.as_str(), file.flow, &happened.of) {
                (events::ASKED, Flow::Outgoing, Some(state)) => {
                    let subject: Subject = self.keys.unseal_for(bound_to(file.id), &kept.sealed)?;
                    let content = Content::Request(Request { reference: own()?, subject });
                    self.queue(tx, network, state, content, Some(file.id), now).await?;
                }
                (events::ANSWERED, Flow::Incoming, _) if by_network => {
                    let reply = Reply {
                        reference: FileNumber::parse(&file.reference).map_err(wrong)?,
                        reply_reference: own()?,
                        objects: happened.decision.as_deref() == Some(decisions::HEAD_OBJECTION),
                        on: warsaw::date(now),
                    };
                    self.queue(tx, network, &file.asked_by, Content::Reply(reply), Some(file.id), now).await?;
                }
                (events::WITHDRAWN, Flow::Outgoing, _) => {
                    for state in unanswered(&kept.whole.noted) {
                        let content = Content::Cancellation { reference: own()? };
                        self.queue(tx, network, state, content, Some(file.id), now).await?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts a form into the outbox.
    pub(super) async fn queue(
        &self,
        tx: &DatabaseTransaction,
        network: &Network,
        state: &str,
        content: Content,
        consultation: Option<ConsultationId>,
        now: Timestamp,
    ) -> Result<Unifier, RegistryError> {
        let unifier = Unifier::generate(&network.state, now);
        let form = Form { unifier: unifier.clone(), content };
        let Message { subject, body } = encode(&form);
        let row = SentRow {
            unifier: unifier.to_string(),
            state: state.to_owned(),
            letter: form.content.letter().to_string(),
            reference: form.content.file_number().map(ToString::to_string).unwrap_or_default(),
            consultation_id: consultation.map(ConsultationId::uuid),
            subject,
            sealed: self.keys.seal_for(bound_to_sent(unifier.as_str()), &body)?,
            made_at: now.millis(),
            attempts: 0,
            next_attempt_at: now.millis(),
            notified_at: None,
            overdue: false,
        };
        let detail = json!({ "unifier": row.unifier, "state": row.state, "letter": row.letter });
        insert_sent(tx, row).await?;
        let entry = Entry::new("consultation_form.queued", Context::of_service("service/registry")).detail(detail);
        self.journal.record(tx, entry).await?;
        Ok(unifier)
    }

    /// Hands over what is due: delivery notifications first. Tells how many messages went. Of several replicas one hands a form over; a notification may go
    /// twice, which says no more than once.
    pub(crate) async fn send_due(&self) -> Result<u64, RegistryError> {
        let Some(network) = &self.network else { return Ok(0) };
        let (mut went, mut failures, mut failed) = (0, 0, None);
        for due in due_notifications(self.store.reader(), A_TURN).await? {
            let unifier = Unifier::parse(&due.unifier).map_err(wrong)?;
            let message = encode(&Form { unifier, content: Content::Receipt });
            match network.submit(&due.state, message).await {
                Ok(()) => {
                    self.store
                        .write_tx(async move |tx| Ok::<_, RegistryError>(delete_notification(tx, due.id).await?))
                        .await?;
                    (went, failures) = (went + 1, 0);
                }
                Err(status) => (failures, failed) = (failures + 1, Some(status)),
            }
            if failures == DOWN {
                break;
            }
        }
        for row in due_forms(self.store.reader(), self.clock.now(), A_TURN).await? {
            if failures >= DOWN {
                break;
            }
            let body: String = self.keys.unseal_for(bound_to_sent(&row.unifier), &row.sealed)?;
            let until = Timestamp::from_millis(self.clock.now().millis().saturating_add(network.hand_over));
            let take = async |tx: &DatabaseTransaction| Ok::<_, RegistryError>(take_form(tx, &row, until).await?);
            if !self.store.write_tx(take).await? {
                continue;
            }
            match network.submit(&row.state, Message { subject: row.subject.clone(), body }).await {
                Ok(()) => {
                    let attempts = u32::try_from(row.attempts).unwrap_or(u32::MAX).saturating_add(1);
                    let next = network.rule.next(attempts, self.clock.now());
                    let unifier = &row.unifier;
                    let mark = async move |tx: &DatabaseTransaction| {
                        Ok::<_, RegistryError>(mark_sent(tx, unifier, until, next).await?)
                    };
                    self.store.write_tx(mark).await?;
                    (went, failures) = (went + 1, 0);
                }
                Err(status) => {
                    let back =
                        async |tx: &DatabaseTransaction| Ok::<_, RegistryError>(give_form_back(tx, &row, until).await?);
                    self.store.write_tx(back).await?;
                    (failures, failed) = (failures + 1, Some(status));
                }
            }
        }
        failed.map_or(Ok(went), |status| Err(RegistryError::Network(Box::new(status))))
    }
}

/// States that were asked and have not replied.
fn unanswered(noted: &[Noted]) -> impl Iterator<Item = &str> {
    let of = |event: &'static str| {
        noted.iter().filter(move |noted| noted.happened.event == event).filter_map(|noted| noted.happened.of.as_deref())
    };
    of(events::ASKED).filter(move |state| !of(events::REPLIED).any(|replied| replied == *state))
}

/// What was checked when it was opened cannot be written: the number of another state is no file number of the network.
pub(super) const fn wrong(_: Unreadable) -> Refusal {
    Refusal::Invalid { member: "/reference", expected: "up to 19 letters and digits" }
}
