//! Art. 9 of the Protection Act: nothing goes to the authorities of the state somebody comes from.
//!
//! The article forbids what would let them learn that protection was asked for, refused or given. An answer about those who never asked, and none about those who did,
//! would tell just that; so the rule looks at nobody's cases. It holds for whoever may come from the state, and it is here, in code: a profile of a consumer can ask for
//! nothing that this module would have to believe.
//!
//! Every doubt counts against telling. A nationality that was corrected, ended or withdrawn still counts, and so does who issued a document: whoever gives somebody a passport
//! takes them for a citizen. The stateless, refugees of other states, those without a stated nationality and those with one nobody can read may come from anywhere:
//! where they lived stands in the register as people wrote it, and text excludes no state. Relatives and those in the same case count with the person,
//! since where one of them is, the others are.

use std::collections::BTreeSet;

use super::state::{OWN, State};
use crate::domain::PersonId;
use crate::domain::person::{Fact, Statement};

/// Where somebody may come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    states: BTreeSet<State>,
    /// It may be any other state as well.
    any: bool,
}

impl Origin {
    /// By everything ever stated.
    #[must_use]
    pub fn of(ever: &[Statement]) -> Self {
        let facts = || ever.iter().filter_map(|statement| statement.fact.as_ref());
        let nationalities = facts().filter_map(|fact| match fact {
            Fact::Nationality(country) => Some(country.as_str()),
            _ => None,
        });
        let issuers = facts().filter_map(|fact| match fact {
            Fact::Document(document) => Some(document.issuer.as_str()),
            _ => None,
        });
        let mut origin = Self { states: BTreeSet::new(), any: nationalities.clone().next().is_none() };
        for code in nationalities.chain(issuers) {
            match State::meant_by(code) {
                Some(states) => origin.states.extend(states),
                None => origin.any = true,
            }
        }
        origin
    }

    /// Whether it may be this state.
    #[must_use]
    pub fn may_be(&self, state: State) -> bool {
        state != OWN && (self.any || self.states.contains(&state))
    }
}

/// Whom an answer reaches: the consumer's state, and those it passes data on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach(BTreeSet<State>);

impl Reach {
    /// Of a consumer.
    #[must_use]
    pub fn new(state: State, passes_on_to: &[State]) -> Self {
        Self(passes_on_to.iter().copied().chain([state]).collect())
    }

    /// Whether it reaches another state than our own: only then it matters where anybody comes from.
    #[must_use]
    pub fn abroad(&self) -> bool {
        self.0.iter().any(|state| *state != OWN)
    }
}

/// A person with everything that says where they may come from.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Who.
    pub id: PersonId,
    /// Everything ever stated.
    pub ever: Vec<Statement>,
    /// Relatives and those in the same cases, each with everything ever stated. Needed where an answer reaches [abroad](Reach::abroad).
    pub household: Vec<Vec<Statement>>,
}

/// A person about whom an answer may leave. Nobody but [`release`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct Released<'a>(&'a Subject);

impl<'a> Released<'a> {
    /// Who.
    #[must_use]
    pub const fn subject(self) -> &'a Subject {
        self.0
    }
}

/// Lets an answer about a person leave; `None`: it would reach a state the person may come from.
#[must_use]
pub fn release<'a>(subject: &'a Subject, reach: &Reach) -> Option<Released<'a>> {
    let everybody = || std::iter::once(&subject.ever).chain(&subject.household);
    let reached = |state: &State| everybody().any(|ever| Origin::of(ever).may_be(*state));
    (!reach.0.iter().any(reached)).then_some(Released(subject))
}
