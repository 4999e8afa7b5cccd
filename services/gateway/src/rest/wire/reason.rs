//! Why an operator does something.

use serde::Deserialize;
use utoipa::ToSchema;

use super::scalars::Text;

/// Why it is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Reason {
    /// For the journal and for whoever asks later. No names of persons.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "missing from its lane since the morning")]
    pub(crate) reason: Text<200>,
}
