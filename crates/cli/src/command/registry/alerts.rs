//! `straznica registry alerts`.

use std::fmt::Write as _;

use straznica_contracts::registry::v1::{
    AlertCheck, AlertFinding, AlertResolutionState, ListAlertChecksRequest, ListAlertChecksResponse,
    ListOpenAlertsRequest, ListOpenAlertsResponse,
};

use super::RegistryError;
use super::desk::Desk;
use super::persons::word;
use super::spoc::when;
use super::table::{self, Table};
use crate::arguments::Alerts;

/// Runs the command.
pub(super) async fn run(command: Alerts) -> Result<(), RegistryError> {
    match command {
        Alerts::Open { limit, desk } => {
            let desk = Desk::open(desk)?;
            let request = ListOpenAlertsRequest { context: desk.context(), limit };
            let answer = desk.alerts().list_open_alerts(request).await?.into_inner();
            desk.print(&answer, open)
        }
        Alerts::Person { person, desk } => {
            let desk = Desk::open(desk)?;
            let request = ListAlertChecksRequest {
                context: desk.context(),
                person_id: person,
                ..ListAlertChecksRequest::default()
            };
            let answer = desk.alerts().list_alert_checks(request).await?.into_inner();
            desk.print(&answer, checks)
        }
        Alerts::Case { id, desk } => {
            let desk = Desk::open(desk)?;
            let request =
                ListAlertChecksRequest { context: desk.context(), case_id: id, ..ListAlertChecksRequest::default() };
            let answer = desk.alerts().list_alert_checks(request).await?.into_inner();
            desk.print(&answer, checks)
        }
    }
}

fn open(answer: &ListOpenAlertsResponse) -> String {
    let rows = answer.alerts.iter().map(|alert| {
        let waits = if alert.proposed_by.is_empty() {
            "for two officers".to_owned()
        } else {
            format!("for another than {}", alert.proposed_by)
        };
        let named = if alert.resolution_id.is_empty() { &alert.finding_id } else { &alert.resolution_id };
        [when::minute(alert.checked_at_ms), waits, alert.person_id.clone(), alert.case_id.clone(), named.clone()]
    });
    Table::new(["CHECKED", "WAITS", "PERSON", "CASE", "FINDING OR RESOLUTION"], rows).or("nothing waits for an officer")
}

fn checks(answer: &ListAlertChecksResponse) -> String {
    let mut told = String::new();
    for check in &answer.checks {
        let _ = writeln!(told, "{}", heading(check));
        told += &Table::new(["", "ALERT", "OF", "WHAT TO DO", "FINDING"], check.findings.iter().map(finding)).or("");
    }
    let consulted = answer.consultations.iter().map(|recorded| {
        let answer = word(recorded.answer().as_str_name(), "ISSUING_STATE_ANSWER_").replace('_', " ");
        let asked = when::minute(recorded.asked_at_ms);
        [asked, recorded.issuing_state.clone(), recorded.kind.clone(), recorded.last_day.clone(), answer]
    });
    told += &Table::new(["ASKED", "STATE", "", "LAST DAY", "ANSWER"], consulted).or("");
    if told.is_empty() { "nobody was checked".to_owned() } else { told.trim_end().to_owned() }
}

/// What a check came to; that it came to nothing is told with the reason.
fn heading(check: &AlertCheck) -> String {
    let result = word(check.result().as_str_name(), "ALERT_RESULT_").replace('_', " ");
    let why = match check.unavailable {
        0 => String::new(),
        _ => format!(" ({})", word(check.unavailable().as_str_name(), "ALERT_UNAVAILABILITY_").replace('_', " ")),
    };
    let subject = word(check.subject().as_str_name(), "ALERT_SUBJECT_");
    let forgotten = if check.forgotten { ", what was found is not kept any more" } else { "" };
    let at = when::minute(check.checked_at_ms);
    format!("{at}  {subject} {}  {result}{why}{forgotten}  by {}", check.person_id, check.checked_by)
}

fn finding(finding: &AlertFinding) -> [String; 5] {
    let standing = word(finding.standing().as_str_name(), "ALERT_STANDING_");
    let proposed = finding.resolution.as_ref().filter(|said| said.state() == AlertResolutionState::Proposed);
    let standing = match proposed {
        Some(said) => format!(
            "{standing}, {} says {}",
            said.proposed_by,
            word(said.verdict().as_str_name(), "ALERT_RESOLUTION_VERDICT_").replace('_', " ")
        ),
        None => standing,
    };
    let instruction = finding.instruction.as_ref().map(|text| text.en.as_str()).unwrap_or_default();
    let discreet = if finding.discreet { "NOBODY TELLS THE PERSON. " } else { "" };
    let what = table::one_line(&format!("{discreet}{instruction}"));
    [standing, finding.category.replace('_', " "), finding.issuing_state.clone(), what, finding.finding_id.clone()]
}

#[cfg(test)]
mod tests {
    use straznica_contracts::registry::v1::{AlertResult, AlertStanding, AlertUnavailability, OpenAlert, Text};

    use super::*;

    #[test]
    fn what_was_not_checked_says_why_and_what_nobody_may_tell_says_so() {
        let mut found = AlertFinding { category: "check".to_owned(), discreet: true, ..AlertFinding::default() };
        found.set_standing(AlertStanding::Possible);
        found.instruction = Some(Text { pl: String::new(), en: "Gather information.".to_owned() });
        let mut check = AlertCheck { findings: vec![found], ..AlertCheck::default() };
        check.set_result(AlertResult::Unavailable);
        check.set_unavailable(AlertUnavailability::SourceDown);
        let told = checks(&ListAlertChecksResponse { checks: vec![check], consultations: Vec::new() });
        for text in ["unavailable (source down)", "possible", "NOBODY TELLS THE PERSON. Gather information."] {
            assert!(told.contains(text), "{text}: {told}");
        }
        assert_eq!(checks(&ListAlertChecksResponse::default()), "nobody was checked");
        let waiting = OpenAlert { proposed_by: "udsc-1".to_owned(), ..OpenAlert::default() };
        let told = open(&ListOpenAlertsResponse { alerts: vec![waiting, OpenAlert::default()] });
        assert!(told.contains("for another than udsc-1") && told.contains("for two officers"), "{told}");
    }
}
