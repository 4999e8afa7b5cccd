//! The trust in documents of one generation, built from what is stored and replaced as a whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arc_swap::ArcSwap;
use emrtd::{
    country,
    lists::{Anchor, DefectList},
    trust::TrustStore,
    x509::{Certificate, Crl},
};
use straznica_store::Store;
use straznica_types::{Environment, Timestamp};

use crate::{
    error::SpocError,
    store::{
        entity::{anchor, csca, defect_list, master_list, revocation_list},
        generations::{self, Generation, Subject},
        trust,
    },
};

/// What vouches for a certificate two officers agreed on.
const BILATERAL: &str = "bilateral";
/// How often reading starts anew when changes keep coming in between.
const ATTEMPTS: u32 = 5;

/// A master list in use, without its bytes.
#[derive(Debug, Clone)]
pub(crate) struct ListInUse {
    pub(crate) publisher: String,
    pub(crate) sha256: String,
    pub(crate) imported_at: Timestamp,
    pub(crate) cscas: u32,
}

/// A defect list in use.
#[derive(Debug, Clone)]
pub(crate) struct DefectListInUse {
    pub(crate) sha256: String,
    pub(crate) imported_at: Timestamp,
    pub(crate) der: Vec<u8>,
}

/// Trust of one generation.
#[derive(Debug)]
pub(crate) struct DocumentState {
    pub(crate) generation: Generation,
    /// What certificates are judged by: CSCAs with who vouches for each, verified CRLs, defects.
    pub(crate) trust: TrustStore,
    pub(crate) master_lists: Vec<ListInUse>,
    pub(crate) defect_lists: Vec<DefectListInUse>,
    /// Confirmed anchors that issue master list signers.
    pub(crate) master_list_anchors: Vec<Certificate>,
    /// Confirmed anchors that issue defect list signers.
    pub(crate) defect_list_anchors: Vec<Certificate>,
}

/// Holds the newest [`DocumentState`].
#[derive(Debug)]
pub(crate) struct DocumentTrust {
    state: ArcSwap<DocumentState>,
    loaded: tokio::sync::Mutex<bool>,
}

/// Everything one state is built from.
struct Rows {
    generation: Generation,
    anchors: Vec<anchor::Model>,
    lists: Vec<master_list::Model>,
    vouchings: Vec<(String, Vec<String>)>,
    cscas: Vec<csca::Model>,
    crls: Vec<revocation_list::Model>,
    defects: Vec<defect_list::Model>,
}

impl DocumentTrust {
    /// Trust in nothing.
    pub(crate) fn empty(environment: Environment) -> Self {
        let state = DocumentState {
            generation: Generation::default(),
            trust: TrustStore::builder(of_documents(environment)).build(),
            master_lists: Vec::new(),
            defect_lists: Vec::new(),
            master_list_anchors: Vec::new(),
            defect_list_anchors: Vec::new(),
        };
        Self { state: ArcSwap::from_pointee(state), loaded: tokio::sync::Mutex::new(false) }
    }

    /// The newest state.
    pub(crate) fn current(&self) -> Arc<DocumentState> {
        self.state.load_full()
    }

    /// Builds the state afresh when the database holds a newer generation. Returns whether it did.
    pub(crate) async fn reload(&self, store: &Store, environment: Environment) -> Result<bool, SpocError> {
        let mut loaded = self.loaded.lock().await;
        let generation = generations::current(store.reader(), Subject::Documents).await?;
        if *loaded && generation.number <= self.state.load().generation.number {
            return Ok(false);
        }
        let rows = read(store).await?;
        let state = super::blocking(move || build(rows, environment)).await?;
        self.state.store(Arc::new(state));
        *loaded = true;
        Ok(true)
    }
}

/// Reads all rows of one generation: when it changed meanwhile, once more.
async fn read(store: &Store) -> Result<Rows, SpocError> {
    let db = store.reader();
    let mut attempt = 1;
    loop {
        let generation = generations::current(db, Subject::Documents).await?;
        let lists = trust::current_master_lists(db).await?;
        let mut vouchings = Vec::with_capacity(lists.len());
        for list in &lists {
            vouchings.push((list.sha256.clone(), trust::cscas_of(db, &list.sha256).await?));
        }
        let rows = Rows {
            generation,
            anchors: trust::anchors(db).await?,
            lists,
            vouchings,
            cscas: trust::cscas(db).await?,
            crls: trust::revocation_lists(db).await?,
            defects: trust::defect_lists(db).await?,
        };
        let unchanged = generations::current(db, Subject::Documents).await? == generation;
        // A label older than the rows is mended by the next look; it never hides a change.
        if unchanged || attempt == ATTEMPTS {
            return Ok(rows);
        }
        attempt += 1;
    }
}

