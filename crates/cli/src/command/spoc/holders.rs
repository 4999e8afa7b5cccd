//! `straznica spoc holders`.

use straznica_contracts::spoc::v1::{
    ChangeHolderRequest, ConfirmHolderRequest, HolderRegistration, ListForeignHoldersRequest,
    ListForeignHoldersResponse, RegisterHolderRequest, ResumeForeignHolderRequest, SuspendForeignHolderRequest,
};

use super::desk::Desk;
use super::table::Table;
use super::{SpocError, when};
use crate::arguments::{Holder, Holders};

/// Runs the command.
pub(super) async fn run(command: Holders) -> Result<(), SpocError> {
    match command {
        Holders::Register(holder) => {
            let (desk, registration) = opened(*holder)?;
            let holder = registration.holder.clone();
            let request = RegisterHolderRequest { context: desk.context(), registration: Some(registration) };
            let answer = desk.issuing().register_holder(request).await?.into_inner();
            desk.print(&answer, |answer| proposed(&holder, &answer.proposal))
        }
        Holders::Change(holder) => {
            let (desk, registration) = opened(*holder)?;
            let holder = registration.holder.clone();
            let request = ChangeHolderRequest { context: desk.context(), registration: Some(registration) };
            let answer = desk.issuing().change_holder(request).await?.into_inner();
            desk.print(&answer, |answer| proposed(&holder, &answer.proposal))
        }
        Holders::Confirm { holder, proposal, desk } => {
            let desk = Desk::open(desk)?;
            let request = ConfirmHolderRequest { context: desk.context(), holder: holder.clone(), proposal };
            let answer = desk.issuing().confirm_holder(request).await?.into_inner();
            desk.print(&answer, |_| format!("{holder} is registered; its requests are answered"))
        }
        Holders::List { desk } => {
            let desk = Desk::open(desk)?;
            let answer = desk.issuing().list_foreign_holders(ListForeignHoldersRequest {}).await?.into_inner();
            desk.print(&answer, list)
        }
        Holders::Suspend { holder, reason, desk } => {
            let desk = Desk::open(desk)?;
            let request = SuspendForeignHolderRequest { context: desk.context(), holder: holder.clone(), reason };
            let answer = desk.issuing().suspend_foreign_holder(request).await?.into_inner();
            desk.print(&answer, |_| {
                format!("{holder} is suspended: nothing is issued to it, and its certificates vouch for nothing")
            })
        }
        Holders::Resume { holder, reason, desk } => {
            let desk = Desk::open(desk)?;
            let (context, why) = (desk.context(), reason.clone());
            let request = ResumeForeignHolderRequest { context, holder: holder.clone(), reason };
            let answer = desk.issuing().resume_foreign_holder(request).await?.into_inner();
            desk.print(&answer, |answer| {
                if !answer.awaits_second_officer {
                    return format!(
                        "{holder} is certified again; its next request has to be countersigned by its state"
                    );
                }
                format!(
                    "It is proposed. Another officer who agrees types\n\n  \
                     straznica spoc holders resume {holder} --reason {why:?}\n"
                )
            })
        }
    }
}

fn opened(holder: Holder) -> Result<(Desk, HolderRegistration), SpocError> {
    let Holder { holder, domestic_cvca, purposes, organisations, two_person, dg3, dg4, days, desk } = holder;
    let approval = if two_person { "two_person" } else { "automatic" }.to_owned();
    let registration =
        HolderRegistration { holder, domestic_cvca, purposes, organisations, approval, dg3, dg4, validity_days: days };
    Ok((Desk::open(desk)?, registration))
}

fn proposed(holder: &str, proposal: &str) -> String {
    format!(
        "{holder} is proposed. Another officer looks at it (`straznica spoc holders list`) and types\n\n  \
         straznica spoc holders confirm {holder} --proposal {proposal}\n"
    )
}

fn list(answer: &ListForeignHoldersResponse) -> String {
    let registered = answer.holders.iter().filter_map(|holder| {
        let state = match holder.suspended_reason.as_str() {
            "" => holder.state.clone(),
            reason => format!("{}: {reason}", holder.state),
        };
        let state = match holder.resumption_proposed_by.as_str() {
            "" => state,
            officer => format!("{state}; {officer} would resume it: {}", holder.resumption_reason),
        };
        Some((holder.registration.as_ref()?, state))
    });
    let proposed = answer.proposals.iter().filter_map(|proposal| {
        let (by, at) = (&proposal.proposed_by, when::day(proposal.proposed_at_ms));
        let state = format!("proposal {} by {by} {at}", proposal.proposal);
        Some((proposal.registration.as_ref()?, state))
    });
    let rows = registered.chain(proposed).map(|(registration, state)| row(registration, state));
    let heading = ["HOLDER", "OWN CVCA", "APPROVAL", "RIGHTS", "VALIDITY", "STATE", "PURPOSES"];
    Table::new(heading, rows).or("no holder is registered")
}

fn row(registration: &HolderRegistration, state: String) -> [String; 7] {
    let HolderRegistration { holder, domestic_cvca, purposes, approval, dg3, dg4, validity_days, .. } = registration;
    let rights: Vec<_> = [(dg3, "DG3"), (dg4, "DG4")].into_iter().filter(|(held, _)| **held).collect();
    let rights = rights.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ");
    let days = if *validity_days == 0 { "policy".to_owned() } else { format!("{validity_days} days") };
    [holder, domestic_cvca, approval, &rights, &days, &state, purposes].map(ToString::to_string)
}
