//! `straznica registry consultations`.

use std::fmt::Write as _;

use straznica_contracts::registry::v1::{
    Consultation, GetConsultationRequest, GetConsultationResponse, GetNetworkReportRequest, GetNetworkReportResponse,
    ListConsultationsRequest, ListConsultationsResponse,
};

use super::RegistryError;
use super::cases::{all_due, due, english};
use super::desk::Desk;
use super::persons::word;
use super::spoc::when;
use super::table::Table;
use crate::arguments::Consultations;

/// Runs the command.
pub(super) async fn run(command: Consultations) -> Result<(), RegistryError> {
    match command {
        Consultations::List { of_case, limit, desk } => {
            let desk = Desk::open(desk)?;
            let request = ListConsultationsRequest { context: desk.context(), case_id: of_case, limit };
            desk.print(&desk.consultations().list_consultations(request).await?.into_inner(), list)
        }
        Consultations::Show { id, why, desk } => {
            let desk = Desk::open(desk)?;
            let request = GetConsultationRequest { context: desk.context(), consultation_id: id };
            let answer = desk.consultations().get_consultation(request).await?.into_inner();
            desk.print(&answer, |answer: &GetConsultationResponse| {
                answer.consultation.as_ref().map(|consultation| shown(consultation, why)).unwrap_or_default()
            })
        }
        Consultations::Network { desk } => {
            let desk = Desk::open(desk)?;
            let request = GetNetworkReportRequest { context: desk.context() };
            desk.print(&desk.consultation_network().get_network_report(request).await?.into_inner(), report)
        }
    }
}

fn flow(name: &str) -> String {
    word(name, "CONSULTATION_FLOW_").replace('_', " ")
}

fn outcome(name: &str) -> String {
    word(name, "CONSULTATION_OUTCOME_").replace('_', " ")
}

fn list(answer: &ListConsultationsResponse) -> String {
    let rows = answer.consultations.iter().map(|one| {
        let next = one.next.as_ref();
        let what = next.map(|next| english(next.title.as_ref())).unwrap_or_default();
        [
            one.number.clone(),
            flow(one.flow().as_str_name()),
            outcome(one.outcome().as_str_name()),
            one.waits_for.join(", "),
            next.map(due).unwrap_or_default(),
            what,
            one.consultation_id.clone(),
        ]
    });
    Table::new(["NUMBER", "FLOW", "OUTCOME", "WAITS FOR", "DUE", "WHAT", "ID"], rows).or("no consultation is open")
}

fn shown(consultation: &Consultation, why: bool) -> String {
    let mut told = format!(
        "{} ({}, {})\n{}, version {}\n",
        consultation.number,
        flow(consultation.flow().as_str_name()),
        consultation.rule_set,
        outcome(consultation.outcome().as_str_name()),
        consultation.version
    );
    if !consultation.asked_by.is_empty() {
        let _ = writeln!(told, "asked by {} {}", consultation.asked_by, consultation.reference);
    }
    if let Some(subject) = &consultation.subject {
        let names = format!("{} {}", subject.surname, subject.given_names);
        let _ = writeln!(told, "about {} {} {}", names.trim(), subject.birth_date, subject.nationality);
    }
    told.push('\n');
    let questions = consultation.questions.iter().map(|question| {
        let state = word(question.state().as_str_name(), "QUESTION_STATE_");
        let said = match (question.objects, question.late_reply_at_ms) {
            (true, _) => "objects".to_owned(),
            (false, Some(at)) if question.late_reply_objects => format!("objected too late, {}", when::minute(at)),
            (false, Some(at)) => format!("replied too late, {}", when::minute(at)),
            (false, None) => String::new(),
        };
        let until = question.deadline.as_ref().map_or_else(|| "not known to be delivered".to_owned(), due);
        [question.of.clone(), when::minute(question.asked_at_ms), until, state, said]
    });
    let _ = writeln!(told, "{}", Table::new(["ASKED", "AT", "UNTIL", "STATE", ""], questions));
    let entries = consultation.entries.iter().map(|entry| {
        let about = format!("{} {}", entry.of, entry.decision);
        [
            entry.number.to_string(),
            when::minute(entry.at_ms),
            entry.event.clone(),
            about.trim().to_owned(),
            entry.by.clone(),
        ]
    });
    let _ = writeln!(told, "{}", Table::new(["", "AT", "EVENT", "", "BY"], entries));
    told + &all_due(&consultation.deadlines, why)
}

