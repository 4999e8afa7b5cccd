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
        chains::reads,
        exchange::{lineage::lineage, policy::Limits},
        records::{CertificateRecord, Day, Role, State, is_suspended_cvca},
    },
    error::SpocError,
    keystore::{KeyHandle, KeyKind, KeyRole, StoredSigner},
    store::{
        certificates,
        generations::{self, Subject},
    },
};

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
    /// CAR and CHR of the document verifier it stands under; without, the newest of those that may read most.
    pub(crate) under: Option<(String, String)>,
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
    call.officer_at_desk()?;
    let days = match validity_days {
        0 => u32::from(app.config.issuing.inspection_system_days),
        days => days,
    };
    let order = Order { cvca: cvca.to_owned(), mnemonic: mnemonic.to_owned(), days, under: None, unless_held: false };
    make(app, call, &order).await
}

/// Makes an inspection system under a valid document verifier of a CVCA. Its rights are the verifier's; it never outlives it.
///
/// # Errors
/// [`SpocError::DvMissing`] when no valid verifier with its key is held, [`SpocError::Field`] for a mnemonic or validity that cannot be,
/// [`SpocError::Overtaken`] where [`Order::unless_held`] says so.
pub(crate) async fn make(app: &App, call: &Call, order: &Order) -> Result<Issued, SpocError> {
    if !limits(app, &order.cvca).permits_days(u16::try_from(order.days).unwrap_or(u16::MAX)) {
        return Err(SpocError::field(
            "validity_days",
            "policy allows no inspection system's certificate of so many days (TR-03139/4.7 inspection-system)",
        ));
    }
    app.doubt()?;
    // What another replica suspended or took in a moment ago counts here as well.
    app.refresh().await?;
    let now = app.clock.now();
    let today = Day::of(now);
    let state = app.control.at(now);
    let verifiers = to_equip(state.records(), &order.cvca, today).into_iter();
    let mut wanted =
        verifiers.filter(|(dv, _)| order.under.as_ref().is_none_or(|(car, chr)| (&dv.car, &dv.chr) == (car, chr)));
    let (dv, dv_key) = wanted.next_back().ok_or_else(|| SpocError::DvMissing(order.cvca.clone()))?;
    let car: Reference = dv.chr.parse().map_err(|_| SpocError::Corrupt(format!("holder reference {}", dv.chr)))?;
    // The first day counts: one day of validity ends the day it begins. A month that has fewer days than asked for is the longest all the same.
    let days = u16::try_from(order.days).unwrap_or(u16::MAX);
    let days = today.date().and_then(|first| limits(app, &order.cvca).narrowed(first, days)).unwrap_or(days);
    let expires = today.plus(i64::from(days) - 1).min(dv.expires);
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

/// How long an inspection system under a CVCA may be valid.
pub(crate) fn limits(app: &App, cvca: &str) -> Limits {
    app.policy.for_country(cvca.get(..2).unwrap_or_default()).validity.inspection_system
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
    let verifiers = verifiers(records, cvca, today).into_iter();
    verifiers.max_by_key(|(dv, _)| age(records, dv)).ok_or_else(|| SpocError::DvMissing(cvca.to_owned()))
}

/// The verifiers of a CVCA that inspection systems are needed under: the newest one, and after it, where that may read less, the newest of those that may
/// read most.
pub(crate) fn to_equip<'a>(
    records: &'a [CertificateRecord],
    cvca: &str,
    today: Day,
) -> Vec<(&'a CertificateRecord, KeyHandle)> {
    let mut verifiers = verifiers(records, cvca, today);
    verifiers.sort_by_key(|(dv, _)| age(records, dv));
    let Some(newest) = verifiers.pop() else { return Vec::new() };
    let widest = verifiers.into_iter().max_by_key(|(dv, _)| (reads_under(records, dv), age(records, dv)));
    let wider = widest.filter(|(dv, _)| reads_under(records, dv) > reads_under(records, newest.0));
    std::iter::once(newest).chain(wider).collect()
}

/// What a verifier may read, by its rights and those of the CVCA certificate that signed it.
pub(crate) fn reads_under(records: &[CertificateRecord], dv: &CertificateRecord) -> (bool, bool) {
    let issuers = records.iter().filter(|record| record.role.is_cvca() && record.chr == dv.car);
    issuers.filter_map(|issuer| issuer.rights.and(&dv.rights)).map(reads).max().unwrap_or_default()
}

/// The usable verifiers of a CVCA, under whatever name, whose keys are held.
fn verifiers<'a>(records: &'a [CertificateRecord], cvca: &str, today: Day) -> Vec<(&'a CertificateRecord, KeyHandle)> {
    let names = lineage(records, cvca);
    let usable = records.iter().filter(|record| record.role.is_dv() && names.contains(&record.cvca));
    let usable = usable.filter(|record| record.is_usable(today));
    let in_use = usable.filter(|record| !is_suspended_cvca(records, &record.car));
    in_use.filter_map(|record| Some((record, record.key.clone()?))).collect()
}

/// What makes one verifier newer than another: the generation of its CVCA, then its own days.
fn age(records: &[CertificateRecord], dv: &CertificateRecord) -> (Option<Day>, Day, Day) {
    let generation = records.iter().filter(|record| record.role.is_cvca() && record.chr == dv.car);
    (generation.map(|record| record.effective).max(), dv.expires, dv.effective)
}
