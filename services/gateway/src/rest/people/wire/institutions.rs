//! Institutions and what is served where.

use serde::{Deserialize, Serialize};
use straznica_contracts::identity::v1 as contract;
use straznica_types::OfficerId;
use utoipa::{IntoParams, ToSchema};

use super::{kind::DocumentKind, officials::Logins};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// What an institution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InstitutionKind {
    /// A public office.
    Office,
    /// Anybody of the private sector.
    PrivateBody,
    /// Police, Border Guard and the like (Directive (EU) 2016/680).
    Service,
}

impl InstitutionKind {
    fn contract(self) -> contract::InstitutionKind {
        match self {
            Self::Office => contract::InstitutionKind::Office,
            Self::PrivateBody => contract::InstitutionKind::PrivateBody,
            Self::Service => contract::InstitutionKind::Service,
        }
    }

    fn of(told: contract::InstitutionKind) -> Result<Self, GatewayError> {
        match told {
            contract::InstitutionKind::Office => Ok(Self::Office),
            contract::InstitutionKind::PrivateBody => Ok(Self::PrivateBody),
            contract::InstitutionKind::Service => Ok(Self::Service),
            contract::InstitutionKind::Unspecified => Err(GatewayError::IncompleteAnswer("an institution's kind")),
        }
    }
}

/// Where an institution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InstitutionState {
    /// It has applied.
    Applied,
    /// It may ask.
    Active,
    /// Its application was refused.
    Refused,
    /// It may not ask for the time being.
    Suspended,
    /// It is there no more.
    Closed,
}

impl InstitutionState {
    pub(crate) fn contract(self) -> contract::InstitutionState {
        match self {
            Self::Applied => contract::InstitutionState::Applied,
            Self::Active => contract::InstitutionState::Active,
            Self::Refused => contract::InstitutionState::Refused,
            Self::Suspended => contract::InstitutionState::Suspended,
            Self::Closed => contract::InstitutionState::Closed,
        }
    }

    fn of(told: contract::InstitutionState) -> Result<Self, GatewayError> {
        match told {
            contract::InstitutionState::Applied => Ok(Self::Applied),
            contract::InstitutionState::Active => Ok(Self::Active),
            contract::InstitutionState::Refused => Ok(Self::Refused),
            contract::InstitutionState::Suspended => Ok(Self::Suspended),
            contract::InstitutionState::Closed => Ok(Self::Closed),
            contract::InstitutionState::Unspecified => Err(GatewayError::IncompleteAnswer("an institution's state")),
        }
    }
}

/// An institution's application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Application {
    /// Its id from now on.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$", example = "um-zmyslone")]
    id: String,
    /// Its name, as citizens read it.
    #[schema(value_type = String, min_length = 1, max_length = 36, example = "Urząd Gminy Próbne")]
    name: Text<36>,
    /// What it is.
    kind: InstitutionKind,
    /// Act and article by which it asks.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Act of 6 August 2010 on Identity Cards, Article 4")]
    legal_basis: Text<200>,
    /// Where its administrators are reached; no person's address.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "sekretariat@probne.example")]
    contact: Text<200>,
    /// What it may ask for.
    kinds: Vec<DocumentKind>,
    /// What for, by the ids of the node's purposes.
    #[schema(example = json!(["office_matter"]))]
    purposes: Vec<String>,
    /// Service identifier of its first local administrator.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "um-0009")]
    administrator: OfficerId,
    /// How they log in.
    administrator_logins: Logins,
}

impl Application {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn request(
        self,
        context: Option<straznica_contracts::common::v1::CallContext>,
    ) -> contract::ApplyInstitutionRequest {
        contract::ApplyInstitutionRequest {
            context,
            institution_id: self.id,
            name: self.name.0,
            kind: self.kind.contract().into(),
            legal_basis: self.legal_basis.0,
            contact: self.contact.0,
            kinds: self.kinds.iter().map(|kind| kind.contract().into()).collect(),
            purposes: self.purposes,
            administrator: self.administrator.to_string(),
            administrator_logins: Some(self.administrator_logins.contract()),
        }
    }
}

/// A decision on an application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Decision {
    /// Whether it is approved.
    #[schema(example = true)]
    pub(crate) approve: bool,
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "agreement of 12 May 2026")]
    pub(crate) reason: Text<200>,
}

