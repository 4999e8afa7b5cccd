//! A new generation of the national CVCA: a new key, perhaps of another kind, ordered by one officer and made when a second one confirms (TR-03110-3
//! §2.7, TR-03139).
//!
//! The link is signed with the previous key and its algorithm, has the validity of the self-signed certificate beside it, and carries domain parameters
//! when they change. From the commit on the new generation issues and countersigns; the earlier ones still say who vouches for a successive request.

use cvc::{
    certificate::Certificate,
    chat::{Chat, Rights, Role as ChatRole},
    issue::{self, Template},
    public_key::{ParameterForm, PublicKey},
    reference::Reference,
};
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_runtime::failpoint;
use straznica_types::Timestamp;

use super::ca_certificates;
use crate::{
    app::{
        App, blocking,
        call::{Call, is_seen},
        issuing::{self, Taking},
        national_cvca::{self, Order},
        record,
    },
    domain::{
        environment,
        records::{CertificateRecord, Day, Role, State},
        two_officers::{self, Approval},
    },
    error::SpocError,
    keystore::{KeyHandle, KeyKind, KeyRole, KeyStore, StoredSigner},
    store::{
        certificates,
        entity::cvca_rollover,
        exchange::rollovers,
        generations::{self, Subject},
    },
};

/// The two certificates of a new generation, and its key.
#[derive(Debug)]
struct Made {
    key: KeyHandle,
    link: Certificate,
    root: Certificate,
}

/// A generation that came to be.
#[derive(Debug)]
pub(crate) struct RolledOver {
    pub(crate) chr: String,
    /// Link, then self-signed certificate.
    pub(crate) certificates: Vec<Vec<u8>>,
}

/// Everything proposed.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn proposals(app: &App) -> Result<Vec<cvca_rollover::Model>, SpocError> {
    Ok(rollovers::all(app.store.reader()).await?)
}

/// What tells a proposal from another one in its place.
pub(crate) fn proposal_name(row: &cvca_rollover::Model) -> String {
    two_officers::name_of(&[&row.cvca, &row.algorithm, &row.parameters, &row.validity_days.to_string()])
}

/// Proposes a new generation of the CVCA of `order.mnemonic`. Without algorithm and parameters it is of the kind of the current one. Returns the CVCA and
/// the name of the proposal.
///
/// # Errors
/// [`SpocError::NationalCvca`] when there is none to follow, [`SpocError::Field`] for what cannot be made.
pub(crate) async fn propose(app: &App, call: &Call, order: Order) -> Result<(String, String), SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    environment::permits(app.environment, &app.config.country)?;
    let now = app.clock.now();
    let cvca = format!("{}{}", app.config.country, order.mnemonic);
    previous(app.control.at(now).records(), &cvca)?;
    if !is_same_kind(&order.algorithm, &order.parameters) {
        national_cvca::key_kind(app, &order)?;
    }
    national_cvca::validity(app, Day::of(now), order.validity_days)?;
    let row = cvca_rollover::Model {
        cvca: cvca.clone(),
        algorithm: order.algorithm,
        parameters: order.parameters,
        validity_days: i64::from(order.validity_days),
        proposed_by: officer,
        proposed_at: now.millis(),
    };
    let name = proposal_name(&row);
    app.store
        .write_tx(async |tx| {
            let detail = json!({ "cvca": row.cvca, "algorithm": row.algorithm, "parameters": row.parameters, "validityDays": row.validity_days });
            rollovers::propose(tx, row).await?;
            record(app, tx, call, "national_cvca.rollover_proposed", detail).await
        })
        .await?;
    Ok((cvca, name))
}

/// Makes what another officer proposed and this one has `seen`: key, link and self-signed certificate, and the news to every partner.
///
/// # Errors
/// [`SpocError::NothingProposed`], [`SpocError::SameOfficer`], [`SpocError::ProposalReplaced`], [`SpocError::ClockInDoubt`], [`SpocError::KeyStore`].
pub(crate) async fn confirm(app: &App, call: &Call, cvca: &str, seen: &str) -> Result<RolledOver, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    app.doubt()?;
    app.refresh().await?;
    let now = app.clock.now();
    let proposal = rollovers::find(app.store.reader(), cvca).await?;
    let proposal = proposal.ok_or_else(|| SpocError::NothingProposed(cvca.to_owned()))?;
    let at = Timestamp::from_millis(proposal.proposed_at);
    two_officers::confirm(&Approval::Proposed { by: proposal.proposed_by.clone(), at }, &officer)?;
    is_seen(seen, &proposal_name(&proposal), cvca)?;
    let state = app.control.at(now);
    let (previous, previous_key) = previous(state.records(), cvca)?;
    let made = make(app, &proposal, previous, previous_key, now).await?;
    failpoint::reach("spoc.rollover.signed").await;
    let kept =
        app.store.write_tx(async |tx| keep(app, tx, call, &officer, &proposal, previous, &made, now).await).await;
    failpoint::reach("spoc.rollover.committed").await;
    issuing::discard_unless(app, kept, made.key).await?;
    app.refresh().await?;
    Ok(RolledOver {
        chr: made.root.chr().to_string(),
        certificates: [made.link, made.root].map(|one| one.as_der().to_vec()).to_vec(),
    })
}

