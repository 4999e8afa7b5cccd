//! The citizen's side: phone, what is activated, who has asked.
//!
//! Whoever calls is logged in as this person: the PESEL comes from the login provider by way of the gateway.

use identifiers::{Pesel, PhoneNumber};
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::events::v1::DocumentActivationChanged;
use straznica_journal::{Context, Entry};
use straznica_types::{Secret, Timestamp};

use super::challenger::{Asked, CodeVerdict, Question};
use super::verification::{Verifications, context_of};
use crate::domain::CallerClaims;
use crate::domain::verification::{
    AskerName, CitizenId, DocumentKind, PeerCheck, PhoneProofId, Verification, VerificationRefusal,
};
use crate::error::IdentityError;
use crate::keys::Field;
use crate::store::{
    KeptCitizen, KeptPeerCheck, PhoneProof, activate, activations, find_citizen, find_phone_proof, insert_citizen,
    insert_phone_proof, of_citizen, peer_checks_of, take_phone, withdraw,
};

/// What the citizen reads with the code for a phone.
const PHONE_TEXT: &str = "mDokumenty: potwierdzenie numeru telefonu";
/// For what a citizen who proves a phone turns to dispatch.
const PHONE_PROOF: &str = "phone_proof";
/// Why a citizen's lock is lifted, as dispatch's journal says it.
const LIFTED_BY_CITIZEN: &str = "by the citizen, logged in";
/// Accesses of one page.
const PAGE: u64 = 50;
const PAGE_LENGTH: usize = 50;

/// What is activated, and since when.
pub(crate) type Activations = Vec<(DocumentKind, Timestamp)>;

/// Somebody asked for a document.
#[derive(Debug)]
pub(crate) enum Access {
    /// An official of an institution.
    Institution(Verification),
    /// A citizen: another one, or the one who reads of it.
    Citizen { check: PeerCheck, asked_by: AskerName, by_oneself: bool },
}

impl Access {
    const fn opened_at(&self) -> Timestamp {
        match self {
            Self::Institution(verification) => verification.times.opened_at,
            Self::Citizen { check, .. } => check.times.opened_at,
        }
    }
}

impl Verifications {
    /// Sends a code to a phone that is to become the citizen's.
    pub(crate) async fn register_phone(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
        phone: &PhoneNumber,
    ) -> Result<(PhoneProofId, Asked), IdentityError> {
        let now = self.clock.now();
        let fresh = CitizenId::generate_at(now);
        let id = PhoneProofId::generate_at(now);
        let index = self.keys.index(Field::Pesel, pesel.expose());
        let sealed = self.keys.seal(fresh, Field::Pesel, pesel.expose())?;
        let phone_index = self.keys.index(Field::Phone, phone.expose());
        let citizen = self
            .store
            .write_tx(async |tx| {
                let citizen = match find_citizen(tx, Field::Pesel, index).await? {
                    Some(known) => known.id,
                    None => {
                        insert_citizen(tx, fresh, index, &sealed, now).await?;
                        fresh
                    }
                };
                let phone_sealed = self.keys.seal(citizen, Field::Phone, phone.expose())?;
                let expires_at = now + self.rules.life;
                let proof = PhoneProof { id, citizen, phone: phone_index, phone_sealed, expires_at };
                insert_phone_proof(tx, &proof).await?;
                self.journal.record(tx, self.citizen_entry("phone.proposed", caller, citizen)).await?;
                Ok::<_, IdentityError>(citizen)
            })
            .await?;
        let subject = self.subject(citizen);
        let question = Question {
            context: self.own_context(caller, citizen, PHONE_PROOF),
            transaction: id.to_string(),
            subject,
            phone: Some(phone),
            institution: &self.rules.own_institution,
            binding_text: PHONE_TEXT,
            life: self.rules.life,
            conceal: false,
            // That text messages arrive is what has to be proved.
            prompt: false,
        };
        Ok((id, self.challenger.ask(question).await?))
    }

