//! Bulk notices: one message to many people who wish to hear of such things, each in their language.

mod acting;
mod quiet;
mod template;

use std::collections::BTreeMap;
use std::time::Duration;

use identifiers::PhoneNumber;
use serde::{Deserialize, Serialize};
use sms::life::State;
use sms::template::Language;
use straznica_types::Timestamp;

pub use acting::Acting;
pub use quiet::{NotHours, QuietHours};
pub use template::{MOST_PARTS, NoticeTemplate, Place, Rendered, TemplateWords};

use super::{Institution, Refusal};

const HOUR: Duration = Duration::from_secs(3_600);

straznica_types::typed_id! {
    /// One notice. The caller chooses it.
    pub struct NoticeId;
}

straznica_types::typed_id! {
    /// One recipient of a notice, and the owner of their message in the outbox.
    pub struct RecipientId;
}

/// Where a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// Recipients may be added.
    Prepared,
    /// Somebody proposed to send it as it is; another one has to approve that.
    Proposed,
    /// Messages go out.
    Running,
    /// Somebody stopped it.
    Stopped,
    /// Everything was handed over, or its time is over.
    Finished,
}

impl NoticeState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Prepared, Self::Proposed, Self::Running, Self::Stopped, Self::Finished];

    /// The name it has in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Proposed => "proposed",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether nothing more is sent.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Stopped | Self::Finished)
    }
}

/// Where a recipient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientState {
    /// As every message: created before it is in the outbox, queued while it is there.
    Life(State),
    /// No wish to hear of such things was on record when it was their turn.
    NoOptIn,
    /// The notice was stopped before it was their turn.
    Withdrawn,
}

impl RecipientState {
    /// Nothing was ordered yet.
    pub const CREATED: Self = Self::Life(State::Created);
    /// A message lies in the outbox.
    pub const QUEUED: Self = Self::Life(State::Queued);

    /// The names of all states.
    pub const NAMES: [&'static str; 12] = {
        let mut names = [Self::NoOptIn.as_str(); 12];
        names[11] = Self::Withdrawn.as_str();
        let mut at = 0;
        while at < State::ALL.len() {
            names[at] = State::ALL[at].as_str();
            at += 1;
        }
        names
    };

    /// The name it has in the database and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Life(state) => state.as_str(),
            Self::NoOptIn => "no_opt_in",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A notice: which words, on whose behalf, and until when they are of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Chosen by the caller.
    pub id: NoticeId,
    /// On whose behalf.
    pub institution: Institution,
    /// The words, by name.
    pub template: String,
    /// Of the template.
    pub version: u32,
    /// How long after its start a message is of use.
    pub valid_hours: u32,
    /// Where it is.
    pub state: NoticeState,
    /// Who prepared it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Who proposed to send it.
    pub proposed_by: Option<String>,
    /// Who approved that.
    pub started_by: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was stopped, or had finished.
    pub ended_at: Option<Timestamp>,
}

impl Notice {
    /// That it is in one of these states.
    ///
    /// # Errors
    /// [`Refusal::NoticeState`].
    pub fn is_in(&self, states: &[NoticeState]) -> Result<(), Refusal> {
        if states.contains(&self.state) { Ok(()) } else { Err(Refusal::NoticeState(self.state.as_str())) }
    }

    /// That this officer may approve the sending: another one proposed it.
    ///
    /// # Errors
    /// [`Refusal::NoticeState`], [`Refusal::OwnProposal`].
    pub fn may_start(&self, by: &str) -> Result<(), Refusal> {
        self.is_in(&[NoticeState::Proposed])?;
        match self.proposed_by.as_deref() {
            Some(other) if other != by => Ok(()),
            _ => Err(Refusal::OwnProposal),
        }
    }

    /// That it is the one ordered before.
    ///
    /// # Errors
    /// [`Refusal::NoticeExists`].
    pub fn is_same_order(&self, ordered: &Self) -> Result<(), Refusal> {
        fn words(notice: &Notice) -> (&Institution, &str, u32, u32) {
            (&notice.institution, &notice.template, notice.version, notice.valid_hours)
        }
        if words(self) == words(ordered) { Ok(()) } else { Err(Refusal::NoticeExists) }
    }

    /// From when on its messages are of no use; `None` before it began.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.started_at.map(|started_at| started_at + HOUR * self.valid_hours)
    }
}

/// A recipient as the caller names them.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// The caller's own name for them.
    pub reference: String,
    /// Where they are written to.
    pub phone: PhoneNumber,
    /// In which language.
    pub language: Language,
    /// What differs from person to person.
    pub values: BTreeMap<String, String>,
}

/// What lies sealed of a recipient until their message is handed over. It has no `Debug`.
#[derive(Serialize, Deserialize)]
pub struct SealedRecipient {
    /// E.164.
    pub phone: String,
    /// The language of the text.
    pub language: String,
    /// By place.
    pub values: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(state: NoticeState) -> Notice {
        Notice {
            id: NoticeId::generate(&straznica_types::SystemClock),
            institution: Institution::parse("udsc").unwrap(),
            template: "payment-day".to_owned(),
            version: 1,
            valid_hours: 48,
            state,
            created_by: "a.nowak".to_owned(),
            created_at: Timestamp::from_millis(0),
            proposed_by: Some("a.nowak".to_owned()),
            started_by: None,
            started_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn a_sending_is_approved_by_another_officer_and_only_once_it_is_proposed() {
        assert_eq!(notice(NoticeState::Proposed).may_start("j.kowalska"), Ok(()));
        assert_eq!(notice(NoticeState::Proposed).may_start("a.nowak"), Err(Refusal::OwnProposal));
        for state in NoticeState::ALL.into_iter().filter(|state| *state != NoticeState::Proposed) {
            assert_eq!(notice(state).may_start("j.kowalska"), Err(Refusal::NoticeState(state.as_str())));
        }
    }

    #[test]
    fn every_state_has_a_name_of_its_own() {
        let mut names: Vec<_> = RecipientState::NAMES.into();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RecipientState::NAMES.len());
        assert!(names.contains(&"no_opt_in") && names.contains(&"withdrawn") && names.contains(&"created"));
        for state in NoticeState::ALL {
            assert_eq!(NoticeState::from_name(state.as_str()), Some(state));
        }
    }
}
