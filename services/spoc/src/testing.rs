//! An application without its listeners, and another state's keys, for the tests of use cases.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use cvc::{
    algorithm::Algorithm,
    certificate::Certificate,
    chat::{Chat, Rights, Role},
    domain_parameters::StandardisedCurve,
    issue::{self, Template},
    private_key::PrivateKey,
    reference::Reference,
};
use exchange::Country;
use sea_orm::{ActiveModelTrait, IntoActiveModel, QueryOrder, entity::EntityTrait};
use straznica_exchange_wire::{Binding, development::DevelopmentSpoc};
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, Names, PeerRole, Tls, Validity};
use straznica_runtime::{http::Limits, service::ServiceContext};
use straznica_store::{Store, testing::TestDatabase};
use straznica_types::{Clock, Environment, ManualClock, Timestamp};
use tempfile::TempDir;
use time::Date;

use crate::{
    app::{
        App,
        call::Call,
        cvca_certificates,
        exchange::{foreign_holders, registration},
        issuing, national_cvca,
    },
    config::{Config, KeyStoreConfig},
    domain::{
        exchange::{
            holder::{ApprovalMode, Registration},
            partner::Answers,
            registration::{EnteredRoot, Entry},
        },
        records::Day,
    },
    start,
    store::{
        entity::{application, inbound_message, issued_certificate, outbox, partner},
        generations::{self, Subject},
    },
};

pub(crate) const FIRST: &str = "so-1";
pub(crate) const SECOND: &str = "so-2";
pub(crate) const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// What outlives an application.
pub(crate) struct House {
    pub(crate) clock: ManualClock,
    pub(crate) config: Config,
    pub(crate) database: TestDatabase,
    ca: DevelopmentCa,
    _directory: TempDir,
}

impl House {
    /// A house of Poland's.
    pub(crate) fn new(database: TestDatabase) -> Self {
        let clock = ManualClock::starting_at("2026-05-28T09:30:00Z".parse().unwrap());
        let directory = tempfile::tempdir().unwrap();
        let key_file = directory.path().join("kek");
        std::fs::write(&key_file, [7; 32]).unwrap();
        let config = Config {
            database: database.config().clone(),
            country: "PL".to_owned(),
            keystore: KeyStoreConfig {
                directory: directory.path().join("keys"),
                key_file: Some(key_file),
                ..KeyStoreConfig::default()
            },
            journal: JournalConfig::embedded("spoc.test.invalid", directory.path().join("journal")),
            ..Config::default()
        };
        let ca = DevelopmentCa::create("development.straznica", clock.shared()).unwrap();
        Self { clock, config, database, ca, _directory: directory }
    }

    /// An application on the house's database: one more replica each time.
    pub(crate) async fn app(&self) -> Arc<App> {
        let role: PeerRole = "service/spoc".parse().unwrap();
        let validity = Validity::from_now(self.clock.now(), DAY * 300);
        let issued = self.ca.issue(&role, &Names::default(), validity).unwrap();
        let material = self.ca.material(&issued).unwrap();
        let tls = Tls::from_material(material, Environment::Test, self.clock.shared()).unwrap();
        let context = ServiceContext {
            limits: Limits::default(),
            ..ServiceContext::new("spoc", Environment::Test, self.clock.shared(), tls)
        };
        start::open(&self.config, &context).await.unwrap()
    }

    /// Today.
    pub(crate) fn today(&self) -> Date {
        Day::of(self.clock.now()).date().unwrap()
    }

    /// Every message for a partner, oldest first.
    pub(crate) async fn outbox(&self) -> Vec<outbox::Model> {
        let order = outbox::Entity::find().order_by_asc(outbox::Column::CreatedAt).order_by_asc(outbox::Column::Id);
        order.all(self.database.store().reader()).await.unwrap()
    }

    /// Every request of another state, by the identifier it came with: clocks stand still here, so times do not tell.
    pub(crate) async fn applications(&self) -> Vec<application::Model> {
        let order = application::Entity::find().order_by_asc(application::Column::MessageId);
        order.all(self.database.store().reader()).await.unwrap()
    }

