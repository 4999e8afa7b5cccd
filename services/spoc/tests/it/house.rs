//! A running spoc and its callers.

use std::{sync::Arc, time::Duration};

use sea_orm::ConnectionTrait as _;
use straznica_contracts::{
    common::v1::CallContext,
    journal::v1::journal_service_client::JournalServiceClient,
    spoc::v1::{
        issuing_service_client::IssuingServiceClient, national_pki_service_client::NationalPkiServiceClient,
        terminal_control_centre_service_client::TerminalControlCentreServiceClient,
        trust_service_client::TrustServiceClient,
    },
};
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, Names, PeerRole, Tls};
use straznica_runtime::{
    channel::{self, Channel, ChannelConfig},
    http::Limits,
    service::{self, ListenConfig, Listeners, ServiceContext, StartError},
    shutdown::Shutdown,
};
use straznica_spoc::{Config, config::KeyStoreConfig};
use straznica_store::testing::TestDatabase;
use straznica_types::{Clock, Environment, ManualClock, Secret};
use tempfile::TempDir;
use time::Date;
use tokio::{task::JoinHandle, time::timeout};
use tonic::Status;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);
pub(crate) const OFFICER: &str = "so-1";
pub(crate) const SECOND_OFFICER: &str = "so-2";

/// Everything that outlives a restart.
pub(crate) struct House {
    pub(crate) clock: ManualClock,
    pub(crate) config: Config,
    ca: DevelopmentCa,
    database: TestDatabase,
    pub(crate) directory: TempDir,
}

impl House {
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
        Self { clock, config, ca, database, directory }
    }

    pub(crate) fn peer(&self, role: &str) -> Arc<Tls> {
        let role: PeerRole = role.parse().unwrap();
        // Long enough for tests that move the clock by months.
        let validity = straznica_pki::Validity::from_now(self.clock.now(), DAY * 300);
        let issued = self.ca.issue(&role, &Names::default(), validity).unwrap();
        Tls::from_material(self.ca.material(&issued).unwrap(), Environment::Test, self.clock.shared()).unwrap()
    }

    pub(crate) fn context(&self, environment: Environment) -> ServiceContext {
        ServiceContext {
            limits: Limits::default(),
            ..ServiceContext::new("spoc", environment, self.clock.shared(), self.peer("service/spoc"))
        }
    }

    pub(crate) async fn start(&self) -> Node {
        let context = self.context(Environment::Test);
        let parts = straznica_spoc::build(&self.config, &context).await.unwrap();
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let address = listeners.addresses.grpc;
        let shutdown = context.shutdown.clone();
        let running = tokio::spawn(service::run(listeners, parts, context));
        let channel = |role: &str| channel::connect("spoc", &ChannelConfig::at(address), &self.peer(role)).unwrap();
        Node {
            first: channel(&format!("operator/{OFFICER}")),
            second: channel(&format!("operator/{SECOND_OFFICER}")),
            gateway: channel("service/gateway"),
            identity: channel("service/identity"),
            shutdown,
            running,
        }
    }

    pub(crate) fn today(&self) -> Date {
        time::OffsetDateTime::from_unix_timestamp(self.clock.now().millis() / 1000).unwrap().date()
    }
}

/// A running spoc.
pub(crate) struct Node {
    first: Channel,
    second: Channel,
    gateway: Channel,
    identity: Channel,
    shutdown: Shutdown,
    running: JoinHandle<Result<(), StartError>>,
}

impl Node {
    /// National PKI for the first officer.
    pub(crate) fn pki(&self) -> NationalPkiServiceClient<Channel> {
        NationalPkiServiceClient::new(self.first.clone())
    }

    /// National PKI for the second officer.
    pub(crate) fn pki_of_second(&self) -> NationalPkiServiceClient<Channel> {
        NationalPkiServiceClient::new(self.second.clone())
    }

    /// National PKI for whoever the gateway vouches for.
    pub(crate) fn pki_of_gateway(&self) -> NationalPkiServiceClient<Channel> {
        NationalPkiServiceClient::new(self.gateway.clone())
    }

    /// National PKI for a service that has no business there.
    pub(crate) fn pki_of_identity(&self) -> NationalPkiServiceClient<Channel> {
        NationalPkiServiceClient::new(self.identity.clone())
    }

    /// Issuing for the first officer.
    pub(crate) fn issuing(&self) -> IssuingServiceClient<Channel> {
        IssuingServiceClient::new(self.first.clone())
    }

    /// Issuing for the second officer.
    pub(crate) fn issuing_of_second(&self) -> IssuingServiceClient<Channel> {
        IssuingServiceClient::new(self.second.clone())
    }

    /// Issuing for whoever the gateway vouches for.
    pub(crate) fn issuing_of_gateway(&self) -> IssuingServiceClient<Channel> {
        IssuingServiceClient::new(self.gateway.clone())
    }

    /// Issuing for a service that has no business there.
    pub(crate) fn issuing_of_identity(&self) -> IssuingServiceClient<Channel> {
        IssuingServiceClient::new(self.identity.clone())
    }

    pub(crate) fn trust(&self) -> TrustServiceClient<Channel> {
        TrustServiceClient::new(self.first.clone()).max_decoding_message_size(32 << 20)
    }

    pub(crate) fn trust_of_second(&self) -> TrustServiceClient<Channel> {
        TrustServiceClient::new(self.second.clone())
    }

    pub(crate) fn trust_for_identity(&self) -> TrustServiceClient<Channel> {
        TrustServiceClient::new(self.identity.clone()).max_decoding_message_size(32 << 20)
    }

    pub(crate) fn journal_for_identity(&self) -> JournalServiceClient<Channel> {
        JournalServiceClient::new(self.identity.clone())
    }

    pub(crate) fn centre(&self) -> TerminalControlCentreServiceClient<Channel> {
        TerminalControlCentreServiceClient::new(self.gateway.clone())
    }

    pub(crate) fn centre_for_identity(&self) -> TerminalControlCentreServiceClient<Channel> {
        TerminalControlCentreServiceClient::new(self.identity.clone())
    }

    pub(crate) async fn end(self) {
        self.shutdown.begin();
        timeout(Duration::from_secs(20), self.running).await.unwrap().unwrap().unwrap();
    }
}

/// Context of an officer at a desk.
pub(crate) fn desk(officer: &str) -> Option<CallContext> {
    Some(CallContext { officer: officer.to_owned(), ..CallContext::default() })
}

/// Context of a call for a terminal.
pub(crate) fn terminal(terminal_id: &str, officer: &str) -> Option<CallContext> {
    Some(CallContext {
        terminal_id: terminal_id.to_owned(),
        officer: officer.to_owned(),
        purpose: "border_check".to_owned(),
        ..CallContext::default()
    })
}

/// The code of a refusal.
pub(crate) fn code(status: &Status) -> String {
    straznica_error::detail_of(status).map(|detail| detail.code).unwrap_or_else(|| format!("{status:?}"))
}

pub(crate) fn secret(text: &str) -> Option<Secret<String>> {
    Some(Secret::new(text.to_owned()))
}

impl House {
    /// Kinds of all journal entries, in the order they were written.
    pub(crate) async fn journal(&self) -> Vec<String> {
        self.column("SELECT kind AS text FROM journal ORDER BY row_number").await
    }

    /// Full names of all events.
    pub(crate) async fn events(&self) -> Vec<String> {
        self.column("SELECT type_name AS text FROM event").await
    }

    async fn column(&self, statement: &str) -> Vec<String> {
        let db = self.database.store().reader();
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), statement);
        let rows = db.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "text").unwrap()).collect()
    }
}
