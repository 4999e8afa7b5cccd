//! An inspection: what may happen to it, by whom and when.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use emrtd::inspection::{CheckName, CheckResult, Inspection as Judgement};
use emrtd::presentation::AccessProtocol;
use straznica_types::{InspectionId, OfficerId, TerminalId, Timestamp};

use super::{
    BorderAlerts, CallerClaims, FingerprintResult, Mission, Referral, ReferralClosure, ReferralOutcome, Refusal,
};

/// Where the person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The booth everybody passes.
    First,
    /// The thorough check away from the others (Regulation (EU) 2016/399, Article 2(13)).
    Second,
}

impl Line {
    /// Both.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

    /// As the database names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Line {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let expected = Refusal::Invalid { member: "/line", expected: "first or second" };
        Self::ALL.into_iter().find(|line| line.as_str() == text).ok_or(expected)
    }
}

/// How old a reading may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Longest time between reading and judging.
    pub longest_delay: Duration,
    /// How far a terminal's clock may be ahead of ours.
    pub clock_tolerance: Duration,
}

impl Timing {
    /// Whether a document read then is present now.
    ///
    /// # Errors
    /// [`Refusal::ReadInFuture`] or [`Refusal::ReadTooLongAgo`].
    pub fn check(&self, read_at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
        if read_at > now + self.clock_tolerance {
            return Err(Refusal::ReadInFuture);
        }
        if now.saturating_since(read_at) > self.longest_delay {
            return Err(Refusal::ReadTooLongAgo { minutes: self.longest_delay.as_secs() / 60 });
        }
        Ok(())
    }
}

/// When an inspection was opened, last judged, and until when it takes evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTimes {
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its verdict was last brought up to date, or something was recorded.
    pub updated_at: Timestamp,
    /// From then on no evidence is taken.
    pub open_until: Timestamp,
}

/// A comparison of fingerprints as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerprintRecord {
    /// What came out.
    pub result: FingerprintResult,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who stood by it.
    pub recorded_by: OfficerId,
}

/// One inspection of one document. Nothing in it says whose document it is.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// Its id.
    pub id: InspectionId,
    /// Who opened it and why.
    pub mission: Mission,
    /// The terminal's reference for the reading, as a keyed pseudonym.
    pub document: String,
    /// How the chip was opened.
    pub access: AccessProtocol,
    /// First or second line.
    pub line: Line,
    /// Checks, tolerances, defects and the verdict drawn from them.
    pub judgement: Judgement,
    /// Profile that drew the verdict.
    pub profile: String,
    /// Generation of the trust it was judged by.
    pub trust_generation: u64,
    /// When spoc last confirmed that generation as the newest.
    pub trust_confirmed_at: Timestamp,
    /// Its times.
    pub times: SessionTimes,
    /// When the terminal control centre was told of it.
    pub announced_at: Option<Timestamp>,
    /// The second line.
    pub referral: Option<Referral>,
    /// The comparison of fingerprints.
    pub fingerprints: Option<FingerprintRecord>,
    /// Whether there are alerts on the holder or the document.
    pub alerts: BorderAlerts,
    /// Counts the changes: who writes says which one it saw.
    pub revision: i64,
}

impl Inspection {
    /// Whether the caller may add evidence now.
    ///
    /// # Errors
    /// [`Refusal::OtherTerminal`], [`Refusal::OtherPurpose`], [`Refusal::InspectionClosed`].
    pub fn may_add_evidence(&self, caller: &CallerClaims, now: Timestamp) -> Result<(), Refusal> {
        self.must_be_opener(caller.terminal()?)?;
        self.must_be_same_purpose(caller)?;
        self.must_be_open(now)
    }

