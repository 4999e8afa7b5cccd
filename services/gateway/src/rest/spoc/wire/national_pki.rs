//! The state's own side: its CVCA, certificates taken in as files, document verifiers, inspection systems, and the key of the exchange.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::ToSchema;

use crate::rest::wire::scalars::{Base64, Fingerprint, Text, present};

/// The national CVCA to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewCvca {
    /// Up to nine characters; with the country it names the CVCA.
    #[schema(example = "CVCA")]
    pub(crate) mnemonic: String,
    /// Signature algorithm.
    #[schema(example = "id-TA-ECDSA-SHA-256")]
    pub(crate) algorithm: String,
    /// Standardised domain parameters; for RSA the modulus length in bits.
    #[schema(example = "brainpoolP256r1")]
    pub(crate) parameters: String,
    /// Days of validity; 0: as configured.
    #[serde(default)]
    #[schema(example = 0)]
    pub(crate) validity_days: u32,
}

/// The national CVCA's first certificate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedCvca {
    /// Its holder reference.
    #[schema(example = "PLCVCA00001")]
    chr: String,
    /// Self-signed CV certificate, DER, for the partners to register.
    certificate: Base64,
}

impl From<contract::CreateNationalCvcaResponse> for CreatedCvca {
    fn from(created: contract::CreateNationalCvcaResponse) -> Self {
        let contract::CreateNationalCvcaResponse { chr, certificate } = created;
        Self { chr, certificate: certificate.into() }
    }
}

/// Certificates of CVCAs, as files brought them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReceivedCvcaCertificates {
    /// CV certificates, DER: roots and links, in any order.
    #[schema(min_items = 1, max_items = 256)]
    certificates: Vec<Base64>,
}

/// What a CVCA answered to one of our requests.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReceivedDvCertificates {
    /// CV certificates, DER: the document verifier's first, then CVCA certificates.
    #[schema(min_items = 1, max_items = 64)]
    certificates: Vec<Base64>,
}

impl ReceivedCvcaCertificates {
    pub(crate) fn into_ders(self) -> Vec<Vec<u8>> {
        ders(self.certificates)
    }
}

impl ReceivedDvCertificates {
    pub(crate) fn into_ders(self) -> Vec<Vec<u8>> {
        ders(self.certificates)
    }
}

fn ders(certificates: Vec<Base64>) -> Vec<Vec<u8>> {
    certificates.into_iter().map(|certificate| certificate.0).collect()
}

/// A certificate of a CVCA that was taken in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportedCvcaCertificate {
    /// Whose it is: its holder reference.
    #[schema(example = "UTCVCA00002")]
    chr: String,
    /// Who issued it.
    #[schema(example = "UTCVCA00001")]
    car: String,
    /// SHA-256, lower-case hex.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    fingerprint: String,
    /// It counts once another officer has confirmed the fingerprint of the root it is, or is reached from.
    awaits_confirmation: bool,
    /// What officers should know before they confirm it: how it departs from the policy for its state, that its CVCA is not registered of the partner.
    #[schema(example = json!(["valid for longer than 3 years (TR-03139/4.7 received)"]))]
    findings: Vec<String>,
}

impl From<contract::CvcaImport> for ImportedCvcaCertificate {
    fn from(import: contract::CvcaImport) -> Self {
        let contract::CvcaImport { chr, car, fingerprint, awaits_confirmation, findings } = import;
        Self { chr, car, fingerprint, awaits_confirmation, findings }
    }
}

/// What was new of the certificates that came.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportedCvcaCertificates {
    /// Those that were not held yet.
    imported: Vec<ImportedCvcaCertificate>,
}

impl From<contract::ImportCvcaCertificatesResponse> for ImportedCvcaCertificates {
    fn from(answer: contract::ImportCvcaCertificatesResponse) -> Self {
        Self { imported: answer.imported.into_iter().map(ImportedCvcaCertificate::from).collect() }
    }
}

