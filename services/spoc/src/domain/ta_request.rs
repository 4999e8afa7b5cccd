//! What a terminal wants signed for Terminal Authentication version 1 (TR-03110-3 §B.3, TR-03129 §3.4).

use aws_lc_rs::digest;
use cvc::algorithm::{Algorithm, Hash};
use thiserror::Error;

/// Length of a chip's challenge r_PICC.
const CHALLENGE_LENGTH: usize = 8;
/// ID_PICC is a document number with check digit or a compressed key of at most 521 bits (or a DH key's SHA-1).
const MAX_ID_LENGTH: usize = 66;
/// Comp(PK_PCD): an x coordinate of at most 521 bits, or a SHA-1.
const MAX_KEY_LENGTH: usize = 66;
/// Auxiliary data of authentication terminals.
const MAX_AUXILIARY_LENGTH: usize = 1024;

/// What is to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToBeSigned {
    /// The digest, computed by the terminal.
    Hash(Vec<u8>),
    /// The parts, digested here.
    Parts {
        /// ID_PICC.
        id_picc: Vec<u8>,
        /// r_PICC.
        challenge: Vec<u8>,
        /// Comp(PK_PCD).
        hash_pk: Vec<u8>,
        /// Auxiliary data, or empty.
        aux_pcd: Vec<u8>,
    },
}

/// Why something cannot be signed: failure_syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SyntaxFault {
    /// The digest is not as long as the algorithm's hash.
    #[error("the hash has {found} bytes, {expected} are needed for the inspection system's algorithm")]
    HashLength {
        /// Its length.
        found: usize,
        /// The hash's.
        expected: usize,
    },
    /// ID_PICC is empty or too long.
    #[error("ID_PICC is empty or too long")]
    IdPicc,
    /// The challenge is not eight bytes long.
    #[error("the challenge has to be eight bytes long")]
    Challenge,
    /// The compressed key is empty or too long.
    #[error("the compressed public key is empty or too long")]
    HashPk,
    /// Auxiliary data are too long.
    #[error("the auxiliary data are too long")]
    AuxPcd,
}

impl ToBeSigned {
    /// The digest a key of `algorithm` signs.
    ///
    /// # Errors
    /// [`SyntaxFault`] names the part at fault.
    pub fn digest(&self, algorithm: Algorithm) -> Result<Vec<u8>, SyntaxFault> {
        match self {
            Self::Hash(hash) => {
                let expected = algorithm.hash().length();
                if hash.len() != expected {
                    return Err(SyntaxFault::HashLength { found: hash.len(), expected });
                }
                Ok(hash.clone())
            }
            Self::Parts { id_picc, challenge, hash_pk, aux_pcd } => {
                let within = |part: &[u8], longest: usize| (1..=longest).contains(&part.len());
                if !within(id_picc, MAX_ID_LENGTH) {
                    return Err(SyntaxFault::IdPicc);
                }
                if challenge.len() != CHALLENGE_LENGTH {
                    return Err(SyntaxFault::Challenge);
                }
                if !within(hash_pk, MAX_KEY_LENGTH) {
                    return Err(SyntaxFault::HashPk);
                }
                if aux_pcd.len() > MAX_AUXILIARY_LENGTH {
                    return Err(SyntaxFault::AuxPcd);
                }
                let input = [id_picc.as_slice(), challenge, hash_pk, aux_pcd].concat();
                Ok(hash(algorithm.hash(), &input))
            }
        }
    }
}

fn hash(hash: Hash, input: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        Hash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha224 => &digest::SHA224,
        Hash::Sha256 => &digest::SHA256,
        Hash::Sha384 => &digest::SHA384,
        Hash::Sha512 => &digest::SHA512,
    };
    digest::digest(algorithm, input).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::{SyntaxFault, ToBeSigned};
    use cvc::algorithm::Algorithm;

    fn parts(id_picc: usize, challenge: usize, hash_pk: usize, aux_pcd: usize) -> ToBeSigned {
        ToBeSigned::Parts {
            id_picc: vec![1; id_picc],
            challenge: vec![2; challenge],
            hash_pk: vec![3; hash_pk],
            aux_pcd: vec![4; aux_pcd],
        }
    }

    #[test]
    fn a_hash_is_as_long_as_the_algorithms() {
        for algorithm in Algorithm::ALL {
            let expected = algorithm.hash().length();
            assert_eq!(ToBeSigned::Hash(vec![7; expected]).digest(algorithm), Ok(vec![7; expected]));
            for found in [0, expected - 1, expected + 1] {
                let fault = SyntaxFault::HashLength { found, expected };
                assert_eq!(ToBeSigned::Hash(vec![7; found]).digest(algorithm), Err(fault));
            }
        }
    }

    #[test]
    fn parts_are_digested_in_their_order() {
        let digest = parts(10, 8, 32, 0).digest(Algorithm::EcdsaSha256).unwrap();
        let input = [[1; 10].as_slice(), &[2; 8], &[3; 32]].concat();
        assert_eq!(digest, cvc::signature::digest(Algorithm::EcdsaSha256.hash(), &input).unwrap().to_vec());
    }

    #[test]
    fn parts_of_impossible_length_are_refused() {
        for (request, fault) in [
            (parts(0, 8, 32, 0), SyntaxFault::IdPicc),
            (parts(67, 8, 32, 0), SyntaxFault::IdPicc),
            (parts(10, 7, 32, 0), SyntaxFault::Challenge),
            (parts(10, 16, 32, 0), SyntaxFault::Challenge),
            (parts(10, 8, 0, 0), SyntaxFault::HashPk),
            (parts(10, 8, 67, 0), SyntaxFault::HashPk),
            (parts(10, 8, 32, 1025), SyntaxFault::AuxPcd),
        ] {
            assert_eq!(request.digest(Algorithm::EcdsaSha256), Err(fault));
        }
    }
}