    /// Whether the caller may see it: the terminal that opened it and, once it was referred, the second line's. Anybody else learns
    /// nothing, not even that it exists. At another terminal sits another officer, who is named.
    ///
    /// # Errors
    /// [`Refusal::InspectionUnknown`], [`Refusal::OtherPurpose`], [`Refusal::Missing`] without an officer at another terminal.
    pub fn may_read(&self, caller: &CallerClaims) -> Result<(), Refusal> {
        if self.mission.terminal != *caller.terminal()? {
            if self.referral.is_none() {
                return Err(Refusal::InspectionUnknown);
            }
            caller.officer()?;
        }
        self.must_be_same_purpose(caller)
    }

    /// Sends the person to the second line.
    ///
    /// # Errors
    /// [`Refusal::OtherTerminal`], [`Refusal::OtherPurpose`], [`Refusal::AlreadyReferred`], [`Refusal::Missing`] without an officer.
    pub fn refer(&mut self, caller: &CallerClaims, reason: &str, now: Timestamp) -> Result<(), Refusal> {
        self.must_be_opener(caller.terminal()?)?;
        self.must_be_same_purpose(caller)?;
        if self.referral.is_some() {
            return Err(Refusal::AlreadyReferred);
        }
        self.referral = Some(Referral {
            reason: reason.to_owned(),
            referred_at: now,
            referred_by: caller.officer()?.clone(),
            closure: None,
        });
        self.times.updated_at = now;
        Ok(())
    }

    /// Records what the second line decided; another officer at another terminal may.
    ///
    /// # Errors
    /// [`Refusal::NotReferred`], [`Refusal::ReferralClosed`], [`Refusal::OtherPurpose`], [`Refusal::Missing`] without terminal or officer.
    pub fn close_referral(
        &mut self,
        caller: &CallerClaims,
        outcome: ReferralOutcome,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.must_be_same_purpose(caller)?;
        caller.terminal()?;
        let closed_by = caller.officer()?.clone();
        let referral = self.referral.as_mut().ok_or(Refusal::NotReferred)?;
        if referral.closure.is_some() {
            return Err(Refusal::ReferralClosed);
        }
        referral.closure = Some(ReferralClosure { outcome, closed_at: now, closed_by });
        self.times.updated_at = now;
        Ok(())
    }

    /// Records the comparison of fingerprints, once. Prints that were compared must be those the state signed: the hash of DG3 has
    /// to be successful by then.
    ///
    /// # Errors
    /// [`Refusal::OtherTerminal`], [`Refusal::OtherPurpose`], [`Refusal::InspectionClosed`], [`Refusal::FingerprintsRecorded`],
    /// [`Refusal::FingerprintsUnverified`], [`Refusal::Missing`] without an officer.
    pub fn record_fingerprints(
        &mut self,
        caller: &CallerClaims,
        result: FingerprintResult,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.must_be_opener(caller.terminal()?)?;
        self.must_be_same_purpose(caller)?;
        let recorded_by = caller.officer()?.clone();
        self.must_be_open(now)?;
        if self.fingerprints.is_some() {
            return Err(Refusal::FingerprintsRecorded);
        }
        if result.compared() && !self.fingerprints_verified() {
            return Err(Refusal::FingerprintsUnverified);
        }
        self.fingerprints = Some(FingerprintRecord { result, recorded_at: now, recorded_by });
        self.times.updated_at = now;
        Ok(())
    }

    fn fingerprints_verified(&self) -> bool {
        self.judgement.result(CheckName::DataGroupHash(3)) == Some(CheckResult::Successful)
    }

    fn must_be_opener(&self, terminal: &TerminalId) -> Result<(), Refusal> {
        (self.mission.terminal == *terminal).then_some(()).ok_or(Refusal::OtherTerminal)
    }

    fn must_be_same_purpose(&self, caller: &CallerClaims) -> Result<(), Refusal> {
        let same = caller.purpose.as_ref().is_none_or(|purpose| *purpose == self.mission.purpose);
        same.then_some(()).ok_or(Refusal::OtherPurpose)
    }

    fn must_be_open(&self, now: Timestamp) -> Result<(), Refusal> {
        (now < self.times.open_until).then_some(()).ok_or(Refusal::InspectionClosed(self.times.open_until))
    }
}
