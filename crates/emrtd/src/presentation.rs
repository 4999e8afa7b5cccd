//! What a terminal read from a document and hands over for inspection.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How far an inspection reaches; it decides which checks are mandatory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The security object and its issuer only: no data group is at hand. For offline study, never for a border decision.
    SecurityObject,
    /// A document in the hands of a terminal.
    Document,
}

/// The protocol that opened the chip (Doc 9303-11 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessProtocol {
    /// Basic Access Control.
    Bac,
    /// Password Authenticated Connection Establishment.
    Pace,
    /// PACE with Chip Authentication Mapping.
    PaceCam,
}

/// What the terminal holds of a Chip Authentication: it alone was in the session with the chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChipAuthenticationEvidence<'a> {
    /// Chip Authentication version 1 (TR-03110-1 §3.4): the session went over to the new keys and the chip kept answering, or not.
    Version1 {
        /// Did secure messaging continue under the new keys?
        succeeded: bool,
        /// The chip's static public key the terminal agreed keys with, as a DER SubjectPublicKeyInfo; it must be one of DG14's.
        chip_public_key: Option<&'a [u8]>,
        /// The key's identifier in DG14, where there are several.
        key_id: Option<u64>,
    },
    /// PACE with Chip Authentication Mapping (Doc 9303-11 §4.4.3.5).
    PaceCam {
        /// Did the terminal find the chip's authentication data good?
        succeeded: bool,
        /// EF.CardSecurity: the static key, signed by the issuing state.
        card_security: Option<&'a [u8]>,
        /// CA_IC, the decrypted chip authentication data: an integer, most significant octet first.
        chip_authentication_data: Option<&'a [u8]>,
        /// The chip's ephemeral public key of the mapping, an uncompressed point.
        mapping_public_key: Option<&'a [u8]>,
    },
}

/// The chip's answer to an Active Authentication challenge (Doc 9303-11 §6.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ActiveAuthenticationEvidence<'a> {
    /// RND.IFD as the service issued it, for a single use.
    pub challenge: [u8; 8],
    /// The chip's response to INTERNAL AUTHENTICATE.
    pub response: &'a [u8],
}

impl fmt::Debug for ActiveAuthenticationEvidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveAuthenticationEvidence")
            .field("response_length", &self.response.len())
            .finish_non_exhaustive()
    }
}

/// Everything a terminal hands over for one inspection. Files are the bytes the chip delivered.
#[derive(Clone)]
pub struct Presentation<'a> {
    /// How far this inspection reaches.
    pub scope: Scope,
    /// EF.SOD.
    pub sod: &'a [u8],
    /// EF.COM, where the terminal read it.
    pub com: Option<&'a [u8]>,
    /// Data groups by number, 1–16.
    pub data_groups: BTreeMap<u8, &'a [u8]>,
    /// Digests the terminal computed over data groups that never leave it (DG3, DG4), with the security object's algorithm.
    pub digests: BTreeMap<u8, Vec<u8>>,
    /// Data groups the chip refused to give, each with its status word.
    pub unreadable: Vec<(u8, u16)>,
    /// The machine readable zone as the optical reader saw it, with or without line breaks.
    pub optical_mrz: Option<&'a str>,
    /// How the chip was opened.
    pub access: Option<AccessProtocol>,
    /// EF.CardAccess.
    pub card_access: Option<&'a [u8]>,
    /// What is known of Chip Authentication.
    pub chip_authentication: Option<ChipAuthenticationEvidence<'a>>,
    /// The answer to the Active Authentication challenge.
    pub active_authentication: Option<ActiveAuthenticationEvidence<'a>>,
}

impl<'a> Presentation<'a> {
    /// A presentation of a security object and nothing else yet.
    #[must_use]
    pub fn new(scope: Scope, sod: &'a [u8]) -> Self {
        Self {
            scope,
            sod,
            com: None,
            data_groups: BTreeMap::new(),
            digests: BTreeMap::new(),
            unreadable: Vec::new(),
            optical_mrz: None,
            access: None,
            card_access: None,
            chip_authentication: None,
            active_authentication: None,
        }
    }
}

/// The contents are a person's: only what is there is printed.
impl fmt::Debug for Presentation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presentation")
            .field("scope", &self.scope)
            .field("data_groups", &self.data_groups.keys().collect::<Vec<_>>())
            .field("digests", &self.digests.keys().collect::<Vec<_>>())
            .field("unreadable", &self.unreadable)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}
