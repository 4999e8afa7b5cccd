//! A document in the hands of a terminal, as an inspection is opened with it.

use std::fmt;

use emrtd::presentation::AccessProtocol;
use straznica_types::{Secret, Timestamp};

use super::evidence::{file, within};
use super::{Evidence, EvidenceParts, Line, Refusal, SizeLimits};

/// Longest reference and optical zone taken; three lines of a TD1 with line breaks are 95 characters.
const MAX_TEXT: usize = 128;

/// What opens an inspection, not yet looked at.
pub struct ReadingParts {
    /// The terminal's own reference.
    pub document_ref: Secret<String>,
    /// How the chip was opened.
    pub access: Option<AccessProtocol>,
    /// The machine readable zone as read optically; empty when it was not.
    pub mrz_optical: Secret<String>,
    /// EF.SOD.
    pub sod: Vec<u8>,
    /// EF.COM; empty when it was not read.
    pub com: Vec<u8>,
    /// The rest.
    pub evidence: EvidenceParts,
    /// When the terminal read it.
    pub read_at: Timestamp,
    /// First or second line.
    pub line: Option<Line>,
}

/// A reading within its limits. Contents are not printed.
pub struct Reading {
    /// The terminal's own reference. Kept only as a keyed pseudonym.
    pub document_ref: Secret<String>,
    /// How the chip was opened.
    pub access: AccessProtocol,
    /// The optical zone. Compared with DG1, kept nowhere.
    pub mrz_optical: Option<Secret<String>>,
    /// EF.SOD.
    pub sod: Vec<u8>,
    /// EF.COM.
    pub com: Option<Vec<u8>>,
    /// The rest.
    pub evidence: Evidence,
    /// When the terminal read it.
    pub read_at: Timestamp,
    /// First or second line.
    pub line: Line,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("access", &self.access)
            .field("evidence", &self.evidence)
            .finish_non_exhaustive()
    }
}

impl Reading {
    /// Checks what a call carries.
    ///
    /// # Errors
    /// [`Refusal::Missing`], [`Refusal::Invalid`], [`Refusal::TooLarge`], or what [`Evidence::new`] refuses.
    pub fn new(parts: ReadingParts, limits: &SizeLimits) -> Result<Self, Refusal> {
        let evidence = Evidence::new(parts.evidence, limits)?;
        if parts.document_ref.expose().trim().is_empty() {
            return Err(Refusal::Missing { member: "/document_ref" });
        }
        within(parts.document_ref.expose().as_bytes(), MAX_TEXT, "/document_ref")?;
        within(parts.mrz_optical.expose().as_bytes(), MAX_TEXT, "/mrz_optical")?;
        if parts.sod.is_empty() {
            return Err(Refusal::Missing { member: "/sod" });
        }
        within(&parts.sod, limits.security_object, "/sod")?;
        let com = file(parts.com, limits, "/com")?;
        Ok(Self {
            document_ref: parts.document_ref,
            access: parts.access.ok_or(Refusal::Missing { member: "/access" })?,
            mrz_optical: Some(parts.mrz_optical).filter(|zone| !zone.expose().trim().is_empty()),
            sod: parts.sod,
            com,
            evidence,
            read_at: parts.read_at,
            line: parts.line.ok_or(Refusal::Missing { member: "/line" })?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> ReadingParts {
        ReadingParts {
            document_ref: Secret::new("reading-7".to_owned()),
            access: Some(AccessProtocol::Pace),
            mrz_optical: Secret::new(String::new()),
            sod: vec![0x77],
            com: Vec::new(),
            evidence: EvidenceParts::default(),
            read_at: Timestamp::UNIX_EPOCH,
            line: Some(Line::First),
        }
    }

    #[test]
    fn a_reading_names_what_it_lacks() {
        let limits = SizeLimits::default();
        let missing = |member| Refusal::Missing { member };
        let text = |length: usize| Secret::new("A".repeat(length));
        let table = [
            (ReadingParts { document_ref: text(0), ..parts() }, missing("/document_ref")),
            (ReadingParts { access: None, ..parts() }, missing("/access")),
            (ReadingParts { sod: Vec::new(), ..parts() }, missing("/sod")),
            (ReadingParts { line: None, ..parts() }, missing("/line")),
            (
                ReadingParts { document_ref: text(129), ..parts() },
                Refusal::TooLarge { member: "/document_ref", limit: 128 },
            ),
            (
                ReadingParts { mrz_optical: text(129), ..parts() },
                Refusal::TooLarge { member: "/mrz_optical", limit: 128 },
            ),
            (ReadingParts { sod: vec![0; 65_537], ..parts() }, Refusal::TooLarge { member: "/sod", limit: 65_536 }),
            (ReadingParts { com: vec![0; 32_769], ..parts() }, Refusal::TooLarge { member: "/com", limit: 32_768 }),
        ];
        for (parts, refusal) in table {
            assert_eq!(Reading::new(parts, &limits).unwrap_err(), refusal);
        }
        let reading = Reading::new(parts(), &limits).unwrap();
        assert!(reading.mrz_optical.is_none() && reading.com.is_none());
    }
}
