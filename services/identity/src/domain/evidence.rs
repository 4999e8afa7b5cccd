//! What a terminal read from a chip, held to its limits.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use straznica_types::{ChallengeId, Secret};

use super::Refusal;

/// Data groups whose bytes never leave the terminal: fingerprints and iris images (ICAO Doc 9303-10 §4.7.3, §4.7.4).
const BIOMETRIC: [u8; 2] = [3, 4];
/// Lengths of SHA-1 and of the SHA-2 family.
const DIGEST_LENGTHS: [usize; 5] = [20, 28, 32, 48, 64];
/// Data groups that are key material only.
const KEY_DATA_GROUPS: [u8; 2] = [14, 15];

/// Most bytes taken, for each kind of file and for all of one call together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SizeLimits {
    /// EF.SOD.
    pub security_object: usize,
    /// A data group; DG2 with its image is the largest.
    pub data_group: usize,
    /// EF.COM, EF.CardAccess, EF.CardSecurity, DG14, DG15, each.
    pub key_file: usize,
    /// An answer or a piece of evidence of a protocol with the chip.
    pub chip_answer: usize,
    /// All files of one call.
    pub total: usize,
}

impl Default for SizeLimits {
    fn default() -> Self {
        Self { security_object: 65_536, data_group: 1_048_576, key_file: 32_768, chip_answer: 4_096, total: 2_097_152 }
    }
}

/// The terminal's word on a protocol that proves the chip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "protocol", rename_all = "snake_case")]
pub enum ChipProof {
    /// Chip Authentication version 1 (TR-03110-1 §3.4).
    CaV1 {
        /// Did secure messaging go on under the new keys?
        succeeded: bool,
        /// The chip's static key the terminal used, DER SubjectPublicKeyInfo.
        chip_public_key: Option<Vec<u8>>,
        /// Its identifier in DG14.
        key_id: Option<u64>,
    },
    /// PACE with Chip Authentication Mapping (ICAO Doc 9303-11 §4.4.3.5).
    PaceCam {
        /// Did the terminal find the chip's authentication data good?
        succeeded: bool,
        /// CA_IC.
        chip_authentication_data: Option<Vec<u8>>,
        /// The chip's ephemeral public key of the mapping.
        mapping_public_key: Option<Vec<u8>>,
    },
}

/// The chip's answer to a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveAnswer {
    /// Which challenge.
    pub challenge: ChallengeId,
    /// Response of INTERNAL AUTHENTICATE.
    pub response: Vec<u8>,
}

/// Evidence as a call carries it, not yet looked at. Contents are not printed: they are a person's.
#[derive(Default)]
pub struct EvidenceParts {
    /// Data groups by number.
    pub data_groups: Vec<(u32, Vec<u8>)>,
    /// Digests of data groups that stay with the terminal.
    pub digests: Vec<(u32, Vec<u8>)>,
    /// Data groups the chip refused, each with its status word.
    pub unreadable: Vec<(u32, u32)>,
    /// A protocol that proves the chip.
    pub chip_proof: Option<ChipProof>,
    /// Active Authentication.
    pub active_answer: Option<ActiveAnswer>,
    /// EF.CardAccess; empty when there is none.
    pub card_access: Vec<u8>,
    /// EF.CardSecurity; empty when there is none.
    pub card_security: Vec<u8>,
}

/// Evidence within its limits: data groups 1 to 16 without 3 and 4, digests of 3 and 4 only. Wiped when dropped.
pub struct Evidence {
    data_groups: BTreeMap<u8, Secret<Vec<u8>>>,
    digests: BTreeMap<u8, Vec<u8>>,
    unreadable: Vec<(u8, u16)>,
    chip_proof: Option<ChipProof>,
    active_answer: Option<ActiveAnswer>,
    card_access: Option<Vec<u8>>,
    card_security: Option<Vec<u8>>,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("data_groups", &self.data_groups.keys().collect::<Vec<_>>())
            .field("digests", &self.digests.keys().collect::<Vec<_>>())
            .field("unreadable", &self.unreadable)
            .finish_non_exhaustive()
    }
}

