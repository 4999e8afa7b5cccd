//! Elliptic curve domain parameters: the standardised curves and explicit ones.
//!
//! A CV certificate, and most document signer certificates, write the whole parameter set out. What such a set means
//! is decided here, by value: only if *every* parameter equals that of a standardised curve is it that curve
//! (comparing the generator alone is CVE-2020-0601). A set that equals none may still be used for CV certificates,
//! whose issuer is pinned together with it, but only after the checks of [`CurveGroup`]; callers that accept
//! standardised curves alone use [`StandardisedCurve::from_components`].

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcGroupRef, EcKey, EcPoint, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::Public;
use serde::{Serialize, Serializer};

/// Why a set of domain parameters or a point on it is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DomainParameterError {
    /// The field prime is shorter than 160 or longer than 521 bits (TR-03110-3 A.2.1.2, TR-03111 4.1.3).
    #[error("the field has {0} bits; supported are 160 to 521")]
    FieldSize(usize),
    /// The modulus of the field is no prime.
    #[error("the field modulus is not a prime")]
    FieldNotPrime,
    /// A coefficient is not smaller than the field prime, or the curve is singular.
    #[error("the coefficients do not describe an elliptic curve over the field")]
    Coefficients,
    /// The order of the generator is no prime, is too short or equals the field prime (anomalous curve).
    #[error("the order is not a prime fit for signatures")]
    Order,
    /// The cofactor contradicts the size of the field and of the order (Hasse's bound).
    #[error("the cofactor does not fit the field and the order")]
    Cofactor,
    /// The generator is not an uncompressed point of the curve with the stated order.
    #[error("the generator is not a point of the stated order on the curve")]
    Generator,
    /// A public point is not written in uncompressed form at the length of the field (TR-03110-3 D.2.1).
    #[error("the point is not in uncompressed form of {expected} bytes")]
    PointForm {
        /// The length an uncompressed point has on this curve.
        expected: usize,
    },
    /// A public point does not lie on the curve.
    #[error("the point is not on the curve")]
    PointNotOnCurve,
    /// No standardised curve has this name.
    #[error("no standardised curve has this name")]
    UnknownName,
    /// The cryptographic library failed.
    #[error("cryptographic library: {0}")]
    Library(#[from] ErrorStack),
}

/// The parameters as they are written: unsigned big-endian integers (leading zeros are of no account here) and an
/// encoded point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Components<'a> {
    /// The prime of the field.
    pub p: &'a [u8],
    /// The first coefficient of the curve y² = x³ + ax + b.
    pub a: &'a [u8],
    /// The second coefficient.
    pub b: &'a [u8],
    /// The generator, an encoded point.
    pub generator: &'a [u8],
    /// The order of the generator (`r` in TR-03110, `n` elsewhere).
    pub order: &'a [u8],
    /// The cofactor, where it is stated.
    pub cofactor: Option<&'a [u8]>,
}

/// The standardised domain parameters over elliptic curves of TR-03110-3 table 4, with their identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum StandardisedCurve {
    /// NIST P-192 (secp192r1), id 8.
    P192 = 8,
    /// brainpoolP192r1, id 9.
    BrainpoolP192r1 = 9,
    /// NIST P-224 (secp224r1), id 10.
    P224 = 10,
    /// brainpoolP224r1, id 11.
    BrainpoolP224r1 = 11,
    /// NIST P-256 (secp256r1), id 12.
    P256 = 12,
    /// brainpoolP256r1, id 13.
    BrainpoolP256r1 = 13,
    /// brainpoolP320r1, id 14.
    BrainpoolP320r1 = 14,
    /// NIST P-384 (secp384r1), id 15.
    P384 = 15,
    /// brainpoolP384r1, id 16.
    BrainpoolP384r1 = 16,
    /// brainpoolP512r1, id 17.
    BrainpoolP512r1 = 17,
    /// NIST P-521 (secp521r1), id 18.
    P521 = 18,
}

