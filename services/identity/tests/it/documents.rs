//! Specimens, and the calls a terminal makes with them.

use cvc::domain_parameters::StandardisedCurve;
use emrtd::builder::{
    Algorithm, Csca, Defect, Digest, DocumentSigner, Holder, Personalisation, SpecimenDocument, State, Validity,
    defect_list,
};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::v1::{
    AccessProtocol, ActiveAuthentication, AddEvidenceRequest, ChipAuthentication, CreateInspectionRequest, Evidence,
    InspectionLine,
};
use straznica_contracts::spoc::v1::{GetTrustSnapshotResponse, TrustedCsca};
use straznica_types::Timestamp;
use time::macros::{date, datetime};

const VALIDITY: Validity = Validity { from: date!(2025 - 01 - 01), until: date!(2040 - 01 - 01) };
pub(crate) const TERMINAL: &str = "PL-WAW-017";
pub(crate) const OTHER_TERMINAL: &str = "PL-KRK-002";

/// A state that issues passports.
pub(crate) struct Utopia {
    csca: Csca,
    signer: DocumentSigner,
}

fn algorithm() -> Algorithm {
    Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256)
}

impl Utopia {
    pub(crate) fn new() -> Self {
        let mut csca = Csca::create(State::utopia(), algorithm(), VALIDITY).unwrap();
        let signer = csca.document_signer(algorithm(), VALIDITY, &["P"]).unwrap();
        Self { csca, signer }
    }

    pub(crate) fn passport(&self) -> SpecimenDocument {
        self.passport_of(Holder::specimen(), "UT1234567")
    }

    pub(crate) fn passport_of(&self, holder: Holder, number: &str) -> SpecimenDocument {
        Personalisation::passport(holder, number, date!(2035 - 06 - 30)).issue(self.csca.state(), &self.signer).unwrap()
    }

    /// A passport whose chip proves itself while the channel is set up.
    pub(crate) fn passport_with_mapping(&self) -> SpecimenDocument {
        Personalisation::passport(Holder::specimen(), "UT1234567", date!(2035 - 06 - 30))
            .chip_authentication_mapping()
            .issue(self.csca.state(), &self.signer)
            .unwrap()
    }

    /// What spoc says when this state is trusted.
    pub(crate) fn trusted(&self, generation: u64) -> GetTrustSnapshotResponse {
        self.trusted_with(generation, &[])
    }

    /// Likewise, with the document signer on the revocation list.
    pub(crate) fn signer_revoked(&self, generation: u64) -> GetTrustSnapshotResponse {
        self.trusted_with(generation, &[(&self.signer.serial_number(), date!(2026 - 11 - 01))])
    }

    fn trusted_with(
        &self,
        generation: u64,
        revoked: &[(&emrtd::builder::SerialNumber, time::Date)],
    ) -> GetTrustSnapshotResponse {
        let (this_update, next_update) = (datetime!(2026-11-20 00:00 UTC), datetime!(2026-12-20 00:00 UTC));
        let number = u32::try_from(generation).unwrap();
        let crl = self.csca.revocation_list(number, this_update, next_update, revoked).unwrap();
        GetTrustSnapshotResponse {
            generation,
            cscas: vec![TrustedCsca {
                certificate: self.csca.certificate().to_vec(),
                vouched_by: vec!["bilateral".to_owned()],
            }],
            revocation_lists: vec![crl],
            ..Default::default()
        }
    }

    /// Trusted, with a defect list against its document signer, published under this state's own anchor.
    pub(crate) fn signer_defective(&mut self, generation: u64) -> GetTrustSnapshotResponse {
        let publisher = self.csca.defect_list_signer(algorithm(), VALIDITY).unwrap();
        let known = vec![Defect::CertificateRevoked { status: 3 }];
        let at = datetime!(2026-11-20 00:00 UTC);
        let list = defect_list(&[(&self.signer, known)], &publisher, &self.csca, at).unwrap();
        GetTrustSnapshotResponse {
            defect_lists: vec![list],
            defect_list_anchors: vec![self.csca.certificate().to_vec()],
            ..self.trusted(generation)
        }
    }
}

/// A border check at a terminal.
pub(crate) fn at(terminal: &str) -> CallContext {
    CallContext {
        terminal_id: terminal.to_owned(),
        officer: "sg-4711".to_owned(),
        purpose: "border_check".to_owned(),
        case_number: String::new(),
        request_id: "0197156e-3c5b-7d2a-9c11-0242ac120002".to_owned(),
    }
}

/// What later calls of a session say of themselves: the terminal only.
pub(crate) fn terminal_only(terminal: &str) -> CallContext {
    CallContext { terminal_id: terminal.to_owned(), ..CallContext::default() }
}

/// Some data groups of a document.
pub(crate) fn data_groups(document: &SpecimenDocument, numbers: &[u8]) -> Evidence {
    let read = numbers.iter().map(|number| (u32::from(*number), document.data_groups[number].clone()));
    Evidence { data_groups: read.collect(), ..Evidence::default() }
}

/// Opens an inspection with these data groups.
pub(crate) fn opening(document: &SpecimenDocument, numbers: &[u8], read_at: Timestamp) -> CreateInspectionRequest {
    CreateInspectionRequest {
        context: Some(at(TERMINAL)),
        document_ref: "reading-2026-000017".to_owned(),
        access: AccessProtocol::Pace.into(),
        mrz_optical: document.mrz.clone(),
        sod: document.sod.clone(),
        com: document.com.clone(),
        evidence: Some(Evidence { card_access: document.card_access.clone(), ..data_groups(document, numbers) }),
        read_at_ms: read_at.millis(),
        line: InspectionLine::First.into(),
    }
}

/// Adds evidence as the terminal that opened the inspection.
pub(crate) fn adding(inspection_id: &str, evidence: Evidence) -> AddEvidenceRequest {
    AddEvidenceRequest {
        context: Some(terminal_only(TERMINAL)),
        inspection_id: inspection_id.to_owned(),
        evidence: Some(evidence),
    }
}

/// The chip's answer to a challenge.
pub(crate) fn answer(document: &SpecimenDocument, challenge_id: &str, challenge: &[u8]) -> ActiveAuthentication {
    let key = document.chip_keys.active_authentication.as_ref().unwrap();
    let response = key.answer(challenge.try_into().unwrap()).unwrap();
    ActiveAuthentication { challenge_id: challenge_id.to_owned(), response }
}

/// Chip Authentication as it went with the chip's own key.
pub(crate) fn chip_authentication(document: &SpecimenDocument) -> ChipAuthentication {
    let key = document.chip_keys.chip_authentication.as_ref().unwrap();
    ChipAuthentication {
        protocol: "ca_v1".to_owned(),
        result: "successful".to_owned(),
        evidence: key.public_key_info().unwrap(),
        ..ChipAuthentication::default()
    }
}

/// PACE with Chip Authentication Mapping as this chip performs it.
pub(crate) fn mapping(document: &SpecimenDocument) -> ChipAuthentication {
    let proof = document.chip_keys.chip_authentication.as_ref().unwrap().prove_mapping().unwrap();
    ChipAuthentication {
        protocol: "pace_cam".to_owned(),
        result: "successful".to_owned(),
        evidence: proof.chip_authentication_data,
        key_id: None,
        mapping_public_key: proof.mapping_public_key,
    }
}
