//! The register of visas is asked while the officer waits.

use std::sync::Arc;
use std::time::Duration;

use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::visa_service_client::VisaServiceClient;
use straznica_contracts::registry::v1::{
    ReadCaseVisasRequest, ReadCaseVisasResponse, TravelDocument, VisaOutcome, VisaReading,
};
use straznica_pki::PeerRole;
use straznica_registry::{Migrations, VisaRegisterConfig};
use straznica_runtime::channel::ChannelConfig;
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts};
use straznica_simulators::registers::{Fault, VisaSimulator, made_up_visas};
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_types::{Clock as _, Environment};
use tonic::Status;

use crate::house::{House, context, event, name, statement, tls};

/// A registry, and the register of visas it asks.
struct Office {
    house: House,
    register: Arc<VisaSimulator>,
}

fn passport(number: &str, issuer: &str) -> Stated {
    Stated::Document(TravelDocument {
        kind: "passport".to_owned(),
        number: number.to_owned(),
        issuer: issuer.to_owned(),
        expires_on: String::new(),
    })
}

impl Office {
    async fn open(database: TestDatabase) -> Self {
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let address = listeners.addresses.grpc;
        let house = House::open_with(database, |config, _| {
            let channel = ChannelConfig { timeout_ms: 1_000, ..ChannelConfig::at(address) };
            config.visas = Some(VisaRegisterConfig { name: "cvr".to_owned(), channel, fresh_seconds: 900 });
        })
        .await;
        let register = VisaSimulator::of(made_up_visas(), house.clock.shared());
        let parts = ServiceParts { grpc: register.routes(), ..ServiceParts::default() };
        let own = tls(&house.ca, &house.clock, register.service());
        let context = ServiceContext::new(register.service(), Environment::Test, house.clock.shared(), own);
        tokio::spawn(async move { service::run(listeners, parts, context).await.unwrap() });
        Self { house, register }
    }

    /// A case of people with these documents.
    async fn case_of(&self, documents: Vec<Stated>) -> String {
        let mut persons = Vec::new();
        for document in documents {
            persons.push(self.house.register(vec![statement(name("Iwanow", "")), statement(document)]).await.unwrap());
        }
        let ids: Vec<&str> = persons.iter().map(String::as_str).collect();
        let event = event("application_registered", self.house.clock.now());
        self.house.open_case("protection", &ids, event).await.unwrap().case_id
    }

    async fn read(&self, case: &str) -> Result<ReadCaseVisasResponse, Status> {
        let channel = self.house.channel_of(&PeerRole::Service("gateway".to_owned()));
        let request = ReadCaseVisasRequest { context: Some(context("first")), case_id: case.to_owned() };
        Ok(VisaServiceClient::new(channel).read_case_visas(request).await?.into_inner())
    }

    async fn readings(&self, case: &str) -> Vec<VisaReading> {
        self.read(case).await.unwrap().readings
    }
}

fn outcomes(readings: &[VisaReading]) -> Vec<VisaOutcome> {
    readings.iter().map(VisaReading::outcome).collect()
}

on_both_engines! {
    Migrations;

    async fn the_case_shows_visas_as_the_register_has_them_now(database: TestDatabase) {
        let office = Office::open(database).await;
        let case = office.case_of(vec![passport("FE 123-456", "UKR"), passport("XX000000", "UKR")]).await;
        let readings = office.readings(&case).await;
        assert_eq!(outcomes(&readings), [VisaOutcome::Found, VisaOutcome::None]);
        let visas = &readings[0].visas;
        assert_eq!((visas[0].number.as_str(), visas[0].state.as_str(), visas[0].valid_until.as_str()), ("POL00000001", "issued", "2027-01-09"));
        assert_eq!((visas[1].state.as_str(), visas[1].grounds.is_empty()), ("refused", false));
        let now = office.house.clock.now().millis();
        for reading in &readings {
            assert_eq!((reading.source.as_str(), reading.as_of_ms, reading.stale), ("CVR", Some(now), false));
        }
        assert_eq!(office.register.asked(), ["FE123456", "XX000000"]);
        // Who asked is on record; what was answered is nowhere.
        let kinds = office.house.journal_kinds().await;
        assert_eq!(kinds[kinds.len() - 2..], ["case.visas_asked", "case.visas_read"]);
        let told = office.house.texts("SELECT detail FROM journal_payload WHERE detail IS NOT NULL").await.join(" ");
        assert!(!told.contains("POL00000001") && !told.contains("FE123456"), "{told}");
        office.house.close().await;
    }

    async fn no_fault_of_the_register_reads_as_no_visa(database: TestDatabase) {
        let office = Office::open(database).await;
        let case = office.case_of(vec![passport("FE123456", "UKR")]).await;
        for (fault, outcome) in [
            (Fault::Down, VisaOutcome::Unavailable),
            (Fault::Broken, VisaOutcome::Unavailable),
            (Fault::Confused, VisaOutcome::Unavailable),
            (Fault::Slow(Duration::from_secs(5)), VisaOutcome::Unavailable),
            (Fault::Refusing, VisaOutcome::Refused),
        ] {
            office.register.script(Some(fault));
            let readings = office.readings(&case).await;
            assert_eq!(outcomes(&readings), [outcome], "{fault:?}");
            assert!(readings[0].visas.is_empty() && readings[0].as_of_ms.is_none());
        }
        office.register.script(Some(Fault::Stale(Duration::from_secs(3_600))));
        let readings = office.readings(&case).await;
        assert_eq!((outcomes(&readings), readings[0].stale), (vec![VisaOutcome::Found], true));
        office.house.close().await;
    }

    async fn whoever_does_not_answer_is_not_waited_for_again(database: TestDatabase) {
        let office = Office::open(database).await;
        let case = office.case_of(vec![passport("FE123456", "UKR"), passport("MP7654321", "BLR")]).await;
        office.register.script(Some(Fault::Slow(Duration::from_secs(5))));
        assert_eq!(outcomes(&office.readings(&case).await), [VisaOutcome::Unavailable; 2]);
        assert_eq!(office.register.asked(), ["FE123456"]);
        office.house.close().await;
    }

    async fn a_node_without_a_register_of_visas_says_so(database: TestDatabase) {
        let house = House::open(database).await;
        let id = house.register(vec![statement(name("Iwanow", "")), statement(passport("FE123456", "UKR"))]).await.unwrap();
        let case = house.open_case("protection", &[&id], event("application_registered", house.clock.now())).await.unwrap();
        let channel = house.channel_of(&PeerRole::Service("gateway".to_owned()));
        let request = ReadCaseVisasRequest { context: Some(context("first")), case_id: case.case_id };
        let read = VisaServiceClient::new(channel).read_case_visas(request).await.unwrap().into_inner();
        assert_eq!(outcomes(&read.readings), [VisaOutcome::NotConfigured]);
        house.close().await;
    }
}
