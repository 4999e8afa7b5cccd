//! Requests on consultations → what the use cases take.

use std::mem::take;
use std::str::FromStr;

use straznica_contracts::registry::v1 as proto;
use straznica_types::check_name;

use super::request::{NAME, UUID, optional, required};
use crate::app::NewConsultation;
use crate::domain::consultation::{Flow, Grounds, Subject};
use crate::domain::person::{BirthDate, Country, Sex};
use crate::domain::{CaseId, ConsultationId, PersonId, Refusal};

pub(super) fn consultation_id(text: &str) -> Result<ConsultationId, Refusal> {
    required(text, "/consultation_id", UUID, ConsultationId::from_str)
}

pub(super) fn new_consultation(request: proto::OpenConsultationRequest) -> Result<NewConsultation, Refusal> {
    Ok(NewConsultation {
        flow: flow(request.flow())?,
        case: optional(&request.case_id, "/case_id", UUID, CaseId::from_str)?,
        person: optional(&request.person_id, "/person_id", UUID, PersonId::from_str)?,
        subject: request.subject.map(subject).transpose()?,
        asked_by: request.asked_by,
        reference: request.reference,
        asked: names(&request.asked)?,
        on_paper: request.on_paper,
    })
}

/// Bodies or states.
pub(super) fn names(names: &[String]) -> Result<Vec<String>, Refusal> {
    let name = |text: &String| required(text, "/asked", NAME, |text| check_name(text).map(|()| text.to_owned()));
    names.iter().map(name).collect()
}

/// A state that was asked.
pub(super) fn state(text: &str) -> Result<String, Refusal> {
    of(text)?.ok_or(Refusal::Missing { member: "/of" })
}

pub(super) fn of(text: &str) -> Result<Option<String>, Refusal> {
    optional(text, "/of", NAME, |text| check_name(text).map(|()| text.to_owned()))
}

const fn flow(flow: proto::ConsultationFlow) -> Result<Flow, Refusal> {
    use proto::ConsultationFlow as Named;
    Ok(match flow {
        Named::Incoming => Flow::Incoming,
        Named::Outgoing => Flow::Outgoing,
        Named::National => Flow::National,
        Named::NationalVisa => Flow::NationalVisa,
        Named::ProtectionOpinion => Flow::ProtectionOpinion,
        Named::ResidenceOpinion => Flow::ResidenceOpinion,
        Named::Unspecified => return Err(Refusal::Missing { member: "/flow" }),
    })
}

/// The message wipes itself, so texts are taken out of it.
fn subject(mut subject: proto::ConsultationSubject) -> Result<Subject, Refusal> {
    let sex = match subject.sex() {
        proto::Sex::Unspecified => None,
        proto::Sex::Female => Some(Sex::Female),
        proto::Sex::Male => Some(Sex::Male),
        proto::Sex::Other => Some(Sex::Other),
    };
    Ok(Subject {
        birth: BirthDate::parse(&subject.birth_date).map_err(|_| Refusal::Invalid {
            member: "/subject/birth_date",
            expected: "YYYY-MM-DD, YYYY-MM, YYYY or nothing",
        })?,
        sex,
        nationality: Country::parse(&subject.nationality, "/subject/nationality")?,
        surname: take(&mut subject.surname),
        given_names: take(&mut subject.given_names),
        document_number: take(&mut subject.document_number),
        matter: take(&mut subject.matter),
    })
}

/// Whether it objects.
pub(super) const fn objects(reply: proto::ConsultationReply) -> Result<bool, Refusal> {
    match reply {
        proto::ConsultationReply::NoObjection => Ok(false),
        proto::ConsultationReply::Objection => Ok(true),
        proto::ConsultationReply::Unspecified => Err(Refusal::Missing { member: "/reply" }),
    }
}

pub(super) const fn grounds(grounds: proto::ObjectionGrounds) -> Option<Grounds> {
    use proto::ObjectionGrounds as Named;
    match grounds {
        Named::Unspecified => None,
        Named::StateSecurity => Some(Grounds::StateSecurity),
        Named::PublicOrder => Some(Grounds::PublicOrder),
        Named::PublicHealth => Some(Grounds::PublicHealth),
        Named::InternationalRelations => Some(Grounds::InternationalRelations),
        Named::StateInterest => Some(Grounds::StateInterest),
        Named::Alert => Some(Grounds::Alert),
    }
}