async fn make(
    app: &App,
    proposal: &cvca_rollover::Model,
    previous: &CertificateRecord,
    previous_key: &KeyHandle,
    now: Timestamp,
) -> Result<Made, SpocError> {
    let corrupt = |what: &str| SpocError::Corrupt(format!("the proposal for {}: {what}", proposal.cvca));
    let days = u32::try_from(proposal.validity_days).map_err(|_| corrupt("its validity"))?;
    let (effective, expires) = national_cvca::validity(app, Day::of(now), days)?;
    let car: Reference = previous.chr.parse().map_err(|_| corrupt("the generation before"))?;
    let order = Order {
        mnemonic: car.mnemonic(),
        algorithm: proposal.algorithm.clone(),
        parameters: proposal.parameters.clone(),
        validity_days: days,
    };
    let kind = if is_same_kind(&order.algorithm, &order.parameters) {
        None
    } else {
        Some(national_cvca::key_kind(app, &order)?)
    };
    let chr = issuing::next_reference(app, &order.mnemonic).await?;
    let chat = Chat::new(ChatRole::Cvca, Rights::inspection(true, true));
    let template = Template::new(chr, chat, effective, expires);
    let (keystore, previous_key) = (app.keystore.clone(), previous_key.clone());
    blocking(move || {
        let signer = StoredSigner::new(keystore.as_ref(), previous_key.clone())?;
        let kind = match kind {
            Some(kind) => kind,
            None => KeyKind::Like(keystore.public_key(&previous_key)?),
        };
        let made = keystore.generate(KeyRole::NationalCvca, &kind)?;
        match certify(keystore.as_ref(), &signer, car, &made.handle, &made.public_key, &template) {
            Ok([link, root]) => Ok(Made { key: made.handle, link, root }),
            Err(failure) => {
                keystore.delete(&made.handle)?;
                Err(failure)
            }
        }
    })
    .await
}

/// Link by the previous key, then self-signed certificate, both of the same validity.
fn certify(
    keystore: &dyn KeyStore,
    previous: &StoredSigner<'_>,
    car: Reference,
    handle: &KeyHandle,
    key: &PublicKey,
    template: &Template,
) -> Result<[Certificate; 2], SpocError> {
    use cvc::private_key::Signer;
    let unchanged = key.parameters() == previous.public_key().parameters();
    let form = if unchanged { ParameterForm::Inherited } else { ParameterForm::Written };
    let link = issue::link(previous, car, key, form, template)?;
    let signer = StoredSigner::new(keystore, handle.clone())?;
    Ok([link, issue::self_signed(&signer, template)?])
}

#[expect(clippy::too_many_arguments, reason = "what was proposed, what was made, and on whose behalf")]
async fn keep(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    officer: &str,
    proposal: &cvca_rollover::Model,
    previous: &CertificateRecord,
    made: &Made,
    now: Timestamp,
) -> Result<(), SpocError> {
    // Two officers may have confirmed at once, or another proposal come meanwhile.
    if rollovers::find(tx, &proposal.cvca).await?.as_ref() != Some(proposal) {
        return Err(SpocError::NothingProposed(proposal.cvca.clone()));
    }
    let before = certificates::find(tx, &previous.car, &previous.chr).await?;
    if before.is_none_or(|before| before.state != State::Active.as_str()) {
        return Err(SpocError::NationalCvca("was suspended meanwhile"));
    }
    for (certificate, role, key) in [(&made.link, Role::CvcaLink, None), (&made.root, Role::Cvca, Some(&made.key))] {
        let cvca = proposal.cvca.clone();
        let taking = Taking { role, cvca, state: State::Active, key, officer, now };
        let mut row = issuing::row(certificate, &taking);
        row.imported_by.clone_from(&proposal.proposed_by);
        row.confirmed_by = Some(officer.to_owned());
        issuing::announce(app, tx, &row).await?;
        certificates::insert(tx, row).await?;
    }
    rollovers::forget(tx, &proposal.cvca).await?;
    generations::raise(tx, Subject::Certificates, now).await?;
    let ders = [&made.link, &made.root].map(|one| one.as_der().to_vec());
    ca_certificates::push(app, tx, &ders, &made.root.chr().to_string()).await?;
    let detail = json!({
        "previous": previous.chr,
        "chr": made.root.chr().to_string(),
        "algorithm": made.root.public_key().algorithm.name(),
        "expires": Day::of_date(made.root.expires()).to_string(),
        "proposedBy": proposal.proposed_by,
        "fingerprint": issuing::fingerprint(made.root.as_der()),
        "linkFingerprint": issuing::fingerprint(made.link.as_der()),
    });
    record(app, tx, call, "national_cvca.rolled_over", detail).await?;
    failpoint::reach("spoc.rollover.written").await;
    Ok(())
}

/// The newest generation whose key is held, expired or not: only it can sign the link to the next.
fn previous<'a>(
    records: &'a [CertificateRecord],
    cvca: &str,
) -> Result<(&'a CertificateRecord, &'a KeyHandle), SpocError> {
    let roots = records.iter().filter(|record| record.role == Role::Cvca && record.cvca == cvca);
    let active = roots.filter(|record| record.state == State::Active);
    let with_key = active.filter_map(|record| Some((record, record.key.as_ref()?)));
    with_key
        .max_by(|(one, _), (two, _)| (one.effective, &one.chr).cmp(&(two.effective, &two.chr)))
        .ok_or(SpocError::NationalCvca("of this mnemonic is not held with its key, so nothing can follow it"))
}

fn is_same_kind(algorithm: &str, parameters: &str) -> bool {
    algorithm.is_empty() && parameters.is_empty()
}
