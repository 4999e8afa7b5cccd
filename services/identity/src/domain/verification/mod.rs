//! mDokumenty: somebody's identity confirmed through a state register, with their consent each time.
//!
//! A verification lives for minutes: opened, the citizen asked, approved, the register asked, shown once. [`Stage`] holds which step follows which;
//! [`Verification`] adds whom it is about, on whose behalf, and the time.

mod citizen;
mod kind;
mod mandate;
mod peer;
mod purpose;
mod refusal;
mod stage;

pub use citizen::{CitizenId, Criterion, People, PeselNotTaken, PhoneProofId, Subject, Times, VerificationId};
pub use kind::DocumentKind;
pub use mandate::{Institution, Mandate};
pub use peer::{AskerName, PeerCheck};
pub use purpose::{VerificationPurpose, VerificationPurposes, VerificationPurposesError};
pub use refusal::VerificationRefusal;
pub use stage::{ChallengeChannel, Event, Ground, RefusedBy, Stage};

use straznica_types::Timestamp;

use super::CallerClaims;

/// One verification. Nothing in it says who the citizen is, and no datum of a document is ever in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// Whom it is about.
    pub subject: Subject,
    /// What was typed, as a keyed pseudonym.
    pub criterion: String,
    /// Who asks and why.
    pub mandate: Mandate,
    /// For what.
    pub kind: DocumentKind,
    /// What the citizen reads with the code.
    pub binding_text: String,
    /// Where it stands.
    pub stage: Stage,
    /// Its times.
    pub times: Times,
    /// Counts the changes: who writes says which one it saw.
    pub revision: i64,
}

impl Verification {
    /// Lets something happen.
    ///
    /// # Errors
    /// [`VerificationRefusal`]: it has ended, its time is over, the stage does not allow it, or a code was taken for right where none can be.
    pub fn apply(&mut self, event: Event, now: Timestamp) -> Result<(), VerificationRefusal> {
        self.stage = next(self.stage, self.subject, &self.times, event, now)?;
        self.times.updated_at = now;
        Ok(())
    }

    /// Whether its time is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.times.expires_at
    }

    /// The caller is the official it was opened for; anybody else learns not even that it exists.
    ///
    /// # Errors
    /// [`VerificationRefusal::Unknown`].
    pub fn must_be_of(&self, caller: &CallerClaims, institution: &str) -> Result<(), VerificationRefusal> {
        self.mandate.is_of(caller, institution).then_some(()).ok_or(VerificationRefusal::Unknown)
    }
}

/// The stage an event leads to, for whom and when.
fn next(
    stage: Stage,
    subject: Subject,
    times: &Times,
    event: Event,
    now: Timestamp,
) -> Result<Stage, VerificationRefusal> {
    if stage.is_final() {
        return Err(VerificationRefusal::Ended(stage.name()));
    }
    let over = now >= times.expires_at;
    let begins_something =
        matches!(event, Event::Challenge | Event::Approve(_) | Event::UsePrivilege | Event::Disclose);
    if begins_something && over {
        return Err(VerificationRefusal::Expired);
    }
    if matches!(event, Event::Approve(_)) && subject.is_decoy() {
        return Err(VerificationRefusal::CodeWrong);
    }
    if event == Event::Expire && !over {
        return Err(VerificationRefusal::NotNow(stage.name()));
    }
    stage.after(event).ok_or(VerificationRefusal::NotNow(stage.name()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use straznica_types::OfficerId;

    use super::*;
    use crate::domain::CaseNumber;
    use crate::domain::verifiers::InstitutionKind;

    const LIFE: Duration = Duration::from_secs(300);

    fn now() -> Timestamp {
        Timestamp::from_seconds(1_795_341_600)
    }

    fn verification(subject: Subject) -> Verification {
        Verification {
            id: VerificationId::generate_at(now()),
            subject,
            criterion: "00".repeat(32),
            mandate: Mandate {
                officer: OfficerId::parse("um-1").unwrap(),
                terminal: None,
                institution: Institution::new("um", "Urząd", InstitutionKind::Office).unwrap(),
                purpose: "office_matter".to_owned(),
                legal_basis: "Act".to_owned(),
                case_number: CaseNumber::parse("1/2026").unwrap(),
            },
            kind: DocumentKind::IdentityCard,
            binding_text: String::new(),
            stage: Stage::Opened,
            times: Times { opened_at: now(), updated_at: now(), expires_at: now() + LIFE, visible_from: now() },
            revision: 0,
        }
    }

    fn citizen() -> Subject {
        Subject::Citizen(CitizenId::generate_at(now()))
    }

    #[test]
    fn a_verification_shows_once_and_then_never_again() {
        let mut verification = verification(citizen());
        let (asked, yes) = (Event::Challenge, Event::Approve(ChallengeChannel::Sms));
        for event in [asked, yes, Event::Disclose, Event::Complete] {
            verification.apply(event, now()).unwrap();
        }
        assert_eq!(verification.stage, Stage::Shown(Ground::Consent(ChallengeChannel::Sms)));
        for event in [Event::Disclose, Event::Release, yes, asked, Event::Expire] {
            assert_eq!(verification.apply(event, now()), Err(VerificationRefusal::Ended("shown")), "{event:?}");
        }
    }

    #[test]
    fn nothing_begins_after_its_time_and_it_does_not_end_before() {
        for steps in [&[][..], &[Event::Challenge][..]] {
            let mut verification = verification(citizen());
            for step in steps {
                verification.apply(*step, now()).unwrap();
            }
            let last = now() + LIFE - Duration::from_millis(1);
            let early = verification.apply(Event::Expire, last);
            assert_eq!(early, Err(VerificationRefusal::NotNow(verification.stage.name())));
            for event in [Event::Approve(ChallengeChannel::MobileConnect), Event::UsePrivilege, Event::Disclose] {
                assert_eq!(verification.apply(event, now() + LIFE), Err(VerificationRefusal::Expired), "{event:?}");
            }
            verification.apply(Event::Expire, now() + LIFE).unwrap();
            assert_eq!(verification.stage, Stage::Expired);
        }
    }

    #[test]
    fn no_code_is_right_where_there_is_nobody_to_say_yes() {
        for id in [None, Some(CitizenId::generate_at(now()))] {
            let mut verification = verification(Subject::Decoy(id));
            verification.apply(Event::Challenge, now()).unwrap();
            for channel in ChallengeChannel::ALL {
                assert_eq!(verification.apply(Event::Approve(channel), now()), Err(VerificationRefusal::CodeWrong));
            }
            assert_eq!(verification.stage, Stage::Challenged);
        }
    }
}
