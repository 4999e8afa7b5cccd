//! Judges documents off the async threads, so many at once as the machine has threads for.

use std::sync::Arc;

use emrtd::inspection::{Inspection as Judgement, Profile, inspect, update};
use emrtd::presentation::AccessProtocol;
use straznica_types::{SharedClock, Timestamp};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::trust::TrustInForce;
use crate::domain::{Evidence, KeptEvidence, Reading, mark_unconfirmed, presentation, verdict_name};
use crate::error::IdentityError;
use crate::metrics::Metrics;

/// The judges of this node.
pub(crate) struct Judges {
    permits: Arc<Semaphore>,
    profile: Arc<Profile>,
    profile_name: String,
    clock: SharedClock,
    metrics: Arc<Metrics>,
}

impl Judges {
    /// So many at once, by this profile.
    pub(crate) fn new(
        at_once: usize,
        profile: Profile,
        profile_name: String,
        clock: SharedClock,
        metrics: Arc<Metrics>,
    ) -> Self {
        let permits = Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS)));
        Self { permits, profile: Arc::new(profile), profile_name, clock, metrics }
    }

    /// Name of the profile, as inspections record it.
    pub(crate) fn profile_name(&self) -> &str {
        &self.profile_name
    }

    /// The profile.
    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Judges a reading that opens an inspection.
    pub(super) async fn first(
        &self,
        reading: Arc<Reading>,
        kept: Arc<KeptEvidence>,
        trust: TrustInForce,
    ) -> Result<Judgement, IdentityError> {
        let begun = Instant::now();
        let judgement = self
            .judge(trust, move |trust, profile, at| {
                let mut presented = presentation(reading.access, &kept, &reading.evidence);
                presented.com = reading.com.as_deref();
                presented.optical_mrz = reading.mrz_optical.as_ref().map(|zone| zone.expose().as_str());
                Ok(inspect(&presented, &trust.store, profile, at)?)
            })
            .await?;
        self.metrics.judged(verdict_name(judgement.verdict), true, begun.elapsed());
        Ok(judgement)
    }

    /// Brings a judgement up to date.
    pub(super) async fn again(
        &self,
        previous: Judgement,
        access: AccessProtocol,
        evidence: Arc<Evidence>,
        kept: Arc<KeptEvidence>,
        trust: TrustInForce,
    ) -> Result<Judgement, IdentityError> {
        let begun = Instant::now();
        let judgement = self
            .judge(trust, move |trust, profile, at| {
                Ok(update(&previous, &presentation(access, &kept, &evidence), &trust.store, profile, at)?)
            })
            .await?;
        self.metrics.judged(verdict_name(judgement.verdict), false, begun.elapsed());
        Ok(judgement)
    }

    async fn judge<W>(&self, trust: TrustInForce, work: W) -> Result<Judgement, IdentityError>
    where
        W: FnOnce(&TrustInForce, &Profile, OffsetDateTime) -> Result<Judgement, IdentityError> + Send + 'static,
    {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| IdentityError::Closing)?;
        let profile = self.profile.clone();
        let at = calendar(self.clock.now())?;
        let judging = tokio::task::spawn_blocking(move || {
            // Held to the end even when the caller has gone: the thread is busy all the same.
            let _permit = permit;
            let mut judgement = work(&trust, &profile, at)?;
            if !trust.confirmed {
                mark_unconfirmed(&mut judgement, &profile, trust.confirmed_at);
            }
            Ok(judgement)
        });
        judging.await.map_err(IdentityError::Computation)?
    }
}

fn calendar(at: Timestamp) -> Result<OffsetDateTime, IdentityError> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000).map_err(|_| IdentityError::Clock)
}
