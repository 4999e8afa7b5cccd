//! Public keys (TR-03110-3 D.3): as written in a certificate, and ready for use with their domain parameters.

use std::fmt;
use std::ops::Range;

use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Rsa;

use crate::algorithm::{Algorithm, Scheme};
use crate::domain_parameters::{Components, DomainParameters, unsigned};
use crate::error::{KeyError, ParseError};
use crate::tlv::{self, Element, Reader, TlvError};

/// A public key as written: an algorithm and, for elliptic curves, parameters only where the certificate has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKeyView<'a> {
    /// The algorithm the key is for.
    pub algorithm: Algorithm,
    /// The numbers.
    pub material: Material<'a>,
}

/// The numbers of a key as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Material<'a> {
    /// Modulus and exponent.
    Rsa {
        /// n, big-endian.
        modulus: &'a [u8],
        /// e, big-endian.
        exponent: &'a [u8],
    },
    /// A point and, where they are written, the domain parameters.
    Ec {
        /// The parameters, or `None` where they are inherited from the issuer.
        parameters: Option<Components<'a>>,
        /// The public point, uncompressed.
        point: &'a [u8],
    },
}

impl PublicKeyView<'_> {
    /// True when coefficient a or b is written longer than it need be. TR-03110-3 D.2.1.1 asks for minimal length;
    /// other implementations pad to the length of the field, which is accepted and reported.
    pub fn has_padded_coefficient(&self) -> bool {
        match self.material {
            Material::Ec { parameters: Some(set), .. } => [set.a, set.b].into_iter().any(is_padded),
            _ => false,
        }
    }

    /// True for an RSA key of a size TR-03110-3 A.7.3.2 does not name. It is accepted and reported: authorities went on to
    /// longer keys than the standard knew.
    pub fn has_unnamed_size(&self) -> bool {
        match self.material {
            Material::Rsa { modulus, exponent } => {
                !matches!(bit_length(modulus), 1024 | 1280 | 1536 | 2048 | 3072) || bit_length(exponent) > 32
            }
            Material::Ec { .. } => false,
        }
    }

    /// True when domain parameters are written out.
    pub fn has_parameters(&self) -> bool {
        matches!(self.material, Material::Ec { parameters: Some(_), .. })
    }

    /// True when both are the same key for the same algorithm, whether or not parameters are written out.
    pub fn same_key(&self, other: &PublicKeyView<'_>) -> bool {
        self.algorithm == other.algorithm
            && match (self.material, other.material) {
                (Material::Rsa { modulus, exponent }, Material::Rsa { modulus: n, exponent: e }) => {
                    modulus == n && exponent == e
                }
                (Material::Ec { point, .. }, Material::Ec { point: other, .. }) => point == other,
                _ => false,
            }
    }
}

/// Of an unsigned integer without leading zeros.
fn bit_length(integer: &[u8]) -> usize {
    integer.len() * 8 - integer.first().map_or(0, |byte| byte.leading_zeros() as usize)
}

fn is_padded(integer: &[u8]) -> bool {
    integer.len() > 1 && integer[0] == 0
}

/// Where the parts of a key lie in the buffer of its certificate.
#[derive(Clone, Debug)]
pub(crate) struct KeyLayout {
    algorithm: Algorithm,
    numbers: Numbers,
}

#[derive(Clone, Debug)]
enum Numbers {
    Rsa { modulus: Range<usize>, exponent: Range<usize> },
    Ec { parameters: Option<Box<ParameterLayout>>, point: Range<usize> },
}

#[derive(Clone, Debug)]
struct ParameterLayout {
    p: Range<usize>,
    a: Range<usize>,
    b: Range<usize>,
    generator: Range<usize>,
    order: Range<usize>,
    cofactor: Option<Range<usize>>,
}

impl KeyLayout {
    /// Reads the content of a 7F49.
    pub(crate) fn parse(bytes: &[u8], mut reader: Reader<'_>) -> Result<Self, ParseError> {
        let oid = reader.expect(0x06)?;
        let algorithm = Algorithm::from_oid(&bytes[oid.value]).ok_or(ParseError::Algorithm)?;
        let numbers = if algorithm.scheme() == Scheme::Ecdsa {
            Numbers::ec(bytes, &mut reader)?
        } else {
            let modulus = minimal(bytes, reader.expect(0x81)?)?;
            let exponent = minimal(bytes, reader.expect(0x82)?)?;
            Numbers::Rsa { modulus, exponent }
        };
        reader.finish()?;
        Ok(Self { algorithm, numbers })
    }