impl Evidence {
    /// Checks what a call carries.
    ///
    /// # Errors
    /// [`Refusal::BiometricsRefused`] before anything else, [`Refusal::TooLarge`] or [`Refusal::Invalid`].
    pub fn new(parts: EvidenceParts, limits: &SizeLimits) -> Result<Self, Refusal> {
        let mut data_groups = BTreeMap::new();
        for (number, bytes) in parts.data_groups {
            // Wrapped first, so that what is refused is wiped as well.
            let bytes = Secret::new(bytes);
            let number = data_group(number, "/evidence/data_groups")?;
            if BIOMETRIC.contains(&number) {
                return Err(Refusal::BiometricsRefused { data_group: number });
            }
            let limit = if KEY_DATA_GROUPS.contains(&number) { limits.key_file } else { limits.data_group };
            within(bytes.expose(), limit, "/evidence/data_groups")?;
            data_groups.insert(number, bytes);
        }
        let mut digests = BTreeMap::new();
        for (number, digest) in parts.digests {
            let number = data_group(number, "/evidence/digests")?;
            if !BIOMETRIC.contains(&number) || !DIGEST_LENGTHS.contains(&digest.len()) {
                return Err(Refusal::Invalid {
                    member: "/evidence/digests",
                    expected: "digests of data groups 3 and 4 by SHA-1 or SHA-2",
                });
            }
            digests.insert(number, digest);
        }
        let mut unreadable = Vec::new();
        for (number, status_word) in parts.unreadable {
            let number = data_group(number, "/evidence/unreadable")?;
            let status_word = u16::try_from(status_word).map_err(|_| Refusal::Invalid {
                member: "/evidence/unreadable",
                expected: "a status word of two bytes",
            })?;
            if unreadable.iter().any(|(known, _)| *known == number) {
                return Err(Refusal::Invalid {
                    member: "/evidence/unreadable",
                    expected: "each data group at most once",
                });
            }
            unreadable.push((number, status_word));
        }
        let evidence = Self {
            data_groups,
            digests,
            unreadable,
            chip_proof: parts.chip_proof,
            active_answer: parts.active_answer,
            card_access: file(parts.card_access, limits, "/evidence/card_access")?,
            card_security: file(parts.card_security, limits, "/evidence/card_security")?,
        };
        evidence.chip_answers_within(limits)?;
        if evidence.size() > limits.total {
            return Err(Refusal::TooLarge { member: "/evidence", limit: limits.total });
        }
        Ok(evidence)
    }

    fn chip_answers_within(&self, limits: &SizeLimits) -> Result<(), Refusal> {
        let pieces: [Option<&Vec<u8>>; 2] = match &self.chip_proof {
            None => [None, None],
            Some(ChipProof::CaV1 { chip_public_key, .. }) => [chip_public_key.as_ref(), None],
            Some(ChipProof::PaceCam { chip_authentication_data, mapping_public_key, .. }) => {
                [chip_authentication_data.as_ref(), mapping_public_key.as_ref()]
            }
        };
        for piece in pieces.into_iter().flatten() {
            within(piece, limits.chip_answer, "/evidence/chip_authentication")?;
        }
        if let Some(answer) = &self.active_answer {
            within(&answer.response, limits.chip_answer, "/evidence/active_authentication/response")?;
        }
        Ok(())
    }

    fn size(&self) -> usize {
        let files: usize = self.data_groups.values().map(|bytes| bytes.expose().len()).sum();
        let optional = [&self.card_access, &self.card_security];
        files + optional.into_iter().flatten().map(Vec::len).sum::<usize>()
    }

    /// Whether the call brought nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data_groups.is_empty()
            && self.digests.is_empty()
            && self.unreadable.is_empty()
            && self.chip_proof.is_none()
            && self.active_answer.is_none()
            && self.card_access.is_none()
            && self.card_security.is_none()
    }

    /// Data groups read, by number.
    pub fn data_groups(&self) -> impl Iterator<Item = (u8, &[u8])> {
        self.data_groups.iter().map(|(number, bytes)| (*number, bytes.expose().as_slice()))
    }

    /// One data group.
    #[must_use]
    pub fn data_group(&self, number: u8) -> Option<&[u8]> {
        self.data_groups.get(&number).map(|bytes| bytes.expose().as_slice())
    }

    /// Digests of DG3 and DG4, as the terminal computed them.
    #[must_use]
    pub fn digests(&self) -> &BTreeMap<u8, Vec<u8>> {
        &self.digests
    }

    /// Data groups the chip refused.
    #[must_use]
    pub fn unreadable(&self) -> &[(u8, u16)] {
        &self.unreadable
    }

    /// The terminal's word on a protocol that proves the chip.
    #[must_use]
    pub fn chip_proof(&self) -> Option<&ChipProof> {
        self.chip_proof.as_ref()
    }

    /// The chip's answer to a challenge.
    #[must_use]
    pub fn active_answer(&self) -> Option<&ActiveAnswer> {
        self.active_answer.as_ref()
    }

    /// EF.CardAccess.
    #[must_use]
    pub fn card_access(&self) -> Option<&[u8]> {
        self.card_access.as_deref()
    }

    /// EF.CardSecurity.
    #[must_use]
    pub fn card_security(&self) -> Option<&[u8]> {
        self.card_security.as_deref()
    }
}

