//! `straznica spoc partners`.

use std::path::{Path, PathBuf};

use exchange::bundle::LARGEST_FILE;
use exchange::profile;
use straznica_contracts::spoc::v1::{
    AnnounceRootRequest, BundledOutcome, ConfirmPartnerRequest, ConfirmResumptionRequest, ConfirmRootRequest,
    EnterOutageRequest, EnteredRoot, ExportBundleRequest, GetHealthRequest, GetPartnerRequest, GetPartnerResponse,
    HeldCrl, ImportBundleRequest, ImportBundleResponse, ImportPartnerCrlRequest, ImportPartnerCrlResponse,
    ListPartnersRequest, ListPartnersResponse, Partner, PartnerHealth, PartnerProposal, PartnerRoot,
    ProposePartnerRequest, ProposeResumptionRequest, RemoveOutageRequest, SuspendPartnerRequest,
    WithdrawPartnerRequest, WithdrawProposalRequest, WithdrawRootRequest,
};

use super::desk::Desk;
use super::table::{Table, one_line};
use super::{SpocError, registration, when};
use crate::arguments::{Bundle, Desk as DeskArguments, Outage, Partners, RootBindings};
use crate::command::files::{self, Draft, FileError};
use crate::command::output;

/// Runs the command.
pub(super) async fn run(command: Partners) -> Result<(), SpocError> {
    match command {
        Partners::Example => Ok(output::line(registration::EXAMPLE)?),
        Partners::Profile { edition } => {
            Ok(output::line(profile::built_in_file(edition.profile()).ok_or(SpocError::NoProfile(edition.profile()))?)?)
        }
        Partners::Register { file, desk } => register(&Desk::open(desk)?, &file).await,
        Partners::Confirm { proposal, fingerprints, desk } => confirm(&Desk::open(desk)?, proposal, fingerprints).await,
        Partners::Drop { proposal, reason, desk } => {
            let desk = Desk::open(desk)?;
            let request = WithdrawProposalRequest { context: desk.context(), proposal_id: proposal.clone(), reason };
            let answer = desk.partners().withdraw_proposal(request).await?.into_inner();
            desk.print(&answer, |_| format!("{proposal} is taken back"))
        }
        Partners::List { desk } => {
            let desk = Desk::open(desk)?;
            let answer = desk.partners().list_partners(ListPartnersRequest {}).await?.into_inner();
            desk.print(&answer, list)
        }
        Partners::Show { country, desk } => {
            let desk = Desk::open(desk)?;
            let answer = desk.partners().get_partner(GetPartnerRequest { country }).await?.into_inner();
            desk.print(&answer, whole)
        }
        Partners::Health { country, desk } => {
            let desk = Desk::open(desk)?;
            let request = GetHealthRequest { country: country.unwrap_or_default() };
            let answer = desk.partners().get_health(request).await?.into_inner();
            desk.print(&answer, |board| {
                let texts: Vec<_> = board.partners.iter().map(health).collect();
                if texts.is_empty() { "no partner is registered".to_owned() } else { texts.join("\n") }
            })
        }
        Partners::Suspend { country, reason, desk } => {
            let desk = Desk::open(desk)?;
            let request = SuspendPartnerRequest { context: desk.context(), country: country.clone(), reason };
            let answer = desk.partners().suspend_partner(request).await?.into_inner();
            desk.print(&answer, |_| format!("{country} is suspended: not let in, not written to, its DVs not served"))
        }
        Partners::Resume { country, reason, desk } => resume(&Desk::open(desk)?, country, reason).await,
        Partners::Withdraw { country, reason, desk } => {
            let desk = Desk::open(desk)?;
            let request = WithdrawPartnerRequest { context: desk.context(), country: country.clone(), reason };
            let answer = desk.partners().withdraw_partner(request).await?.into_inner();
            desk.print(&answer, |answer| {
                let cancelled = answer.cancelled_messages;
                format!("{country} is a partner no more; messages to it that were cancelled: {cancelled}")
            })
        }
        Partners::AnnounceRoot { country, root, link, from, until, bindings, desk } => {
            let root = EnteredRoot {
                certificate: content(&root)?,
                use_from_ms: when::read_some(from.as_ref())?,
                use_until_ms: when::read_some(until.as_ref())?,
                bindings: bindings.map_or("", bindings_name).to_owned(),
            };
            let link = link.as_deref().map(content).transpose()?.unwrap_or_default();
            announce_root(&Desk::open(desk)?, country, root, link).await
        }
        Partners::ConfirmRoot { country, fingerprint, proposal, desk } => {
            let desk = Desk::open(desk)?;
            let context = desk.context();
            let request = ConfirmRootRequest { context, country: country.clone(), fingerprint, proposal };
            let answer = desk.partners().confirm_root(request).await?.into_inner();
            desk.print(&answer, |answer| {
                let root = answer.root.as_ref().map(root_line).unwrap_or_default();
                warned(format!("{country}: {root}"), &answer.warnings)
            })
        }
        Partners::WithdrawRoot { country, fingerprint, reason, desk } => {
            let desk = Desk::open(desk)?;
            let context = desk.context();
            let request = WithdrawRootRequest { context, country, fingerprint: fingerprint.clone(), reason };
            let answer = desk.partners().withdraw_root(request).await?.into_inner();
            desk.print(&answer, |_| format!("{fingerprint} vouches for nobody any more"))
        }
        Partners::ImportCrl { country, crl, authorities, desk } => import_crl(country, &crl, &authorities, desk).await,
        Partners::Outage(command) => outage(command).await,
        Partners::Bundle(command) => bundle(command).await,
    }
}

