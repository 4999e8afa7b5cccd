//! A group built from its parameters, and the checks of parameters that equal no standardised set.

use std::fmt;

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcGroupRef, EcKey, EcPoint, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::pkey::Public;

use super::{Components, DomainParameterError, unsigned};

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
    pub(super) fn of_group(group: EcGroup) -> Result<Self, ErrorStack> {
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
    pub(super) fn explicit(components: &Components<'_>) -> Result<Self, DomainParameterError> {
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

    pub(super) fn equals(&self, other: &Components<'_>) -> bool {
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

fn bit_length(number: &BigNum) -> usize {
    usize::try_from(number.num_bits()).unwrap_or(0)
}
