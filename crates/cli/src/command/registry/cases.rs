//! `straznica registry cases` and `straznica registry worklist`.

use std::fmt::Write as _;

use straznica_contracts::registry::v1::list_history_request::Whose;
use straznica_contracts::registry::v1::{
    CountingKind, CountingStep, Deadline, DecisionState, GetCaseRequest, GetCaseResponse, LegalBasis, ListWorkRequest,
    ListWorkResponse, Text,
};

use super::RegistryError;
use super::accesses;
use super::desk::Desk;
use super::persons::word;
use super::spoc::when;
use super::table::Table;
use crate::arguments::{Cases, RegistryDesk};

/// Runs the command.
pub(super) async fn run(command: Cases) -> Result<(), RegistryError> {
    let (id, at, why, desk) = match command {
        Cases::Show { id, at, why, desk } => (id, at, why, desk),
        Cases::Accesses(asked) => return accesses::list(asked, Whose::CaseId).await,
    };
    let desk = Desk::open(desk)?;
    let at_ms = when::read_some(at.as_ref())?;
    let request = GetCaseRequest { context: desk.context(), case_id: id, at_ms };
    let answer = desk.cases().get_case(request).await?.into_inner();
    desk.print(&answer, |answer| shown(answer, why))
}

/// `straznica registry worklist`.
pub(super) async fn worklist(case_type: String, limit: u32, desk: RegistryDesk) -> Result<(), RegistryError> {
    let desk = Desk::open(desk)?;
    let request = ListWorkRequest { context: desk.context(), case_type, limit };
    let answer = desk.cases().list_work(request).await?.into_inner();
    desk.print(&answer, list)
}

fn list(answer: &ListWorkResponse) -> String {
    let rows = answer.items.iter().map(|item| {
        let next = item.next.as_ref();
        let due = next.map(due).unwrap_or_default();
        let state = match (item.late, item.blocked_by.as_slice()) {
            (true, _) => "late".to_owned(),
            (false, []) => String::new(),
            (false, waits) => format!("waits for {}", waits.join(", ")),
        };
        let what = next.and_then(|next| next.title.as_ref()).map(|title| title.en.clone()).unwrap_or_default();
        [item.number.clone(), item.stage.clone(), due, what, state, item.taken_by.clone(), item.case_id.clone()]
    });
    Table::new(["NUMBER", "STAGE", "DUE", "WHAT", "", "TAKEN BY", "ID"], rows).or("nothing is to be done")
}

fn shown(case: &GetCaseResponse, why: bool) -> String {
    let mut told = format!(
        "{} ({}, {})\nstage {}, version {}\n",
        case.number, case.case_type, case.rule_set, case.stage, case.version
    );
    if !case.taken_by.is_empty() {
        let _ = writeln!(told, "taken by {}", case.taken_by);
    }
    let _ = writeln!(told, "persons {}\n", case.person_ids.join(", "));
    let events = case.events.iter().filter_map(|recorded| {
        let event = recorded.event.as_ref()?;
        let about = [&event.decision, &event.of].map(String::as_str).join(" ");
        let at = when::minute(event.at_ms);
        Some([
            recorded.number.to_string(),
            at,
            event.event.clone(),
            about.trim().to_owned(),
            recorded.recorded_by.clone(),
        ])
    });
    let _ = writeln!(told, "{}", Table::new(["", "AT", "EVENT", "", "BY"], events));
    let decisions = case.decisions.iter().map(|decision| {
        let state = DecisionState::try_from(decision.state).map_or("", |state| state.as_str_name());
        let state = word(state, "DECISION_STATE_");
        [decision.decision.clone(), state, decision.drafted_by.clone(), decision.approved_by.clone()]
    });
    let decisions = Table::new(["DECISION", "STATE", "DRAFTED BY", "APPROVED BY"], decisions).or("");
    if !decisions.is_empty() {
        let _ = writeln!(told, "{decisions}");
    }
    told + &all_due(&case.deadlines, why)
}

/// What is or was due, and on asking why.
pub(super) fn all_due(deadlines: &[Deadline], why: bool) -> String {
    let rows = deadlines.iter().map(|deadline| {
        let title = english(deadline.title.as_ref());
        let of = if deadline.of.is_empty() { title } else { format!("{title} ({})", deadline.of) };
        let article = deadline.basis.as_ref().map(|basis| basis.article.clone()).unwrap_or_default();
        [due(deadline), state(deadline), deadline.owed_by.clone(), of, article]
    });
    let mut told = Table::new(["DUE", "STATE", "OWED BY", "WHAT", "ARTICLE"], rows).or("nothing is or was due");
    if why {
        for deadline in deadlines {
            told += &reasons(deadline);
        }
    }
    told
}

pub(super) fn english(text: Option<&Text>) -> String {
    text.map(|text| text.en.clone()).unwrap_or_default()
}

/// The last day, or the last instant of what is counted in hours.
pub(super) fn due(deadline: &Deadline) -> String {
    match deadline.last_day.as_str() {
        "" => when::minute(deadline.due_at_ms),
        day => day.to_owned(),
    }
}

