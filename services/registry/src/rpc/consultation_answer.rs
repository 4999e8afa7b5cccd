//! Consultations → answers.

use straznica_contracts::registry::v1 as proto;

use super::case_answer::deadline;
use crate::app::{BodyQuestion, ShownConsultation, Summary};
use crate::domain::consultation::{Flow, Grounds, Noted, Outcome, Question, QuestionState, Subject};
use crate::domain::person::Sex;

pub(super) fn consultation(shown: ShownConsultation<'_>) -> proto::Consultation {
    let ShownConsultation { whole, subject, standing } = shown;
    let file = whole.file;
    let mut answer = proto::Consultation {
        consultation_id: file.id.to_string(),
        number: file.number,
        rule_set: file.rule_set,
        case_id: file.case.map(|case| case.to_string()).unwrap_or_default(),
        person_id: file.person.map(|person| person.to_string()).unwrap_or_default(),
        asked_by: file.asked_by,
        reference: file.reference,
        opened_at_ms: file.opened_at.millis(),
        version: file.version,
        subject: subject.map(described),
        questions: standing.questions.iter().map(question).collect(),
        deadlines: standing.deadlines.iter().map(deadline).collect(),
        entries: whole.noted.into_iter().map(entry).collect(),
        stage: standing.stage,
        ..proto::Consultation::default()
    };
    answer.set_flow(flow(file.flow));
    answer.set_outcome(outcome(standing.outcome));
    answer
}

pub(super) fn summary(summary: Summary<'_>) -> proto::ConsultationSummary {
    let file = summary.file;
    let mut answer = proto::ConsultationSummary {
        consultation_id: file.id.to_string(),
        number: file.number,
        case_id: file.case.map(|case| case.to_string()).unwrap_or_default(),
        asked_by: file.asked_by,
        opened_at_ms: file.opened_at.millis(),
        version: file.version,
        waits_for: summary.waits_for,
        next: summary.next.as_ref().map(deadline),
        ..proto::ConsultationSummary::default()
    };
    answer.set_flow(flow(file.flow));
    answer.set_outcome(outcome(summary.outcome));
    answer
}

pub(super) fn body_question(question: BodyQuestion<'_>) -> proto::BodyQuestion {
    let mut answer = proto::BodyQuestion {
        consultation_id: question.file.id.to_string(),
        number: question.file.number,
        subject: Some(described(question.subject)),
        asked_at_ms: question.asked_at.millis(),
        deadline: question.deadline.as_ref().map(deadline),
        ..proto::BodyQuestion::default()
    };
    answer.set_flow(flow(question.file.flow));
    answer.set_state(state(&question.state));
    if let Some(reply) = question.reply {
        answer.set_reply(match reply.objects {
            true => proto::ConsultationReply::Objection,
            false => proto::ConsultationReply::NoObjection,
        });
        answer.replied_at_ms = Some(reply.at.millis());
        answer.reference = reply.reference;
    }
    answer
}

const fn state(state: &QuestionState) -> proto::QuestionState {
    match state {
        QuestionState::Open => proto::QuestionState::Open,
        QuestionState::Replied { .. } => proto::QuestionState::Replied,
        QuestionState::Silent { .. } => proto::QuestionState::Silent,
        QuestionState::Moot => proto::QuestionState::Moot,
    }
}

/// The message wipes itself when it is dropped, so it is filled and not built.
fn described(subject: Subject) -> proto::ConsultationSubject {
    let mut answer = proto::ConsultationSubject::default();
    answer.surname = subject.surname;
    answer.given_names = subject.given_names;
    answer.birth_date = subject.birth.to_string();
    answer.nationality = subject.nationality.into();
    answer.document_number = subject.document_number;
    answer.matter = subject.matter;
    answer.set_sex(match subject.sex {
        None => proto::Sex::Unspecified,
        Some(Sex::Female) => proto::Sex::Female,
        Some(Sex::Male) => proto::Sex::Male,
        Some(Sex::Other) => proto::Sex::Other,
    });
    answer
}

fn question(question: &Question<'_>) -> proto::ConsultedQuestion {
    let (answered_at, late) = match question.state {
        QuestionState::Open | QuestionState::Moot => (None, None),
        QuestionState::Replied { at, .. } => (Some(at), None),
        QuestionState::Silent { at, late } => (Some(at), late),
    };
    let mut answer = proto::ConsultedQuestion {
        of: question.of.clone(),
        asked_at_ms: question.asked_at.millis(),
        objects: question.objects(),
        answered_at_ms: answered_at.map(|at| at.millis()),
        late_reply_at_ms: late.map(|(at, _)| at.millis()),
        late_reply_objects: late.is_some_and(|(_, objects)| objects),
        deadline: question.deadline.as_ref().map(deadline),
        ..proto::ConsultedQuestion::default()
    };
    answer.set_state(state(&question.state));
    answer
}

fn entry(noted: Noted) -> proto::ConsultationEntry {
    let mut answer = proto::ConsultationEntry {
        number: noted.happened.number,
        at_ms: noted.happened.at.millis(),
        of: noted.happened.of.unwrap_or_default(),
        decision: noted.happened.decision.unwrap_or_default(),
        event: noted.happened.event,
        remark: noted.remark,
        recorded_at_ms: noted.recorded_at.millis(),
        by: noted.by.to_string(),
        ..proto::ConsultationEntry::default()
    };
    answer.set_grounds(noted.grounds.map_or(proto::ObjectionGrounds::Unspecified, grounds));
    answer
}

const fn grounds(grounds: Grounds) -> proto::ObjectionGrounds {
    match grounds {
        Grounds::StateSecurity => proto::ObjectionGrounds::StateSecurity,
        Grounds::PublicOrder => proto::ObjectionGrounds::PublicOrder,
        Grounds::PublicHealth => proto::ObjectionGrounds::PublicHealth,
        Grounds::InternationalRelations => proto::ObjectionGrounds::InternationalRelations,
        Grounds::StateInterest => proto::ObjectionGrounds::StateInterest,
        Grounds::Alert => proto::ObjectionGrounds::Alert,
    }
}

const fn flow(flow: Flow) -> proto::ConsultationFlow {
    match flow {
        Flow::Incoming => proto::ConsultationFlow::Incoming,
        Flow::Outgoing => proto::ConsultationFlow::Outgoing,
        Flow::National => proto::ConsultationFlow::National,
        Flow::NationalVisa => proto::ConsultationFlow::NationalVisa,
        Flow::ProtectionOpinion => proto::ConsultationFlow::ProtectionOpinion,
        Flow::ResidenceOpinion => proto::ConsultationFlow::ResidenceOpinion,
    }
}

const fn outcome(outcome: Outcome) -> proto::ConsultationOutcome {
    match outcome {
        Outcome::Open => proto::ConsultationOutcome::Open,
        Outcome::NoObjection => proto::ConsultationOutcome::NoObjection,
        Outcome::ConsentBySilence => proto::ConsultationOutcome::ConsentBySilence,
        Outcome::Objection => proto::ConsultationOutcome::Objection,
        Outcome::NothingAgainst => proto::ConsultationOutcome::NothingAgainst,
        Outcome::SomethingAgainst => proto::ConsultationOutcome::SomethingAgainst,
        Outcome::Withdrawn => proto::ConsultationOutcome::Withdrawn,
    }
}