    /// The same layout in a buffer that begins `offset` bytes later.
    pub(crate) fn moved(&self, offset: usize) -> Self {
        let by = |range: &Range<usize>| range.start - offset..range.end - offset;
        let numbers = match &self.numbers {
            Numbers::Rsa { modulus, exponent } => Numbers::Rsa { modulus: by(modulus), exponent: by(exponent) },
            Numbers::Ec { parameters, point } => Numbers::Ec {
                parameters: parameters.as_ref().map(|set| {
                    Box::new(ParameterLayout {
                        p: by(&set.p),
                        a: by(&set.a),
                        b: by(&set.b),
                        generator: by(&set.generator),
                        order: by(&set.order),
                        cofactor: set.cofactor.as_ref().map(by),
                    })
                }),
                point: by(point),
            },
        };
        Self { algorithm: self.algorithm, numbers }
    }

    pub(crate) fn view<'a>(&self, bytes: &'a [u8]) -> PublicKeyView<'a> {
        let at = |range: &Range<usize>| &bytes[range.clone()];
        let material = match &self.numbers {
            Numbers::Rsa { modulus, exponent } => Material::Rsa { modulus: at(modulus), exponent: at(exponent) },
            Numbers::Ec { parameters, point } => Material::Ec {
                parameters: parameters.as_deref().map(|set| Components {
                    p: at(&set.p),
                    a: at(&set.a),
                    b: at(&set.b),
                    generator: at(&set.generator),
                    order: at(&set.order),
                    cofactor: set.cofactor.as_ref().map(at),
                }),
                point: at(point),
            },
        };
        PublicKeyView { algorithm: self.algorithm, material }
    }
}

impl Numbers {
    fn ec(bytes: &[u8], reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        if reader.peek() == Some(0x86) {
            let point = uncompressed(bytes, reader.expect(0x86)?)?;
            if reader.peek() == Some(0x87) {
                return Err(ParseError::ParametersIncomplete);
            }
            return Ok(Self::Ec { parameters: None, point });
        }
        let missing = |error| match error {
            TlvError::Unexpected { .. } => ParseError::ParametersIncomplete,
            other => ParseError::Structure(other),
        };
        let p = minimal(bytes, reader.expect(0x81).map_err(missing)?)?;
        let a = coefficient(bytes, reader.expect(0x82).map_err(missing)?, p.len())?;
        let b = coefficient(bytes, reader.expect(0x83).map_err(missing)?, p.len())?;
        let generator = uncompressed(bytes, reader.expect(0x84).map_err(missing)?)?;
        let order = minimal(bytes, reader.expect(0x85).map_err(missing)?)?;
        let point = uncompressed(bytes, reader.expect(0x86)?)?;
        let cofactor = reader.optional(0x87)?.map(|element| minimal(bytes, element)).transpose()?;
        let parameters = Some(Box::new(ParameterLayout { p, a, b, generator, order, cofactor }));
        Ok(Self::Ec { parameters, point })
    }
}

fn minimal(bytes: &[u8], element: Element) -> Result<Range<usize>, ParseError> {
    if bytes[element.value.clone()].first().is_none_or(|byte| *byte == 0) {
        return Err(ParseError::Integer);
    }
    Ok(element.value)
}

/// A coefficient may be zero, and leading zeros up to the length of the field are tolerated.
fn coefficient(bytes: &[u8], element: Element, field_length: usize) -> Result<Range<usize>, ParseError> {
    let integer = &bytes[element.value.clone()];
    if integer.is_empty() || (is_padded(integer) && integer.len() > field_length) {
        return Err(ParseError::Integer);
    }
    Ok(element.value)
}

fn uncompressed(bytes: &[u8], element: Element) -> Result<Range<usize>, ParseError> {
    match &bytes[element.value.clone()] {
        [4, coordinates @ ..] if !coordinates.is_empty() && coordinates.len().is_multiple_of(2) => Ok(element.value),
        _ => Err(ParseError::Point),
    }
}

/// A public key ready for use: complete with its domain parameters, checked, its point on the curve.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: Algorithm,
    key: Key,
}

#[derive(Clone)]
pub(crate) enum Key {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8>, key: PKey<Public> },
    Ec { parameters: DomainParameters, point: Vec<u8>, key: EcKey<Public> },
}

impl PublicKey {
    /// Completes a key as written with the parameters it has or, failing that, those it inherits.
    ///
    /// # Errors
    /// [`KeyError`] when parameters are missing or do not hold up, or the numbers are no key.
    pub fn resolve(view: &PublicKeyView<'_>, inherited: Option<&DomainParameters>) -> Result<Self, KeyError> {
        match view.material {
            Material::Rsa { modulus, exponent } => Self::rsa(view.algorithm, modulus, exponent),
            Material::Ec { parameters, point } => {
                let parameters = match (parameters, inherited) {
                    (Some(written), _) => DomainParameters::from_components(&written)?,
                    (None, Some(inherited)) => inherited.clone(),
                    (None, None) => return Err(KeyError::ParametersMissing),
                };
                Self::ec(view.algorithm, parameters, point)
            }
        }
    }

