//! What a consumer may ask and read.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use straznica_types::CivilDate;

use super::origin::Reach;
use super::state::State;
use crate::domain::person::{Fact, NameKind, words};

words! {
    /// What can be read of a person.
    Field {
        /// The name under which the person is known.
        MainName = "main_name",
        /// Name at birth and other identities.
        OtherNames = "other_names",
        /// Birth.
        Birth = "birth",
        /// Nationalities.
        Nationalities = "nationalities",
        /// Sex.
        Sex = "sex",
        /// Documents.
        Documents = "documents",
        /// Addresses.
        Addresses = "addresses",
        /// Links to relatives.
        Family = "family",
        /// Vulnerabilities.
        Vulnerabilities = "vulnerabilities",
        /// Cases: number, type, stage.
        Procedures = "procedures",
        /// Decisions issued in them.
        Decisions = "decisions",
    }
}

words! {
    /// How a person can be asked for.
    Way {
        /// By the register's identifier.
        PersonId = "person_id",
        /// By the number of a case.
        CaseNumber = "case_number",
        /// By a document, exactly.
        Document = "document",
    }
}

impl Field {
    /// The field a fact is told in.
    #[must_use]
    pub const fn of(fact: &Fact) -> Self {
        match fact {
            Fact::Name(name) => match name.kind {
                NameKind::Main => Self::MainName,
                NameKind::Birth | NameKind::Alias => Self::OtherNames,
            },
            Fact::Birth(_) => Self::Birth,
            Fact::Nationality(_) => Self::Nationalities,
            Fact::Sex(_) => Self::Sex,
            Fact::Document(_) => Self::Documents,
            Fact::Address(_) => Self::Addresses,
            Fact::FamilyLink(_) => Self::Family,
            Fact::Vulnerability(_) => Self::Vulnerabilities,
        }
    }
}

/// What a consumer may do for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Act and article.
    pub legal_basis: String,
    /// What it reads.
    pub fields: BTreeSet<Field>,
    /// How it asks.
    pub by: BTreeSet<Way>,
}

/// A consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// As its certificate names it: `<state>.<name>`.
    pub id: String,
    /// Whose authority it is.
    pub state: State,
    /// The authority's name.
    pub authority: String,
    /// Whom it passes data on to.
    pub passes_on_to: Vec<State>,
    /// First day.
    pub valid_from: CivilDate,
    /// First day on which it does not hold any more.
    pub valid_to: CivilDate,
    /// Most questions of a minute.
    pub per_minute: u32,
    /// Most questions of a day, in Warsaw.
    pub per_day: u32,
    /// What it may do, by purpose.
    pub purposes: BTreeMap<String, Grant>,
    /// SHA-256 of the file it was read from, lower-case hex: what every journal entry names it by.
    pub digest: String,
}

/// Why a consumer is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Whoever speaks for it has not handed on certificates that are trusted here.
    #[error("no consumer's certificates were handed on that are trusted here")]
    NotVouched,
    /// Nothing was agreed with it.
    #[error("there is no profile for this caller")]
    NoProfile,
    /// The certificate is of another state's authority.
    #[error("the caller's certificate is of another state than its profile")]
    OtherState,
    /// The profile does not hold today.
    #[error("the caller's profile does not hold today")]
    NotNow,
    /// Not for this purpose.
    #[error("the caller's profile does not have this purpose")]
    Purpose,
    /// Not by this.
    #[error("the caller's profile does not let persons be asked for by this for the purpose")]
    Way,
}

impl Profile {
    /// What the consumer may do for a purpose on a day, asking in this way. `peer` is its name in the certificate.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn admit(&self, peer: &str, day: CivilDate, purpose: &str, way: Way) -> Result<&Grant, Denied> {
        if peer != self.id {
            return Err(Denied::NoProfile);
        }
        if state_of(peer) != Some(self.state) {
            return Err(Denied::OtherState);
        }
        if day < self.valid_from || self.valid_to <= day {
            return Err(Denied::NotNow);
        }
        let grant = self.purposes.get(purpose).ok_or(Denied::Purpose)?;
        if grant.by.contains(&way) { Ok(grant) } else { Err(Denied::Way) }
    }

    /// Whom an answer to it reaches.
    #[must_use]
    pub fn reach(&self) -> Reach {
        Reach::new(self.state, &self.passes_on_to)
    }
}

/// The state in a consumer's name: `POL` of `POL.zus`.
#[must_use]
pub fn state_of(peer: &str) -> Option<State> {
    let (state, name) = peer.split_once('.')?;
    State::parse(state).filter(|_| !name.is_empty())
}
