//! A node without listeners, whose jobs take their turns when the test says so.

use std::{path::PathBuf, sync::Arc, time::Duration};

use exchange::message::Message;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryOrder};
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, Names, PeerRole, Tls, Validity};
use straznica_runtime::{http::Limits, service::ServiceContext};
use straznica_store::{StoreError, testing::TestDatabase};
use straznica_types::{Clock, Environment, ManualClock, RequestId, Timestamp};
use tempfile::TempDir;
use time::Date;
use uuid::Uuid;

use super::{
    foreign_state::{ForeignCvca, ders},
    partner::{OnlyTo, Spoc},
};
use crate::{
    SpocError,
    app::{
        App,
        call::Call,
        chains, cvca_certificates,
        exchange::{delivery, is_renewals, renewals, subscriptions},
        national_cvca,
    },
    config::{Config, KeyStoreConfig},
    start,
    store::{
        entity::{application, cv_certificate, dv_request, outbox, partner, subscription},
        exchange::applications,
        generations::{self, Subject},
    },
    timewatch::tests::{Answer, Server},
};

pub(super) const DAY: Duration = Duration::from_secs(86_400);
pub(super) const CVCA: &str = "UTCVCA";

/// Everything of one test.
pub(super) struct House {
    pub(super) clock: ManualClock,
    pub(super) app: Arc<App>,
    pub(super) spoc: Spoc,
    config: Config,
    context: ServiceContext,
    _database: TestDatabase,
    _directory: TempDir,
}

pub(super) fn today(clock: &ManualClock) -> Date {
    time::OffsetDateTime::from_unix_timestamp(clock.now().millis() / 1000).unwrap().date()
}

/// An officer at a desk.
pub(super) fn officer(name: &str) -> Call {
    let call = Call::of_node("test", RequestId::generate_at(Timestamp::from_millis(0)));
    Call { actor: format!("operator/{name}"), operator: Some(name.to_owned()), officer: name.to_owned(), ..call }
}

pub(super) fn id_of(message: &Message) -> Option<String> {
    match message {
        Message::RequestCertificate(message) => Some(message.message_id.clone()),
        Message::SendCertificates(message) => message.message_id.clone(),
        Message::GetCaCertificates(message) => Some(message.message_id.clone()),
        Message::GeneralMessage(message) => Some(message.message_id.clone()),
    }
}

/// A node of a state, on a database of its own.
pub(super) async fn open(
    country: &str,
    clock: &ManualClock,
    database: &TestDatabase,
    directory: &TempDir,
) -> (Arc<App>, Config, ServiceContext) {
    open_under(country, clock, database, directory, None).await
}

/// The same, under another certificate policy than the one shipped.
async fn open_under(
    country: &str,
    clock: &ManualClock,
    database: &TestDatabase,
    directory: &TempDir,
    policy: Option<&str>,
) -> (Arc<App>, Config, ServiceContext) {
    let policy_file = policy.map(|text| {
        let file = directory.path().join("policy.toml");
        std::fs::write(&file, text).unwrap();
        file
    });
    let key_file = directory.path().join("kek");
    std::fs::write(&key_file, [7; 32]).unwrap();
    let config = Config {
        database: database.config().clone(),
        country: country.to_owned(),
        policy_file,
        keystore: KeyStoreConfig {
            directory: directory.path().join("keys"),
            key_file: Some(key_file),
            ..KeyStoreConfig::default()
        },
        journal: JournalConfig::embedded("spoc.test.invalid", directory.path().join("journal")),
        ..Config::default()
    };
    let ca = DevelopmentCa::create("development.straznica", clock.shared()).unwrap();
    let role: PeerRole = "service/spoc".parse().unwrap();
    let validity = Validity::from_now(clock.now(), DAY * 300);
    let issued = ca.issue(&role, &Names::default(), validity).unwrap();
    let tls = Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, clock.shared()).unwrap();
    let context = ServiceContext {
        limits: Limits::default(),
        ..ServiceContext::new("spoc", Environment::Test, clock.shared(), tls)
    };
    let app = start::open(&config, &context).await.unwrap();
    (app, config, context)
}

