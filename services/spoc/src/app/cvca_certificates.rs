//! Certificates of CVCAs: taken in as files, verified against those held, trusted once two officers agree on a root.

use std::sync::Arc;

use cvc::certificate::Certificate;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_types::{Environment, Timestamp};

use super::{
    App,
    call::{Call, reason},
    issuing::{self, Taking},
    record, records,
};
use crate::{
    domain::{
        authorities::{Admission, Authorities, AuthorityRefusal},
        environment,
        exchange::{partner::PartnerCvca, policy::Rule},
        records::{CertificateRecord, Role, State},
        two_officers::{self, Approval},
    },
    error::SpocError,
    store::{
        certificates,
        entity::cv_certificate,
        generations::{self, Subject},
    },
};

/// How often certificates are verified because those held have changed meanwhile. Here one after the other takes certificates in, so that many partners at once
/// wait and none is overtaken; what changes them otherwise (a renewal, an officer, another replica, at which one at a time is taken in as well) is seldom.
const MAX_ATTEMPTS: u32 = 16;
/// Most certificates taken in one call.
const MAX_CERTIFICATES: usize = 256;

/// How a partner's CVCA certificate departs from what the policy for its state says of its validity. It is used all the same, with a finding: its signature
/// and two officers say whose key it is, and without it nobody would open the passports that name it.
fn departure<B: AsRef<[u8]>>(app: &App, certificate: &Certificate<B>) -> Option<String> {
    let policy = app.policy.for_country(certificate.chr().country()).validity.as_checked_by_cvc();
    policy.check(certificate).map(|finding| format!("{finding} ({})", Rule::ReceivedValidity))
}

/// That a partner's certificate is of a CVCA which its registration does not list; one that another replaces is listed with that. Whose key it is its signature and
/// two officers say, so it is used all the same; what it costs is that two officers did not agree on the CVCA. A registration without a list says nothing.
fn unregistered<B: AsRef<[u8]>>(app: &App, certificate: &Certificate<B>) -> Option<String> {
    let chr = certificate.chr();
    let partner = app.partners.get(chr.country().parse().ok()?)?;
    let name = issuing::holder_name(&chr);
    let lists = |cvca: &PartnerCvca| cvca.name == name || cvca.replaces.as_deref() == Some(name.as_str());
    let is_listed = partner.cvcas.is_empty() || partner.cvcas.iter().any(lists);
    (!is_listed).then(|| format!("the CVCA {name} is not registered of {} ({})", partner.country, Rule::RegisteredCvca))
}

/// What officers should know of another state's CVCA certificate; it is used all the same.
pub(crate) fn findings<B: AsRef<[u8]>>(app: &App, certificate: &Certificate<B>) -> Vec<String> {
    departure(app, certificate).into_iter().chain(unregistered(app, certificate)).collect()
}

/// One certificate taken in.
#[derive(Debug, Clone)]
pub(crate) struct Imported {
    pub(crate) chr: String,
    pub(crate) car: String,
    pub(crate) fingerprint: String,
    pub(crate) awaits_confirmation: bool,
    pub(crate) findings: Vec<String>,
}

/// Takes in CVCA certificates in any order, all or none. Those held already are passed over.
///
/// # Errors
/// [`SpocError::CertificateUnreadable`], [`SpocError::CertificateRefused`] or [`SpocError::CertificateConflict`] for the first at fault.
pub(crate) async fn import(app: &App, call: &Call, ders: Vec<Vec<u8>>) -> Result<Vec<Imported>, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    if ders.is_empty() || ders.len() > MAX_CERTIFICATES {
        return Err(SpocError::field("certificates", "1 to 256 certificates are taken"));
    }
    let parsed = super::blocking(move || parse_all(&ders)).await?;
    let now = app.clock.now();
    let imported = with_verified(app, parsed, async |tx, verified| {
        let imported = take_in(app, tx, call, &officer, verified, now).await?;
        if !imported.is_empty() {
            generations::raise(tx, Subject::Certificates, now).await?;
        }
        Ok(imported)
    })
    .await?;
    app.refresh().await?;
    Ok(imported)
}

/// Parses certificates that arrived together.
pub(crate) fn parse_all(ders: &[Vec<u8>]) -> Result<Vec<Certificate>, SpocError> {
    ders.iter().enumerate().map(|(position, der)| issuing::parse(position, der)).collect()
}

/// Certificates verified against those held at one generation, and what they come to together.
#[derive(Debug)]
pub(crate) struct Verified {
    generation: u64,
    held: Arc<[CertificateRecord]>,
    authorities: Authorities,
    /// Those that are new.
    admitted: Vec<Certificate>,
}

