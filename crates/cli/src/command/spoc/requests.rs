//! `straznica spoc requests`.

use straznica_contracts::spoc::v1::{
    ApproveRequestRequest, CertificateRequest, DeclineRequestRequest, GetRequestRequest, ListRequestsRequest,
    ListRequestsResponse,
};

use super::desk::Desk;
use super::table::{Table, one_line, paged};
use super::{SpocError, when};
use crate::arguments::{RequestState, Requests};

/// Runs the command.
pub(super) async fn run(command: Requests) -> Result<(), SpocError> {
    match command {
        Requests::List { state, country, page, desk } => {
            let desk = Desk::open(desk)?;
            let request = ListRequestsRequest {
                state: state.map_or("", state_name).to_owned(),
                caller: country.unwrap_or_default(),
                page_size: page.limit,
                page_token: page.after,
            };
            let answer = desk.issuing().list_requests(request).await?.into_inner();
            desk.print(&answer, list)
        }
        Requests::Show { id, desk } => {
            let desk = Desk::open(desk)?;
            let answer = desk.issuing().get_request(GetRequestRequest { id }).await?.into_inner();
            desk.print(&answer, |answer| {
                let text = answer.request.as_ref().map(whole).unwrap_or_default();
                format!("{text}\n  request      {}", hex::encode(&answer.certificate_request))
            })
        }
        Requests::Approve { id, desk } => {
            let desk = Desk::open(desk)?;
            let request = ApproveRequestRequest { context: desk.context(), id };
            let answer = desk.issuing().approve_request(request).await?.into_inner();
            desk.print(&answer, |answer| answer.request.as_ref().map(approved).unwrap_or_default())
        }
        Requests::Decline { id, reason, desk } => {
            let desk = Desk::open(desk)?;
            let request = DeclineRequestRequest { context: desk.context(), id, reason };
            let answer = desk.issuing().decline_request(request).await?.into_inner();
            desk.print(&answer, |answer| answer.request.as_ref().map(whole).unwrap_or_default())
        }
    }
}

fn state_name(state: RequestState) -> &'static str {
    match state {
        RequestState::Waiting => "waiting",
        RequestState::Issued => "issued",
        RequestState::Refused => "refused",
    }
}

fn list(answer: &ListRequestsResponse) -> String {
    let rows = answer.requests.iter().map(|request| {
        let CertificateRequest { id, caller, chr, state, received_at_ms, due_at_ms, first_officer, code, .. } = request;
        let outcome = match (state.as_str(), first_officer.as_str()) {
            ("waiting", "") => format!("answer by {}", when::day(*due_at_ms)),
            ("waiting", first) => format!("answer by {}, approved by {first}", when::day(*due_at_ms)),
            _ => code.clone(),
        };
        [id, &when::minute(*received_at_ms), caller, chr, state, &outcome].map(ToString::to_string)
    });
    let table = Table::new(["ID", "RECEIVED (UTC)", "FROM", "HOLDER", "STATE", "OUTCOME"], rows).or("no requests");
    paged(table, &answer.next_page_token)
}

fn approved(request: &CertificateRequest) -> String {
    let text = whole(request);
    if request.state != "waiting" {
        return text;
    }
    format!("{text}\nAnother officer looks at it and types\n\n  straznica spoc requests approve {}\n", request.id)
}

fn whole(request: &CertificateRequest) -> String {
    let CertificateRequest { id, caller, message_id, holder, chr, outer_car, state, received_at_ms, .. } = request;
    let mut text = format!(
        "{chr} of {caller}: {state}\n  id           {id}, its message {}\n  holder       {holder}\n  vouched for  by {outer_car}\n  \
         received     {}\n  answer by    {}",
        one_line(message_id),
        when::minute(*received_at_ms),
        when::minute(request.due_at_ms),
    );
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            text += &format!("\n  {name:<12} {}", one_line(value));
        }
    };
    line("approved", [&request.first_officer, &request.second_officer].map(String::as_str).join(" ").trim());
    line("outcome", &request.code);
    line("rule", &request.rule);
    line("which asks", &request.rule_text);
    line("source", &request.rule_source);
    line("found", &request.detail);
    text
}
