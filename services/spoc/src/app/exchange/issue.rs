//! Judging a request for a DV certificate, and signing what is granted.
//!
//! Keys are used outside transactions, so a judgement carries what it rests on: the generations of certificates and of partners with their holders, and
//! the day. The transaction that makes it count asks first whether all of that still holds; if not, the request is judged anew and a certificate signed
//! meanwhile is thrown away. That no reference and no key is asked for twice is looked up before anything is signed; of two requests at the same moment the
//! table of requests holds to it by itself: the second one is a duplicate, and judged anew as well, then by what is on record.

use std::{sync::Arc, time::Duration};

use cvc::{certificate::Certificate, issue, public_key::PublicKey, reference::Reference};
use exchange::Country;
use sea_orm::DatabaseTransaction;
use straznica_contracts::spoc::events::v1::CertificateActivated;
use straznica_types::Timestamp;
use tokio::sync::MutexGuard;

use crate::{
    app::{
        App, blocking, call::Call, control_centre::ControlState, dv_certificates, exchange::foreign_holders, issuing,
    },
    domain::{
        exchange::{
            ca_sequence,
            holder::ApprovalMode,
            partner::Answers,
            processing::{self, Asked, Facts, Grant, Issued, Refusal, Used},
        },
        records::Day,
    },
    error::SpocError,
    keystore::{KeyStore, StoredSigner},
    store::{
        entity::{application, holder, issued_certificate},
        exchange::applications,
        generations::{self, Subject},
    },
};

/// How often a request is judged anew before its sender is asked to come again.
pub(super) const ATTEMPTS: usize = 5;

/// Before something is judged anew because what it rests on has changed: waits until nobody takes certificates in here, keeps others from it until the turn is
/// given back, and refreshes what is held. So a moment in which many partners send certificates ends in an answer and not in an error.
///
/// # Errors
/// [`SpocError`] when the database does not answer.
pub(super) async fn overtaken<'a>(app: &'a App, turn: &mut Option<MutexGuard<'a, ()>>) -> Result<(), SpocError> {
    if turn.is_none() {
        *turn = Some(app.taking_turns.lock().await);
    }
    app.refresh().await
}

/// A request to be judged.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// Who asks.
    pub(super) caller: Country,
    /// For what.
    pub(super) asked: Arc<Asked>,
    /// The request on record, when it waited.
    pub(super) waited: Option<Waited>,
}

/// What a request that waited has come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waited {
    /// When the first of the two officers who approved it did.
    pub(super) approved_at: Option<i64>,
}

impl Waited {
    /// A request as it is on record.
    pub(super) fn of(row: &application::Model) -> Self {
        Self { approved_at: row.first_at.filter(|_| row.second_officer.is_some()) }
    }
}

/// Whether an approval given at `at` is about what is registered: one from before the registration changed was about something else.
pub(super) const fn is_about(at: i64, holder: &holder::Model) -> bool {
    at >= holder.confirmed_at
}

/// What is to happen with a request that passed.
#[derive(Debug)]
pub(super) enum Granted {
    /// It waits for people, or for its partner's answers to go out later.
    Later(Grant),
    /// The certificate.
    Now(Grant, Box<Certificate>),
}

/// The outcome, and what it rests on.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) outcome: Result<Granted, Refusal>,
    pub(super) now: Timestamp,
    state: Arc<ControlState>,
    partners: u64,
}

/// What is on record about a request, what it proves by itself, and what was held in memory when that was looked up.
#[derive(Debug)]
pub(super) struct Looked {
    key: Result<PublicKey, Refusal>,
    issued: Vec<issued_certificate::Model>,
    now: Timestamp,
    state: Arc<ControlState>,
    partners: u64,
}

/// Looks up who may vouch for a request, and verifies meanwhile that its sender has the key.
///
/// # Errors
/// [`SpocError::Busy`] when too many requests are being judged, [`SpocError::Store`].
pub(super) async fn look(app: &App, case: &Case) -> Result<Looked, SpocError> {
    // The number before what it labels: that may then be newer than the number, which the transaction notices, but never older.
    let partners = app.partners.generation();
    let now = app.clock.now();
    let state = app.control.at(now);
    let key = async {
        let (turn, asked) = (turn(app).await?, Arc::clone(&case.asked));
        let proven = move || {
            let _turn = turn;
            Ok::<_, SpocError>(asked.possession())
        };
        blocking(proven).await
    };
    let (key, issued) = tokio::join!(key, issued(app, case, &state));
    Ok(Looked { key: key?, issued: issued?, now, state, partners })
}

