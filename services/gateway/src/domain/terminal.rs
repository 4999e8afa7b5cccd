//! A terminal's standing: enrolled, suspended, unlocked; and the certificate it may be pinned to.

use straznica_types::{OfficerId, TerminalId, Timestamp};

/// SHA-256 over a certificate's DER.
pub(crate) type CertificateDigest = [u8; 32];

/// A terminal as enrolled by an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terminal {
    pub(crate) id: TerminalId,
    /// The only certificate it may present; without one, any that names it and is valid.
    pub(crate) pinned_certificate: Option<CertificateDigest>,
    /// Where it stands, for people.
    pub(crate) note: Option<String>,
    pub(crate) enrolled_at: Timestamp,
    pub(crate) enrolled_by: OfficerId,
    pub(crate) standing: Standing,
    /// Counts its changes, so that two operators do not overwrite each other.
    pub(crate) version: i64,
}

/// Whether a terminal may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It may.
    Active,
    /// It may not, until an operator unlocks it.
    Suspended(Suspension),
}

/// Why and since when a terminal is suspended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suspension {
    pub(crate) reason: String,
    pub(crate) since: Timestamp,
    pub(crate) by: OfficerId,
}

/// Why a terminal is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAdmitted {
    /// No operator enrolled it.
    NotEnrolled,
    /// An operator suspended it.
    Suspended,
    /// Its certificate is not the one it is pinned to.
    OtherCertificate,
}

/// A change an operator may not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotChanged {
    /// It is suspended already.
    AlreadySuspended,
    /// It is not suspended.
    NotSuspended,
}

/// Decides whether a terminal that presented this certificate may call. Asked at every request.
pub(crate) fn admit(terminal: Option<&Terminal>, certificate: &CertificateDigest) -> Result<(), NotAdmitted> {
    let terminal = terminal.ok_or(NotAdmitted::NotEnrolled)?;
    if terminal.standing != Standing::Active {
        return Err(NotAdmitted::Suspended);
    }
    match &terminal.pinned_certificate {
        Some(pinned) if pinned != certificate => Err(NotAdmitted::OtherCertificate),
        _ => Ok(()),
    }
}

impl Terminal {
    /// A terminal as it is enrolled.
    pub(crate) fn enrol(
        id: TerminalId,
        pinned_certificate: Option<CertificateDigest>,
        note: Option<String>,
        at: Timestamp,
        by: OfficerId,
    ) -> Self {
        Self { id, pinned_certificate, note, enrolled_at: at, enrolled_by: by, standing: Standing::Active, version: 1 }
    }

    /// The same terminal, suspended.
    pub(crate) fn suspend(self, reason: String, at: Timestamp, by: OfficerId) -> Result<Self, NotChanged> {
        match self.standing {
            Standing::Suspended(_) => Err(NotChanged::AlreadySuspended),
            Standing::Active => Ok(Self {
                standing: Standing::Suspended(Suspension { reason, since: at, by }),
                version: self.version + 1,
                ..self
            }),
        }
    }

    /// The same terminal, unlocked.
    pub(crate) fn unlock(self) -> Result<Self, NotChanged> {
        match self.standing {
            Standing::Active => Err(NotChanged::NotSuspended),
            Standing::Suspended(_) => Ok(Self { standing: Standing::Active, version: self.version + 1, ..self }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: CertificateDigest = [1; 32];
    const OTHER: CertificateDigest = [2; 32];

    fn terminal(pinned: Option<CertificateDigest>) -> Terminal {
        let operator = OfficerId::parse("OP-1").unwrap();
        Terminal::enrol(TerminalId::parse("PL-WAW-017").unwrap(), pinned, None, Timestamp::from_millis(5), operator)
    }

    fn suspended(pinned: Option<CertificateDigest>) -> Terminal {
        let operator = OfficerId::parse("OP-2").unwrap();
        terminal(pinned).suspend("stolen".to_owned(), Timestamp::from_millis(9), operator).unwrap()
    }

    #[test]
    fn only_an_enrolled_and_not_suspended_terminal_with_its_own_certificate_is_admitted() {
        for (standing, presented, decision) in [
            (None, CERTIFICATE, Err(NotAdmitted::NotEnrolled)),
            (Some(terminal(None)), CERTIFICATE, Ok(())),
            (Some(terminal(None)), OTHER, Ok(())),
            (Some(terminal(Some(CERTIFICATE))), CERTIFICATE, Ok(())),
            (Some(terminal(Some(CERTIFICATE))), OTHER, Err(NotAdmitted::OtherCertificate)),
            (Some(suspended(None)), CERTIFICATE, Err(NotAdmitted::Suspended)),
            (Some(suspended(Some(CERTIFICATE))), OTHER, Err(NotAdmitted::Suspended)),
            (Some(suspended(None).unlock().unwrap()), CERTIFICATE, Ok(())),
        ] {
            assert_eq!(admit(standing.as_ref(), &presented), decision, "{standing:?}");
        }
    }

    #[test]
    fn a_terminal_is_suspended_once_and_unlocked_once() {
        let operator = || OfficerId::parse("OP-3").unwrap();
        let again = suspended(None).suspend("lost".to_owned(), Timestamp::from_millis(10), operator());
        assert_eq!(again, Err(NotChanged::AlreadySuspended));
        assert_eq!(terminal(None).unlock(), Err(NotChanged::NotSuspended));
    }

    #[test]
    fn every_change_counts() {
        let unlocked = suspended(None).unlock().unwrap();
        assert_eq!((terminal(None).version, suspended(None).version, unlocked.version), (1, 2, 3));
    }
}
