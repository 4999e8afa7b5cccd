//! Inspection systems that are renewed by themselves: one under the newest document verifier of every subscribed CVCA, and while that may read less than
//! another valid one, under the other as well; always ahead of the end of the one before it. The chain table takes each up with the commit. A pause
//! stops what goes to the partner and not this: certificates held stay in use until they end.

use straznica_types::RequestId;

use super::renewals::{country_of, held_back, note, settle};
use crate::{
    app::{
        App,
        call::Call,
        inspection_systems::{self, Order},
    },
    domain::{
        exchange::is_renewal::{InUse, is_due},
        records::{CertificateRecord, Day, Role},
    },
    error::SpocError,
    store::{entity::subscription, exchange::subscriptions},
};

/// How it begins what is told of a system that is due while nothing is issued.
const WAITS: &str = "an inspection system is due; ";
/// What the node gives as its purpose.
const PURPOSE: &str = "is_renewal";

/// Issues what is due, under every subscription.
///
/// # Errors
/// [`SpocError`] when the database does not answer. What goes wrong with one subscription is told there and does not keep others from being served. While
/// the clock is in doubt nothing is issued under any, and each under which something is due says so; no pause follows, here or at another replica.
pub(crate) async fn turn(app: &App) -> Result<(), SpocError> {
    app.refresh().await?;
    for subscription in subscriptions::all(app.store.reader()).await? {
        match renew(app, &subscription).await {
            Ok(()) | Err(SpocError::Overtaken) => {}
            Err(failure) if failure.is_held_back() => hold(app, &subscription, &failure).await?,
            Err(failure) => {
                tracing::error!(cvca = %subscription.cvca, error = &failure as &dyn std::error::Error, "an inspection system could not be renewed");
                settle(app, &subscription, Some(failure.to_string())).await?;
            }
        }
    }
    Ok(())
}

/// Says that a system is due and waits, where that is not told of the verifier already.
async fn hold(app: &App, subscription: &subscription::Model, why: &SpocError) -> Result<(), SpocError> {
    let why = held_back(why);
    if subscription.problem.as_ref().is_some_and(|problem| problem.contains(&why)) {
        return Ok(());
    }
    note(app, subscription, Some(format!("{WAITS}{why}"))).await
}

async fn renew(app: &App, subscription: &subscription::Model) -> Result<(), SpocError> {
    let now = app.clock.now();
    if subscription.not_before.is_some_and(|at| now.millis() < at) {
        return Ok(());
    }
    let today = Day::of(now);
    let state = app.control.at(now);
    for (dv, _) in inspection_systems::to_equip(state.records(), &subscription.cvca, today) {
        equip(app, subscription, state.records(), dv, today).await?;
    }
    Ok(())
}

/// Issues an inspection system under a verifier, when that is due.
async fn equip(
    app: &App,
    subscription: &subscription::Model,
    records: &[CertificateRecord],
    dv: &CertificateRecord,
    today: Day,
) -> Result<(), SpocError> {
    let systems = records.iter().filter(|record| {
        record.role == Role::InspectionSystem && record.car == dv.chr && record.cvca == dv.cvca && record.key.is_some()
    });
    let in_use = systems.filter(|system| system.is_usable(today)).max_by_key(|system| system.expires);
    let in_use = in_use.map(|system| InUse { effective: system.effective, expires: system.expires });
    let days = u16::try_from(subscription.is_days).unwrap_or(u16::MAX);
    // What was ordered when policy allowed more is narrowed to what it allows today; where it asks for more, that is for an officer to change.
    let limits = inspection_systems::limits(app, &subscription.cvca);
    let days = today.date().and_then(|first| limits.narrowed(first, days)).unwrap_or(days);
    let lead = app.policy.for_partner(country_of(subscription)?).renewal.inspection_system_lead_days;
    if !is_due(in_use, dv.expires, days, lead, today) {
        return Ok(());
    }
    let order = Order {
        cvca: subscription.cvca.clone(),
        mnemonic: subscription.is_mnemonic.clone(),
        days: u32::from(days),
        under: Some((dv.car.clone(), dv.chr.clone())),
        unless_held: true,
    };
    let call = Call::of_node(PURPOSE, RequestId::generate(app.clock.as_ref()));
    let issued = inspection_systems::make(app, &call, &order).await?;
    tracing::info!(chr = %issued.chr, expires = %issued.expires, "an inspection system was renewed");
    if subscription.problem.as_ref().is_some_and(|problem| problem.starts_with(WAITS)) {
        note(app, subscription, None).await?;
    }
    settle(app, subscription, None).await
}