impl StandardisedCurve {
    /// All of them, by ascending identifier.
    pub const ALL: [Self; 11] = [
        Self::P192,
        Self::BrainpoolP192r1,
        Self::P224,
        Self::BrainpoolP224r1,
        Self::P256,
        Self::BrainpoolP256r1,
        Self::BrainpoolP320r1,
        Self::P384,
        Self::BrainpoolP384r1,
        Self::BrainpoolP512r1,
        Self::P521,
    ];

    /// The identifier of TR-03110-3 table 4 (8 to 18).
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// The curve with that identifier; identifiers 0 to 2 name groups for DH, the others are reserved.
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.id() == id)
    }

    /// The name under which SEC 2 or RFC 5639 publishes the curve.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P192 => "secp192r1",
            Self::BrainpoolP192r1 => "brainpoolP192r1",
            Self::P224 => "secp224r1",
            Self::BrainpoolP224r1 => "brainpoolP224r1",
            Self::P256 => "secp256r1",
            Self::BrainpoolP256r1 => "brainpoolP256r1",
            Self::BrainpoolP320r1 => "brainpoolP320r1",
            Self::P384 => "secp384r1",
            Self::BrainpoolP384r1 => "brainpoolP384r1",
            Self::BrainpoolP512r1 => "brainpoolP512r1",
            Self::P521 => "secp521r1",
        }
    }

    /// OpenSSL's identifier of the curve.
    pub const fn nid(self) -> Nid {
        match self {
            Self::P192 => Nid::X9_62_PRIME192V1,
            Self::BrainpoolP192r1 => Nid::BRAINPOOL_P192R1,
            Self::P224 => Nid::SECP224R1,
            Self::BrainpoolP224r1 => Nid::BRAINPOOL_P224R1,
            Self::P256 => Nid::X9_62_PRIME256V1,
            Self::BrainpoolP256r1 => Nid::BRAINPOOL_P256R1,
            Self::BrainpoolP320r1 => Nid::BRAINPOOL_P320R1,
            Self::P384 => Nid::SECP384R1,
            Self::BrainpoolP384r1 => Nid::BRAINPOOL_P384R1,
            Self::BrainpoolP512r1 => Nid::BRAINPOOL_P512R1,
            Self::P521 => Nid::SECP521R1,
        }
    }

    /// The curve with that OpenSSL identifier.
    pub fn from_nid(nid: Nid) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.nid() == nid)
    }

    /// The size of the field in bits.
    pub const fn field_bits(self) -> usize {
        match self {
            Self::P192 | Self::BrainpoolP192r1 => 192,
            Self::P224 | Self::BrainpoolP224r1 => 224,
            Self::P256 | Self::BrainpoolP256r1 => 256,
            Self::BrainpoolP320r1 => 320,
            Self::P384 | Self::BrainpoolP384r1 => 384,
            Self::BrainpoolP512r1 => 512,
            Self::P521 => 521,
        }
    }

    /// The curve whose every parameter has the given value, or `None`. The cofactor may be absent, not different.
    /// The generator may be compressed, as X.509 allows.
    pub fn from_components(components: &Components<'_>) -> Option<Self> {
        let field_length = unsigned(components.p).len();
        Self::ALL
            .into_iter()
            .filter(|curve| curve.field_bits().div_ceil(8) == field_length)
            .find(|curve| curve.curve().equals(components))
    }

    /// The group with its written-out parameters, computed once per process.
    pub fn curve(self) -> &'static CurveGroup {
        static CURVES: [LazyLock<CurveGroup>; 11] = [
            LazyLock::new(|| standardised(StandardisedCurve::P192)),
            LazyLock::new(|| standardised(StandardisedCurve::BrainpoolP192r1)),
            LazyLock::new(|| standardised(StandardisedCurve::P224)),
            LazyLock::new(|| standardised(StandardisedCurve::BrainpoolP224r1)),
            LazyLock::new(|| standardised(StandardisedCurve::P256)),
            LazyLock::new(|| standardised(StandardisedCurve::BrainpoolP256r1)),
            LazyLock::new(|| standardised(StandardisedCurve::BrainpoolP320r1)),
            LazyLock::new(|| standardised(StandardisedCurve::P384)),
            LazyLock::new(|| standardised(StandardisedCurve::BrainpoolP384r1)),
            LazyLock::new(|| standardised(StandardisedCurve::BrainpoolP512r1)),
            LazyLock::new(|| standardised(StandardisedCurve::P521)),
        ];
        &CURVES[usize::from(self.id() - 8)]
    }

    /// The OpenSSL group, computed once per process.
    pub fn group(self) -> &'static EcGroupRef {
        self.curve().group()
    }
}

