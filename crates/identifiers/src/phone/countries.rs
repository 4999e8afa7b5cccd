//! Country codes of ITU-T E.164.

use std::fmt;

/// A country code of ITU-T E.164, without `+`: one to three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallingCode(u16);

/// Codes of one and two digits. All others have three.
const SHORT: [u16; 46] = [
    1, 7, 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 60,
    61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];

/// Assigned codes of three digits, as ranges that include both ends (ITU-T, List of Recommendation E.164 assigned country codes).
const LONG: [(u16, u16); 28] = [
    (211, 213),
    (216, 216),
    (218, 218),
    (220, 258),
    (260, 269),
    (290, 291),
    (297, 299),
    (350, 359),
    (370, 378),
    (380, 383),
    (385, 387),
    (389, 389),
    (420, 421),
    (423, 423),
    (500, 509),
    (590, 599),
    (670, 670),
    (672, 683),
    (685, 692),
    (850, 850),
    (852, 853),
    (855, 856),
    (880, 880),
    (886, 886),
    (960, 968),
    (970, 977),
    (992, 996),
    (998, 998),
];

/// Codes of services of no country: freephone, shared cost, satellites and other networks, disaster relief, premium rate.
const SERVICES: [u16; 8] = [800, 808, 870, 878, 881, 882, 883, 979];

impl CallingCode {
    /// +48.
    pub const POLAND: Self = Self(48);

    /// The code a number's digits begin with; `None` when nobody has it.
    pub(super) fn of(digits: &str) -> Option<Self> {
        // No code is the beginning of another one.
        let candidate = |length: usize| digits.get(..length).and_then(|code| code.parse().ok());
        if let Some(short) = [1, 2].into_iter().filter_map(candidate).find(|code| SHORT.contains(code)) {
            return Some(Self(short));
        }
        let code: u16 = candidate(3)?;
        let assigned = LONG.iter().any(|(first, last)| (*first..=*last).contains(&code));
        (assigned || SERVICES.contains(&code)).then_some(Self(code))
    }

    /// The number of the code.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether the code is a service's and no country's.
    #[must_use]
    pub fn is_service(self) -> bool {
        SERVICES.contains(&self.0)
    }

    pub(super) const fn digits(self) -> usize {
        match self.0 {
            0..10 => 1,
            10..100 => 2,
            _ => 3,
        }
    }
}

/// `+48`.
impl fmt::Display for CallingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}
