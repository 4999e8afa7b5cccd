//! The partner's signing authority for documents, and the passports it gives out: good ones and bad ones.

use cvc::certificate::Certificate;
use cvc::domain_parameters::StandardisedCurve;
use emrtd::builder::{
    Algorithm, Csca, Digest, DocumentSigner, Holder, ListSigner, Personalisation, SerialNumber, SpecimenDocument,
    State, Validity, master_list,
};
use time::{Date, Duration, OffsetDateTime};

use super::access::AccessAuthority;
use super::{PartnerError, PartnerState};
use crate::chip::Chip;

/// A CSCA lives for fifteen years, a document signer's certificate as long as its documents and a little more.
const CSCA_DAYS: i64 = 15 * 365;
const SIGNER_DAYS: i64 = 11 * 365;
/// Documents are valid for ten years.
const DOCUMENT_DAYS: i64 = 10 * 365;
/// A revocation list is renewed at least every ninety days (Doc 9303-12 §5.4).
const REVOCATION_LIST_DAYS: i64 = 90;

/// CSCA, document signers, revocations, master list.
#[derive(Debug)]
pub struct DocumentAuthority {
    csca: Csca,
    signer: DocumentSigner,
    revoked_signer: DocumentSigner,
    list_signer: ListSigner,
    revoked: Vec<(SerialNumber, Date)>,
    revocation_list_number: u32,
}

impl DocumentAuthority {
    /// Raises the authority: a CSCA on brainpoolP384r1 with its parameters written out, as most real ones have them, two
    /// document signers and a master list signer on brainpoolP256r1.
    ///
    /// # Errors
    /// [`PartnerError`] when a certificate cannot be made.
    pub fn found(state: State, founded_on: Date) -> Result<Self, PartnerError> {
        let root = Algorithm::ecdsa(StandardisedCurve::BrainpoolP384r1, Digest::Sha384).with_explicit_parameters();
        let leaf = Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256).with_explicit_parameters();
        let validity = Validity::days(founded_on, SIGNER_DAYS);
        let mut csca = Csca::create(state, root, Validity::days(founded_on, CSCA_DAYS))?;
        Ok(Self {
            signer: csca.document_signer(leaf, validity, &["P", "ID"])?,
            revoked_signer: csca.document_signer(leaf, validity, &["P"])?,
            list_signer: csca.master_list_signer(leaf, validity)?,
            csca,
            revoked: Vec::new(),
            revocation_list_number: 0,
        })
    }

    /// The CSCA and its certificate.
    #[must_use]
    pub fn csca(&self) -> &Csca {
        &self.csca
    }

    /// The document signer in use.
    #[must_use]
    pub fn signer(&self) -> &DocumentSigner {
        &self.signer
    }

    /// The document signer that [`PartnerState::passport_of_revoked_signer`] uses.
    #[must_use]
    pub fn revoked_signer(&self) -> &DocumentSigner {
        &self.revoked_signer
    }

    /// Revokes a document signer from that day on; the next revocation list says so.
    pub fn revoke(&mut self, signer: &DocumentSigner, since: Date) {
        self.revoked.push((signer.serial_number(), since));
    }

    /// The next revocation list, DER.
    ///
    /// # Errors
    /// [`PartnerError`] when it cannot be signed.
    pub fn revocation_list(&mut self, at: OffsetDateTime) -> Result<Vec<u8>, PartnerError> {
        self.revocation_list_number += 1;
        let revoked: Vec<_> = self.revoked.iter().map(|(serial, since)| (serial, *since)).collect();
        let next = at + Duration::days(REVOCATION_LIST_DAYS);
        Ok(self.csca.revocation_list(self.revocation_list_number, at, next, &revoked)?)
    }

    /// A master list of the own CSCA and these other certificates, signed by the own list signer. Whoever imports it pins
    /// [`DocumentAuthority::csca`].
    ///
    /// # Errors
    /// [`PartnerError`] when it cannot be signed.
    pub fn master_list(&self, others: &[&[u8]], at: OffsetDateTime) -> Result<Vec<u8>, PartnerError> {
        let mut certificates = vec![self.csca.certificate()];
        certificates.extend(others);
        Ok(master_list(&certificates, &self.list_signer, &self.csca, at)?)
    }

    fn issue(
        &self,
        document_number: &str,
        on: Date,
        signer: &DocumentSigner,
        change: impl FnOnce(Personalisation) -> Personalisation,
    ) -> Result<SpecimenDocument, PartnerError> {
        let expires = on + Duration::days(DOCUMENT_DAYS);
        let passport = Personalisation::passport(Holder::specimen(), document_number, expires);
        Ok(change(passport).issue(self.csca.state(), signer)?)
    }
}

