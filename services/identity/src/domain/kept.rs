//! What is kept of a reading while its inspection is open, so that later evidence can be judged together with it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::challenge::CHALLENGE_LENGTH;
use super::{ChipProof, Evidence};

/// A kept file. Signatures, keys and protocol parameters only: nothing here says whose document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeptFile {
    /// EF.SOD.
    SecurityObject,
    /// DG14: what the chip can do, and its Chip Authentication keys.
    Dg14,
    /// DG15: its Active Authentication key.
    Dg15,
    /// EF.CardAccess.
    CardAccess,
    /// EF.CardSecurity.
    CardSecurity,
    /// The terminal's word on Chip Authentication or PACE-CAM.
    ChipProof,
    /// Challenge and answer of Active Authentication.
    ActiveAuthentication,
    /// Data groups the chip refused, with their status words.
    Unreadable,
}

impl KeptFile {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::SecurityObject,
        Self::Dg14,
        Self::Dg15,
        Self::CardAccess,
        Self::CardSecurity,
        Self::ChipProof,
        Self::ActiveAuthentication,
        Self::Unreadable,
    ];

    /// As the database names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecurityObject => "sod",
            Self::Dg14 => "dg14",
            Self::Dg15 => "dg15",
            Self::CardAccess => "card_access",
            Self::CardSecurity => "card_security",
            Self::ChipProof => "chip_proof",
            Self::ActiveAuthentication => "active_authentication",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A name no kept file has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no kept file is called {0:?}")]
pub struct UnknownKeptFile(String);

impl FromStr for KeptFile {
    type Err = UnknownKeptFile;

    fn from_str(text: &str) -> Result<Self, UnknownKeptFile> {
        Self::ALL.into_iter().find(|file| file.as_str() == text).ok_or_else(|| UnknownKeptFile(text.to_owned()))
    }
}

/// A challenge the service issued and what the chip made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveAuthentication {
    /// RND.IFD.
    pub challenge: [u8; CHALLENGE_LENGTH],
    /// Response of INTERNAL AUTHENTICATE.
    pub response: Vec<u8>,
}

/// The files kept of one inspection, with the evidence of the protocols.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeptEvidence {
    files: BTreeMap<KeptFile, Vec<u8>>,
    chip_proof: Option<ChipProof>,
    active_authentication: Option<ActiveAuthentication>,
    unreadable: BTreeMap<u8, u16>,
}

