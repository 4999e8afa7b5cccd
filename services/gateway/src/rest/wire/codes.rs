//! One-time codes, after CAMARA one-time-password-sms.

use serde::{Deserialize, Serialize};
use straznica_types::{OfficerId, Secret};
use utoipa::ToSchema;
use uuid::Uuid;

use super::scalars::Text;

/// Asks for a code to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewCode {
    /// Where the code goes: E.164, or nine digits for Poland.
    #[schema(value_type = String, min_length = 9, max_length = 16, example = "+48501234567")]
    pub(crate) phone_number: Secret<String>,
    /// What is asked and by whom, as the citizen reads it in front of the code; characters that have an ASCII form. The code and how long it holds
    /// are added.
    #[schema(value_type = String, min_length = 1, max_length = 80, example = "UM Łódź: dowód osobisty")]
    pub(crate) message: Text<80>,
    /// Service identifier of the officer who asks. Never a name.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "j.kowalska")]
    pub(crate) officer: OfficerId,
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "identity_confirmation")]
    pub(crate) purpose: Text<64>,
    /// Case number, if there is one.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "V-2026-1183")]
    pub(crate) case: Option<Text<64>>,
    /// Language of the words around the message (BCP 47).
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35, example = "pl")]
    pub(crate) language: Option<Text<35>>,
    /// How long the code holds, in seconds; five minutes when nothing is said.
    #[serde(default)]
    #[schema(minimum = 60, maximum = 600, example = 300)]
    pub(crate) life_seconds: Option<u32>,
}

/// A code is on its way.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SentCode {
    /// Names the code when it is read out.
    #[schema(example = "0197156e-3c5b-7d2a-9c11-0242ac120002")]
    pub(crate) authentication_id: Uuid,
}

/// A code as the citizen read it out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReadOutCode {
    /// As it was given when the code was sent.
    #[schema(example = "0197156e-3c5b-7d2a-9c11-0242ac120002")]
    pub(crate) authentication_id: Uuid,
    /// Six digits.
    #[schema(value_type = String, pattern = "^[0-9]{6}$", example = "204781")]
    pub(crate) code: Secret<String>,
    /// The officer the code was sent for.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "j.kowalska")]
    pub(crate) officer: OfficerId,
    /// The purpose the code was sent for.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "identity_confirmation")]
    pub(crate) purpose: Text<64>,
}