    /// Takes the code as proof of the phone.
    pub(crate) async fn confirm_phone(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
        id: PhoneProofId,
        code: &Secret<String>,
    ) -> Result<(), IdentityError> {
        let citizen = self.citizen(pesel).await?;
        let proof = find_phone_proof(self.store.reader(), id).await?;
        let own = proof.filter(|proof| proof.citizen == citizen.id && proof.expires_at > self.clock.now());
        let proof = own.ok_or(VerificationRefusal::PhoneProofUnknown)?;
        let context = self.own_context(caller, citizen.id, PHONE_PROOF);
        match self.challenger.compare(context, id.to_string(), &self.rules.own_institution, code).await? {
            CodeVerdict::Right => {}
            CodeVerdict::Wrong => return Err(VerificationRefusal::CodeWrong.into()),
            CodeVerdict::NoAttemptLeft => return Err(VerificationRefusal::NoAttemptLeft.into()),
            CodeVerdict::Expired => return Err(VerificationRefusal::Expired.into()),
        }
        self.store
            .write_tx(async |tx| {
                if !take_phone(tx, &proof).await? {
                    return Err(VerificationRefusal::PhoneProofUnknown.into());
                }
                self.journal.record(tx, self.citizen_entry("phone.confirmed", caller, citizen.id)).await?;
                Ok(())
            })
            .await
    }

    /// Lets officials ask for these kinds.
    pub(crate) async fn activate(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
        kinds: &[DocumentKind],
    ) -> Result<Activations, IdentityError> {
        if let Some(kind) = kinds.iter().find(|kind| !kind.can_be_activated()) {
            return Err(VerificationRefusal::KindNotServed(*kind).into());
        }
        let citizen = self.citizen(pesel).await?;
        if citizen.phone_sealed.is_none() {
            return Err(VerificationRefusal::NoPhone.into());
        }
        let now = self.clock.now();
        let (changed, active) = self
            .store
            .write_tx(async |tx| {
                let mut changed = Vec::new();
                for kind in kinds {
                    if activate(tx, citizen.id, *kind, now).await? {
                        self.changed(tx, caller, citizen.id, *kind, true).await?;
                        changed.push(*kind);
                    }
                }
                Ok::<_, IdentityError>((changed, activations(tx, citizen.id).await?))
            })
            .await?;
        changed.into_iter().for_each(|kind| self.metrics.activation(kind, true));
        Ok(active)
    }

    /// Lets nobody ask for these kinds any more, or for any where none is named.
    pub(crate) async fn withdraw(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
        kinds: &[DocumentKind],
    ) -> Result<Activations, IdentityError> {
        let citizen = self.citizen(pesel).await?;
        let kinds = if kinds.is_empty() { &DocumentKind::ALL[..] } else { kinds };
        let (changed, active) = self
            .store
            .write_tx(async |tx| {
                let mut changed = Vec::new();
                for kind in kinds {
                    if withdraw(tx, citizen.id, *kind).await? {
                        self.changed(tx, caller, citizen.id, *kind, false).await?;
                        changed.push(*kind);
                    }
                }
                Ok::<_, IdentityError>((changed, activations(tx, citizen.id).await?))
            })
            .await?;
        changed.into_iter().for_each(|kind| self.metrics.activation(kind, false));
        Ok(active)
    }

    /// Whether there is a phone, and what is activated. Nothing for somebody who does not use the service.
    pub(crate) async fn activations(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
    ) -> Result<(bool, Activations), IdentityError> {
        let index = self.keys.index(Field::Pesel, pesel.expose());
        let Some(citizen) = find_citizen(self.store.reader(), Field::Pesel, index).await? else {
            return Ok((false, Vec::new()));
        };
        let found = activations(self.store.reader(), citizen.id).await?;
        self.journal.record_read(self.citizen_entry("activations.read", caller, citizen.id)).await?;
        Ok((citizen.phone_sealed.is_some(), found))
    }

