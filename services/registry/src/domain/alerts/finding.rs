//! One alert that matched.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Likeness;
use crate::domain::person::{Country, words};

words! {
    /// What an alert is for, by its legal basis.
    Category {
        /// Refusal of entry and stay.
        RefusalOfEntry = "refusal_of_entry",
        /// Return.
        Return = "return",
        /// Arrest for surrender or extradition.
        Arrest = "arrest",
        /// A missing person, or one to be prevented from travelling.
        MissingOrVulnerable = "missing_or_vulnerable",
        /// Somebody sought to assist with a judicial procedure.
        JudicialProcedure = "judicial_procedure",
        /// Discreet, inquiry or specific check.
        Check = "check",
        /// An object, a document among them.
        Object = "object",
    }
}

words! {
    /// What is to be done.
    Action {
        /// Refuse entry or stay.
        RefuseEntry = "refuse_entry",
        /// Establish whether the obligation to return was met.
        VerifyReturn = "verify_return",
        /// Arrest.
        Arrest = "arrest",
        /// Establish where the person is.
        Locate = "locate",
        /// Place under protection, or prevent from travelling.
        Protect = "protect",
        /// Establish the place of residence.
        EstablishResidence = "establish_residence",
        /// Gather information without the person learning of the alert.
        GatherDiscreetly = "gather_discreetly",
        /// Interview.
        Interview = "interview",
        /// Search.
        Search = "search",
        /// Seize.
        Seize = "seize",
    }
}

/// An alert that matched, as it is kept: what is to be done, and nothing of the alert's file. Prints as `***`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What the alert is for.
    pub category: Category,
    /// What is to be done.
    pub action: Action,
    /// The state that entered it.
    pub issuing_state: Country,
    /// Of an alert on return: whether an entry ban goes with it.
    pub entry_ban: Option<bool>,
    /// How like person and alert are; `None` of an exact match, and of a document.
    pub likeness: Option<Likeness>,
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Finding(***)")
    }
}
