//! One citizen confirms another's document: both use the service, the asked one says yes by code, the asking one sees the least of the document, once.
//!
//! As with officials, whoever was typed, the same statements run and the same is answered: the asking one does not learn who uses the service.

use identifiers::Pesel;
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::events::v1::VerificationEnded;
use straznica_contracts::sources::v1::LookupContext;
use straznica_journal::{Context, Entry, Pseudonym};
use straznica_types::{RequestId, Secret};

use super::challenger::{Asked, CodeVerdict, Question};
use super::least::least;
use super::registers::Answer;
use super::verification::{Verifications, context_of};
use crate::domain::CallerClaims;
use crate::domain::verification::{
    AskerName, ChallengeChannel, CitizenId, Criterion, DocumentKind, Event, PeerCheck, RefusedBy, Stage, Subject,
    Times, VerificationId, VerificationRefusal,
};
use crate::error::IdentityError;
use crate::keys::{Field, Index, Unopenable};
use crate::store::{
    Class, KeptCitizen, activations, citizen_of, count_up, find_citizen, find_peer_check, insert_peer_check, is_active,
    update_peer_check,
};

/// Why the asking one may ask, as registers are told: the asked one's consent.
const LEGAL_BASIS: &str = "Regulation (EU) 2016/679, Article 6(1)(a)";
/// What dispatch and registers know such questions by.
const PURPOSE: &str = "citizen_check";

/// A question that was opened, what the asked one reads, and how they were asked.
#[derive(Debug)]
pub(crate) struct PeerAsked {
    pub(crate) check: PeerCheck,
    pub(crate) binding_text: String,
    pub(crate) asked: Asked,
}

/// A question, with what the asked one reads.
#[derive(Debug)]
pub(crate) struct PeerAnswer {
    pub(crate) check: PeerCheck,
    pub(crate) binding_text: String,
}

/// What the asking one sees.
#[derive(Debug)]
pub(crate) struct PeerShown {
    pub(crate) answer: PeerAnswer,
    pub(crate) register: String,
    pub(crate) found: Answer,
}

impl Verifications {
    /// Asks another citizen.
    pub(crate) async fn ask_citizen(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
        name: &AskerName,
        criterion: &Criterion,
        kind: DocumentKind,
    ) -> Result<PeerAsked, IdentityError> {
        let now = self.clock.now();
        let asker = self.asker(pesel).await?;
        if !kind.can_be_activated() || self.registers.answering(kind).is_none() {
            return Err(VerificationRefusal::KindNotServed(kind).into());
        }
        // Served to citizens is what is served everywhere.
        self.verifiers.must_be_served(self.store.reader(), "", kind).await?;
        let (field, index) = self.keys.index_of(criterion);
        let draft = PeerCheck {
            id: VerificationId::generate_at(now),
            asker: asker.id,
            subject: Subject::Decoy(None),
            criterion: index.hex(),
            kind,
            stage: Stage::Opened,
            times: Times { opened_at: now, updated_at: now, expires_at: now + self.rules.life, visible_from: now },
            revision: 0,
        };
        let sealed = self.keys.seal(asker.id, Field::Name, name.expose())?;
        let begun = self
            .store
            .write_tx(async |tx| self.begin_peer(tx, caller, draft.clone(), &sealed, field, index).await)
            .await?;
        let (check, citizen) = begun.ok_or(VerificationRefusal::TooOften(None))?;
        let binding_text = name.binding_text(kind);
        let phone = self.phone_of(citizen.as_ref())?;
        let question = Question {
            context: self.peer_context(caller, &check),
            transaction: check.id.to_string(),
            subject: self.asked_pseudonym(&check).to_string(),
            phone: Some(&phone).filter(|_| !check.subject.is_decoy()),
            institution: &self.rules.own_institution,
            binding_text: &binding_text,
            life: self.rules.life,
            conceal: true,
            // One citizen before another: the code is what is read out.
            prompt: false,
        };
        let asked = self.challenger.ask(question).await?;
        let event = Event::Challenge;
        let check = self.peer_happens(caller, check.id, event, ("peer_check.challenged", json!({}))).await?;
        Ok(PeerAsked { check, binding_text, asked })
    }

