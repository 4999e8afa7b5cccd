//! Requests → what the use cases take.

use std::str::FromStr;

use emrtd::presentation::AccessProtocol;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::v1 as proto;
use straznica_pki::PeerIdentity;
use straznica_types::{ChallengeId, InspectionId, OfficerId, RequestId, Secret, TerminalId, Timestamp};

use crate::domain::{ActiveAnswer, CallerClaims, CaseNumber, ChipProof, EvidenceParts, Line, ReadingParts, Refusal};

pub(super) const NAME: &str = "1 to 64 letters, digits, '.', '_' or '-'";
pub(super) const UUID: &str = "a UUID";

pub(super) fn caller(peer: &PeerIdentity, context: Option<CallContext>) -> Result<CallerClaims, Refusal> {
    let context = context.unwrap_or_default();
    let terminal = optional(&context.terminal_id, "/context/terminal_id", NAME, TerminalId::from_str)?;
    let officer = optional(&context.officer, "/context/officer", NAME, OfficerId::from_str)?;
    let request_id = optional(&context.request_id, "/context/request_id", UUID, RequestId::from_str)?;
    let case_number = Some(context.case_number).filter(|text| !text.is_empty());
    Ok(CallerClaims {
        actor: peer.to_string(),
        terminal,
        officer,
        purpose: Some(context.purpose).filter(|text| !text.is_empty()),
        case_number: case_number.as_deref().map(CaseNumber::parse).transpose()?,
        request_id,
    })
}

pub(super) fn inspection_id(text: &str) -> Result<InspectionId, Refusal> {
    required(text, "/inspection_id", UUID, InspectionId::from_str)
}

pub(super) fn reading(request: proto::CreateInspectionRequest) -> Result<ReadingParts, Refusal> {
    let (access, line) = (access(request.access()), line(request.line()));
    Ok(ReadingParts {
        document_ref: Secret::new(request.document_ref),
        access,
        mrz_optical: Secret::new(request.mrz_optical),
        sod: request.sod,
        com: request.com,
        evidence: evidence(request.evidence)?,
        read_at: read_at(request.read_at_ms)?,
        line,
    })
}

pub(super) fn evidence(evidence: Option<proto::Evidence>) -> Result<EvidenceParts, Refusal> {
    let evidence = evidence.unwrap_or_default();
    Ok(EvidenceParts {
        data_groups: evidence.data_groups.into_iter().collect(),
        digests: evidence.digests.into_iter().collect(),
        unreadable: evidence.unreadable.iter().map(|file| (file.data_group, file.status_word)).collect(),
        chip_proof: evidence.chip_authentication.map_or(Ok(None), chip_proof)?,
        active_answer: evidence.active_authentication.map(active_answer).transpose()?,
        card_access: evidence.card_access,
        card_security: evidence.card_security,
    })
}

/// `None` where the terminal says that no such protocol was performed.
fn chip_proof(told: proto::ChipAuthentication) -> Result<Option<ChipProof>, Refusal> {
    let succeeded = match told.result.as_str() {
        "not_performed" => return Ok(None),
        "successful" => true,
        "failed" => false,
        _ => {
            let expected = "successful, failed or not_performed";
            return Err(Refusal::Invalid { member: "/evidence/chip_authentication/result", expected });
        }
    };
    let evidence = Some(told.evidence).filter(|bytes| !bytes.is_empty());
    match told.protocol.as_str() {
        "ca_v1" => Ok(Some(ChipProof::CaV1 { succeeded, chip_public_key: evidence, key_id: told.key_id })),
        "pace_cam" => Ok(Some(ChipProof::PaceCam {
            succeeded,
            chip_authentication_data: evidence,
            mapping_public_key: Some(told.mapping_public_key).filter(|bytes| !bytes.is_empty()),
        })),
        _ => Err(Refusal::Invalid { member: "/evidence/chip_authentication/protocol", expected: "ca_v1 or pace_cam" }),
    }
}

fn active_answer(told: proto::ActiveAuthentication) -> Result<ActiveAnswer, Refusal> {
    let member = "/evidence/active_authentication/challenge_id";
    let challenge = required(&told.challenge_id, member, UUID, ChallengeId::from_str)?;
    if told.response.is_empty() {
        return Err(Refusal::Missing { member: "/evidence/active_authentication/response" });
    }
    Ok(ActiveAnswer { challenge, response: told.response })
}

const fn access(access: proto::AccessProtocol) -> Option<AccessProtocol> {
    match access {
        proto::AccessProtocol::Unspecified => None,
        proto::AccessProtocol::Bac => Some(AccessProtocol::Bac),
        proto::AccessProtocol::Pace => Some(AccessProtocol::Pace),
        proto::AccessProtocol::PaceCam => Some(AccessProtocol::PaceCam),
    }
}

const fn line(line: proto::InspectionLine) -> Option<Line> {
    match line {
        proto::InspectionLine::Unspecified => None,
        proto::InspectionLine::First => Some(Line::First),
        proto::InspectionLine::Second => Some(Line::Second),
    }
}

/// Nobody read a document in 1970: 0 is the member left out.
const fn read_at(millis: i64) -> Result<Timestamp, Refusal> {
    if millis == 0 {
        return Err(Refusal::Missing { member: "/read_at_ms" });
    }
    Ok(Timestamp::from_millis(millis))
}

fn optional<T, E>(
    text: &str,
    member: &'static str,
    expected: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Some).map_err(|_| Refusal::Invalid { member, expected })
}

pub(super) fn required<T, E>(
    text: &str,
    member: &'static str,
    expected: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, Refusal> {
    optional(text, member, expected, parse)?.ok_or(Refusal::Missing { member })
}
