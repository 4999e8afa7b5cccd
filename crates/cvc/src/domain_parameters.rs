//! Elliptic curve domain parameters: the standardised curves and explicit ones.
//!
//! A CV certificate, and most document signer certificates, write the whole parameter set out. What such a set means
//! is decided here, by value: only if *every* parameter equals that of a standardised curve is it that curve
//! (comparing the generator alone is CVE-2020-0601). A set that equals none may still be used for CV certificates,
//! whose issuer is pinned together with it, but only after the checks of [`CurveGroup`]; callers that accept
//! standardised curves alone use [`StandardisedCurve::from_components`].

mod group;
mod standardised;

use std::sync::Arc;

use openssl::error::ErrorStack;

pub use group::CurveGroup;
pub use standardised::StandardisedCurve;

/// Why a set of domain parameters or a point on it is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DomainParameterError {
    /// The field prime is shorter than 160 or longer than 521 bits (TR-03110-3 A.7.4.2 names 160 to 512, table 4 P-521).
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
