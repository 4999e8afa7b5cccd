//! The key store in tokens of PKCS#11: hardware security modules, and SoftHSM in the tests.
//!
//! A key is made in the token and never leaves it; only digests go in and signatures come out. Both halves carry the key's identifier (CKA_ID) and a label
//! that names owner, environment, role and signature algorithm and cannot be changed (CKA_MODIFIABLE is false). A data object marks the token as one of
//! test or of production.

mod curve;
mod error;
mod label;
mod mechanism;
mod objects;
#[cfg(test)]
mod tests;
mod token;

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{Arc, Mutex},
};

use cryptoki::{
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
    types::AuthPin,
};
use cvc::{private_key::SignError, public_key::PublicKey};
use straznica_types::Environment;
use uuid::Uuid;

use self::{
    label::{Label, Owner},
    objects::Making,
    token::{Lease, Token, TokenName},
};
use super::{
    GeneratedKey, KeyHandle, KeyKind, KeyRole, KeyStore, KeyStoreError,
    files::{check_secret, read_limited},
};
use crate::config::{BackupConfig, Pkcs11Config, TokenConfig};

pub use error::TokenError;

/// CKA_APPLICATION and CKA_LABEL of the object that tells which environment a token belongs to.
const MARKER: &[u8] = b"straznica key store";

/// Keys in one or more tokens of one module.
pub struct Pkcs11KeyStore {
    owner: Owner,
    backup: BackupConfig,
    /// The token of each role, in the order of [`KeyRole::ALL`]; roles may share one.
    tokens: [Arc<Token>; KeyRole::ALL.len()],
    /// What was read of a key once: a search in a full token takes longer than a signature.
    known: Mutex<HashMap<KeyHandle, Known>>,
}

#[derive(Clone)]
struct Known {
    era: u64,
    private: ObjectHandle,
    public_key: PublicKey,
}

impl Pkcs11KeyStore {
    /// Opens the configured tokens as the key store of `country` in `environment`: logs in, and marks a token that bears no mark yet.
    ///
    /// # Errors
    /// [`TokenError`] when module or token are not there or refuse the PIN, [`KeyStoreError::OtherEnvironment`] when a token belongs to the other
    /// environment.
    pub fn open(
        config: &Pkcs11Config,
        backup: BackupConfig,
        environment: Environment,
        country: &str,
    ) -> Result<Self, KeyStoreError> {
        let module = token::module(&config.module)?;
        let mut opened: Vec<(TokenName, Arc<Token>)> = Vec::new();
        let mut of_role = |role: KeyRole| -> Result<Arc<Token>, KeyStoreError> {
            let chosen = config.role_tokens.of(role).unwrap_or(&config.token);
            let name = name_of(chosen)?;
            if let Some((_, token)) = opened.iter().find(|(other, _)| *other == name) {
                return Ok(Arc::clone(token));
            }
            let token =
                Token::open(module.clone(), name.clone(), pin_of(chosen, environment)?, usize::from(config.sessions))?;
            token.with(|lease| belongs_to(lease, environment))?;
            let token = Arc::new(token);
            opened.push((name, Arc::clone(&token)));
            Ok(token)
        };
        let [cvca, dv, is, tls] = KeyRole::ALL;
        let tokens = [of_role(cvca)?, of_role(dv)?, of_role(is)?, of_role(tls)?];
        let owner = Owner { environment, country: country.to_owned() };
        Ok(Self { owner, backup, tokens, known: Mutex::default() })
    }

    fn token(&self, role: KeyRole) -> &Token {
        let [cvca, dv, is, tls] = &self.tokens;
        match role {
            KeyRole::NationalCvca => cvca,
            KeyRole::DocumentVerifier => dv,
            KeyRole::InspectionSystem => is,
            KeyRole::ExchangeTls => tls,
        }
    }

    /// Whether a key of this role may leave its token, wrapped (TR-03139 §6.2).
    const fn is_extractable(&self, role: KeyRole) -> bool {
        match role {
            KeyRole::NationalCvca => self.backup.cvca,
            KeyRole::DocumentVerifier | KeyRole::InspectionSystem | KeyRole::ExchangeTls => false,
        }
    }

