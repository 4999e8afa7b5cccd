//! The services' path without a code: privileges, reviews of their use, alerts.

use serde::{Deserialize, Serialize};
use straznica_contracts::identity::v1 as contract;
use straznica_types::{OfficerId, Secret};
use utoipa::{IntoParams, ToSchema};

use super::kind::DocumentKind;
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// Proposes a privilege.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewPrivilege {
    /// Who shall have it.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "sg-0001")]
    pub(crate) officer: OfficerId,
    /// Act and article, written into every use.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Act of 12 October 1990 on the Border Guard, Article 10a")]
    pub(crate) legal_basis: Text<200>,
    /// For which kinds, at least one.
    pub(crate) kinds: Vec<DocumentKind>,
    /// Until when, at most a year.
    pub(crate) expires_at: Instant,
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "works in the pursuit unit")]
    pub(crate) reason: Text<200>,
}

/// Decides on a proposal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PrivilegeDecision {
    /// Whether it is granted.
    #[schema(example = true)]
    pub(crate) grant: bool,
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "needed for the task")]
    pub(crate) reason: Text<200>,
}

/// A privilege, or a proposal of one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Privilege {
    /// Its id.
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    id: String,
    /// Whose it is.
    #[schema(example = "sg-0001")]
    officer: String,
    /// Act and article.
    #[schema(example = "Act of 12 October 1990 on the Border Guard, Article 10a")]
    legal_basis: String,
    /// For which kinds.
    kinds: Vec<DocumentKind>,
    /// Until when.
    expires_at: Instant,
    /// `proposed`, `granted`, `refused` or `withdrawn`.
    #[schema(example = "granted")]
    state: &'static str,
    /// Officer who proposed it.
    #[schema(example = "sg-0009")]
    proposed_by: String,
    /// When.
    proposed_at: Instant,
    /// Why.
    #[schema(example = "works in the pursuit unit")]
    reason: String,
    /// Officer of the last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "sg-0010")]
    changed_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_at: Option<Instant>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "needed for the task")]
    changed_reason: Option<String>,
}

impl Privilege {
    pub(crate) fn of(told: Option<contract::Privilege>) -> Result<Self, GatewayError> {
        let told = told.ok_or(GatewayError::IncompleteAnswer("a privilege"))?;
        let state = match told.state() {
            contract::PrivilegeState::Proposed => "proposed",
            contract::PrivilegeState::Granted => "granted",
            contract::PrivilegeState::Refused => "refused",
            contract::PrivilegeState::Withdrawn => "withdrawn",
            contract::PrivilegeState::Unspecified => {
                return Err(GatewayError::IncompleteAnswer("a privilege's state"));
            }
        };
        Ok(Self {
            state,
            kinds: told.kinds.iter().map(|kind| DocumentKind::of(*kind)).collect::<Result<_, _>>()?,
            id: told.id,
            officer: told.officer,
            legal_basis: told.legal_basis,
            expires_at: Instant::at(told.expires_at_ms),
            proposed_by: told.proposed_by,
            proposed_at: Instant::at(told.proposed_at_ms),
            reason: told.reason,
            changed_by: present(told.changed_by),
            changed_at: Instant::from_contract(told.changed_at_ms),
            changed_reason: present(told.changed_reason),
        })
    }
}

/// Privileges of an institution.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PrivilegeList {
    /// Newest first.
    privileges: Vec<Privilege>,
}

impl PrivilegeList {
    pub(crate) fn of(told: Vec<contract::Privilege>) -> Result<Self, GatewayError> {
        Ok(Self { privileges: told.into_iter().map(|one| Privilege::of(Some(one))).collect::<Result<_, _>>()? })
    }
}

/// Asks a register about somebody without asking them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewCheck {
    /// Whom.
    #[schema(value_type = String, pattern = "^[0-9]{11}$", example = "99922812345")]
    pub(crate) pesel: Secret<String>,
    /// Which document.
    pub(crate) kind: DocumentKind,
    /// Why, by the id of a purpose of this node.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "border_control")]
    pub(crate) purpose: Text<64>,
    /// Number of the case.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "SG-NW.0131.12.2026")]
    pub(crate) case: Text<64>,
}

/// What a review found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReviewOutcome {
    /// The use was in order.
    InOrder,
    /// It was not.
    NotInOrder,
    /// It could not be told.
    Unclear,
}

impl ReviewOutcome {
    pub(crate) fn contract(self) -> contract::ReviewOutcome {
        match self {
            Self::InOrder => contract::ReviewOutcome::InOrder,
            Self::NotInOrder => contract::ReviewOutcome::NotInOrder,
            Self::Unclear => contract::ReviewOutcome::Unclear,
        }
    }