/// An institution.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Institution {
    /// Its id.
    #[schema(example = "um-zmyslone")]
    id: String,
    /// Its name, as citizens read it.
    #[schema(example = "Urząd Gminy Próbne")]
    name: String,
    /// What it is.
    kind: InstitutionKind,
    /// Where it stands.
    state: InstitutionState,
    /// Act and article by which it asks.
    #[schema(example = "Act of 6 August 2010 on Identity Cards, Article 4")]
    legal_basis: String,
    /// Where its administrators are reached.
    #[schema(example = "sekretariat@probne.example")]
    contact: String,
    /// What it may ask for.
    kinds: Vec<DocumentKind>,
    /// What for.
    #[schema(example = json!(["office_matter"]))]
    purposes: Vec<String>,
    /// Officer who entered the application.
    #[schema(example = "mc-0001")]
    entered_by: String,
    /// When.
    applied_at: Instant,
    /// Officer of the last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "mc-0002")]
    changed_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_at: Option<Instant>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "agreement of 12 May 2026")]
    reason: Option<String>,
}

impl Institution {
    pub(crate) fn of(told: Option<contract::Institution>) -> Result<Self, GatewayError> {
        let told = told.ok_or(GatewayError::IncompleteAnswer("an institution"))?;
        Ok(Self {
            kind: InstitutionKind::of(told.kind())?,
            state: InstitutionState::of(told.state())?,
            kinds: told.kinds.iter().map(|kind| DocumentKind::of(*kind)).collect::<Result<_, _>>()?,
            id: told.id,
            name: told.name,
            legal_basis: told.legal_basis,
            contact: told.contact,
            purposes: told.purposes,
            entered_by: told.entered_by,
            applied_at: Instant::at(told.applied_at_ms),
            changed_by: present(told.changed_by),
            changed_at: Instant::from_contract(told.changed_at_ms),
            reason: present(told.reason),
        })
    }
}

/// Institutions, by id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InstitutionList {
    /// At most a hundred; the last one's id is where the next page begins.
    institutions: Vec<Institution>,
}

impl InstitutionList {
    pub(crate) fn of(told: Vec<contract::Institution>) -> Result<Self, GatewayError> {
        let institutions = told.into_iter().map(|one| Institution::of(Some(one))).collect::<Result<_, _>>()?;
        Ok(Self { institutions })
    }
}

/// Which institutions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InstitutionQuery {
    /// Only those that stand there.
    #[serde(default)]
    #[param(inline, example = "applied")]
    pub(crate) state: Option<InstitutionState>,
    /// Those after this id.
    #[serde(default)]
    #[param(max_length = 64, example = "um-zmyslone")]
    pub(crate) after: Option<String>,
}

/// Says from when to when a kind of document is served.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewStage {
    /// Which kind.
    pub(crate) kind: DocumentKind,
    /// At which pilot institution; absent: everywhere.
    #[serde(default)]
    #[schema(max_length = 64, example = "um-zmyslone")]
    pub(crate) institution: Option<String>,
    /// From then on.
    pub(crate) from: Instant,
    /// Up to then; absent: without end. Not later than `from`: not served.
    #[serde(default)]
    pub(crate) until: Option<Instant>,
}

/// From when to when a kind of document is served.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stage {
    /// Which kind.
    kind: DocumentKind,
    /// At which pilot institution; absent: everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "um-zmyslone")]
    institution: Option<String>,
    /// From then on.
    from: Instant,
    /// Up to then.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Instant>,
    /// Officer who said so.
    #[schema(example = "mc-0001")]
    set_by: String,
    /// When.
    set_at: Instant,
}

impl Stage {
    pub(crate) fn of(told: Option<contract::Stage>) -> Result<Self, GatewayError> {
        let told = told.ok_or(GatewayError::IncompleteAnswer("a stage"))?;
        Ok(Self {
            kind: DocumentKind::of(told.kind)?,
            institution: present(told.institution_id),
            from: Instant::at(told.from_ms),
            until: Instant::from_contract(told.until_ms),
            set_by: told.set_by,
            set_at: Instant::at(told.set_at_ms),
        })
    }
}

/// What is served where.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StageList {
    /// All of it.
    stages: Vec<Stage>,
}

impl StageList {
    pub(crate) fn of(told: Vec<contract::Stage>) -> Result<Self, GatewayError> {
        Ok(Self { stages: told.into_iter().map(|one| Stage::of(Some(one))).collect::<Result<_, _>>()? })
    }
}
