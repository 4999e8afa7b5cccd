//! `straznica spoc renewals`.

use straznica_contracts::spoc::v1::{
    CancelMessageRequest, ListOutboxRequest, ListOutboxResponse, ListRenewalsRequest, ListRenewalsResponse,
    ListSubscriptionsRequest, ListSubscriptionsResponse, OutboxMessage, PauseSubscriptionRequest, RenewNowRequest,
    Renewal, ResumeSubscriptionRequest, RetryNowRequest, SubscribeRequest, Subscription,
};

use super::desk::Desk;
use super::table::Table;
use super::{SpocError, when};
use crate::arguments::{DeliveryState, Renewals};

/// Runs the command.
pub(super) async fn run(command: Renewals) -> Result<(), SpocError> {
    match command {
        Renewals::Subscribe { cvca, country, dv_mnemonic, is_mnemonic, is_days, desk } => {
            let desk = Desk::open(desk)?;
            let country = country.unwrap_or_else(|| cvca.chars().take(2).collect());
            let context = desk.context();
            let request = SubscribeRequest { context, cvca: cvca.clone(), country, dv_mnemonic, is_mnemonic, is_days };
            let answer = desk.subscriptions().subscribe(request).await?.into_inner();
            desk.print(&answer, |_| format!("certificates of {cvca} are requested and renewed from now on"))
        }
        Renewals::List { desk } => {
            let desk = Desk::open(desk)?;
            let answer = desk.subscriptions().list_subscriptions(ListSubscriptionsRequest {}).await?.into_inner();
            desk.print(&answer, list)
        }
        Renewals::History { cvca, desk } => {
            let desk = Desk::open(desk)?;
            let answer = desk.subscriptions().list_renewals(ListRenewalsRequest { cvca }).await?.into_inner();
            desk.print(&answer, history)
        }
        Renewals::Now { cvca, initial, desk } => {
            let desk = Desk::open(desk)?;
            let request = RenewNowRequest { context: desk.context(), cvca, initial };
            let answer = desk.subscriptions().renew_now(request).await?.into_inner();
            desk.print(&answer, |answer| {
                format!("{} is asked for; `straznica spoc renewals board` shows how far it has come", answer.chr)
            })
        }
        Renewals::Pause { cvca, desk } => {
            let desk = Desk::open(desk)?;
            let request = PauseSubscriptionRequest { context: desk.context(), cvca: cvca.clone() };
            let answer = desk.subscriptions().pause_subscription(request).await?.into_inner();
            desk.print(&answer, |_| format!("{cvca}: nothing is renewed until it is resumed"))
        }
        Renewals::Resume { cvca, desk } => {
            let desk = Desk::open(desk)?;
            let request = ResumeSubscriptionRequest { context: desk.context(), cvca: cvca.clone() };
            let answer = desk.subscriptions().resume_subscription(request).await?.into_inner();
            desk.print(&answer, |_| format!("{cvca}: renewals go on"))
        }
        Renewals::Board { country, state, limit, before, desk } => {
            let desk = Desk::open(desk)?;
            let request = ListOutboxRequest {
                country: country.unwrap_or_default(),
                state: state.map_or("", state_name).to_owned(),
                before: before.unwrap_or_default(),
                limit,
            };
            let answer = desk.subscriptions().list_outbox(request).await?.into_inner();
            desk.print(&answer, |answer| board(answer, limit))
        }
        Renewals::Retry { id, desk } => {
            let desk = Desk::open(desk)?;
            let request = RetryNowRequest { context: desk.context(), id: id.clone() };
            let answer = desk.subscriptions().retry_now(request).await?.into_inner();
            desk.print(&answer, |_| format!("{id} is tried at once"))
        }
        Renewals::Cancel { id, desk } => {
            let desk = Desk::open(desk)?;
            let request = CancelMessageRequest { context: desk.context(), id: id.clone() };
            let answer = desk.subscriptions().cancel_message(request).await?.into_inner();
            desk.print(&answer, |_| format!("{id} is sent no more; the partner may have processed it already"))
        }
    }
}

fn state_name(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "pending",
        DeliveryState::Acknowledged => "acknowledged",
        DeliveryState::Done => "done",
        DeliveryState::Failed => "failed",
        DeliveryState::Cancelled => "cancelled",
    }
}

fn list(answer: &ListSubscriptionsResponse) -> String {
    let rows = answer.subscriptions.iter().map(|subscription| {
        let Subscription { cvca, state, dv_chr, expires, renewal_at_ms, next, open_request, problem, .. } =
            subscription;
        let renewal = if *renewal_at_ms == 0 { String::new() } else { when::day(*renewal_at_ms) };
        [cvca, state, dv_chr, expires, &renewal, next, open_request, problem].map(ToString::to_string)
    });
    let heading = ["CVCA", "STATE", "DV", "UNTIL", "RENEWAL", "NEXT", "UNDER WAY", "PROBLEM"];
    Table::new(heading, rows).or("nothing is subscribed to")
}

fn history(answer: &ListRenewalsResponse) -> String {
    let rows = answer.renewals.iter().map(|renewal| {
        let Renewal { chr, car, outer_car, state, cause, made_at_ms, message_id } = renewal;
        [&when::minute(*made_at_ms), chr, car, outer_car, state, cause, message_id].map(ToString::to_string)
    });
    let heading = ["MADE (UTC)", "DV", "CVCA", "VOUCHED FOR BY", "STATE", "CAUSE", "MESSAGE"];
    Table::new(heading, rows).or("nothing was asked for yet")
}

fn board(answer: &ListOutboxResponse, limit: u32) -> String {
    let rows = answer.messages.iter().map(|message| {
        let OutboxMessage { id, country, operation, subject, state, attempts, next_attempt_at_ms, .. } = message;
        let next = if *next_attempt_at_ms == 0 { String::new() } else { when::minute(*next_attempt_at_ms) };
        let mailed = when::some_minute(message.exported_at_ms);
        // What went wrong before counts no more once it was answered.
        let open = matches!(state.as_str(), "pending" | "failed");
        let said = if open && !message.last_error.is_empty() { &message.last_error } else { &message.code };
        [id, country, operation, subject, state, &attempts.to_string(), &next, &mailed, said].map(ToString::to_string)
    });
    let heading = ["ID", "TO", "OPERATION", "ABOUT", "STATE", "TRIED", "NEXT (UTC)", "MAILED (UTC)", "LAST ANSWER"];
    let table = Table::new(heading, rows).or("nothing is or was on its way");
    match answer.messages.last() {
        Some(last) if answer.messages.len() == limit as usize => format!("{table}older ones: --before {}", last.id),
        _ => table,
    }
}