/// Runs `work` in a transaction with the certificates verified before it: hundreds of signatures are looked at while others write. Anew, when those held
/// have changed in between. Takes its turn after whoever came first; `work` must not take in certificates this way itself.
///
/// # Errors
/// What refuses them, what `work` returned, or [`SpocError::Overtaken`] when they change all the time.
pub(crate) async fn with_verified<T, F>(app: &App, parsed: Vec<Certificate>, work: F) -> Result<T, SpocError>
where
    F: AsyncFnOnce(&DatabaseTransaction, &Verified) -> Result<T, SpocError> + Clone,
{
    let _turn = app.taking_turns.lock().await;
    let mut attempt = 1;
    loop {
        let verified = verify(app, parsed.clone()).await?;
        let (verified, work) = (&verified, work.clone());
        match app.store.write_tx(async move |tx: &DatabaseTransaction| work(tx, verified).await).await {
            Err(SpocError::Overtaken) if attempt < MAX_ATTEMPTS => attempt += 1,
            outcome => return outcome,
        }
    }
}

/// Verifies certificates against those held now. One that came twice counts once; two that differ under the same references are a conflict, as with one
/// that is held.
///
/// # Errors
/// As [`import`].
async fn verify(app: &App, mut waiting: Vec<Certificate>) -> Result<Verified, SpocError> {
    let db = app.store.reader();
    // Before the rows: they may then be newer than it, and are verified anew, but never older.
    let generation = generations::current(db, Subject::Certificates).await?.number;
    let held: Arc<[CertificateRecord]> =
        certificates::all(db).await?.into_iter().map(records::of_row).collect::<Result<_, _>>()?;
    let mut fresh: Vec<Certificate> = Vec::new();
    for certificate in waiting.drain(..) {
        environment::permits(app.environment, certificate.chr().country())?;
        of_this_environment(app, &certificate)?;
        let (car, chr) = (certificate.car().to_string(), certificate.chr().to_string());
        let known = held.iter().find(|record| record.car == car && record.chr == chr).map(|record| &*record.der);
        let before = || fresh.iter().find(|one| (one.car(), one.chr()) == (certificate.car(), certificate.chr()));
        match known.or_else(|| before().map(Certificate::as_der)) {
            Some(der) if *der == *certificate.as_der() => {}
            Some(_) => return Err(SpocError::CertificateConflict { car, chr }),
            None => fresh.push(certificate),
        }
    }
    super::blocking(move || {
        let mut authorities = issuing::authorities(&held)?;
        let admitted = admit_in_order(&mut authorities, fresh)?;
        Ok::<_, SpocError>(Verified { generation, held, authorities, admitted })
    })
    .await
}

/// A node takes nothing of the other environment.
fn of_this_environment<B: AsRef<[u8]>>(app: &App, certificate: &Certificate<B>) -> Result<(), SpocError> {
    if app.other_environment.contains(&issuing::fingerprint(certificate.as_der())) {
        let reason = match app.environment {
            Environment::Test => "it is one of the production environment, this is a test node",
            Environment::Production => "it is one of a test environment, this is a production node",
        };
        return Err(SpocError::refused(certificate.chr(), Rule::Environment, reason));
    }
    Ok(())
}

/// Keeps verified certificates that are new, in this transaction.
///
/// # Errors
/// [`SpocError::Overtaken`] when those held have changed since, or what failed.
pub(crate) async fn take_in(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    officer: &str,
    verified: &Verified,
    now: Timestamp,
) -> Result<Vec<Imported>, SpocError> {
    let Verified { generation, held, authorities, admitted } = verified;
    if generations::current(tx, Subject::Certificates).await?.number != *generation {
        return Err(SpocError::Overtaken);
    }
    let mut imported = Vec::new();
    for certificate in admitted {
        let trusted = authorities.get(&certificate.chr()).is_some_and(|authority| authority.trusted);
        let taking = Taking {
            role: if certificate.is_self_signed() { Role::Cvca } else { Role::CvcaLink },
            cvca: issuing::holder_name(&certificate.chr()),
            state: if trusted { State::Active } else { State::AwaitingConfirmation },
            key: None,
            officer,
            now,
        };
        let row = issuing::row(certificate, &taking);
        imported.push(keep(app, tx, call, row, findings(app, certificate)).await?);
    }
    activate_reached(app, tx, held, authorities).await?;
    Ok(imported)
}

