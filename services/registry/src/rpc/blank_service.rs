//! The service `straznica.registry.v1.BlankService`.

use std::str::FromStr;
use std::sync::Arc;

use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::blank_service_server::BlankService;
use straznica_contracts::registry::v1::{
    ConfirmBlankCountRequest, ConfirmBlankCountResponse, ConfirmBlankOrderRequest, ConfirmBlankOrderResponse,
    GetBlankBalanceRequest, GetBlankBalanceResponse, ListBlankOrdersRequest, ListBlankOrdersResponse,
    ProposeBlankCountRequest, ProposeBlankCountResponse, ProposeBlankOrderRequest, ProposeBlankOrderResponse,
    SpoilBlankRequest, SpoilBlankResponse,
};
use tonic::{Request, Response, Status};

use super::request::{UUID, open, refused, required};
use crate::app::{App, BlankCount, NewOrder};
use crate::domain::blank::{BlankNumber, Order, OrderAction, Range, Series, ranges_of};
use crate::domain::{BlankOrderId, CallerClaims, Mandate, Refusal};

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct BlankHandler(pub(crate) Arc<App>);

impl BlankHandler {
    fn mandate(&self, caller: CallerClaims) -> Result<Mandate, Status> {
        caller.on_cases(&self.0.purposes).map_err(refused)
    }
}

#[tonic::async_trait]
impl BlankService for BlankHandler {
    async fn propose_blank_order(
        &self,
        request: Request<ProposeBlankOrderRequest>,
    ) -> Result<Response<ProposeBlankOrderResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let new = order(message.order).map_err(refused)?;
        let id = Box::pin(self.0.propose_order(&mandate, new)).await.map_err(refused)?;
        Ok(Response::new(ProposeBlankOrderResponse { order_id: id.to_string() }))
    }

    async fn confirm_blank_order(
        &self,
        request: Request<ConfirmBlankOrderRequest>,
    ) -> Result<Response<ConfirmBlankOrderResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = order_id(&message.order_id, "/order_id")?;
        Box::pin(self.0.confirm_order(&mandate, id)).await.map_err(refused)?;
        Ok(Response::new(ConfirmBlankOrderResponse {}))
    }

    async fn list_blank_orders(
        &self,
        request: Request<ListBlankOrdersRequest>,
    ) -> Result<Response<ListBlankOrdersResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let orders = Box::pin(self.0.orders(&mandate, &message.office)).await.map_err(refused)?;
        Ok(Response::new(ListBlankOrdersResponse { orders: orders.into_iter().map(told).collect() }))
    }

    async fn spoil_blank(&self, request: Request<SpoilBlankRequest>) -> Result<Response<SpoilBlankResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let number = BlankNumber::parse(&message.blank).map_err(refused)?;
        let spoilt = self.0.spoil_blank(&mandate, &message.office, &number, &message.reason);
        Box::pin(spoilt).await.map_err(refused)?;
        Ok(Response::new(SpoilBlankResponse {}))
    }

    async fn propose_blank_count(
        &self,
        request: Request<ProposeBlankCountRequest>,
    ) -> Result<Response<ProposeBlankCountResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let new = NewOrder {
            action: OrderAction::Count,
            office: message.office,
            to_office: None,
            kind: message.kind,
            series: Series::parse(&message.series).map_err(refused)?,
            numbers: ranges(&message.found).map_err(refused)?,
            note: String::new(),
        };
        let id = Box::pin(self.0.propose_order(&mandate, new)).await.map_err(refused)?;
        Ok(Response::new(ProposeBlankCountResponse { count_id: id.to_string() }))
    }

    async fn confirm_blank_count(
        &self,
        request: Request<ConfirmBlankCountRequest>,
    ) -> Result<Response<ConfirmBlankCountResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = order_id(&message.count_id, "/count_id")?;
        let found = ranges(&message.found).map_err(refused)?;
        let count = Box::pin(self.0.confirm_count(&mandate, id, &found)).await.map_err(refused)?;
        Ok(Response::new(match count {
            BlankCount::Differ(numbers) => {
                ConfirmBlankCountResponse { differ: written(&numbers), ..ConfirmBlankCountResponse::default() }
            }
            BlankCount::Agreed(counted) => ConfirmBlankCountResponse {
                agreed: true,
                differ: Vec::new(),
                missing: written(&counted.missing),
                found_again: written(&counted.found_again),
                surplus: written(&counted.surplus),
            },
        }))
    }

    async fn get_blank_balance(
        &self,
        request: Request<GetBlankBalanceRequest>,
    ) -> Result<Response<GetBlankBalanceResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let balance = Box::pin(self.0.balance(&mandate, &message.office, &message.kind)).await.map_err(refused)?;
        Ok(Response::new(GetBlankBalanceResponse {
            expected_in_stock: u64::try_from(balance.expected()).unwrap_or_default(),
            discrepancy: u64::try_from(balance.discrepancy()).unwrap_or(u64::MAX),
            movements: balance.movements.iter().map(|(one, count)| (one.as_str().to_owned(), *count)).collect(),
            states: balance.states.iter().map(|(one, count)| (one.as_str().to_owned(), *count)).collect(),
        }))
    }
}

