//! What operators did before a terminal can ask anything: trust in the partner's documents, and certificates under the partner's authority.

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::spoc::v1::national_pki_service_client::NationalPkiServiceClient;
use straznica_contracts::spoc::v1::trust_service_client::TrustServiceClient;
use straznica_contracts::spoc::v1::{
    AnchorUse, ConfirmAnchorRequest, ConfirmCvcaCertificateRequest, CreateDvRequestRequest, CreateNationalCvcaRequest,
    ImportCvcaCertificatesRequest, ImportDvCertificateRequest, ImportMasterListRequest, ImportRevocationListRequest,
    IssueInspectionSystemRequest, ProposeAnchorRequest,
};
use straznica_runtime::channel::Channel;
use straznica_simulators::partner_state::PartnerState;
use straznica_types::{RequestId, SharedClock};
use time::{Date, OffsetDateTime};

use super::{DemoError, expect};

/// An operator at a desk, known to spoc by a certificate.
#[derive(Debug)]
pub struct Operator {
    id: &'static str,
    clock: SharedClock,
    trust: TrustServiceClient<Channel>,
    national: NationalPkiServiceClient<Channel>,
}

impl Operator {
    /// An operator with this id, over a channel that presents its certificate.
    #[must_use]
    pub fn new(id: &'static str, clock: SharedClock, spoc: Channel) -> Self {
        Self { id, clock, trust: TrustServiceClient::new(spoc.clone()), national: NationalPkiServiceClient::new(spoc) }
    }

    fn context(&self, purpose: &str) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: String::new(),
            officer: self.id.to_owned(),
            purpose: purpose.to_owned(),
            case_number: String::new(),
            request_id: RequestId::generate(self.clock.as_ref()).to_string(),
        })
    }
}

/// Two officers pin the partner's CSCA; then its master list and revocation list come in.
///
/// # Errors
/// When spoc refuses what it should take, or takes what it should refuse.
pub async fn import_trust(
    first: &mut Operator,
    second: &mut Operator,
    partner: &mut PartnerState,
    now: OffsetDateTime,
) -> Result<String, DemoError> {
    const PURPOSE: &str = "trust_maintenance";
    let anchor = partner.documents.csca().certificate().to_vec();
    let r#use = AnchorUse::MasterList.into();
    let request = ProposeAnchorRequest { context: first.context(PURPOSE), certificate: anchor, r#use };
    let proposed = first.trust.propose_anchor(request).await?.into_inner();
    expect(!proposed.confirmed, || "one officer alone made an anchor".to_owned())?;

    let list = partner.documents.master_list(&[], now)?;
    let request = ImportMasterListRequest { context: first.context(PURPOSE), list: list.clone() };
    let early = first.trust.import_master_list(request).await;
    expect(early.is_err(), || "a list came in before its anchor was confirmed".to_owned())?;

    let request =
        ConfirmAnchorRequest { context: second.context(PURPOSE), fingerprint: proposed.fingerprint.clone(), r#use };
    second.trust.confirm_anchor(request).await?;
    let request = ImportMasterListRequest { context: first.context(PURPOSE), list };
    let imported = first.trust.import_master_list(request).await?.into_inner();

    let crl = partner.documents.revocation_list(now)?;
    let request = ImportRevocationListRequest { context: first.context(PURPOSE), crl };
    let revocations = first.trust.import_revocation_list(request).await?.into_inner();
    Ok(format!(
        "{} CSCA vouched for by {}…, {} certificate revoked",
        imported.cscas,
        &imported.anchor_fingerprint.get(..16).unwrap_or_default(),
        revocations.revoked
    ))
}

/// The partner's CVCA is registered, our document verifier asks for a certificate, and an inspection system is issued under it.
///
/// # Errors
/// When spoc or the partner refuses.
pub async fn obtain_certificates(
    first: &mut Operator,
    second: &mut Operator,
    partner: &mut PartnerState,
    today: Date,
) -> Result<String, DemoError> {
    const PURPOSE: &str = "certificate_maintenance";
    let request = CreateNationalCvcaRequest {
        context: first.context(PURPOSE),
        mnemonic: "CVCA".to_owned(),
        algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
        parameters: "brainpoolP256r1".to_owned(),
        validity_days: 0,
    };
    let own = first.national.create_national_cvca(request).await?.into_inner();
    partner.access.register(&[own.certificate])?;

    let request =
        ImportCvcaCertificatesRequest { context: first.context(PURPOSE), certificates: partner.access.certificates() };
    let imported = first.national.import_cvca_certificates(request).await?.into_inner().imported;
    // the oldest root is what two officers compare; links lead from it to the newer ones
    for certificate in imported.iter().filter(|one| one.awaits_confirmation && one.car == one.chr) {
        let fingerprint = certificate.fingerprint.clone();
        let request = ConfirmCvcaCertificateRequest { context: second.context(PURPOSE), fingerprint };
        second.national.confirm_cvca_certificate(request).await?;
    }

    let cvca = "UTCVCASIM".to_owned();
    let request = CreateDvRequestRequest {
        context: first.context(PURPOSE),
        cvca: cvca.clone(),
        dv_mnemonic: "DVBORDER".to_owned(),
    };
    let created = first.national.create_dv_request(request).await?.into_inner();
    expect(created.initial, || "the first request is not countersigned".to_owned())?;
    let issued = partner.access.process_dv_request(&created.request, today)?;
    let mut certificates = vec![issued.certificate];
    certificates.extend(issued.authority_certificates);
    let request = ImportDvCertificateRequest { context: first.context(PURPOSE), certificates };
    let verifier = first.national.import_dv_certificate(request).await?.into_inner();

    let request = IssueInspectionSystemRequest {
        context: first.context(PURPOSE),
        cvca,
        mnemonic: "TCC".to_owned(),
        validity_days: 0,
    };
    let system = first.national.issue_inspection_system(request).await?.into_inner();
    Ok(format!("{} countersigned → {} → {}", own.chr, verifier.chr, system.chr))
}