    /// An elliptic curve key from its parameters and its uncompressed point.
    ///
    /// # Errors
    /// [`KeyError`] for an RSA algorithm or a point not on the curve.
    pub fn ec(algorithm: Algorithm, parameters: DomainParameters, point: &[u8]) -> Result<Self, KeyError> {
        if algorithm.scheme() != Scheme::Ecdsa {
            return Err(KeyError::Family);
        }
        let key = parameters.curve().public_key(point)?;
        Ok(Self { algorithm, key: Key::Ec { parameters, point: point.to_vec(), key } })
    }

    /// An RSA key from modulus and exponent, big-endian.
    ///
    /// # Errors
    /// [`KeyError`] for an ECDSA algorithm, a modulus outside 1024 to 8192 bits or an unusable exponent.
    pub fn rsa(algorithm: Algorithm, modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        if algorithm.scheme() == Scheme::Ecdsa {
            return Err(KeyError::Family);
        }
        let (modulus, exponent) = (unsigned(modulus), unsigned(exponent));
        let bits = bit_length(modulus);
        if !(1024..=8192).contains(&bits) {
            return Err(KeyError::ModulusSize(bits));
        }
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
        if exponent.len() > 8 || exponent == [1] || !odd(exponent) || !odd(modulus) {
            return Err(KeyError::Rsa);
        }
        let key = Rsa::from_public_components(BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?)?;
        let key = Key::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec(), key: PKey::from_rsa(key)? };
        Ok(Self { algorithm, key })
    }

    /// The algorithm the key is for.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The domain parameters of an elliptic curve key.
    pub const fn parameters(&self) -> Option<&DomainParameters> {
        match &self.key {
            Key::Ec { parameters, .. } => Some(parameters),
            Key::Rsa { .. } => None,
        }
    }

    /// Length of a signature by this key in bytes.
    pub fn signature_length(&self) -> usize {
        match &self.key {
            Key::Rsa { modulus, .. } => modulus.len(),
            Key::Ec { parameters, .. } => 2 * parameters.curve().order_length(),
        }
    }

    /// True when both ask for the same algorithm, the same parameters and the same size, as all certificates between
    /// two link certificates must (TR-03110-3 2.3).
    pub fn same_kind(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm
            && self.parameters() == other.parameters()
            && self.signature_length() == other.signature_length()
    }

    /// The key as written, with or without domain parameters.
    pub fn view(&self, form: ParameterForm) -> PublicKeyView<'_> {
        let material = match &self.key {
            Key::Rsa { modulus, exponent, .. } => Material::Rsa { modulus, exponent },
            Key::Ec { parameters, point, .. } => Material::Ec {
                parameters: (form == ParameterForm::Written).then(|| parameters.curve().components()),
                point,
            },
        };
        PublicKeyView { algorithm: self.algorithm, material }
    }

    /// The content of a 7F49 (TR-03110-3 D.3).
    ///
    /// # Errors
    /// [`TlvError::TooLong`], which no real key meets.
    pub fn encode(&self, form: ParameterForm) -> Result<Vec<u8>, TlvError> {
        let mut out = Vec::with_capacity(300);
        tlv::write(&mut out, 0x06, &self.algorithm.oid())?;
        match self.view(form).material {
            Material::Rsa { modulus, exponent } => {
                tlv::write(&mut out, 0x81, modulus)?;
                tlv::write(&mut out, 0x82, exponent)?;
            }
            Material::Ec { parameters: None, point } => tlv::write(&mut out, 0x86, point)?,
            Material::Ec { parameters: Some(set), point } => {
                let zero: &[u8] = &[0];
                tlv::write(&mut out, 0x81, set.p)?;
                tlv::write(&mut out, 0x82, if set.a.is_empty() { zero } else { set.a })?;
                tlv::write(&mut out, 0x83, if set.b.is_empty() { zero } else { set.b })?;
                tlv::write(&mut out, 0x84, set.generator)?;
                tlv::write(&mut out, 0x85, set.order)?;
                tlv::write(&mut out, 0x86, point)?;
                if let Some(cofactor) = set.cofactor {
                    tlv::write(&mut out, 0x87, cofactor)?;
                }
            }
        }
        Ok(out)
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }
}

/// Whether a certificate writes its key's domain parameters out (TR-03110-3 D.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterForm {
    /// Written out: self-signed certificates, requests, links that change them.
    Written,
    /// Inherited from the issuer: document verifiers, terminals, links that do not change them.
    Inherited,
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.view(ParameterForm::Inherited) == other.view(ParameterForm::Inherited)
            && self.parameters() == other.parameters()
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("algorithm", &self.algorithm)
            .field("parameters", &self.parameters().map(DomainParameters::name))
            .finish_non_exhaustive()
    }
}
