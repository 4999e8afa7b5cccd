//! Trust in other states' documents, as terminals and people see it.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::ToSchema;

use super::scalars::{Base64, Instant, present};

/// Asks what is known of a document signer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DocumentSignerRequest {
    /// Document signer certificate (X.509, DER).
    pub(crate) certificate: Base64,
}

/// Trust status of a document signer (BSI TR-03129).
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) enum DocumentSignerStatus {
    /// Issued by a trusted CSCA, valid, not revoked.
    #[serde(rename = "certificate_ok")]
    Ok,
    /// Nothing can be said for certain.
    #[serde(rename = "certificate_undetermined")]
    Undetermined,
    /// Not to be trusted.
    #[serde(rename = "certificate_invalid")]
    Invalid,
}

/// What is known of a document signer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentSigner {
    /// The status.
    status: DocumentSignerStatus,
    /// Why, one finding a line, machine readable codes first.
    #[schema(example = json!(["revoked: serial 17 on the CRL of C=UT, CN=CSCA"]))]
    reasons: Vec<String>,
    /// First day of the document signer's validity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2024-03-01")]
    signer_not_before: Option<String>,
    /// Last day of the document signer's validity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2034-06-30")]
    signer_not_after: Option<String>,
    /// First day of the validity of the CSCA that issued it, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2023-01-01")]
    ca_not_before: Option<String>,
    /// Last day of the validity of the CSCA that issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2037-12-31")]
    ca_not_after: Option<String>,
    /// Whether the CSCA's signature holds: `valid`, `invalid` or `undetermined`.
    #[schema(example = "valid")]
    signature_state: String,
    /// Known defects of documents by this signer, by their code.
    #[schema(example = json!(["0.4.0.127.0.7.3.1.5.1.3"]))]
    defects: Vec<String>,
    /// Generation of the trust store the answer was made from.
    #[schema(example = 42)]
    generation: u64,
}

impl From<contract::GetDocumentSignerInformationResponse> for DocumentSigner {
    fn from(known: contract::GetDocumentSignerInformationResponse) -> Self {
        use contract::DocumentSignerStatus as Contract;
        let status = match known.status() {
            Contract::CertificateOk => DocumentSignerStatus::Ok,
            Contract::CertificateInvalid => DocumentSignerStatus::Invalid,
            Contract::CertificateUndetermined | Contract::Unspecified => DocumentSignerStatus::Undetermined,
        };
        Self {
            status,
            reasons: known.reasons,
            signer_not_before: present(known.signer_not_before),
            signer_not_after: present(known.signer_not_after),
            ca_not_before: present(known.ca_not_before),
            ca_not_after: present(known.ca_not_after),
            signature_state: known.signature_state,
            defects: known.defects,
            generation: known.generation,
        }
    }
}

/// A master list in use.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportedList {
    /// Subject of the anchor that vouches for it.
    #[schema(example = "C=UT, O=Utopia, CN=CSCA 5")]
    publisher: String,
    /// SHA-256 over the list, hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
    /// When it was imported.
    imported_at: Option<Instant>,
    /// CSCA certificates in it.
    #[schema(example = 588)]
    cscas: u32,
}

/// Whether the fingerprints of one CVCA's documents can be opened today.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CvcaSummary {
    /// Country and mnemonic.
    #[schema(example = "UTCVCA")]
    name: String,
    /// Holder reference of the newest certificate.
    #[schema(example = "UTCVCA00005")]
    newest_chr: String,
    /// A chain and its key are ready.
    ready: bool,
    /// Last day of the ready chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-06-14")]
    expires: Option<String>,
}

/// Counts and dates of the trust store.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrustSummary {
    /// Generation of the trust store.
    #[schema(example = 42)]
    generation: u64,
    /// When it last changed.
    changed_at: Option<Instant>,
    /// Trusted CSCA certificates.
    #[schema(example = 588)]
    cscas: u32,
    /// States they belong to.
    #[schema(example = 96)]
    countries: u32,
    /// Certificate revocation lists held.
    #[schema(example = 71)]
    revocation_lists: u32,
    /// Of those, past the day they announced the next one for.
    #[schema(example = 2)]
    stale_revocation_lists: u32,
    /// Defect lists held.
    #[schema(example = 1)]
    defect_lists: u32,
    /// Master lists in use.
    master_lists: Vec<ImportedList>,
    /// One for each CVCA.
    cvcas: Vec<CvcaSummary>,
}

impl From<contract::GetTrustSummaryResponse> for TrustSummary {
    fn from(summary: contract::GetTrustSummaryResponse) -> Self {
        Self {
            generation: summary.generation,
            changed_at: Instant::from_contract(summary.changed_at_ms),
            cscas: summary.cscas,
            countries: summary.countries,
            revocation_lists: summary.revocation_lists,
            stale_revocation_lists: summary.stale_revocation_lists,
            defect_lists: summary.defect_lists,
            master_lists: summary
                .master_lists
                .into_iter()
                .map(|list| ImportedList {
                    publisher: list.publisher,
                    sha256: list.sha256,
                    imported_at: Instant::from_contract(list.imported_at_ms),
                    cscas: list.cscas,
                })
                .collect(),
            cvcas: summary
                .cvcas
                .into_iter()
                .map(|cvca| CvcaSummary {
                    name: cvca.name,
                    newest_chr: cvca.newest_chr,
                    ready: cvca.ready,
                    expires: present(cvca.expires),
                })
                .collect(),
        }
    }
}
