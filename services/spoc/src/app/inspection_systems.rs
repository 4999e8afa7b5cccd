//! Inspection systems of the control centre: a key pair and a certificate under each foreign CVCA.

use cvc::{
    certificate::Certificate,
    chat::{Chat, Role as ChatRole},
    issue::{self, Template},
    reference::Reference,
};
use serde_json::json;
use straznica_runtime::failpoint;

use super::{
    App, blocking,
    call::Call,
    issuing::{self, Taking},
    record, records,
};
use crate::{
    domain::{
        exchange::lineage::lineage,
        records::{CertificateRecord, Day, Role, State, is_suspended_cvca},
    },
    error::SpocError,
    keystore::{KeyHandle, KeyKind, KeyRole, StoredSigner},
    store::{
        certificates,
        generations::{self, Subject},
    },
};

/// Longest validity of an inspection system's certificate in days (TR-03139 §4.7: one month).
const MAX_DAYS: u32 = 31;

/// A certificate issued.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) chr: String,
    pub(crate) expires: Day,
    pub(crate) certificate: Vec<u8>,
}

/// What is to be issued.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// Country and mnemonic of the CVCA.
    pub(crate) cvca: String,
    /// Mnemonic of the inspection system.
    pub(crate) mnemonic: String,
    /// Days of validity; the first one counts.
    pub(crate) days: u32,
    /// Nothing is issued when one that ends as late is there by then: another replica may be doing the same.
    pub(crate) unless_held: bool,
}

/// Makes the inspection system an operator asks for.
///
/// # Errors
/// As [`make`].
pub(crate) async fn issue(
    app: &App,
    call: &Call,
    cvca: &str,
    mnemonic: &str,
    validity_days: u32,
) -> Result<Issued, SpocError> {
    call.operator()?;
    let days = match validity_days {
        0 => u32::from(app.config.issuing.inspection_system_days),
        days => days,
    };
    let order = Order { cvca: cvca.to_owned(), mnemonic: mnemonic.to_owned(), days, unless_held: false };
    make(app, call, &order).await
}

/// Makes an inspection system under the newest valid document verifier of a CVCA. Its rights are the verifier's; it never outlives it.
///
/// # Errors
/// [`SpocError::DvMissing`] when no valid verifier with its key is held, [`SpocError::Field`] for a mnemonic or validity that cannot be,
/// [`SpocError::Overtaken`] where [`Order::unless_held`] says so.
pub(crate) async fn make(app: &App, call: &Call, order: &Order) -> Result<Issued, SpocError> {
    if order.days == 0 || order.days > MAX_DAYS {
        return Err(SpocError::field("validity_days", "an inspection system's certificate is valid for 1 to 31 days"));
    }
    app.clock_doubt()?;
    // What another replica suspended or took in a moment ago counts here as well.
    app.refresh().await?;
    let now = app.clock.now();
    let today = Day::of(now);
    let state = app.control.at(now);
    let (dv, dv_key) = newest_dv(state.records(), &order.cvca, today)?;
    let car: Reference = dv.chr.parse().map_err(|_| SpocError::Corrupt(format!("holder reference {}", dv.chr)))?;
    // The first day counts: one day of validity ends the day it begins.
    let expires = today.plus(i64::from(order.days) - 1).min(dv.expires);
    let chr = issuing::next_reference(app, &order.mnemonic).await?;
    let (Some(effective), Some(last)) = (today.date(), expires.date()) else {
        return Err(SpocError::field("validity_days", "the dates cannot be written"));
    };
    let template = Template::new(chr, Chat::new(ChatRole::Terminal, dv.rights), effective, last);
    let keystore = app.keystore.clone();
    let signing_key = dv_key.clone();
    let (key, certificate) = blocking(move || {
        let issuer = StoredSigner::new(keystore.as_ref(), signing_key)?;
        let kind = KeyKind::Like(keystore.public_key(&dv_key)?);
        let made = keystore.generate(KeyRole::InspectionSystem, &kind)?;
        match issue::subordinate(&issuer, car, &made.public_key, &template) {
            Ok(certificate) => Ok((made.handle, certificate)),
            Err(failure) => {
                keystore.delete(&made.handle)?;
                Err(SpocError::from(failure))
            }
        }
    })
    .await?;
    failpoint::reach("spoc.inspection_system.signed").await;
    let kept = keep(app, call, order, dv, &key, &certificate).await;
    failpoint::reach("spoc.inspection_system.committed").await;
    issuing::discard_unless(app, kept, key).await?;
    app.refresh().await?;
    Ok(Issued { chr: chr.to_string(), expires, certificate: certificate.as_der().to_vec() })
}

async fn keep(
    app: &App,
    call: &Call,
    order: &Order,
    dv: &CertificateRecord,
    key: &KeyHandle,
    certificate: &Certificate,
) -> Result<(), SpocError> {
    let now = app.clock.now();
    let taking = Taking {
        role: Role::InspectionSystem,
        cvca: dv.cvca.clone(),
        state: State::Active,
        key: Some(key),
        officer: call.author(),
        now,
    };
    let row = issuing::row(certificate, &taking);
    app.store
        .write_tx(async |tx| {
            let issuer = certificates::find(tx, &dv.car, &dv.chr).await?.map(records::of_row).transpose()?;
            if !issuer.is_some_and(|issuer| issuer.is_usable(Day::of(now))) {
                return Err(SpocError::DvMissing(dv.cvca.clone()));
            }
            if certificates::is_suspended_cvca(tx, &dv.car).await? {
                return Err(SpocError::DvMissing(dv.cvca.clone()));
            }
            if order.unless_held {
                let last = certificates::last_inspection_system(tx, &dv.chr, &dv.cvca).await?;
                if last.is_some_and(|last| last.expires >= row.expires) {
                    return Err(SpocError::Overtaken);
                }
            }
            certificates::insert(tx, row.clone()).await?;
            generations::raise(tx, Subject::Certificates, now).await?;
            issuing::announce(app, tx, &row).await?;
            let detail = json!({ "car": row.car, "chr": row.chr, "fingerprint": row.fingerprint });
            record(app, tx, call, "inspection_system.issued", detail).await
        })
        .await
}

/// The usable verifier under the newest generation of a CVCA, under whatever name, and its key.
///
/// # Errors
/// [`SpocError::DvMissing`]
pub(crate) fn newest_dv<'a>(
    records: &'a [CertificateRecord],
    cvca: &str,
    today: Day,
) -> Result<(&'a CertificateRecord, KeyHandle), SpocError> {
    let generation = |car: &str| {
        let certificates = records.iter().filter(|record| record.role.is_cvca() && record.chr == car);
        certificates.map(|record| record.effective).max()
    };
    let names = lineage(records, cvca);
    let usable = records.iter().filter(|record| record.role.is_dv() && names.contains(&record.cvca));
    let usable = usable.filter(|record| record.is_usable(today));
    let in_use = usable.filter(|record| !is_suspended_cvca(records, &record.car));
    let with_key = in_use.filter_map(|record| Some((record, record.key.clone()?)));
    with_key
        .max_by_key(|(record, _)| (generation(&record.car), record.expires, record.effective))
        .ok_or_else(|| SpocError::DvMissing(cvca.to_owned()))
}