    /// The key, from what is known of it in this era of its token or else read anew.
    fn find(&self, lease: &Lease<'_>, handle: &KeyHandle) -> Result<Known, KeyStoreError> {
        let known = self.known.lock().map_err(|_| TokenError::Poisoned)?.get(handle).cloned();
        if let Some(known) = known.filter(|known| known.era == lease.era) {
            return Ok(known);
        }
        let (private, label) = objects::half(lease, ObjectClass::PRIVATE_KEY, handle)?;
        let (public, public_label) = objects::half(lease, ObjectClass::PUBLIC_KEY, handle)?;
        self.is_ours(&label)?;
        if label != public_label {
            return Err(TokenError::Label(handle.clone()).into());
        }
        let public_key = objects::public_key(lease, public, &label)?;
        let known = Known { era: lease.era, private, public_key };
        self.known.lock().map_err(|_| TokenError::Poisoned)?.insert(handle.clone(), known.clone());
        Ok(known)
    }

    fn is_ours(&self, label: &Label) -> Result<(), KeyStoreError> {
        let (found, expected) = (label.owner.environment, self.owner.environment);
        if found != expected {
            return Err(KeyStoreError::OtherEnvironment { found, expected });
        }
        if label.owner == self.owner { Ok(()) } else { Err(TokenError::Label(label.handle.clone()).into()) }
    }

    fn forget(&self, handle: &KeyHandle) -> Result<(), TokenError> {
        self.known.lock().map_err(|_| TokenError::Poisoned)?.remove(handle);
        Ok(())
    }

    fn sign(&self, lease: &Lease<'_>, handle: &KeyHandle, digest: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        let attempt = || {
            let key = self.find(lease, handle)?;
            let signing = mechanism::signing(&key.public_key, digest)?;
            Ok(lease.session.sign(&signing.mechanism, key.private, &signing.input).map_err(TokenError::from)?)
        };
        match attempt() {
            // The handle noted is worth nothing any more: another replica destroyed the key, or the token numbered its objects anew.
            Err(KeyStoreError::Token(failure)) if failure.is_stale_handle() => {
                self.forget(handle)?;
                attempt()
            }
            outcome => outcome,
        }
    }

    fn make(&self, lease: &Lease<'_>, label: &Label, making: Making) -> Result<PublicKey, KeyStoreError> {
        let extractable = self.is_extractable(label.handle.role());
        objects::generate(lease, label, making, extractable)?;
        let made = self.find(lease, &label.handle)?;
        objects::check_protection(lease, made.private, extractable)?;
        if !objects::is_as_asked(&made.public_key, making) {
            return Err(TokenError::OtherCurve.into());
        }
        let digest = mechanism::first_digest(label.algorithm);
        let signature = self.sign(lease, &label.handle, &digest)?;
        made.public_key.verify_digest(&digest, &signature).map_err(|_| TokenError::FirstSignature)?;
        Ok(made.public_key)
    }

    /// Destroys both halves, and whatever an attempt that broke off left of them. Tells whether there was anything.
    fn destroy(&self, lease: &Lease<'_>, handle: &KeyHandle) -> Result<bool, KeyStoreError> {
        self.forget(handle)?;
        let mut any = false;
        for class in [ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY] {
            for (object, label) in objects::halves(lease, class, handle)? {
                let label = Label::read(&label).filter(|label| label.handle == *handle);
                self.is_ours(&label.ok_or_else(|| TokenError::Label(handle.clone()))?)?;
                lease.session.destroy_object(object).map_err(TokenError::from)?;
                any = true;
            }
        }
        if !any {
            lease.is_logged_in()?;
        }
        Ok(any)
    }
}

