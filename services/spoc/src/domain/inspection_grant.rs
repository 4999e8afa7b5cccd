//! What a terminal's open inspection allows: the control centre signs only for one.

use std::time::Duration;

use straznica_types::Timestamp;
use thiserror::Error;

/// An inspection as the identity service reported it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectionGrant {
    /// Terminal that inspects.
    pub terminal_id: String,
    /// Officer at the terminal.
    pub officer: String,
    /// Purpose of the inspection.
    pub purpose: String,
    /// Case number, where the purpose's legal basis asks for one; else empty.
    pub case_number: String,
    /// When it was opened.
    pub opened_at: Timestamp,
}

/// Why an inspection does not allow what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GrantRefusal {
    /// It is another terminal's.
    #[error("the inspection belongs to another terminal")]
    OtherTerminal,
    /// It was opened by another officer.
    #[error("the inspection belongs to another officer")]
    OtherOfficer,
    /// The request names a purpose or case other than the inspection's.
    #[error("the request's purpose or case is not the inspection's")]
    OtherPurpose,
    /// It was opened too long ago.
    #[error("the inspection was opened too long ago")]
    TooOld,
    /// It was opened in the future: a clock is wrong.
    #[error("the inspection was opened in the future")]
    NotYetOpen,
}

/// How far the identity service's clock may run ahead of ours.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(30);

impl InspectionGrant {
    /// Checks that `terminal_id`, `officer`, `purpose` and `case_number` of a request are the inspection's and that it is at most `max_age`
    /// old. An empty purpose or case in the request takes the inspection's.
    ///
    /// # Errors
    /// The first [`GrantRefusal`] found; the terminal is looked at first, so that another terminal learns nothing else.
    pub fn check(
        &self,
        terminal_id: &str,
        officer: &str,
        purpose: &str,
        case_number: &str,
        max_age: Duration,
        now: Timestamp,
    ) -> Result<(), GrantRefusal> {
        if self.terminal_id != terminal_id {
            return Err(GrantRefusal::OtherTerminal);
        }
        if self.officer != officer {
            return Err(GrantRefusal::OtherOfficer);
        }
        let differs = |asked: &str, granted: &str| !asked.is_empty() && asked != granted;
        if differs(purpose, &self.purpose) || differs(case_number, &self.case_number) {
            return Err(GrantRefusal::OtherPurpose);
        }
        if self.opened_at.saturating_since(now) > CLOCK_TOLERANCE {
            return Err(GrantRefusal::NotYetOpen);
        }
        if now.saturating_since(self.opened_at) > max_age {
            return Err(GrantRefusal::TooOld);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{GrantRefusal, InspectionGrant};
    use std::time::Duration;
    use straznica_types::Timestamp;

    const TEN_MINUTES: Duration = Duration::from_mins(10);
    const OPENED: i64 = 1_800_000_000_000;

    fn check(terminal: &str, officer: &str, purpose: &str, case: &str, after_ms: i64) -> Result<(), GrantRefusal> {
        let grant = InspectionGrant {
            terminal_id: "UT-A-1".into(),
            officer: "bg-7".into(),
            purpose: "border_check".into(),
            case_number: String::new(),
            opened_at: Timestamp::from_millis(OPENED),
        };
        grant.check(terminal, officer, purpose, case, TEN_MINUTES, Timestamp::from_millis(OPENED + after_ms))
    }

    #[test]
    fn the_same_terminal_and_officer_may_sign_for_ten_minutes() {
        assert_eq!(check("UT-A-1", "bg-7", "border_check", "", 0), Ok(()));
        assert_eq!(check("UT-A-1", "bg-7", "", "", 600_000), Ok(()));
    }

    #[test]
    fn what_is_not_the_inspections_own_is_refused() {
        for (terminal, officer, purpose, case, after, refusal) in [
            ("UT-A-2", "bg-8", "", "", 0, GrantRefusal::OtherTerminal),
            ("UT-A-1", "bg-8", "", "", 0, GrantRefusal::OtherOfficer),
            ("UT-A-1", "", "", "", 0, GrantRefusal::OtherOfficer),
            ("UT-A-1", "bg-7", "visa", "", 0, GrantRefusal::OtherPurpose),
            ("UT-A-1", "bg-7", "", "C/1", 0, GrantRefusal::OtherPurpose),
            ("UT-A-1", "bg-7", "", "", 600_001, GrantRefusal::TooOld),
            ("UT-A-1", "bg-7", "", "", -30_001, GrantRefusal::NotYetOpen),
        ] {
            assert_eq!(check(terminal, officer, purpose, case, after), Err(refusal));
        }
    }
}
