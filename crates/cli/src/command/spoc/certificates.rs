//! `straznica spoc certificates`.

use std::path::PathBuf;

use straznica_contracts::spoc::v1::{
    CaCertificate, CalendarEntry, CalendarSeverity, ConfirmRolloverRequest, GetCalendarRequest, GetCalendarResponse,
    IssuedCertificate, ListCaCertificatesRequest, ListCaCertificatesResponse, ListHoldersRequest, ListIssuedRequest,
    ListIssuedResponse, ProposeRolloverRequest, RolloverProposal,
};

use super::desk::Desk;
use super::table::{Table, paged};
use super::{SpocError, when};
use crate::arguments::{CertificateKind, Certificates, Page, Rollover};
use crate::command::files::Draft;
use crate::command::{output, pki};

/// Runs the command.
pub(super) async fn run(command: Certificates) -> Result<(), SpocError> {
    match command {
        Certificates::List { kind, holder, page, desk } => {
            let desk = Desk::open(desk)?;
            match kind {
                CertificateKind::Ours => ours(&desk).await,
                CertificateKind::Issued => issued(&desk, holder, page).await,
                CertificateKind::Cvca => {
                    let answer = desk.issuing().list_ca_certificates(ListCaCertificatesRequest {}).await?.into_inner();
                    desk.print(&answer, generations)
                }
            }
        }
        Certificates::Rollover(command) => rollover(command).await,
        Certificates::Calendar { from, to, ics, desk } => {
            let days = GetCalendarRequest { from: from.unwrap_or_default(), to: to.unwrap_or_default() };
            calendar(&Desk::open(desk)?, days, ics).await
        }
    }
}

async fn ours(desk: &Desk) -> Result<(), SpocError> {
    let answer = desk.national_pki().list_holders(ListHoldersRequest {}).await?.into_inner();
    desk.print(&answer, |answer| pki::holders(answer.holders.clone()))
}

async fn issued(desk: &Desk, holder: Option<String>, page: Page) -> Result<(), SpocError> {
    let request =
        ListIssuedRequest { holder: holder.unwrap_or_default(), page_size: page.limit, page_token: page.after };
    let answer = desk.issuing().list_issued(request).await?.into_inner();
    desk.print(&answer, issued_list)
}

fn issued_list(answer: &ListIssuedResponse) -> String {
    let rows = answer.certificates.iter().map(|certificate| {
        let IssuedCertificate { car, chr, effective, expires, request_id, issued_at_ms, .. } = certificate;
        let at = when::minute(*issued_at_ms);
        [chr, car, effective, expires, &at, request_id].map(ToString::to_string)
    });
    let table = Table::new(["HOLDER", "BY", "FROM", "UNTIL", "ISSUED (UTC)", "REQUEST"], rows);
    paged(table.or("no certificate was issued"), &answer.next_page_token)
}

fn generations(answer: &ListCaCertificatesResponse) -> String {
    let rows = answer.certificates.iter().map(|certificate| {
        let CaCertificate { car, chr, state, algorithm, effective, expires, fingerprint, current, .. } = certificate;
        let current = if *current { "issues" } else { "" };
        [chr, car, algorithm, effective, expires, state, current, fingerprint].map(ToString::to_string)
    });
    let heading = ["HOLDER", "BY", "ALGORITHM", "FROM", "UNTIL", "STATE", "", "SHA-256"];
    let table = Table::new(heading, rows).or("there is no national CVCA");
    answer.proposals.iter().fold(table, |text, proposal| {
        let RolloverProposal { cvca, algorithm, parameters, proposed_by, proposed_at_ms, proposal, .. } = proposal;
        let kind =
            if algorithm.is_empty() { "of the same kind".to_owned() } else { format!("{algorithm} {parameters}") };
        let at = when::minute(*proposed_at_ms);
        format!("{text}a new key {kind} proposed by {proposed_by} {at}\n{}", confirmation(cvca, proposal))
    })
}

/// What the second officer types.
fn confirmation(cvca: &str, proposal: &str) -> String {
    format!("Another officer types\n\n  straznica spoc certificates rollover confirm {cvca} --proposal {proposal}\n")
}

async fn rollover(command: Rollover) -> Result<(), SpocError> {
    match command {
        Rollover::Propose { mnemonic, algorithm, parameters, days, desk } => {
            let desk = Desk::open(desk)?;
            let context = desk.context();
            let request = ProposeRolloverRequest { context, mnemonic, algorithm, parameters, validity_days: days };
            let answer = desk.issuing().propose_rollover(request).await?.into_inner();
            desk.print(&answer, |answer| {
                let (cvca, confirmation) = (&answer.cvca, confirmation(&answer.cvca, &answer.proposal));
                format!("a new key of {cvca} is proposed; it is made when it is confirmed. {confirmation}")
            })
        }
        Rollover::Confirm { cvca, proposal, desk } => {
            let desk = Desk::open(desk)?;
            let request = ConfirmRolloverRequest { context: desk.context(), cvca, proposal };
            let answer = desk.issuing().confirm_rollover(request).await?.into_inner();
            desk.print(&answer, |answer| {
                let chr = &answer.chr;
                format!(
                    "{chr} issues from now on; its link and root are on their way to every partner \
                     (`straznica spoc renewals board`)"
                )
            })
        }
    }
}

async fn calendar(desk: &Desk, days: GetCalendarRequest, ics: Option<PathBuf>) -> Result<(), SpocError> {
    let draft = ics.map(Draft::create).transpose()?;
    let answer = desk.subscriptions().get_calendar(days).await?.into_inner();
    let Some(draft) = draft else { return desk.print(&answer, entries) };
    let count = answer.entries.len();
    let calendar = straznica_gateway::calendar::of(answer.entries, desk.now());
    let out = draft.fill(calendar.to_string().as_bytes())?;
    Ok(output::line(&format!("{count} entries in {}", out.display()))?)
}

fn entries(answer: &GetCalendarResponse) -> String {
    let rows = answer.entries.iter().map(|entry| {
        let mark = match entry.severity() {
            CalendarSeverity::Urgent => "!!",
            CalendarSeverity::Attention => "!",
            CalendarSeverity::Information | CalendarSeverity::Unspecified => "",
        };
        let kind = entry.kind().as_str_name().trim_start_matches("CALENDAR_KIND_").to_ascii_lowercase();
        let CalendarEntry { at_ms, until_ms, country, subject, detail, .. } = entry;
        let until = if *until_ms == 0 { String::new() } else { format!("to {}", when::day(*until_ms)) };
        [when::day(*at_ms), until, mark.to_owned(), kind, country.clone(), subject.clone(), detail.clone()]
    });
    let heading = ["DAY", "", "", "WHAT", "COUNTRY", "OF", "REMARK"];
    Table::new(heading, rows).or("nothing ends, begins or falls due in these days")
}
