//! Our document verifiers under other states' CVCAs, and what is on its way to partners.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::ToSchema;

use crate::rest::wire::scalars::{Instant, present};

/// Our document verifier under a foreign CVCA, renewed by itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription {
    /// Country and mnemonic of the CVCA.
    #[schema(example = "UTCVCA")]
    cvca: String,
    /// The partner, ISO 3166-1 alpha-2.
    #[schema(example = "UT")]
    country: String,
    /// Mnemonic of our document verifier under it.
    #[schema(example = "DV")]
    dv_mnemonic: String,
    /// Mnemonic of the control centre's inspection system.
    #[schema(example = "IS")]
    is_mnemonic: String,
    /// Days an inspection system's certificate is valid; 0: as configured.
    #[schema(example = 14)]
    is_days: u32,
    /// `active` or `paused`.
    #[schema(example = "active")]
    state: String,
    /// Holder reference of the newest usable DV certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PLDV00007")]
    dv_chr: Option<String>,
    /// The CVCA certificate it stands under.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "UTCVCA00005")]
    dv_car: Option<String>,
    /// Its last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2027-02-14")]
    expires: Option<String>,
    /// When the next renewal begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal_at: Option<Instant>,
    /// What the rule does next: `wait`, `give_up`, `ask_for_ca_certificates`, `request_initial`, `request_successive`; empty when paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "wait")]
    next: Option<String>,
    /// Holder reference of the request under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PLDV00008")]
    open_request: Option<String>,
    /// What an operator has to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "no answer since 2027-01-30")]
    problem: Option<String>,
}

impl From<contract::Subscription> for Subscription {
    fn from(subscription: contract::Subscription) -> Self {
        let contract::Subscription {
            cvca,
            country,
            dv_mnemonic,
            is_mnemonic,
            is_days,
            state,
            dv_chr,
            dv_car,
            expires,
            renewal_at_ms,
            next,
            open_request,
            problem,
        } = subscription;
        Self {
            cvca,
            country,
            dv_mnemonic,
            is_mnemonic,
            is_days,
            state,
            dv_chr: present(dv_chr),
            dv_car: present(dv_car),
            expires: present(expires),
            renewal_at: Instant::from_contract(renewal_at_ms),
            next: present(next),
            open_request: present(open_request),
            problem: present(problem),
        }
    }
}

/// Every subscription.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionList {
    /// One a CVCA.
    subscriptions: Vec<Subscription>,
}

impl From<contract::ListSubscriptionsResponse> for SubscriptionList {
    fn from(list: contract::ListSubscriptionsResponse) -> Self {
        Self { subscriptions: list.subscriptions.into_iter().map(Subscription::from).collect() }
    }
}

/// Subscribes our document verifier to a CVCA.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewSubscription {
    /// Country and mnemonic of the CVCA.
    #[schema(example = "UTCVCA")]
    pub(crate) cvca: String,
    /// The partner that answers for it, ISO 3166-1 alpha-2.
    #[schema(example = "UT")]
    pub(crate) country: String,
    /// Mnemonic of our document verifier under it; stays for good.
    #[schema(example = "DV")]
    pub(crate) dv_mnemonic: String,
    /// Mnemonic of the control centre's inspection system.
    #[schema(example = "IS")]
    pub(crate) is_mnemonic: String,
    /// Days an inspection system's certificate is valid; 0: as configured.
    #[serde(default)]
    #[schema(example = 14)]
    pub(crate) is_days: u32,
}

/// A request made under a subscription, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Renewal {
    /// Holder reference asked for.
    #[schema(example = "PLDV00008")]
    chr: String,
    /// The CVCA certificate it was made for.
    #[schema(example = "UTCVCA00005")]
    car: String,
    /// Who vouches for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PLDV00007")]
    outer_car: Option<String>,
    /// `pending`, `acknowledged`, `fulfilled`, `closed`, or `file` when an operator handed it over.
    #[schema(example = "acknowledged")]
    state: String,
    /// With `closed`: the standard's code, `answer_refused` or `cancelled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "failure_expired")]
    cause: Option<String>,
    /// When it was made.
    made_at: Instant,
    /// Its message id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PL-2027-0099")]
    message_id: Option<String>,
}

impl From<contract::Renewal> for Renewal {
    fn from(renewal: contract::Renewal) -> Self {
        let contract::Renewal { chr, car, outer_car, state, cause, made_at_ms, message_id } = renewal;
        Self {
            chr,
            car,
            outer_car: present(outer_car),
            state,
            cause: present(cause),
            made_at: Instant::at(made_at_ms),
            message_id: present(message_id),
        }
    }
}

/// Requests made under a subscription, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RenewalList {
    /// The requests.
    renewals: Vec<Renewal>,
}

impl From<contract::ListRenewalsResponse> for RenewalList {
    fn from(list: contract::ListRenewalsResponse) -> Self {
        Self { renewals: list.renewals.into_iter().map(Renewal::from).collect() }
    }
}

/// How a renewal is asked for now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewRenewal {
    /// Countersigned by the national CVCA even where the document verifier could sign itself.
    #[serde(default)]
    pub(crate) initial: bool,
}

/// A renewal under way.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StartedRenewal {
    /// Holder reference asked for.
    #[schema(example = "PLDV00008")]
    pub(crate) chr: String,
}
