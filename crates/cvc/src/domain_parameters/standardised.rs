//! The standardised curves of TR-03110-3 table 4.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use openssl::ec::{EcGroup, EcGroupRef};
use openssl::nid::Nid;
use serde::{Serialize, Serializer};

use super::{Components, CurveGroup, DomainParameterError, unsigned};

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
