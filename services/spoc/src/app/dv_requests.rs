//! Requests for document verifier certificates (TR-03110-3 §C.2, TR-03139 §4.3): made here, handed to the other state as files.

use cvc::{chat::Rights, issue, public_key::PublicKey, reference::Reference, request::AuthenticatedRequest};
use serde_json::json;

use super::{App, blocking, call::Call, issuing, national_cvca, record};
use crate::{
    domain::records::{CertificateRecord, Day, State},
    error::SpocError,
    keystore::{KeyHandle, KeyKind, KeyRole, StoredSigner},
    store::{
        certificates,
        entity::dv_request,
        generations::{self, Subject},
    },
};

/// A request made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) chr: String,
    pub(crate) request: Vec<u8>,
    pub(crate) initial: bool,
}

/// Who signs the outer signature.
struct Outer {
    car: Reference,
    key: KeyHandle,
    initial: bool,
}

/// Makes a key pair under the newest certificate of `cvca` and the request for its certificate.
///
/// # Errors
/// [`SpocError::CvcaUnknown`] when no certificate of it is usable, [`SpocError::NationalCvca`] when nothing can countersign, [`SpocError::Policy`] when
/// its algorithm or the mnemonic is not to be used.
pub(crate) async fn create(app: &App, call: &Call, cvca: &str, mnemonic: &str) -> Result<Made, SpocError> {
    let officer = call.operator()?.to_owned();
    app.clock_doubt()?;
    // What another replica suspended or took in a moment ago counts here as well.
    app.refresh().await?;
    let now = app.clock.now();
    let today = Day::of(now);
    let state = app.control.at(now);
    let records = state.records();
    let (asked, name) = (state.clone(), cvca.to_owned());
    let (target, key) = blocking(move || newest(asked.records(), &name, today)).await?;
    let earlier = certificates::requests_to(app.store.reader(), cvca).await?;
    if let Some(other) = other_mnemonic(&earlier, &app.config.country, mnemonic) {
        return Err(SpocError::Policy(format!("the document verifier under {cvca} is {other}")));
    }
    let outer = outer(app, records, cvca, mnemonic, today)?;
    let chr = issuing::next_reference(app, mnemonic).await?;
    let keystore = app.keystore.clone();
    let (outer_car, outer_key) = (outer.car, outer.key);
    let (handle, request) = blocking(move || {
        let made = keystore.generate(KeyRole::DocumentVerifier, &KeyKind::Like(key))?;
        let sign = || -> Result<AuthenticatedRequest, SpocError> {
            let signer = StoredSigner::new(keystore.as_ref(), made.handle.clone())?;
            let request = issue::request(&signer, Some(target), chr, &[])?;
            let outer = StoredSigner::new(keystore.as_ref(), outer_key)?;
            Ok(issue::countersign(&outer, outer_car, &request)?)
        };
        match sign() {
            Ok(request) => Ok((made.handle, request)),
            Err(failure) => {
                keystore.delete(&made.handle)?;
                Err(failure)
            }
        }
    })
    .await?;
    let row = dv_request::Model {
        chr: chr.to_string(),
        cvca: cvca.to_owned(),
        car: target.to_string(),
        outer_car: outer_car.to_string(),
        request: request.as_der().to_vec(),
        key_handle: handle.to_string(),
        state: "open".to_owned(),
        created_by: officer,
        created_at: now.millis(),
    };
    let kept = app
        .store
        .write_tx(async |tx| {
            certificates::insert_request(tx, row.clone()).await?;
            generations::raise(tx, Subject::Certificates, now).await?;
            let detail = json!({ "chr": row.chr, "car": row.car, "outerCar": row.outer_car, "initial": outer.initial });
            record(app, tx, call, "dv_request.created", detail).await
        })
        .await;
    issuing::discard_unless(app, kept, handle).await?;
    Ok(Made { chr: chr.to_string(), request: request.as_der().to_vec(), initial: outer.initial })
}

/// The newest usable certificate of a CVCA: its reference and its key.
fn newest(records: &[CertificateRecord], cvca: &str, today: Day) -> Result<(Reference, PublicKey), SpocError> {
    let authorities = issuing::authorities(records)?;
    let of_cvca = records.iter().filter(|record| record.role.is_cvca() && record.cvca == cvca);
    let usable = of_cvca.filter(|record| record.is_usable(today)).filter_map(|record| {
        let authority = authorities.get(&record.chr.parse().ok()?)?;
        authority.trusted.then_some((record, authority))
    });
    let (_, authority) = usable
        .max_by(|(one, _), (two, _)| (one.effective, &one.chr).cmp(&(two.effective, &two.chr)))
        .ok_or_else(|| SpocError::CvcaUnknown(cvca.to_owned()))?;
    if authority.key.algorithm().is_weak() {
        return Err(SpocError::Policy(format!("{} is not used for new keys", authority.key.algorithm())));
    }
    if authority.rights == Rights::inspection(false, false) {
        tracing::info!(cvca, "this CVCA grants no right to fingerprints or iris images");
    }
    Ok((authority.chr, authority.key.clone()))
}

/// The mnemonic used under this CVCA before, when it is another one.
fn other_mnemonic(earlier: &[dv_request::Model], country: &str, mnemonic: &str) -> Option<String> {
    let holder = format!("{country}{mnemonic}");
    let used = earlier.iter().filter_map(|request| request.chr.parse::<Reference>().ok());
    used.map(|reference| issuing::holder_name(&reference)).find(|used| *used != holder)
}

/// Successive when a still valid certificate of the same holder and its key are held; initial otherwise, also after it expired.
fn outer(app: &App, records: &[CertificateRecord], cvca: &str, mnemonic: &str, today: Day) -> Result<Outer, SpocError> {
    let holder = format!("{}{mnemonic}", app.config.country);
    let ours = records.iter().filter(|record| record.role.is_dv() && record.cvca == cvca);
    let valid = ours.filter(|record| record.state == State::Active && record.is_usable(today));
    let with_key = valid.filter_map(|record| {
        let reference: Reference = record.chr.parse().ok()?;
        (issuing::holder_name(&reference) == holder).then_some((record, reference, record.key.clone()?))
    });
    if let Some((_, car, key)) = with_key.max_by_key(|(record, ..)| (record.expires, record.effective)) {
        return Ok(Outer { car, key, initial: false });
    }
    let (cvca, key) = national_cvca::countersigner(records, &app.config.country, today)?;
    let car = cvca.chr.parse().map_err(|_| SpocError::Corrupt(format!("holder reference {}", cvca.chr)))?;
    Ok(Outer { car, key, initial: true })
}
