//! Partners as operators see and enter them.

use serde::{Deserialize, Serialize};
use straznica_contracts::spoc::v1 as contract;
use utoipa::ToSchema;

use crate::rest::wire::scalars::{Base64, Fingerprint, Instant, Text, present};

/// What is registered of a partner.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Registration {
    /// ISO 3166-1 alpha-2.
    #[schema(example = "UT")]
    country: String,
    /// What people call its SPOC.
    #[schema(example = "Utopian Border Agency, SPOC")]
    name: String,
    /// `grpc`, or `soap`: the binding of CSN 36 9791.
    #[schema(example = "grpc")]
    binding: String,
    /// Name of the profile that says how it spells things.
    #[schema(example = "icao")]
    profile: String,
    /// Where its SPOC answers.
    #[schema(example = "https://spoc.example.ut:8443")]
    url: String,
    /// Where bundles go when the link is down.
    #[schema(example = "spoc@example.ut")]
    email: String,
    /// Co-ordinators, one each.
    #[serde(default)]
    #[schema(example = json!(["Ada Example, +000 555 0100"]))]
    contacts: Vec<String>,
    /// How its requests are answered: `synchronous`, with the certificate where policy lets the machine decide; `asynchronous`, with a receipt first.
    #[schema(example = "synchronous")]
    answers: String,
    /// Years its travel documents are valid: how far back its trust anchors are kept.
    #[schema(example = 10)]
    document_years: u32,
    /// First moment of use; the moment of the proposal if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    use_from: Option<Instant>,
    /// End of use; none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    use_until: Option<Instant>,
    /// Root certificates: at least one in a first registration, none in a change.
    #[serde(default)]
    roots: Vec<EnteredRoot>,
    /// Its CVCAs.
    #[serde(default)]
    cvcas: Vec<PartnerCvca>,
}

impl From<Registration> for contract::Registration {
    fn from(registration: Registration) -> Self {
        let Registration { country, name, binding, profile, url, email, contacts, answers, document_years, .. } =
            registration;
        let (use_from_ms, use_until_ms) = (registration.use_from.map(millis), registration.use_until.map(millis));
        let roots = registration.roots.into_iter().map(contract::EnteredRoot::from).collect();
        let cvcas = registration.cvcas.into_iter().map(contract::PartnerCvca::from).collect();
        Self {
            country,
            name,
            binding,
            profile,
            url,
            email,
            contacts,
            answers,
            document_years,
            use_from_ms,
            use_until_ms,
            roots,
            cvcas,
        }
    }
}

impl From<contract::Registration> for Registration {
    fn from(registration: contract::Registration) -> Self {
        let contract::Registration {
            country,
            name,
            binding,
            profile,
            url,
            email,
            contacts,
            answers,
            document_years,
            ..
        } = registration;
        let use_from = registration.use_from_ms.map(Instant::at);
        let use_until = registration.use_until_ms.map(Instant::at);
        let roots = registration.roots.into_iter().map(EnteredRoot::from).collect();
        let cvcas = registration.cvcas.into_iter().map(PartnerCvca::from).collect();
        Self {
            country,
            name,
            binding,
            profile,
            url,
            email,
            contacts,
            answers,
            document_years,
            use_from,
            use_until,
            roots,
            cvcas,
        }
    }
}

fn millis(at: Instant) -> i64 {
    at.0.millis()
}

/// A root certificate and when it is used.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EnteredRoot {
    /// The certificate (X.509, DER).
    certificate: Base64,
    /// First moment of use; now, or the beginning of its validity, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    use_from: Option<Instant>,
    /// End of use; the end of its validity if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    use_until: Option<Instant>,
    /// `grpc`, `soap` or `both`; what its key can serve if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "both")]
    bindings: Option<String>,
}

impl From<EnteredRoot> for contract::EnteredRoot {
    fn from(root: EnteredRoot) -> Self {
        Self {
            certificate: root.certificate.0,
            use_from_ms: root.use_from.map(millis),
            use_until_ms: root.use_until.map(millis),
            bindings: root.bindings.unwrap_or_default(),
        }
    }
}

impl From<contract::EnteredRoot> for EnteredRoot {
    fn from(root: contract::EnteredRoot) -> Self {
        Self {
            certificate: root.certificate.into(),
            use_from: root.use_from_ms.map(Instant::at),
            use_until: root.use_until_ms.map(Instant::at),
            bindings: present(root.bindings),
        }
    }
}

/// Announces a further root of a registered partner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewRoot {
    /// The root.
    root: EnteredRoot,
    /// The certificate by which the root in use vouches for name and key of the new one (X.509, DER).
    #[serde(default)]
    link_certificate: Option<Base64>,
}

