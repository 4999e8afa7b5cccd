//! Why the rules refuse a call.

use super::course::NotNow;

/// A refusal by the rules of the register. Its text is safe for the caller: it names members and rules, never what is stated of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A member the call needs is empty.
    #[error("{member} is missing")]
    Missing {
        /// JSON pointer to the member of the request.
        member: &'static str,
    },
    /// A member holds what it cannot hold.
    #[error("{member}: {expected} expected")]
    Invalid {
        /// JSON pointer to the member of the request.
        member: &'static str,
        /// What it can hold.
        expected: &'static str,
    },
    /// There is no such person.
    #[error("there is no such person")]
    NoPerson,
    /// There is no such case.
    #[error("there is no such case")]
    NoCase,
    /// There is no such decision in the case.
    #[error("there is no such decision in this case")]
    NoDecision,
    /// Somebody changed it meanwhile.
    #[error("somebody else changed it meanwhile: look again")]
    Stale,
    /// The statement is not there, or was replaced or withdrawn before.
    #[error("there is no such statement, or it was replaced")]
    NoStatement,
    /// A correction states something else than what it corrects.
    #[error("a correction states what it corrects, and nothing else")]
    OtherKind,
    /// Nobody without a name.
    #[error("a person has a main name")]
    NoName,
    /// The purpose does not let the caller state or change vulnerabilities.
    #[error("vulnerabilities are not for this purpose")]
    Vulnerabilities,
    /// No rule set in force has such cases.
    #[error("no law in force that day has cases of this type")]
    NoRules,
    /// The rules do not let it happen.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// It has not happened yet.
    #[error("what has not happened yet is not recorded")]
    Future,
    /// It is recorded by issuing a decision.
    #[error("a decision is issued after another officer approved it")]
    ByIssuing,
    /// Nobody approves their own draft.
    #[error("who drafted a decision does not approve it")]
    OwnDraft,
    /// The decision is not where that can be done with it.
    #[error("the decision is not where that can be done with it")]
    DecisionState,
    /// A case that is not the next needs a reason.
    #[error("it is not the next case of its type: why it is taken has to be said")]
    OutOfOrder,
    /// The case is closed, or somebody has it.
    #[error("the case is closed, or somebody has taken it")]
    Taken,
}