fn build(rows: Rows, environment: Environment) -> Result<DocumentState, SpocError> {
    let anchors = Anchors::of(&rows.anchors)?;
    let mut builder = TrustStore::builder(of_documents(environment));
    for certificate in anchors.master_list.values().chain(anchors.csca.values()) {
        builder.add_csca(certificate.clone(), BILATERAL);
    }
    let vouching: BTreeMap<&str, &Vec<String>> =
        rows.vouchings.iter().map(|(list, cscas)| (list.as_str(), cscas)).collect();
    let known: BTreeMap<&str, &csca::Model> = rows.cscas.iter().map(|csca| (csca.fingerprint.as_str(), csca)).collect();
    let mut parsed: BTreeMap<&str, Certificate> = BTreeMap::new();
    let mut master_lists = Vec::new();
    for list in rows.lists.iter().filter(|list| anchors.master_list.contains_key(&list.anchor_fingerprint)) {
        let name = format!("{} master list {}", list.publisher, list.sha256);
        for fingerprint in vouching.get(list.sha256.as_str()).into_iter().copied().flatten() {
            let missing = || SpocError::Corrupt(format!("CSCA {fingerprint} of list {}", list.sha256));
            let row = known.get(fingerprint.as_str()).ok_or_else(missing)?;
            let certificate = match parsed.get(fingerprint.as_str()) {
                Some(certificate) => certificate.clone(),
                None => {
                    let certificate = Certificate::parse(&row.certificate).map_err(|_| missing())?;
                    parsed.insert(&row.fingerprint, certificate.clone());
                    certificate
                }
            };
            builder.add_csca(certificate, &name);
        }
        master_lists.push(ListInUse {
            publisher: list.publisher.clone(),
            sha256: list.sha256.clone(),
            imported_at: Timestamp::from_millis(list.imported_at),
            cscas: u32::try_from(list.cscas).unwrap_or(u32::MAX),
        });
    }
    for row in &rows.crls {
        let crl = Crl::parse(&row.crl).map_err(|_| SpocError::Corrupt(format!("CRL {}", row.sha256)))?;
        if let Err(refusal) = builder.add_crl(crl) {
            // Its CSCA is trusted no more; the list waits in the database in case it is again.
            tracing::info!(sha256 = row.sha256, %refusal, "a revocation list is not in use");
        }
    }
    let pinned: Vec<Anchor> = anchors.defect_list.values().cloned().map(Anchor::Certificate).collect();
    let mut defect_lists = Vec::new();
    for row in rows.defects.iter().filter(|row| anchors.defect_list.contains_key(&row.anchor_fingerprint)) {
        let corrupt = |why: String| SpocError::Corrupt(format!("defect list {}: {why}", row.sha256));
        let list = DefectList::parse(&row.list).map_err(|why| corrupt(why.to_string()))?;
        // Validity of the signer was judged on the day of the import.
        let list = list.verify(&pinned, None).map_err(|why| corrupt(why.to_string()))?;
        builder.add_defect_list(&list);
        defect_lists.push(DefectListInUse {
            sha256: row.sha256.clone(),
            imported_at: Timestamp::from_millis(row.imported_at),
            der: row.list.clone(),
        });
    }
    Ok(DocumentState {
        generation: rows.generation,
        trust: builder.build(),
        master_lists,
        defect_lists,
        master_list_anchors: anchors.master_list.into_values().collect(),
        defect_list_anchors: anchors.defect_list.into_values().collect(),
    })
}

/// Confirmed anchors by purpose and fingerprint.
struct Anchors {
    master_list: BTreeMap<String, Certificate>,
    defect_list: BTreeMap<String, Certificate>,
    csca: BTreeMap<String, Certificate>,
}

impl Anchors {
    fn of(rows: &[anchor::Model]) -> Result<Self, SpocError> {
        let with = |purpose: &str| {
            let confirmed = rows.iter().filter(|row| row.state == "confirmed" && row.purpose == purpose);
            let parse = |row: &anchor::Model| {
                let certificate = Certificate::parse(&row.certificate)
                    .map_err(|_| SpocError::Corrupt(format!("anchor {}", row.fingerprint)))?;
                Ok((row.fingerprint.clone(), certificate))
            };
            confirmed.map(parse).collect::<Result<BTreeMap<_, _>, SpocError>>()
        };
        Ok(Self { master_list: with("master_list")?, defect_list: with("defect_list")?, csca: with("csca")? })
    }
}

impl DocumentState {
    /// Countries with at least one CSCA.
    pub(crate) fn countries(&self) -> BTreeSet<String> {
        let countries = self.trust.cscas().iter().filter_map(|csca| csca.certificate.subject().country());
        countries.map(str::to_uppercase).collect()
    }
}

/// The environment in the words of `emrtd`.
pub(crate) const fn of_documents(environment: Environment) -> country::Environment {
    match environment {
        Environment::Test => country::Environment::Test,
        Environment::Production => country::Environment::Production,
    }
}
