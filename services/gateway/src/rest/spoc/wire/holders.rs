//! Document verifiers our CVCA certifies.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::ToSchema;

use crate::rest::wire::scalars::{Instant, present};

/// What is registered about a document verifier.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HolderRegistration {
    /// Country and mnemonic.
    #[schema(example = "UTDV")]
    holder: String,
    /// Country and mnemonic of the CVCA of its own state: it countersigns initial requests.
    #[schema(example = "UTCVCA")]
    domestic_cvca: String,
    /// What it reads documents for.
    #[serde(default)]
    #[schema(example = "border control")]
    purposes: String,
    /// Organisations that subscribe to it.
    #[serde(default)]
    #[schema(example = "Utopian Border Agency")]
    organisations: String,
    /// `automatic`: the rules alone decide; `two_person`: and two officers for each request.
    #[schema(example = "two_person")]
    approval: String,
    /// Its certificates open fingerprints.
    #[serde(default)]
    dg3: bool,
    /// Its certificates open iris images.
    #[serde(default)]
    dg4: bool,
    /// Days its certificates are valid; 0: as the policy says.
    #[serde(default)]
    #[schema(example = 42)]
    validity_days: u32,
}

impl From<HolderRegistration> for contract::HolderRegistration {
    fn from(registration: HolderRegistration) -> Self {
        let HolderRegistration { holder, domestic_cvca, purposes, organisations, approval, dg3, dg4, validity_days } =
            registration;
        Self { holder, domestic_cvca, purposes, organisations, approval, dg3, dg4, validity_days }
    }
}

impl From<contract::HolderRegistration> for HolderRegistration {
    fn from(registration: contract::HolderRegistration) -> Self {
        let contract::HolderRegistration {
            holder,
            domestic_cvca,
            purposes,
            organisations,
            approval,
            dg3,
            dg4,
            validity_days,
        } = registration;
        Self { holder, domestic_cvca, purposes, organisations, approval, dg3, dg4, validity_days }
    }
}

/// What is proposed about a document verifier.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HolderProposal {
    /// The particulars.
    pub(crate) registration: HolderRegistration,
    /// Names the proposal: what the confirmation asks for.
    #[schema(example = "3f9a0c41d2b87e65")]
    pub(crate) proposal: String,
}

/// A document verifier our CVCA certifies.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegisteredHolder {
    /// What is registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<HolderRegistration>,
    /// `active` or `suspended`.
    #[schema(example = "active")]
    state: String,
    /// Why it is suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "private key stolen, message of 12 May")]
    suspended_reason: Option<String>,
    /// The officer who proposed it.
    #[schema(example = "OP-07")]
    proposed_by: String,
    /// The officer who confirmed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OP-11")]
    confirmed_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<Instant>,
    /// The officer who proposed to lift the suspension.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "OP-07")]
    resumption_proposed_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "new keys, audit of 20 May")]
    resumption_reason: Option<String>,
}

impl From<contract::RegisteredHolder> for RegisteredHolder {
    fn from(registered_holder: contract::RegisteredHolder) -> Self {
        let contract::RegisteredHolder {
            registration,
            state,
            suspended_reason,
            proposed_by,
            confirmed_by,
            confirmed_at_ms,
            resumption_proposed_by,
            resumption_reason,
        } = registered_holder;
        Self {
            registration: registration.map(HolderRegistration::from),
            state,
            suspended_reason: present(suspended_reason),
            proposed_by,
            confirmed_by: present(confirmed_by),
            confirmed_at: Instant::from_contract(confirmed_at_ms),
            resumption_proposed_by: present(resumption_proposed_by),
            resumption_reason: present(resumption_reason),
        }
    }
}

/// What one officer proposed about a document verifier and another one is to confirm.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProposedHolder {
    /// What is proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<HolderRegistration>,
    /// The officer who proposed it.
    #[schema(example = "OP-07")]
    proposed_by: String,
    /// When.
    proposed_at: Instant,
    /// Names the proposal: what the confirmation asks for.
    #[schema(example = "3f9a0c41d2b87e65")]
    proposal: String,
}

impl From<contract::ProposedHolder> for ProposedHolder {
    fn from(proposed_holder: contract::ProposedHolder) -> Self {
        let contract::ProposedHolder { registration, proposed_by, proposed_at_ms, proposal } = proposed_holder;
        Self {
            registration: registration.map(HolderRegistration::from),
            proposed_by,
            proposed_at: Instant::at(proposed_at_ms),
            proposal,
        }
    }
}

/// Registered document verifiers, and what is proposed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HolderList {
    /// Those registered.
    holders: Vec<RegisteredHolder>,
    /// What waits for a second officer.
    proposals: Vec<ProposedHolder>,
}

impl From<contract::ListForeignHoldersResponse> for HolderList {
    fn from(list: contract::ListForeignHoldersResponse) -> Self {
        Self {
            holders: list.holders.into_iter().map(RegisteredHolder::from).collect(),
            proposals: list.proposals.into_iter().map(ProposedHolder::from).collect(),
        }
    }
}
