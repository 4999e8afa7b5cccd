//! What the use cases of mDokumenty give → answers.

use std::time::Duration;

use straznica_contracts::identity::v1 as proto;
use straznica_types::Timestamp;

use crate::app::{Access, Answer, Shown, contract_kind};
use crate::domain::verification::{DocumentKind, PeerCheck, Verification};

pub(super) fn verification(verification: &Verification) -> proto::Verification {
    proto::Verification {
        id: verification.id.to_string(),
        kind: contract_kind(verification.kind).into(),
        stage: verification.stage.name().to_owned(),
        qualifier: verification.stage.qualifier().to_owned(),
        binding_text: verification.binding_text.clone(),
        opened_at_ms: verification.times.opened_at.millis(),
        expires_at_ms: verification.times.expires_at.millis(),
    }
}

/// A citizen's question about another's document.
pub(super) fn peer_check(check: &PeerCheck, binding_text: &str) -> proto::Verification {
    proto::Verification {
        id: check.id.to_string(),
        kind: contract_kind(check.kind).into(),
        stage: check.stage.name().to_owned(),
        qualifier: check.stage.qualifier().to_owned(),
        binding_text: binding_text.to_owned(),
        opened_at_ms: check.times.opened_at.millis(),
        expires_at_ms: check.times.expires_at.millis(),
    }
}

pub(super) fn shown(shown: Shown) -> proto::ShowDocumentResponse {
    disclosed(verification(&shown.verification), shown.register, shown.answer)
}

/// What a register answered.
pub(super) fn disclosed(
    verification: proto::Verification,
    register: String,
    found: Answer,
) -> proto::ShowDocumentResponse {
    let mut answer = proto::ShowDocumentResponse {
        verification: Some(verification),
        register,
        ..proto::ShowDocumentResponse::default()
    };
    let (outcome, age) = match found {
        Answer::Found(documents, age) => {
            answer.documents = documents;
            (proto::DisclosureOutcome::Found, Some(age))
        }
        Answer::NoSuchDocument(age) => (proto::DisclosureOutcome::NoSuchDocument, Some(age)),
        Answer::Unavailable(retry_after) => {
            answer.retry_after_ms = retry_after.map_or(0, millis);
            (proto::DisclosureOutcome::RegisterUnavailable, None)
        }
        Answer::Refused => (proto::DisclosureOutcome::RegisterRefused, None),
    };
    answer.set_outcome(outcome);
    answer.as_of_ms = age.map_or(0, |age| age.as_of.millis());
    answer.stale = age.is_some_and(|age| age.stale);
    answer
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn activations(active: &[(DocumentKind, Timestamp)]) -> Vec<proto::Activation> {
    let activation = |(kind, at): &(DocumentKind, Timestamp)| proto::Activation {
        kind: contract_kind(*kind).into(),
        activated_at_ms: at.millis(),
    };
    active.iter().map(activation).collect()
}

pub(super) fn access(access: &Access) -> proto::Access {
    match access {
        Access::Institution(verification) => by_institution(verification),
        Access::Citizen { check, asked_by, by_oneself } => proto::Access {
            verification_id: check.id.to_string(),
            at_ms: check.times.opened_at.millis(),
            kind: contract_kind(check.kind).into(),
            stage: check.stage.name().to_owned(),
            qualifier: check.stage.qualifier().to_owned(),
            asked_by: asked_by.expose().to_owned(),
            by_oneself: *by_oneself,
            ..proto::Access::default()
        },
    }
}

fn by_institution(verification: &Verification) -> proto::Access {
    let mandate = &verification.mandate;
    proto::Access {
        verification_id: verification.id.to_string(),
        at_ms: verification.times.opened_at.millis(),
        institution_name: mandate.institution.name().to_owned(),
        officer: mandate.officer.to_string(),
        purpose: mandate.purpose.clone(),
        legal_basis: mandate.legal_basis.clone(),
        case_number: mandate.case_number.to_string(),
        kind: contract_kind(verification.kind).into(),
        stage: verification.stage.name().to_owned(),
        qualifier: verification.stage.qualifier().to_owned(),
        ..proto::Access::default()
    }
}