/// Certificates of ours that may vouch for a request: those issued under the reference it is countersigned by. One that is a CVCA's and not of the
/// holder itself vouches in no other way.
async fn issued(app: &App, case: &Case, state: &ControlState) -> Result<Vec<issued_certificate::Model>, SpocError> {
    let outer = case.asked.outer_car();
    if state.authorities()?.get(&outer).is_some() && !outer.same_holder(&case.asked.chr()) {
        return Ok(Vec::new());
    }
    Ok(applications::issued_to(app.store.reader(), &outer).await?)
}

/// Goes through the processing list and signs, where nobody has to be waited for or everybody has been: whether two officers decide is what the
/// holder's registration says now, not what it said when the request came or was looked at. `used` is what others used of what it asks for.
///
/// # Errors
/// [`SpocError::Busy`] when too many requests are being judged, [`SpocError::KeyStore`] when the key does not sign, [`SpocError::Store`].
pub(super) async fn judge(app: &App, case: &Case, looked: Looked, used: Used) -> Result<Judgement, SpocError> {
    app.doubt()?;
    let Looked { key, issued, now, state, partners } = looked;
    let holder = app.partners.holder(&case.asked.holder());
    let served = is_served(app, case.caller);
    let answers = app.partners.get(case.caller).map_or(Answers::Synchronous, |partner| partner.answers);
    let date = Day::of(now).date().ok_or_else(|| SpocError::Corrupt("the clock's date".to_owned()))?;
    if !served {
        let outcome = Err(Refusal::unserved(case.caller));
        return Ok(Judgement { outcome, now, state, partners });
    }
    let turn = turn(app).await?;
    let held = Arc::clone(&state);
    let approved = holder
        .as_ref()
        .is_some_and(|holder| case.waited.and_then(|waited| waited.approved_at).is_some_and(|at| is_about(at, holder)));
    let registered = holder.as_deref().cloned().map(foreign_holders::of_row).transpose()?;
    let (case, country) = (case.clone(), app.config.country.clone());
    let values = app.policy.for_partner(case.caller).clone();
    let keystore = Arc::clone(&app.keystore);
    let outcome = blocking(move || {
        let _turn = turn;
        let issued = issued.iter().map(parse_issued).collect::<Result<Vec<_>, _>>()?;
        let authorities = held.authorities()?;
        let facts = Facts {
            caller: case.caller,
            country: &country,
            records: held.records(),
            authorities: &authorities,
            issued: &issued,
            holder: registered.as_ref(),
            used,
            values: &values,
            today: date,
        };
        let at_once = |grant: &Grant| match grant.approval {
            ApprovalMode::Automatic => case.waited.is_some() || answers == Answers::Synchronous,
            ApprovalMode::TwoPerson => approved,
        };
        match key.and_then(|key| processing::judge(&case.asked, key, &facts)) {
            Ok(grant) if at_once(&grant) => {
                let certificate = sign(keystore.as_ref(), &grant)?;
                Ok::<_, SpocError>(Ok(Granted::Now(grant, Box::new(certificate))))
            }
            Ok(grant) => Ok(Ok(Granted::Later(grant))),
            Err(refusal) => Ok(Err(refusal)),
        }
    })
    .await?;
    Ok(Judgement { outcome, now, state, partners })
}

/// Whether anything is issued to this state: our own verifiers ask without being partners.
pub(super) fn is_served(app: &App, caller: Country) -> bool {
    let now = app.clock.now();
    caller == app.country || app.partners.get(caller).is_some_and(|partner| partner.is_served(now))
}

impl Judgement {
    /// Whether everything the judgement rests on is as it was. If not, the caller refreshes what is held in memory and judges anew.
    ///
    /// # Errors
    /// [`SpocError::ClockInDoubt`] when it came into doubt meanwhile, [`SpocError::Store`].
    pub(super) async fn still_holds(&self, app: &App, tx: &DatabaseTransaction) -> Result<bool, SpocError> {
        let rests_on = self.rests_on();
        Ok(self.is_of_today(app)?
            && generations::numbers(tx, rests_on.map(|(subject, _)| subject)).await?
                == rests_on.map(|(_, number)| number))
    }

