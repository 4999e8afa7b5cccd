//! The document verifier that renews by itself: every turn each active subscription is looked at anew, and at most one step is taken.
//!
//! Nothing is remembered but rows: what was asked (`dv_request`), what became of the message (`outbox`) and what is held (`cv_certificate`). A replica that
//! decides the same at the same time finds the other's request in its own transaction and keeps nothing.

use exchange::{
    Country,
    message::{GetCaCertificates, Message},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::json;
use straznica_exchange_wire::grpc::convert::kept;
use straznica_runtime::failpoint;
use straznica_types::{RequestId, Timestamp};
use uuid::Uuid;

use super::{delivery, outbox};
use crate::{
    app::{
        App,
        call::Call,
        dv_requests::{self, Carriage, Order},
        inspection_systems, record,
    },
    domain::{
        exchange::{
            lineage::lineage,
            outbox::State,
            partner::{Partner, Period},
            renewal::{
                Action, Asked, AskedState, Authority, CaQuery, Cause, Decision, Kind, Terms, Verifier, View, decide,
            },
        },
        records::{CertificateRecord, Day, is_suspended_cvca},
    },
    error::SpocError,
    store::{
        certificates,
        entity::{dv_request, outbox::Model as Letter, subscription},
        exchange::{outbox as letters, subscriptions},
    },
};

/// Requests looked back at: more than are refused in a row before the pauses stop growing.
const REQUESTS: u64 = 12;
/// What the node gives as its purpose.
const PURPOSE: &str = "dv_renewal";

/// Everything a decision about one subscription is made from, and the decision.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) verifier: Option<Verifier>,
    /// Storage key of the certificate in use, CAR and CHR.
    pub(crate) certificate: Option<(String, String)>,
    pub(crate) requests: Vec<(String, Asked)>,
    pub(crate) due_at: Timestamp,
    pub(crate) decision: Decision,
    /// The newest request of any kind, also by file.
    newest_known: Option<String>,
}

/// Looks at every active subscription and does what is due.
///
/// # Errors
/// [`SpocError`] when the database does not answer; what goes wrong with one subscription is noted there and does not keep others from being renewed.
pub(crate) async fn turn(app: &App) -> Result<(), SpocError> {
    app.refresh().await?;
    for subscription in subscriptions::active(app.store.reader()).await? {
        let cvca = subscription.cvca.clone();
        if let Err(failure) = look_at(app, subscription).await {
            tracing::error!(%cvca, error = %failure, "a renewal could not be decided");
        }
    }
    Ok(())
}

async fn look_at(app: &App, subscription: subscription::Model) -> Result<(), SpocError> {
    let now = app.clock.now();
    let country = country_of(&subscription)?;
    let Some(partner) = app.partners.get(country).filter(|partner| partner.is_served(now)) else {
        return note(app, &subscription, Some("the partner is suspended, out of use or not registered".to_owned()))
            .await;
    };
    let standing = standing(app, &subscription, &partner, now).await?;
    let problems: Vec<String> = standing.decision.problems.iter().map(ToString::to_string).collect();
    note(app, &subscription, (!problems.is_empty()).then(|| problems.join("; "))).await?;
    if subscription.not_before.is_some_and(|at| now.millis() < at) {
        return Ok(());
    }
    let kind = match standing.decision.action {
        Action::Wait { .. } => return Ok(()),
        Action::AskForCaCertificates => None,
        Action::Request(kind) => Some(kind),
    };
    failpoint::reach("spoc.renewal.decided").await;
    let call = Call::of_node(PURPOSE, RequestId::generate(app.clock.as_ref()));
    let done = match kind {
        None => ask_for_ca_certificates(app, &call, country).await,
        Some(kind) => request(app, &call, &subscription, kind, standing.newest_known).await.map(|_| ()),
    };
    failpoint::reach("spoc.renewal.acted").await;
    match done {
        Ok(()) => settle(app, &subscription, None).await,
        Err(SpocError::Overtaken) => Ok(()),
        Err(failure) => {
            tracing::error!(cvca = %subscription.cvca, error = %failure, "a request for a DV certificate could not be made");
            settle(app, &subscription, Some(failure.to_string())).await
        }
    }
}

