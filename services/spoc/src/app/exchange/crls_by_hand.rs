//! A partner's revocation list that an officer brings: for when the place it is published at does not answer, or is none lists are fetched from. What holds
//! for a fetched one holds here: an authority of the partner's signed it, it counts today, and it is not older than what is known.

use emrtd::x509::Crl;
use exchange::{
    Country,
    identity::{CrlIssuer, IdentityRefusal, LONGEST_CRL_AGE},
};
use serde_json::json;
use straznica_exchange_wire::crl;
use straznica_types::Timestamp;

use super::{
    super::{App, blocking, call::Call, issuing::fingerprint, record},
    admission, partners, registration,
};
use crate::{
    domain::exchange::{
        health::{ByHand, HeldCrl},
        partner::{Partner, PartnerState},
        policy::Rule,
    },
    error::SpocError,
    store::{
        entity::{partner_crl, partner_crl_by_hand},
        exchange::{contacts, crls_by_hand as store},
    },
};

/// Longest reason told, characters.
const LONGEST_REASON: usize = 500;

/// A list that counts from now on.
#[derive(Debug, Clone)]
pub(crate) struct Imported {
    pub(crate) held: HeldCrl,
    pub(crate) issuer_name: String,
    pub(crate) revoked: u32,
}

/// Takes in a list (DER or PEM) of a root of the partner's, or of an authority below one, whose certificate is then among `authorities` (DER). It counts
/// for connections and bundles until it ends or a newer one is there, fetched or by hand.
///
/// # Errors
/// [`SpocError::PartnerUnknown`], [`SpocError::CrlRefused`] with the rule it breaks.
pub(crate) async fn import(
    app: &App,
    call: &Call,
    country: Country,
    bytes: Vec<u8>,
    authorities: Vec<Vec<u8>>,
) -> Result<Imported, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let partner = partners::load(app.store.reader(), country).await?;
    let partner = partner.filter(|partner| partner.state != PartnerState::Withdrawn);
    let partner = partner.ok_or(SpocError::PartnerUnknown(country))?;
    let sha256 = fingerprint(&bytes);
    let (crl, issuer) = match read(app, &partner, bytes, authorities).await? {
        Ok(read) => read,
        Err(why) => return refused(app, call, country, &sha256, why).await,
    };
    let now = app.clock.now();
    if let Some(why) = superseded(app, country, &crl, &issuer, now).await? {
        return refused(app, call, country, &sha256, (Rule::IdentityRevocation, why)).await;
    }
    let certificate = issuer.certificate();
    let row = partner_crl_by_hand::Model {
        country: country.to_string(),
        issuer: certificate.fingerprint().to_string(),
        issuer_name: certificate.subject().to_string(),
        sha256: fingerprint(crl.der()),
        this_update: millis(crl.this_update()),
        next_update: crl.next_update().map(millis),
        imported_by: officer,
        imported_at: now.millis(),
        crl: crl.der().to_vec(),
    };
    let kept = app
        .store
        .write_tx(async |tx| {
            for fetched in store::fetched(tx, country, &row.issuer).await? {
                // One from the future takes no place yet.
                if fetched.this_update <= now.millis() && precedes(&crl, &fetched.crl)? {
                    return Ok(Err(older(&fetched)));
                }
            }
            let held = store::find(tx, country, &row.issuer).await?;
            if let Some(held) = &held {
                if held.sha256 == row.sha256 {
                    return Ok(Ok(held.clone()));
                }
                if precedes(&crl, &held.crl)? {
                    return Ok(Err(imported_before(held)));
                }
            }
            store::replace(tx, row.clone()).await?;
            registration::changed(tx, now).await?;
            let detail = json!({
                "country": country, "sha256": row.sha256, "issuer": row.issuer, "issuerName": row.issuer_name,
                "thisUpdate": Timestamp::from_millis(row.this_update).to_string(),
                "nextUpdate": row.next_update.map(|at| Timestamp::from_millis(at).to_string()),
                "revoked": crl.len(), "before": held.map(|held| held.sha256),
            });
            record(app, tx, call, "exchange.crl_imported", detail).await?;
            Ok::<_, SpocError>(Ok(row.clone()))
        })
        .await?;
    let kept = match kept {
        Ok(kept) => kept,
        Err(why) => return refused(app, call, country, &sha256, (Rule::IdentityRevocation, why)).await,
    };
    app.refresh().await?;
    let revoked = u32::try_from(crl.len()).unwrap_or(u32::MAX);
    Ok(Imported { issuer_name: kept.issuer_name.clone(), revoked, held: kept.into() })
}

fn older(fetched: &partner_crl::Model) -> String {
    let at = Timestamp::from_millis(fetched.this_update);
    format!("a newer one, of {at}, was fetched from {}", fetched.uri)
}

fn precedes(crl: &Crl, held: &[u8]) -> Result<bool, SpocError> {
    let held = Crl::parse(held).map_err(|_| SpocError::Corrupt("a revocation list held".to_owned()))?;
    Ok(crl.precedes(&held))
}