fn report(report: &GetNetworkReportResponse) -> String {
    let mut told = format!(
        "{} forms sent, {} delivered; {} came, {} of them again, {} again with another content\n\n",
        report.sent, report.notified, report.received, report.copies, report.conflicts
    );
    let unmatched = report.unmatched.iter().map(|form| {
        let next = form.next_attempt_at_ms.map_or_else(|| "left to people".to_owned(), when::minute);
        let overdue = if form.overdue { "overdue".to_owned() } else { String::new() };
        let made = when::minute(form.made_at_ms);
        [form.state.clone(), form.letter.clone(), form.reference.clone(), made, next, overdue, form.unifier.clone()]
    });
    let unmatched = Table::new(["TO", "FORM", "ABOUT", "MADE", "AGAIN", "", "UNIFIER"], unmatched);
    told += &unmatched.or("every form was delivered");
    let waiting = report.waiting.iter().map(|form| {
        let came = when::minute(form.received_at_ms);
        [form.state.clone(), form.letter.clone(), form.reference.clone(), came, form.unifier.clone()]
    });
    let waiting = Table::new(["FROM", "FORM", "WAITS FOR", "CAME", "UNIFIER"], waiting).or("");
    let strays = report.strays.iter();
    let strays =
        strays.map(|stray| [stray.state.clone(), stray.kind.clone(), when::minute(stray.at_ms), stray.what.clone()]);
    let strays = Table::new(["FROM", "STRAY", "CAME", "WHAT"], strays).or("");
    for table in [waiting, strays].iter().filter(|table| !table.is_empty()) {
        let _ = write!(told, "\n\n{table}");
    }
    told
}

#[cfg(test)]
mod tests {
    use straznica_contracts::registry::v1::{ConsultedQuestion, QuestionState, StrayMessage, UnmatchedForm};

    use super::*;

    #[test]
    fn a_consultation_tells_who_was_silent_and_who_was_never_reached() {
        let mut silent = ConsultedQuestion {
            of: "ESP".to_owned(),
            late_reply_at_ms: Some(0),
            late_reply_objects: true,
            ..ConsultedQuestion::default()
        };
        silent.set_state(QuestionState::Silent);
        let mut open = ConsultedQuestion { of: "FRA".to_owned(), ..ConsultedQuestion::default() };
        open.set_state(QuestionState::Open);
        let consultation = Consultation {
            number: "KSK/2026/000001".to_owned(),
            questions: vec![silent, open],
            ..Consultation::default()
        };
        let told = shown(&consultation, false);
        let line = |of: &str| told.lines().find(|line| line.starts_with(of)).unwrap_or_else(|| panic!("{told}"));
        assert!(line("ESP").contains("silent") && line("ESP").contains("objected too late"), "{told}");
        assert!(line("FRA").contains("not known to be delivered"), "{told}");
    }

    #[test]
    fn the_network_tells_what_is_overdue_and_what_cannot_be_placed() {
        let form = UnmatchedForm {
            state: "FRA".to_owned(),
            letter: "A".to_owned(),
            overdue: true,
            ..UnmatchedForm::default()
        };
        let stray = StrayMessage { kind: "unreadable".to_owned(), ..StrayMessage::default() };
        let all = GetNetworkReportResponse {
            unmatched: vec![form],
            strays: vec![stray],
            ..GetNetworkReportResponse::default()
        };
        let told = report(&all);
        assert!(told.contains("left to people") && told.contains("overdue") && told.contains("unreadable"), "{told}");
        assert!(report(&GetNetworkReportResponse::default()).contains("every form was delivered"));
    }
}
