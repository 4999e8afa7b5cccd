//! Signing bundles of the e-mail fallback with the credential partners know us by, wherever its key is.

use exchange::bundle::{Bundle, BundleAlgorithm, BundleError};
use exchange::profile::Profile;
use openssl::error::ErrorStack;
use rustls::SignatureScheme;

use crate::material::{Credential, MaterialError};

/// Why a bundle was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignBundleError {
    /// The bundle cannot be written, or the signature is not the credential's.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The credential cannot be used.
    #[error(transparent)]
    Credential(#[from] MaterialError),
    /// A certificate cannot be written.
    #[error("a certificate cannot be written")]
    OpenSsl(#[from] ErrorStack),
    /// The token signs with none of the algorithms bundles have.
    #[error("the token's key can sign no bundle")]
    Key,
    /// The token did not sign.
    #[error("the token did not sign the bundle")]
    Token(#[source] rustls::Error),
}

/// What a bundle may be signed with, the best first.
const SCHEMES: &[(SignatureScheme, BundleAlgorithm)] = &[
    (SignatureScheme::ECDSA_NISTP256_SHA256, BundleAlgorithm::EcdsaSha256),
    (SignatureScheme::ECDSA_NISTP384_SHA384, BundleAlgorithm::EcdsaSha384),
    (SignatureScheme::ECDSA_NISTP521_SHA512, BundleAlgorithm::EcdsaSha512),
    (SignatureScheme::RSA_PKCS1_SHA256, BundleAlgorithm::RsaSha256),
];

/// Signs a bundle with a credential. Blocks where the key is in a token.
///
/// # Errors
/// [`SignBundleError`]
pub fn sign(credential: &Credential, bundle: &Bundle, profile: &Profile) -> Result<Vec<u8>, SignBundleError> {
    let chain: Vec<Vec<u8>> = credential.chain().iter().map(|der| der.to_vec()).collect();
    match credential.openssl() {
        Ok((_, key)) => Ok(bundle.sign(profile, &chain, &key)?),
        Err(MaterialError::NotForSoap) => in_token(credential, bundle, profile, &chain),
        Err(failure) => Err(failure.into()),
    }
}

fn in_token(
    credential: &Credential,
    bundle: &Bundle,
    profile: &Profile,
    chain: &[Vec<u8>],
) -> Result<Vec<u8>, SignBundleError> {
    let key = credential.certified_key()?.key;
    let offered: Vec<SignatureScheme> = SCHEMES.iter().map(|(scheme, _)| *scheme).collect();
    let signer = key.choose_scheme(&offered).ok_or(SignBundleError::Key)?;
    let chosen = SCHEMES.iter().find(|(scheme, _)| *scheme == signer.scheme());
    let (_, algorithm) = chosen.ok_or(SignBundleError::Key)?;
    let draft = bundle.draft(profile, chain, *algorithm)?;
    let signature = signer.sign(draft.to_be_signed()).map_err(SignBundleError::Token)?;
    Ok(draft.finish(&signature)?)
}
