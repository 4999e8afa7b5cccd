//! Import of master lists.

use std::collections::{BTreeMap, BTreeSet};

use emrtd::{
    cms::SignedData,
    lists::{Anchor, ListDifference, ListRefusal, MasterList, Trusted},
    trust::TrustStore,
    x509::Certificate,
};
use serde_json::json;
use straznica_types::Timestamp;
use time::OffsetDateTime;

use super::{App, blocking, call::Call, documents_changed, issuing::fingerprint, record};
use crate::{
    error::SpocError,
    store::{entity::master_list, trust},
};

/// Most conflicts told one by one.
const MAX_CONFLICTS: usize = 200;

/// A master list taken in.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) anchor_fingerprint: String,
    pub(crate) cscas: u32,
    pub(crate) added: u32,
    pub(crate) removed: u32,
    pub(crate) conflicts: Vec<String>,
    pub(crate) generation: u64,
}

/// A list that passed, and what it changes.
struct Verified {
    sha256: String,
    list: Vec<u8>,
    anchor: String,
    publisher: String,
    cscas: Vec<(String, Vec<u8>)>,
    added: usize,
    clashes: Vec<String>,
    parsed: Trusted<MasterList>,
}

/// Imports a master list whose signer is issued by a confirmed anchor. It takes the place of the anchor's previous list.
///
/// # Errors
/// [`SpocError::NotVouched`] without such an anchor, [`SpocError::ListUnreadable`] for a list that breaks a rule, [`SpocError::Outdated`] for one that a
/// newer list of the same anchor has replaced.
pub(crate) async fn import(app: &App, call: &Call, list: Vec<u8>) -> Result<Taken, SpocError> {
    let officer = call.operator()?.to_owned();
    within_limit(app, &list)?;
    let now = app.clock.now();
    let state = app.documents.current();
    let verified = blocking(move || verify(list, &state.master_list_anchors, &state.trust, now)).await?;
    let taken = app
        .store
        .write_tx(async |tx| {
            let anchor = trust::find_anchor(tx, &verified.anchor, "master_list").await?;
            if anchor.is_none_or(|anchor| anchor.state != "confirmed") {
                return Err(SpocError::NotVouched("the anchor was withdrawn meanwhile".to_owned()));
            }
            let previous = trust::current_master_lists(tx).await?;
            let previous = previous.into_iter().find(|list| list.anchor_fingerprint == verified.anchor);
            let mut taken = Taken {
                anchor_fingerprint: verified.anchor.clone(),
                cscas: u32::try_from(verified.cscas.len()).unwrap_or(u32::MAX),
                added: u32::try_from(verified.added).unwrap_or(u32::MAX),
                removed: 0,
                conflicts: verified.clashes.clone(),
                generation: 0,
            };
            if previous.as_ref().is_some_and(|list| list.sha256 == verified.sha256) {
                taken.generation = app.documents.current().generation.number;
                return Ok(taken);
            }
            let older = previous.as_ref().is_some_and(|list| signed_before(verified.parsed.signed_at(), &list.list));
            if older || trust::find_master_list(tx, &verified.sha256).await?.is_some() {
                return Err(SpocError::Outdated);
            }
            if let Some(previous) = previous {
                compare(&previous.list, verified.parsed.list(), &mut taken)?;
            }
            taken.conflicts.truncate(MAX_CONFLICTS);
            let row = row(&verified, &officer, now);
            trust::insert_master_list(tx, row, verified.cscas.clone()).await?;
            taken.generation = documents_changed(app, tx, "master_list", now).await?.number;
            let detail = json!({
                "sha256": verified.sha256, "anchor": verified.anchor, "cscas": taken.cscas, "added": taken.added,
                "removed": taken.removed, "conflicts": taken.conflicts.len(),
            });
            record(app, tx, call, "master_list.imported", detail).await?;
            Ok::<_, SpocError>(taken)
        })
        .await?;
    app.refresh().await?;
    Ok(taken)
}

/// Refuses what is larger than configured, before anything reads it.
pub(crate) fn within_limit(app: &App, bytes: &[u8]) -> Result<(), SpocError> {
    let limit = app.config.trust.max_list_bytes;
    if bytes.len() > limit {
        return Err(SpocError::ListTooLarge { length: bytes.len(), limit });
    }
    Ok(())
}

