//! A registry with a source of alerts, and an officer at it.

use std::sync::Arc;
use std::time::Duration;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::alert_service_client::AlertServiceClient;
use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::{
    AlertCheck, AlertResolutionVerdict, AlertResult, AlertUnavailability, Birth, CheckDocumentRequest,
    CheckPersonRequest, DecideAlertResolutionRequest, ListAlertChecksRequest, ListAlertChecksResponse,
    ListOpenAlertsRequest, Name, NameKind, Nationality, OpenAlert, ProposeAlertResolutionRequest, TravelDocument,
};
use straznica_pki::{Names, PeerRole, Tls};
use straznica_registry::AlertSourceConfig;
use straznica_runtime::channel::{Channel, ChannelConfig};
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts};
use straznica_runtime::shutdown::Shutdown;
use straznica_simulators::alerts::{AlertSimulator, made_up_alerts};
use straznica_store::testing::TestDatabase;
use straznica_types::Environment;
use tokio::task::JoinHandle;
use tonic::Status;

use crate::house::{House, context, statement};

/// Longest wait for the source in these tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(6);

/// A registry beside SIS.
pub(crate) struct Desk {
    pub(crate) house: House,
    pub(crate) sis: Arc<AlertSimulator>,
    pub(crate) alerts: AlertServiceClient<Channel>,
    serving: (Shutdown, JoinHandle<()>),
}

impl Desk {
    pub(crate) async fn open(database: TestDatabase) -> Self {
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let address = listeners.addresses.grpc;
        let timeout_ms = u64::try_from(PATIENCE.as_millis()).unwrap();
        let channel = ChannelConfig { timeout_ms, connect_timeout_ms: 20_000, ..ChannelConfig::at(address) };
        let house = House::open_with(database, |config, _| {
            config.alerts.source = Some(AlertSourceConfig { name: "sis".to_owned(), channel, fresh_seconds: 900 });
            config.alerts.forget_seconds = 1;
        })
        .await;
        let clock = house.clock.shared();
        let sis = AlertSimulator::new(made_up_alerts(), clock.clone());
        let issued = house.ca.issue_service(AlertSimulator::SERVICE, &Names::default()).unwrap();
        let tls = Tls::from_material(house.ca.material(&issued).unwrap(), Environment::Test, clock.clone()).unwrap();
        let context = ServiceContext::new(AlertSimulator::SERVICE, Environment::Test, clock, tls);
        let shutdown = context.shutdown.clone();
        let parts = ServiceParts { grpc: sis.routes(), ..ServiceParts::default() };
        let running = tokio::spawn(async move { service::run(listeners, parts, context).await.unwrap() });
        let alerts = AlertServiceClient::new(house.channel.clone());
        Self { house, sis, alerts, serving: (shutdown, running) }
    }

    /// Calls as identity does.
    pub(crate) fn as_identity(&self) -> AlertServiceClient<Channel> {
        AlertServiceClient::new(self.house.channel_of(&PeerRole::Service("identity".to_owned())))
    }

    /// Waits until a query has so many rows.
    pub(crate) async fn until(&self, sql: &str, rows: usize) {
        for _ in 0..600 {
            if self.house.texts(sql).await.len() == rows {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{sql} never had {rows} rows");
    }

    /// Somebody of this name and day of birth.
    pub(crate) async fn register(&self, surname: &str, given: &str, birth: &str) -> String {
        self.house.register(vec![named(surname, given, ""), born(birth), of("UTO")]).await.unwrap()
    }

    pub(crate) async fn check(&self, person: &str, case: &str) -> Result<AlertCheck, Status> {
        let request = CheckPersonRequest {
            context: Some(context("first")),
            person_id: person.to_owned(),
            case_id: case.to_owned(),
        };
        Ok(self.alerts.clone().check_person(request).await?.into_inner().check.unwrap())
    }

    pub(crate) async fn check_document(&self, person: &str, statement: &str) -> Result<AlertCheck, Status> {
        let request = CheckDocumentRequest {
            context: Some(context("first")),
            person_id: person.to_owned(),
            statement_id: statement.to_owned(),
            case_id: String::new(),
        };
        Ok(self.alerts.clone().check_document(request).await?.into_inner().check.unwrap())
    }

    pub(crate) async fn list(&self, person: &str) -> ListAlertChecksResponse {
        self.list_of(person, "").await
    }

    pub(crate) async fn list_of(&self, person: &str, case: &str) -> ListAlertChecksResponse {
        let request = ListAlertChecksRequest {
            context: Some(context("first")),
            person_id: person.to_owned(),
            case_id: case.to_owned(),
            limit: 0,
        };
        self.alerts.clone().list_alert_checks(request).await.unwrap().into_inner()
    }

    pub(crate) async fn open_ones(&self) -> Vec<OpenAlert> {
        let request = ListOpenAlertsRequest { context: Some(context("first")), limit: 0 };
        self.alerts.clone().list_open_alerts(request).await.unwrap().into_inner().alerts
    }

    pub(crate) async fn propose(
        &self,
        officer: &str,
        finding: &str,
        verdict: AlertResolutionVerdict,
    ) -> Result<String, Status> {
        let request = ProposeAlertResolutionRequest {
            context: Some(context(officer)),
            finding_id: finding.to_owned(),
            verdict: verdict.into(),
            grounds: "compared by place of birth".to_owned(),
        };
        Ok(self.alerts.clone().propose_alert_resolution(request).await?.into_inner().resolution_id)
    }

    pub(crate) async fn decide(&self, officer: &str, resolution: &str, agree: bool) -> Result<i32, Status> {
        let request = DecideAlertResolutionRequest {
            context: Some(context(officer)),
            resolution_id: resolution.to_owned(),
            agree,
            grounds: "seen the same".to_owned(),
        };
        Ok(self.alerts.clone().decide_alert_resolution(request).await?.into_inner().state)
    }

    pub(crate) async fn close(self) {
        self.house.close().await;
        let (shutdown, running) = self.serving;
        shutdown.begin();
        tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap();
    }
}

/// What a check came to, and why not.
pub(crate) fn came_to(check: &AlertCheck) -> (AlertResult, AlertUnavailability) {
    (check.result(), check.unavailable())
}

pub(crate) const NOTHING: AlertUnavailability = AlertUnavailability::Unspecified;

pub(crate) fn named(surname: &str, given: &str, original: &str) -> straznica_contracts::registry::v1::NewStatement {
    let mut name = Name::default();
    name.set_kind(NameKind::Main);
    name.original_surname = original.to_owned();
    name.latin_surname = surname.to_owned();
    name.latin_given = given.to_owned();
    statement(Stated::Name(name))
}

pub(crate) fn born(date: &str) -> straznica_contracts::registry::v1::NewStatement {
    let mut birth = Birth::default();
    birth.date = date.to_owned();
    statement(Stated::Birth(birth))
}

pub(crate) fn of(code: &str) -> straznica_contracts::registry::v1::NewStatement {
    let mut nationality = Nationality::default();
    nationality.code = code.to_owned();
    statement(Stated::Nationality(nationality))
}

pub(crate) fn passport(number: &str) -> straznica_contracts::registry::v1::NewStatement {
    let mut document = TravelDocument::default();
    document.kind = "passport".to_owned();
    document.number = number.to_owned();
    document.issuer = "UTO".to_owned();
    statement(Stated::Document(document))
}

pub(crate) fn at_border() -> CallContext {
    CallContext {
        terminal_id: "PL-WAW-017".to_owned(),
        officer: "SG-20418".to_owned(),
        purpose: "border_check".to_owned(),
        ..CallContext::default()
    }
}
