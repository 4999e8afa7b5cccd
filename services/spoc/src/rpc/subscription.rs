//! SubscriptionService.

use straznica_contracts::spoc::v1::{
    CalendarEntry, CalendarKind, CalendarSeverity, CancelMessageRequest, CancelMessageResponse, GetCalendarRequest,
    GetCalendarResponse, ListOutboxRequest, ListOutboxResponse, ListRenewalsRequest, ListRenewalsResponse,
    ListSubscriptionsRequest, ListSubscriptionsResponse, OutboxMessage, PauseSubscriptionRequest,
    PauseSubscriptionResponse, RenewNowRequest, RenewNowResponse, Renewal, ResumeSubscriptionRequest,
    ResumeSubscriptionResponse, RetryNowRequest, RetryNowResponse, SubscribeRequest, SubscribeResponse, Subscription,
    subscription_service_server::SubscriptionService,
};
use tonic::{Request, Response, Status};

use super::{Handler, call, open, refuse};
use crate::{
    app::exchange::{
        calendar,
        subscriptions::{self, Listed, Order},
    },
    domain::exchange::{
        calendar::{Entry, Kind as EntryKind, Severity},
        renewal::{Action, Kind},
    },
    store::entity::outbox,
};

#[tonic::async_trait]
impl SubscriptionService for Handler {
    async fn subscribe(&self, request: Request<SubscribeRequest>) -> Result<Response<SubscribeResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let order = Order {
            cvca: message.cvca,
            country: message.country,
            dv_mnemonic: message.dv_mnemonic,
            is_mnemonic: message.is_mnemonic,
            is_days: message.is_days,
        };
        let changed = subscriptions::subscribe(&self.0, &call, order).await.map_err(refuse)?;
        Ok(Response::new(SubscribeResponse { changed }))
    }

    async fn pause_subscription(
        &self,
        request: Request<PauseSubscriptionRequest>,
    ) -> Result<Response<PauseSubscriptionResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        subscriptions::set_state(&self.0, &call, &message.cvca, false).await.map_err(refuse)?;
        Ok(Response::new(PauseSubscriptionResponse {}))
    }

    async fn resume_subscription(
        &self,
        request: Request<ResumeSubscriptionRequest>,
    ) -> Result<Response<ResumeSubscriptionResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        subscriptions::set_state(&self.0, &call, &message.cvca, true).await.map_err(refuse)?;
        Ok(Response::new(ResumeSubscriptionResponse {}))
    }

    async fn list_subscriptions(
        &self,
        _request: Request<ListSubscriptionsRequest>,
    ) -> Result<Response<ListSubscriptionsResponse>, Status> {
        let listed = subscriptions::list(&self.0).await.map_err(refuse)?;
        Ok(Response::new(ListSubscriptionsResponse { subscriptions: listed.into_iter().map(subscription).collect() }))
    }

    async fn renew_now(&self, request: Request<RenewNowRequest>) -> Result<Response<RenewNowResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        let chr = subscriptions::renew_now(&self.0, &call, &message.cvca, message.initial).await.map_err(refuse)?;
        Ok(Response::new(RenewNowResponse { chr }))
    }

    async fn list_renewals(
        &self,
        request: Request<ListRenewalsRequest>,
    ) -> Result<Response<ListRenewalsResponse>, Status> {
        let renewals = subscriptions::renewals_of(&self.0, &request.into_inner().cvca).await.map_err(refuse)?;
        Ok(Response::new(ListRenewalsResponse { renewals: renewals.into_iter().map(renewal).collect() }))
    }

    async fn list_outbox(&self, request: Request<ListOutboxRequest>) -> Result<Response<ListOutboxResponse>, Status> {
        let ListOutboxRequest { country, state, before, limit } = request.into_inner();
        let rows = subscriptions::letters(&self.0, &country, &state, &before, limit).await.map_err(refuse)?;
        Ok(Response::new(ListOutboxResponse { messages: rows.into_iter().map(letter).collect() }))
    }

    async fn retry_now(&self, request: Request<RetryNowRequest>) -> Result<Response<RetryNowResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        subscriptions::retry_now(&self.0, &call, &message.id).await.map_err(refuse)?;
        Ok(Response::new(RetryNowResponse {}))
    }

    async fn cancel_message(
        &self,
        request: Request<CancelMessageRequest>,
    ) -> Result<Response<CancelMessageResponse>, Status> {
        let (peer, message) = open(request)?;
        let call = call(&peer, message.context).map_err(refuse)?;
        subscriptions::cancel(&self.0, &call, &message.id).await.map_err(refuse)?;
        Ok(Response::new(CancelMessageResponse {}))
    }

    async fn get_calendar(
        &self,
        request: Request<GetCalendarRequest>,
    ) -> Result<Response<GetCalendarResponse>, Status> {
        let GetCalendarRequest { from, to } = request.into_inner();
        let entries = calendar::entries(&self.0, &from, &to).await.map_err(refuse)?;
        Ok(Response::new(GetCalendarResponse { entries: entries.into_iter().map(calendar_entry).collect() }))
    }
}