impl NewRoot {
    /// The root and its link certificate; empty where there is none.
    pub(crate) fn into_contract(self) -> (contract::EnteredRoot, Vec<u8>) {
        (self.root.into(), self.link_certificate.map(|link| link.0).unwrap_or_default())
    }
}

/// What the second officer compared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Comparison {
    /// SHA-256 of every root proposed, as the partner gave them on another way; none for a change.
    #[serde(default)]
    #[schema(example = json!(["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]))]
    pub(crate) fingerprints: Vec<Fingerprint>,
}

/// Enters a time in which a partner cannot be reached.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewOutage {
    /// Beginning.
    pub(crate) begins: Instant,
    /// End.
    pub(crate) ends: Instant,
    /// What the partner gave as the reason.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "move of their data centre")]
    pub(crate) reason: Text<200>,
}

/// A registered partner.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Partner {
    /// ISO 3166-1 alpha-2.
    #[schema(example = "UT")]
    country: String,
    /// What people call its SPOC.
    #[schema(example = "Utopian Border Agency, SPOC")]
    name: String,
    /// `grpc` or `soap`.
    #[schema(example = "grpc")]
    binding: String,
    /// Name of the profile that says how it spells things.
    #[schema(example = "icao")]
    profile: String,
    /// The profile follows a text nobody here could read.
    profile_unverified: bool,
    /// Where its SPOC answers.
    #[schema(example = "https://spoc.example.ut:8443")]
    url: String,
    /// Where bundles go when the link is down.
    #[schema(example = "spoc@example.ut")]
    email: String,
    /// Co-ordinators, one each.
    #[schema(example = json!(["Ada Example, +000 555 0100"]))]
    contacts: Vec<String>,
    /// How its requests are answered: `synchronous` or `asynchronous`.
    #[schema(example = "synchronous")]
    answers: String,
    /// Years its travel documents are valid.
    #[schema(example = 10)]
    document_years: u32,
    /// `active`, `suspended` or `withdrawn`.
    #[schema(example = "active")]
    state: String,
    /// Why it is suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "their SPOC key is reported stolen")]
    suspended_reason: Option<String>,
    /// Messages are exchanged: active and within the period of use.
    served: bool,
    /// First moment of use.
    use_from: Instant,
    /// End of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    use_until: Option<Instant>,
    /// Its roots, whatever their state.
    roots: Vec<PartnerRoot>,
    /// Its CVCAs.
    cvcas: Vec<PartnerCvca>,
    /// Times in which it cannot be reached.
    outages: Vec<Outage>,
}

impl From<contract::Partner> for Partner {
    fn from(partner: contract::Partner) -> Self {
        let contract::Partner {
            country,
            name,
            binding,
            profile,
            profile_unverified,
            url,
            email,
            contacts,
            answers,
            document_years,
            state,
            suspended_reason,
            served,
            use_from_ms,
            use_until_ms,
            roots,
            cvcas,
            outages,
        } = partner;
        Self {
            country,
            name,
            binding,
            profile,
            profile_unverified,
            url,
            email,
            contacts,
            answers,
            document_years,
            state,
            suspended_reason: present(suspended_reason),
            served,
            use_from: Instant::at(use_from_ms),
            use_until: use_until_ms.map(Instant::at),
            roots: roots.into_iter().map(PartnerRoot::from).collect(),
            cvcas: cvcas.into_iter().map(PartnerCvca::from).collect(),
            outages: outages.into_iter().map(Outage::from).collect(),
        }
    }
}

/// A root a partner's SPOC certificates lead to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartnerRoot {
    /// SHA-256 of the certificate, lower-case hex.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    fingerprint: String,
    /// E.g. `C=UT,CN=UT SPOC root`.
    #[schema(example = "C=UT,CN=UT SPOC root")]
    subject: String,
    /// `proposed`, `confirmed` or `withdrawn`.
    #[schema(example = "confirmed")]
    state: String,
    /// `grpc`, `soap` or `both`.
    #[schema(example = "both")]
    bindings: String,
    /// First moment of use.
    use_from: Instant,
    /// End of use.
    use_until: Instant,
    /// Fingerprint of the root that vouches for it by a link certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    linked_to: Option<String>,
    /// Names what is registered of it: what the confirmation asks for.
    #[schema(example = "3f9a0c41d2b87e65")]
    proposal: String,
}