impl fmt::Display for StandardisedCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for StandardisedCurve {
    type Err = DomainParameterError;

    /// Reads the published name, or NIST's (`P-256`), without regard to case.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let nist = name.strip_prefix("P-").or_else(|| name.strip_prefix("p-"));
        Self::ALL
            .into_iter()
            .find(|curve| {
                curve.name().eq_ignore_ascii_case(name)
                    || nist.is_some_and(|bits| curve.name() == format!("secp{bits}r1"))
            })
            .ok_or(DomainParameterError::UnknownName)
    }
}

impl Serialize for StandardisedCurve {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[expect(clippy::expect_used, reason = "the vendored OpenSSL carries all eleven curves; a test computes each")]
fn standardised(curve: StandardisedCurve) -> CurveGroup {
    EcGroup::from_curve_name(curve.nid())
        .and_then(CurveGroup::of_group)
        .expect("OpenSSL is built with the standardised curves")
}

/// A group ready for use, beside the parameters written out as TR-03110-3 D.3.3 asks: integers of minimal length, the
/// generator uncompressed.
pub struct CurveGroup {
    group: EcGroup,
    p: Vec<u8>,
    a: Vec<u8>,
    b: Vec<u8>,
    generator: Vec<u8>,
    order: Vec<u8>,
    cofactor: Vec<u8>,
}

impl CurveGroup {
    fn of_group(group: EcGroup) -> Result<Self, ErrorStack> {
        let mut ctx = BigNumContext::new()?;
        let (mut p, mut a, mut b) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
        let (mut order, mut cofactor) = (BigNum::new()?, BigNum::new()?);
        group.components_gfp(&mut p, &mut a, &mut b, &mut ctx)?;
        group.order(&mut order, &mut ctx)?;
        group.cofactor(&mut cofactor, &mut ctx)?;
        let generator = match group.generator_opt() {
            Some(point) => point.to_bytes(&group, PointConversionForm::UNCOMPRESSED, &mut ctx)?,
            None => return Err(ErrorStack::get()),
        };
        Ok(Self {
            p: p.to_vec(),
            a: a.to_vec(),
            b: b.to_vec(),
            generator,
            order: order.to_vec(),
            cofactor: cofactor.to_vec(),
            group,
        })
    }

