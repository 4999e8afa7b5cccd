//! Why something of the register is done.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::rest::wire::scalars::Text;

/// Why it is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Because {
    /// It is kept.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "fingerprints differ")]
    pub(in crate::rest::registry) reason: Text<500>,
}
