//! The store and its builder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::country::{CountryTable, Environment};
use crate::lists::{DefectList, MasterList, Trusted};
use crate::trust::KnownDefect;
use crate::x509::{Certificate, Crl, Fingerprint};

/// A country signing CA certificate, and who vouches for it.
#[derive(Debug, Clone)]
pub struct Csca {
    /// The certificate: a root, or a link from an older key to a newer one.
    pub certificate: Certificate,
    /// The lists and people that vouch for it, by name.
    pub vouched_by: BTreeSet<String>,
    /// Does one of them rest on an anchor? Otherwise nothing can be decided by it.
    pub anchored: bool,
}

/// Why a revocation list was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CrlRefusal {
    /// No country signing CA of this name and key is in the store.
    #[error("no country signing CA is known that could have issued the revocation list")]
    UnknownIssuer,
    /// Its signature does not verify under any CA it could be from.
    #[error("the revocation list is not signed by the CA it names")]
    Signature,
    /// The CA that signed it rests on no anchor.
    #[error("the issuer of the revocation list rests on no anchor")]
    NotAnchored,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) environment: Environment,
    pub(super) countries: CountryTable,
    pub(super) cscas: Vec<Csca>,
    /// Positions in `cscas` by subject key identifier.
    pub(super) by_key: BTreeMap<Vec<u8>, Vec<usize>>,
    /// Positions in `cscas` by folded subject name.
    pub(super) by_name: BTreeMap<String, Vec<usize>>,
    /// The newest verified list of each folded issuer name and key: a state may go on with one name and several keys.
    pub(super) crls: BTreeMap<String, BTreeMap<Vec<u8>, Crl>>,
    pub(super) defects: Vec<KnownDefect>,
}

/// What an inspection trusts. Immutable and cheap to clone.
#[derive(Debug, Clone)]
pub struct TrustStore(pub(super) Arc<Inner>);

impl TrustStore {
    /// A builder for a store of this environment.
    #[must_use]
    pub fn builder(environment: Environment) -> TrustStoreBuilder {
        TrustStoreBuilder {
            environment,
            countries: CountryTable::standard().clone(),
            cscas: BTreeMap::new(),
            crls: BTreeMap::new(),
            defects: Vec::new(),
        }
    }

    /// The environment its documents are of.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.0.environment
    }

    /// Its table of states and countries.
    #[must_use]
    pub fn countries(&self) -> &CountryTable {
        &self.0.countries
    }

    /// All country signing CA certificates.
    #[must_use]
    pub fn cscas(&self) -> &[Csca] {
        &self.0.cscas
    }

    /// The newest verified revocation list of each issuer and key.
    pub fn crls(&self) -> impl Iterator<Item = &Crl> {
        self.0.crls.values().flat_map(BTreeMap::values)
    }
}

/// Gathers what is trusted. Revocation lists are taken after the CAs that sign them.
#[derive(Debug, Clone)]
pub struct TrustStoreBuilder {
    environment: Environment,
    countries: CountryTable,
    cscas: BTreeMap<Fingerprint, Csca>,
    crls: BTreeMap<String, BTreeMap<Vec<u8>, Crl>>,
    defects: Vec<KnownDefect>,
}

impl TrustStoreBuilder {
    /// Another table of states and countries.
    pub fn countries(&mut self, table: CountryTable) -> &mut Self {
        self.countries = table;
        self
    }

    /// Takes in a certificate that somebody named vouches for: it was pinned, or came by diplomatic bag.
    pub fn add_csca(&mut self, certificate: Certificate, vouched_by: &str) -> &mut Self {
        self.add(certificate, vouched_by, true)
    }

    /// Takes in every certificate of a list whose signer rests on an anchor.
    pub fn add_master_list(&mut self, list: &Trusted<MasterList>, name: &str) -> &mut Self {
        for certificate in list.list().certificates() {
            self.add(certificate.clone(), name, true);
        }
        self
    }

    /// Takes in the certificates of a list nobody anchors, for offline study: what rests on them stays undetermined.
    pub fn add_unanchored_master_list(&mut self, list: &MasterList, name: &str) -> &mut Self {
        for certificate in list.certificates() {
            self.add(certificate.clone(), name, false);
        }
        self
    }

    fn add(&mut self, certificate: Certificate, vouched_by: &str, anchored: bool) -> &mut Self {
        let entry = self.cscas.entry(certificate.fingerprint()).or_insert_with(|| Csca {
            certificate,
            vouched_by: BTreeSet::new(),
            anchored: false,
        });
        entry.vouched_by.insert(vouched_by.to_owned());
        entry.anchored |= anchored;
        self
    }

    /// Takes in a revocation list after verifying it under a CA already here. The newest of an issuer's
    /// name and key stays.
    ///
    /// # Errors
    /// [`CrlRefusal`]
    pub fn add_crl(&mut self, crl: Crl) -> Result<&mut Self, CrlRefusal> {
        let mut refusal = CrlRefusal::UnknownIssuer;
        let mut verified = None;
        for csca in self.cscas.values() {
            let extensions = csca.certificate.extensions();
            let by_name = csca.certificate.subject().matches_in_any_order(crl.issuer());
            if !by_name || !extensions.may_sign_crls() {
                continue;
            }
            let key = csca.certificate.public_key().map(|(key, _)| key);
            let good = key.and_then(|key| crl.verify_signature(key, &mut Vec::new())).is_ok();
            match (good, csca.anchored) {
                (true, true) => verified = Some(csca.certificate.spki().to_vec()),
                (true, false) => refusal = CrlRefusal::NotAnchored,
                (false, _) if refusal == CrlRefusal::UnknownIssuer => refusal = CrlRefusal::Signature,
                (false, _) => {}
            }
        }
        let key = verified.ok_or(refusal)?;
        let lists = self.crls.entry(crl.issuer().folded()).or_default();
        let newer = lists.get(&key).is_none_or(|known| known.this_update() < crl.this_update());
        if newer {
            lists.insert(key, crl);
        }
        Ok(self)
    }

    /// Takes in the defects of a list whose signer rests on an anchor.
    pub fn add_defect_list(&mut self, list: &Trusted<DefectList>) -> &mut Self {
        self.defects.extend(list.list().defects().iter().cloned());
        self
    }

    /// The finished store.
    #[must_use]
    pub fn build(self) -> TrustStore {
        let cscas: Vec<Csca> = self.cscas.into_values().collect();
        let mut by_key: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (position, csca) in cscas.iter().enumerate() {
            if let Some(key) = &csca.certificate.extensions().subject_key {
                by_key.entry(key.clone()).or_default().push(position);
            }
            by_name.entry(csca.certificate.subject().folded()).or_default().push(position);
        }
        TrustStore(Arc::new(Inner {
            environment: self.environment,
            countries: self.countries,
            cscas,
            by_key,
            by_name,
            crls: self.crls,
            defects: self.defects,
        }))
    }
}
