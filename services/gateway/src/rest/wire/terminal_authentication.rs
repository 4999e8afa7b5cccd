//! Terminal Authentication: the chain that leads a chip to our inspection system, and the signature (BSI TR-03129 §3).

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use straznica_error::FieldError;
use straznica_types::InspectionId;
use utoipa::ToSchema;

use super::scalars::{Base64, Text};

/// Asks for the chain from a trust point of the chip.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChainRequest {
    /// Certification authority references the chip trusts (EF.CVCA, or told by PACE), newest first; one or two.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 8, example = json!(["UTCVCA00005", "UTCVCA00004"]))]
    pub(crate) cars: Vec<Text<16>>,
    /// The open inspection this is for.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    pub(crate) inspection_id: InspectionId,
}

/// What a certificate is in the chain.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CertificateRole {
    /// Country verifying certification authority.
    Cvca,
    /// Link from an older key of the CVCA to a newer one.
    CvcaLink,
    /// Document verifier of the document's own state.
    DvDomestic,
    /// Document verifier of another state.
    DvForeign,
    /// Inspection system.
    Is,
}

/// One certificate for PSO:VERIFY CERTIFICATE.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChainCertificate {
    /// Certificate holder reference.
    #[schema(example = "UTCVCA00005")]
    chr: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<CertificateRole>,
    /// The CV certificate (tag 7F21).
    der: Base64,
}

/// Rights left after the logical AND along the chain.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rights {
    /// `IS`, `AT` or `ST`.
    #[schema(example = "IS")]
    terminal_type: String,
    /// The bits of the certificate holder authorisation template, big endian.
    bits: Base64,
    /// Fingerprints may be read.
    dg3: bool,
    /// Iris images may be read.
    dg4: bool,
}

/// The chain.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Chain {
    /// The reference among the request's at which the chain begins.
    #[schema(example = "UTCVCA00004")]
    car_used: String,
    /// Links oldest first, then the document verifier's, then the inspection system's.
    certificates: Vec<ChainCertificate>,
    /// The inspection system, to be named when asking for the signature.
    #[schema(example = "PLTCCGATE00017")]
    is_chr: String,
    /// Signature algorithm of the inspection system's key.
    #[schema(example = "id-TA-ECDSA-SHA-256")]
    algorithm: String,
    /// Hash the terminal computes over ID_PICC ‖ r_PICC ‖ Comp(PK_PCD).
    #[schema(example = "SHA-256")]
    hash: String,
    /// Last day the chain can be used.
    #[schema(format = Date, example = "2026-06-14")]
    expires: String,
    /// What the chip will allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<Rights>,
}

impl From<contract::GetCertificateChainResponse> for Chain {
    fn from(chain: contract::GetCertificateChainResponse) -> Self {
        Self {
            car_used: chain.car_used,
            certificates: chain
                .certificates
                .into_iter()
                .map(|certificate| ChainCertificate {
                    role: CertificateRole::of(certificate.role()),
                    chr: certificate.chr,
                    der: certificate.der.into(),
                })
                .collect(),
            is_chr: chain.is_chr,
            algorithm: chain.algorithm,
            hash: chain.hash,
            expires: chain.expires,
            rights: chain.rights.map(|rights| Rights {
                terminal_type: rights.terminal_type,
                bits: rights.bits.into(),
                dg3: rights.dg3,
                dg4: rights.dg4,
            }),
        }
    }
}

impl CertificateRole {
    /// None for a role this gateway is too old to know.
    pub(crate) fn of(role: contract::CertificateRole) -> Option<Self> {
        match role {
            contract::CertificateRole::Cvca => Some(Self::Cvca),
            contract::CertificateRole::CvcaLink => Some(Self::CvcaLink),
            contract::CertificateRole::DvDomestic => Some(Self::DvDomestic),
            contract::CertificateRole::DvForeign => Some(Self::DvForeign),
            contract::CertificateRole::InspectionSystem => Some(Self::Is),
            contract::CertificateRole::Unspecified => None,
        }
    }
}

