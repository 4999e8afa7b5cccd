//! Certificate Holder Authorization Template (TR-03110-3 C.1.5; TR-03110-4 2): terminal type, role and rights.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::hex;

/// Why a template is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChatError {
    /// The object identifier names no terminal type.
    #[error("unknown terminal type")]
    TerminalType,
    /// The discretionary data have another length than the terminal type asks for.
    #[error("the authorisation of this terminal type has {0} byte(s)")]
    Length(usize),
}

/// What kind of terminal a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TerminalType {
    /// Inspection system (id-IS): border control, fingerprints of passports.
    #[serde(rename = "IS")]
    InspectionSystem,
    /// Authentication terminal (id-AT): electronic identity.
    #[serde(rename = "AT")]
    AuthenticationTerminal,
    /// Signature terminal (id-ST).
    #[serde(rename = "ST")]
    SignatureTerminal,
}

impl TerminalType {
    /// The value of the object identifier, 0.4.0.127.0.7.3.1.2.1 to .3.
    pub const fn oid(self) -> &'static [u8] {
        match self {
            Self::InspectionSystem => &[4, 0, 0x7F, 0, 7, 3, 1, 2, 1],
            Self::AuthenticationTerminal => &[4, 0, 0x7F, 0, 7, 3, 1, 2, 2],
            Self::SignatureTerminal => &[4, 0, 0x7F, 0, 7, 3, 1, 2, 3],
        }
    }

    fn from_oid(oid: &[u8]) -> Option<Self> {
        [Self::InspectionSystem, Self::AuthenticationTerminal, Self::SignatureTerminal]
            .into_iter()
            .find(|terminal_type| terminal_type.oid() == oid)
    }

    /// Length of role and rights in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::InspectionSystem | Self::SignatureTerminal => 1,
            Self::AuthenticationTerminal => 5,
        }
    }
}

impl fmt::Display for TerminalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InspectionSystem => "IS",
            Self::AuthenticationTerminal => "AT",
            Self::SignatureTerminal => "ST",
        })
    }
}

/// The holder's place in the hierarchy, the two leading bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 11: country verifying certification authority.
    Cvca,
    /// 10: document verifier, official domestic (for id-ST: accreditation body).
    DvDomestic,
    /// 01: document verifier, official foreign (for id-AT: non-official or foreign; for id-ST: certification service provider).
    DvForeign,
    /// 00: terminal.
    Terminal,
}

impl Role {
    const fn bits(self) -> u8 {
        match self {
            Self::Cvca => 0b1100_0000,
            Self::DvDomestic => 0b1000_0000,
            Self::DvForeign => 0b0100_0000,
            Self::Terminal => 0,
        }
    }

    /// True for either kind of document verifier.
    pub const fn is_dv(self) -> bool {
        matches!(self, Self::DvDomestic | Self::DvForeign)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cvca => "CVCA",
            Self::DvDomestic => "DV (official, domestic)",
            Self::DvForeign => "DV (foreign)",
            Self::Terminal => "terminal",
        })
    }
}

/// Access rights of one terminal type: the authorisation without its two role bits, which are kept clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rights {
    terminal_type: TerminalType,
    bits: [u8; 5],
}

impl Rights {
    /// No right at all.
    pub const fn none(terminal_type: TerminalType) -> Self {
        Self { terminal_type, bits: [0; 5] }
    }

    /// Reads the bytes of an authorisation; its role bits are dropped.
    ///
    /// # Errors
    /// [`ChatError::Length`] when the length does not fit the terminal type.
    pub fn from_bytes(terminal_type: TerminalType, bytes: &[u8]) -> Result<Self, ChatError> {
        if bytes.len() != terminal_type.length() {
            return Err(ChatError::Length(terminal_type.length()));
        }
        let mut rights = Self::none(terminal_type);
        rights.bits[..bytes.len()].copy_from_slice(bytes);
        rights.bits[0] &= 0b0011_1111;
        Ok(rights)
    }

    /// Rights of an inspection system: fingerprints (DG3) and iris (DG4).
    pub const fn inspection(dg3: bool, dg4: bool) -> Self {
        Self { terminal_type: TerminalType::InspectionSystem, bits: [dg3 as u8 | (dg4 as u8) << 1, 0, 0, 0, 0] }
    }

    /// The terminal type that gives the bits their meaning.
    pub const fn terminal_type(&self) -> TerminalType {
        self.terminal_type
    }

    /// The bytes, role bits clear.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bits[..self.terminal_type.length()]
    }

    /// What both grant; `None` for different terminal types, whose bits mean different things.
    pub fn and(&self, other: &Self) -> Option<Self> {
        if self.terminal_type != other.terminal_type {
            return None;
        }
        let mut both = *self;
        for (mine, theirs) in both.bits.iter_mut().zip(other.bits) {
            *mine &= theirs;
        }
        Some(both)
    }

    /// Read access to fingerprints; `None` where the terminal type knows no such right of its own.
    pub fn dg3(&self) -> Option<bool> {
        self.inspection_bit(0b01)
    }

    /// Read access to iris images; `None` where the terminal type knows no such right of its own.
    pub fn dg4(&self) -> Option<bool> {
        self.inspection_bit(0b10)
    }

    /// Bits reserved for future use that are set (bits 2 to 5 of an inspection system, bits 2 to 5 of a signature terminal).
    pub fn reserved_bits(&self) -> u8 {
        match self.terminal_type {
            TerminalType::InspectionSystem | TerminalType::SignatureTerminal => self.bits[0] & 0b0011_1100,
            TerminalType::AuthenticationTerminal => 0,
        }
    }

    fn inspection_bit(&self, mask: u8) -> Option<bool> {
        (self.terminal_type == TerminalType::InspectionSystem).then_some(self.bits[0] & mask != 0)
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.terminal_type, hex::encode(self.as_bytes()))
    }
}