    /// Builds a group from parameters that equal no standardised set, and checks what can be checked: prime field of
    /// 160 to 521 bits, non-singular curve, generator of the stated prime order, Hasse's bound.
    ///
    /// # Errors
    /// The [`DomainParameterError`] of the first check that failed.
    fn explicit(components: &Components<'_>) -> Result<Self, DomainParameterError> {
        let p = BigNum::from_slice(unsigned(components.p))?;
        let a = BigNum::from_slice(unsigned(components.a))?;
        let b = BigNum::from_slice(unsigned(components.b))?;
        let order = BigNum::from_slice(unsigned(components.order))?;
        let bits = bit_length(&p);
        if !(160..=521).contains(&bits) {
            return Err(DomainParameterError::FieldSize(bits));
        }
        let mut ctx = BigNumContext::new()?;
        if a >= p || b >= p {
            return Err(DomainParameterError::Coefficients);
        }
        let order_bits = bit_length(&order);
        if order_bits < 160 || order_bits > bits + 1 || order == p {
            return Err(DomainParameterError::Order);
        }
        if !p.is_prime(PRIME_ROUNDS, &mut ctx)? {
            return Err(DomainParameterError::FieldNotPrime);
        }
        if is_singular(&p, &a, &b, &mut ctx)? {
            return Err(DomainParameterError::Coefficients);
        }
        if !order.is_prime(PRIME_ROUNDS, &mut ctx)? {
            return Err(DomainParameterError::Order);
        }
        let cofactor = hasse_cofactor(&p, &order, &mut ctx)?;
        if let Some(stated) = components.cofactor
            && BigNum::from_slice(unsigned(stated))? != cofactor
        {
            return Err(DomainParameterError::Cofactor);
        }

        let mut group = EcGroup::from_components(p, a, b, &mut ctx)?;
        if components.generator.len() != 2 * bits.div_ceil(8) + 1 || components.generator.first() != Some(&4) {
            return Err(DomainParameterError::Generator);
        }
        let generator =
            EcPoint::from_bytes(&group, components.generator, &mut ctx).map_err(|_| DomainParameterError::Generator)?;
        let mut multiple = EcPoint::new(&group)?;
        multiple.mul2(&group, &generator, &order, &mut ctx)?;
        if !multiple.is_infinity(&group) {
            return Err(DomainParameterError::Generator);
        }
        group.set_generator(generator, order, cofactor)?;
        Ok(Self::of_group(group)?)
    }

    /// The OpenSSL group.
    pub fn group(&self) -> &EcGroupRef {
        &self.group
    }

    /// The parameters written out.
    pub fn components(&self) -> Components<'_> {
        Components {
            p: &self.p,
            a: &self.a,
            b: &self.b,
            generator: &self.generator,
            order: &self.order,
            cofactor: Some(&self.cofactor),
        }
    }

    /// Length of a coordinate in bytes.
    pub fn field_length(&self) -> usize {
        self.p.len()
    }

    /// Length of `r` and of `s` in a plain signature, in bytes (TR-03111 5.2.1).
    pub fn order_length(&self) -> usize {
        self.order.len()
    }

    /// A public key on this curve from an uncompressed point of the curve's length.
    ///
    /// # Errors
    /// [`DomainParameterError::PointForm`] or [`DomainParameterError::PointNotOnCurve`].
    pub fn public_key(&self, point: &[u8]) -> Result<EcKey<Public>, DomainParameterError> {
        let expected = 2 * self.field_length() + 1;
        if point.len() != expected || point.first() != Some(&4) {
            return Err(DomainParameterError::PointForm { expected });
        }
        let mut ctx = BigNumContext::new()?;
        // Reading an uncompressed point includes the check that it is on the curve.
        let point =
            EcPoint::from_bytes(&self.group, point, &mut ctx).map_err(|_| DomainParameterError::PointNotOnCurve)?;
        Ok(EcKey::from_public_key(&self.group, &point)?)
    }

    fn equals(&self, other: &Components<'_>) -> bool {
        unsigned(other.p) == self.p
            && unsigned(other.a) == self.a
            && unsigned(other.b) == self.b
            && unsigned(other.order) == self.order
            && other.cofactor.is_none_or(|cofactor| unsigned(cofactor) == self.cofactor)
            && self.generator_is(other.generator)
    }

    fn generator_is(&self, encoded: &[u8]) -> bool {
        match encoded.split_first() {
            Some((4, _)) => encoded == self.generator,
            Some((form @ (2 | 3), x)) => {
                let odd = self.generator.last().is_some_and(|byte| byte & 1 == 1);
                x == &self.generator[1..=self.field_length()] && (*form == 3) == odd
            }
            _ => false,
        }
    }
}

impl fmt::Debug for CurveGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurveGroup").field("field_bytes", &self.p.len()).finish_non_exhaustive()
    }
}

/// Miller-Rabin rounds for parameters somebody else chose.
const PRIME_ROUNDS: i32 = 64;

