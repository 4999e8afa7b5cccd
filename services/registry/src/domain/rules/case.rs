//! A type of cases: its stages and what moves between them.

use super::{Basis, DeadlineRule, DecisionRule, DeemedRule, DocumentRule, Party, Service, Text};

/// A type of cases.
#[derive(Debug, Clone)]
pub struct CaseType {
    /// Its name within the family.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// The law it is handled under.
    pub basis: Basis,
    /// Where a case can be.
    pub stages: Vec<Stage>,
    /// What can happen in it.
    pub events: Vec<EventRule>,
    /// What counts as having happened.
    pub deemed: Vec<DeemedRule>,
    /// By when.
    pub deadlines: Vec<DeadlineRule>,
    /// What can be decided.
    pub decisions: Vec<DecisionRule>,
    /// Which documents come of it.
    pub documents: Vec<DocumentRule>,
}

impl CaseType {
    /// The event of this name.
    #[must_use]
    pub fn event(&self, id: &str) -> Option<&EventRule> {
        self.events.iter().find(|event| event.id == id)
    }

    /// The stage of this name.
    #[must_use]
    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    /// The deadline of this name.
    #[must_use]
    pub fn deadline(&self, id: &str) -> Option<&DeadlineRule> {
        self.deadlines.iter().find(|deadline| deadline.id == id)
    }

    /// The event by which a decision of a party is issued.
    #[must_use]
    pub fn issuing(&self, by: Party) -> Option<&EventRule> {
        self.events.iter().find(|event| event.issues && event.about_decision_of == Some(by))
    }

    /// The event that tells this of a letter with a decision of a party.
    #[must_use]
    pub fn serving(&self, by: Party, service: Service) -> Option<&EventRule> {
        self.events.iter().find(|event| event.service == Some(service) && event.about_decision_of == Some(by))
    }

    /// The document of this name.
    #[must_use]
    pub fn document(&self, id: &str) -> Option<&DocumentRule> {
        self.documents.iter().find(|document| document.id == id)
    }

    /// The decision of this name.
    #[must_use]
    pub fn decision(&self, id: &str) -> Option<&DecisionRule> {
        self.decisions.iter().find(|decision| decision.id == id)
    }
}

/// Where a case can be.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name within the case type.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// Nothing is waited for any more.
    pub closed: bool,
}

/// What can happen in a case.
#[derive(Debug, Clone)]
pub struct EventRule {
    /// Its name within the case type.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// It opens a case, which then is at this stage.
    pub opens: Option<String>,
    /// It can happen at every stage that is not closed, and leaves the case where it is.
    pub anywhere: bool,
    /// It is about a decision of theirs, and says which.
    pub about_decision_of: Option<Party>,
    /// It is the issuing of that decision: nothing else of the same party's about it can happen before.
    pub issues: bool,
    /// What it says of the letter on its way to the person.
    pub service: Option<Service>,
    /// It brings further persons into the case.
    pub joins: bool,
    /// It can happen only once this deadline was met in time.
    pub only_if_met: Option<String>,
    /// Of a consultation: what the case it is for is told by, where the law of that case knows such an event.
    pub in_case: Option<String>,
    /// From where to where.
    pub moves: Vec<Move>,
}

/// Where an event leads.
#[derive(Debug, Clone)]
pub struct Move {
    /// From these stages.
    pub from: Vec<String>,
    /// To this one; `None`: the case stays where it is.
    pub to: Option<String>,
    /// Where the event is about one of these decisions; empty: where no other move names its decision.
    pub decisions: Vec<String>,
}

impl EventRule {
    /// The move it makes from a stage, if it can happen there.
    #[must_use]
    pub fn move_from(&self, stage: &str, decision: Option<&str>) -> Option<&Move> {
        let from_here = || self.moves.iter().filter(|step| step.from.iter().any(|from| from == stage));
        let named =
            from_here().find(|step| decision.is_some_and(|decision| step.decisions.iter().any(|id| id == decision)));
        named.or_else(|| from_here().find(|step| step.decisions.is_empty()))
    }
}
