//! The two halves of a key as objects in a token: what they are made with, how they are found again, what is read back.

use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::{mechanism::Mechanism, types::Ulong};
use cvc::{algorithm::Scheme, domain_parameters::StandardisedCurve, public_key::PublicKey};

use super::{
    curve::{curve_named, named_curve, point, standardised},
    error::TokenError,
    label::Label,
    token::Lease,
};
use crate::keystore::{KeyHandle, KeyKind, KeyStoreError};

/// 65537, the exponent of every RSA key made here.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// What a token is asked to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Making {
    Ec(StandardisedCurve),
    Rsa { bits: u32 },
}

impl Making {
    /// # Errors
    /// [`TokenError::ExplicitParameters`] for a curve without a name.
    pub(super) fn of(kind: &KeyKind) -> Result<Self, TokenError> {
        Ok(match kind {
            KeyKind::Ec { parameters, .. } => Self::Ec(standardised(parameters)?),
            KeyKind::Rsa { bits, .. } => Self::Rsa { bits: *bits },
            KeyKind::Like(key) => match key.parameters() {
                Some(parameters) => Self::Ec(standardised(parameters)?),
                // As the key in memory has it: a successor of a shorter key is not shorter than is made today.
                None => Self::Rsa { bits: u32::try_from(key.signature_length() * 8).unwrap_or(u32::MAX).max(2048) },
            },
        })
    }

    fn mechanism(self) -> Mechanism<'static> {
        match self {
            Self::Ec(_) => Mechanism::EccKeyPairGen,
            Self::Rsa { .. } => Mechanism::RsaPkcsKeyPairGen,
        }
    }

    fn attributes(self) -> Vec<Attribute> {
        match self {
            Self::Ec(curve) => vec![Attribute::EcParams(named_curve(curve).to_vec())],
            Self::Rsa { bits } => {
                vec![Attribute::ModulusBits(Ulong::from(u64::from(bits))), Attribute::PublicExponent(EXPONENT.to_vec())]
            }
        }
    }
}

/// Makes both halves.
pub(super) fn generate(lease: &Lease<'_>, label: &Label, making: Making, extractable: bool) -> Result<(), TokenError> {
    let named = |handle: &KeyHandle| {
        [
            Attribute::Token(true),
            Attribute::Modifiable(false),
            Attribute::Id(handle.id().as_bytes().to_vec()),
            Attribute::Label(label.to_bytes()),
        ]
    };
    let mut public = named(&label.handle).to_vec();
    public.extend([
        Attribute::Private(false),
        Attribute::Verify(true),
        Attribute::Encrypt(false),
        Attribute::Wrap(false),
        Attribute::VerifyRecover(false),
    ]);
    public.extend(making.attributes());
    let mut private = named(&label.handle).to_vec();
    private.extend([
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(extractable),
        // Signatures and nothing else: what a token allows by default differs from one to the next.
        Attribute::Sign(true),
        Attribute::Decrypt(false),
        Attribute::Derive(false),
        Attribute::Unwrap(false),
        Attribute::SignRecover(false),
    ]);
    if extractable {
        // Out of the token only under a key its security officer marked as trusted.
        private.push(Attribute::WrapWithTrusted(true));
    }
    lease.session.generate_key_pair(&making.mechanism(), &public, &private)?;
    Ok(())
}

/// Checks that the token made of the private half what it was asked for.
///
/// # Errors
/// [`TokenError::Unprotected`] when it can be read, or leave the token against the rule.
pub(super) fn check_protection(lease: &Lease<'_>, key: ObjectHandle, extractable: bool) -> Result<(), TokenError> {
    let asked = [AttributeType::Sensitive, AttributeType::Extractable, AttributeType::Private];
    let found = lease.session.get_attributes(key, &asked)?;
    let expected = [Attribute::Sensitive(true), Attribute::Extractable(extractable), Attribute::Private(true)];
    if expected.iter().all(|attribute| found.contains(attribute)) { Ok(()) } else { Err(TokenError::Unprotected) }
}

