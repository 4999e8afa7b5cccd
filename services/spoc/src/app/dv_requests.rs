//! Requests for document verifier certificates (TR-03110-3 §C.2, TR-03139 §4.3): handed to the other state as files, or sent to its SPOC.

use std::{collections::BTreeSet, sync::Arc};

use cvc::{chat::Rights, issue, public_key::PublicKey, reference::Reference, request::AuthenticatedRequest};
use exchange::{
    Country,
    message::{Message, RequestCertificate},
};
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_runtime::failpoint;

use super::{App, blocking, call::Call, exchange::outbox, issuing, national_cvca, record};
use crate::{
    domain::{
        exchange::{lineage::lineage, renewal::Kind},
        records::{CertificateRecord, Day, State},
    },
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

/// What is to be made.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// Country and mnemonic of the CVCA.
    pub(crate) cvca: String,
    /// Mnemonic of our document verifier under it.
    pub(crate) mnemonic: String,
    /// Countersigned by the national CVCA even where the verifier could sign itself.
    pub(crate) initial: bool,
    pub(crate) carriage: Carriage,
}

/// How a request leaves.
#[derive(Debug, Clone)]
pub(crate) enum Carriage {
    /// An operator hands it over as a file.
    File,
    /// It is for our own CVCA, and goes nowhere.
    Domestic {
        /// As below.
        newest_known: Option<String>,
    },
    /// It is sent to the SPOC of a partner.
    Exchange {
        partner: Country,
        /// The newest request to this CVCA that was known when it was decided to make another: no other one may have come in between.
        newest_known: Option<String>,
    },
}

/// Who signs the outer signature.
struct Outer {
    car: Reference,
    key: KeyHandle,
    kind: Kind,
}

/// Makes a request an operator hands over as a file.
///
/// # Errors
/// As [`make`].
pub(crate) async fn create(app: &App, call: &Call, cvca: &str, mnemonic: &str) -> Result<Made, SpocError> {
    call.officer_at_desk()?;
    let order =
        Order { cvca: cvca.to_owned(), mnemonic: mnemonic.to_owned(), initial: false, carriage: Carriage::File };
    make(app, call, &order).await
}

/// Makes a key pair under the newest certificate of a CVCA and the request for its certificate, and keeps both, with the message to the partner where
/// there is one, in one transaction.
///
/// # Errors
/// [`SpocError::CvcaUnknown`] when no certificate of it is usable, [`SpocError::NationalCvca`] when nothing can countersign, [`SpocError::Policy`] when
/// its algorithm or the mnemonic is not to be used, [`SpocError::Overtaken`] when another request was made meanwhile.
pub(crate) async fn make(app: &App, call: &Call, order: &Order) -> Result<Made, SpocError> {
    app.doubt()?;
    // What another replica suspended or took in a moment ago counts here as well.
    app.refresh().await?;
    let now = app.clock.now();
    let today = Day::of(now);
    let state = app.control.at(now);
    let records = state.records();
    let names = lineage(records, &order.cvca);
    let (asked, sought, cvca) = (Arc::clone(&state), names.clone(), order.cvca.clone());
    let (target, key) = blocking(move || newest(asked.records(), &sought, &cvca, today)).await?;
    let outer = outer(app, records, &names, order, today)?;
    let chr = issuing::next_reference(app, &order.mnemonic).await?;
    failpoint::reach("spoc.dv_request.numbered").await;
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
        cvca: order.cvca.clone(),
        car: target.to_string(),
        outer_car: outer_car.to_string(),
        request: request.as_der().to_vec(),
        key_handle: handle.to_string(),
        state: "open".to_owned(),
        created_by: call.author().to_owned(),
        created_at: now.millis(),
        closed_at: None,
        closed_cause: None,
        ended_at: None,
    };
    failpoint::reach("spoc.dv_request.signed").await;
    let kept = app.store.write_tx(async |tx| keep(app, tx, call, order, &row, outer.kind).await).await;
    failpoint::reach("spoc.dv_request.committed").await;
    issuing::discard_unless(app, kept, handle).await?;
    app.refresh().await?;
    let initial = outer.kind == Kind::Initial;
    Ok(Made { chr: chr.to_string(), request: request.as_der().to_vec(), initial })
}