/// Whether a list was signed before the one held of the same publisher: putting it in force would bring back what was withdrawn since.
pub(crate) fn signed_before(signed_at: Option<OffsetDateTime>, held: &[u8]) -> bool {
    let held = SignedData::parse(held).ok().and_then(|message| message.signing_time());
    matches!((signed_at, held), (Some(new), Some(held)) if new < held)
}

/// The moment as `emrtd` takes it.
pub(crate) fn moment(at: Timestamp) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000).ok()
}

/// A refusal in the words of this service: no anchor is a matter of precondition, the rest of content.
pub(crate) fn refusal(why: ListRefusal) -> SpocError {
    match why {
        ListRefusal::NoAnchor | ListRefusal::NotAnchored => SpocError::NotVouched(why.to_string()),
        other => SpocError::ListUnreadable(other.to_string()),
    }
}

fn verify(list: Vec<u8>, anchors: &[Certificate], held: &TrustStore, now: Timestamp) -> Result<Verified, SpocError> {
    let pinned: Vec<Anchor> = anchors.iter().cloned().map(Anchor::Certificate).collect();
    let parsed = MasterList::parse(&list).map_err(|why| SpocError::ListUnreadable(why.to_string()))?;
    let parsed = parsed.verify(&pinned, moment(now)).map_err(refusal)?;
    let known: BTreeSet<_> = held.cscas().iter().map(|csca| csca.certificate.fingerprint()).collect();
    let certificates = parsed.list().certificates();
    // A list may name a certificate twice.
    let cscas: BTreeMap<String, Vec<u8>> = certificates
        .iter()
        .map(|certificate| (certificate.fingerprint().to_string(), certificate.der().to_vec()))
        .collect();
    let mut clashes = clashes(certificates, held);
    clashes
        .extend(parsed.list().unreadable().iter().map(|(der, why)| format!("unreadable {}: {why}", fingerprint(der))));
    Ok(Verified {
        sha256: fingerprint(&list),
        anchor: parsed.anchor().fingerprint().to_string(),
        publisher: parsed.anchor().subject().to_string(),
        added: certificates.iter().filter(|certificate| !known.contains(&certificate.fingerprint())).count(),
        cscas: cscas.into_iter().collect(),
        clashes,
        list,
        parsed,
    })
}

/// Where a certificate claims the key identifier of a held one of the same country for another key.
fn clashes(certificates: &[Certificate], held: &TrustStore) -> Vec<String> {
    let name = |certificate: &Certificate| {
        let key = certificate.extensions().subject_key.clone()?;
        Some((key, certificate.subject().country().map(str::to_uppercase)))
    };
    let by_name: BTreeMap<_, &Certificate> =
        held.cscas().iter().filter_map(|csca| Some((name(&csca.certificate)?, &csca.certificate))).collect();
    let clash = |certificate: &Certificate| {
        let other = by_name.get(&name(certificate)?)?;
        (other.spki() != certificate.spki()).then(|| {
            format!("subject_key_identifier: {} held, {} in the list", other.fingerprint(), certificate.fingerprint())
        })
    };
    certificates.iter().filter_map(clash).collect()
}

/// What the publisher's previous list had and this one has not, and where they contradict each other.
fn compare(previous: &[u8], new: &MasterList, taken: &mut Taken) -> Result<(), SpocError> {
    let previous = MasterList::parse(previous).map_err(|why| SpocError::Corrupt(why.to_string()))?;
    let difference = ListDifference::between(&previous, new);
    taken.removed = u32::try_from(difference.disappeared.len()).unwrap_or(u32::MAX);
    for conflict in difference.conflicts {
        let text =
            format!("{}: {} held, {} in the list", conflict.same, conflict.old.fingerprint, conflict.new.fingerprint);
        if !taken.conflicts.contains(&text) {
            taken.conflicts.push(text);
        }
    }
    Ok(())
}

fn row(verified: &Verified, officer: &str, now: Timestamp) -> master_list::Model {
    master_list::Model {
        sha256: verified.sha256.clone(),
        anchor_fingerprint: verified.anchor.clone(),
        publisher: verified.publisher.clone(),
        list: verified.list.clone(),
        cscas: i64::try_from(verified.cscas.len()).unwrap_or(i64::MAX),
        imported_by: officer.to_owned(),
        imported_at: now.millis(),
        current: true,
    }
}