async fn register(desk: &Desk, file: &Path) -> Result<(), SpocError> {
    let registration = Some(registration::read(file)?);
    let request = ProposePartnerRequest { context: desk.context(), registration };
    let answer = desk.partners().propose_partner(request).await?.into_inner();
    desk.print(&answer, |answer| answer.proposal.as_ref().map(proposal_text).unwrap_or_default())
}

/// The service has a call for each kind; whoever confirms has the proposal's id only.
async fn confirm(desk: &Desk, proposal: String, fingerprints: Vec<String>) -> Result<(), SpocError> {
    let listed = desk.partners().list_partners(ListPartnersRequest {}).await?.into_inner();
    let Some(open) = listed.proposals.into_iter().find(|open| open.id == proposal) else {
        return Err(SpocError::NoProposal(proposal));
    };
    if open.kind == "resumption" {
        let request = ConfirmResumptionRequest { context: desk.context(), proposal_id: proposal };
        let answer = desk.partners().confirm_resumption(request).await?.into_inner();
        return desk.print(&answer, |_| format!("{} is served again", open.country));
    }
    let request = ConfirmPartnerRequest { context: desk.context(), proposal_id: proposal, fingerprints };
    let answer = desk.partners().confirm_partner(request).await?.into_inner();
    desk.print(&answer, |answer| {
        let partner = answer.partner.as_ref().map(partner_text).unwrap_or_default();
        format!("{} is registered. Its CVCA certificates are asked for; their fingerprints are confirmed by\n\n  straznica pki confirm-cvca <SHA-256>\n\n{partner}", open.country)
    })
}

async fn resume(desk: &Desk, country: String, reason: String) -> Result<(), SpocError> {
    let request = ProposeResumptionRequest { context: desk.context(), country, reason };
    let answer = desk.partners().propose_resumption(request).await?.into_inner();
    desk.print(&answer, |answer| answer.proposal.as_ref().map(proposal_text).unwrap_or_default())
}

async fn announce_root(
    desk: &Desk,
    country: String,
    root: EnteredRoot,
    link_certificate: Vec<u8>,
) -> Result<(), SpocError> {
    let context = desk.context();
    let request = AnnounceRootRequest { context, country: country.clone(), root: Some(root), link_certificate };
    let answer = desk.partners().announce_root(request).await?.into_inner();
    desk.print(&answer, |answer| {
        let root = answer.root.as_ref().map(root_line).unwrap_or_default();
        let proposal = answer.root.as_ref().map(|root| root.proposal.as_str()).unwrap_or_default();
        let text = format!(
            "{country}: {root}\nAnother officer compares this fingerprint with the one received on another channel and types\n\n  \
             straznica spoc partners confirm-root {country} <SHA-256> --proposal {proposal}\n"
        );
        warned(text, &answer.warnings)
    })
}

