//! Blanks: proposed and confirmed by two officers, spoilt, counted, accounted for.

use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_journal::Entry;
use straznica_types::{Timestamp, check_name};

use super::App;
use super::entry::context;
use crate::domain::blank::{
    Balance, BlankNumber, BlankState, Counted, Movement, Order, OrderAction, Range, Series, compare, numbers_of,
    ranges_of,
};
use crate::domain::{BlankOrderId, Mandate, Refusal};
use crate::error::RegistryError;
use crate::store::{
    Mover, Stock, balance_of, find_order, insert_order, kind_of, move_blanks, numbers_in, settle_order, waiting_orders,
};

/// Longest note or reason, in characters.
const LONGEST_NOTE: usize = 500;
/// Most proposals shown at once.
const MOST_ORDERS: u64 = 200;

/// A proposal to be made.
pub(crate) struct NewOrder {
    pub(crate) action: OrderAction,
    pub(crate) office: String,
    pub(crate) to_office: Option<String>,
    pub(crate) kind: String,
    pub(crate) series: Series,
    pub(crate) numbers: Vec<Range>,
    pub(crate) note: String,
}

/// What two who counted came to.
pub(crate) enum Count {
    /// They did not find the same: what only one of them found. Nothing is changed.
    Differ(Vec<u32>),
    /// They did.
    Agreed(Counted),
}

impl App {
    /// Proposes what another officer has to confirm, or the first of two counts.
    pub(crate) async fn propose_order(&self, mandate: &Mandate, new: NewOrder) -> Result<BlankOrderId, RegistryError> {
        let now = self.clock.now();
        self.check_order(&new)?;
        let order = &Order {
            id: BlankOrderId::generate_at(now),
            action: new.action,
            office: new.office,
            to_office: new.to_office,
            kind: new.kind,
            series: new.series,
            numbers: new.numbers,
            note: new.note,
            proposed_by: mandate.officer.clone(),
            proposed_at: now,
            settled: false,
        };
        self.store
            .write_tx(async move |tx| {
                insert_order(tx, order).await?;
                self.journal.record(tx, of_order("blanks.proposed", mandate, order, json!({}))).await?;
                Ok::<_, RegistryError>(order.id)
            })
            .await
    }

    /// Confirms a proposal of another officer: the stock changes.
    pub(crate) async fn confirm_order(&self, mandate: &Mandate, id: BlankOrderId) -> Result<(), RegistryError> {
        let now = self.clock.now();
        self.store
            .write_tx(async move |tx| {
                let order = self.settle(tx, mandate, id, now).await?;
                let movement = order.action.movement().ok_or(Refusal::NoOrder)?;
                let because = id.to_string();
                let mover = Mover { officer: &mandate.officer, at: now, because: &because };
                for range in &order.numbers {
                    move_blanks(tx, stock_of(&order), *range, movement, order.to_office.as_deref(), mover).await?;
                }
                self.journal.record(tx, of_order("blanks.confirmed", mandate, &order, json!({}))).await?;
                Ok::<_, RegistryError>(())
            })
            .await
    }

    /// The second of two counts: where both found the same, the books follow.
    pub(crate) async fn confirm_count(
        &self,
        mandate: &Mandate,
        id: BlankOrderId,
        found: &[Range],
    ) -> Result<Count, RegistryError> {
        let now = self.clock.now();
        let found = &numbers_of(found)?;
        self.store
            .write_tx(async move |tx| {
                let order = self.settle(tx, mandate, id, now).await?;
                if order.action != OrderAction::Count {
                    return Err(Refusal::NoOrder.into());
                }
                let first = numbers_of(&order.numbers)?;
                if first != *found {
                    let differ = compare(&first, &[], found);
                    let mut differ = [differ.missing, differ.surplus].concat();
                    differ.sort_unstable();
                    let entry = of_order("blanks.counts_differ", mandate, &order, json!({ "differ": differ.len() }));
                    self.journal.record(tx, entry).await?;
                    return Ok(Count::Differ(differ));
                }
                let counted = self.book_count(tx, mandate, &order, found, now).await?;
                Ok::<_, RegistryError>(Count::Agreed(counted))
            })
            .await
    }

    /// What waits for a second officer.
    pub(crate) async fn orders(&self, mandate: &Mandate, office: &str) -> Result<Vec<Order>, RegistryError> {
        named(office, "/office")?;
        let mut orders = self.store.read_tx(async |tx| waiting_orders(tx, office, MOST_ORDERS).await).await?;
        // Who is to count does not see what the other counted.
        for order in orders.iter_mut().filter(|order| order.action == OrderAction::Count) {
            order.numbers.clear();
        }
        let entry = of_office("blanks.orders_read", mandate, office, json!({ "orders": orders.len() }));
        self.journal.record_read(entry).await?;
        Ok(orders)
    }

    /// One blank of the stock was spoilt.
    pub(crate) async fn spoil_blank(
        &self,
        mandate: &Mandate,
        office: &str,
        number: &BlankNumber,
        reason: &str,
    ) -> Result<(), RegistryError> {
        let now = self.clock.now();
        named(office, "/office")?;
        if reason.trim().is_empty() {
            return Err(Refusal::Missing { member: "/reason" }.into());
        }
        short(reason, "/reason")?;
        self.store
            .write_tx(async move |tx| {
                let mover = Mover { officer: &mandate.officer, at: now, because: reason };
                self.use_blank(tx, office, None, number, Movement::Spoilt, mover).await?;
                let detail = json!({ "blank": number.to_string() });
                self.journal.record(tx, of_office("blank.spoilt", mandate, office, detail)).await?;
                Ok::<_, RegistryError>(())
            })
            .await
    }