/// Checks what may have changed since the request was signed, and keeps it.
async fn keep(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    order: &Order,
    row: &dv_request::Model,
    kind: Kind,
) -> Result<(), SpocError> {
    let newest = certificates::newest_requests_to(tx, &order.cvca, 1).await?.into_iter().next();
    // One verifier a CVCA: every request before this one was checked against the one before it.
    if let Some(other) = newest.as_ref().and_then(|newest| other_mnemonic(newest, &app.config.country, &order.mnemonic))
    {
        return Err(SpocError::Policy(format!("the document verifier under {} is {other}", order.cvca)));
    }
    for suspended_by_now in [&row.car, &row.outer_car] {
        if certificates::is_suspended(tx, suspended_by_now).await? {
            return Err(SpocError::Policy(format!("{suspended_by_now} was suspended meanwhile")));
        }
    }
    certificates::insert_request(tx, row.clone()).await?;
    if let Carriage::Domestic { newest_known } | Carriage::Exchange { newest_known, .. } = &order.carriage
        && newest.map(|newest| newest.chr) != *newest_known
    {
        return Err(SpocError::Overtaken);
    }
    if let Carriage::Exchange { partner, .. } = &order.carriage {
        let message = Message::RequestCertificate(RequestCertificate {
            caller_id: app.config.country.clone(),
            message_id: outbox::message_id(app),
            certificate_request: row.request.clone(),
        });
        outbox::enqueue(app, tx, *partner, &message, &row.chr).await?;
    }
    generations::raise(tx, Subject::Certificates, app.clock.now()).await?;
    let initial = kind == Kind::Initial;
    let detail = json!({ "chr": row.chr, "car": row.car, "outerCar": row.outer_car, "initial": initial });
    record(app, tx, call, "dv_request.created", detail).await?;
    failpoint::reach("spoc.dv_request.written").await;
    Ok(())
}

/// The newest usable certificate of a CVCA, under whatever name: its reference and its key.
fn newest(
    records: &[CertificateRecord],
    names: &BTreeSet<String>,
    cvca: &str,
    today: Day,
) -> Result<(Reference, PublicKey), SpocError> {
    let authorities = issuing::authorities(records)?;
    let of_cvca = records.iter().filter(|record| record.role.is_cvca() && names.contains(&record.cvca));
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

/// The verifier an earlier request to this CVCA was for, when it is another one.
fn other_mnemonic(earlier: &dv_request::Model, country: &str, mnemonic: &str) -> Option<String> {
    let used = issuing::holder_name(&earlier.chr.parse().ok()?);
    (used != format!("{country}{mnemonic}")).then_some(used)
}

/// Successive when a still valid certificate of the same holder and its key are held; initial otherwise, also after it expired.
fn outer(
    app: &App,
    records: &[CertificateRecord],
    names: &BTreeSet<String>,
    order: &Order,
    today: Day,
) -> Result<Outer, SpocError> {
    let holder = format!("{}{}", app.config.country, order.mnemonic);
    let ours = records.iter().filter(|record| record.role.is_dv() && names.contains(&record.cvca));
    let valid = ours.filter(|record| record.state == State::Active && record.is_usable(today));
    let with_key = valid.filter_map(|record| {
        let reference: Reference = record.chr.parse().ok()?;
        (issuing::holder_name(&reference) == holder).then_some((record, reference, record.key.clone()?))
    });
    let successive = with_key.max_by_key(|(record, ..)| (record.expires, record.effective));
    if let Some((_, car, key)) = successive.filter(|_| !order.initial) {
        return Ok(Outer { car, key, kind: Kind::Successive });
    }
    let (cvca, key) =
        national_cvca::countersigner(records, &app.config.country, &app.config.issuing.countersigning_cvca, today)?;
    let car = cvca.chr.parse().map_err(|_| SpocError::Corrupt(format!("holder reference {}", cvca.chr)))?;
    Ok(Outer { car, key, kind: Kind::Initial })
}