    /// `None`: the asking one has asked too often today.
    async fn begin_peer(
        &self,
        tx: &DatabaseTransaction,
        caller: &CallerClaims,
        mut check: PeerCheck,
        name_sealed: &[u8],
        field: Field,
        index: Index,
    ) -> Result<Option<(PeerCheck, Option<KeptCitizen>)>, IdentityError> {
        let today = self.clock.now().date();
        if count_up(tx, Class::Asker, &check.asker.to_string(), today).await? > self.rules.asker_daily {
            return Ok(None);
        }
        let found = find_citizen(tx, field, index).await?;
        let person = found.as_ref().unwrap_or(&self.nobody);
        if person.id == check.asker {
            return Err(VerificationRefusal::OwnDocument.into());
        }
        let active = is_active(tx, person.id, check.kind).await?;
        let counted = found.as_ref().map_or_else(|| index.hex(), |citizen| citizen.id.to_string());
        let asked_today = count_up(tx, Class::Subject, &counted, today).await?;
        check.subject = match &found {
            Some(citizen) if active && citizen.phone_sealed.is_some() && asked_today <= self.rules.subject_daily => {
                Subject::Citizen(citizen.id)
            }
            other => Subject::Decoy(other.as_ref().map(|citizen| citizen.id)),
        };
        insert_peer_check(tx, &check, name_sealed).await?;
        let detail = json!({ "asked_today": asked_today, "decoy": check.subject.is_decoy() });
        self.journal.record(tx, self.peer_entry("peer_check.opened", caller, &check, detail)).await?;
        Ok(Some((check, found)))
    }

    /// Has the same code sent once more.
    pub(crate) async fn resend_to_peer(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
        id: VerificationId,
    ) -> Result<Asked, IdentityError> {
        let PeerAnswer { check, .. } = self.own_peer_check(pesel, id).await?;
        self.must_wait_for_code(check.stage, &check.times)?;
        let context = self.peer_context(caller, &check);
        let asked = self.challenger.ask_again(context, id.to_string(), &self.rules.own_institution).await?;
        self.journal.record_read(self.peer_entry("peer_check.code_resent", caller, &check, json!({}))).await?;
        Ok(asked)
    }

    /// Has the code compared that the asked one has read out.
    pub(crate) async fn confirm_peer(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
        id: VerificationId,
        code: &Secret<String>,
    ) -> Result<PeerAnswer, IdentityError> {
        let PeerAnswer { check, binding_text } = self.own_peer_check(pesel, id).await?;
        self.must_wait_for_code(check.stage, &check.times)?;
        let context = self.peer_context(caller, &check);
        match self.challenger.compare(context, id.to_string(), &self.rules.own_institution, code).await? {
            CodeVerdict::Right => {}
            CodeVerdict::Wrong => {
                self.journal.record_read(self.peer_entry("peer_check.code_wrong", caller, &check, json!({}))).await?;
                return Err(VerificationRefusal::CodeWrong.into());
            }
            CodeVerdict::NoAttemptLeft => {
                self.peer_happens(caller, id, Event::Lock, ("peer_check.locked", json!({}))).await?;
                return Err(VerificationRefusal::NoAttemptLeft.into());
            }
            CodeVerdict::Expired => return Err(VerificationRefusal::Expired.into()),
        }
        let decided = self
            .store
            .write_tx(async |tx| {
                let still = match check.subject {
                    Subject::Citizen(citizen) => is_active(tx, citizen, check.kind).await?,
                    Subject::Decoy(_) => true,
                };
                let (event, entry) = if still {
                    (Event::Approve(ChallengeChannel::Sms), "peer_check.approved")
                } else {
                    (Event::Refuse(RefusedBy::Withdrawal), "peer_check.refused")
                };
                self.peer_happen(tx, caller, id, event, (entry, json!({}))).await
            })
            .await?;
        match decided.stage {
            Stage::Approved(_) => Ok(PeerAnswer { check: decided, binding_text }),
            other => Err(VerificationRefusal::Ended(other.name()).into()),
        }
    }