    /// Both sides of an office's books.
    pub(crate) async fn balance(&self, mandate: &Mandate, office: &str, kind: &str) -> Result<Balance, RegistryError> {
        named(office, "/office")?;
        self.known_blank(kind)?;
        let balance = self.store.read_tx(async |tx| balance_of(tx, office, kind).await).await?;
        let detail = json!({ "kind": kind, "adds_up": balance.discrepancy() == 0 });
        self.journal.record_read(of_office("blanks.balance_read", mandate, office, detail)).await?;
        Ok(balance)
    }

    /// Takes one blank out of an office's stock; of this kind, where one is wanted.
    pub(super) async fn use_blank(
        &self,
        tx: &DatabaseTransaction,
        office: &str,
        wanted: Option<&str>,
        number: &BlankNumber,
        movement: Movement,
        mover: Mover<'_>,
    ) -> Result<(), RegistryError> {
        let kind = kind_of(tx, office, number).await?.ok_or(Refusal::Blank)?;
        if wanted.is_some_and(|wanted| wanted != kind) {
            return Err(Refusal::Blank.into());
        }
        let stock = Stock { office, kind: &kind, series: &number.series };
        let one = Range { first: number.number, count: 1 };
        move_blanks(tx, stock, one, movement, None, mover).await
    }

    async fn settle(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        id: BlankOrderId,
        now: Timestamp,
    ) -> Result<Order, RegistryError> {
        let order = find_order(tx, id).await?.ok_or(Refusal::NoOrder)?;
        order.may_settle(&mandate.officer)?;
        if !settle_order(tx, id, &mandate.officer, now).await? {
            return Err(Refusal::Settled.into());
        }
        Ok(order)
    }

    async fn book_count(
        &self,
        tx: &DatabaseTransaction,
        mandate: &Mandate,
        order: &Order,
        found: &[u32],
        now: Timestamp,
    ) -> Result<Counted, RegistryError> {
        let stock = stock_of(order);
        let in_stock = numbers_in(tx, stock, BlankState::InStock).await?;
        let missing = numbers_in(tx, stock, BlankState::Missing).await?;
        let counted = compare(&in_stock, &missing, found);
        let because = order.id.to_string();
        let mover = Mover { officer: &mandate.officer, at: now, because: &because };
        for (numbers, movement) in [(&counted.missing, Movement::Missed), (&counted.found_again, Movement::Found)] {
            for range in ranges_of(numbers) {
                move_blanks(tx, stock, range, movement, None, mover).await?;
            }
        }
        let detail = json!({
            "found": found.len(),
            "missing": counted.missing.len(),
            "found_again": counted.found_again.len(),
            "surplus": counted.surplus.len(),
        });
        self.journal.record(tx, of_order("blanks.counted", mandate, order, detail)).await?;
        Ok(counted)
    }

    fn check_order(&self, new: &NewOrder) -> Result<(), Refusal> {
        named(&new.office, "/office")?;
        self.known_blank(&new.kind)?;
        short(&new.note, "/note")?;
        match (&new.to_office, new.action) {
            (Some(to), OrderAction::Move) if *to != new.office => named(to, "/to_office")?,
            (_, OrderAction::Move) | (Some(_), _) => {
                let expected = "another office for a move, and none otherwise";
                return Err(Refusal::Invalid { member: "/to_office", expected });
            }
            (None, _) => {}
        }
        if new.numbers.is_empty() && new.action != OrderAction::Count {
            return Err(Refusal::Missing { member: "/range" });
        }
        numbers_of(&new.numbers).map(|_| ())
    }

    fn known_blank(&self, kind: &str) -> Result<(), Refusal> {
        let documents = self.rules.sets().iter().flat_map(|set| &set.cases).flat_map(|case| &case.documents);
        if documents.into_iter().any(|document| document.blank == kind) {
            return Ok(());
        }
        Err(Refusal::Invalid { member: "/kind", expected: "a kind of blanks of the rule sets" })
    }
}

fn stock_of(order: &Order) -> Stock<'_> {
    Stock { office: &order.office, kind: &order.kind, series: &order.series }
}

pub(super) fn named(office: &str, member: &'static str) -> Result<(), Refusal> {
    let expected = "1 to 64 letters, digits, '.', '_' or '-'";
    check_name(office).map_err(|_| Refusal::Invalid { member, expected })
}

pub(super) fn short(text: &str, member: &'static str) -> Result<(), Refusal> {
    if text.chars().count() > LONGEST_NOTE || text.chars().any(char::is_control) {
        return Err(Refusal::Invalid { member, expected: "up to 500 characters" });
    }
    Ok(())
}

fn of_office(kind: &'static str, mandate: &Mandate, office: &str, detail: serde_json::Value) -> Entry {
    let mut all = json!({ "office": office });
    if let (serde_json::Value::Object(all), serde_json::Value::Object(detail)) = (&mut all, detail) {
        all.extend(detail);
    }
    Entry::new(kind, context(mandate)).legal_basis(mandate.legal_basis.clone()).detail(all)
}

fn of_order(kind: &'static str, mandate: &Mandate, order: &Order, detail: serde_json::Value) -> Entry {
    let mut all = json!({
        "order": order.id.to_string(),
        "action": order.action.as_str(),
        "kind": order.kind,
        "series": order.series.as_str(),
    });
    if let (serde_json::Value::Object(all), serde_json::Value::Object(detail)) = (&mut all, detail) {
        all.extend(detail);
    }
    of_office(kind, mandate, &order.office, all)
}
