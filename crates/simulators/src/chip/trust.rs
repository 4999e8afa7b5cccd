//! What a chip believes: two trust points at most, and a date it only ever learns from certificates (TR-03110-3 §2.5).

use cvc::certificate::Certificate;
use cvc::chat::{Rights, Role, TerminalType};
use cvc::public_key::PublicKey;
use cvc::reference::Reference;
use emrtd::lds::ef_cvca::EfCvca;
use time::Date;

use super::{PersonalisationError, Response, Status};

/// A holder whose certificate the chip has verified, or was personalised with.
#[derive(Clone)]
pub(super) struct Authority {
    pub(super) reference: Reference,
    pub(super) key: PublicKey,
    role: Role,
    /// A CVCA's or DV's: what it can pass on. A terminal's: its effective rights.
    pub(super) rights: Rights,
    expires: Date,
}

impl Authority {
    pub(super) fn is_terminal(&self) -> bool {
        self.role == Role::Terminal
    }
}

/// What stays between sessions.
pub(super) struct TrustMemory {
    current_date: Date,
    /// Newest first, never more than two.
    points: Vec<Authority>,
}

impl TrustMemory {
    pub(super) fn new(root: &Certificate<&[u8]>, current_date: Date) -> Result<Self, PersonalisationError> {
        let chat = root.chat();
        let key = PublicKey::resolve(&root.public_key(), None)?;
        let genuine = key.verify(root.body(), root.signature()).is_ok();
        let inspection = chat.terminal_type() == TerminalType::InspectionSystem;
        if !root.is_self_signed() || chat.role() != Role::Cvca || !inspection || !genuine {
            return Err(PersonalisationError::NotAnAuthority);
        }
        let point =
            Authority { reference: root.chr(), key, role: Role::Cvca, rights: chat.rights(), expires: root.expires() };
        Ok(Self { current_date, points: vec![point] })
    }

    pub(super) fn current_date(&self) -> Date {
        self.current_date
    }

    pub(super) fn references(&self) -> Vec<Reference> {
        self.points.iter().map(|point| point.reference).collect()
    }

    pub(super) fn trust_point(&self, car: &[u8]) -> Option<Authority> {
        self.points.iter().find(|point| point.reference.as_bytes() == car).cloned()
    }

    /// EF.CVCA: 36 bytes, newest first.
    pub(super) fn ef_cvca(&self) -> Option<Vec<u8>> {
        let mut references = self.points.iter().map(|point| point.reference.as_bytes().to_vec());
        let file = EfCvca { newest: references.next()?, previous: references.next() };
        file.encode().map(Vec::from)
    }

    /// Verifies `certificate` under `issuer` by the chip's rules and learns from it: the date, and a new trust point from
    /// a link certificate.
    pub(super) fn accept(&mut self, certificate: &Certificate<&[u8]>, issuer: &Authority) -> Response<Authority> {
        if certificate.car() != issuer.reference {
            return Err(Status::REFERENCED_DATA_NOT_FOUND);
        }
        issuer.key.verify(certificate.body(), certificate.signature()).map_err(|_| Status::VERIFICATION_FAILED)?;
        let chat = certificate.chat();
        let role = chat.role();
        let permitted = match issuer.role {
            Role::Cvca => role != Role::Terminal,
            Role::DvDomestic | Role::DvForeign => role == Role::Terminal,
            Role::Terminal => false,
        };
        if !permitted || chat.terminal_type() != TerminalType::InspectionSystem {
            return Err(Status::VERIFICATION_FAILED);
        }
        // A chip may have slept for years: it must accept links that have expired since, but nothing else that has.
        if role != Role::Cvca && certificate.expires() < self.current_date {
            return Err(Status::VERIFICATION_FAILED);
        }
        // An expired trust point is disabled for verifiers, not for links (§2.5.1).
        if role.is_dv() && issuer.expires < self.current_date {
            return Err(Status::VERIFICATION_FAILED);
        }
        // Below the authority domain parameters are inherited, never brought along (§D.3.3).
        if role != Role::Cvca && certificate.public_key().has_parameters() {
            return Err(Status::VERIFICATION_FAILED);
        }
        let key = PublicKey::resolve(&certificate.public_key(), issuer.key.parameters())
            .map_err(|_| Status::VERIFICATION_FAILED)?;
        // Only a link may switch algorithm, parameters or size (TR-03110-3 §2.3).
        if role != Role::Cvca && !key.same_kind(&issuer.key) {
            return Err(Status::VERIFICATION_FAILED);
        }
        // A CVCA or link passes on its own rights, whatever came before; below, rights only shrink (§2.7).
        let rights = if role == Role::Cvca { Some(chat.rights()) } else { chat.rights().and(&issuer.rights) };
        let rights = rights.ok_or(Status::VERIFICATION_FAILED)?;
        // A name already known is not given to another key (§A.7.2.1).
        let other_key = |known: &Authority| known.reference == certificate.chr() && known.key != key;
        if role == Role::Cvca && self.points.iter().any(other_key) {
            return Err(Status::VERIFICATION_FAILED);
        }
        let accepted = Authority { reference: certificate.chr(), key, role, rights, expires: certificate.expires() };

        // A terminal's certificate tells the date only if a domestic authority vouches for it (§2.5).
        if role != Role::Terminal || issuer.role == Role::DvDomestic {
            self.current_date = self.current_date.max(certificate.effective());
        }
        if role == Role::Cvca {
            self.adopt(&accepted);
        }
        Ok(accepted)
    }

    /// A link's key becomes the newest trust point; the one before stays beside it until it has expired.
    fn adopt(&mut self, point: &Authority) {
        if self.points.iter().any(|known| known.reference == point.reference) {
            return;
        }
        self.points.insert(0, point.clone());
        self.points.truncate(2);
        let (today, newest) = (self.current_date, point.reference);
        self.points.retain(|known| known.reference == newest || known.expires >= today);
    }
}
