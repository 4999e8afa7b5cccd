//! The chain a terminal presents to a chip (TR-03129 GetCertificateChain; TR-03110-3 2.5).
//!
//! A chip names the CVCA keys it trusts. From there the newest generation it can reach by links is looked for, under
//! which a document verifier and a terminal certificate are valid and the terminal's key is at hand. Links may have
//! expired, since chips accept them; the two below may not.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;

use crate::algorithm::Algorithm;
use crate::certificate::Certificate;
use crate::chat::{Rights, Role};
use crate::reference::Reference;
use crate::trust::{CertificateId, Node, TrustGraph};
use crate::verify::{check_day, effective_rights};

/// Why there is no chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// No CVCA certificate of that reference is held (failure_CAR_unknown).
    #[error("no CVCA certificate of {0} is held")]
    CarUnknown(Reference),
    /// No generation the chip can reach has a valid document verifier and terminal with a key at hand.
    #[error("no valid terminal certificate with a key at hand is reachable from {0}")]
    NoTerminal(Reference),
}

/// What a chip that trusts [`Chain::car`] has to be shown, in order.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The trust point of the chip the chain begins at.
    pub car: Reference,
    /// Link certificates, oldest first.
    pub links: Vec<Certificate>,
    /// The document verifier.
    pub dv: Certificate,
    /// The terminal.
    pub terminal: Certificate,
    /// Effective rights.
    pub rights: Rights,
    /// The algorithm the terminal signs with.
    pub algorithm: Algorithm,
    /// Last day on which the whole chain is good: the earlier expiry of the lower two.
    pub expires: Date,
}

impl Chain {
    /// The certificates in the order a chip verifies them.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.links.iter().chain([&self.dv, &self.terminal])
    }
}

impl TrustGraph {
    /// The chain for a chip that trusts `car`, good on the day `at`, ending in a terminal that `usable` accepts (its key
    /// is at hand, it is not suspended).
    ///
    /// # Errors
    /// [`ChainError`]
    pub fn chain_for(
        &self,
        car: Reference,
        at: Date,
        usable: impl Fn(&Certificate) -> bool,
    ) -> Result<Chain, ChainError> {
        let mut generations = self.reachable(car, at);
        if generations.is_empty() {
            return Err(ChainError::CarUnknown(car));
        }
        generations.sort_by_key(|links| {
            let newest = links.last().map(|node| node.certificate().effective());
            std::cmp::Reverse((newest, links.len()))
        });
        generations
            .iter()
            .find_map(|generation| self.chain_under(car, generation, at, &usable))
            .ok_or(ChainError::NoTerminal(car))
    }

    /// The chains of every CVCA reference held, for a caller that computes them when trust changes and not per request.
    pub fn chains(&self, at: Date, usable: impl Fn(&Certificate) -> bool) -> BTreeMap<Reference, Chain> {
        let cars: BTreeSet<Reference> = self
            .nodes()
            .filter(|node| node.certificate().chat().role() == Role::Cvca)
            .map(|node| node.certificate().chr())
            .collect();
        cars.into_iter().filter_map(|car| Some((car, self.chain_for(car, at, &usable).ok()?))).collect()
    }

    /// Every generation a chip trusting `car` can be led to: the CVCA certificate it starts from, then links.
    fn reachable(&self, car: Reference, at: Date) -> Vec<Vec<&Node>> {
        let effective = |node: &Node| node.certificate().effective() <= at;
        // What the chip holds was self-signed, or came by a link; the self-signed one is taken where both are known.
        let mut start: Vec<&Node> = self.cvcas(car).filter(|node| effective(node)).collect();
        start.sort_by_key(|node| !node.certificate().is_self_signed());
        start.dedup_by(|one, other| one.key() == other.key());
        let mut paths: Vec<Vec<&Node>> = start.into_iter().map(|node| vec![node]).collect();
        let mut seen: BTreeSet<CertificateId> = BTreeSet::new();
        let mut position = 0;
        while position < paths.len() {
            let path = paths[position].clone();
            position += 1;
            let Some(top) = path.last().copied() else { continue };
            for link in self.nodes() {
                let certificate = link.certificate();
                let is_link = certificate.chat().role() == Role::Cvca && !certificate.is_self_signed();
                if is_link && top.signed(link) && effective(link) && seen.insert(CertificateId::from(certificate)) {
                    paths.push([path.as_slice(), &[link]].concat());
                }
            }
        }
        paths
    }

    fn chain_under(
        &self,
        car: Reference,
        generation: &[&Node],
        at: Date,
        usable: &impl Fn(&Certificate) -> bool,
    ) -> Option<Chain> {
        let cvca = generation.last()?;
        self.signed_by(cvca, at, Role::is_dv).into_iter().find_map(|dv| {
            let terminals = self.signed_by(dv, at, |role| role == Role::Terminal);
            let terminal = terminals.into_iter().find(|node| usable(node.certificate()))?;
            Some(Chain {
                car,
                links: generation[1..].iter().map(|node| node.certificate().clone()).collect(),
                rights: effective_rights(&[cvca, dv, terminal])?,
                algorithm: terminal.key().algorithm(),
                expires: dv.certificate().expires().min(terminal.certificate().expires()),
                dv: dv.certificate().clone(),
                terminal: terminal.certificate().clone(),
            })
        })
    }

    /// Certificates signed by `issuer` and good at `at`, the newest first.
    fn signed_by(&self, issuer: &Node, at: Date, wanted: impl Fn(Role) -> bool) -> Vec<&Node> {
        let mut found: Vec<&Node> = self
            .nodes()
            .filter(|node| wanted(node.certificate().chat().role()) && issuer.signed(node))
            .filter(|node| check_day(node, at).is_none())
            .collect();
        found.sort_by_key(|node| std::cmp::Reverse((node.certificate().effective(), node.certificate().expires())));
        found
    }
}
