//! Blanks of documents, each one accounted for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use super::words;
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

words! {
    both
    /// What is proposed to happen to blanks.
    BlankAction, "what happens to blanks" {
        /// They come from the printer.
        Delivery,
        /// They go to another office.
        Move,
        /// Spoilt ones are destroyed.
        Destruction,
        /// Unused ones are destroyed: the form is not used any more.
        Withdrawal,
        /// They are counted. Proposed and confirmed at addresses of its own.
        Count,
    }
}

/// Blanks of consecutive numbers.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BlankRange {
    /// The first number, without the letters.
    #[schema(maximum = 9_999_999, example = 17)]
    first: u32,
    /// How many.
    #[schema(minimum = 1, maximum = 5_000, example = 100)]
    count: u32,
}

impl BlankRange {
    const fn contract(self) -> contract::BlankRange {
        contract::BlankRange { first: self.first, count: self.count }
    }

    const fn of(told: contract::BlankRange) -> Self {
        Self { first: told.first, count: told.count }
    }
}

fn ranges(told: Vec<contract::BlankRange>) -> Vec<BlankRange> {
    told.into_iter().map(BlankRange::of).collect()
}

/// Proposes what enters, moves or leaves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewBlankOrder {
    /// What.
    action: BlankAction,
    /// Whose stock.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9._-]{1,64}$", example = "debak")]
    office: Text<64>,
    /// The other office of a move.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9._-]{1,64}$", example = "biala-podlaska")]
    to_office: Option<Text<64>>,
    /// A kind of blanks of the rule sets.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "tztc")]
    kind: Text<64>,
    /// The letters before the numbers.
    #[schema(value_type = String, pattern = "^[A-Z]{1,4}$", example = "TZ")]
    series: Text<4>,
    /// Which.
    range: BlankRange,
    /// Delivery note, protocol.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "WZ 17/2026")]
    note: Option<Text<500>>,
}

impl NewBlankOrder {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::BlankOrder {
        contract::BlankOrder {
            action: self.action.contract(),
            office: self.office.0,
            to_office: self.to_office.map(|office| office.0).unwrap_or_default(),
            kind: self.kind.0,
            series: self.series.0,
            range: Some(self.range.contract()),
            note: self.note.map(|note| note.0).unwrap_or_default(),
            ..contract::BlankOrder::default()
        }
    }
}

/// What was proposed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProposedBlankOrder {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c58")]
    pub(in crate::rest::registry) order_id: String,
}

/// Of which office.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderQuery {
    /// The office.
    #[param(value_type = String, pattern = "^[A-Za-z0-9._-]{1,64}$", example = "debak")]
    pub(in crate::rest::registry) office: Text<64>,
}

/// What waits for a second officer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlankOrders {
    /// The oldest first, up to 200.
    orders: Vec<BlankOrder>,
}

impl BlankOrders {
    pub(in crate::rest::registry) fn of(told: contract::ListBlankOrdersResponse) -> Result<Self, GatewayError> {
        Ok(Self { orders: told.orders.into_iter().map(BlankOrder::of).collect::<Result<_, _>>()? })
    }
}

/// What one officer proposed, and another has to confirm.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlankOrder {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c58")]
    order_id: String,
    /// What.
    action: BlankAction,
    /// Whose stock.
    #[schema(example = "debak")]
    office: String,
    /// The other office of a move.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "biala-podlaska")]
    to_office: Option<String>,
    /// The kind of blanks.
    #[schema(example = "tztc")]
    kind: String,
    /// The letters before the numbers.
    #[schema(example = "TZ")]
    series: String,
    /// Which; absent for a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<BlankRange>,
    /// Delivery note, protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "WZ 17/2026")]
    note: Option<String>,
    /// Service identifier of the officer who proposed it.
    #[schema(example = "sg-0001")]
    proposed_by: String,
    /// When.
    proposed_at: Instant,
}

impl BlankOrder {
    fn of(told: contract::BlankOrder) -> Result<Self, GatewayError> {
        Ok(Self {
            action: BlankAction::of(told.action)?,
            order_id: told.order_id,
            office: told.office,
            to_office: present(told.to_office),
            kind: told.kind,
            series: told.series,
            range: told.range.map(BlankRange::of),
            note: present(told.note),
            proposed_by: told.proposed_by,
            proposed_at: Instant::at(told.proposed_at_ms),
        })
    }
}