/// Asks for a Terminal Authentication signature: over `hash`, which is preferred since no document number leaves the terminal, or over
/// `idPicc`, `challenge` and `hashPk`, hashed by the control centre. Exactly one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SignatureRequest {
    /// The open inspection of the same terminal, at most ten minutes old.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    pub(crate) inspection_id: InspectionId,
    /// The inspection system from the chain.
    #[schema(value_type = String, min_length = 1, max_length = 16, example = "PLTCCGATE00017")]
    pub(crate) is_chr: Text<16>,
    /// The digest over ID_PICC ‖ r_PICC ‖ Comp(PK_PCD), by the chain's `hash`.
    #[serde(default)]
    hash: Option<Base64>,
    /// ID_PICC: document number with check digit (BAC), or the compressed ephemeral PACE key of the chip.
    #[serde(default)]
    id_picc: Option<Base64>,
    /// r_PICC: the eight bytes GET CHALLENGE returned.
    #[serde(default)]
    challenge: Option<Base64>,
    /// Comp(PK_PCD): x coordinate (ECDH), or SHA-1 of the public value (DH).
    #[serde(default)]
    hash_pk: Option<Base64>,
}

impl SignatureRequest {
    /// What is to be signed, in one of the two modes; otherwise the members that are too many or missing.
    pub(crate) fn to_be_signed(&self) -> Result<contract::get_ta_signature_request::ToBeSigned, Vec<FieldError>> {
        use contract::get_ta_signature_request::ToBeSigned;
        match (&self.hash, &self.id_picc, &self.challenge, &self.hash_pk) {
            (Some(hash), None, None, None) => Ok(ToBeSigned::Hash(hash.0.clone())),
            (None, Some(id_picc), Some(challenge), Some(hash_pk)) => {
                if challenge.0.len() != 8 {
                    return Err(vec![FieldError::new("/challenge", "expected the eight bytes of r_PICC")]);
                }
                Ok(ToBeSigned::Parts(contract::TaSignatureParts {
                    id_picc: id_picc.0.clone(),
                    challenge: challenge.0.clone(),
                    hash_pk: hash_pk.0.clone(),
                    aux_pcd: Vec::new(),
                }))
            }
            (Some(_), id_picc, challenge, hash_pk) => Err(parts(id_picc, challenge, hash_pk)
                .filter(|(_, given)| *given)
                .map(|(pointer, _)| FieldError::new(pointer, "not together with hash"))
                .collect()),
            (None, None, None, None) => {
                Err(vec![FieldError::new("/hash", "missing: hash, or idPicc, challenge and hashPk")])
            }
            (None, id_picc, challenge, hash_pk) => Err(parts(id_picc, challenge, hash_pk)
                .filter(|(_, given)| !given)
                .map(|(pointer, _)| FieldError::new(pointer, "missing"))
                .collect()),
        }
    }
}

fn parts(
    id_picc: &Option<Base64>,
    challenge: &Option<Base64>,
    hash_pk: &Option<Base64>,
) -> impl Iterator<Item = (&'static str, bool)> {
    [("/idPicc", id_picc.is_some()), ("/challenge", challenge.is_some()), ("/hashPk", hash_pk.is_some())].into_iter()
}

/// The signature.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Signature {
    /// For EXTERNAL AUTHENTICATE: plain r‖s, or the RSA signature.
    pub(crate) signature: Base64,
}

#[cfg(test)]
mod tests {
    use contract::get_ta_signature_request::ToBeSigned;

    use super::*;

    fn request(members: &str) -> SignatureRequest {
        let json = format!(
            r#"{{"inspectionId": "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55", "isChr": "PLTCCGATE00017" {members}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_signature_is_over_the_hash_or_over_the_three_parts() {
        assert_eq!(request(r#", "hash": "AQI=""#).to_be_signed(), Ok(ToBeSigned::Hash(vec![1, 2])));
        let parts = request(r#", "idPicc": "AQ==", "challenge": "AAECAwQFBgc=", "hashPk": "Ag==""#);
        assert!(matches!(parts.to_be_signed(), Ok(ToBeSigned::Parts(parts)) if parts.challenge.len() == 8));
    }

    #[test]
    fn a_mixture_or_a_gap_names_the_members() {
        for (members, pointers) in [
            ("", vec!["/hash"]),
            (r#", "idPicc": "AQ==""#, vec!["/challenge", "/hashPk"]),
            (r#", "hash": "AQ==", "idPicc": "AQ==", "hashPk": "AQ==""#, vec!["/idPicc", "/hashPk"]),
            (r#", "idPicc": "AQ==", "challenge": "AQ==", "hashPk": "Ag==""#, vec!["/challenge"]),
        ] {
            let refused = request(members).to_be_signed().unwrap_err();
            assert_eq!(
                refused.iter().map(|refused| refused.pointer.as_str()).collect::<Vec<_>>(),
                pointers,
                "{members}"
            );
        }
    }
}
