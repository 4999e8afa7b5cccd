//! Certificates that were kept long enough are deleted (TR-03139, retention), with the requests they came for. The journal keeps saying that they were, by
//! their fingerprints.

use exchange::Country;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_types::{RequestId, Timestamp};

use super::{App, call::Call, issuing, record};
use crate::{
    domain::{
        exchange::policy::Rule,
        records::{CertificateRecord, Day},
        repository::{kept_until, may_go},
    },
    error::SpocError,
    store::{
        certificates,
        entity::dv_request,
        generations::{self, Subject},
    },
};

/// Most certificates, and most requests, deleted in one transaction.
const BATCH: usize = 100;
/// How often it is judged anew what may go because something has changed meanwhile.
const MAX_ATTEMPTS: u32 = 5;

/// Deletes what is past its time, a little at a time. While the clock is in doubt nothing is: a clock years ahead would find everything past it.
///
/// # Errors
/// [`SpocError`], [`SpocError::Overtaken`] when certificates or partners change all the time.
pub(crate) async fn run(app: &App) -> Result<(), SpocError> {
    app.doubt()?;
    let certificates = certificates_past(app).await?;
    let requests = requests_past(app).await?;
    if certificates + requests > 0 {
        tracing::info!(certificates, requests, "certificates and requests kept as long as policy asks are deleted");
    }
    Ok(())
}

/// Judged on what this replica holds, before the transaction; deleted only if that is all there is when it begins. What another replica took in or took up
/// meanwhile, or a partner's registration that says longer, has it judged anew.
async fn certificates_past(app: &App) -> Result<usize, SpocError> {
    let (mut deleted, mut attempt) = (0, 1);
    loop {
        app.refresh().await?;
        let now = app.clock.now();
        // The number before what it labels: that may then be newer than the number, which the transaction notices, but never older.
        let partners = app.partners.generation();
        let state = app.control.at(now);
        let seen = [state.generation(), partners];
        let going = may_go(state.records(), |one| is_past(app, one, Day::of(now)));
        if going.is_empty() {
            return Ok(deleted);
        }
        let batch: Vec<&CertificateRecord> = going.into_iter().take(BATCH).collect();
        match app.store.write_tx(async |tx| delete_all(app, tx, seen, &batch, now).await).await {
            Ok(()) => (deleted, attempt) = (deleted + batch.len(), 1),
            Err(SpocError::Overtaken) if attempt < MAX_ATTEMPTS => attempt += 1,
            Err(failure) => return Err(failure),
        }
    }
}

async fn delete_all(
    app: &App,
    tx: &DatabaseTransaction,
    seen: [u64; 2],
    batch: &[&CertificateRecord],
    now: Timestamp,
) -> Result<(), SpocError> {
    if generations::numbers(tx, [Subject::Certificates, Subject::Partners]).await? != seen {
        return Err(SpocError::Overtaken);
    }
    let call = Call::of_node("retention", RequestId::generate_at(now));
    for one in batch {
        delete(app, tx, &call, one).await?;
    }
    generations::raise(tx, Subject::Certificates, now).await?;
    Ok(())
}

/// Whether it was kept as long as the policy for its state asks.
fn is_past(app: &App, one: &CertificateRecord, today: Day) -> bool {
    let values = app.policy.for_country(one.cvca_country());
    let months = if one.role.is_cvca() {
        let years = document_years(app, one.cvca_country());
        years.saturating_mul(12).saturating_add(values.retention.cvca_months)
    } else {
        values.retention.dv_months
    };
    kept_until(one.expires, months).is_some_and(|end| end <= today)
}

/// Years the travel documents of a state are valid: as it was registered, but no fewer than ours. A figure too small would cost the trust anchor that a valid
/// passport names, and nobody would notice before somebody stands at the border with it.
fn document_years(app: &App, country: &str) -> u16 {
    let ours = app.policy.common().validity.document_years;
    let partner = country.parse::<Country>().ok().and_then(|country| app.partners.get(country));
    partner.map_or(ours, |partner| u16::try_from(partner.document_years).unwrap_or(u16::MAX).max(ours))
}

