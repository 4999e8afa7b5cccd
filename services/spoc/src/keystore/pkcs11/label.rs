//! What is written on a node's objects in a token, since a token knows nothing of environments, roles and hashes.

use std::str::FromStr;

use cvc::algorithm::Algorithm;
use straznica_types::Environment;

use crate::keystore::KeyHandle;

const KIND: &str = "straznica-key-1";

/// Whose keys these are. Nodes of several states may share a module, in a demonstration even a token; none takes another's key for its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) environment: Environment,
    pub(super) country: String,
}

/// CKA_LABEL of both halves of a key: `straznica-key-1 test PL is/<uuid> id-TA-ECDSA-SHA-256`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) owner: Owner,
    pub(super) handle: KeyHandle,
    pub(super) algorithm: Algorithm,
}

impl Label {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Owner { environment, country } = &self.owner;
        format!("{KIND} {environment} {country} {} {}", self.handle, self.algorithm).into_bytes()
    }

    /// None for a label this program did not write.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut words = std::str::from_utf8(bytes).ok()?.split(' ');
        if words.next()? != KIND {
            return None;
        }
        let owner = Owner { environment: words.next()?.parse().ok()?, country: words.next()?.to_owned() };
        let label = Self { owner, handle: words.next()?.parse().ok()?, algorithm: words.next()?.parse().ok()? };
        // One key, one label: other spellings of the same are refused.
        (words.next().is_none() && label.to_bytes() == bytes).then_some(label)
    }
}

/// CKA_VALUE of the data object that tells which environment a token belongs to.
pub(super) fn marker(environment: Environment) -> Vec<u8> {
    format!("straznica key store 1 {environment}").into_bytes()
}

/// The environment a marker names.
pub(super) fn environment_of(marker: &[u8]) -> Option<Environment> {
    let name = std::str::from_utf8(marker).ok()?.strip_prefix("straznica key store 1 ")?;
    Environment::from_str(name).ok()
}

#[cfg(test)]
mod tests {
    use cvc::algorithm::Algorithm;
    use proptest::prelude::{ProptestConfig, proptest};
    use straznica_types::Environment;
    use uuid::Uuid;

    use super::{Label, Owner, environment_of, marker};
    use crate::keystore::{KeyHandle, KeyRole};

    #[test]
    fn a_label_reads_back_and_an_altered_one_does_not() {
        for role in KeyRole::ALL {
            let label = Label {
                owner: Owner { environment: Environment::Test, country: "PL".to_owned() },
                handle: KeyHandle::new(role, Uuid::now_v7()),
                algorithm: Algorithm::RsaPssSha256,
            };
            let bytes = label.to_bytes();
            assert_eq!(Label::read(&bytes), Some(label));
            assert_eq!(Label::read(&[&bytes[..], b" x"].concat()), None);
            assert_eq!(Label::read(&bytes[..bytes.len() - 1]), None);
            assert_eq!(Label::read(&bytes.to_ascii_uppercase()), None);
        }
    }

    #[test]
    fn a_marker_names_its_environment() {
        for environment in [Environment::Test, Environment::Production] {
            assert_eq!(environment_of(&marker(environment)), Some(environment));
        }
        assert_eq!(environment_of(b"straznica key store 1 else"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_label_makes_the_reader_panic(bytes: Vec<u8>) {
            let _ = Label::read(&bytes);
        }
    }
}