    /// Every certificate issued to a document verifier.
    pub(crate) async fn issued(&self) -> Vec<issued_certificate::Model> {
        issued_certificate::Entity::find().all(self.database.store().reader()).await.unwrap()
    }

    /// Every answer kept.
    pub(crate) async fn answers(&self) -> Vec<inbound_message::Model> {
        inbound_message::Entity::find().all(self.database.store().reader()).await.unwrap()
    }

    /// Kinds of all journal entries, in the order they were written.
    pub(crate) async fn journal(&self) -> Vec<String> {
        use sea_orm::ConnectionTrait;
        let db = self.database.store().reader();
        let statement = "SELECT kind AS text FROM journal ORDER BY row_number";
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), statement);
        let rows = db.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "text").unwrap()).collect()
    }

    /// What entries of a kind tell, in their order.
    pub(crate) async fn told(&self, kind: &str) -> Vec<serde_json::Value> {
        let told = details(self.database.store(), &format!("= '{kind}'")).await;
        told.into_iter().map(|(_, detail)| detail).collect()
    }
}

/// Journal entries whose kind is like this (`= '…'`, `LIKE '…'`), in their order, and what they tell.
pub(crate) async fn details(store: &Store, like: &str) -> Vec<(String, serde_json::Value)> {
    use sea_orm::{ConnectionTrait, QueryResult, Statement};
    let db = store.reader();
    let statement = format!(
        "SELECT journal.kind AS kind, payload.detail AS detail FROM journal \
         JOIN journal_payload payload ON payload.entry_id = journal.entry_id \
         WHERE journal.kind {like} ORDER BY journal.row_number"
    );
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), statement)).await.unwrap();
    let read = |row: &QueryResult| {
        let detail = serde_json::from_str(&row.try_get::<String>("", "detail").unwrap()).unwrap();
        (row.try_get("", "kind").unwrap(), detail)
    };
    rows.iter().map(read).collect()
}

/// Two officers register the state of `spoc`, met over this binding at `spoc.example.` and its letters; its root is used until a moment.
pub(crate) async fn registered(app: &App, spoc: &DevelopmentSpoc, binding: Binding, root_until: Option<Timestamp>) {
    let letters = spoc.country().as_str().to_ascii_lowercase();
    let root = EnteredRoot {
        certificate: hex::encode(spoc.root()),
        use_from: None,
        use_until: root_until,
        bindings: String::new(),
    };
    let entry = Entry {
        country: spoc.country().to_string(),
        name: format!("SPOC of {}", spoc.country()),
        binding: binding.as_str().to_owned(),
        profile: if binding == Binding::Grpc { "icao" } else { "2009" }.to_owned(),
        url: format!("https://spoc.example.{letters}"),
        email: format!("spoc@example.{letters}"),
        contacts: Vec::new(),
        answers: "synchronous".to_owned(),
        document_years: 10,
        use_from: app.clock.now(),
        use_until: None,
        roots: vec![root],
        cvcas: Vec::new(),
    };
    let proposal = registration::propose(app, &desk(FIRST), entry).await.unwrap();
    registration::confirm(app, &desk(SECOND), proposal.id, &proposal.fingerprints).await.unwrap();
}

/// A call of an officer at a desk.
pub(crate) fn desk(officer: &str) -> Call {
    Call {
        actor: format!("operator/{officer}"),
        operator: Some(officer.to_owned()),
        terminal_id: String::new(),
        officer: officer.to_owned(),
        purpose: String::new(),
        case_number: String::new(),
        request_id: String::new(),
    }
}

/// Makes the national CVCA; returns its holder reference.
pub(crate) async fn national_cvca(app: &App) -> String {
    let order = national_cvca::Order {
        mnemonic: "CVCA".to_owned(),
        algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
        parameters: "brainpoolP256r1".to_owned(),
        validity_days: 0,
    };
    national_cvca::create(app, &desk(FIRST), order).await.unwrap().0
}

