//! From what other states tell to what happens.

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_journal::{Context, Entry};
use straznica_types::Timestamp;

use super::{Collected, bound_to_received, sha256};
use crate::app::App;
use crate::app::consultations::{Doer, NewConsultation};
use crate::domain::consultation::{By, Flow, NewMove, decisions, events};
use crate::domain::scn::{Content, Form, Message, Reply, Request, State, Unifier, decode};
use crate::domain::{ConsultationId, Refusal};
use crate::error::RegistryError;
use crate::store::{
    Fate, ReceivedRow, StrayKind, asked_by, asked_in, count_copy, find_received, find_sent, insert_notification,
    insert_received, insert_stray, mark_notified, move_position, position, set_fate, waiting_for,
};

/// Messages asked for at once.
const A_PAGE: u32 = 100;
/// What stands for a state that is none.
const NO_STATE: &str = "???";
const LAW: &str = "Regulation (EC) No 810/2009 (Visa Code), art. 22";

impl App {
    /// Reads what the network has for us; tells how many messages.
    pub(crate) async fn collect(&self) -> Result<u64, RegistryError> {
        let Some(network) = &self.network else { return Ok(0) };
        let mut read = 0;
        loop {
            let after = position(self.store.reader()).await?;
            let failed = |status| RegistryError::Network(Box::new(status));
            let messages = network.collect(after, A_PAGE).await.map_err(failed)?;
            if messages.is_empty() {
                return Ok(read);
            }
            for collected in &messages {
                self.store.write_tx(async move |tx| Box::pin(self.receive(tx, collected)).await).await?;
                read += 1;
            }
        }
    }

    async fn receive(&self, tx: &DatabaseTransaction, collected: &Collected) -> Result<(), RegistryError> {
        let now = self.clock.now();
        if !move_position(tx, collected.position).await? {
            return Ok(());
        }
        let message = &collected.message;
        let state = State::parse(&collected.from);
        let read = state.clone().and_then(|state| Ok((state, decode(message)?)));
        let (state, form) = match read {
            Ok(read) => read,
            Err(why) => {
                let from = state.as_ref().map_or(NO_STATE, State::as_str);
                insert_stray(tx, from, StrayKind::Unreadable, why.0, now).await?;
                let detail = json!({ "state": from, "why": why.0 });
                return self.note_form(tx, "consultation_form.unreadable", detail).await;
            }
        };
        if form.content == Content::Receipt {
            return self.notified(tx, &state, &form.unifier, now).await;
        }
        // Each time it comes: the notification of the first time may have been lost.
        insert_notification(tx, state.as_str(), form.unifier.as_str()).await?;
        let digest = sha256(&format!("{}\r\n{}", message.subject, message.body));
        if let Some(before) = find_received(tx, state.as_str(), form.unifier.as_str()).await? {
            let same = before.digest == digest;
            return Ok(count_copy(tx, state.as_str(), form.unifier.as_str(), same).await?);
        }
        let fate = Box::pin(self.apply(tx, &state, &form, now)).await?;
        let reference = form.content.file_number().map(ToString::to_string).unwrap_or_default();
        let bound = bound_to_received(state.as_str(), form.unifier.as_str());
        let row = ReceivedRow {
            state: state.to_string(),
            unifier: form.unifier.to_string(),
            letter: form.content.letter().to_string(),
            reference: reference.clone(),
            subject: message.subject.clone(),
            digest: digest.to_vec(),
            sealed: self.keys.seal_for(bound, &message.body)?,
            received_at: now.millis(),
            fate: fate.as_str().to_owned(),
            copies: 0,
            conflicts: 0,
        };
        let detail = json!({
            "unifier": row.unifier, "state": row.state, "letter": row.letter, "fate": row.fate,
        });
        insert_received(tx, row).await?;
        self.note_form(tx, "consultation_form.received", detail).await?;
        if matches!(form.content, Content::Request(_)) {
            self.apply_waiting(tx, &state, &reference, now).await?;
        }
        Ok(())
    }

    /// Applies what came before the request it is about.
    async fn apply_waiting(
        &self,
        tx: &DatabaseTransaction,
        state: &State,
        reference: &str,
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        for row in waiting_for(tx, state.as_str(), reference).await? {
            let body = self.keys.unseal_for(bound_to_received(&row.state, &row.unifier), &row.sealed)?;
            let form = decode(&Message { subject: row.subject, body })
                .map_err(|_| Refusal::Invalid { member: "/form", expected: "a form that was read before" })?;
            let fate = Box::pin(self.apply(tx, state, &form, now)).await?;
            set_fate(tx, &row.state, &row.unifier, fate).await?;
        }
        Ok(())
    }