/// The fingerprint an officer compared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ComparedRoot {
    /// As the other state gave it on another way.
    pub(crate) fingerprint: Fingerprint,
    /// Nothing is confirmed: which root it is is answered, and what is found about it.
    #[serde(default)]
    pub(crate) look_only: bool,
}

/// What an officer's comparison came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RootConfirmation {
    /// Holder reference of the root with this fingerprint.
    #[schema(example = "UTCVCA00002")]
    chr: String,
    /// A partner sent it and this officer was the first to compare it: another one has to do the same.
    awaits_second_officer: bool,
    /// What officers should know of it: how it departs from the policy for its state, that its CVCA is not registered of the partner. It can be confirmed all the same.
    #[schema(example = json!(["valid for longer than 3 years (TR-03139/4.7 received)"]))]
    findings: Vec<String>,
}

impl From<contract::ConfirmCvcaCertificateResponse> for RootConfirmation {
    fn from(confirmed: contract::ConfirmCvcaCertificateResponse) -> Self {
        let contract::ConfirmCvcaCertificateResponse { chr, awaits_second_officer, findings } = confirmed;
        Self { chr, awaits_second_officer, findings }
    }
}

/// A document verifier of ours, and the CVCA that is to certify it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewDvCertificate {
    /// Country and mnemonic of the CVCA.
    #[schema(example = "UTCVCA")]
    pub(crate) cvca: String,
    /// Mnemonic of our document verifier; used for the first request under a CVCA and kept after.
    #[schema(example = "DV")]
    pub(crate) dv_mnemonic: String,
}

/// A request for another state, to be handed over as a file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MadeDvRequest {
    /// Holder reference asked for.
    #[schema(example = "PLDV00008")]
    chr: String,
    /// Authenticated request (tag 67), DER.
    request: Base64,
    /// Countersigned by the national CVCA; otherwise signed with the document verifier's previous key.
    initial: bool,
}

impl From<contract::CreateDvRequestResponse> for MadeDvRequest {
    fn from(made: contract::CreateDvRequestResponse) -> Self {
        let contract::CreateDvRequestResponse { chr, request, initial } = made;
        Self { chr, request: request.into(), initial }
    }
}

/// A document verifier's certificate that was taken in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportedDvCertificate {
    /// Whose it is: its holder reference.
    #[schema(example = "PLDV00008")]
    chr: String,
    /// Who issued it.
    #[schema(example = "UTCVCA00005")]
    car: String,
    /// Last day.
    #[schema(format = Date, example = "2027-02-14")]
    expires: String,
    /// What is against policy and does not forbid its use.
    #[schema(example = json!(["the certificate is valid for longer than the policy asks"]))]
    warnings: Vec<String>,
}

impl From<contract::ImportDvCertificateResponse> for ImportedDvCertificate {
    fn from(taken: contract::ImportDvCertificateResponse) -> Self {
        let contract::ImportDvCertificateResponse { chr, car, expires, warnings } = taken;
        Self { chr, car, expires, warnings }
    }
}

/// A certificate of our CVCA for our own document verifier.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DomesticDv {
    /// Its holder reference.
    #[schema(example = "PLDV00008")]
    chr: String,
    /// Two officers have to approve the request first; it is among the requests received.
    waiting: bool,
    /// Last day; absent while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2027-02-14")]
    expires: Option<String>,
}

impl From<contract::IssueDomesticDvResponse> for DomesticDv {
    fn from(issued: contract::IssueDomesticDvResponse) -> Self {
        let contract::IssueDomesticDvResponse { chr, waiting, expires } = issued;
        Self { chr, waiting, expires: present(expires) }
    }
}