/// Reads where a subscription stands and decides what comes next.
///
/// # Errors
/// [`SpocError`] when the database does not answer or holds something unreadable.
pub(crate) async fn standing(
    app: &App,
    subscription: &subscription::Model,
    partner: &Partner,
    now: Timestamp,
) -> Result<Standing, SpocError> {
    let today = Day::of(now);
    let state = app.control.at(now);
    let records = state.records();
    let names = lineage(records, &subscription.cvca);
    let cvcas = records.iter().filter(|record| record.role.is_cvca() && names.contains(&record.cvca));
    let in_use = cvcas.filter(|record| record.is_usable(today) && !is_suspended_cvca(records, &record.chr));
    let authority = in_use
        .max_by(|one, two| (one.effective, &one.chr).cmp(&(two.effective, &two.chr)))
        .map(|newest| Authority { generation: newest.chr.clone(), expires: newest.expires });
    let held = inspection_systems::newest_dv(records, &subscription.cvca, today).ok().map(|(dv, _)| dv);
    let verifier = held.map(|dv| Verifier { generation: dv.car.clone(), effective: dv.effective, expires: dv.expires });
    let db = app.store.reader();
    let made = certificates::newest_requests_to(db, &subscription.cvca, REQUESTS).await?;
    let newest_known = made.first().map(|request| request.chr.clone());
    let letters_sent = subscriptions::letters_of(db, made.iter().map(|request| request.chr.clone()).collect()).await?;
    let requests: Vec<(String, Asked)> = made
        .iter()
        .filter_map(|request| {
            let letter = letters_sent.iter().find(|letter| letter.subject == request.chr)?;
            Some((request.chr.clone(), asked(records, request, letter, today)))
        })
        .collect();
    let only: Vec<Asked> = requests.iter().map(|(_, asked)| asked.clone()).collect();
    let outages: Vec<Period> = partner.outages.iter().map(|outage| outage.period).collect();
    let policy = app.policy.for_partner(partner.country);
    let view = View {
        now,
        terms: Terms {
            lead_days: policy.renewal.lead_days.saturating_add(policy.renewal.fallback_days),
            fallback_days: policy.renewal.fallback_days,
            overdue_days: policy.answers.callback_overdue_days,
        },
        verifier: verifier.clone(),
        authority,
        requests: &only,
        ca_query: ca_query(app, partner.country).await?,
        outages: &outages,
    };
    Ok(Standing {
        verifier,
        certificate: held.map(|dv| (dv.car.clone(), dv.chr.clone())),
        due_at: view.due_at(),
        decision: decide(&view),
        requests,
        newest_known,
    })
}

/// A request as the decision sees it.
fn asked(records: &[CertificateRecord], request: &dv_request::Model, letter: &Letter, today: Day) -> Asked {
    let signers = || records.iter().filter(|record| record.chr == request.outer_car);
    let by_cvca = signers().any(|record| record.role.is_cvca());
    let at = |moment: Option<i64>| Timestamp::from_millis(moment.unwrap_or(request.created_at));
    let state = if request.state == "fulfilled" {
        AskedState::Fulfilled
    } else if request.closed_at.is_some() {
        let cause = request.closed_cause.as_deref().and_then(Cause::from_name).unwrap_or(Cause::NotAccepted);
        AskedState::Closed { cause, at: at(request.closed_at) }
    } else {
        match State::from_name(&letter.state) {
            Some(State::Acknowledged) => AskedState::Acknowledged { at: at(letter.answered_at) },
            Some(State::Cancelled) => AskedState::Closed { cause: Cause::Cancelled, at: at(letter.answered_at) },
            _ => AskedState::Pending,
        }
    };
    Asked {
        kind: if by_cvca { Kind::Initial } else { Kind::Successive },
        generation: request.car.clone(),
        made_at: Timestamp::from_millis(request.created_at),
        signer_usable: signers().any(|record| record.is_usable(today)),
        state,
    }
}

async fn ca_query(app: &App, country: Country) -> Result<CaQuery, SpocError> {
    let Some(last) = letters::newest(app.store.reader(), country, kept::GET_CA_CERTIFICATES).await? else {
        return Ok(CaQuery::default());
    };
    let is_open = State::from_name(&last.state).is_some_and(State::is_open);
    let at = Timestamp::from_millis(last.answered_at.unwrap_or(last.created_at));
    Ok(CaQuery {
        open_since: is_open.then(|| Timestamp::from_millis(last.created_at)),
        settled_at: (!is_open).then_some(at),
    })
}

