//! Inspection systems of the control centre: a key pair and a certificate under each foreign CVCA.

use cvc::{
    certificate::Certificate,
    chat::{Chat, Role as ChatRole},
    issue::{self, Template},
    reference::Reference,
};
use serde_json::json;

use super::{
    App, blocking,
    call::Call,
    issuing::{self, Taking},
    record, records,
};
use crate::{
    domain::records::{CertificateRecord, Day, Role, State, is_suspended_cvca},
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

/// Makes an inspection system under the newest valid document verifier of `cvca`. Its rights are the verifier's; it never outlives it.
///
/// # Errors
/// [`SpocError::DvMissing`] when no valid verifier with its key is held, [`SpocError::Field`] for a mnemonic or validity that cannot be.
pub(crate) async fn issue(
    app: &App,
    call: &Call,
    cvca: &str,
    mnemonic: &str,
    validity_days: u32,
) -> Result<Issued, SpocError> {
    let officer = call.operator()?.to_owned();
    app.clock_doubt()?;
    let days = match validity_days {
        0 => u32::from(app.config.issuing.inspection_system_days),
        days => days,
    };
    if days == 0 || days > MAX_DAYS {
        return Err(SpocError::field("validity_days", "an inspection system's certificate is valid for 1 to 31 days"));
    }
    // What another replica suspended or took in a moment ago counts here as well.
    app.refresh().await?;
    let now = app.clock.now();
    let today = Day::of(now);
    let state = app.control.at(now);
    let (dv, dv_key) = newest_dv(state.records(), cvca, today)?;
    let car: Reference = dv.chr.parse().map_err(|_| SpocError::Corrupt(format!("holder reference {}", dv.chr)))?;
    // The first day counts: one day of validity ends the day it begins.
    let expires = today.plus(i64::from(days) - 1).min(dv.expires);
    let chr = issuing::next_reference(app, mnemonic).await?;
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
    let kept = keep(app, call, &officer, dv, &key, &certificate).await;
    issuing::discard_unless(app, kept, key).await?;
    app.refresh().await?;
    Ok(Issued { chr: chr.to_string(), expires, certificate: certificate.as_der().to_vec() })
}

async fn keep(
    app: &App,
    call: &Call,
    officer: &str,
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
        officer,
        now,
    };
    let row = issuing::row(certificate, &taking);
    app.store
        .write_tx(async |tx| {
            let issuer = certificates::find(tx, &dv.car, &dv.chr).await?.map(records::of_row).transpose()?;
            if !issuer.is_some_and(|issuer| issuer.is_usable(Day::of(now))) {
                return Err(SpocError::DvMissing(dv.cvca.clone()));
            }
            certificates::insert(tx, row.clone()).await?;
            generations::raise(tx, Subject::Certificates, now).await?;
            issuing::announce(app, tx, &row).await?;
            let detail = json!({ "car": row.car, "chr": row.chr, "fingerprint": row.fingerprint });
            record(app, tx, call, "inspection_system.issued", detail).await
        })
        .await
}

/// The usable verifier under the newest generation of a CVCA, and its key.
fn newest_dv<'a>(
    records: &'a [CertificateRecord],
    cvca: &str,
    today: Day,
) -> Result<(&'a CertificateRecord, KeyHandle), SpocError> {
    let generation = |car: &str| {
        let certificates = records.iter().filter(|record| record.role.is_cvca() && record.chr == car);
        certificates.map(|record| record.effective).max()
    };
    let usable = records.iter().filter(|record| record.role.is_dv() && record.cvca == cvca && record.is_usable(today));
    let in_use = usable.filter(|record| !is_suspended_cvca(records, &record.car));
    let with_key = in_use.filter_map(|record| Some((record, record.key.clone()?)));
    with_key
        .max_by_key(|(record, _)| (generation(&record.car), record.expires, record.effective))
        .ok_or_else(|| SpocError::DvMissing(cvca.to_owned()))
}
