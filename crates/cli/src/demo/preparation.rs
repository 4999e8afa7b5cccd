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
use straznica_simulators::partner_state::access::AccessAuthority;
use straznica_types::{RequestId, SharedClock};
use time::{Date, OffsetDateTime};

use super::{DemoError, expect};

/// Why operators call, for the journal.
const TRUST: &str = "trust_maintenance";
const CERTIFICATES: &str = "certificate_maintenance";

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
    let anchor = partner.documents.csca().certificate().to_vec();
    let r#use = AnchorUse::MasterList.into();
    let request = ProposeAnchorRequest { context: first.context(TRUST), certificate: anchor, r#use };
    let proposed = first.trust.propose_anchor(request).await?.into_inner();
    expect(!proposed.confirmed, || "one officer alone made an anchor".to_owned())?;

    let list = partner.documents.master_list(&[], now)?;
    let request = ImportMasterListRequest { context: first.context(TRUST), list: list.clone() };
    let early = first.trust.import_master_list(request).await;
    expect(early.is_err(), || "a list came in before its anchor was confirmed".to_owned())?;

    let request =
        ConfirmAnchorRequest { context: second.context(TRUST), fingerprint: proposed.fingerprint.clone(), r#use };
    second.trust.confirm_anchor(request).await?;
    let request = ImportMasterListRequest { context: first.context(TRUST), list };
    let imported = first.trust.import_master_list(request).await?.into_inner();

    let crl = partner.documents.revocation_list(now)?;
    let request = ImportRevocationListRequest { context: first.context(TRUST), crl };
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
    let own = first.create_national_cvca().await?;
    partner.access.register(&[own])?;
    let verifier = first.subscribe(second, &mut partner.access, "UTCVCASIM", "DVBORDER", today).await?;
    let system = first.issue_inspection_system("UTCVCASIM", "TCC").await?;
    Ok(format!("a countersigned request → {verifier} → {system}"))
}

/// Certificates of the national side, step by step.
impl Operator {
    /// Makes the national CVCA, whose countersignature introduces our document verifiers; its certificate, DER.
    ///
    /// # Errors
    /// When spoc refuses.
    pub async fn create_national_cvca(&mut self) -> Result<Vec<u8>, DemoError> {
        let request = CreateNationalCvcaRequest {
            context: self.context(CERTIFICATES),
            mnemonic: "CVCA".to_owned(),
            algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
            parameters: "brainpoolP256r1".to_owned(),
            validity_days: 0,
        };
        Ok(self.national.create_national_cvca(request).await?.into_inner().certificate)
    }

    /// Registers a foreign CVCA with a second officer, and gets our document verifier its first certificate there. Returns the certificate's
    /// holder reference.
    ///
    /// # Errors
    /// When spoc or the foreign authority refuses.
    pub async fn subscribe(
        &mut self,
        second: &mut Self,
        authority: &mut AccessAuthority,
        cvca: &str,
        dv_mnemonic: &str,
        today: Date,
    ) -> Result<String, DemoError> {
        let request = ImportCvcaCertificatesRequest {
            context: self.context(CERTIFICATES),
            certificates: authority.certificates(),
        };
        let imported = self.national.import_cvca_certificates(request).await?.into_inner().imported;
        // the oldest root is what two officers compare; links lead from it to the newer ones
        for certificate in imported.iter().filter(|one| one.awaits_confirmation && one.car == one.chr) {
            let fingerprint = certificate.fingerprint.clone();
            let request = ConfirmCvcaCertificateRequest {
                context: second.context(CERTIFICATES),
                fingerprint,
                look_at: String::new(),
            };
            second.national.confirm_cvca_certificate(request).await?;
        }
        let request = CreateDvRequestRequest {
            context: self.context(CERTIFICATES),
            cvca: cvca.to_owned(),
            dv_mnemonic: dv_mnemonic.to_owned(),
        };
        let created = self.national.create_dv_request(request).await?.into_inner();
        expect(created.initial, || "the first request is not countersigned".to_owned())?;
        let issued = authority.process_dv_request(&created.request, today)?;
        let mut certificates = vec![issued.certificate];
        certificates.extend(issued.authority_certificates);
        let request = ImportDvCertificateRequest { context: self.context(CERTIFICATES), certificates };
        Ok(self.national.import_dv_certificate(request).await?.into_inner().chr)
    }

    /// Issues an inspection system under a CVCA; returns its holder reference.
    ///
    /// # Errors
    /// When spoc refuses.
    pub async fn issue_inspection_system(&mut self, cvca: &str, mnemonic: &str) -> Result<String, DemoError> {
        let request = IssueInspectionSystemRequest {
            context: self.context(CERTIFICATES),
            cvca: cvca.to_owned(),
            mnemonic: mnemonic.to_owned(),
            validity_days: 0,
        };
        Ok(self.national.issue_inspection_system(request).await?.into_inner().chr)
    }
}