    fn of(told: contract::ReviewOutcome) -> Option<Self> {
        match told {
            contract::ReviewOutcome::InOrder => Some(Self::InOrder),
            contract::ReviewOutcome::NotInOrder => Some(Self::NotInOrder),
            contract::ReviewOutcome::Unclear => Some(Self::Unclear),
            contract::ReviewOutcome::Unspecified => None,
        }
    }
}

/// Closes a review.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReviewResult {
    /// Whether it was in order.
    pub(crate) outcome: ReviewOutcome,
    /// What was found. No names of persons.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "the case file bears it out")]
    pub(crate) finding: Text<200>,
}

/// A use drawn for review.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Review {
    /// The use.
    #[schema(example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    verification: String,
    /// Who made it.
    #[schema(example = "sg-0001")]
    officer: String,
    /// When.
    used_at: Instant,
    /// Why.
    #[schema(example = "border_control")]
    purpose: String,
    /// By what law.
    #[schema(example = "Act of 12 October 1990 on the Border Guard, Article 10a")]
    legal_basis: String,
    /// In which case.
    #[schema(example = "SG-NW.0131.12.2026")]
    case: String,
    /// Which document.
    kind: DocumentKind,
    /// What the review found; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<ReviewOutcome>,
    /// Who reviewed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "sg-0010")]
    reviewed_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed_at: Option<Instant>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "the case file bears it out")]
    finding: Option<String>,
}

impl Review {
    pub(crate) fn of(told: Option<contract::Review>) -> Result<Self, GatewayError> {
        let told = told.ok_or(GatewayError::IncompleteAnswer("a review"))?;
        Ok(Self {
            outcome: ReviewOutcome::of(told.outcome()),
            kind: DocumentKind::of(told.kind)?,
            verification: told.verification_id,
            officer: told.officer,
            used_at: Instant::at(told.used_at_ms),
            purpose: told.purpose,
            legal_basis: told.legal_basis,
            case: told.case_number,
            reviewed_by: present(told.reviewed_by),
            reviewed_at: Instant::from_contract(told.reviewed_at_ms),
            finding: present(told.finding),
        })
    }
}

/// Uses drawn for review.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReviewList {
    /// Oldest first.
    reviews: Vec<Review>,
}

impl ReviewList {
    pub(crate) fn of(told: Vec<contract::Review>) -> Result<Self, GatewayError> {
        Ok(Self { reviews: told.into_iter().map(|one| Review::of(Some(one))).collect::<Result<_, _>>()? })
    }
}

/// Says that an alert was looked into.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Acknowledgement {
    /// What was found. No names of persons.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "a raid that night")]
    pub(crate) finding: Text<200>,
}

/// Unusual use.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Alert {
    /// Its id.
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    id: String,
    /// `many`, `more_than_usual` or `same_person`.
    #[schema(example = "many")]
    rule: &'static str,
    /// Whose use.
    #[schema(example = "sg-0001")]
    officer: String,
    /// When it was noticed.
    raised_at: Instant,
    /// Uses counted by then.
    #[schema(example = 41)]
    counted: u32,
    /// So many would have been quiet.
    #[schema(example = 40)]
    threshold: u32,
    /// Who looked into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "sg-0010")]
    acknowledged_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_at: Option<Instant>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "a raid that night")]
    finding: Option<String>,
}

impl Alert {
    pub(crate) fn of(told: Option<contract::Alert>) -> Result<Self, GatewayError> {
        let told = told.ok_or(GatewayError::IncompleteAnswer("an alert"))?;
        let rule = match told.rule() {
            contract::AlertRule::Many => "many",
            contract::AlertRule::MoreThanUsual => "more_than_usual",
            contract::AlertRule::SamePerson => "same_person",
            contract::AlertRule::Unspecified => return Err(GatewayError::IncompleteAnswer("an alert's rule")),
        };
        Ok(Self {
            rule,
            id: told.id,
            officer: told.officer,
            raised_at: Instant::at(told.raised_at_ms),
            counted: told.counted,
            threshold: told.threshold,
            acknowledged_by: present(told.acknowledged_by),
            acknowledged_at: Instant::from_contract(told.acknowledged_at_ms),
            finding: present(told.finding),
        })
    }
}

/// Unusual uses.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertList {
    /// Newest first.
    alerts: Vec<Alert>,
}

impl AlertList {
    pub(crate) fn of(told: Vec<contract::Alert>) -> Result<Self, GatewayError> {
        Ok(Self { alerts: told.into_iter().map(|one| Alert::of(Some(one))).collect::<Result<_, _>>()? })
    }
}

/// Which reviews or alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DoneToo {
    /// Also those that are done with.
    #[serde(default)]
    #[param(example = false)]
    pub(crate) done_too: bool,
}
