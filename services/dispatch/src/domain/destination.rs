//! Which numbers codes go to.

use identifiers::{PhoneKind, PhoneNumber, PhonePrefix, PolishRange};

use super::Refusal;

/// Why no code goes to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReachable {
    /// Its range is not one people carry phones of, or its country is not on the list.
    NotAllowed,
    /// It is on the list of those that get nothing.
    Blocked,
}

impl From<NotReachable> for Refusal {
    fn from(reason: NotReachable) -> Self {
        match reason {
            NotReachable::NotAllowed => Self::NumberNotAllowed,
            NotReachable::Blocked => Self::NumberBlocked,
        }
    }
}

/// The node's policy: Polish mobile numbers always, foreign ones by prefix, services and premium rates never.
#[derive(Debug, Clone, Default)]
pub struct Destinations {
    /// Foreign prefixes that are open.
    pub foreign: Vec<PhonePrefix>,
    /// Prefixes that get nothing, for as long as they are listed.
    pub blocked: Vec<PhonePrefix>,
}

impl Destinations {
    /// Whether codes go there.
    ///
    /// # Errors
    /// [`NotReachable`].
    pub fn check(&self, number: &PhoneNumber) -> Result<(), NotReachable> {
        let within = |list: &[PhonePrefix]| list.iter().any(|prefix| number.starts_with(prefix));
        if within(&self.blocked) {
            return Err(NotReachable::Blocked);
        }
        match number.kind() {
            PhoneKind::Polish(PolishRange::Mobile) => Ok(()),
            PhoneKind::Foreign(_) if within(&self.foreign) => Ok(()),
            PhoneKind::Polish(_) | PhoneKind::Foreign(_) | PhoneKind::Service(_) => Err(NotReachable::NotAllowed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn premium_ranges_are_refused_and_foreign_ones_are_open_by_prefix_only() {
        let policy = Destinations {
            foreign: vec!["+38050".parse().unwrap()],
            blocked: vec!["+4850199".parse().unwrap(), "+380509".parse().unwrap()],
        };
        for (number, expected) in [
            ("501234567", Ok(())),
            ("885123456", Ok(())),
            ("+380501234567", Ok(())),
            ("501991234", Err(NotReachable::Blocked)),
            ("+380509234567", Err(NotReachable::Blocked)),
            ("700123456", Err(NotReachable::NotAllowed)),
            ("708123456", Err(NotReachable::NotAllowed)),
            ("801123456", Err(NotReachable::NotAllowed)),
            ("391234567", Err(NotReachable::NotAllowed)),
            ("641234567", Err(NotReachable::NotAllowed)),
            ("221234567", Err(NotReachable::NotAllowed)),
            ("210123456", Err(NotReachable::NotAllowed)),
            ("+380671234567", Err(NotReachable::NotAllowed)),
            ("+4915112345678", Err(NotReachable::NotAllowed)),
            ("+881612345678", Err(NotReachable::NotAllowed)),
            ("+979123456789", Err(NotReachable::NotAllowed)),
        ] {
            assert_eq!(policy.check(&PhoneNumber::parse(number).unwrap()), expected, "{number}");
        }
    }
}
