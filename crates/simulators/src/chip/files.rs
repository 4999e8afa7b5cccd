//! The elementary files of a chip.

use std::fmt;

/// An elementary file, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum File {
    /// EF.CardAccess: protocols offered, before any channel.
    CardAccess,
    /// EF.CardSecurity: protocols and keys, signed.
    CardSecurity,
    /// EF.COM.
    Com,
    /// EF.SOD.
    Sod,
    /// EF.DG1 to EF.DG16.
    DataGroup(u8),
    /// EF.CVCA: the trust points' references.
    Cvca,
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CardAccess => f.write_str("EF.CardAccess"),
            Self::CardSecurity => f.write_str("EF.CardSecurity"),
            Self::Com => f.write_str("EF.COM"),
            Self::Sod => f.write_str("EF.SOD"),
            Self::DataGroup(number) => write!(f, "EF.DG{number}"),
            Self::Cvca => f.write_str("EF.CVCA"),
        }
    }
}