    /// What a form does. What the rules refuse is refused before anything is written.
    async fn apply(
        &self,
        tx: &DatabaseTransaction,
        state: &State,
        form: &Form,
        now: Timestamp,
    ) -> Result<Fate, RegistryError> {
        match &form.content {
            Content::Request(request) => self.requested(tx, state, request).await,
            Content::Reply(reply) => self.replied(tx, state, reply, now).await,
            Content::Cancellation { reference } => {
                let about = asked_by(tx, state.as_str(), reference.as_str()).await?;
                self.happens(tx, state, about, NewMove::of(events::WITHDRAWN, None), now).await
            }
            Content::Notice(_) => Ok(Fate::Kept),
            Content::Receipt => Ok(Fate::Refused),
        }
    }

    async fn requested(
        &self,
        tx: &DatabaseTransaction,
        state: &State,
        request: &Request,
    ) -> Result<Fate, RegistryError> {
        if asked_by(tx, state.as_str(), request.reference.as_str()).await?.is_some() {
            return Ok(Fate::Refused);
        }
        let new = NewConsultation {
            flow: Flow::Incoming,
            case: None,
            person: None,
            subject: None,
            asked_by: state.to_string(),
            reference: request.reference.to_string(),
            asked: self.bodies.iter().map(ToString::to_string).collect(),
            on_paper: false,
        };
        fate(Box::pin(self.open_in(tx, &doer(state)?, &new, &request.subject)).await.map(|_| ()))
    }

    async fn replied(
        &self,
        tx: &DatabaseTransaction,
        state: &State,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<Fate, RegistryError> {
        let about = asked_in(tx, state.as_str(), reply.reference.as_str()).await?;
        let decision = if reply.objects { decisions::OBJECTION } else { decisions::NO_OBJECTION };
        let new = NewMove {
            decision: Some(decision.to_owned()),
            remark: reply.reply_reference.to_string(),
            ..NewMove::of(events::REPLIED, Some(state.as_str()))
        };
        self.happens(tx, state, about, new, now).await
    }

    async fn happens(
        &self,
        tx: &DatabaseTransaction,
        state: &State,
        about: Option<ConsultationId>,
        new: NewMove,
        now: Timestamp,
    ) -> Result<Fate, RegistryError> {
        let Some(about) = about else { return Ok(Fate::Waiting) };
        let mut kept = match self.consultation_for_change(tx, about, None).await {
            Ok(kept) => kept,
            // It was erased meanwhile.
            Err(RegistryError::Refused(Refusal::NoConsultation)) => return Ok(Fate::Refused),
            Err(failure) => return Err(failure),
        };
        fate(self.note(tx, &mut kept, std::slice::from_ref(&new), &doer(state)?, now).await)
    }

    /// A form of ours was delivered. A request that was is what the other state's silence is counted from, unless its reply was faster.
    async fn notified(
        &self,
        tx: &DatabaseTransaction,
        state: &State,
        unifier: &Unifier,
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        let Some(sent) = find_sent(tx, state.as_str(), unifier.as_str()).await? else {
            insert_stray(tx, state.as_str(), StrayKind::UnknownReceipt, unifier.as_str(), now).await?;
            let detail = json!({ "state": state.as_str(), "unifier": unifier.as_str() });
            return self.note_form(tx, "consultation_form.unknown_receipt", detail).await;
        };
        if !mark_notified(tx, unifier.as_str(), now).await? {
            return Ok(());
        }
        let Some(about) = sent.consultation_id.map(ConsultationId::from_uuid).filter(|_| sent.letter == "A") else {
            return Ok(());
        };
        let mut kept = match self.consultation_for_change(tx, about, None).await {
            Ok(kept) => kept,
            Err(RegistryError::Refused(Refusal::NoConsultation)) => return Ok(()),
            Err(failure) => return Err(failure),
        };
        let delivered = [NewMove::of(events::DELIVERED, Some(state.as_str()))];
        match self.note(tx, &mut kept, &delivered, &doer(state)?, now).await {
            // Its reply was faster, or an officer had it on paper.
            Err(RegistryError::Refused(Refusal::OnRecord)) => Ok(()),
            noted => noted,
        }
    }

    async fn note_form(
        &self,
        tx: &DatabaseTransaction,
        kind: &'static str,
        detail: serde_json::Value,
    ) -> Result<(), RegistryError> {
        let entry = Entry::new(kind, Context::of_service("service/registry")).legal_basis(LAW).detail(detail);
        self.journal.record(tx, entry).await?;
        Ok(())
    }
}

fn doer(state: &State) -> Result<Doer, Refusal> {
    Doer::nobody(By::State(state.to_string()), &format!("state/{state}"), LAW.to_owned())
}

fn fate(outcome: Result<(), RegistryError>) -> Result<Fate, RegistryError> {
    match outcome {
        Ok(()) => Ok(Fate::Applied),
        Err(RegistryError::Refused(_)) => Ok(Fate::Refused),
        Err(failure) => Err(failure),
    }
}
