//! Consultations: others are asked before something is decided about an alien, and their silence is an answer.
//!
//! A consultation is a story of events under a rule set of family [`FAMILY`], as a case is one under its own: who was asked, who replied, which term was made longer, what was answered
//! in the end. Where it is, which questions are open and by when follow from that story and the law ([`Standing`]). Two things follow without anybody doing anything: silence,
//! which is an event at the first instant after the term ([`consequences`]), and the end of a consultation that only wanted everybody's word. A job writes
//! them down; whoever looks before it does sees the same.
//!
//! - Silence of a body or a state is its consent; late replies are kept and shown, and change nothing of that.
//! - The silence of another state counts from the day our question was delivered there, not from the day it was sent.
//! - Nobody consents for bodies that still have time: while a question is open the Head may object, but not consent.
//! - A term is made longer only while it runs, and once.

mod body;
mod grounds;
mod record;
mod standing;
mod subject;

use std::fmt;
use std::str::FromStr;

use straznica_types::{OfficerId, Timestamp, check_name};

pub use body::Body;
pub use grounds::Grounds;
pub use record::{NewMove, admit};
pub use standing::{Outcome, Question, QuestionState, Standing, consequences, standing};
pub use subject::Subject;

use super::clock::Happened;
use super::{CaseId, ConsultationId, PersonId};

/// The family of the rule sets consultations fall under.
pub const FAMILY: &str = "consultation";

/// The events of every rule set of the family: the code acts on these, the files say what follows.
pub mod events {
    /// A body or a state is asked.
    pub const ASKED: &str = "asked";
    /// The question was delivered in another state.
    pub const DELIVERED: &str = "delivered";
    /// Who was asked replied.
    pub const REPLIED: &str = "replied";
    /// Who was asked has longer.
    pub const EXTENDED: &str = "extended";
    /// Who was asked kept silent.
    pub const SILENT: &str = "silent";
    /// The Head answered whoever consulted.
    pub const ANSWERED: &str = "answered";
    /// The Head has longer.
    pub const PROLONGED: &str = "prolonged";
    /// The consul knows of an extension.
    pub const CONSUL_TOLD: &str = "consul_told";
    /// Everybody replied or kept silent, and nothing else was wanted.
    pub const COMPLETED: &str = "completed";
    /// Nobody wants an answer any more.
    pub const WITHDRAWN: &str = "withdrawn";
}

/// The decisions of every rule set of the family.
pub mod decisions {
    /// Who was asked does not object.
    pub const NO_OBJECTION: &str = "no_objection";
    /// Who was asked objects.
    pub const OBJECTION: &str = "objection";
    /// The Head does not object.
    pub const HEAD_NO_OBJECTION: &str = "head_no_objection";
    /// The Head objects.
    pub const HEAD_OBJECTION: &str = "head_objection";
}

/// Who consults whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flow {
    /// Another state asks the Head, the Head asks bodies (Visa Code art. 22; LTV art. 25(2)).
    Incoming,
    /// A consul asks the Head, the Head asks other states.
    Outgoing,
    /// A consul asks the Head, the Head asks bodies.
    National,
    /// The same for a national visa.
    NationalVisa,
    /// Bodies are asked for what they know of threats, in a protection case.
    ProtectionOpinion,
    /// The same in a residence case.
    ResidenceOpinion,
}

impl Flow {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Incoming,
        Self::Outgoing,
        Self::National,
        Self::NationalVisa,
        Self::ProtectionOpinion,
        Self::ResidenceOpinion,
    ];

    /// The type of cases it is in the rule sets, and its name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "consultation_incoming",
            Self::Outgoing => "consultation_outgoing",
            Self::National => "consultation_national",
            Self::NationalVisa => "consultation_national_visa",
            Self::ProtectionOpinion => "opinion_protection",
            Self::ResidenceOpinion => "opinion_residence",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flow| flow.as_str() == name)
    }

    /// Whether other states are asked, and not bodies of our own.
    #[must_use]
    pub const fn asks_states(self) -> bool {
        matches!(self, Self::Outgoing)
    }

    /// Whether it is part of a case, and ends when everybody has spoken.
    #[must_use]
    pub const fn is_opinion(self) -> bool {
        matches!(self, Self::ProtectionOpinion | Self::ResidenceOpinion)
    }

    /// The event that opens it.
    #[must_use]
    pub const fn opened_by(self) -> &'static str {
        match self {
            Self::Incoming => "request_received",
            Self::Outgoing | Self::National | Self::NationalVisa => "consul_asked",
            Self::ProtectionOpinion | Self::ResidenceOpinion => "opinions_wanted",
        }
    }
}

/// A consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consultation {
    /// Its id.
    pub id: ConsultationId,
    /// As people call it, e.g. `KSK/2026/000017`.
    pub number: String,
    /// Who consults whom.
    pub flow: Flow,
    /// The rule set it fell under.
    pub rule_set: String,
    /// The case that waits for it.
    pub case: Option<CaseId>,
    /// Whom of the register it is about.
    pub person: Option<PersonId>,
    /// Who wants to know: a state, a consular post.
    pub asked_by: String,
    /// What they call it.
    pub reference: String,
    /// When it was opened: which law it falls under.
    pub opened_at: Timestamp,
    /// Rises with each change.
    pub version: u64,
}

/// Something that happened in a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// What.
    pub happened: Happened,
    /// Of an objection: on which grounds.
    pub grounds: Option<Grounds>,
    /// What whoever did it calls it, or why it was done; may be empty.
    pub remark: String,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub by: By,
}

/// A consultation with everything in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeConsultation {
    /// The consultation.
    pub file: Consultation,
    /// What happened, in the order it was written down.
    pub noted: Vec<Noted>,
}

impl WholeConsultation {
    /// What happened, for the clock.
    #[must_use]
    pub fn happened(&self) -> Vec<Happened> {
        self.noted.iter().map(|noted| noted.happened.clone()).collect()
    }
}

/// Who did something in a consultation. Displays and parses as the journal names actors: `officer/k.nowak`, `consulted/abw/j.kowal`, `state/FRA`, `clock`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// An officer of the Office.
    Officer(OfficerId),
    /// An officer of a body.
    Body(Body, OfficerId),
    /// Another state, by the network.
    State(String),
    /// Nobody: time passed.
    Clock,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Officer(officer) => write!(f, "officer/{officer}"),
            Self::Body(body, officer) => write!(f, "consulted/{body}/{officer}"),
            Self::State(state) => write!(f, "state/{state}"),
            Self::Clock => f.write_str("clock"),
        }
    }
}

/// A text that names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it names nobody")]
pub struct Nobody;

impl FromStr for By {
    type Err = Nobody;

    fn from_str(text: &str) -> Result<Self, Nobody> {
        let officer = |id: &str| OfficerId::parse(id).map_err(|_| Nobody);
        match text.split_once('/') {
            None if text == "clock" => Ok(Self::Clock),
            Some(("officer", id)) => Ok(Self::Officer(officer(id)?)),
            Some(("state", state)) => {
                check_name(state).map_err(|_| Nobody)?;
                Ok(Self::State(state.to_owned()))
            }
            Some(("consulted", rest)) => {
                let (body, id) = rest.split_once('/').ok_or(Nobody)?;
                Ok(Self::Body(Body::parse(body).map_err(|_| Nobody)?, officer(id)?))
            }
            _ => Err(Nobody),
        }
    }
}

#[cfg(test)]
mod tests;