impl FromStr for Rights {
    type Err = ChatError;

    /// Reads what [`fmt::Display`] writes: terminal type, a space, hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, digits) = text.split_once(' ').ok_or(ChatError::TerminalType)?;
        let terminal_type = match kind {
            "IS" => TerminalType::InspectionSystem,
            "AT" => TerminalType::AuthenticationTerminal,
            "ST" => TerminalType::SignatureTerminal,
            _ => return Err(ChatError::TerminalType),
        };
        let bytes = hex::decode(digits.as_bytes()).ok_or(ChatError::Length(terminal_type.length()))?;
        Self::from_bytes(terminal_type, &bytes)
    }
}

/// Role and rights of a certificate holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chat {
    role: Role,
    rights: Rights,
}

impl Chat {
    /// Joins a role and rights.
    pub const fn new(role: Role, rights: Rights) -> Self {
        Self { role, rights }
    }

    /// Reads object identifier and discretionary data.
    ///
    /// # Errors
    /// [`ChatError`] for an unknown terminal type or a wrong length.
    pub fn from_parts(oid: &[u8], bytes: &[u8]) -> Result<Self, ChatError> {
        let terminal_type = TerminalType::from_oid(oid).ok_or(ChatError::TerminalType)?;
        let rights = Rights::from_bytes(terminal_type, bytes)?;
        let role = match bytes[0] >> 6 {
            0b11 => Role::Cvca,
            0b10 => Role::DvDomestic,
            0b01 => Role::DvForeign,
            _ => Role::Terminal,
        };
        Ok(Self { role, rights })
    }

    /// The discretionary data: role bits and rights.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.rights.as_bytes().to_vec();
        bytes[0] |= self.role.bits();
        bytes
    }

    /// The place in the hierarchy.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The rights.
    pub const fn rights(&self) -> Rights {
        self.rights
    }

    /// The terminal type.
    pub const fn terminal_type(&self) -> TerminalType {
        self.rights.terminal_type
    }
}

#[cfg(test)]
mod tests {
    use super::{Chat, ChatError, Rights, Role, TerminalType};

    #[test]
    fn the_two_leading_bits_are_the_role_and_the_rest_the_rights() {
        let is = TerminalType::InspectionSystem;
        for (byte, role, dg3, dg4) in [
            (0b1100_0011, Role::Cvca, true, true),
            (0b1000_0001, Role::DvDomestic, true, false),
            (0b0100_0010, Role::DvForeign, false, true),
            (0b0000_0000, Role::Terminal, false, false),
        ] {
            let chat = Chat::from_parts(is.oid(), &[byte]).unwrap();
            assert_eq!((chat.role(), chat.rights().dg3(), chat.rights().dg4()), (role, Some(dg3), Some(dg4)));
            assert_eq!(chat.to_bytes(), [byte]);
        }
    }

    #[test]
    fn effective_rights_are_what_all_grant_and_never_cross_terminal_types() {
        let both = Rights::inspection(true, true);
        let fingerprints = Rights::inspection(true, false);
        assert_eq!(both.and(&fingerprints), Some(fingerprints));
        assert_eq!(fingerprints.and(&Rights::inspection(false, true)), Some(Rights::inspection(false, false)));
        assert_eq!(both.and(&Rights::none(TerminalType::SignatureTerminal)), None);
        assert_eq!(Rights::none(TerminalType::AuthenticationTerminal).dg3(), None);
    }

    #[test]
    fn a_template_of_the_wrong_length_or_of_no_known_type_is_refused() {
        let at = TerminalType::AuthenticationTerminal;
        assert_eq!(Chat::from_parts(at.oid(), &[0]), Err(ChatError::Length(5)));
        assert_eq!(Chat::from_parts(&[4, 0, 0x7F, 0, 7, 3, 1, 2, 4], &[0]), Err(ChatError::TerminalType));
    }

    #[test]
    fn reserved_bits_of_an_inspection_system_are_seen() {
        let rights = Rights::from_bytes(TerminalType::InspectionSystem, &[0b0010_0101]).unwrap();
        assert_eq!(rights.reserved_bits(), 0b0010_0100);
    }

    #[test]
    fn rights_read_back_from_their_text() {
        let rights = Rights::from_bytes(TerminalType::AuthenticationTerminal, &[0x3E, 0, 0x1F, 0xFF, 0xF7]).unwrap();
        assert_eq!(rights.to_string(), "AT 3e001ffff7");
        assert_eq!("AT 3e001ffff7".parse(), Ok(rights));
        assert_eq!("XX 00".parse::<Rights>(), Err(ChatError::TerminalType));
    }
}