/// Passports, each in its chip. `on` is the day of issue, `trust_point` the generation of the CVCA the chip is given.
impl PartnerState {
    /// A genuine passport whose chip trusts the newest generation of the CVCA.
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn passport(&self, document_number: &str, on: Date) -> Result<Chip, PartnerError> {
        self.passport_trusting(document_number, on, self.newest_generation())
    }

    /// A genuine passport whose chip trusts a certain generation, counted from 0: an older one is reached by link
    /// certificates.
    ///
    /// # Errors
    /// [`PartnerError::Generation`] when there is none of this number.
    pub fn passport_trusting(&self, number: &str, on: Date, generation: usize) -> Result<Chip, PartnerError> {
        let document = self.documents.issue(number, on, &self.documents.signer, |passport| passport)?;
        self.chip(document, generation, on)
    }

    /// A genuine passport whose chip trusts another authority's newest generation: nothing of this state's opens it.
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn passport_of_authority(
        &self,
        number: &str,
        on: Date,
        access: &AccessAuthority,
    ) -> Result<Chip, PartnerError> {
        let document = self.documents.issue(number, on, &self.documents.signer, |passport| passport)?;
        let generation = access.newest_generation();
        let root = access.root(generation).ok_or(PartnerError::Generation(generation))?;
        Ok(Chip::personalise(document, root.as_der(), on)?)
    }

    /// A passport described by the caller, genuine otherwise.
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn passport_with(
        &self,
        number: &str,
        on: Date,
        change: impl FnOnce(Personalisation) -> Personalisation,
    ) -> Result<Chip, PartnerError> {
        let document = self.documents.issue(number, on, &self.documents.signer, change)?;
        self.chip(document, self.newest_generation(), on)
    }

    /// A genuine passport and its clone: the same bytes in every file, but other private keys, since a chip does not give
    /// away its own.
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn passport_and_clone(&self, number: &str, on: Date) -> Result<(Chip, Chip), PartnerError> {
        self.passport_and_clone_with(number, on, |passport| passport)
    }

    /// The same for a passport described by the caller.
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn passport_and_clone_with(
        &self,
        number: &str,
        on: Date,
        change: impl FnOnce(Personalisation) -> Personalisation,
    ) -> Result<(Chip, Chip), PartnerError> {
        let original = self.documents.issue(number, on, &self.documents.signer, change)?;
        let clone = original.cloned_into_another_chip()?;
        let generation = self.newest_generation();
        Ok((self.chip(original, generation, on)?, self.chip(clone, generation, on)?))
    }

    /// A passport whose portrait (DG2) was changed after it was signed.
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn altered_passport(&self, number: &str, on: Date) -> Result<Chip, PartnerError> {
        let document = self.documents.issue(number, on, &self.documents.signer, |passport| passport)?;
        self.chip(document.with_altered(2)?, self.newest_generation(), on)
    }

    /// A passport of a document signer that is to be revoked, see [`DocumentAuthority::revoke`].
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn passport_of_revoked_signer(&self, number: &str, on: Date) -> Result<Chip, PartnerError> {
        let document = self.documents.issue(number, on, &self.documents.revoked_signer, |passport| passport)?;
        self.chip(document, self.newest_generation(), on)
    }

    /// A passport whose zone names another state (ICAO code) than the one that signed it.
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn wrong_state_passport(&self, number: &str, on: Date, claimed: &str) -> Result<Chip, PartnerError> {
        self.passport_with(number, on, |passport| passport.claiming_issuing_state(claimed))
    }

    fn newest_generation(&self) -> usize {
        match &self.entrusted {
            Some(roots) => roots.len().saturating_sub(1),
            None => self.access.newest_generation(),
        }
    }

    fn chip(&self, document: SpecimenDocument, generation: usize, on: Date) -> Result<Chip, PartnerError> {
        let root = match &self.entrusted {
            Some(roots) => roots.get(generation).map(Vec::as_slice),
            None => self.access.root(generation).map(Certificate::as_der),
        };
        Ok(Chip::personalise(document, root.ok_or(PartnerError::Generation(generation))?, on)?)
    }
}
