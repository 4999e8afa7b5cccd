//! What two officers agree on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The proposal an officer has seen and agrees to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Seen {
    /// Its name, as the list shows it; refused when another one has taken its place.
    #[schema(min_length = 1, max_length = 64, example = "3f9a0c41d2b87e65")]
    pub(crate) proposal: String,
}

/// Whether a suspension is over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resumption {
    /// It is proposed; another officer has to say the same, with the same reason.
    pub(crate) awaits_second_officer: bool,
}
