//! What happens by itself with requests that wait: those the rules alone decide on are decided, those two officers approved are answered should that
//! have failed before, and people are told of those that fall due.

use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::json;
use straznica_types::RequestId;

use super::requests;
use crate::{
    app::{App, call::Call, record},
    domain::{exchange::holder::ApprovalMode, records::Day},
    error::SpocError,
    store::{
        entity::application,
        exchange::{applications, holders},
    },
};

/// Requests looked at in one query.
const PAGE: u64 = 100;

/// Goes through all waiting requests once. What fails for one is told and does not keep the others waiting.
///
/// # Errors
/// [`SpocError::Store`] when the list cannot be read.
pub(crate) async fn run(app: &App) -> Result<(), SpocError> {
    let mut after = None;
    loop {
        let rows = applications::waiting(app.store.reader(), after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        for row in rows {
            let (id, caller) = (row.id, row.caller.clone());
            if let Err(failure) = look_at(app, row).await {
                tracing::error!(error = &failure as &dyn std::error::Error, %id, caller, "a waiting request was not decided");
            }
        }
    }
}

/// Decides, and tells people of what is not decided and falls due: most of all when deciding fails.
async fn look_at(app: &App, row: application::Model) -> Result<(), SpocError> {
    let decided = decide(app, &row).await;
    let waits = decided.as_ref().map_or(true, |row| row.state == "waiting");
    if waits && is_nearly_due(app, &row) {
        alert(app, row).await?;
    }
    decided.map(|_| ())
}

async fn decide(app: &App, row: &application::Model) -> Result<application::Model, SpocError> {
    let holder = holders::find(app.store.reader(), &row.holder).await?;
    let automatic = holder.is_none_or(|holder| holder.approval == ApprovalMode::Automatic.as_str());
    if !automatic && row.second_officer.is_none() {
        return Ok(row.clone());
    }
    let call = Call::of_node("waiting_request", RequestId::generate(app.clock.as_ref()));
    requests::settle(app, &call, row.id).await
}

fn is_nearly_due(app: &App, row: &application::Model) -> bool {
    let values = row.caller.parse().map_or(app.policy.common(), |caller| app.policy.for_partner(caller));
    let lead = Day::from_midnight(0).plus(i64::from(values.answers.alert_days)).midnight();
    row.alerted_at.is_none() && row.due_at.saturating_sub(lead) <= app.clock.now().millis()
}

/// Tells people once, whichever replica looked first.
pub(super) async fn alert(app: &App, row: application::Model) -> Result<(), SpocError> {
    let call = Call::of_node("waiting_request", RequestId::generate(app.clock.as_ref()));
    let now = app.clock.now();
    let told = app
        .store
        .write_tx(async |tx| {
            let current = applications::find(tx, row.id).await?;
            let Some(row) = current.filter(|row| row.state == "waiting" && row.alerted_at.is_none()) else {
                return Ok(false);
            };
            let detail = json!({ "application": row.id, "caller": row.caller, "chr": row.chr, "dueAt": row.due_at });
            let told = application::ActiveModel { alerted_at: Set(Some(now.millis())), ..row.into_active_model() };
            applications::update(tx, told).await?;
            record(app, tx, &call, "exchange.request_nearly_due", detail).await?;
            Ok::<_, SpocError>(true)
        })
        .await?;
    if told {
        tracing::warn!(id = %row.id, caller = row.caller, chr = row.chr, "a request has to be answered soon");
        app.metrics.overdue_request();
    }
    Ok(())
}