/// The national CVCA of a node, valid for three years.
pub(super) async fn create_cvca(app: &App) -> Vec<u8> {
    let order = national_cvca::Order {
        mnemonic: "CVCA".to_owned(),
        algorithm: "id-TA-ECDSA-SHA-256".to_owned(),
        parameters: "brainpoolP256r1".to_owned(),
        validity_days: 0,
    };
    national_cvca::create(app, &officer("so-1"), order).await.unwrap().1
}

/// Two officers agree on a root of another state.
pub(super) async fn trust(app: &App, roots: Vec<Vec<u8>>) {
    let imported = cvca_certificates::import(app, &officer("so-1"), roots).await.unwrap();
    cvca_certificates::confirm(app, &officer("so-2"), &imported[0].fingerprint).await.unwrap();
}

/// Registers a partner, past the officers.
pub(super) async fn register(app: &App, country: &str, answers: &str) {
    let now = app.clock.now();
    let row = partner::Model {
        country: country.to_owned(),
        name: country.to_owned(),
        binding: "grpc".to_owned(),
        profile: "icao".to_owned(),
        url: "https://spoc.example".to_owned(),
        email: "spoc@example".to_owned(),
        contacts: String::new(),
        answers: answers.to_owned(),
        document_years: 10,
        state: "active".to_owned(),
        use_from: 0,
        use_until: None,
        proposed_by: "so-1".to_owned(),
        proposed_at: now.millis(),
        confirmed_by: "so-2".to_owned(),
        confirmed_at: now.millis(),
        suspended_reason: None,
    };
    change_partners(app, async |tx| {
        row.clone().into_active_model().insert(tx).await.map_err(StoreError::from)?;
        Ok(())
    })
    .await;
}

/// Writes something about partners.
pub(super) async fn change_partners(
    app: &App,
    work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<(), SpocError> + Clone,
) {
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            work.clone()(tx).await?;
            generations::raise(tx, Subject::Partners, now).await?;
            Ok::<_, SpocError>(())
        })
        .await
        .unwrap();
    app.refresh().await.unwrap();
}

impl House {
    /// Poland, with a national CVCA; Utopia is a partner, and its first key trusted.
    pub(super) async fn new(database: TestDatabase) -> Self {
        Self::under(database, None).await
    }

    /// The same, under another certificate policy than the one shipped.
    pub(super) async fn under(database: TestDatabase, policy: Option<&str>) -> Self {
        let clock = ManualClock::starting_at("2026-05-28T09:30:00Z".parse().unwrap());
        let directory = tempfile::tempdir().unwrap();
        let (app, config, context) = open_under("PL", &clock, &database, &directory, policy).await;
        let cvca = ForeignCvca::new("UT", today(&clock));
        let roots = ders(&cvca.certificates);
        let spoc = Spoc::new(clock.clone(), cvca, 42);
        let house = Self { clock, app, spoc, config, context, _database: database, _directory: directory };
        house.connect(&house.app);
        create_cvca(&house.app).await;
        trust(&house.app, roots).await;
        register(&house.app, "UT", "synchronous").await;
        house
    }

    fn connect(&self, app: &App) {
        app.clients.set(Arc::new(OnlyTo(self.spoc.clone()))).unwrap();
    }

    /// Another replica on the same database.
    pub(super) async fn replica(&self) -> Arc<App> {
        let app = start::open(&self.config, &self.context).await.unwrap();
        self.connect(&app);
        app
    }

    /// A replica in doubt about its clock: nobody answers where it asks for the time.
    pub(super) async fn doubting_replica(&self) -> Arc<App> {
        let mut config = self.config.clone();
        config.time_watch.sources = vec!["127.0.0.1:9".to_owned()];
        let app = start::open(&config, &self.context).await.unwrap();
        self.connect(&app);
        app
    }

