//! Object identifiers.

use std::fmt;

use super::Asn1Error;

/// An OBJECT IDENTIFIER by its contents octets; printed as dotted decimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid<'a>(&'a [u8]);

impl<'a> Oid<'a> {
    /// From contents octets known to be good, for constants.
    #[must_use]
    pub const fn constant(contents: &'a [u8]) -> Self {
        Self(contents)
    }

    /// From untrusted contents octets.
    ///
    /// # Errors
    /// When empty, longer than 64 octets, cut off, or with a padded or oversized arc (X.690 §8.19).
    pub fn from_contents(contents: &'a [u8]) -> Result<Self, Asn1Error> {
        let ends = contents.last().is_some_and(|last| last & 0x80 == 0);
        if !ends || contents.len() > 64 {
            return Err(Asn1Error::BadValue("OBJECT IDENTIFIER"));
        }
        let mut octets_in_arc = 0;
        for octet in contents {
            if octets_in_arc == 0 && *octet == 0x80 || octets_in_arc == 9 {
                return Err(Asn1Error::BadValue("OBJECT IDENTIFIER"));
            }
            octets_in_arc = if octet & 0x80 == 0 { 0 } else { octets_in_arc + 1 };
        }
        Ok(Self(contents))
    }

    /// The contents octets.
    #[must_use]
    pub const fn contents(self) -> &'a [u8] {
        self.0
    }

    /// What follows `arc`, if this identifier lies below it.
    #[must_use]
    pub fn below(self, arc: Oid<'_>) -> Option<&'a [u8]> {
        self.0.strip_prefix(arc.0)
    }
}

impl fmt::Display for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arc = 0_u64;
        let mut first = true;
        for octet in self.0 {
            arc = arc << 7 | u64::from(octet & 0x7F);
            if octet & 0x80 != 0 {
                continue;
            }
            if first {
                let root = (arc / 40).min(2);
                write!(f, "{root}.{}", arc - root * 40)?;
                first = false;
            } else {
                write!(f, ".{arc}")?;
            }
            arc = 0;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_print_as_dotted_decimal() {
        assert_eq!(Oid::from_contents(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x01]).unwrap().to_string(), "2.23.136.1.1.1");
        assert_eq!(Oid::from_contents(&[0x04, 0x00, 0x7F, 0x00, 0x07]).unwrap().to_string(), "0.4.0.127.0.7");
        assert_eq!(Oid::from_contents(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D]).unwrap().to_string(), "1.2.840.113549");
    }

    #[test]
    fn malformed_identifiers_are_refused() {
        for contents in [
            &[][..],
            &[0x2A, 0x86],
            &[0x2A, 0x80, 0x01],
            &[0x2A; 65],
            &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ] {
            assert!(Oid::from_contents(contents).is_err(), "{contents:02X?}");
        }
    }
}