async fn delete(app: &App, tx: &DatabaseTransaction, call: &Call, one: &CertificateRecord) -> Result<(), SpocError> {
    let Some(row) = certificates::find(tx, &one.car, &one.chr).await? else { return Ok(()) };
    certificates::delete(tx, row).await?;
    if one.role.is_dv() {
        certificates::delete_request(tx, &one.chr).await?;
    }
    let detail = json!({
        "car": one.car, "chr": one.chr, "role": one.role.as_str(), "expired": one.expires.to_string(),
        "fingerprint": issuing::fingerprint(&one.der), "rule": Rule::Retention.as_str(),
    });
    record(app, tx, call, "certificate.deleted", detail).await
}

/// Requests that came to nothing are kept as long as a certificate that would have ended with them. Their references stay used.
async fn requests_past(app: &App) -> Result<usize, SpocError> {
    let now = app.clock.now();
    let is_past = |row: &dv_request::Model| {
        let months = app.policy.for_country(row.cvca.get(..2).unwrap_or_default()).retention.dv_months;
        let ended = row.ended_at.map(|at| Day::of(Timestamp::from_millis(at)));
        ended.and_then(|day| kept_until(day, months)).is_some_and(|end| end <= Day::of(now))
    };
    let mut past = certificates::ended_requests(app.store.reader()).await?;
    past.retain(is_past);
    let mut deleted = 0;
    for batch in past.chunks(BATCH) {
        deleted += app.store.write_tx(async |tx| delete_requests(app, tx, batch, now).await).await?;
    }
    Ok(deleted)
}

/// What has ended stays ended; another replica may have been quicker.
async fn delete_requests(
    app: &App,
    tx: &DatabaseTransaction,
    batch: &[dv_request::Model],
    now: Timestamp,
) -> Result<usize, SpocError> {
    let call = Call::of_node("retention", RequestId::generate_at(now));
    let mut deleted = 0;
    for row in batch {
        if certificates::find_request(tx, &row.chr).await?.is_none() {
            continue;
        }
        let detail =
            json!({ "chr": row.chr, "car": row.car, "cause": row.closed_cause, "rule": Rule::Retention.as_str() });
        certificates::delete_request(tx, &row.chr).await?;
        record(app, tx, &call, "dv_request.deleted", detail).await?;
        deleted += 1;
    }
    Ok(deleted)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use straznica_store::on_both_engines;

    use super::delete_all;
    use crate::{
        Migrations, SpocError,
        store::{
            certificates,
            generations::{self, Subject},
        },
        testing::{ForeignState, House},
    };

    on_both_engines! { Migrations;
        async fn nothing_is_deleted_once_another_replica_changed_certificates_or_partners(database: TestDatabase) {
            let house = House::new(database);
            let app = house.app().await;
            ForeignState::new("UT", house.today(), 1000).trusted_by(&app).await;
            let held = async || certificates::all(app.store.reader()).await.unwrap().len();
            for subject in [Subject::Certificates, Subject::Partners] {
                app.refresh().await.unwrap();
                let (state, now) = (app.control.at(app.clock.now()), app.clock.now());
                let seen = [state.generation(), app.partners.generation()];
                let raise = async |tx: &_| Ok::<_, SpocError>(generations::raise(tx, subject, now).await?);
                app.store.write_tx(raise).await.unwrap();
                let going = [&state.records()[0]];
                let late = app.store.write_tx(async |tx| delete_all(&app, tx, seen, &going, now).await).await;
                assert!(matches!(late, Err(SpocError::Overtaken)), "{subject:?}: {late:?}");
                assert_eq!(held().await, 1, "{subject:?}");
            }
            app.refresh().await.unwrap();
            let (state, now) = (app.control.at(app.clock.now()), app.clock.now());
            let (seen, going) = ([state.generation(), app.partners.generation()], [&state.records()[0]]);
            app.store.write_tx(async |tx| delete_all(&app, tx, seen, &going, now).await).await.unwrap();
            assert_eq!(held().await, 0);
        }
    }
}
