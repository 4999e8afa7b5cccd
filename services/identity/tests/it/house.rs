//! identity, a spoc, a dispatch, a registry and two state registers on free ports of this machine, mutual TLS between them.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use straznica_contracts::dispatch::v1::code_service_server::CodeServiceServer;
use straznica_contracts::identity::v1::inspection_service_client::InspectionServiceClient;
use straznica_contracts::identity::v1::{
    AddEvidenceRequest, CreateChallengeRequest, CreateChallengeResponse, CreateInspectionRequest, Inspection,
};
use straznica_contracts::registry::v1::alert_service_server::AlertServiceServer;
use straznica_contracts::spoc::v1::terminal_control_centre_service_server::TerminalControlCentreServiceServer;
use straznica_contracts::spoc::v1::trust_service_server::TrustServiceServer;
use straznica_identity::domain::verification::DocumentKind;
use straznica_identity::{CitizenKeysConfig, Config, RegisterConfig};
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, Names, Tls};
use straznica_runtime::channel::{self, Channel, ChannelConfig};
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts};
use straznica_runtime::shutdown::Shutdown;
use straznica_simulators::registers::{MadeUp, RegisterSimulator, made_up_people};
use straznica_store::testing::TestDatabase;
use straznica_store::{Store, StoreError};
use straznica_types::{Clock as _, Environment, ManualClock};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tonic::Status;
use tonic::service::Routes;

use crate::dispatch::Dispatch;
use crate::documents::at;
use crate::institutions::{CENTRAL, central_administrator};
use crate::registry::Registry;
use crate::spoc::Spoc;

/// Everything of one test.
pub(crate) struct House {
    pub(crate) clock: ManualClock,
    pub(crate) spoc: Arc<Spoc>,
    pub(crate) dispatch: Arc<Dispatch>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) srp: Arc<RegisterSimulator>,
    /// Everybody in the registers.
    pub(crate) people: Vec<MadeUp>,
    pub(crate) identity: InspectionServiceClient<Channel>,
    pub(crate) channel: Channel,
    pub(crate) database: TestDatabase,
    /// Entries of the journal before the test begins.
    settled: usize,
    shutdowns: Vec<(Shutdown, JoinHandle<()>)>,
    _keys: TempDir,
}

impl House {
    pub(crate) async fn open(database: TestDatabase) -> Self {
        Self::open_with(database, |_| {}).await
    }

    /// With an office that may ask.
    pub(crate) async fn office(database: TestDatabase) -> Self {
        Self::office_with(database, |_| {}).await
    }

    pub(crate) async fn office_with(database: TestDatabase, adjust: impl FnOnce(&mut Config)) -> Self {
        let mut house = Self::open_with(database, adjust).await;
        house.settle().await;
        house.settled = house.journal_kinds().await.len();
        house
    }

    pub(crate) async fn open_with(database: TestDatabase, adjust: impl FnOnce(&mut Config)) -> Self {
        let clock = ManualClock::starting_at("2026-11-22T10:00:00Z".parse().unwrap());
        let ca = DevelopmentCa::create("development.straznica", clock.shared()).unwrap();
        let tls = |name: &str| {
            let issued = ca.issue_service(name, &Names::default()).unwrap();
            Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, clock.shared()).unwrap()
        };
        let context = |name| ServiceContext::new(name, Environment::Test, clock.shared(), tls(name));
        let mut shutdowns = Vec::new();

        let spoc = Arc::new(Spoc::default());
        let grpc = Routes::new(TrustServiceServer::from_arc(spoc.clone()))
            .add_service(TerminalControlCentreServiceServer::from_arc(spoc.clone()));
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let spoc_address = listeners.addresses.grpc;
        shutdowns.push(run(listeners, ServiceParts { grpc, ..ServiceParts::default() }, context("spoc")));

        let dispatch = Arc::new(Dispatch::new(clock.clone()));
        let grpc = Routes::new(CodeServiceServer::from_arc(dispatch.clone()));
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let dispatch_address = listeners.addresses.grpc;
        shutdowns.push(run(listeners, ServiceParts { grpc, ..ServiceParts::default() }, context("dispatch")));

        let registry = Arc::new(Registry::default());
        let grpc = Routes::new(AlertServiceServer::from_arc(registry.clone()));
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let registry_address = listeners.addresses.grpc;
        shutdowns.push(run(listeners, ServiceParts { grpc, ..ServiceParts::default() }, context("registry")));

        let people = made_up_people(clock.now().date()).unwrap();
        let srp = RegisterSimulator::srp(people.clone(), clock.shared());
        let cepik = RegisterSimulator::cepik(people.clone(), clock.shared());
        let mut registers = Vec::new();
        for (register, documents) in [
            (&srp, &[DocumentKind::IdentityCard, DocumentKind::Person][..]),
            (&cepik, &[DocumentKind::DrivingLicence, DocumentKind::VehicleRegistration][..]),
        ] {
            let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
            registers.push(RegisterConfig {
                name: register.service().trim_start_matches("sources-").to_owned(),
                documents: documents.to_vec(),
                channel: ChannelConfig::at(listeners.addresses.grpc),
                fresh_seconds: 900,
            });
            let parts = ServiceParts { grpc: register.routes(), ..ServiceParts::default() };
            shutdowns.push(run(listeners, parts, context(register.service())));
        }