/// Says that a blank was spoilt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SpoiltBlank {
    /// Whose stock.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9._-]{1,64}$", example = "debak")]
    pub(in crate::rest::registry) office: Text<64>,
    /// Which, as printed on it.
    #[schema(value_type = String, pattern = "^[A-Z]{1,4}[0-9]{7}$", example = "TZ0000018")]
    pub(in crate::rest::registry) blank: Text<16>,
    /// How.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "the printer tore it")]
    pub(in crate::rest::registry) reason: Text<500>,
}

/// Tells what the first of two found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewBlankCount {
    /// Where.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9._-]{1,64}$", example = "debak")]
    office: Text<64>,
    /// The kind of blanks.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "tztc")]
    kind: Text<64>,
    /// The letters before the numbers.
    #[schema(value_type = String, pattern = "^[A-Z]{1,4}$", example = "TZ")]
    series: Text<4>,
    /// Everything that was found. Empty: nothing was there.
    #[schema(max_items = 5_000)]
    found: Vec<BlankRange>,
}

impl NewBlankCount {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::ProposeBlankCountRequest {
        contract::ProposeBlankCountRequest {
            context: None,
            office: self.office.0,
            kind: self.kind.0,
            series: self.series.0,
            found: self.found.into_iter().map(BlankRange::contract).collect(),
        }
    }
}

/// A count that waits for the second officer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProposedBlankCount {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c59")]
    pub(in crate::rest::registry) count_id: String,
}

/// Tells what the second of two found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CountedBlanks {
    /// Everything that was found. Empty: nothing was there.
    #[schema(max_items = 5_000)]
    found: Vec<BlankRange>,
}

impl CountedBlanks {
    pub(in crate::rest::registry) fn into_contract(self) -> Vec<contract::BlankRange> {
        self.found.into_iter().map(BlankRange::contract).collect()
    }
}

/// What two counts come to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlankCountOutcome {
    /// Both found the same.
    #[schema(example = true)]
    agreed: bool,
    /// Where they did not: what only one of them found. Nothing is changed, and both count again.
    differ: Vec<BlankRange>,
    /// Should be there, and is not: missing from now on.
    missing: Vec<BlankRange>,
    /// Was missing, and is in stock again.
    found_again: Vec<BlankRange>,
    /// Is there and should not be, by the books. Nothing is changed for it.
    surplus: Vec<BlankRange>,
}

impl From<contract::ConfirmBlankCountResponse> for BlankCountOutcome {
    fn from(told: contract::ConfirmBlankCountResponse) -> Self {
        Self {
            agreed: told.agreed,
            differ: ranges(told.differ),
            missing: ranges(told.missing),
            found_again: ranges(told.found_again),
            surplus: ranges(told.surplus),
        }
    }
}

/// Of which office, and of which blanks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BalanceQuery {
    /// The office.
    #[param(value_type = String, pattern = "^[A-Za-z0-9._-]{1,64}$", example = "debak")]
    pub(in crate::rest::registry) office: Text<64>,
    /// A kind of blanks of the rule sets.
    #[param(value_type = String, min_length = 1, max_length = 64, example = "tztc")]
    pub(in crate::rest::registry) kind: Text<64>,
}

/// What an office had, what became of it, and whether that adds up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlankBalance {
    /// How many blanks each movement moved: `delivered`, `moved_in`, `moved_out`, `issued`, `spoilt`, `destroyed`, `withdrawn`, `missed`, `found`.
    #[schema(example = json!({"delivered": 100, "issued": 40}))]
    movements: BTreeMap<String, u64>,
    /// How many are where: `in_stock`, `issued`, `spoilt`, `missing`, `destroyed`.
    #[schema(example = json!({"in_stock": 60, "issued": 40}))]
    states: BTreeMap<String, u64>,
    /// What should be in stock by what happened.
    #[schema(example = 60)]
    expected_in_stock: u64,
    /// By how much both sides differ: 0 unless somebody changed the database.
    #[schema(example = 0)]
    discrepancy: u64,
}

impl From<contract::GetBlankBalanceResponse> for BlankBalance {
    fn from(told: contract::GetBlankBalanceResponse) -> Self {
        Self {
            movements: told.movements.into_iter().collect(),
            states: told.states.into_iter().collect(),
            expected_in_stock: told.expected_in_stock,
            discrepancy: told.discrepancy,
        }
    }
}
