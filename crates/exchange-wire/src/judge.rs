//! A peer judged with its revocation lists fetched: what an [`Admission`](crate::Admission) asks.

use std::sync::Arc;

use emrtd::x509::Crl;
use exchange::identity::{IdentityRefusal, Path, PeerCertificate, Presented, Registration};
use straznica_types::SharedClock;

use crate::{Binding, CrlProblem, CrlSource, Side};

/// Judges peers at the injected clock's time.
#[derive(Clone, Debug)]
pub struct Judge {
    lists: Arc<CrlSource>,
    clock: SharedClock,
}

/// A peer that is who it has to be.
#[derive(Debug)]
pub struct Judged {
    /// What is known of it.
    pub peer: PeerCertificate,
    /// What went wrong with lists all the same: an older one served, say.
    pub problems: Vec<CrlProblem>,
}

/// A peer that is refused.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    /// Why.
    pub why: IdentityRefusal,
    /// What went wrong with lists, when that is why.
    pub problems: Vec<CrlProblem>,
}

impl Judge {
    /// With lists from a source.
    #[must_use]
    pub fn new(lists: Arc<CrlSource>, clock: SharedClock) -> Self {
        Self { lists, clock }
    }

    /// Judges what a peer presented against the registration of the state it claims ([`Presented::country`]). `by_hand` are lists officers brought for
    /// partners whose own cannot be fetched; they count like fetched ones, and the newest of either kind takes the place of those before it.
    ///
    /// Everything but revocation comes first: nothing is fetched for whom no path leads to a registered root.
    ///
    /// # Errors
    /// [`Refused`]
    pub async fn judge(
        &self,
        presented: &Presented,
        registration: &Registration,
        by_hand: &[Crl],
        side: Side<'_>,
        binding: Binding,
    ) -> Result<Judged, Refused> {
        let path = presented.verify(registration, side, binding, self.clock.now());
        self.look_up(path, by_hand).await
    }

    /// Judges a peer again that was judged before on an open connection: its registration, its certificate or the lists may have changed since.
    ///
    /// # Errors
    /// [`Refused`]
    pub async fn judge_again(
        &self,
        presented: &Presented,
        registration: &Registration,
        by_hand: &[Crl],
        binding: Binding,
    ) -> Result<Judged, Refused> {
        let path = presented.verify_again(registration, binding, self.clock.now());
        self.look_up(path, by_hand).await
    }

    async fn look_up(&self, path: Result<Path, IdentityRefusal>, by_hand: &[Crl]) -> Result<Judged, Refused> {
        let path = path.map_err(|why| Refused { why, problems: Vec::new() })?;
        let (mut lists, mut problems) = (Vec::new(), Vec::new());
        for need in path.crl_needs() {
            let mut obtained = self.lists.obtain(&need).await;
            let now = self.clock.now();
            let counts = |crl: &Crl| need.check_freshness(crl, now).is_ok();
            let by_hand: Vec<Crl> = by_hand.iter().filter(|crl| need.check_issuer(crl).is_ok()).cloned().collect();
            if by_hand.iter().any(counts) {
                // Where nothing can be fetched, nothing is amiss.
                obtained.problems.retain(|problem| !matches!(problem, CrlProblem::NoHttpDistributionPoint { .. }));
            }
            problems.extend(obtained.problems);
            obtained.lists.extend(by_hand);
            // Whichever way it came, the newest that counts takes the place of those before it, as one fetched does.
            let newest = obtained.lists.iter().filter(|crl| counts(crl)).map(Crl::this_update).max();
            obtained.lists.retain(|crl| newest.is_none_or(|newest| crl.this_update() >= newest));
            lists.extend(obtained.lists);
        }
        match path.check_revocation(&lists, self.clock.now()) {
            Ok(peer) => Ok(Judged { peer, problems }),
            Err(why) => Err(Refused { why, problems }),
        }
    }
}