/// Registers a partner, as two officers would have.
pub(crate) async fn partner(app: &App, country: &str, answers: Answers) {
    let now = app.clock.now();
    let row = partner::Model {
        country: country.to_owned(),
        name: format!("SPOC {country}"),
        binding: "grpc".to_owned(),
        profile: "icao".to_owned(),
        url: format!("https://spoc.{}.example", country.to_ascii_lowercase()),
        email: String::new(),
        contacts: String::new(),
        answers: answers.as_str().to_owned(),
        document_years: 10,
        state: "active".to_owned(),
        use_from: now.millis(),
        use_until: None,
        proposed_by: FIRST.to_owned(),
        proposed_at: now.millis(),
        confirmed_by: SECOND.to_owned(),
        confirmed_at: now.millis(),
        suspended_reason: None,
    };
    app.store
        .write_tx(async |tx| {
            row.into_active_model().insert(tx).await.map_err(straznica_store::StoreError::from)?;
            generations::raise(tx, Subject::Partners, now).await?;
            Ok::<_, crate::SpocError>(())
        })
        .await
        .unwrap();
    app.refresh().await.unwrap();
}

/// Registers a document verifier with two officers.
pub(crate) async fn holder(app: &App, name: &str, approval: ApprovalMode) {
    let registration = registration(name, approval);
    let proposal = foreign_holders::register(app, &desk(FIRST), registration).await.unwrap();
    foreign_holders::confirm(app, &desk(SECOND), name, &proposal).await.unwrap();
}

/// What is registered by [`holder`].
pub(crate) fn registration(name: &str, approval: ApprovalMode) -> Registration {
    Registration {
        name: name.to_owned(),
        domestic_cvca: format!("{}CVCA", &name[..2]),
        purposes: "border control".to_owned(),
        organisations: String::new(),
        approval,
        dg3: true,
        dg4: false,
        validity_days: 30,
    }
}

/// Another state's CVCA and document verifier.
pub(crate) struct ForeignState {
    pub(crate) country: Country,
    pub(crate) cvca: PrivateKey,
    pub(crate) root: Certificate,
    next: AtomicU32,
}

impl ForeignState {
    /// A state whose CVCA begins today and is valid for so many days.
    pub(crate) fn new(country: &str, today: Date, days: i64) -> Self {
        let cvca = key();
        let chr = Reference::new(country, "CVCA", "00001").unwrap();
        let chat = Chat::new(Role::Cvca, Rights::inspection(true, true));
        let template = Template::new(chr, chat, today, today + time::Duration::days(days));
        let root = issue::self_signed(&cvca, &template).unwrap();
        Self { country: country.parse().unwrap(), cvca, root, next: AtomicU32::new(1) }
    }

    /// Has two officers of `app` trust its CVCA.
    pub(crate) async fn trusted_by(&self, app: &App) {
        let der = self.root.as_der().to_vec();
        cvca_certificates::import(app, &desk(FIRST), vec![der.clone()]).await.unwrap();
        cvca_certificates::confirm(app, &desk(SECOND), &issuing::fingerprint(&der)).await.unwrap();
    }

    /// A holder reference of its verifier, never given before.
    pub(crate) fn reference(&self) -> Reference {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Reference::new(self.country.as_str(), "DV", &format!("{number:05}")).unwrap()
    }

    /// A request for `chr` on `key` under `car`, countersigned by its CVCA.
    pub(crate) fn initial(&self, key: &PrivateKey, car: &str, chr: Reference) -> Vec<u8> {
        Self::signed(key, car, chr, &self.cvca, self.root.chr())
    }

    /// A request signed by whoever `outer` is.
    pub(crate) fn signed(
        key: &PrivateKey,
        car: &str,
        chr: Reference,
        outer: &PrivateKey,
        outer_car: Reference,
    ) -> Vec<u8> {
        let inner = issue::request(key, Some(car.parse().unwrap()), chr, &[]).unwrap();
        issue::countersign(outer, outer_car, &inner).unwrap().as_der().to_vec()
    }

    /// A fresh initial request.
    pub(crate) fn fresh(&self, car: &str) -> Vec<u8> {
        self.initial(&key(), car, self.reference())
    }
}

/// A key of the kind most CVCAs here have.
pub(crate) fn key() -> PrivateKey {
    PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1).unwrap()
}

/// Reads a certificate.
pub(crate) fn certificate(der: &[u8]) -> Certificate {
    Certificate::parse(Arc::<[u8]>::from(der)).unwrap()
}
