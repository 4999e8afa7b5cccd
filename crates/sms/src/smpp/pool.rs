//! Several links: each gets its share of the messages by weight, less while it is too fast, none while it is down.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::{join_all, select_all};
use straznica_types::SharedClock;
use tokio::time::Instant;

use super::link::Link;
use super::message::{Message, Outcome, PartOutcome, Verdict};
use super::state::LinkState;
use crate::life::Failure;

/// While no link takes a message, how long until they are asked again.
const AGAIN: Duration = Duration::from_millis(250);

/// Links with weights.
#[derive(Debug)]
pub struct Pool {
    links: Vec<Link>,
    shares: Mutex<Shares>,
    clock: SharedClock,
}

impl Pool {
    /// Of these links; `None` without any.
    pub fn new(links: Vec<(Link, NonZeroU32)>, clock: SharedClock) -> Option<Self> {
        let weights: Vec<u32> = links.iter().map(|(_, weight)| weight.get()).collect();
        let links: Vec<Link> = links.into_iter().map(|(link, _)| link).collect();
        (!links.is_empty()).then(|| Self { links, shares: Mutex::new(Shares::new(weights)), clock })
    }

    /// Gives a message to a link and waits for its outcome, which says which link it was. Another link is tried only when nothing can be on its
    /// way: nothing was written, or the SMSC refused the first part for the moment or for a reason of the link's own. While every link is down it
    /// waits, until the message expires; once all are stopped it comes back as not sent.
    pub async fn submit(&self, message: Message) -> Outcome {
        self.place(message, None).await
    }

    /// The same, but the message comes back as not sent when no link has taken it within `patience`: its caller keeps it better than memory does.
    pub async fn submit_within(&self, message: Message, patience: Duration) -> Outcome {
        self.place(message, Some(Instant::now() + patience)).await
    }

    async fn place(&self, message: Message, until: Option<Instant>) -> Outcome {
        let mut tried = BTreeSet::new();
        let mut refused: Option<Outcome> = None;
        loop {
            if self.clock.now() >= message.expires {
                let nowhere = vec![PartOutcome::Expired; message.parts.count()];
                return refused.unwrap_or(Outcome { link: None, parts: nowhere, waited: None });
            }
            let Some((index, link)) = self.choose(&tried) else {
                if let Some(outcome) = refused {
                    return outcome;
                }
                let stopped = self.links.iter().all(Link::is_stopped);
                if stopped || until.is_some_and(|until| Instant::now() >= until) {
                    let nowhere = vec![PartOutcome::NotSent; message.parts.count()];
                    return Outcome { link: None, parts: nowhere, waited: None };
                }
                tried.clear();
                self.wait_for_a_link().await;
                continue;
            };
            let outcome = link.submit_while_flowing(message.clone()).await;
            match outcome.verdict() {
                Verdict::NotSent => {
                    tried.insert(index);
                }
                Verdict::Refused { failure: Failure::Temporary | Failure::Technical, .. } if outcome.untaken() => {
                    tried.insert(index);
                    refused = Some(outcome);
                }
                _ => return outcome,
            }
        }
    }

    /// How each link is doing.
    pub fn states(&self) -> Vec<LinkState> {
        self.links.iter().map(Link::state).collect()
    }

    /// Stops all links at once.
    pub async fn stop(&self) {
        join_all(self.links.iter().map(Link::stop)).await;
    }

    fn choose(&self, tried: &BTreeSet<usize>) -> Option<(usize, &Link)> {
        let paces: Vec<u32> = self
            .links
            .iter()
            .enumerate()
            .map(|(index, link)| if link.is_bound() && !tried.contains(&index) { link.pace() } else { 0 })
            .collect();
        let chosen = self.shares.lock().unwrap_or_else(PoisonError::into_inner).next(&paces)?;
        self.links.get(chosen).map(|link| (chosen, link))
    }

    /// Until one is bound, and a moment at least: a link that is bound may have handed the message back because it is too fast.
    async fn wait_for_a_link(&self) {
        tokio::time::sleep(AGAIN / 10).await;
        let any = select_all(self.links.iter().map(|link| Box::pin(link.bound())));
        // In time to see that the message has expired.
        let _in_time = tokio::time::timeout(AGAIN, any).await;
    }
}

/// Whose turn it is: each link's credit grows by its weight at its present pace, the richest pays for the turn. Shares come out exact and evenly
/// mixed.
#[derive(Debug)]
struct Shares {
    weights: Vec<u32>,
    credits: Vec<i64>,
}

impl Shares {
    fn new(weights: Vec<u32>) -> Self {
        let credits = vec![0; weights.len()];
        Self { weights, credits }
    }

    /// `paces` in thousandths of the agreed rate; 0 for a link that cannot take anything.
    fn next(&mut self, paces: &[u32]) -> Option<usize> {
        let mut total = 0;
        let mut richest: Option<(usize, i64)> = None;
        for (index, ((weight, pace), credit)) in self.weights.iter().zip(paces).zip(&mut self.credits).enumerate() {
            if *pace == 0 {
                // No savings from bad times.
                *credit = 0;
                continue;
            }
            let gain = i64::from(*weight) * i64::from(*pace);
            total += gain;
            *credit += gain;
            if richest.is_none_or(|(_, most)| *credit > most) {
                richest = Some((index, *credit));
            }
        }
        let (chosen, _) = richest?;
        if let Some(credit) = self.credits.get_mut(chosen) {
            *credit -= total;
        }
        Some(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(shares: &mut Shares, paces: &[u32], count: usize) -> Vec<usize> {
        let mut turns = vec![0; paces.len()];
        for _ in 0..count {
            turns[shares.next(paces).unwrap()] += 1;
        }
        turns
    }

    #[test]
    fn links_get_their_shares_by_weight() {
        let mut shares = Shares::new(vec![5, 3, 2]);
        assert_eq!(turns(&mut shares, &[1_000, 1_000, 1_000], 100), [50, 30, 20]);
        let first: Vec<_> = (0..4).map(|_| shares.next(&[1_000, 1_000, 1_000]).unwrap()).collect();
        assert_eq!(first, [0, 1, 2, 0]);
    }

    #[test]
    fn a_link_that_is_too_fast_gets_less_and_one_that_is_down_nothing() {
        let mut shares = Shares::new(vec![1, 1]);
        assert_eq!(turns(&mut shares, &[1_000, 250], 100), [80, 20]);
        assert_eq!(turns(&mut shares, &[1_000, 0], 10), [10, 0]);
        // Back again it gets its share and no more.
        assert_eq!(turns(&mut shares, &[1_000, 1_000], 100), [50, 50]);
        assert_eq!(shares.next(&[0, 0]), None);
    }
}
