//! Revocation lists of partners' authorities.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::ToSchema;

use crate::{
    error::GatewayError,
    rest::{
        spoc::promised,
        wire::scalars::{Base64, Instant, present},
    },
};

/// A revocation list held.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldCrl {
    /// Where it was fetched; absent for one that came by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "http://spoc.example.ut/root.crl")]
    uri: Option<String>,
    /// SHA-256 of the certificate of the authority that issued it.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    issuer: String,
    /// When it was issued.
    this_update: Instant,
    /// When the next one is announced for.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_update: Option<Instant>,
    /// Its last moment: when the next one is due, or when it is older than the policy for the partner allows, whichever comes first.
    counts_until: Instant,
    /// When it was fetched, or imported.
    fetched_at: Instant,
    /// The officer who imported it; absent for one that was fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OP-07")]
    imported_by: Option<String>,
}

impl From<contract::HeldCrl> for HeldCrl {
    fn from(held_crl: contract::HeldCrl) -> Self {
        let contract::HeldCrl {
            uri,
            this_update_ms,
            next_update_ms,
            fetched_at_ms,
            issuer,
            imported_by,
            counts_until_ms,
        } = held_crl;
        Self {
            uri: present(uri),
            issuer,
            this_update: Instant::at(this_update_ms),
            next_update: next_update_ms.map(Instant::at),
            counts_until: Instant::at(counts_until_ms),
            fetched_at: Instant::at(fetched_at_ms),
            imported_by: present(imported_by),
        }
    }
}

/// A revocation list an officer brings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReceivedCrl {
    /// The list, DER or PEM.
    pub(crate) crl: Base64,
    /// Certificates (DER) that lead from the authority that issued it, its own among them, to a registered root; none for a root's list.
    #[serde(default)]
    pub(crate) authorities: Vec<Base64>,
}

/// A revocation list that counts from now on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportedCrl {
    /// As it is held now.
    crl: HeldCrl,
    /// What people call its issuer.
    #[schema(example = "C=UT,CN=UT SPOC root")]
    issuer_name: String,
    /// How many certificates it revokes.
    #[schema(example = 1)]
    revoked: u32,
}

impl TryFrom<contract::ImportPartnerCrlResponse> for ImportedCrl {
    type Error = GatewayError;

    fn try_from(imported: contract::ImportPartnerCrlResponse) -> Result<Self, GatewayError> {
        let contract::ImportPartnerCrlResponse { crl, issuer_name, revoked } = imported;
        Ok(Self { crl: promised(crl, "the revocation list")?.into(), issuer_name, revoked })
    }
}
