//! Verifications.

use serde::{Deserialize, Serialize};
use straznica_contracts::identity::v1::{self as contract, open_verification_request::Criterion};
use straznica_types::Secret;
use utoipa::ToSchema;

use super::{kind::DocumentKind, one_of};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// Asks for somebody's document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewVerification {
    /// The person's PESEL; or `phone`.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{11}$", example = "99922812345")]
    pesel: Option<Secret<String>>,
    /// The person's phone number, E.164, or nine digits for Poland; or `pesel`.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 9, max_length = 16, example = "+48501234567")]
    phone: Option<Secret<String>>,
    /// Which document.
    pub(crate) kind: DocumentKind,
    /// Why, by the id of a purpose of this node.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "office_matter")]
    pub(crate) purpose: Text<64>,
    /// Number of the case.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "OR.5345.1.2026")]
    pub(crate) case: Text<64>,
}

impl NewVerification {
    /// Exactly one of the two.
    pub(crate) fn criterion(&self) -> Result<Criterion, GatewayError> {
        one_of((self.pesel.as_ref(), self.phone.as_ref()), Criterion::Pesel, Criterion::Phone)
    }
}

/// A verification.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Verification {
    /// Its id.
    #[schema(example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    pub(crate) id: String,
    /// `opened`, `challenged`, `approved`, `disclosing`, `shown`, `refused`, `expired` or `locked`.
    #[schema(example = "challenged")]
    stage: String,
    /// Of the stages from `challenged` to `shown` how the citizen is asked (`sms`, `mobile_connect`); of `refused` who refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "sms")]
    qualifier: Option<String>,
    /// What the citizen reads.
    #[schema(example = "Urząd Gminy Próbne: dowód osobisty, sprawa urzędowa")]
    binding_text: String,
    /// When it was opened.
    opened_at: Instant,
    /// Nothing is shown from then on.
    expires_at: Instant,
}

impl From<contract::Verification> for Verification {
    fn from(told: contract::Verification) -> Self {
        Self {
            id: told.id,
            stage: told.stage,
            qualifier: present(told.qualifier),
            binding_text: told.binding_text,
            opened_at: Instant::at(told.opened_at_ms),
            expires_at: Instant::at(told.expires_at_ms),
        }
    }
}

/// A verification that was opened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenedVerification {
    /// The verification.
    pub(crate) verification: Verification,
    /// When the code may be sent again.
    pub(crate) resend: Resent,
}

/// Sending the code again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resent {
    /// At the earliest.
    resend_at: Instant,
    /// So many times more.
    #[schema(example = 3)]
    resends_left: u32,
}

impl Resent {
    pub(crate) fn of(resend_at_ms: i64, resends_left: u32) -> Self {
        Self { resend_at: Instant::at(resend_at_ms), resends_left }
    }
}
