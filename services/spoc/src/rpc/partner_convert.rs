//! Partners in the words of the contract.

use std::time::Duration;

use exchange::profile::Catalogue;
use straznica_contracts::spoc::v1::{
    self as contract, EnteredRoot as RootMessage, Expiry, HeldCrl, Outage, PartnerCvca, PartnerHealth, PartnerProposal,
    PartnerRoot, Registration,
};
use straznica_types::Timestamp;

use crate::{
    app::exchange::{
        health::Board,
        registration::{Content, Proposal},
        roots,
    },
    domain::exchange::{
        health,
        partner::{self, Bindings, Partner, PartnerState, Standing},
        registration::{EnteredCvca, EnteredRoot, Entry},
        root::RootEntry,
    },
    error::SpocError,
};

/// A registration as an officer entered it; without a beginning it is in use from `now` on.
pub(super) fn entry(message: Registration, now: Timestamp) -> Entry {
    Entry {
        country: message.country,
        name: message.name,
        binding: message.binding,
        profile: message.profile,
        url: message.url,
        email: message.email,
        contacts: message.contacts,
        answers: message.answers,
        document_years: message.document_years,
        use_from: message.use_from_ms.map_or(now, Timestamp::from_millis),
        use_until: message.use_until_ms.map(Timestamp::from_millis),
        roots: message.roots.into_iter().map(entered_root).collect(),
        cvcas: message
            .cvcas
            .into_iter()
            .map(|cvca| EnteredCvca { name: cvca.name, document_types: cvca.document_types, replaces: cvca.replaces })
            .collect(),
    }
}

fn entered_root(message: RootMessage) -> EnteredRoot {
    EnteredRoot {
        certificate: hex::encode(message.certificate),
        use_from: message.use_from_ms.map(Timestamp::from_millis),
        use_until: message.use_until_ms.map(Timestamp::from_millis),
        bindings: message.bindings,
    }
}

/// A root an officer announces.
pub(super) fn root_entry(message: Option<RootMessage>, link: Vec<u8>) -> Result<RootEntry, SpocError> {
    let message = message.ok_or(SpocError::field("root", "the root is needed"))?;
    let bindings = match message.bindings.as_str() {
        "" => None,
        name => Some(
            Bindings::from_name(name)
                .ok_or(SpocError::field("root.bindings", "grpc, soap, both or nothing is needed"))?,
        ),
    };
    Ok(RootEntry {
        certificate: message.certificate,
        use_from: message.use_from_ms.map(Timestamp::from_millis),
        use_until: message.use_until_ms.map(Timestamp::from_millis),
        bindings,
        link: Some(link).filter(|link| !link.is_empty()),
    })
}

/// What waits for a second officer.
pub(super) fn proposal(proposal: Proposal) -> PartnerProposal {
    let (kind, registration, reason) = match proposal.content {
        Content::Registration(entry) => ("registration", Some(registration(*entry)), String::new()),
        Content::Resumption(why) => ("resumption", None, why),
    };
    PartnerProposal {
        id: proposal.id.to_string(),
        country: proposal.country.to_string(),
        kind: kind.to_owned(),
        proposed_by: proposal.proposed_by,
        proposed_at_ms: proposal.proposed_at.millis(),
        registration,
        fingerprints: proposal.fingerprints,
        reason,
    }
}

fn registration(entry: Entry) -> Registration {
    Registration {
        country: entry.country,
        name: entry.name,
        binding: entry.binding,
        profile: entry.profile,
        url: entry.url,
        email: entry.email,
        contacts: entry.contacts,
        answers: entry.answers,
        document_years: entry.document_years,
        use_from_ms: Some(entry.use_from.millis()),
        use_until_ms: entry.use_until.map(Timestamp::millis),
        roots: entry
            .roots
            .into_iter()
            .map(|root| RootMessage {
                // Kept as this program wrote it.
                certificate: hex::decode(root.certificate).unwrap_or_default(),
                use_from_ms: root.use_from.map(Timestamp::millis),
                use_until_ms: root.use_until.map(Timestamp::millis),
                bindings: root.bindings,
            })
            .collect(),
        cvcas: entry
            .cvcas
            .into_iter()
            .map(|cvca| PartnerCvca { name: cvca.name, document_types: cvca.document_types, replaces: cvca.replaces })
            .collect(),
    }
}

