//! Certificates held and issued, and the keys of the national CVCA.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use crate::rest::wire::{
    scalars::{Base64, Instant, present},
    terminal_authentication::CertificateRole,
};

/// A certificate or open request of ours.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnCertificate {
    /// Whose it is: its holder reference.
    #[schema(example = "PLDV00007")]
    chr: String,
    /// Who issued it, or is asked.
    #[schema(example = "UTCVCA00005")]
    car: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<CertificateRole>,
    /// `requested`, `awaiting_confirmation`, `active`, `suspended` or `expired`.
    #[schema(example = "active")]
    state: String,
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2027-01-04")]
    effective: Option<String>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2027-02-14")]
    expires: Option<String>,
    /// Its key is held here.
    has_key: bool,
    /// The officer who proposed to lift its suspension.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OP-07")]
    resumption_proposed_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "found in the second safe")]
    resumption_reason: Option<String>,
    /// Of another state's CVCA certificate: how it departs from the policy for that state, that its CVCA is not registered of the partner.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["valid for longer than 3 years (TR-03139/4.7 received)"]))]
    findings: Vec<String>,
}

impl From<contract::Holder> for OwnCertificate {
    fn from(holder: contract::Holder) -> Self {
        let role = CertificateRole::of(holder.role());
        let contract::Holder { chr, car, state, effective, expires, has_key, findings, .. } = holder;
        let resumption_proposed_by = present(holder.resumption_proposed_by);
        let resumption_reason = present(holder.resumption_reason);
        let (effective, expires) = (present(effective), present(expires));
        Self { chr, car, role, state, effective, expires, has_key, resumption_proposed_by, resumption_reason, findings }
    }
}

/// Certificates and open requests of ours.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnCertificates {
    /// All of them.
    certificates: Vec<OwnCertificate>,
}

impl From<contract::ListHoldersResponse> for OwnCertificates {
    fn from(list: contract::ListHoldersResponse) -> Self {
        Self { certificates: list.holders.into_iter().map(OwnCertificate::from).collect() }
    }
}

/// A certificate our CVCA issued.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IssuedCertificate {
    /// Who issued it.
    #[schema(example = "PLCVCA00003")]
    car: String,
    /// Whose it is: its holder reference.
    #[schema(example = "UTDV00007")]
    chr: String,
    /// Country and mnemonic of the document verifier.
    #[schema(example = "UTDV")]
    holder: String,
    /// First day.
    #[schema(format = Date, example = "2027-01-04")]
    effective: String,
    /// Last day.
    #[schema(format = Date, example = "2027-02-14")]
    expires: String,
    /// The request it was issued for.
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    request_id: String,
    /// When.
    issued_at: Instant,
    /// CV certificate, DER.
    certificate: Base64,
    /// Since when it vouches for no further request, because its holder was suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_at: Option<Instant>,
}

impl From<contract::IssuedCertificate> for IssuedCertificate {
    fn from(issued_certificate: contract::IssuedCertificate) -> Self {
        let contract::IssuedCertificate {
            car,
            chr,
            holder,
            effective,
            expires,
            request_id,
            issued_at_ms,
            certificate,
            withdrawn_at_ms,
        } = issued_certificate;
        Self {
            car,
            chr,
            holder,
            effective,
            expires,
            request_id,
            issued_at: Instant::at(issued_at_ms),
            certificate: certificate.into(),
            withdrawn_at: Instant::from_contract(withdrawn_at_ms),
        }
    }
}

/// Issued certificates, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IssuedPage {
    /// The certificates.
    certificates: Vec<IssuedCertificate>,
    /// Where to go on (`after`); absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    next: Option<String>,
}

impl From<contract::ListIssuedResponse> for IssuedPage {
    fn from(page: contract::ListIssuedResponse) -> Self {
        let certificates = page.certificates.into_iter().map(IssuedCertificate::from).collect();
        Self { certificates, next: present(page.next_page_token) }
    }
}

/// Which issued certificates.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IssuedQuery {
    /// Of this document verifier only: country and mnemonic.
    #[serde(default)]
    #[param(example = "UTDV")]
    holder: Option<String>,
    /// Go on where the page before ended.
    #[serde(default)]
    #[param(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    after: Option<String>,
    /// At most this many, 1 to 200.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    limit: Option<u32>,
}

impl From<IssuedQuery> for contract::ListIssuedRequest {
    fn from(query: IssuedQuery) -> Self {
        Self {
            holder: query.holder.unwrap_or_default(),
            page_size: query.limit.unwrap_or_default(),
            page_token: query.after.unwrap_or_default(),
        }
    }
}

