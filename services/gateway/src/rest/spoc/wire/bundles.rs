//! Bundles: messages as signed files, for when the link to a partner is down.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::ToSchema;

use crate::rest::wire::scalars::{Base64, Instant, present};

/// The messages that wait for a partner, as one signed file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExportedBundle {
    /// CMS SignedData, DER; absent when nothing waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<Base64>,
    /// How many.
    #[schema(example = 2)]
    messages: u32,
    /// Where to send it.
    #[schema(example = "spoc@example.ut")]
    email: String,
}

impl From<contract::ExportBundleResponse> for ExportedBundle {
    fn from(exported: contract::ExportBundleResponse) -> Self {
        let contract::ExportBundleResponse { bundle, messages, email } = exported;
        Self { bundle: some(bundle), messages, email }
    }
}

/// What became of one message of a bundle.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BundledOutcome {
    /// E.g. `request_certificate`.
    #[schema(example = "request_certificate")]
    operation: String,
    /// The originator's.
    #[schema(example = "UT-2027-0017")]
    message_id: String,
    /// The standard's word for the answer, e.g. `ok_cert_available`.
    #[schema(example = "ok_cert_available")]
    result: String,
}

impl From<contract::BundledOutcome> for BundledOutcome {
    fn from(bundled_outcome: contract::BundledOutcome) -> Self {
        let contract::BundledOutcome { operation, message_id, result } = bundled_outcome;
        Self { operation, message_id, result }
    }
}

/// A bundle a partner sent by e-mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReceivedBundle {
    /// CMS SignedData, DER.
    pub(crate) bundle: Base64,
}

/// What became of a partner's bundle.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportedBundle {
    /// Whose it is.
    #[schema(example = "UT")]
    country: String,
    /// One a message, in its order.
    outcomes: Vec<BundledOutcome>,
    /// The answers as a bundle for the sender (CMS SignedData, DER); absent when no message has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Base64>,
    /// When this very bundle was taken in before; absent for one that is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_in_at: Option<Instant>,
    /// The officer who did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OP-07")]
    taken_in_by: Option<String>,
}

impl From<contract::ImportBundleResponse> for ImportedBundle {
    fn from(imported: contract::ImportBundleResponse) -> Self {
        let contract::ImportBundleResponse { country, outcomes, answers, taken_in_at_ms, taken_in_by } = imported;
        Self {
            country,
            outcomes: outcomes.into_iter().map(BundledOutcome::from).collect(),
            answers: some(answers),
            taken_in_at: taken_in_at_ms.map(Instant::at),
            taken_in_by: present(taken_in_by),
        }
    }
}

fn some(bytes: Vec<u8>) -> Option<Base64> {
    (!bytes.is_empty()).then(|| bytes.into())
}
