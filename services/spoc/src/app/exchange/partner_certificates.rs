//! What a partner shows when it is let in: kept for the board and the calendar, so that what was tolerated, and what ends, is told before it is refused.

use exchange::{
    Country,
    identity::{PeerCertificate, Reached, Warning},
};

use super::super::App;
use crate::{
    error::SpocError,
    store::{entity::partner_certificate, exchange::partner_certificates as store},
};

/// How often a certificate that is the same is written down anew.
const SAME_EVERY_MS: i64 = 24 * 60 * 60 * 1000;
/// How often another one is, at most: a partner with two is let in by each in turn.
const OTHER_EVERY_MS: i64 = 60 * 1000;

/// Notes the certificate of a peer found good. That it could not be noted turns nobody away.
pub(super) async fn note_softly(app: &App, peer: &PeerCertificate, side: &'static str) {
    if let Err(failure) = note(app, peer, side).await {
        let (error, country) = (&failure as &dyn std::error::Error, peer.country);
        tracing::warn!(error, %country, "the certificate of a partner could not be noted");
    }
}

async fn note(app: &App, peer: &PeerCertificate, side: &'static str) -> Result<(), SpocError> {
    let seen_at = app.clock.now().millis();
    let row = partner_certificate::Model {
        country: peer.country.to_string(),
        side: side.to_owned(),
        fingerprint: peer.fingerprint.to_string(),
        not_after: peer.not_after.millis(),
        remarks: remarks(peer).join("\n"),
        seen_at,
    };
    let known = of(app, peer.country).await?.into_iter().find(|known| known.side == side);
    let is_told = |known: &partner_certificate::Model| {
        let is_same = *known == row.clone().seen(known.seen_at);
        let every = if is_same { SAME_EVERY_MS } else { OTHER_EVERY_MS };
        // A clock set back is no reason to stay silent.
        (0..every).contains(&seen_at.saturating_sub(known.seen_at))
    };
    if known.as_ref().is_some_and(is_told) {
        return Ok(());
    }
    app.store.write_tx(async |tx| Ok::<_, SpocError>(store::replace(tx, row.clone()).await?)).await
}

impl partner_certificate::Model {
    fn seen(self, seen_at: i64) -> Self {
        Self { seen_at, ..self }
    }
}

/// Those a partner last showed.
pub(super) async fn of(app: &App, country: Country) -> Result<Vec<partner_certificate::Model>, SpocError> {
    Ok(store::of(app.store.reader(), country).await?)
}

/// What somebody should look at.
fn remarks(peer: &PeerCertificate) -> Vec<String> {
    // Departures that are tolerated are nothing to act on, and stand in the log: whole states have one in every certificate.
    let to_act_on = |warning: &&Warning| !matches!(warning, Warning::Tolerated(_));
    let mut remarks: Vec<String> = peer.warnings.iter().filter(to_act_on).map(ToString::to_string).collect();
    if let Reached::ByRootLink { .. } = peer.reached {
        remarks.push("it leads to a new root by a link: the new root is to be registered".to_owned());
    }
    remarks
}