async fn import_crl(
    country: String,
    crl: &Path,
    authorities: &[PathBuf],
    desk: DeskArguments,
) -> Result<(), SpocError> {
    let crl = content(crl)?;
    let authorities = authorities.iter().map(|path| content(path)).collect::<Result<_, _>>()?;
    let desk = Desk::open(desk)?;
    let request = ImportPartnerCrlRequest { context: desk.context(), country: country.clone(), crl, authorities };
    let answer = desk.partners().import_partner_crl(request).await?.into_inner();
    desk.print(&answer, |answer| {
        let ImportPartnerCrlResponse { crl, issuer_name, revoked } = answer;
        let list = crl.as_ref().map(crl_line).unwrap_or_default();
        let revoked = number(*revoked, "certificates");
        format!("{country}: the list of {}, which revokes {revoked}, is held: {list}", one_line(issuer_name))
    })
}

/// A revocation list: where it is from and for how long it counts.
fn crl_line(crl: &HeldCrl) -> String {
    let next = crl.next_update_ms.map(|next| format!(", next {}", when::day(next))).unwrap_or_default();
    let from = if crl.imported_by.is_empty() { crl.uri.clone() } else { format!("by hand from {}", crl.imported_by) };
    format!("{from} of {}{next}, counts until {}", when::minute(crl.this_update_ms), when::minute(crl.counts_until_ms))
}

async fn outage(command: Outage) -> Result<(), SpocError> {
    match command {
        Outage::Add { country, from, until, reason, desk } => {
            let (begins_ms, ends_ms) = (when::read(&from)?, when::read(&until)?);
            let desk = Desk::open(desk)?;
            let context = desk.context();
            let request = EnterOutageRequest { context, country: country.clone(), begins_ms, ends_ms, reason };
            let answer = desk.partners().enter_outage(request).await?.into_inner();
            desk.print(&answer, |answer| {
                answer.outage.as_ref().map(|outage| format!("{country}: {}", outage_line(outage))).unwrap_or_default()
            })
        }
        Outage::Remove { id, reason, desk } => {
            let desk = Desk::open(desk)?;
            let request = RemoveOutageRequest { context: desk.context(), outage_id: id, reason };
            let answer = desk.partners().remove_outage(request).await?.into_inner();
            desk.print(&answer, |_| "the outage is removed; messages that waited for its end are sent".to_owned())
        }
    }
}

async fn bundle(command: Bundle) -> Result<(), SpocError> {
    match command {
        Bundle::Export { country, out, desk } => {
            let (desk, draft) = (Desk::open(desk)?, Draft::create(out)?);
            let request = ExportBundleRequest { context: desk.context(), country: country.clone() };
            let mut answer = desk.partners().export_bundle(request).await?.into_inner();
            let written = write(draft, std::mem::take(&mut answer.bundle))?;
            desk.print(&answer, |answer| match written {
                Some(out) => {
                    let count = number(answer.messages, "messages");
                    format!(
                        "{count} in {}, to be sent to {}. The answer that comes back is taken in by\n\n  \
                         straznica spoc partners bundle import <file> --out <answers>\n",
                        out.display(),
                        answer.email
                    )
                }
                None => format!("nothing waits for {country}; no file was written"),
            })
        }
        Bundle::Import { bundle, out, desk } => {
            let bundle = bundle_in(&bundle)?;
            let (desk, draft) = (Desk::open(desk)?, Draft::create(out)?);
            let request = ImportBundleRequest { context: desk.context(), bundle };
            let mut answer = desk.partners().import_bundle(request).await?.into_inner();
            let written = write(draft, std::mem::take(&mut answer.answers))?;
            desk.print(&answer, |answer| taken_in(answer, written.as_deref()))
        }
    }
}