    /// Who has asked, as far as the citizen may read of it by now; newest first.
    pub(crate) async fn accesses(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
        before: Option<Timestamp>,
    ) -> Result<Vec<Access>, IdentityError> {
        let index = self.keys.index(Field::Pesel, pesel.expose());
        let Some(citizen) = find_citizen(self.store.reader(), Field::Pesel, index).await? else {
            return Ok(Vec::new());
        };
        let before = before.unwrap_or(Timestamp::from_millis(i64::MAX));
        let reader = self.store.reader();
        let by_institutions = of_citizen(reader, citizen.id, before, self.clock.now(), PAGE).await?;
        let mut found: Vec<Access> = by_institutions.into_iter().map(Access::Institution).collect();
        for KeptPeerCheck { check, asker_name_sealed } in peer_checks_of(reader, citizen.id, before, PAGE).await? {
            let asked_by = self.asker_name(check.asker, &asker_name_sealed)?;
            let by_oneself = check.asker == citizen.id;
            found.push(Access::Citizen { check, asked_by, by_oneself });
        }
        found.sort_by_key(|access| std::cmp::Reverse(access.opened_at()));
        found.truncate(PAGE_LENGTH);
        self.journal.record_read(self.citizen_entry("accesses.read", caller, citizen.id)).await?;
        Ok(found)
    }

    /// Since when no codes are compared for the citizen: after too many wrong ones in a row.
    pub(crate) async fn code_lock(
        &self,
        caller: &CallerClaims,
        pesel: &Pesel,
    ) -> Result<Option<Timestamp>, IdentityError> {
        let citizen = self.citizen(pesel).await?;
        self.challenger.lock_of(self.own_context(caller, citizen.id, "code_lock"), self.subject(citizen.id)).await
    }

    /// Lets codes be compared for the citizen again: they have proved by their login who they are. Only they can: to officials somebody locked and
    /// somebody unknown are the same.
    pub(crate) async fn lift_code_lock(&self, caller: &CallerClaims, pesel: &Pesel) -> Result<(), IdentityError> {
        let citizen = self.citizen(pesel).await?;
        let context = self.own_context(caller, citizen.id, "code_lock");
        let since = self.challenger.lock_of(context.clone(), self.subject(citizen.id)).await?;
        let since = since.ok_or(VerificationRefusal::CodesNotLocked)?;
        // On record before it is done: what was lifted without anybody knowing would be worse than an entry of what then failed.
        let entry = self.citizen_entry("codes.unlocked", caller, citizen.id);
        self.journal.record_read(entry.detail(json!({ "locked_since": since.millis() }))).await?;
        self.challenger.lift_of(context, self.subject(citizen.id), LIFTED_BY_CITIZEN).await
    }

    async fn citizen(&self, pesel: &Pesel) -> Result<KeptCitizen, IdentityError> {
        let index = self.keys.index(Field::Pesel, pesel.expose());
        let found = find_citizen(self.store.reader(), Field::Pesel, index).await?;
        Ok(found.ok_or(VerificationRefusal::NotACitizen)?)
    }

    async fn changed(
        &self,
        tx: &DatabaseTransaction,
        caller: &CallerClaims,
        citizen: CitizenId,
        kind: DocumentKind,
        active: bool,
    ) -> Result<(), IdentityError> {
        let name = if active { "document.activated" } else { "document.withdrawn" };
        let event = DocumentActivationChanged { kind: kind.as_str().to_owned(), active };
        let entry = self.citizen_entry(name, caller, citizen).detail(json!({ "kind": kind.as_str() })).event(&event);
        self.journal.record(tx, entry).await?;
        Ok(())
    }

    fn citizen_entry(&self, kind: &'static str, caller: &CallerClaims, citizen: CitizenId) -> Entry {
        let context = Context { officer: String::new(), ..context_of(caller) };
        Entry::new(kind, context).subject(self.journal.pseudonym("citizen", &citizen.to_string()))
    }

    /// How dispatch knows a citizen.
    fn subject(&self, citizen: CitizenId) -> String {
        self.journal.pseudonym("citizen", &citizen.to_string()).to_string()
    }

    /// A citizen acts on nobody's behalf: dispatch knows them by their digest in the official's place.
    fn own_context(&self, caller: &CallerClaims, citizen: CitizenId, purpose: &str) -> CallContext {
        CallContext {
            terminal_id: String::new(),
            officer: self.subject(citizen),
            purpose: purpose.to_owned(),
            case_number: String::new(),
            request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }
}