/// Admits certificates in an order in which each finds its issuer, whatever order they came in. Trust that a later link brings reaches the roots
/// before it, so states are read only when all are in.
///
/// A link whose issuer neither came nor is held is left out where its holder's own root did or is: a state gives its certificates from the oldest that a valid
/// document can name, and the first of them may be a link from a root that is too old to be given. Nothing can be said of its signature, and nothing hangs on
/// it; the root of its holder finds its trust otherwise.
fn admit_in_order(authorities: &mut Authorities, mut waiting: Vec<Certificate>) -> Result<Vec<Certificate>, SpocError> {
    let mut admitted = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let mut later = Vec::new();
        let mut missing = None;
        let before = waiting.len();
        for certificate in waiting {
            match authorities.admit(&certificate) {
                Ok(Admission::Trusted | Admission::AwaitsConfirmation) => admitted.push(certificate),
                Err(why @ AuthorityRefusal::IssuerUnknown(_)) => {
                    missing.get_or_insert_with(|| SpocError::refused(certificate.chr(), why.rule(), why));
                    later.push(certificate);
                }
                Err(why) => return Err(SpocError::refused(certificate.chr(), why.rule(), why)),
            }
        }
        if later.len() == before {
            let needless = |link: &Certificate| !link.is_self_signed() && authorities.get(&link.chr()).is_some();
            if !later.iter().all(needless) {
                return Err(missing.unwrap_or(SpocError::CertificateUnknown));
            }
            for link in later {
                tracing::info!(car = %link.car(), chr = %link.chr(), "a link is left out: the root it leads from is not held");
            }
            return Ok(admitted);
        }
        waiting = later;
    }
    Ok(admitted)
}

async fn keep(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    row: cv_certificate::Model,
    findings: Vec<String>,
) -> Result<Imported, SpocError> {
    let awaits_confirmation = row.state != State::Active.as_str();
    if !awaits_confirmation {
        issuing::announce(app, tx, &row).await?;
    }
    for finding in &findings {
        tracing::warn!(chr = row.chr, car = row.car, "a CVCA certificate departs from policy: {finding}");
    }
    let detail = json!({
        "car": row.car, "chr": row.chr, "fingerprint": row.fingerprint, "awaitsConfirmation": awaits_confirmation,
        "warnings": findings,
    });
    record(app, tx, call, "cvca_certificate.imported", detail).await?;
    let imported = Imported {
        chr: row.chr.clone(),
        car: row.car.clone(),
        fingerprint: row.fingerprint.clone(),
        awaits_confirmation,
        findings,
    };
    certificates::insert(tx, row).await?;
    Ok(imported)
}

/// Certificates held before whose authority is trusted now enter use.
async fn activate_reached(
    app: &App,
    tx: &DatabaseTransaction,
    held: &[CertificateRecord],
    authorities: &Authorities,
) -> Result<(), SpocError> {
    for waiting in held.iter().filter(|record| record.state == State::AwaitingConfirmation) {
        let Ok(chr) = waiting.chr.parse() else { continue };
        if !authorities.get(&chr).is_some_and(|authority| authority.trusted) {
            continue;
        }
        if let Some(row) = certificates::find(tx, &waiting.car, &waiting.chr).await? {
            issuing::announce(app, tx, &row).await?;
            certificates::set_state(tx, row, State::Active.as_str()).await?;
        }
    }
    Ok(())
}

/// What an officer's comparison came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Compared {
    /// Holder reference of the certificate.
    pub(crate) chr: String,
    /// It came from a partner, so this officer was the first: a second one is needed.
    pub(crate) awaits_second: bool,
    /// What officers should know of it.
    pub(crate) findings: Vec<String>,
}

/// A self-signed certificate by its fingerprint, for the officer who is about to confirm it. Changes nothing.
///
/// # Errors
/// [`SpocError::CertificateUnknown`] when no self-signed one has the fingerprint.
pub(crate) async fn look(app: &App, call: &Call, fingerprint: &str) -> Result<Compared, SpocError> {
    call.officer_at_desk()?;
    let row = certificates::find_by_fingerprint(app.store.reader(), &fingerprint.to_ascii_lowercase()).await?;
    let row = row.filter(|row| row.role == Role::Cvca.as_str()).ok_or(SpocError::CertificateUnknown)?;
    let awaits_second = matches!(approval(&row), Approval::Proposed { by, .. } if !names_an_officer(&by));
    let certificate = of_row(&row)?;
    Ok(Compared { awaits_second, findings: findings(app, &certificate), chr: row.chr })
}

fn of_row(row: &cv_certificate::Model) -> Result<Certificate<&[u8]>, SpocError> {
    Certificate::parse(row.certificate.as_slice()).map_err(|why| SpocError::Corrupt(format!("{}: {why}", row.chr)))
}

