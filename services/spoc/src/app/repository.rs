//! Certificates that were kept long enough are deleted (TR-03139, retention), with the requests they came for. The journal keeps saying that they were, by
//! their fingerprints.

use exchange::Country;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_types::RequestId;

use super::{App, call::Call, issuing, record, records};
use crate::{
    domain::{
        exchange::policy::Rule,
        records::{CertificateRecord, Day},
        repository::{kept_until, may_go},
    },
    error::SpocError,
    store::{
        certificates,
        generations::{self, Subject},
    },
};

/// Most certificates, and most requests, deleted in one transaction.
const BATCH: usize = 100;

/// Deletes what is past its time, a little at a time. While the clock is in doubt nothing is: a clock years ahead would find everything past it.
///
/// # Errors
/// [`SpocError`]
pub(crate) async fn run(app: &App) -> Result<(), SpocError> {
    app.clock_doubt()?;
    app.refresh().await?;
    let mut deleted = 0;
    loop {
        let batch = app.store.write_tx(async |tx| turn(app, tx).await).await?;
        deleted += batch;
        if batch < BATCH {
            break;
        }
    }
    if deleted > 0 {
        tracing::info!(deleted, "certificates and requests kept as long as policy asks are deleted");
        app.refresh().await?;
    }
    Ok(())
}

async fn turn(app: &App, tx: &DatabaseTransaction) -> Result<usize, SpocError> {
    let now = app.clock.now();
    let today = Day::of(now);
    let held: Vec<CertificateRecord> =
        certificates::all(tx).await?.into_iter().map(records::of_row).collect::<Result<_, _>>()?;
    let call = Call::of_node("retention", RequestId::generate(app.clock.as_ref()));
    let going = may_go(&held, |one| is_past(app, one, today));
    let certificates = going.len().min(BATCH);
    for one in going.into_iter().take(BATCH) {
        delete(app, tx, &call, one).await?;
    }
    if certificates > 0 {
        generations::raise(tx, Subject::Certificates, now).await?;
    }
    Ok(certificates.max(end_requests(app, tx, &call, today).await?))
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
async fn end_requests(app: &App, tx: &DatabaseTransaction, call: &Call, today: Day) -> Result<usize, SpocError> {
    let mut deleted = 0;
    for row in certificates::ended_requests(tx).await? {
        let months = app.policy.for_country(row.cvca.get(..2).unwrap_or_default()).retention.dv_months;
        let ended = row.ended_at.map(|at| Day::of(straznica_types::Timestamp::from_millis(at)));
        let is_past = ended.and_then(|day| kept_until(day, months)).is_some_and(|end| end <= today);
        if !is_past || deleted == BATCH {
            continue;
        }
        let detail =
            json!({ "chr": row.chr, "car": row.car, "cause": row.closed_cause, "rule": Rule::Retention.as_str() });
        certificates::delete_request(tx, &row.chr).await?;
        record(app, tx, call, "dv_request.deleted", detail).await?;
        deleted += 1;
    }
    Ok(deleted)
}