/// Kept evidence that cannot be read back: the database was changed by hand.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableKept {
    /// The name is none of ours.
    #[error(transparent)]
    Unknown(#[from] UnknownKeptFile),
    /// The content is not what was written.
    #[error("kept evidence {0:?} cannot be read back")]
    Malformed(KeptFile, #[source] serde_json::Error),
}

impl fmt::Debug for KeptEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptEvidence").field("files", &self.files.keys().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

impl KeptEvidence {
    /// What is kept of a reading that begins with this security object.
    #[must_use]
    pub fn beginning_with(sod: &[u8]) -> Self {
        let files = BTreeMap::from([(KeptFile::SecurityObject, sod.to_vec())]);
        Self { files, ..Self::default() }
    }

    /// Adds what a call brought; what it brings again takes the place of what was there. `challenge` is the value the call's answer to
    /// Active Authentication was given to.
    pub fn add(&mut self, evidence: &Evidence, challenge: Option<[u8; CHALLENGE_LENGTH]>) {
        let brought = [
            (KeptFile::Dg14, evidence.data_group(14)),
            (KeptFile::Dg15, evidence.data_group(15)),
            (KeptFile::CardAccess, evidence.card_access()),
            (KeptFile::CardSecurity, evidence.card_security()),
        ];
        for (file, bytes) in brought {
            if let Some(bytes) = bytes {
                self.files.insert(file, bytes.to_vec());
            }
        }
        if let Some(proof) = evidence.chip_proof() {
            self.chip_proof = Some(proof.clone());
        }
        if let (Some(answer), Some(challenge)) = (evidence.active_answer(), challenge) {
            self.active_authentication = Some(ActiveAuthentication { challenge, response: answer.response.clone() });
        }
        self.unreadable.extend(evidence.unreadable().iter().copied());
        let read = evidence.data_groups().map(|(number, _)| number).chain(evidence.digests().keys().copied());
        for number in read {
            self.unreadable.remove(&number);
        }
    }

    /// A kept file.
    #[must_use]
    pub fn file(&self, file: KeptFile) -> Option<&[u8]> {
        self.files.get(&file).map(Vec::as_slice)
    }

    /// The terminal's word on a protocol that proves the chip.
    #[must_use]
    pub fn chip_proof(&self) -> Option<&ChipProof> {
        self.chip_proof.as_ref()
    }

    /// Challenge and answer of Active Authentication.
    #[must_use]
    pub fn active_authentication(&self) -> Option<&ActiveAuthentication> {
        self.active_authentication.as_ref()
    }

    /// Data groups the chip refused and has not given since.
    #[must_use]
    pub fn unreadable(&self) -> Vec<(u8, u16)> {
        self.unreadable.iter().map(|(number, status_word)| (*number, *status_word)).collect()
    }

    /// Everything as the database keeps it.
    ///
    /// # Errors
    /// [`UnreadableKept::Malformed`] when evidence cannot be written as JSON, which its types do not allow for.
    pub fn to_rows(&self) -> Result<Vec<(KeptFile, Vec<u8>)>, UnreadableKept> {
        let mut rows: Vec<_> = self.files.iter().map(|(file, bytes)| (*file, bytes.clone())).collect();
        if let Some(proof) = &self.chip_proof {
            rows.push((KeptFile::ChipProof, json(KeptFile::ChipProof, proof)?));
        }
        if let Some(active) = &self.active_authentication {
            rows.push((KeptFile::ActiveAuthentication, json(KeptFile::ActiveAuthentication, active)?));
        }
        if !self.unreadable.is_empty() {
            rows.push((KeptFile::Unreadable, json(KeptFile::Unreadable, &self.unreadable)?));
        }
        Ok(rows)
    }

    /// From what the database kept.
    ///
    /// # Errors
    /// [`UnreadableKept`].
    pub fn from_rows(rows: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, UnreadableKept> {
        let mut kept = Self::default();
        for (name, content) in rows {
            let file = name.parse::<KeptFile>()?;
            let malformed = |cause| UnreadableKept::Malformed(file, cause);
            match file {
                KeptFile::ChipProof => kept.chip_proof = Some(serde_json::from_slice(&content).map_err(malformed)?),
                KeptFile::ActiveAuthentication => {
                    kept.active_authentication = Some(serde_json::from_slice(&content).map_err(malformed)?);
                }
                KeptFile::Unreadable => kept.unreadable = serde_json::from_slice(&content).map_err(malformed)?,
                _ => {
                    kept.files.insert(file, content);
                }
            }
        }
        Ok(kept)
    }
}

fn json(file: KeptFile, value: &impl Serialize) -> Result<Vec<u8>, UnreadableKept> {
    serde_json::to_vec(value).map_err(|cause| UnreadableKept::Malformed(file, cause))
}

#[cfg(test)]
mod tests {
    use straznica_types::{ChallengeId, Timestamp};

    use super::*;
    use crate::domain::{ActiveAnswer, EvidenceParts, SizeLimits};

    fn evidence(parts: EvidenceParts) -> Evidence {
        Evidence::new(parts, &SizeLimits::default()).unwrap()
    }

    #[test]
    fn names_and_faces_are_not_kept_and_the_rest_reads_back() {
        let mut kept = KeptEvidence::beginning_with(b"sod");
        let first = EvidenceParts {
            data_groups: vec![
                (1, b"name".to_vec()),
                (2, b"face".to_vec()),
                (11, b"more".to_vec()),
                (14, b"old".to_vec()),
            ],
            chip_proof: Some(ChipProof::CaV1 { succeeded: true, chip_public_key: Some(vec![4]), key_id: Some(1) }),
            unreadable: vec![(3, 0x6982), (15, 0x6982)],
            ..EvidenceParts::default()
        };
        kept.add(&evidence(first), None);
        let answer = ActiveAnswer { challenge: ChallengeId::generate_at(Timestamp::UNIX_EPOCH), response: vec![9; 3] };
        let second = EvidenceParts {
            data_groups: vec![(14, b"new".to_vec()), (15, b"key".to_vec())],
            active_answer: Some(answer),
            card_access: b"access".to_vec(),
            ..EvidenceParts::default()
        };
        kept.add(&evidence(second), Some([7; 8]));

        let rows = kept.to_rows().unwrap();
        let named: Vec<&str> = rows.iter().map(|(file, _)| file.as_str()).collect();
        assert_eq!(named, ["sod", "dg14", "dg15", "card_access", "chip_proof", "active_authentication", "unreadable"]);
        assert_eq!(kept.unreadable(), [(3, 0x6982)], "what was read since is no longer unreadable");
        let all: Vec<u8> = rows.iter().flat_map(|(_, content)| content.clone()).collect();
        for personal in ["name", "face", "more"] {
            assert!(!all.windows(4).any(|window| window == personal.as_bytes()), "{personal}");
        }
        assert_eq!(kept.file(KeptFile::Dg14), Some(b"new".as_slice()));
        let rows = rows.into_iter().map(|(file, content)| (file.as_str().to_owned(), content));
        assert_eq!(KeptEvidence::from_rows(rows).unwrap(), kept);
    }

    #[test]
    fn kept_evidence_changed_by_hand_is_noticed() {
        for (name, content) in
            [("dg1", b"".as_slice()), ("chip_proof", b"{"), ("active_authentication", b"[]"), ("unreadable", b"[3]")]
        {
            assert!(KeptEvidence::from_rows([(name.to_owned(), content.to_vec())]).is_err(), "{name}");
        }
    }
}