        let keys = tempfile::tempdir().unwrap();
        let mut config = Config {
            database: database.config().clone(),
            journal: JournalConfig::embedded("identity.test/journal", keys.path()),
            spoc: ChannelConfig::at(spoc_address),
            dispatch: ChannelConfig::at(dispatch_address),
            registers,
            citizen_keys: CitizenKeysConfig { directory: keys.path().join("citizens"), create: true },
            ..Config::default()
        };
        config.alerts.registry = Some(ChannelConfig { timeout_ms: 20_000, ..ChannelConfig::at(registry_address) });
        // So long as no test machine takes for an answer.
        config.alerts.patience_ms = 20_000;
        config.inspection.sweep_seconds = 1;
        config.verification.sweep_seconds = 1;
        config.verifiers.central_administrators = CENTRAL.map(central_administrator).to_vec();
        adjust(&mut config);
        let identity_context = context("identity");
        let parts = straznica_identity::build(&config, &identity_context).await.unwrap();
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let address = listeners.addresses.grpc;
        shutdowns.push(run(listeners, parts, identity_context));

        let channel = channel::connect("identity", &ChannelConfig::at(address), &tls("gateway")).unwrap();
        let identity = InspectionServiceClient::new(channel.clone());
        Self {
            clock,
            spoc,
            dispatch,
            registry,
            srp,
            people,
            identity,
            channel,
            database,
            settled: 0,
            shutdowns,
            _keys: keys,
        }
    }

    pub(crate) fn store(&self) -> &Store {
        self.database.store()
    }

    pub(crate) async fn challenge(&self, terminal: &str) -> CreateChallengeResponse {
        let request = CreateChallengeRequest { context: Some(at(terminal)) };
        self.identity.clone().create_challenge(request).await.unwrap().into_inner()
    }

    pub(crate) async fn create(&self, request: CreateInspectionRequest) -> Result<Inspection, Status> {
        let answer = self.identity.clone().create_inspection(request).await?;
        Ok(answer.into_inner().inspection.unwrap())
    }

    pub(crate) async fn add(&self, request: AddEvidenceRequest) -> Result<Inspection, Status> {
        let answer = self.identity.clone().add_evidence(request).await?;
        Ok(answer.into_inner().inspection.unwrap())
    }

    /// The first column of a query, as whole numbers.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let reader = self.store().reader();
        let row = reader.query_one_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        row.unwrap().try_get_by_index(0).unwrap()
    }

    /// The first column of a query, as texts.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let reader = self.store().reader();
        let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// Changes the database behind the service's back.
    pub(crate) async fn execute(&self, sql: &str) {
        let changed = self.store().write_tx(async |tx| {
            tx.execute_unprepared(sql).await.map_err(StoreError::from)?;
            Ok::<_, StoreError>(())
        });
        changed.await.unwrap();
    }

    /// Kinds of the journal's entries since the test began, in the order they were written.
    pub(crate) async fn journal_kinds(&self) -> Vec<String> {
        self.texts("SELECT kind FROM journal ORDER BY row_number").await.split_off(self.settled)
    }

    /// Ends the services, identity first.
    pub(crate) async fn close(mut self) {
        while let Some((shutdown, running)) = self.shutdowns.pop() {
            shutdown.begin();
            tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap();
        }
    }
}

fn run(listeners: Listeners, parts: ServiceParts, context: ServiceContext) -> (Shutdown, JoinHandle<()>) {
    let shutdown = context.shutdown.clone();
    let running = tokio::spawn(async move { service::run(listeners, parts, context).await.unwrap() });
    (shutdown, running)
}

/// The code a refusal carries.
pub(crate) fn code(status: &Status) -> String {
    straznica_error::detail_of(status).unwrap_or_else(|| panic!("no detail in {status:?}")).code
}

/// The members a refusal names.
pub(crate) fn members(status: &Status) -> Vec<String> {
    straznica_error::detail_of(status).unwrap().errors.into_iter().map(|error| error.pointer).collect()
}

/// The result of a check.
pub(crate) fn result<'a>(inspection: &'a Inspection, name: &str) -> &'a str {
    inspection.checks.iter().find(|check| check.check == name).map_or("absent", |check| check.result.as_str())
}

/// A piece of evidence of a check.
pub(crate) fn evidence<'a>(inspection: &'a Inspection, check: &str, key: &str) -> &'a str {
    let check = inspection.checks.iter().find(|made| made.check == check).unwrap();
    check.evidence.get(key).map_or("absent", String::as_str)
}

/// Names of the failed checks.
pub(crate) fn failed(inspection: &Inspection) -> Vec<&str> {
    inspection.checks.iter().filter(|check| check.result == "failed").map(|check| check.check.as_str()).collect()
}