/// 4a³ + 27b² ≡ 0 (mod p).
fn is_singular(p: &BigNum, a: &BigNum, b: &BigNum, ctx: &mut BigNumContext) -> Result<bool, ErrorStack> {
    let (mut square, mut left, mut right, mut sum) = (BigNum::new()?, BigNum::new()?, BigNum::new()?, BigNum::new()?);
    square.mod_sqr(a, p, ctx)?;
    left.mod_mul(&square, a, p, ctx)?;
    left.mul_word(4)?;
    right.mod_sqr(b, p, ctx)?;
    right.mul_word(27)?;
    sum.mod_add(&left, &right, p, ctx)?;
    Ok(sum.num_bits() == 0)
}

/// The only cofactor the size of the group allows: ⌊(√p + 1)² / n⌋ = ⌊(p + 1 + 2√p) / n⌋ for n > 4√p.
fn hasse_cofactor(p: &BigNum, order: &BigNum, ctx: &mut BigNumContext) -> Result<BigNum, DomainParameterError> {
    // 2√p < 2^(⌈bits/2⌉ + 1): the rounding up cannot reach the next multiple of an order longer than that.
    let half = bit_length(p).div_ceil(2) + 1;
    if bit_length(order) <= half + 1 {
        return Err(DomainParameterError::Order);
    }
    let mut bound = BigNum::from_u32(1)?;
    let mut root = BigNum::new()?;
    root.lshift(&bound, i32::try_from(half).map_err(|_| DomainParameterError::Order)?)?;
    bound.checked_add(p, &root)?;
    bound.add_word(1)?;
    let mut cofactor = BigNum::new()?;
    cofactor.checked_div(&bound, order, ctx)?;
    if cofactor.num_bits() == 0 {
        return Err(DomainParameterError::Cofactor);
    }
    Ok(cofactor)
}

/// Domain parameters of an elliptic curve key.
#[derive(Clone, Debug)]
pub enum DomainParameters {
    /// A standardised curve.
    Standardised(StandardisedCurve),
    /// Parameters that equal no standardised set and passed the checks of [`CurveGroup`].
    Explicit(Arc<CurveGroup>),
}

impl DomainParameters {
    /// Recognises a standardised curve by its full value, or checks and keeps the set as an explicit one.
    ///
    /// # Errors
    /// [`DomainParameterError`] when the set equals no standardised one and does not hold up.
    pub fn from_components(components: &Components<'_>) -> Result<Self, DomainParameterError> {
        if let Some(curve) = StandardisedCurve::from_components(components) {
            return Ok(Self::Standardised(curve));
        }
        Ok(Self::Explicit(Arc::new(CurveGroup::explicit(components)?)))
    }

    /// The group and its written-out parameters.
    pub fn curve(&self) -> &CurveGroup {
        match self {
            Self::Standardised(curve) => curve.curve(),
            Self::Explicit(group) => group,
        }
    }

    /// The curve's published name, or `explicit`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Standardised(curve) => curve.name(),
            Self::Explicit(_) => "explicit",
        }
    }
}

impl PartialEq for DomainParameters {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Standardised(one), Self::Standardised(two)) => one == two,
            (Self::Explicit(one), Self::Explicit(two)) => one.components() == two.components(),
            _ => false,
        }
    }
}

impl Eq for DomainParameters {}

impl From<StandardisedCurve> for DomainParameters {
    fn from(curve: StandardisedCurve) -> Self {
        Self::Standardised(curve)
    }
}