/// Every object of `class` with the identifier of `handle`, each with its label.
pub(super) fn halves(
    lease: &Lease<'_>,
    class: ObjectClass,
    handle: &KeyHandle,
) -> Result<Vec<(ObjectHandle, Vec<u8>)>, TokenError> {
    let wanted = [Attribute::Class(class), Attribute::Token(true), Attribute::Id(handle.id().as_bytes().to_vec())];
    let found = lease.session.find_objects(&wanted)?;
    found.into_iter().map(|object| Ok((object, label_of(lease, object)?))).collect()
}

/// The one object of `class` that is this key's, and what its label says.
///
/// # Errors
/// [`KeyStoreError::Unknown`] when there is none, [`TokenError::NotOneKey`] when there are several, [`TokenError::Label`] when it is labelled as
/// something else.
pub(super) fn half(
    lease: &Lease<'_>,
    class: ObjectClass,
    handle: &KeyHandle,
) -> Result<(ObjectHandle, Label), KeyStoreError> {
    let mut found = halves(lease, class, handle)?;
    let Some((object, label)) = found.pop() else {
        lease.is_logged_in()?;
        return Err(KeyStoreError::Unknown(handle.clone()));
    };
    if !found.is_empty() {
        return Err(TokenError::NotOneKey(handle.clone()).into());
    }
    let label = Label::read(&label).ok_or_else(|| TokenError::Label(handle.clone()))?;
    if label.handle == *handle { Ok((object, label)) } else { Err(TokenError::Label(handle.clone()).into()) }
}

/// Labels of all private keys in the token.
pub(super) fn labels(lease: &Lease<'_>) -> Result<Vec<Vec<u8>>, TokenError> {
    lease.is_logged_in()?;
    let keys = lease.session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Token(true)])?;
    keys.into_iter().map(|key| label_of(lease, key)).collect()
}

fn label_of(lease: &Lease<'_>, object: ObjectHandle) -> Result<Vec<u8>, TokenError> {
    let found = lease.session.get_attributes(object, &[AttributeType::Label])?;
    // An object of somebody else may well have none.
    Ok(found
        .into_iter()
        .find_map(|one| if let Attribute::Label(label) = one { Some(label) } else { None })
        .unwrap_or_default())
}

/// The public half as the rest of the house knows keys: complete with its domain parameters, its point on the curve.
///
/// # Errors
/// [`KeyStoreError`] when the token's numbers are no key of the labelled algorithm.
pub(super) fn public_key(lease: &Lease<'_>, object: ObjectHandle, label: &Label) -> Result<PublicKey, KeyStoreError> {
    let asked = match label.algorithm.scheme() {
        Scheme::Ecdsa => [AttributeType::EcParams, AttributeType::EcPoint],
        Scheme::RsaPkcs1 | Scheme::RsaPss => [AttributeType::Modulus, AttributeType::PublicExponent],
    };
    let found = lease.session.get_attributes(object, &asked).map_err(TokenError::from)?;
    match found.as_slice() {
        [Attribute::EcParams(parameters), Attribute::EcPoint(written)] => {
            let curve = curve_named(parameters).ok_or(TokenError::OtherCurve)?;
            let point = point(curve, written).ok_or(TokenError::Attribute("readable point"))?;
            Ok(PublicKey::ec(label.algorithm, curve.into(), point)?)
        }
        [Attribute::Modulus(modulus), Attribute::PublicExponent(exponent)] => {
            Ok(PublicKey::rsa(label.algorithm, modulus, exponent)?)
        }
        _ => Err(TokenError::Attribute("public half").into()),
    }
}

/// Whether a key read back is of the kind asked for.
pub(super) fn is_as_asked(key: &PublicKey, making: Making) -> bool {
    match making {
        Making::Ec(curve) => key.parameters().is_some_and(|found| *found == curve.into()),
        Making::Rsa { bits } => {
            key.parameters().is_none() && u32::try_from(key.signature_length() * 8).is_ok_and(|found| found == bits)
        }
    }
}
