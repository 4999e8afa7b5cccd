//! CV certificates as the control centre reasons about them: verified when they were taken in, so that only their place, time, state and rights
//! matter here.

use std::{fmt, sync::Arc};

use cvc::{algorithm::Algorithm, chat::Rights, reference::Reference};
use serde::Serialize;
use time::Date;

use crate::keystore::KeyHandle;

/// Days since 1970-01-01, GMT: the resolution of CV certificates (TR-03110-3 §D.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Julian day of 1970-01-01.
const EPOCH_JULIAN: i64 = 2_440_588;

impl Day {
    /// The day a moment falls into.
    #[must_use]
    pub fn of(at: straznica_types::Timestamp) -> Self {
        Self(at.millis().div_euclid(DAY_MS))
    }

    /// The day that begins at this midnight, milliseconds UTC.
    #[must_use]
    pub const fn from_midnight(millis: i64) -> Self {
        Self(millis.div_euclid(DAY_MS))
    }

    /// The day's first moment, milliseconds UTC.
    #[must_use]
    pub const fn midnight(self) -> i64 {
        self.0 * DAY_MS
    }

    /// The day of a certificate's date.
    #[must_use]
    pub fn of_date(date: Date) -> Self {
        Self(i64::from(date.to_julian_day()) - EPOCH_JULIAN)
    }

    /// The day as a certificate's date; `None` beyond the years dates are written for.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        let julian = i32::try_from(self.0.checked_add(EPOCH_JULIAN)?).ok()?;
        Date::from_julian_day(julian).ok()
    }

    /// The day `days` later.
    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl fmt::Display for Day {
    /// `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = straznica_types::Timestamp::from_millis(self.midnight()).date();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

/// What a certificate's holder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Country verifying CA, self-signed.
    Cvca,
    /// Country verifying CA, certified by its previous key.
    CvcaLink,
    /// Document verifier of the CVCA's own state.
    DvDomestic,
    /// Document verifier of another state than the CVCA's.
    DvForeign,
    /// Inspection system.
    #[serde(rename = "is")]
    InspectionSystem,
}

impl Role {
    const ALL: [Self; 5] = [Self::Cvca, Self::CvcaLink, Self::DvDomestic, Self::DvForeign, Self::InspectionSystem];

    /// The role's name in the database, the journal and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cvca => "cvca",
            Self::CvcaLink => "cvca_link",
            Self::DvDomestic => "dv_domestic",
            Self::DvForeign => "dv_foreign",
            Self::InspectionSystem => "is",
        }
    }

    /// Reads [`Role::as_str`].
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// A root or a link.
    #[must_use]
    pub const fn is_cvca(self) -> bool {
        matches!(self, Self::Cvca | Self::CvcaLink)
    }

    /// A document verifier, domestic or foreign.
    #[must_use]
    pub const fn is_dv(self) -> bool {
        matches!(self, Self::DvDomestic | Self::DvForeign)
    }
}

/// Whether a certificate may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A self-signed CVCA certificate only one officer has seen.
    AwaitingConfirmation,
    /// In use.
    Active,
    /// Withdrawn from use by an operator, for the time being.
    Suspended,
}

impl State {
    const ALL: [Self; 3] = [Self::AwaitingConfirmation, Self::Active, Self::Suspended];

    /// The state's name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingConfirmation => "awaiting_confirmation",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// Reads [`State::as_str`].
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One verified certificate.
#[derive(Debug, Clone)]
pub struct CertificateRecord {
    /// Certification authority reference: who signed it.
    pub car: String,
    /// Certificate holder reference.
    pub chr: String,
    /// What the holder is.
    pub role: Role,
    /// Country and mnemonic of the CVCA its tree grows from.
    pub cvca: String,
    /// Whether it may be used.
    pub state: State,
    /// First day of validity.
    pub effective: Day,
    /// Last day of validity.
    pub expires: Day,
    /// Rights it grants.
    pub rights: Rights,
    /// Signature algorithm of the holder's key.
    pub algorithm: Algorithm,
    /// Private key, where it is held here.
    pub key: Option<KeyHandle>,
    /// The certificate, DER.
    pub der: Arc<[u8]>,
}

impl CertificateRecord {
    /// Country of the CVCA its tree grows from.
    #[must_use]
    pub fn cvca_country(&self) -> &str {
        self.cvca.get(..2).unwrap_or_default()
    }

    /// Active and within its validity.
    #[must_use]
    pub fn is_usable(&self, today: Day) -> bool {
        self.state == State::Active && self.effective <= today && today <= self.expires
    }
}

/// Country and mnemonic of a reference: the name of a CVCA or holder.
#[must_use]
pub fn holder_name(reference: &Reference) -> String {
    format!("{}{}", reference.country(), reference.mnemonic())
}

/// Whether the CVCA of this holder reference is suspended: its root or a link to it, for the holder is one.
#[must_use]
pub fn is_suspended_cvca(records: &[CertificateRecord], chr: &str) -> bool {
    records.iter().any(|record| record.role.is_cvca() && record.chr == chr && record.state == State::Suspended)
}
