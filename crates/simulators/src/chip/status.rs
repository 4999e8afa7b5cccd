//! Status words (ISO/IEC 7816-4 §5.6, TR-03110-3 §B).

use std::fmt;

/// A status word other than 9000: the command was refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub struct Status(pub u16);

impl Status {
    /// Authentication failed: a password, a signature, a certificate.
    pub const VERIFICATION_FAILED: Self = Self(0x6300);
    /// The chip's own fault.
    pub const EXECUTION_ERROR: Self = Self(0x6400);
    /// The session has not the right.
    pub const SECURITY_STATUS_NOT_SATISFIED: Self = Self(0x6982);
    /// A command before this one is missing.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// The data field is not what the command asks for.
    pub const WRONG_DATA: Self = Self(0x6A80);
    /// There is no such file.
    pub const FILE_NOT_FOUND: Self = Self(0x6A82);
    /// There is no such key.
    pub const REFERENCED_DATA_NOT_FOUND: Self = Self(0x6A88);
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({self})")
    }
}

/// What a command answers: data with 9000, or another status word.
pub type Response<T> = Result<T, Status>;