/// What became of a bundle, and what the officer does now.
fn taken_in(answer: &ImportBundleResponse, written: Option<&Path>) -> String {
    let row =
        |outcome: &BundledOutcome| [&outcome.operation, &outcome.message_id, &outcome.result].map(ToString::to_string);
    let table = Table::new(["OPERATION", "MESSAGE", "RESULT"], answer.outcomes.iter().map(row)).or("no message\n");
    let mut text = format!("from {}\n{table}", answer.country);
    if let Some(before) = answer.taken_in_at_ms {
        let (at, officer) = (when::minute(before), &answer.taken_in_by);
        text += &format!("This file was taken in before, by {officer} {at} (UTC): nothing has changed.\n");
    }
    if answer.outcomes.iter().any(|outcome| outcome.result == UNEXPECTED) {
        text += "unexpected: nobody waits for such an answer; it came before, by line or with another file.\n";
    }
    if answer.outcomes.iter().any(|outcome| outcome.result == LEFT_OUT) {
        text += "left_out: the answer does not fit into this file; it is given when the message comes again, by line or with another file.\n";
    }
    text + &match written {
        Some(out) => format!("The answers are in {}, to be sent back to {}.", out.display(), answer.country),
        None => "There is nothing to answer; no file was written.".to_owned(),
    }
}

/// The result of an answer nobody waits for.
const UNEXPECTED: &str = "unexpected";
/// That of a message whose answer does not fit.
const LEFT_OUT: &str = "left_out";

fn write(draft: Draft, content: Vec<u8>) -> Result<Option<PathBuf>, SpocError> {
    if content.is_empty() {
        return Ok(None);
    }
    Ok(Some(draft.fill(&content)?))
}

fn content(path: &Path) -> Result<Vec<u8>, SpocError> {
    Ok(files::decode(path, files::read(path)?)?)
}

/// A bundle, if it is not longer than any partner takes.
fn bundle_in(path: &Path) -> Result<Vec<u8>, SpocError> {
    let bundle = content(path)?;
    if bundle.len() > LARGEST_FILE {
        let limit = u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX);
        return Err(FileError::TooLarge { path: path.to_owned(), limit }.into());
    }
    Ok(bundle)
}

fn bindings_name(bindings: RootBindings) -> &'static str {
    match bindings {
        RootBindings::Grpc => "grpc",
        RootBindings::Soap => "soap",
        RootBindings::Both => "both",
    }
}

fn warned(text: String, warnings: &[String]) -> String {
    warnings.iter().fold(text, |text, warning| format!("{text}\nwarning: {}", one_line(warning)))
}

fn list(answer: &ListPartnersResponse) -> String {
    let rows = answer.partners.iter().map(|partner| {
        let Partner { country, state, served, binding, profile, url, name, .. } = partner;
        let served = if *served { "yes" } else { "no" };
        [country, state, served, binding, profile, url, name].map(ToString::to_string)
    });
    let table = Table::new(["COUNTRY", "STATE", "SERVED", "BINDING", "PROFILE", "URL", "NAME"], rows)
        .or("no partner is registered\n");
    answer.proposals.iter().fold(table, |text, proposal| format!("{text}\n{}", proposal_text(proposal)))
}

fn whole(answer: &GetPartnerResponse) -> String {
    let partner = answer.partner.as_ref().map(partner_text).unwrap_or_default();
    answer.proposals.iter().fold(partner, |text, proposal| format!("{text}\n{}", proposal_text(proposal)))
}

fn partner_text(partner: &Partner) -> String {
    let state = match partner.suspended_reason.as_str() {
        "" => partner.state.clone(),
        reason => format!("{}: {reason}", partner.state),
    };
    let until = partner.use_until_ms.map(|until| format!(" until {}", when::day(until))).unwrap_or_default();
    let profile = if partner.profile_unverified { " (unverified)" } else { "" };
    let mut text = format!(
        "{} {}\n  state      {}\n  served     {}\n  in use     from {}{until}\n  binding    {}, profile {}{profile}\n  address    {}\n  \
         e-mail     {}\n  answers    {}\n  documents  valid {} years",
        partner.country,
        one_line(&partner.name),
        one_line(&state),
        if partner.served { "yes" } else { "no" },
        when::day(partner.use_from_ms),
        partner.binding,
        partner.profile,
        partner.url,
        partner.email,
        partner.answers,
        partner.document_years,
    );
    for contact in &partner.contacts {
        text += &format!("\n  contact    {}", one_line(contact));
    }
    for cvca in &partner.cvcas {
        let replaces = if cvca.replaces.is_empty() { String::new() } else { format!(", replaces {}", cvca.replaces) };
        text += &format!("\n  CVCA       {} for {}{replaces}", cvca.name, one_line(&cvca.document_types));
    }
    for root in &partner.roots {
        text += &format!("\n  root       {}", root_line(root));
    }
    for outage in &partner.outages {
        text += &format!("\n  outage     {}", outage_line(outage));
    }
    text + "\n"
}