    /// The same without the look into the database, which is to be made with [`Self::rests_on`].
    ///
    /// # Errors
    /// [`SpocError::ClockInDoubt`]
    pub(super) fn is_of_today(&self, app: &App) -> Result<bool, SpocError> {
        app.doubt()?;
        Ok(Day::of(app.clock.now()) == Day::of(self.now))
    }

    /// The generations of certificates and of partners it rests on.
    pub(super) fn rests_on(&self) -> [(Subject, u64); 2] {
        [(Subject::Certificates, self.state.generation()), (Subject::Partners, self.partners)]
    }

    /// The DV certificate first, then what leads from the CVCA certificate the request names to the one that issued.
    pub(super) fn sequence(&self, asked: &Reference, certificate: &Certificate) -> Vec<Vec<u8>> {
        let mut certificates = vec![certificate.as_der().to_vec()];
        certificates.extend(ca_sequence::leading(self.state.records(), asked, &certificate.car()));
        certificates
    }
}

/// A turn at judging and signing, so that partners cannot take all processors.
async fn turn(app: &App) -> Result<tokio::sync::OwnedSemaphorePermit, SpocError> {
    let patience = Duration::from_millis(app.config.issuing.queue_timeout_ms);
    let turn = tokio::time::timeout(patience, Arc::clone(&app.issuing).acquire_owned()).await;
    turn.map_err(|_| SpocError::Busy)?.map_err(|_| SpocError::Busy)
}

fn parse_issued(row: &issued_certificate::Model) -> Result<Issued, SpocError> {
    let certificate = Certificate::parse(Arc::<[u8]>::from(row.certificate.as_slice()))
        .map_err(|why| SpocError::Corrupt(format!("certificate {} issued by {}: {why}", row.chr, row.car)))?;
    Ok(Issued { certificate, withdrawn: row.withdrawn_at.is_some() })
}

fn sign(keystore: &dyn KeyStore, grant: &Grant) -> Result<Certificate, SpocError> {
    let signer = StoredSigner::new(keystore, grant.issuer_key.clone())?;
    Ok(issue::subordinate(&signer, grant.car, &grant.key, &grant.template())?)
}

/// Keeps a certificate that is about to leave, in the transaction that grants it. One for our own verifier leaves for nowhere: it enters use here.
pub(super) async fn keep_issued(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    certificate: &Certificate,
    application: &application::Model,
    now: Timestamp,
) -> Result<(), SpocError> {
    applications::insert_issued(tx, issued_row(certificate, application, now)).await?;
    if application.caller == app.config.country {
        dv_certificates::keep(app, tx, call, certificate).await?;
    }
    Ok(())
}

/// The row an issued certificate becomes.
fn issued_row(
    certificate: &Certificate,
    application: &application::Model,
    now: Timestamp,
) -> issued_certificate::Model {
    issued_certificate::Model {
        car: certificate.car().to_string(),
        chr: certificate.chr().to_string(),
        holder: application.holder.clone(),
        country: certificate.chr().country().to_owned(),
        certificate: certificate.as_der().to_vec(),
        effective: Day::of_date(certificate.effective()).midnight(),
        expires: Day::of_date(certificate.expires()).midnight(),
        application: application.id,
        issued_at: now.millis(),
        withdrawn_at: None,
    }
}

/// What others may know of it.
pub(super) fn event(certificate: &Certificate) -> CertificateActivated {
    CertificateActivated {
        car: certificate.car().to_string(),
        chr: certificate.chr().to_string(),
        role: "dv".to_owned(),
        expires: Day::of_date(certificate.expires()).to_string(),
    }
}

/// What the journal says of it: the whole chain of custody in one entry.
pub(super) fn custody(application: &application::Model, grant: &Grant, certificate: &Certificate) -> serde_json::Value {
    serde_json::json!({
        "application": application.id,
        "caller": application.caller,
        "messageId": application.message_id,
        "chr": application.chr,
        "car": grant.car.to_string(),
        "askedCar": grant.asked_car.to_string(),
        "requestFingerprint": issuing::fingerprint(&application.request),
        "keyFingerprint": application.key_sha256,
        "outerCar": application.outer_car,
        "voucherFingerprint": grant.voucher_sha256,
        "rule": grant.rule.as_str(),
        "expires": Day::of_date(certificate.expires()).to_string(),
        "officers": [application.first_officer, application.second_officer],
        "fingerprint": issuing::fingerprint(certificate.as_der()),
    })
}
