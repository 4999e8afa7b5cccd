//! Why the rules refuse a call.

use super::alerts::Hindrance;
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
    /// There is no such intake.
    #[error("there is no such intake")]
    NoIntake,
    /// Nobody starts what they proposed.
    #[error("who proposed a file does not start it")]
    OwnIntake,
    /// The intake is not where that can be done with it.
    #[error("the intake is not where that can be done with it")]
    IntakeState,
    /// There is no such merge.
    #[error("there is no such merge")]
    NoMerge,
    /// There is no such proposal of a duplicate, or somebody decided about it.
    #[error("there is no such pair to be decided about")]
    NoDuplicate,
    /// One of them is read under another's id, or they wait for a decision already.
    #[error("they are merged, or wait for a decision about it, or are family to each other")]
    Unmergeable,
    /// They are not read as one.
    #[error("they are not merged, or that is being decided about")]
    NotMerged,
    /// Nothing waits for a decision.
    #[error("nothing waits for a decision")]
    NothingProposed,
    /// Nobody confirms their own proposal.
    #[error("who proposed it does not confirm it")]
    OwnProposal,
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
    /// A decision that says nothing is not approved.
    #[error("the decision has no text yet")]
    NoText,
    /// The votes are not those of a panel that decides so.
    #[error("a panel: {0} expected")]
    Panel(&'static str),
    /// Nobody judges what they took part in.
    #[error("a member of the panel took part in the decision below")]
    TookPart,
    /// There is no such document.
    #[error("there is no such document")]
    NoDocument,
    /// There is no such proposal.
    #[error("there is no such proposal")]
    NoOrder,
    /// Nothing is due for erasure under the rule.
    #[error("nothing is due for erasure under this rule")]
    NothingDue,
    /// The proposal was confirmed, or given up.
    #[error("the proposal was settled before")]
    Settled,
    /// The rules of the case know no such document, or do not make it valid for longer.
    #[error("the rules of the case give no such document, or do not prolong it")]
    DocumentRule,
    /// The document is not where that can be done with it.
    #[error("the document is not where that can be done with it")]
    DocumentState,
    /// The person has a valid one.
    #[error("the person has a valid document of this kind")]
    HasOne,
    /// No decision was issued after which the rules give such a document.
    #[error("the rules give this document after a decision that was not issued")]
    NotEntitled,
    /// The blanks are not where that can happen to them.
    #[error("a blank is not where that can happen to it")]
    Blank,
    /// The decision is not where that can be done with it.
    #[error("the decision is not where that can be done with it")]
    DecisionState,
    /// A case that is not the next needs a reason.
    #[error("it is not the next case of its type: why it is taken has to be said")]
    OutOfOrder,
    /// There is no such consultation.
    #[error("there is no such consultation")]
    NoConsultation,
    /// Nobody asked them.
    #[error("they were not asked in this consultation")]
    NotAsked,
    /// They replied before.
    #[error("they replied before")]
    Replied,
    /// The caller is no consulted body, or says it is another one than its certificate names, or the gateway does not speak for that body here.
    #[error("who calls is not that consulted body, nor may speak for it")]
    OtherBody,
    /// The term has ended, or was made longer before.
    #[error("the term has ended, or cannot be made longer")]
    NotLonger,
    /// Other states cannot be reached.
    #[error("this node is at no consultation network")]
    NoNetwork,
    /// No such form waits for a delivery notification.
    #[error("no such form waits for its delivery notification")]
    NoForm,
    /// It follows by itself.
    #[error("it follows by itself, and is not recorded")]
    ByItself,
    /// The case is closed, or somebody has it.
    #[error("the case is closed, or somebody has taken it")]
    Taken,
    /// Alerts stand in the way of a decision.
    #[error(transparent)]
    Alerts(#[from] Hindrance),
    /// There is no such finding of a check, or it is not kept any more.
    #[error("there is no such finding, or it is not kept any more")]
    NoFinding,
    /// There is no such resolution.
    #[error("there is no such resolution")]
    NoResolution,
    /// There is no such consultation about an alert.
    #[error("there is no such consultation")]
    NoAlertConsultation,
    /// Nobody agrees with themselves.
    #[error("who compared first does not decide")]
    OwnResolution,
    /// There is nothing left to compare.
    #[error("it is no possible hit, or officers have resolved it, or one has begun to")]
    Resolved,
    /// Nothing is owed to the state that entered the alert.
    #[error("nothing is owed to the state that entered the alert")]
    NothingOwed,
    /// It was consulted in this case, or has answered.
    #[error("that is on record already")]
    OnRecord,
}