    /// A replica that compares its clock, the test's, with a source whenever it is told to look. A clock put forward since is in doubt until it looks.
    pub(super) async fn watching_replica(&self) -> (Arc<App>, Server) {
        let source = Server::new(&self.clock, Answer::Ahead(0)).await;
        let mut config = self.config.clone();
        config.time_watch.sources = vec![source.address.to_string()];
        let app = start::open(&config, &self.context).await.unwrap();
        self.connect(&app);
        (app, source)
    }

    /// Tells whether the subscription was there already.
    pub(super) async fn subscribe(&self) -> bool {
        let order = subscriptions::Order {
            cvca: CVCA.to_owned(),
            country: "UT".to_owned(),
            dv_mnemonic: "DVBG".to_owned(),
            is_mnemonic: "ISBG".to_owned(),
            is_days: 14,
        };
        subscriptions::subscribe(&self.app, &officer("so-1"), order).await.unwrap()
    }

    /// Every job takes its turn, as often as anything is left to do at this moment.
    pub(super) async fn settle(&self) {
        for _ in 0..4 {
            renewals::turn(&self.app).await.unwrap();
            delivery::turn(&self.app).await.unwrap();
            is_renewals::turn(&self.app).await.unwrap();
        }
    }

    /// Goes on by days, every six hours a turn.
    pub(super) async fn pass(&self, days: u32) {
        for _ in 0..days * 4 {
            self.clock.advance(DAY / 4);
            self.settle().await;
        }
    }

    /// Whether a document that names this trust point can be opened today.
    pub(super) fn opens(&self, car: &str) -> bool {
        matches!(chains::find(&self.app, &[car.to_owned()]), chains::ChainAnswer::Ready(_))
    }

    pub(super) async fn letters(&self) -> Vec<outbox::Model> {
        let newest_last = outbox::Entity::find().order_by_asc(outbox::Column::Id);
        newest_last.all(self.app.store.reader()).await.unwrap()
    }

    pub(super) async fn requests(&self) -> Vec<dv_request::Model> {
        let newest_last = dv_request::Entity::find().order_by_asc(dv_request::Column::Chr);
        newest_last.all(self.app.store.reader()).await.unwrap()
    }

    /// Changes a request to our own CVCA behind everybody's back.
    pub(super) async fn change_application(&self, id: Uuid, change: impl Fn(&mut application::ActiveModel)) {
        let row = applications::find(self.app.store.reader(), id).await.unwrap().unwrap();
        let mut row = row.into_active_model();
        change(&mut row);
        let write = async |tx: &DatabaseTransaction| Ok::<_, SpocError>(applications::update(tx, row.clone()).await?);
        self.app.store.write_tx(write).await.unwrap();
    }

    /// Where key files of a role are.
    pub(super) fn key_directory(&self, role: &str) -> PathBuf {
        self.config.keystore.directory.join(role)
    }

    /// Whether a key is still held.
    pub(super) fn has_key(&self, handle: &str) -> bool {
        self.config.keystore.directory.join(format!("{handle}.key")).exists()
    }

    /// Role and holder reference of every certificate, and its state.
    pub(super) async fn held(&self, role: &str) -> Vec<cv_certificate::Model> {
        let all = crate::store::certificates::all(self.app.store.reader()).await.unwrap();
        all.into_iter().filter(|row| row.role == role).collect()
    }

    pub(super) async fn subscription(&self) -> subscription::Model {
        let listed = subscriptions::list(&self.app).await.unwrap();
        listed.into_iter().find(|one| one.row.cvca == CVCA).unwrap().row
    }

    pub(super) async fn problem(&self) -> Option<String> {
        let listed = subscriptions::list(&self.app).await.unwrap();
        listed.into_iter().find(|one| one.row.cvca == CVCA).and_then(|one| one.row.problem)
    }

    /// Journal entries whose kind is like this, and what they say.
    pub(super) async fn details(&self, like: &str) -> Vec<(String, serde_json::Value)> {
        crate::testing::details(&self.app.store, like).await
    }

    /// Kinds of the journal's entries.
    pub(super) async fn journal(&self) -> Vec<String> {
        let db = self.app.store.reader();
        let statement = "SELECT kind FROM journal ORDER BY row_number";
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), statement);
        let rows = db.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "kind").unwrap()).collect()
    }
}