fn root_line(root: &PartnerRoot) -> String {
    let PartnerRoot { fingerprint, subject, state, bindings, use_from_ms, use_until_ms, linked_to, proposal } = root;
    let (from, until) = (when::day(*use_from_ms), when::day(*use_until_ms));
    let linked = if linked_to.is_empty() { String::new() } else { format!(", linked to {linked_to}") };
    let proposal = if state == "proposed" { format!(", proposal {proposal}") } else { String::new() };
    format!("{state} {fingerprint} {} {from} to {until} over {bindings}{linked}{proposal}", one_line(subject))
}

fn outage_line(outage: &straznica_contracts::spoc::v1::Outage) -> String {
    let (begins, ends) = (when::minute(outage.begins_ms), when::minute(outage.ends_ms));
    format!("{} {begins} to {ends}: {}", outage.id, one_line(&outage.reason))
}

/// What a proposal is, and what the second officer types.
fn proposal_text(proposal: &PartnerProposal) -> String {
    let PartnerProposal { id, country, kind, proposed_by, proposed_at_ms, fingerprints, reason, .. } = proposal;
    let mut text = format!("{kind} of {country} proposed by {proposed_by}, {}", when::minute(*proposed_at_ms));
    if !reason.is_empty() {
        text += &format!(": {}", one_line(reason));
    }
    for fingerprint in fingerprints {
        text += &format!("\n  root {fingerprint}");
    }
    let compare = if fingerprints.is_empty() {
        ""
    } else {
        " compares the fingerprints with those received on another channel and"
    };
    let typed = fingerprints.iter().fold(String::new(), |typed, _| typed + " --fingerprint <SHA-256>");
    text + &format!("\nAnother officer{compare} types\n\n  straznica spoc partners confirm {id}{typed}\n")
}

fn health(partner: &PartnerHealth) -> String {
    let mut text = format!(
        "{} {}{}\n  reached    {}\n  heard      {}\n",
        partner.country,
        partner.state,
        if partner.served { "" } else { ", not served" },
        partner.reached_at_ms.map_or("never".to_owned(), when::minute),
        partner.heard_at_ms.map_or("never".to_owned(), when::minute),
    );
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            text += &format!("  {name:<10} {}\n", one_line(&value));
        }
    };
    line(
        "failed",
        partner.failed_at_ms.map(|at| format!("{} {}", when::minute(at), partner.failure)).unwrap_or_default(),
    );
    line(
        "waiting",
        counted(partner.waiting_requests, "requests", "the first to be answered by", partner.first_due_at_ms),
    );
    line("pending", counted(partner.pending_messages, "messages", "the oldest of", partner.oldest_pending_at_ms));
    line("last error", partner.last_error.clone());
    line("awaited", counted(partner.awaited_answers, "answers", "", None));
    line("unread", counted(partner.unread_messages, "messages", "", None));
    for expiry in &partner.expiries {
        line("expires", format!("{} {} {}", when::day(expiry.expires_at_ms), expiry.kind, expiry.subject));
    }
    for crl in &partner.crls {
        line("CRL", crl_line(crl));
    }
    for outage in &partner.outages {
        line("outage", outage_line(outage));
    }
    for concern in &partner.concerns {
        line("look at", concern.clone());
    }
    text
}

fn counted(count: u32, what: &str, since: &str, at: Option<i64>) -> String {
    match (count, at) {
        (0, _) => String::new(),
        (_, Some(at)) => format!("{}, {since} {}", number(count, what), when::minute(at)),
        (_, None) => number(count, what),
    }
}

/// So many of them; `what` is their plural.
fn number(count: u32, what: &str) -> String {
    format!("{count} {}", if count == 1 { what.trim_end_matches('s') } else { what })
}