    /// Shows the least of the document, once.
    pub(crate) async fn show_peer(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
        id: VerificationId,
    ) -> Result<PeerShown, IdentityError> {
        let PeerAnswer { check, binding_text } = self.own_peer_check(pesel, id).await?;
        let kind = check.kind;
        let register = self.registers.answering(kind).ok_or(VerificationRefusal::KindNotServed(kind))?.to_owned();
        let (check, citizen, sealed) = self.claim_peer(caller, id, &register).await?;
        let number = self.keys.unseal(citizen, Field::Pesel, &sealed)?;
        let Ok(number) = self.people().pesel(number.expose()) else {
            let detail = json!({ "register": register, "answer": "not_asked" });
            self.peer_happens(caller, id, Event::Release, ("peer_check.register_failed", detail)).await?;
            return Err(Unopenable.into());
        };
        let answer = self.registers.lookup(kind, &number, self.peer_lookup(caller, &check)).await;
        let (event, entry) = if answer.is_shown() {
            (Event::Complete, "peer_check.shown")
        } else {
            (Event::Release, "peer_check.register_failed")
        };
        let detail = json!({ "register": register, "answer": answer.name() });
        let check = self.peer_happens(caller, id, event, (entry, detail)).await?;
        let found = match answer {
            Answer::Found(documents, age) => Answer::Found(documents.into_iter().map(least).collect(), age),
            other => other,
        };
        Ok(PeerShown { answer: PeerAnswer { check, binding_text }, register, found })
    }

    /// Takes the approval and writes the access down; the asked one may have withdrawn meanwhile.
    async fn claim_peer(
        &self,
        caller: &CallerClaims,
        id: VerificationId,
        register: &str,
    ) -> Result<(PeerCheck, CitizenId, Vec<u8>), IdentityError> {
        let claimed = self
            .store
            .write_tx(async |tx| {
                let PeerCheck { stage, subject, kind, .. } = find_peer_check(tx, id).await?.check;
                self.verifiers.must_be_served(tx, "", kind).await?;
                if stage.is_final() {
                    return Err(VerificationRefusal::Ended(stage.name()).into());
                }
                let (Stage::Approved(_), Subject::Citizen(citizen)) = (stage, subject) else {
                    return Err(VerificationRefusal::NotNow(stage.name()).into());
                };
                let kept = if is_active(tx, citizen, kind).await? { citizen_of(tx, citizen).await? } else { None };
                let Some(kept) = kept else {
                    let withdrawn = Event::Refuse(RefusedBy::Withdrawal);
                    let check = self.peer_happen(tx, caller, id, withdrawn, ("peer_check.refused", json!({}))).await?;
                    return Ok((check, None));
                };
                let entry = ("peer_check.disclosure", json!({ "register": register }));
                let check = self.peer_happen(tx, caller, id, Event::Disclose, entry).await?;
                Ok::<_, IdentityError>((check, Some(kept)))
            })
            .await?;
        match claimed {
            (check, Some(kept)) => Ok((check, kept.id, kept.pesel_sealed)),
            (check, None) => Err(VerificationRefusal::Ended(check.stage.name()).into()),
        }
    }

    /// The asking one gives it up.
    pub(crate) async fn cancel_peer(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
        id: VerificationId,
    ) -> Result<PeerAnswer, IdentityError> {
        let PeerAnswer { check, binding_text } = self.own_peer_check(pesel, id).await?;
        let given_up = Event::Refuse(RefusedBy::Asker);
        let ended = self.peer_happens(caller, id, given_up, ("peer_check.refused", json!({}))).await?;
        let context = self.peer_context(caller, &check);
        self.challenger.forget(context, id.to_string(), &self.rules.own_institution).await;
        Ok(PeerAnswer { check: ended, binding_text })
    }

    /// Whoever uses the service may ask.
    async fn asker(&self, pesel: &Pesel) -> Result<KeptCitizen, IdentityError> {
        let index = self.keys.index(Field::Pesel, pesel.expose());
        let reader = self.store.reader();
        let citizen = find_citizen(reader, Field::Pesel, index).await?.ok_or(VerificationRefusal::NotActivated)?;
        if citizen.phone_sealed.is_none() || activations(reader, citizen.id).await?.is_empty() {
            return Err(VerificationRefusal::NotActivated.into());
        }
        Ok(citizen)
    }

