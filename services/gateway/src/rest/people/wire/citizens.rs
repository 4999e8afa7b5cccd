//! What a citizen says and reads.

use serde::{Deserialize, Serialize};
use straznica_contracts::identity::v1 as contract;
use straznica_types::Secret;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{kind::DocumentKind, one_of};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, present},
};

/// A phone number that is to become the citizen's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewPhone {
    /// E.164, or nine digits for Poland.
    #[schema(value_type = String, min_length = 9, max_length = 16, example = "+48501234567")]
    pub(crate) phone: Secret<String>,
}

/// A code is on its way to the number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhoneProofSent {
    /// Names the code when it is entered.
    #[schema(example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    proof_id: String,
    /// The code holds until then.
    expires_at: Instant,
    /// Another may be asked for then at the earliest.
    resend_at: Instant,
}

impl From<contract::RegisterPhoneResponse> for PhoneProofSent {
    fn from(sent: contract::RegisterPhoneResponse) -> Self {
        Self {
            proof_id: sent.proof_id,
            expires_at: Instant::at(sent.expires_at_ms),
            resend_at: Instant::at(sent.resend_at_ms),
        }
    }
}

/// The code, as proof that the phone is in the citizen's hands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PhoneProof {
    /// As it was given when the number was.
    #[schema(example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    pub(crate) proof_id: Uuid,
    /// Six digits.
    #[schema(value_type = String, pattern = "^[0-9]{6}$", example = "204781")]
    pub(crate) code: Secret<String>,
}

/// Whether codes are compared for the citizen.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeLock {
    /// None is taken since then, after too many wrong ones in a row; absent: codes are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_since: Option<Instant>,
}

impl From<contract::GetCodeLockResponse> for CodeLock {
    fn from(found: contract::GetCodeLockResponse) -> Self {
        Self { locked_since: found.locked_since_ms.map(Instant::at) }
    }
}

/// Kinds of documents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Kinds {
    /// Each once.
    pub(crate) kinds: Vec<DocumentKind>,
}

/// Asks another citizen for their document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewPeerCheck {
    /// Their PESEL; or `phone`.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{11}$", example = "99922812345")]
    pesel: Option<Secret<String>>,
    /// Their phone number, E.164, or nine digits for Poland; or `pesel`.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 9, max_length = 16, example = "+48501234567")]
    phone: Option<Secret<String>>,
    /// Which document.
    pub(crate) kind: DocumentKind,
}

impl NewPeerCheck {
    /// Exactly one of the two.
    pub(crate) fn criterion(&self) -> Result<contract::ask_citizen_request::Criterion, GatewayError> {
        use contract::ask_citizen_request::Criterion;
        one_of((self.pesel.as_ref(), self.phone.as_ref()), Criterion::AskedPesel, Criterion::AskedPhone)
    }
}

/// A kind of document that may be asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Activation {
    /// Which.
    kind: DocumentKind,
    /// Since when.
    activated_at: Instant,
}

/// What may be asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActivationList {
    /// Whether there is a confirmed phone number; codes go there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = true)]
    phone_confirmed: Option<bool>,
    /// The kinds.
    activations: Vec<Activation>,
}

impl ActivationList {
    pub(crate) fn of(
        activations: Vec<contract::Activation>,
        phone_confirmed: Option<bool>,
    ) -> Result<Self, GatewayError> {
        let shown = |one: contract::Activation| {
            Ok(Activation { kind: DocumentKind::of(one.kind)?, activated_at: Instant::at(one.activated_at_ms) })
        };
        let activations = activations.into_iter().map(shown).collect::<Result<_, GatewayError>>()?;
        Ok(Self { phone_confirmed, activations })
    }
}

/// Which accesses.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccessQuery {
    /// Only those before this instant: the time of the last one of the page before.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "2026-05-28T09:14:07.250Z")]
    pub(crate) before: Option<Instant>,
}

/// Somebody asked for the citizen's document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Access {
    /// The verification, to be quoted.
    #[schema(example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    verification: String,
    /// When.
    at: Instant,
    /// Which institution.
    #[schema(example = "Urząd Gminy Próbne")]
    institution: String,
    /// The official's service identifier.
    #[schema(example = "um-0001")]
    officer: String,
    /// Why.
    #[schema(example = "office_matter")]
    purpose: String,
    /// By what law.
    #[schema(example = "Act of 6 August 2010 on Identity Cards, Article 4")]
    legal_basis: String,
    /// In which case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OR.5345.1.2026")]
    case: Option<String>,
    /// Which document.
    kind: DocumentKind,
    /// Where it ended; `shown`: somebody has seen the document.
    #[schema(example = "shown")]
    stage: String,
    /// How the citizen was asked, or who refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "sms")]
    qualifier: Option<String>,
    /// Between citizens: who asked, as the one asked read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Jan N.")]
    asked_by: Option<String>,
    /// Between citizens: the citizen asked it themselves. Whom, is not kept.
    #[schema(example = false)]
    by_oneself: bool,
}

/// Who has asked, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessList {
    /// At most fifty.
    accesses: Vec<Access>,
}

impl AccessList {
    pub(crate) fn of(accesses: Vec<contract::Access>) -> Result<Self, GatewayError> {
        let shown = |one: contract::Access| {
            Ok(Access {
                verification: one.verification_id,
                at: Instant::at(one.at_ms),
                institution: one.institution_name,
                officer: one.officer,
                purpose: one.purpose,
                legal_basis: one.legal_basis,
                case: present(one.case_number),
                kind: DocumentKind::of(one.kind)?,
                stage: one.stage,
                qualifier: present(one.qualifier),
                asked_by: present(one.asked_by),
                by_oneself: one.by_oneself,
            })
        };
        Ok(Self { accesses: accesses.into_iter().map(shown).collect::<Result<_, GatewayError>>()? })
    }
}