impl KeyStore for Pkcs11KeyStore {
    fn generate(&self, role: KeyRole, kind: &KeyKind) -> Result<GeneratedKey, KeyStoreError> {
        let algorithm = kind.algorithm();
        if algorithm.is_weak() {
            return Err(SignError::WeakAlgorithm(algorithm).into());
        }
        let making = Making::of(kind)?;
        let handle = KeyHandle::new(role, Uuid::now_v7());
        let label = Label { owner: self.owner.clone(), handle: handle.clone(), algorithm };
        let token = self.token(role);
        let made = token.with(|lease| {
            // An attempt the token broke off may have got half-way.
            self.destroy(lease, &handle)?;
            self.make(lease, &label, making)
        });
        match made {
            Ok(public_key) => Ok(GeneratedKey { handle, public_key }),
            Err(failure) => {
                if let Err(second) = token.with(|lease| self.destroy(lease, &handle)) {
                    tracing::warn!(key = %handle, error = %second, "what is left of a key that could not be made stays in the token");
                }
                Err(failure)
            }
        }
    }

    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError> {
        self.token(handle.role()).with(|lease| Ok(self.find(lease, handle)?.public_key))
    }

    fn sign_digest(&self, handle: &KeyHandle, digest: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        self.token(handle.role()).with(|lease| self.sign(lease, handle, digest))
    }

    fn delete(&self, handle: &KeyHandle) -> Result<(), KeyStoreError> {
        let any = self.token(handle.role()).with(|lease| self.destroy(lease, handle))?;
        if any { Ok(()) } else { Err(KeyStoreError::Unknown(handle.clone())) }
    }

    fn list(&self, role: KeyRole) -> Result<Vec<KeyHandle>, KeyStoreError> {
        let labels = self.token(role).with(|lease| Ok(objects::labels(lease)?))?;
        let ours = labels.iter().filter_map(|label| Label::read(label)).filter(|label| label.owner == self.owner);
        Ok(ours.map(|label| label.handle).filter(|handle| handle.role() == role).collect())
    }
}

impl fmt::Debug for Pkcs11KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pkcs11KeyStore")
            .field("owner", &self.owner)
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

/// Marks a new token as `environment`'s, and refuses one of the other.
fn belongs_to(lease: &Lease<'_>, environment: Environment) -> Result<(), KeyStoreError> {
    let named = [
        Attribute::Class(ObjectClass::DATA),
        Attribute::Token(true),
        Attribute::Application(MARKER.to_vec()),
        Attribute::Label(MARKER.to_vec()),
    ];
    lease.is_logged_in()?;
    let found = lease.session.find_objects(&named).map_err(TokenError::from)?;
    for marker in &found {
        let value = lease.session.get_attributes(*marker, &[AttributeType::Value]).map_err(TokenError::from)?;
        let [Attribute::Value(value)] = value.as_slice() else {
            return Err(KeyStoreError::Header("the token's mark has no value"));
        };
        match label::environment_of(value) {
            Some(found) if found == environment => {}
            Some(found) => return Err(KeyStoreError::OtherEnvironment { found, expected: environment }),
            None => return Err(KeyStoreError::Header("the token's mark is not readable")),
        }
    }
    if found.is_empty() {
        let mut marker = named.to_vec();
        // Private, so that only who has the PIN can set one.
        marker.extend([
            Attribute::Private(true),
            Attribute::Modifiable(false),
            Attribute::Value(label::marker(environment)),
        ]);
        lease.session.create_object(&marker).map_err(TokenError::from)?;
    }
    Ok(())
}

fn name_of(token: &TokenConfig) -> Result<TokenName, TokenError> {
    match (&token.label, token.slot) {
        (Some(label), None) => Ok(TokenName::Label(label.clone())),
        (None, Some(slot)) => Ok(TokenName::Slot(slot)),
        _ => Err(TokenError::Choice),
    }
}

fn pin_of(token: &TokenConfig, environment: Environment) -> Result<AuthPin, KeyStoreError> {
    match (&token.pin, &token.pin_file) {
        (Some(pin), None) => Ok(AuthPin::from(pin.expose().as_str())),
        (None, Some(file)) => {
            check_secret(file, environment)?;
            pin_in(file)
        }
        _ => Err(TokenError::Choice.into()),
    }
}

/// A PIN file holds the PIN, with or without the line break an editor adds.
fn pin_in(file: &Path) -> Result<AuthPin, KeyStoreError> {
    let bytes = zeroize::Zeroizing::new(read_limited(file)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyStoreError::Header("the PIN file is not UTF-8"))?;
    Ok(AuthPin::from(text.trim_end_matches(['\r', '\n'])))
}