fn subscription(listed: Listed) -> Subscription {
    let (dv_car, dv_chr) = listed.certificate.unwrap_or_default();
    let row = listed.row;
    Subscription {
        cvca: row.cvca,
        country: row.country,
        dv_mnemonic: row.dv_mnemonic,
        is_mnemonic: row.is_mnemonic,
        is_days: u32::try_from(row.is_days).unwrap_or(u32::MAX),
        state: row.state,
        dv_chr,
        dv_car,
        expires: listed.verifier.map(|verifier| verifier.expires.to_string()).unwrap_or_default(),
        renewal_at_ms: listed.due_at.unwrap_or(0),
        next: listed.next.map(next).unwrap_or_default().to_owned(),
        open_request: listed.open_request.unwrap_or_default(),
        problem: row.problem.unwrap_or_default(),
    }
}

const fn next(action: Action) -> &'static str {
    match action {
        Action::Wait { .. } => "wait",
        Action::GiveUp => "give_up",
        Action::AskForCaCertificates => "ask_for_ca_certificates",
        Action::Request(Kind::Initial) => "request_initial",
        Action::Request(Kind::Successive) => "request_successive",
    }
}

fn letter(row: outbox::Model) -> OutboxMessage {
    let is_pending = row.state == "pending";
    OutboxMessage {
        id: row.id.to_string(),
        country: row.country,
        operation: row.operation,
        message_id: row.message_id.unwrap_or_default(),
        subject: row.subject,
        state: row.state,
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        created_at_ms: row.created_at,
        next_attempt_at_ms: if is_pending { row.next_attempt_at } else { 0 },
        answered_at_ms: row.answered_at.unwrap_or(0),
        code: row.code.unwrap_or_default(),
        last_error: row.last_error.unwrap_or_default(),
        exported_at_ms: row.exported_at,
    }
}

fn renewal(renewal: subscriptions::Renewal) -> Renewal {
    let subscriptions::Renewal { request, letter } = renewal;
    let state = match &letter {
        _ if request.state == "fulfilled" => "fulfilled",
        _ if request.closed_at.is_some() => "closed",
        None => "file",
        Some(letter) if letter.state == "acknowledged" => "acknowledged",
        Some(_) => "pending",
    };
    Renewal {
        chr: request.chr,
        car: request.car,
        outer_car: request.outer_car,
        state: state.to_owned(),
        cause: request.closed_cause.unwrap_or_default(),
        made_at_ms: request.created_at,
        message_id: letter.and_then(|letter| letter.message_id).unwrap_or_default(),
    }
}

fn calendar_entry(entry: Entry) -> CalendarEntry {
    let kind = match entry.kind {
        EntryKind::Renewal => CalendarKind::Renewal,
        EntryKind::DvExpires => CalendarKind::DvExpires,
        EntryKind::IsExpires => CalendarKind::IsExpires,
        EntryKind::NationalCvcaExpires => CalendarKind::NationalCvcaExpires,
        EntryKind::ForeignCvcaExpires => CalendarKind::ForeignCvcaExpires,
        EntryKind::IssuedExpires => CalendarKind::IssuedExpires,
        EntryKind::PartnerRootEnds => CalendarKind::PartnerRootEnds,
        EntryKind::PlannedOutage => CalendarKind::PlannedOutage,
        EntryKind::RegistrationEnds => CalendarKind::RegistrationEnds,
        EntryKind::AnswerDue => CalendarKind::AnswerDue,
        EntryKind::SpocCertificateExpires => CalendarKind::SpocCertificateExpires,
        EntryKind::PartnerRootBegins => CalendarKind::PartnerRootBegins,
        EntryKind::AwaitsOfficers => CalendarKind::AwaitsOfficers,
        EntryKind::PartnerCertificateExpires => CalendarKind::PartnerCertificateExpires,
    };
    let severity = match entry.severity {
        Severity::Information => CalendarSeverity::Information,
        Severity::Attention => CalendarSeverity::Attention,
        Severity::Urgent => CalendarSeverity::Urgent,
    };
    CalendarEntry {
        kind: kind.into(),
        severity: severity.into(),
        at_ms: entry.at.millis(),
        until_ms: entry.until.map_or(0, |until| until.millis()),
        country: entry.country,
        subject: entry.subject,
        detail: entry.detail,
    }
}