fn state(deadline: &Deadline) -> String {
    let state = word(deadline.state().as_str_name(), "DEADLINE_STATE_").replace('_', " ");
    if deadline.passing.is_empty() { state } else { format!("{state}: {}", deadline.passing.replace('_', " ")) }
}

/// The law a deadline comes from, and how it was counted.
fn reasons(deadline: &Deadline) -> String {
    let mut told = format!("\n{} {}\n", due(deadline), english(deadline.title.as_ref()));
    let _ = writeln!(told, "  {}", english(deadline.says.as_ref()));
    if let Some(basis) = &deadline.basis {
        let _ = writeln!(told, "  {}", place(basis));
    }
    for step in &deadline.why {
        let _ = writeln!(told, "  - {}", counted(step));
    }
    told
}

pub(super) fn place(basis: &LegalBasis) -> String {
    let compared = match basis.verified.as_str() {
        "place" => "",
        "rule" => " (the place was not compared with the law)",
        _ => " (not compared with the law)",
    };
    format!("{}, {}{compared}", basis.article, basis.journal)
}

fn counted(step: &CountingStep) -> String {
    let from = match (step.event.as_str(), step.deemed) {
        ("", _) => String::new(),
        (event, false) => format!(" {event} (event {}) of {}", step.number, step.day),
        (event, true) => format!(" {event}, which the law deems to have happened on {}", step.day),
    };
    let reaches = if step.reaches.is_empty() { String::new() } else { format!(" reaches {}", step.reaches) };
    let says = step.says.as_ref().map(|says| format!(" ({})", says.en)).unwrap_or_default();
    let what = match step.kind() {
        CountingKind::Counted => format!("counted from{from},{reaches}"),
        CountingKind::SetByDecision => format!("a decision names the day,{reaches}"),
        CountingKind::Extended => format!("extended by{from},{reaches}"),
        CountingKind::NotExtendedPassed => format!("not extended by{from}: it had passed"),
        CountingKind::NotExtendedTooOften => format!("not extended by{from}: as often as it can be"),
        CountingKind::NotExtendedNoFurther => format!("not extended by{from}: it reaches no further"),
        CountingKind::Suspended => format!("stood still from{from},{reaches}"),
        CountingKind::Shifted => format!("moved over {},{reaches}", step.over.join(", ")),
        CountingKind::Posted => format!("posted in time:{from},{reaches}"),
        CountingKind::TooLate => format!("done too late to matter:{from}"),
        CountingKind::Unspecified => format!("a step this version does not know{from}{reaches}"),
    };
    what + &says
}

#[cfg(test)]
mod tests {
    use straznica_contracts::registry::v1::{DeadlineState, WorkItem};

    use super::*;

    fn deadline() -> Deadline {
        let text = |en: &str| Some(Text { pl: String::new(), en: en.to_owned() });
        let mut deadline = Deadline {
            rule: "appeal".to_owned(),
            title: text("Appeal"),
            owed_by: "applicant".to_owned(),
            last_day: "2026-05-25".to_owned(),
            says: text("14 days from service"),
            basis: Some(LegalBasis {
                article: "art. 129".to_owned(),
                journal: "Dz.U. 1960 nr 30 poz. 168".to_owned(),
                verified: "place".to_owned(),
                act: None,
            }),
            passing: "right_lapses".to_owned(),
            ..Deadline::default()
        };
        deadline.set_state(DeadlineState::Passed);
        let step = CountingStep {
            kind: CountingKind::Counted.into(),
            event: "decision_served".to_owned(),
            number: 4,
            day: "2026-05-11".to_owned(),
            deemed: true,
            reaches: "2026-05-25".to_owned(),
            says: text("notice board, 7 days"),
            ..CountingStep::default()
        };
        deadline.why = vec![step];
        deadline
    }

    #[test]
    fn a_deadline_tells_its_state_and_on_asking_why() {
        let case = GetCaseResponse {
            number: "protection/2026/000001".to_owned(),
            stage: "served".to_owned(),
            deadlines: vec![deadline()],
            ..GetCaseResponse::default()
        };
        let brief = shown(&case, false);
        assert!(brief.contains("2026-05-25  passed: right lapses  applicant  Appeal  art. 129"), "{brief}");
        assert!(!brief.contains("counted from"));
        let long = shown(&case, true);
        assert!(
            long.contains("counted from decision_served, which the law deems to have happened on 2026-05-11, reaches 2026-05-25 (notice board, 7 days)"),
            "{long}"
        );
    }

    #[test]
    fn the_worklist_says_what_is_late_and_what_waits() {
        let item = |late, blocked: &[&str]| WorkItem {
            number: "protection/2026/000001".to_owned(),
            stage: "merits".to_owned(),
            next: Some(deadline()),
            late,
            blocked_by: blocked.iter().map(|one| (*one).to_owned()).collect(),
            ..WorkItem::default()
        };
        let told = list(&ListWorkResponse { items: vec![item(true, &["x"]), item(false, &["security_opinion"])] });
        assert!(told.lines().nth(1).unwrap().contains("Appeal  late"), "{told}");
        assert!(told.lines().nth(2).unwrap().contains("waits for security_opinion"), "{told}");
        assert_eq!(list(&ListWorkResponse::default()), "nothing is to be done");
    }
}