    /// The caller's own question; nobody else learns that it exists.
    async fn own_peer_check(&self, pesel: &Pesel, id: VerificationId) -> Result<PeerAnswer, IdentityError> {
        let index = self.keys.index(Field::Pesel, pesel.expose());
        let reader = self.store.reader();
        let citizen = find_citizen(reader, Field::Pesel, index).await?.ok_or(VerificationRefusal::Unknown)?;
        let kept = find_peer_check(reader, id).await?;
        if kept.check.asker != citizen.id {
            return Err(VerificationRefusal::Unknown.into());
        }
        let name = self.asker_name(kept.check.asker, &kept.asker_name_sealed)?;
        Ok(PeerAnswer { binding_text: name.binding_text(kept.check.kind), check: kept.check })
    }

    /// The name the asked one has read.
    pub(super) fn asker_name(&self, asker: CitizenId, sealed: &[u8]) -> Result<AskerName, Unopenable> {
        Ok(AskerName::kept(self.keys.unseal(asker, Field::Name, sealed)?.expose().clone()))
    }

    async fn peer_happen(
        &self,
        tx: &DatabaseTransaction,
        caller: &CallerClaims,
        id: VerificationId,
        event: Event,
        entry: (&'static str, Value),
    ) -> Result<PeerCheck, IdentityError> {
        let mut check = find_peer_check(tx, id).await?.check;
        check.apply(event, self.clock.now())?;
        if !update_peer_check(tx, &check).await? {
            return Err(IdentityError::VerificationContended);
        }
        check.revision += 1;
        let (kind, detail) = entry;
        self.journal.record(tx, self.peer_entry(kind, caller, &check, detail)).await?;
        Ok(check)
    }

    /// [`Self::peer_happen`] in a transaction of its own.
    pub(super) async fn peer_happens(
        &self,
        caller: &CallerClaims,
        id: VerificationId,
        event: Event,
        entry: (&'static str, Value),
    ) -> Result<PeerCheck, IdentityError> {
        let happened =
            self.store.write_tx(async |tx| self.peer_happen(tx, caller, id, event, entry.clone()).await).await?;
        if happened.stage.is_final() {
            self.metrics.verified("citizen", happened.kind, happened.stage);
        }
        Ok(happened)
    }

    fn peer_entry(&self, kind: &'static str, caller: &CallerClaims, check: &PeerCheck, detail: Value) -> Entry {
        let context = Context { officer: String::new(), ..context_of(caller) };
        let mut all = json!({
            "verification_id": check.id,
            "criterion": check.criterion,
            "asker": self.journal.pseudonym("citizen", &check.asker.to_string()).as_str(),
            "kind": check.kind.as_str(),
            "stage": check.stage.name(),
            "qualifier": check.stage.qualifier(),
        });
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), detail) {
            all.extend(more);
        }
        let entry = Entry::new(kind, context).subject(self.asked_pseudonym(check)).legal_basis(LEGAL_BASIS).detail(all);
        if !check.stage.is_final() {
            return entry;
        }
        entry.event(&VerificationEnded {
            verification_id: check.id.to_string(),
            kind: check.kind.as_str().to_owned(),
            institution_id: String::new(),
            purpose: String::new(),
            stage: check.stage.name().to_owned(),
            qualifier: check.stage.qualifier().to_owned(),
            relation: "citizen".to_owned(),
        })
    }

    fn asked_pseudonym(&self, check: &PeerCheck) -> Pseudonym {
        match check.subject.citizen() {
            Some(id) => self.journal.pseudonym("citizen", &id.to_string()),
            None => self.journal.pseudonym("criterion", &check.criterion),
        }
    }

    /// The asking one stands in the official's place, known by their digest.
    fn peer_context(&self, caller: &CallerClaims, check: &PeerCheck) -> CallContext {
        CallContext {
            terminal_id: String::new(),
            officer: self.journal.pseudonym("citizen", &check.asker.to_string()).to_string(),
            purpose: PURPOSE.to_owned(),
            case_number: String::new(),
            request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    fn peer_lookup(&self, caller: &CallerClaims, check: &PeerCheck) -> LookupContext {
        let request_id = caller.request_id.unwrap_or_else(|| RequestId::generate_at(self.clock.now()));
        let mut context = LookupContext::default();
        context.request_id = request_id.to_string();
        context.transaction_id = check.id.to_string();
        context.institution.clone_from(&self.rules.own_institution);
        context.officer = self.journal.pseudonym("citizen", &check.asker.to_string()).to_string();
        context.purpose = PURPOSE.to_owned();
        context.legal_basis = LEGAL_BASIS.to_owned();
        context.case_number = check.id.to_string();
        context
    }
}