/// An unsigned integer without its leading zeros.
pub(crate) fn unsigned(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

fn bit_length(number: &BigNum) -> usize {
    usize::try_from(number.num_bits()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Components, DomainParameterError, DomainParameters, StandardisedCurve};

    #[test]
    fn every_standardised_curve_is_recognised_by_its_value_and_by_its_name() {
        for curve in StandardisedCurve::ALL {
            let components = curve.curve().components();
            assert_eq!(StandardisedCurve::from_components(&components), Some(curve));
            assert_eq!(StandardisedCurve::from_id(curve.id()), Some(curve));
            assert_eq!(StandardisedCurve::from_nid(curve.nid()), Some(curve));
            assert_eq!(curve.name().parse::<StandardisedCurve>().unwrap(), curve);
            assert_eq!(usize::try_from(curve.group().degree()).unwrap(), curve.field_bits());
        }
        assert_eq!("P-521".parse::<StandardisedCurve>().unwrap(), StandardisedCurve::P521);
        assert!("P-999".parse::<StandardisedCurve>().is_err());
    }

    #[test]
    fn a_set_that_differs_in_any_single_parameter_is_not_the_named_curve() {
        let curve = StandardisedCurve::BrainpoolP256r1.curve();
        let fields = ["p", "a", "b", "generator", "order", "cofactor"];
        for field in fields {
            let set = curve.components();
            let mut changed = [
                set.p.to_vec(),
                set.a.to_vec(),
                set.b.to_vec(),
                set.generator.to_vec(),
                set.order.to_vec(),
                set.cofactor.unwrap().to_vec(),
            ];
            let index = fields.iter().position(|name| *name == field).unwrap();
            *changed[index].last_mut().unwrap() ^= 2;
            let components = Components {
                p: &changed[0],
                a: &changed[1],
                b: &changed[2],
                generator: &changed[3],
                order: &changed[4],
                cofactor: Some(&changed[5]),
            };
            assert_eq!(StandardisedCurve::from_components(&components), None, "{field}");
            assert!(DomainParameters::from_components(&components).is_err(), "{field}");
        }
    }

    #[test]
    fn the_same_value_with_leading_zeros_without_cofactor_or_with_a_compressed_generator_is_the_named_curve() {
        let curve = StandardisedCurve::P521;
        let set = curve.curve().components();
        let b = [&[0], set.b].concat();
        let mut generator = set.generator[..=curve.curve().field_length()].to_vec();
        generator[0] = 2 + (set.generator.last().unwrap() & 1);
        let components = Components { b: &b, generator: &generator, cofactor: None, ..set };
        assert_eq!(StandardisedCurve::from_components(&components), Some(curve));
        generator[0] ^= 1;
        let components = Components { generator: &generator, ..set };
        assert_eq!(StandardisedCurve::from_components(&components), None);
    }

    #[test]
    fn a_sound_curve_of_no_standard_is_kept_as_explicit_parameters() {
        // secp256k1: sound, but not among the standardised parameters of TR-03110.
        let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::SECP256K1).unwrap();
        let koblitz = super::CurveGroup::of_group(group).unwrap();
        let parameters = DomainParameters::from_components(&koblitz.components()).unwrap();
        assert!(matches!(parameters, DomainParameters::Explicit(_)));
        assert_eq!(parameters.curve().components().order, koblitz.components().order);
        assert_eq!(parameters.curve().components().cofactor, Some(&[1][..]));
    }

    #[test]
    fn a_generator_chosen_to_match_somebody_elses_key_is_refused() {
        // CVE-2020-0601: the curve's equation with another generator.
        let curve = StandardisedCurve::P256.curve();
        let key = openssl::ec::EcKey::generate(curve.group()).unwrap();
        let mut ctx = openssl::bn::BigNumContext::new().unwrap();
        let generator =
            key.public_key().to_bytes(curve.group(), openssl::ec::PointConversionForm::UNCOMPRESSED, &mut ctx).unwrap();
        let components = Components { generator: &generator, ..curve.components() };
        assert_eq!(StandardisedCurve::from_components(&components), None);
    }

    #[test]
    fn points_off_the_curve_compressed_or_of_another_length_are_refused() {
        let curve = StandardisedCurve::P224.curve();
        let mut point = curve.components().generator.to_vec();
        assert!(curve.public_key(&point).is_ok());
        *point.last_mut().unwrap() ^= 1;
        assert!(matches!(curve.public_key(&point), Err(DomainParameterError::PointNotOnCurve)));
        assert!(matches!(curve.public_key(&point[..29]), Err(DomainParameterError::PointForm { expected: 57 })));
        assert!(matches!(curve.public_key(&[0]), Err(DomainParameterError::PointForm { .. })));
    }
}