/// A certificate of the national CVCA.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaCertificate {
    /// Country and mnemonic.
    #[schema(example = "PLCVCA")]
    cvca: String,
    /// Who issued it.
    #[schema(example = "PLCVCA00002")]
    car: String,
    /// Whose it is: its holder reference.
    #[schema(example = "PLCVCA00003")]
    chr: String,
    /// `active`, `suspended` or `awaiting_confirmation`.
    #[schema(example = "active")]
    state: String,
    /// Signature algorithm of its key.
    #[schema(example = "id-TA-ECDSA-SHA-256")]
    algorithm: String,
    /// First day.
    #[schema(format = Date, example = "2027-01-04")]
    effective: String,
    /// Last day.
    #[schema(format = Date, example = "2029-12-31")]
    expires: String,
    /// SHA-256, lower-case hex.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    fingerprint: String,
    /// Its key issues today.
    current: bool,
    /// CV certificate, DER.
    certificate: Base64,
}

impl From<contract::CaCertificate> for CaCertificate {
    fn from(ca_certificate: contract::CaCertificate) -> Self {
        let contract::CaCertificate {
            cvca,
            car,
            chr,
            state,
            algorithm,
            effective,
            expires,
            fingerprint,
            current,
            certificate,
        } = ca_certificate;
        Self {
            cvca,
            car,
            chr,
            state,
            algorithm,
            effective,
            expires,
            fingerprint,
            current,
            certificate: certificate.into(),
        }
    }
}

/// A new key of the national CVCA that one officer proposed and another one is to confirm.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolloverProposal {
    /// Country and mnemonic of the national CVCA.
    #[schema(example = "PLCVCA")]
    cvca: String,
    /// Signature algorithm; absent, with the parameters, for the kind of the current generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "id-TA-ECDSA-SHA-384")]
    algorithm: Option<String>,
    /// Standardised domain parameters, or the modulus length.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "brainpoolP384r1")]
    parameters: Option<String>,
    /// 0 = the configured validity.
    #[schema(example = 0)]
    validity_days: u32,
    /// The officer who proposed it.
    #[schema(example = "OP-07")]
    proposed_by: String,
    /// When.
    proposed_at: Instant,
    /// Names the proposal: what the confirmation asks for.
    #[schema(example = "3f9a0c41d2b87e65")]
    proposal: String,
}

impl From<contract::RolloverProposal> for RolloverProposal {
    fn from(rollover_proposal: contract::RolloverProposal) -> Self {
        let contract::RolloverProposal {
            cvca,
            algorithm,
            parameters,
            validity_days,
            proposed_by,
            proposed_at_ms,
            proposal,
        } = rollover_proposal;
        Self {
            cvca,
            algorithm: present(algorithm),
            parameters: present(parameters),
            validity_days,
            proposed_by,
            proposed_at: Instant::at(proposed_at_ms),
            proposal,
        }
    }
}

/// Generations of the national CVCA.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaCertificates {
    /// By effective date.
    certificates: Vec<CaCertificate>,
    /// What waits for a second officer.
    proposals: Vec<RolloverProposal>,
}

impl From<contract::ListCaCertificatesResponse> for CaCertificates {
    fn from(list: contract::ListCaCertificatesResponse) -> Self {
        Self {
            certificates: list.certificates.into_iter().map(CaCertificate::from).collect(),
            proposals: list.proposals.into_iter().map(RolloverProposal::from).collect(),
        }
    }
}

/// Proposes a new key of the national CVCA.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewRollover {
    /// Mnemonic of the national CVCA.
    #[schema(example = "CVCA")]
    pub(crate) mnemonic: String,
    /// Signature algorithm; absent, with the parameters, for the kind of the current generation.
    #[serde(default)]
    #[schema(example = "id-TA-ECDSA-SHA-384")]
    pub(crate) algorithm: Option<String>,
    /// Standardised domain parameters; for RSA the modulus length in bits.
    #[serde(default)]
    #[schema(example = "brainpoolP384r1")]
    pub(crate) parameters: Option<String>,
    /// Days of validity; 0: as configured.
    #[serde(default)]
    #[schema(example = 0)]
    pub(crate) validity_days: u32,
}

/// What is proposed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProposedRollover {
    /// Country and mnemonic: what the confirmation names.
    #[schema(example = "PLCVCA")]
    pub(crate) cvca: String,
    /// Names the proposal: what the confirmation asks for.
    #[schema(example = "3f9a0c41d2b87e65")]
    pub(crate) proposal: String,
}

/// A new generation of the national CVCA.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewGeneration {
    /// Its holder reference.
    #[schema(example = "PLCVCA00004")]
    chr: String,
    /// Link, then self-signed certificate, DER.
    certificates: Vec<Base64>,
}

impl From<contract::ConfirmRolloverResponse> for NewGeneration {
    fn from(made: contract::ConfirmRolloverResponse) -> Self {
        Self { chr: made.chr, certificates: made.certificates.into_iter().map(Base64::from).collect() }
    }
}