fn data_group(number: u32, member: &'static str) -> Result<u8, Refusal> {
    match u8::try_from(number) {
        Ok(number @ 1..=16) => Ok(number),
        _ => Err(Refusal::Invalid { member, expected: "data groups 1 to 16" }),
    }
}

/// Nothing for an empty file, a refusal for one that is too large.
pub(super) fn file(bytes: Vec<u8>, limits: &SizeLimits, member: &'static str) -> Result<Option<Vec<u8>>, Refusal> {
    within(&bytes, limits.key_file, member)?;
    Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
}

pub(super) fn within(bytes: &[u8], limit: usize, member: &'static str) -> Result<(), Refusal> {
    if bytes.len() > limit {
        return Err(Refusal::TooLarge { member, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> SizeLimits {
        SizeLimits { security_object: 100, data_group: 50, key_file: 20, chip_answer: 10, total: 80 }
    }

    fn group(number: u32, length: usize) -> (u32, Vec<u8>) {
        (number, vec![0; length])
    }

    #[test]
    fn fingerprints_and_irises_are_refused_whatever_else_is_wrong() {
        for number in [3, 4] {
            let parts = EvidenceParts { data_groups: vec![group(number, 1_000)], ..EvidenceParts::default() };
            let refusal = Evidence::new(parts, &limits()).unwrap_err();
            assert_eq!(refusal, Refusal::BiometricsRefused { data_group: u8::try_from(number).unwrap() });
        }
    }

    #[test]
    fn evidence_beyond_its_limits_is_refused() {
        let large = |member, limit| Refusal::TooLarge { member, limit };
        let invalid = |member, expected| Refusal::Invalid { member, expected };
        let parts = EvidenceParts::default;
        let answer = ActiveAnswer {
            challenge: ChallengeId::generate_at(straznica_types::Timestamp::UNIX_EPOCH),
            response: vec![0; 11],
        };
        let proof = ChipProof::CaV1 { succeeded: true, chip_public_key: Some(vec![0; 11]), key_id: None };
        let table = [
            (EvidenceParts { data_groups: vec![group(2, 51)], ..parts() }, large("/evidence/data_groups", 50)),
            (EvidenceParts { data_groups: vec![group(14, 21)], ..parts() }, large("/evidence/data_groups", 20)),
            (EvidenceParts { data_groups: vec![group(2, 50), group(16, 31)], ..parts() }, large("/evidence", 80)),
            (
                EvidenceParts { data_groups: vec![group(0, 1)], ..parts() },
                invalid("/evidence/data_groups", "data groups 1 to 16"),
            ),
            (
                EvidenceParts { data_groups: vec![group(17, 1)], ..parts() },
                invalid("/evidence/data_groups", "data groups 1 to 16"),
            ),
            (EvidenceParts { card_access: vec![0; 21], ..parts() }, large("/evidence/card_access", 20)),
            (EvidenceParts { card_security: vec![0; 21], ..parts() }, large("/evidence/card_security", 20)),
            (
                EvidenceParts { active_answer: Some(answer), ..parts() },
                large("/evidence/active_authentication/response", 10),
            ),
            (EvidenceParts { chip_proof: Some(proof), ..parts() }, large("/evidence/chip_authentication", 10)),
            (
                EvidenceParts { digests: vec![(1, vec![0; 32])], ..parts() },
                invalid("/evidence/digests", "digests of data groups 3 and 4 by SHA-1 or SHA-2"),
            ),
            (
                EvidenceParts { digests: vec![(3, vec![0; 31])], ..parts() },
                invalid("/evidence/digests", "digests of data groups 3 and 4 by SHA-1 or SHA-2"),
            ),
            (
                EvidenceParts { unreadable: vec![(3, 0x1_0000)], ..parts() },
                invalid("/evidence/unreadable", "a status word of two bytes"),
            ),
            (
                EvidenceParts { unreadable: vec![(3, 0x6982), (3, 0x6982)], ..parts() },
                invalid("/evidence/unreadable", "each data group at most once"),
            ),
        ];
        for (parts, refusal) in table {
            assert_eq!(Evidence::new(parts, &limits()).unwrap_err(), refusal);
        }
    }

    #[test]
    fn evidence_within_its_limits_prints_numbers_only() {
        let parts = EvidenceParts {
            data_groups: vec![(1, b"P<UTOERIKSSON".to_vec())],
            digests: vec![(3, vec![7; 32])],
            ..EvidenceParts::default()
        };
        let evidence = Evidence::new(parts, &limits()).unwrap();
        assert!(!evidence.is_empty());
        assert_eq!(evidence.data_group(1), Some(b"P<UTOERIKSSON".as_slice()));
        assert_eq!(format!("{evidence:?}"), "Evidence { data_groups: [1], digests: [3], unreadable: [], .. }");
    }
}