fn order_id(text: &str, member: &'static str) -> Result<BlankOrderId, Status> {
    required(text, member, UUID, BlankOrderId::from_str).map_err(refused)
}

fn order(order: Option<proto::BlankOrder>) -> Result<NewOrder, Refusal> {
    let order = order.ok_or(Refusal::Missing { member: "/order" })?;
    let action = match order.action() {
        proto::BlankAction::Delivery => OrderAction::Delivery,
        proto::BlankAction::Move => OrderAction::Move,
        proto::BlankAction::Destruction => OrderAction::Destruction,
        proto::BlankAction::Withdrawal => OrderAction::Withdrawal,
        proto::BlankAction::Unspecified | proto::BlankAction::Count => {
            return Err(Refusal::Missing { member: "/order/action" });
        }
    };
    let range = order.range.ok_or(Refusal::Missing { member: "/order/range" })?;
    Ok(NewOrder {
        action,
        series: Series::parse(&order.series)?,
        numbers: vec![Range::new(range.first, range.count)?],
        to_office: Some(order.to_office).filter(|to| !to.is_empty()),
        office: order.office,
        kind: order.kind,
        note: order.note,
    })
}

fn ranges(ranges: &[proto::BlankRange]) -> Result<Vec<Range>, Refusal> {
    ranges.iter().map(|range| Range::new(range.first, range.count)).collect()
}

fn written(numbers: &[u32]) -> Vec<proto::BlankRange> {
    ranges_of(numbers).into_iter().map(wire).collect()
}

const fn wire(range: Range) -> proto::BlankRange {
    proto::BlankRange { first: range.first, count: range.count }
}

/// A proposal that waits; of a count, without what was found.
fn told(order: Order) -> proto::BlankOrder {
    let mut answer = proto::BlankOrder {
        order_id: order.id.to_string(),
        to_office: order.to_office.unwrap_or_default(),
        series: order.series.as_str().to_owned(),
        range: order.numbers.first().copied().map(wire),
        proposed_by: order.proposed_by.to_string(),
        proposed_at_ms: order.proposed_at.millis(),
        office: order.office,
        kind: order.kind,
        note: order.note,
        ..proto::BlankOrder::default()
    };
    answer.set_action(match order.action {
        OrderAction::Delivery => proto::BlankAction::Delivery,
        OrderAction::Move => proto::BlankAction::Move,
        OrderAction::Destruction => proto::BlankAction::Destruction,
        OrderAction::Withdrawal => proto::BlankAction::Withdrawal,
        OrderAction::Count => proto::BlankAction::Count,
    });
    answer
}