/// Confirms the fingerprint of a self-signed certificate; with it, links and roots reached from it enter use. Of one a partner sent two officers compare
/// the fingerprint, of one an officer imported another one does.
///
/// # Errors
/// [`SpocError::SameOfficer`] for the officer who imported it, or was the first to compare it, [`SpocError::CertificateUnknown`] when no self-signed one
/// has the fingerprint.
pub(crate) async fn confirm(app: &App, call: &Call, fingerprint: &str) -> Result<Compared, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let fingerprint = fingerprint.to_ascii_lowercase();
    let now = app.clock.now();
    let compared = app
        .store
        .write_tx(async |tx| {
            let row = certificates::find_by_fingerprint(tx, &fingerprint).await?;
            let row = row.filter(|row| row.role == Role::Cvca.as_str()).ok_or(SpocError::CertificateUnknown)?;
            let approval = approval(&row);
            let chr = row.chr.clone();
            let certificate = of_row(&row)?;
            of_this_environment(app, &certificate)?;
            let findings = findings(app, &certificate);
            let detail = json!({ "chr": chr, "fingerprint": fingerprint, "warnings": findings });
            if matches!(&approval, Approval::Proposed { by, .. } if !names_an_officer(by)) {
                certificates::stand_for(tx, row, &officer).await?;
                record(app, tx, call, "cvca_certificate.compared", detail).await?;
                return Ok(Compared { chr, awaits_second: true, findings });
            }
            if !two_officers::confirm(&approval, &officer)? {
                return Ok(Compared { chr, awaits_second: false, findings });
            }
            issuing::announce(app, tx, &row).await?;
            certificates::confirm(tx, row, &officer).await?;
            let held: Arc<[CertificateRecord]> =
                certificates::all(tx).await?.into_iter().map(records::of_row).collect::<Result<_, _>>()?;
            let known = Arc::clone(&held);
            let authorities = super::blocking(move || issuing::authorities(&known)).await?;
            activate_reached(app, tx, &held, &authorities).await?;
            generations::raise(tx, Subject::Certificates, now).await?;
            record(app, tx, call, "cvca_certificate.confirmed", detail).await?;
            Ok::<_, SpocError>(Compared { chr, awaits_second: false, findings })
        })
        .await?;
    app.refresh().await?;
    Ok(compared)
}

/// Puts away a self-signed certificate that waits for officers, and the links that lead on from it alone: nobody vouches for it, and it stands in the way
/// of others under its holder reference. One officer is enough; it may come again.
///
/// # Errors
/// [`SpocError::CertificateUnknown`] when no self-signed one has the holder reference, [`SpocError::Policy`] for one that two officers agreed on.
pub(crate) async fn reject(app: &App, call: &Call, chr: &str, why: &str) -> Result<(), SpocError> {
    call.officer_at_desk()?;
    let (why, now) = (reason(why)?, app.clock.now());
    app.store
        .write_tx(async |tx| {
            let row = certificates::find(tx, chr, chr).await?;
            let row = row.filter(|row| row.role == Role::Cvca.as_str()).ok_or(SpocError::CertificateUnknown)?;
            if row.state != State::AwaitingConfirmation.as_str() {
                return Err(SpocError::Policy("two officers agreed on it: it can be suspended".to_owned()));
            }
            let fingerprint = row.fingerprint.clone();
            let links = put_away(tx, row).await?;
            generations::raise(tx, Subject::Certificates, now).await?;
            let detail = json!({ "chr": chr, "fingerprint": fingerprint, "reason": why, "links": links });
            record(app, tx, call, "cvca_certificate.rejected", detail).await
        })
        .await?;
    app.refresh().await
}

/// Deletes a root, then every link whose issuer is not held any more; the holder references of those.
async fn put_away(tx: &DatabaseTransaction, root: cv_certificate::Model) -> Result<Vec<String>, SpocError> {
    let mut held = certificates::all(tx).await?;
    held.retain(|row| (&row.car, &row.chr) != (&root.car, &root.chr));
    certificates::delete(tx, root).await?;
    let mut links = Vec::new();
    loop {
        let is_authority = |row: &&cv_certificate::Model| Role::from_name(&row.role).is_some_and(Role::is_cvca);
        let orphan = held.iter().position(|link| {
            link.role == Role::CvcaLink.as_str() && !held.iter().filter(is_authority).any(|one| one.chr == link.car)
        });
        let Some(orphan) = orphan.map(|place| held.remove(place)) else { return Ok(links) };
        links.push(orphan.chr.clone());
        certificates::delete(tx, orphan).await?;
    }
}

/// An officer, and not a partner or the node itself: those are written with what they are, `partner/DE`.
fn names_an_officer(author: &str) -> bool {
    !author.contains('/')
}

fn approval(row: &cv_certificate::Model) -> Approval {
    if row.state == State::AwaitingConfirmation.as_str() {
        Approval::Proposed { by: row.imported_by.clone(), at: Timestamp::from_millis(row.imported_at) }
    } else {
        Approval::Confirmed
    }
}