/// A partner as it is held.
pub(super) fn partner(partner: &Partner, profiles: &Catalogue, now: Timestamp) -> contract::Partner {
    contract::Partner {
        country: partner.country.to_string(),
        name: partner.name.clone(),
        binding: partner.binding.as_str().to_owned(),
        profile: partner.profile.clone(),
        profile_unverified: !profiles.get(&partner.profile).is_some_and(|profile| profile.verified()),
        url: partner.url.as_str().to_owned(),
        email: partner.email.clone(),
        contacts: partner.contacts.lines().map(ToOwned::to_owned).collect(),
        answers: partner.answers.as_str().to_owned(),
        document_years: partner.document_years,
        state: partner.state.as_str().to_owned(),
        suspended_reason: match &partner.state {
            PartnerState::Suspended { reason } => reason.clone(),
            PartnerState::Active | PartnerState::Withdrawn => String::new(),
        },
        served: partner.is_served(now),
        use_from_ms: partner.in_use.from().millis(),
        use_until_ms: partner.in_use.until().map(Timestamp::millis),
        roots: partner.roots.iter().map(root).collect(),
        cvcas: partner.cvcas.iter().map(cvca).collect(),
        outages: partner.outages.iter().map(outage).collect(),
    }
}

/// A root.
pub(super) fn root(root: &partner::PartnerRoot) -> PartnerRoot {
    let (from, until) = bounds(&root.in_use);
    PartnerRoot {
        fingerprint: root.fingerprint.clone(),
        subject: root.subject.clone(),
        state: root.state.as_str().to_owned(),
        bindings: root.bindings.as_str().to_owned(),
        use_from_ms: from,
        use_until_ms: until,
        linked_to: root.linked_to.clone().unwrap_or_default(),
        proposal: roots::proposal_name(root),
    }
}

/// The beginning and the end of a period that has one.
fn bounds(period: &partner::Period) -> (i64, i64) {
    (period.from().millis(), period.until().map_or(i64::MAX, Timestamp::millis))
}

fn cvca(cvca: &partner::PartnerCvca) -> PartnerCvca {
    PartnerCvca {
        name: cvca.name.clone(),
        document_types: cvca.document_types.clone(),
        replaces: cvca.replaces.clone().unwrap_or_default(),
    }
}

/// An outage.
pub(super) fn outage(outage: &partner::Outage) -> Outage {
    let (begins_ms, ends_ms) = bounds(&outage.period);
    Outage { id: outage.id.to_string(), begins_ms, ends_ms, reason: outage.reason.clone() }
}

/// A revocation list, by the oldest the policy for its partner allows.
pub(super) fn held_crl(crl: health::HeldCrl, max_age: Duration) -> HeldCrl {
    HeldCrl {
        counts_until_ms: crl.counts_until(max_age).millis(),
        uri: crl.uri,
        this_update_ms: crl.this_update.millis(),
        next_update_ms: crl.next_update.map(Timestamp::millis),
        fetched_at_ms: crl.fetched_at.millis(),
        issuer: crl.issuer,
        imported_by: crl.by_hand.map(|by_hand| by_hand.officer).unwrap_or_default(),
    }
}

/// A partner on the health board.
pub(super) fn board(board: Board) -> PartnerHealth {
    let Board { health, concerns, crl_max_age } = board;
    let millis = |at: Option<Timestamp>| at.map(Timestamp::millis);
    PartnerHealth {
        country: health.country.to_string(),
        state: health.state.to_owned(),
        served: health.standing == Standing::Served,
        reached_at_ms: millis(health.reached_at),
        heard_at_ms: millis(health.heard_at),
        failed_at_ms: millis(health.failed_at),
        failure: health.failure.unwrap_or_default(),
        waiting_requests: health.waiting_requests,
        first_due_at_ms: millis(health.first_due_at),
        pending_messages: health.pending_messages,
        oldest_pending_at_ms: millis(health.oldest_pending_at),
        last_error: health.last_error.unwrap_or_default(),
        awaited_answers: health.awaited_answers,
        unread_messages: health.unread_messages,
        expiries: health
            .expiries
            .into_iter()
            .map(|expiry| Expiry {
                kind: expiry.kind.as_str().to_owned(),
                subject: expiry.subject,
                expires_at_ms: expiry.at.millis(),
            })
            .collect(),
        crls: health.crls.into_iter().map(|crl| held_crl(crl, crl_max_age)).collect(),
        outages: health.outages.iter().map(outage).collect(),
        concerns,
    }
}