/// An inspection system to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewInspectionSystem {
    /// Country and mnemonic of the CVCA.
    #[schema(example = "UTCVCA")]
    pub(crate) cvca: String,
    /// Mnemonic of the inspection system.
    #[schema(example = "IS")]
    pub(crate) mnemonic: String,
    /// Days of validity, at most 31; 0: as configured.
    #[serde(default)]
    #[schema(maximum = 31, example = 0)]
    pub(crate) validity_days: u32,
}

/// An inspection system's certificate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IssuedInspectionSystem {
    /// Its holder reference.
    #[schema(example = "PLIS00031")]
    chr: String,
    /// Last day.
    #[schema(format = Date, example = "2027-01-18")]
    expires: String,
    /// CV certificate, DER.
    certificate: Base64,
}

impl From<contract::IssueInspectionSystemResponse> for IssuedInspectionSystem {
    fn from(issued: contract::IssueInspectionSystemResponse) -> Self {
        let contract::IssueInspectionSystemResponse { chr, expires, certificate } = issued;
        Self { chr, expires, certificate: certificate.into() }
    }
}

/// Whom the certificate of the exchange is to name; the country is the node's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewExchangeKey {
    /// The authority.
    #[schema(example = "Straż Graniczna")]
    pub(crate) organisation: String,
    /// The SPOC's name.
    #[schema(example = "PL SPOC")]
    pub(crate) common_name: String,
    /// DNS name or address partners reach the SPOC by.
    #[schema(example = "spoc.example.pl")]
    pub(crate) host: String,
}

/// A key that was made in the key store, which it does not leave.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MadeExchangeKey {
    /// Its name in the key store, for the configuration.
    #[schema(example = "tls/0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    key_handle: String,
    /// Request for its certificate: PKCS#10, DER.
    certificate_request: Base64,
}

impl From<contract::CreateExchangeTlsKeyResponse> for MadeExchangeKey {
    fn from(made: contract::CreateExchangeTlsKeyResponse) -> Self {
        let contract::CreateExchangeTlsKeyResponse { key_handle, certificate_request } = made;
        Self { key_handle, certificate_request: certificate_request.into() }
    }
}

/// A holder name of ours and how far its numbers have come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sequence {
    /// Country and mnemonic.
    #[schema(example = "PLDV")]
    holder: String,
    /// The reference given last.
    #[schema(example = "PLDV00042")]
    last: String,
}

impl From<contract::Sequence> for Sequence {
    fn from(sequence: contract::Sequence) -> Self {
        let contract::Sequence { holder, last } = sequence;
        Self { holder, last }
    }
}

/// How far the numbers of our holders have come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sequences {
    /// By name.
    sequences: Vec<Sequence>,
}

impl From<contract::ListSequencesResponse> for Sequences {
    fn from(answer: contract::ListSequencesResponse) -> Self {
        Self { sequences: answer.sequences.into_iter().map(Sequence::from).collect() }
    }
}

/// A reference of ours known to have been used.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UsedReference {
    /// The highest one of its holder.
    #[schema(example = "PLDV00042")]
    pub(crate) chr: String,
    /// Where it is known from; for the journal and for whoever asks later. No names of persons.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Utopia holds a certificate of this reference")]
    pub(crate) reason: Text<200>,
    /// Raise it though the holder was given no number here, or more than 10,000 would be skipped: without this that is refused, for it may be a slip.
    #[serde(default)]
    #[schema(example = false)]
    pub(crate) despite_doubts: bool,
}

/// Where a sequence stands now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RaisedSequence {
    /// Country and mnemonic.
    #[schema(example = "PLDV")]
    holder: String,
    /// The reference that counts as given last from now on.
    #[schema(example = "PLDV00042")]
    last: String,
    /// The one given last before: the same where nothing was to be raised; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PLDV00031")]
    before: Option<String>,
}

impl From<contract::RaiseSequenceResponse> for RaisedSequence {
    fn from(raised: contract::RaiseSequenceResponse) -> Self {
        let contract::RaiseSequenceResponse { holder, last, before } = raised;
        Self { holder, last, before: present(before) }
    }
}
