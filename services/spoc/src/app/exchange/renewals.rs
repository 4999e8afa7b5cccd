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

use super::{answers, delivery, domestic_dv, outbox};
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
            partner::Period,
            renewal::{
                Action, Asked, AskedState, Authority, CaQuery, Cause, Decision, Kind, Terms, Troubles, Verifier, View,
                decide,
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
            tracing::error!(%cvca, error = &failure as &dyn std::error::Error, "a renewal could not be decided");
        }
    }
    Ok(())
}

async fn look_at(app: &App, subscription: subscription::Model) -> Result<(), SpocError> {
    let now = app.clock.now();
    let country = country_of(&subscription)?;
    let call = Call::of_node(PURPOSE, RequestId::generate(app.clock.as_ref()));
    if subscription.not_before.is_some_and(|at| now.millis() < at) {
        return Ok(());
    }
    // A matter of this replica's: it is told, and another one may renew at once.
    let held = app.doubt().err();
    if country == app.country && held.is_none() {
        match submit_open(app, &call, &subscription).await {
            Ok(true) => settle(app, &subscription, None).await?,
            Ok(false) => {}
            // The doubt began a moment ago.
            Err(failure) if failure.is_held_back() => return Ok(()),
            Err(failure) => return settle(app, &subscription, Some(failure.to_string())).await,
        }
    } else if country != app.country && !app.partners.get(country).is_some_and(|partner| partner.is_served(now)) {
        return note(app, &subscription, Some("the partner is suspended, out of use or not registered".to_owned()))
            .await;
    }
    let standing = standing(app, &subscription, country, now).await?;
    let waits = matches!(standing.decision.action, Action::Wait { .. });
    let mut problems: Vec<String> = standing.decision.problems.iter().map(ToString::to_string).collect();
    problems.extend(held.iter().filter(|_| !waits).map(held_back));
    // What was told of an inspection system that waits for the same reason stands until it does not.
    if held.is_some() && waits {
        return Ok(());
    }
    note(app, &subscription, (!problems.is_empty()).then(|| problems.join("; "))).await?;
    if waits || held.is_some() {
        return Ok(());
    }
    failpoint::reach("spoc.renewal.decided").await;
    let done = match standing.decision.action {
        Action::Wait { .. } => Ok(()),
        Action::GiveUp => give_up(app, &call, &standing.requests).await,
        Action::AskForCaCertificates => ask_for_ca_certificates(app, &call, country).await,
        Action::Request(kind) => {
            let made = request(app, &call, &subscription, kind, standing.newest_known).await;
            match made {
                Ok(_) if country == app.country => submit_open(app, &call, &subscription).await.map(|_| ()),
                made => made.map(|_| ()),
            }
        }
    };
    failpoint::reach("spoc.renewal.acted").await;
    match done {
        Ok(()) => settle(app, &subscription, None).await,
        Err(SpocError::Overtaken) => Ok(()),
        Err(failure) if failure.is_held_back() => Ok(()),
        Err(failure) => {
            tracing::error!(cvca = %subscription.cvca, error = &failure as &dyn std::error::Error, "a request for a DV certificate could not be made");
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
    country: Country,
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
    let narrowed = held.is_some_and(|dv| is_narrowed(records, dv, &subscription.cvca, today));
    let verifier = held.map(|dv| Verifier { generation: dv.car.clone(), effective: dv.effective, expires: dv.expires });
    let is_ours = country == app.country;
    let db = app.store.reader();
    let made = certificates::newest_requests_to(db, &subscription.cvca, REQUESTS).await?;
    let newest_known = made.first().map(|request| request.chr.clone());
    let letters_sent = subscriptions::letters_of(db, made.iter().map(|request| request.chr.clone()).collect()).await?;
    let requests: Vec<(String, Asked)> = made
        .iter()
        .filter_map(|request| {
            let letter = letters_sent.iter().find(|letter| letter.subject == request.chr);
            // Without a letter an operator handed it over, unless it was for ourselves.
            (letter.is_some() || is_ours).then(|| (request.chr.clone(), asked(records, request, letter, today)))
        })
        .collect();
    let only: Vec<Asked> = requests.iter().map(|(_, asked)| asked.clone()).collect();
    let partner = app.partners.get(country);
    let outages: Vec<Period> =
        partner.iter().flat_map(|partner| &partner.outages).map(|outage| outage.period).collect();
    let policy = app.policy.for_partner(country);
    let question = letters::newest(db, country, kept::GET_CA_CERTIFICATES).await?;
    let ca_query = match &question {
        // Our own CVCA's certificates are here.
        _ if is_ours => CaQuery::settled(now),
        Some(last) => ca_query(last, now),
        None => CaQuery::default(),
    };
    let newest_letter = requests.first().and_then(|(chr, _)| letters_sent.iter().find(|letter| letter.subject == *chr));
    let troubles = Troubles {
        request: newest_letter.and_then(|letter| letter.last_error.as_deref()),
        ca_certificates: question.as_ref().and_then(trouble),
    };
    let view = View {
        now,
        terms: Terms {
            lead_days: policy.renewal.lead_days.saturating_add(policy.renewal.fallback_days),
            fallback_days: policy.renewal.fallback_days,
            overdue_days: policy.answers.callback_overdue_days,
            failing_days: policy.answers.internal_error_days,
        },
        verifier: verifier.clone(),
        authority,
        requests: &only,
        ca_query,
        outages: &outages,
        narrowed,
        troubles,
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

/// Whether the newest verifier may read less than another one in use, or no fingerprints although its CVCA has them to give.
fn is_narrowed(records: &[CertificateRecord], newest: &CertificateRecord, cvca: &str, today: Day) -> bool {
    let (fingerprints, _) = inspection_systems::reads_under(records, newest);
    let issuers = records.iter().filter(|record| record.role.is_cvca() && record.chr == newest.car);
    let granted = issuers.map(|issuer| issuer.rights).any(|rights| rights.dg3() == Some(true));
    let has_wider = inspection_systems::to_equip(records, cvca, today).len() > 1;
    has_wider || (granted && !fingerprints)
}

/// A request as the decision sees it. One for our own CVCA has no letter: until it is fulfilled or closed it waits for officers.
fn asked(records: &[CertificateRecord], request: &dv_request::Model, letter: Option<&Letter>, today: Day) -> Asked {
    let signers = || records.iter().filter(|record| record.chr == request.outer_car);
    let by_cvca = signers().any(|record| record.role.is_cvca());
    let at = |moment: Option<i64>| Timestamp::from_millis(moment.unwrap_or(request.created_at));
    let state = if request.state == "fulfilled" {
        AskedState::Fulfilled
    } else if request.closed_at.is_some() {
        let cause = request.closed_cause.as_deref().and_then(Cause::from_name).unwrap_or(Cause::NotAccepted);
        AskedState::Closed { cause, at: at(request.closed_at) }
    } else if let Some(letter) = letter {
        match State::from_name(&letter.state) {
            Some(State::Acknowledged) => AskedState::Acknowledged { at: at(letter.answered_at) },
            Some(State::Cancelled) => AskedState::Closed { cause: Cause::Cancelled, at: at(letter.answered_at) },
            _ => letter
                .answered_at
                .map_or(AskedState::Pending, |since| AskedState::Failing { since: Timestamp::from_millis(since) }),
        }
    } else {
        AskedState::Acknowledged { at: at(None) }
    };
    Asked {
        kind: if by_cvca { Kind::Initial } else { Kind::Successive },
        generation: request.car.clone(),
        made_at: Timestamp::from_millis(request.created_at),
        signer_usable: signers().any(|record| record.is_usable(today)),
        state,
    }
}

fn ca_query(last: &Letter, now: Timestamp) -> CaQuery {
    let asked = Timestamp::from_millis(last.created_at);
    let reached = last.answered_at.map(Timestamp::from_millis);
    if State::from_name(&last.state).is_some_and(State::is_open) {
        CaQuery::under_way(asked, reached, now)
    } else {
        CaQuery::settled(reached.unwrap_or(asked))
    }
}

/// What people are told of a question that brought nothing so far.
fn trouble(last: &Letter) -> Option<&str> {
    match State::from_name(&last.state) {
        Some(State::Failed) => last.last_error.as_deref().or(last.code.as_deref()),
        Some(State::Pending) => last.last_error.as_deref(),
        Some(State::Acknowledged) => Some("it was acknowledged and not answered"),
        _ => None,
    }
}

/// Asks a partner for its CVCA certificates, unless that is under way. One that is waited for no more ends with that; an answer to it that comes all the
/// same is taken.
///
/// # Errors
/// [`SpocError::Store`], [`SpocError::Journal`]
pub(crate) async fn ask_for_ca_certificates(app: &App, call: &Call, country: Country) -> Result<(), SpocError> {
    let message_id = outbox::message_id(app);
    let message = Message::GetCaCertificates(GetCaCertificates { caller_id: app.config.country.clone(), message_id });
    app.store
        .write_tx(async |tx| {
            let last = letters::newest(tx, country, kept::GET_CA_CERTIFICATES).await?;
            if let Some(last) = last.filter(|last| State::from_name(&last.state).is_some_and(State::is_open)) {
                if ca_query(&last, app.clock.now()).open_since.is_some() {
                    return Ok(());
                }
                answers::abandon(tx, last).await?;
            }
            outbox::enqueue(app, tx, country, &message, country.as_str()).await?;
            record(app, tx, call, "ca_certificates.asked", json!({ "partner": country })).await
        })
        .await
}

/// Ends the newest request: nothing is expected of it any more, but a certificate that comes all the same is taken.
async fn give_up(app: &App, call: &Call, requests: &[(String, Asked)]) -> Result<(), SpocError> {
    let Some((chr, _)) = requests.first() else { return Ok(()) };
    app.store
        .write_tx(async |tx| {
            let sent = subscriptions::letters_of(tx, vec![chr.clone()]).await?;
            let is_failing = |letter: &Letter| letter.state == State::Pending.as_str() && letter.answered_at.is_some();
            let Some(letter) = sent.into_iter().find(is_failing) else { return Ok(()) };
            let code = letter.code.clone().unwrap_or_default();
            let detail = json!({ "partner": letter.country, "messageId": letter.message_id, "subject": letter.subject, "code": code });
            record(app, tx, call, "exchange.given_up", detail).await?;
            answers::close_request(app, tx, &letter, &code).await?;
            answers::abandon(tx, letter).await
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
    let country = country_of(subscription)?;
    let carriage = if country == app.country {
        Carriage::Domestic { newest_known }
    } else {
        Carriage::Exchange { partner: country, newest_known }
    };
    let order = Order {
        cvca: subscription.cvca.clone(),
        mnemonic: subscription.dv_mnemonic.clone(),
        initial: kind == Kind::Initial,
        carriage,
    };
    Ok(dv_requests::make(app, call, &order).await?.chr)
}

/// Has the newest request under our own CVCA judged, or takes in what was decided since; a refusal closes it, and is told with the next decision. Returns
/// whether there was one.
///
/// # Errors
/// [`SpocError`] when nothing was decided; the request is submitted again later.
pub(super) async fn submit_open(app: &App, call: &Call, subscription: &subscription::Model) -> Result<bool, SpocError> {
    let newest = certificates::newest_requests_to(app.store.reader(), &subscription.cvca, 1).await?.into_iter().next();
    let Some(open) = newest.filter(|request| request.state == "open" && request.closed_at.is_none()) else {
        return Ok(false);
    };
    match domestic_dv::submit(app, call, &open.chr, &open.request).await {
        Ok(_) => Ok(true),
        Err(refusal @ (SpocError::RequestRefused(_) | SpocError::Policy(_))) => {
            tracing::warn!(chr = %open.chr, error = %refusal, "our own CVCA did not certify our document verifier");
            Ok(true)
        }
        Err(failure) => Err(failure),
    }
}

/// Why something due is not done for now, in words that stay the same as long as the reason does: by how much the clock is off is in the log.
pub(super) fn held_back(why: &SpocError) -> String {
    match why {
        SpocError::ClockInDoubt(_) => {
            "the node's clock is in doubt: nothing is issued or requested until it is confirmed".to_owned()
        }
        other => other.to_string(),
    }
}

/// Writes what an operator has to know, when it has changed.
pub(super) async fn note(
    app: &App,
    subscription: &subscription::Model,
    problem: Option<String>,
) -> Result<(), SpocError> {
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