/// A list held that is newer, from wherever it came: an authority may have several certificates with one key, and its lists are all of them's.
async fn superseded(
    app: &App,
    country: Country,
    crl: &Crl,
    issuer: &CrlIssuer,
    now: Timestamp,
) -> Result<Option<String>, SpocError> {
    let db = app.store.reader();
    let fetched = contacts::crls(db, country).await?.into_iter().filter(|row| row.this_update <= now.millis());
    let mut held: Vec<(Vec<u8>, String)> = fetched.map(|row| (row.crl.clone(), older(&row))).collect();
    held.extend(store::of(db, country).await?.into_iter().map(|row| {
        let why = imported_before(&row);
        (row.crl, why)
    }));
    let (crl, issuer) = (crl.clone(), issuer.clone());
    blocking(move || {
        let newer =
            |held: &[u8]| Crl::parse(held).is_ok_and(|held| crl.precedes(&held) && issuer.check_issuer(&held).is_ok());
        Ok::<_, SpocError>(held.into_iter().find(|(held, _)| newer(held)).map(|(_, why)| why))
    })
    .await
}

/// Forgets lists that no older one can take the place of any more, and those of partners withdrawn.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn forget(app: &App) -> Result<(), SpocError> {
    let now = app.clock.now();
    let oldest = now - LONGEST_CRL_AGE;
    let is_served = |country: &str| {
        let partner = country.parse().ok().and_then(|country| app.partners.get(country));
        partner.is_some_and(|partner| partner.state != PartnerState::Withdrawn)
    };
    let past = |row: &partner_crl_by_hand::Model| row.this_update < oldest.millis() || !is_served(&row.country);
    let rows: Vec<_> = store::all(app.store.reader()).await?.into_iter().filter(past).collect();
    if rows.is_empty() {
        return Ok(());
    }
    app.store
        .write_tx(async |tx| {
            for row in &rows {
                store::delete(tx, row).await?;
            }
            registration::changed(tx, now).await?;
            Ok::<_, SpocError>(())
        })
        .await?;
    app.refresh().await
}

fn imported_before(held: &partner_crl_by_hand::Model) -> String {
    let at = Timestamp::from_millis(held.this_update);
    format!("a newer one, of {at}, was imported by {} before", held.imported_by)
}

/// The rule a list breaks, and how.
type Broken = (Rule, String);

/// A list that counts now, and whose it is.
async fn read(
    app: &App,
    partner: &Partner,
    bytes: Vec<u8>,
    authorities: Vec<Vec<u8>>,
) -> Result<Result<(Crl, CrlIssuer), Broken>, SpocError> {
    let limit = app.config.exchange.revocation_lists.max_bytes;
    if bytes.len() > limit {
        return Ok(Err((Rule::IdentityRevocation, format!("it has {} bytes, {limit} are taken", bytes.len()))));
    }
    let registered = match admission::registration(app, partner) {
        Ok(registered) => registered,
        Err(why) => return Ok(Err((why.rule(), why.to_string()))),
    };
    let (binding, now) = (partner.binding, app.clock.now());
    blocking(move || {
        let crl = match crl::parse(&bytes) {
            Ok(crl) => crl,
            Err(why) => return Ok(Err((Rule::IdentityRevocation, why.to_string()))),
        };
        let broken = |why: IdentityRefusal| (admission::rule_of(&why), why.to_string());
        let issuer = CrlIssuer::of(&crl, &authorities, &registered, binding, now).map_err(broken);
        let counting = issuer.and_then(|issuer| issuer.check_freshness(&crl, now).map(|()| issuer).map_err(broken));
        Ok::<_, SpocError>(counting.map(|issuer| (crl, issuer)))
    })
    .await
}

/// Puts on record that a list is refused, and says so.
async fn refused(
    app: &App,
    call: &Call,
    country: Country,
    sha256: &str,
    (rule, reason): Broken,
) -> Result<Imported, SpocError> {
    // What the file itself says of its issuer may be as long as the file.
    let reason: String = reason.chars().take(LONGEST_REASON).collect();
    tracing::warn!(%country, %rule, "a revocation list by hand was refused: {reason}");
    let detail = json!({ "country": country, "sha256": sha256, "rule": rule.as_str(), "reason": reason });
    app.store.write_tx(async |tx| record(app, tx, call, "exchange.crl_refused", detail.clone()).await).await?;
    Err(SpocError::CrlRefused { rule, reason })
}

impl From<partner_crl_by_hand::Model> for HeldCrl {
    fn from(row: partner_crl_by_hand::Model) -> Self {
        Self {
            uri: String::new(),
            issuer: row.issuer,
            this_update: Timestamp::from_millis(row.this_update),
            next_update: row.next_update.map(Timestamp::from_millis),
            fetched_at: Timestamp::from_millis(row.imported_at),
            by_hand: Some(ByHand { issuer_name: row.issuer_name, officer: row.imported_by }),
        }
    }
}

fn millis(at: time::OffsetDateTime) -> i64 {
    at.unix_timestamp().saturating_mul(1000)
}

#[cfg(test)]
mod tests;