/// Asks a partner for its CVCA certificates, unless that is under way.
///
/// # Errors
/// [`SpocError::Store`], [`SpocError::Journal`]
pub(crate) async fn ask_for_ca_certificates(app: &App, call: &Call, country: Country) -> Result<(), SpocError> {
    let message_id = outbox::message_id(app);
    let message = Message::GetCaCertificates(GetCaCertificates { caller_id: app.config.country.clone(), message_id });
    app.store
        .write_tx(async |tx| {
            let last = letters::newest(tx, country, kept::GET_CA_CERTIFICATES).await?;
            if last.is_some_and(|last| State::from_name(&last.state).is_some_and(State::is_open)) {
                return Ok(());
            }
            outbox::enqueue(app, tx, country, &message, country.as_str()).await?;
            record(app, tx, call, "ca_certificates.asked", json!({ "partner": country })).await
        })
        .await
}

/// Makes the next request of a subscription and sends it off.
///
/// # Errors
/// As [`dv_requests::make`].
pub(crate) async fn request(
    app: &App,
    call: &Call,
    subscription: &subscription::Model,
    kind: Kind,
    newest_known: Option<String>,
) -> Result<String, SpocError> {
    let order = Order {
        cvca: subscription.cvca.clone(),
        mnemonic: subscription.dv_mnemonic.clone(),
        initial: kind == Kind::Initial,
        carriage: Carriage::Exchange { partner: country_of(subscription)?, newest_known },
    };
    Ok(dv_requests::make(app, call, &order).await?.chr)
}

/// Writes what an operator has to know, when it has changed.
async fn note(app: &App, subscription: &subscription::Model, problem: Option<String>) -> Result<(), SpocError> {
    // A failure of our own stands until an attempt succeeds.
    if subscription.failures > 0 || problem == subscription.problem {
        return Ok(());
    }
    match &problem {
        Some(problem) => tracing::warn!(cvca = %subscription.cvca, %problem, "a renewal needs attention"),
        None => tracing::info!(cvca = %subscription.cvca, "a renewal is in order again"),
    }
    let call = Call::of_node(PURPOSE, RequestId::generate(app.clock.as_ref()));
    app.store
        .write_tx(async |tx| {
            let Some(row) = subscriptions::find(tx, &subscription.cvca).await? else { return Ok(()) };
            let row = subscription::ActiveModel { problem: Set(problem.clone()), ..row.into_active_model() };
            subscriptions::update(tx, row).await?;
            let detail = json!({ "cvca": subscription.cvca, "problem": problem });
            record(app, tx, &call, "renewal.problem", detail).await
        })
        .await
}

/// Counts attempts that failed here (a key store, a missing national CVCA) and keeps a pause before the next: each may have used up a sequence number.
pub(super) async fn settle(
    app: &App,
    subscription: &subscription::Model,
    failure: Option<String>,
) -> Result<(), SpocError> {
    if failure.is_none() && subscription.failures == 0 {
        return Ok(());
    }
    let pauses = delivery::pauses(app, country_of(subscription)?);
    app.store
        .write_tx(async |tx| {
            let Some(row) = subscriptions::find(tx, &subscription.cvca).await? else { return Ok(()) };
            let failures = if failure.is_some() { row.failures + 1 } else { 0 };
            let pause = pauses.after(Uuid::nil(), u32::try_from(failures).unwrap_or(u32::MAX));
            let not_before = failure.is_some().then(|| (app.clock.now() + pause).millis());
            let row = subscription::ActiveModel {
                failures: Set(failures),
                not_before: Set(not_before),
                problem: Set(failure.clone()),
                ..row.into_active_model()
            };
            Ok::<_, SpocError>(subscriptions::update(tx, row).await?)
        })
        .await
}

pub(crate) fn country_of(subscription: &subscription::Model) -> Result<Country, SpocError> {
    let corrupt = || SpocError::Corrupt(format!("country of the subscription to {}", subscription.cvca));
    subscription.country.parse().map_err(|_| corrupt())
}