impl From<contract::PartnerRoot> for PartnerRoot {
    fn from(partner_root: contract::PartnerRoot) -> Self {
        let contract::PartnerRoot {
            fingerprint,
            subject,
            state,
            bindings,
            use_from_ms,
            use_until_ms,
            linked_to,
            proposal,
        } = partner_root;
        Self {
            fingerprint,
            subject,
            state,
            bindings,
            use_from: Instant::at(use_from_ms),
            use_until: Instant::at(use_until_ms),
            linked_to: present(linked_to),
            proposal,
        }
    }
}

/// A CVCA of a partner.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PartnerCvca {
    /// Country and mnemonic.
    #[schema(example = "UTCVCA")]
    name: String,
    /// The travel documents it is for, e.g. `passports`.
    #[schema(example = "passports")]
    document_types: String,
    /// The CVCA it replaces, reached by a link with another mnemonic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "UTOLD")]
    replaces: Option<String>,
}

impl From<contract::PartnerCvca> for PartnerCvca {
    fn from(partner_cvca: contract::PartnerCvca) -> Self {
        let contract::PartnerCvca { name, document_types, replaces } = partner_cvca;
        Self { name, document_types, replaces: present(replaces) }
    }
}

impl From<PartnerCvca> for contract::PartnerCvca {
    fn from(cvca: PartnerCvca) -> Self {
        let PartnerCvca { name, document_types, replaces } = cvca;
        Self { name, document_types, replaces: replaces.unwrap_or_default() }
    }
}

/// A time in which a partner cannot be reached.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outage {
    /// Its id.
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    id: String,
    /// Beginning.
    begins: Instant,
    /// End.
    ends: Instant,
    /// What was given as the reason.
    #[schema(example = "move of their data centre")]
    reason: String,
}

impl From<contract::Outage> for Outage {
    fn from(outage: contract::Outage) -> Self {
        let contract::Outage { id, begins_ms, ends_ms, reason } = outage;
        Self { id, begins: Instant::at(begins_ms), ends: Instant::at(ends_ms), reason }
    }
}

/// What one officer proposed and another one is to confirm.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartnerProposal {
    /// Its id.
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    id: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "UT")]
    country: String,
    /// `registration` or `resumption`.
    #[schema(example = "registration")]
    kind: String,
    /// The officer who proposed it; another one confirms it.
    #[schema(example = "OP-07")]
    proposed_by: String,
    /// When.
    proposed_at: Instant,
    /// What is to be registered, for a registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<Registration>,
    /// Fingerprints to be compared and typed again, for a first registration.
    #[schema(example = json!(["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]))]
    fingerprints: Vec<String>,
    /// Why, for a resumption.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "move of their data centre")]
    reason: Option<String>,
}

impl From<contract::PartnerProposal> for PartnerProposal {
    fn from(partner_proposal: contract::PartnerProposal) -> Self {
        let contract::PartnerProposal {
            id,
            country,
            kind,
            proposed_by,
            proposed_at_ms,
            registration,
            fingerprints,
            reason,
        } = partner_proposal;
        Self {
            id,
            country,
            kind,
            proposed_by,
            proposed_at: Instant::at(proposed_at_ms),
            registration: registration.map(Registration::from),
            fingerprints,
            reason: present(reason),
        }
    }
}

/// Registered partners, and what is proposed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartnerList {
    /// Those only proposed are not among them; those withdrawn are.
    partners: Vec<Partner>,
    /// What waits for a second officer.
    proposals: Vec<PartnerProposal>,
}

impl From<contract::ListPartnersResponse> for PartnerList {
    fn from(list: contract::ListPartnersResponse) -> Self {
        Self {
            partners: list.partners.into_iter().map(Partner::from).collect(),
            proposals: list.proposals.into_iter().map(PartnerProposal::from).collect(),
        }
    }
}

/// One partner, with what is proposed about it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartnerDetail {
    /// The partner; absent while it is only proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    partner: Option<Partner>,
    /// What waits for a second officer.
    proposals: Vec<PartnerProposal>,
}

impl From<contract::GetPartnerResponse> for PartnerDetail {
    fn from(detail: contract::GetPartnerResponse) -> Self {
        Self {
            partner: detail.partner.map(Partner::from),
            proposals: detail.proposals.into_iter().map(PartnerProposal::from).collect(),
        }
    }
}

/// A partner whose registration has ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Withdrawal {
    /// Messages that will not be delivered any more.
    #[schema(example = 2)]
    pub(crate) cancelled_messages: u32,
}

/// A root, and what the officers should know about it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RootOutcome {
    /// The root.
    pub(crate) root: PartnerRoot,
    /// What to look at.
    #[schema(example = json!(["the root is distributed later than the policy asks"]))]
    pub(crate) warnings: Vec<String>,
}
