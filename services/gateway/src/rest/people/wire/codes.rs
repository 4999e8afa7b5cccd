//! A code as somebody read it out.

use serde::Deserialize;
use straznica_types::Secret;
use utoipa::ToSchema;

/// A code the citizen has read out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReadCode {
    /// Six digits.
    #[schema(value_type = String, pattern = "^[0-9]{6}$", example = "204781")]
    pub(crate) code: Secret<String>,
}
